"""Findings to one self-contained HTML page: no request to anywhere, every number with what stands behind it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from detente.report import belief, closing, ledger, outline, provenance, readings, short, words
from detente.report.evidence import results

if TYPE_CHECKING:
    from jinja2 import Environment

    from detente.report.findings import Findings
    from detente.report.provenance import Tracked
    from detente.report.readings import Fact


def render(findings: Findings) -> str:
    """The page.

    It works without scripts: tables are plain, links lead to the values and to the sources. With them, a number shows
    where it comes from on hover or focus and opens its rows, and the claims can be filtered.
    """
    most = provenance.cap(findings)
    tracked = provenance.tracked(findings, [reading.line for reading in findings.readings], most)
    facts = readings.facts(findings, tracked)
    context = _context(findings, facts) | {"data": _data(findings, tracked, facts, most)}
    return _environment().get_template("page.html.j2").render(context)


def template_text(name: str) -> str:
    """A file of the page's own: style or script."""
    return (files("detente.report") / "templates" / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("detente.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": words.day, "span": lambda window: words.span(window.start, window.end)}
    return environment


def _context(findings: Findings, facts: tuple[Fact, ...]) -> dict[str, Any]:
    from markupsafe import Markup

    protocol = findings.protocol
    claims = ledger.rows(findings)
    return {
        "protocol": protocol,
        "who": readings.names(protocol)(protocol.pair),
        "made": findings.made,
        "rivals": outline.rivals(protocol),
        "lead": short.lead(facts, protocol),
        "graded": belief.graded(facts),
        "rule": list(belief.rule()),
        "asked_checks": belief.CHECKS,
        "named": list(short.named(facts)),
        "around": protocol.around,
        "points": list(short.points(findings, facts)),
        "outcomes": short.outcomes(findings.verdicts),
        "balance": Markup(outline.balanced(findings)),  # noqa: S704 (drawings escape their words)
        "dimensions": outline.dimensions(findings),
        "timeline": Markup(outline.breaks_timeline(findings, facts)),  # noqa: S704 (drawings escape their words)
        "groups": outline.groups(findings, facts),
        "region": outline.region(findings, facts),
        "claims": claims,
        "source": ledger.common_source(findings.verdicts),
        "claim_dimensions": sorted({(row.dimension_title, row.dimension) for row in claims}),
        "sources": closing.sources(findings),
        "limits": list(closing.limits(findings, facts)),
        "record": closing.record(findings),
        "style": Markup(template_text("style.css")),  # noqa: S704 (the page's own)
        "script": Markup(template_text("page.js")),  # noqa: S704 (the page's own)
    }


def _data(findings: Findings, tracked: tuple[Tracked, ...], facts: tuple[Fact, ...], most: int) -> Any:
    from markupsafe import Markup

    whole = provenance.embedded(findings, tracked, ledger.evidence(findings.verdicts), most)
    spell = readings.spelled(findings.protocol)
    whole["results"] = {
        key: one | {"says": spell(one["says"])}
        for key, one in results(facts, findings.index, findings.verdicts).items()
    }
    whole["sources"] = {
        str(row["source_id"]): {"title": str(row["title"]), "licence": str(row["licence"])}
        for row in findings.files.to_dict("records")
    }
    return Markup(provenance.script_json(whole))  # noqa: S704 (no text in it can end the element)
