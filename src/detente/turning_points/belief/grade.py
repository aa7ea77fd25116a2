"""Methods and checks to one grade, by a rule that is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from detente.results import Check
from detente.turning_points.belief.placebos import TOLERATED

Grade = Literal["strong", "moderate", "weak", "none"]

AGREE, TELL = 0.9, 0.5
"""Shares of the specification curve: those with the sign of the effect; robust ones whose interval leaves out zero."""
BEFORE, AFTER = 10, 3
COMPARED = ("placebo in space", "outcomes that should not move", "controls stood still", "donors")
"""Checks that compare with something beside the series: without one of them a grade is at most moderate."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a grade rests on.

    Attributes:
        dated: Whether the probability that the level changed at the date is .8 or more.
        measured: Whether the robust interval of the effect leaves out zero.
        beforehand: Whether the date was named without looking at the series.
        alarms: False-alarm rate on the very series; None where it could not be had.
        agree: Share of specifications with the sign of the effect; `tell`: share of robust ones that leave out zero.
        before: Known periods before the event; `after` after it.
        checks: All checks.
    """

    dated: bool
    measured: bool
    beforehand: bool
    alarms: float | None
    agree: float
    tell: float
    before: int
    after: int
    checks: Sequence[Check]


def grade(seen: Evidence) -> tuple[Grade, tuple[str, ...]]:
    """Give the grade and what keeps it from the next.

    - **none**: neither the dates nor the effect can be told from noise.
    - **weak**: one of the two; or both, but something that *moderate* needs is missing.
    - **moderate**: the change is dated (probability .8 or more) and measured (the robust 95 % interval leaves out
      zero); ten periods before and three after; false alarms on the very series at most one in ten where they can be
      had; nine of ten specifications agree on the sign and half of the robust ones leave out zero; one check failed at
      most.
    - **strong**: moderate, with a date named beforehand, false alarms known, no check failed, and a comparison passed
      with units or outcomes that the event did not touch.
    """
    if not seen.dated and not seen.measured:
        return "none", ("no change can be told from noise, by its date or by its size",)
    moderate = _short_of_moderate(seen)
    if moderate:
        return "weak", moderate
    strong = _short_of_strong(seen)
    return ("moderate", strong) if strong else ("strong", ())


def _short_of_moderate(seen: Evidence) -> tuple[str, ...]:
    failed = [check.name for check in seen.checks if check.passed is False]
    wants = {
        "the data do not date the change to this event": seen.dated,
        "the interval of the effect holds zero": seen.measured,
        f"{seen.before} periods before; {BEFORE} are needed": seen.before >= BEFORE,
        f"{seen.after} periods after; {AFTER} are needed": seen.after >= AFTER,
        f"the procedure cries wolf on this series ({seen.alarms or 0:.0%})": (seen.alarms or 0) <= TOLERATED,
        f"specifications disagree on the sign ({seen.agree:.0%} agree)": seen.agree >= AGREE,
        f"few robust specifications leave out zero ({seen.tell:.0%})": seen.tell >= TELL,
        f"several checks failed ({', '.join(failed)})": len(failed) <= 1,
    }
    return tuple(reason for reason, held in wants.items() if not held)


def _short_of_strong(seen: Evidence) -> tuple[str, ...]:
    failed = [check.name for check in seen.checks if check.passed is False]
    compared = any(check.passed for check in seen.checks if check.name in COMPARED)
    wants = {
        "the date was chosen by looking at the series": seen.beforehand,
        "false alarms on this series cannot be known": seen.alarms is not None,
        f"a check failed ({', '.join(failed)})": not failed,
        "no comparison with units or outcomes that the event did not touch was passed": compared,
    }
    return tuple(reason for reason, held in wants.items() if not held)
