"""The table of claim tests: one row for each way in which data can bear on a claim.

A test is a function from `Asked` to `Finding`. Its docstring states question, assumption and decision rule. A claim
that says something rose or fell asks for `average_change`; a claim that an event made it do so asks for `level_change`,
which is harder to satisfy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from detente.claims import balances, changes, comparisons, counts, movements, stages
from detente.claims.bench import Asked
from detente.claims.claim import Direction, Finding
from detente.protocol import Frozen


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A row of the table.

    Attributes:
        run: The test itself.
        params: Its parameters, with their defaults and what they mean.
        directions: What a claim may say about the direction.
    """

    run: Callable[[Asked], Finding]
    params: type[Frozen]
    directions: tuple[Direction, ...]

    @property
    def question(self) -> str:
        """First line of the test's docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


_WAYS: tuple[Direction, ...] = ("up", "down")
_SIGNS: tuple[Direction, ...] = ("positive", "negative")

TESTS: dict[str, ClaimTest] = {
    "level_change": ClaimTest(changes.level_change, changes.LevelChange, (*_WAYS, "either")),
    "average_change": ClaimTest(stages.average_change, stages.AverageChange, _WAYS),
    "change_timing": ClaimTest(changes.change_timing, changes.ChangeTiming, (*_WAYS, "either")),
    "regimes": ClaimTest(changes.regimes, changes.Regimes, ("",)),
    "sign": ClaimTest(balances.sign, balances.Sign, _SIGNS),
    "compare_levels": ClaimTest(comparisons.compare_levels, comparisons.CompareLevels, _WAYS),
    "compare_change": ClaimTest(comparisons.compare_change, comparisons.CompareChange, _WAYS),
    "share": ClaimTest(balances.share, balances.Share, _WAYS),
    "trend": ClaimTest(movements.trend, movements.Trend, _WAYS),
    "volatility": ClaimTest(movements.volatility, movements.Volatility, _WAYS),
    "association": ClaimTest(movements.association, movements.Association, _SIGNS),
    "none_since": ClaimTest(counts.none_since, counts.NoneSince, ("",)),
    "in_range": ClaimTest(counts.in_range, counts.InRange, ("",)),
}


@cache
def tests() -> Mapping[str, ClaimTest]:
    """All claim tests: the project's own, and those other installed packages add (`detente.claim_tests`)."""
    from detente.registry import available

    return available("claim_tests", TESTS)
