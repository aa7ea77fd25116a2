"""Statements to tests to verdicts: what the data say about what was asserted."""

from detente.claims.claim import AssertedBy, Claim, Finding, Part, Quantity, Statement, Verdict
from detente.claims.ledger import lines, load
from detente.claims.run import run, summary_table
from detente.claims.template import template

__all__ = [
    "AssertedBy", "Claim", "Finding", "Part", "Quantity", "Statement", "Verdict", "lines", "load", "run",
    "summary_table", "template",
]  # fmt: skip
