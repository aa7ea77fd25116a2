"""Every analysis answers in the same three ways: the numbers, the sentence, the picture."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Outcome = Literal["supported", "contradicted", "mixed", "inconclusive", "untestable"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a result was made: enough to make it again.

    Attributes:
        method: Name of the function in its stage's table.
        params: Its parameters, as plain values.
        inputs: Fingerprint of what it was computed from.
        citation: The paper that describes the method.
        seed: Seed of the random draws, None where there are none.
    """

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: str = ""
    citation: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """An assumption that was looked at: held (True), failed (False), or only informative (None)."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(ABC):
    """What every analysis returns."""

    provenance: Provenance
    checks: tuple[Check, ...] = ()

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """The numbers, tidy."""

    @abstractmethod
    def summary(self) -> str:
        """The sentence, with its uncertainty; it ends with a full stop."""

    @abstractmethod
    def plot(self) -> alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart:
        """The picture."""

    def _repr_html_(self) -> str:
        """How a notebook shows the result: the sentence, then the numbers, then the failed checks."""
        failed = "".join(
            f"<li>{html.escape(check.name)}: {html.escape(check.detail)}</li>"
            for check in self.checks
            if check.passed is False
        )
        doubts = f"<p>Assumptions that failed:</p><ul>{failed}</ul>" if failed else ""
        return f"<p>{html.escape(self.summary())}</p>{self.to_frame().to_html(index=False)}{doubts}"
