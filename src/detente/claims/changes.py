"""Did it change at the claimed date, which way, and was it not at another date?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from detente.claims.bench import Asked, Data, Scale
from detente.claims.claim import Finding
from detente.claims.wording import amount, change, counted, interval, listed, source
from detente.errors import SeriesError
from detente.protocol import Day, Frozen, Moment
from detente.results import Check, Outcome

if TYPE_CHECKING:
    from detente.turning_points import ChangePoints, DateComparison, InterventionEffect

SIGNS = {"up": 1, "positive": 1, "down": -1, "negative": -1}


class LevelChange(Frozen):
    """Parameters of `level_change`."""

    at: Day | None = Field(default=None, description="Date of the claimed change; empty: the study's turning point")
    scale: Scale = Field(default="level", description="log for proportional change; log1p where there are zeros")
    rivals: tuple[Moment, ...] = Field(default=(), description="Other dates to weigh, beside those of the protocol")
    least_before: int = Field(default=5, ge=5, description="Fewest periods before")
    least_after: int = Field(default=3, ge=2, description="Fewest periods after")
    timing: float = Field(
        default=0.5, gt=0, lt=1, description="Least probability of the claimed date, given that there was a change"
    )
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def level_change(asked: Asked) -> Finding:
    """Find out whether the average after a date differs from before, the way the claim says, and because of that date.

    Question: is the level after the date higher (lower)? Assumes one change and noise that is AR(1) plus a random walk;
    see `intervention` and `compare_dates`. Rule: contradicted if the interval of the change lies wholly on the other
    side of zero; if it lies on the claimed side, supported where the claimed date has probability `timing` given that
    there was a change, else mixed; if it holds zero, mixed where the change the claim names happened at another date
    (probability .8), otherwise inconclusive. An interval that leaves out zero is not believed where the same procedure
    claims a change at more than one date in ten at which nothing happened: then it is inconclusive.

    References:
        Box and Tiao (1975), Journal of the American Statistical Association 70; Campbell (1969), American Psychologist
        24, for rival explanations.
    """
    from detente.turning_points import compare_dates, intervention
    from detente.turning_points.belief.placebos import in_time

    params: LevelChange = asked.params
    data = asked.data(scale=params.scale)
    name, day = asked.at
    before, after = sides(data, day, params.least_before, params.least_after)
    effect = intervention(data.series, day, name=name, confidence=params.confidence)
    dates = compare_dates(data.series, (name, day), asked.rivals_in(data))
    busy = [(one, one) for _, one in asked.rivals_in(data)]
    timing, alarms = Timing.of(dates), in_time(data.series, day, avoid=busy, confidence=params.confidence)
    quiet = alarms.check().passed is not False
    outcome = _level_outcome(asked, effect, timing) if quiet or not effect.found else "inconclusive"
    evidence, counts = asked.evidence((data, before), (data, after))
    raw = asked.data()
    means = [float(raw.values[rows].mean()) for rows in sides(raw, day, 1, 1)]
    numbers = {
        "before_mean": means[0], "after_mean": means[1], "unit": raw.unit, "scale": params.scale,
        "change": effect.effect, "change_low": effect.low, "change_high": effect.high, "confidence": effect.confidence,
        "tail_probability": effect.p, "n_before": effect.before, "n_after": effect.after, "at": f"{day}",
        "false_alarm_rate": alarms.rate, "false_alarm_dates": alarms.tried, **timing.numbers(), **counts,
    }  # fmt: skip
    wolf = "" if quiet or not effect.found else f", but the same procedure cries wolf: {alarms.check().detail}"
    return Finding(
        outcome,
        _level_words(asked, outcome, data, effect, timing, (means[0], means[1]), wolf),
        numbers,
        _rival_words(asked, dates, data),
        evidence,
        (*effect.checks, *dates.checks, timing.check(), alarms.check()),
        effect,
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """Where in time the posterior puts the change.

    Attributes:
        claimed: Probability that the new level opened in the claimed window; `earlier`, `later`: outside it.
        none: Probability of no change.
        step: Mean change, given one.
    """

    earlier: float
    claimed: float
    later: float
    none: float
    step: float
    likeliest: str
    window: str

    @classmethod
    def of(cls, dates: DateComparison) -> Timing:
        """The masses of a comparison of dates."""
        where = [label for _day, label in dates.dates]
        first, last = dates.claimed.windowed.split(" to ")
        inside = [at for at, label in enumerate(where) if label in (first, last)]
        chances = dates.probabilities
        opening, closing = (min(inside), max(inside)) if inside else _beside(dates)
        return cls(
            earlier=float(sum(chances[:opening])),
            claimed=float(sum(chances[opening : closing + 1])),
            later=float(sum(chances[closing + 1 :])),
            none=dates.p_no_break,
            step=dates.step,
            likeliest=dates.likeliest,
            window=dates.claimed.windowed,
        )

    @property
    def given_change(self) -> float:
        """Probability of the claimed window, given that there was a change."""
        return self.claimed / max(self.claimed + self.other, 1e-300)

    @property
    def other(self) -> float:
        """Probability of a change outside the claimed window."""
        return self.earlier + self.later

    def check(self) -> Check:
        """Whether a change is likelier than none when its date is left open."""
        detail = f"probability {self.none:.2f} that the level never changed"
        return Check("a change is likelier than none", self.none < 0.5, detail)

    def numbers(self) -> dict[str, float | str]:
        """What a verdict keeps."""
        return {
            "p_earlier": self.earlier, "p_claimed_window": self.claimed, "p_later": self.later,
            "p_no_change": self.none, "claimed_window": self.window, "likeliest": self.likeliest,
        }  # fmt: skip


def _beside(dates: DateComparison) -> tuple[int, int]:
    """An empty span where the claimed window would be, when no visible period lies in it."""
    at = sum(1 for day, _label in dates.dates if day <= dates.claimed.day)
    return at, at - 1


def sides(data: Data, day: date, least_before: int, least_after: int) -> tuple[list[int], list[int]]:
    """Rows before and after a date; the period that contains it is neither.

    Raises:
        SeriesError: Too few.
    """
    before, after = data.before(day), data.after(day)
    if len(before) < least_before or len(after) < least_after:
        raise SeriesError(
            f"{data.series.name} has {len(before)} complete periods before {day} and {len(after)} after; "
            f"{least_before} and {least_after} are needed",
            hint="newer data, or a finer frequency",
        )
    return before, after


def _level_outcome(asked: Asked, effect: InterventionEffect, timing: Timing) -> Outcome:
    params: LevelChange = asked.params
    found = 0 if effect.low <= 0 <= effect.high else (1 if effect.effect > 0 else -1)
    claimed = SIGNS.get(asked.direction, found or (1 if timing.step > 0 else -1))
    if found == -claimed:
        return "contradicted"
    if found == claimed:
        return "supported" if timing.given_change >= params.timing else "mixed"
    moved_elsewhere = timing.other >= 0.8 and timing.step * claimed > 0
    return "mixed" if moved_elsewhere else "inconclusive"


def _level_words(
    asked: Asked,
    outcome: Outcome,
    data: Data,
    effect: InterventionEffect,
    timing: Timing,
    means: tuple[float, float],
    wolf: str,
) -> str:
    params: LevelChange = asked.params
    unit = asked.data().unit
    span = interval(effect.low, effect.high, effect.confidence, unit, params.scale)
    size = f"{change(effect.effect, unit, params.scale)}, {span}"
    figures = (
        f"{data.series.name} averaged {amount(means[0], unit)} before {_event(*asked.at)} and "
        f"{amount(means[1], unit)} after (step at the date, net of drift: {size}; {effect.before} and {effect.after} "
        f"periods, "
        f"{data.span}; {source(data, asked.panel)})"
    )
    when = (
        f"given that the level changed, it did so in the claimed {timing.window} with a probability of only "
        f"{timing.given_change:.2f}; the likeliest period is {timing.likeliest}"
    )
    endings = {
        "supported": "",
        "contradicted": ": it moved the other way",
        "mixed": f", but {when}",
        "inconclusive": ": the change cannot be told from chance",
    }
    return f"{outcome.capitalize()}: {figures}{wolf or endings[outcome]}."


def _rival_words(asked: Asked, dates: DateComparison, data: Data) -> str:
    chances = [f"{one.name} {one.probability:.2f}" for one in dates.rivals if one.probability is not None]
    tried = f"Rival dates tried: {', '.join(chances)}" if chances else "No rival date is named or lies within the data"
    shared = f"; the windows of {listed(dates.shared)} cannot be told apart" if dates.shared else ""
    shocks = asked.shocks(asked.at[1], data.ends[-1])
    also = f" Shocks in the time after: {listed(shocks)}." if shocks else ""
    claimed = f"{dates.claimed.probability:.2f}" if dates.claimed.probability is not None else "not visible"
    return (
        f"{tried} (claimed date {claimed}, elsewhere {dates.p_elsewhere:.2f}, no change {dates.p_no_break:.2f})"
        f"{shared}.{also}"
    )


def _event(name: str, day: date) -> str:
    return f"{day}" if name == f"{day}" else f"{name} ({day})"


class ChangeTiming(Frozen):
    """Parameters of `change_timing`."""

    at: Day | None = None
    when: Literal["before", "at", "after"] = Field(description="Where the claim puts the change, relative to the date")
    scale: Scale = "level"
    rivals: tuple[Moment, ...] = Field(default=(), description="Other dates to weigh, beside those of the protocol")
    sure: float = Field(default=0.8, gt=0.5, lt=1, description="Probability that decides")


def change_timing(asked: Asked) -> Finding:
    """Find out whether the level changed before, at or after a date.

    Question: when did the level change? Assumes at most one change in the window; see `compare_dates`. Rule: supported
    if the claimed time holds the change with probability `sure` and the step has the claimed sign; contradicted if the
    other times together, or the claimed time with the opposite sign, hold that probability; otherwise inconclusive.
    That no change is seen contradicts nothing: short and noisy series show none.

    References:
        As in `turning_points.compare_dates`.
    """
    from detente.turning_points import compare_dates

    params: ChangeTiming = asked.params
    data = asked.data(scale=params.scale)
    dates = compare_dates(data.series, asked.at, asked.rivals_in(data))
    timing = Timing.of(dates)
    mass = {"before": timing.earlier, "at": timing.claimed, "after": timing.later}
    right_way = timing.step * SIGNS.get(asked.direction, timing.step or 1) > 0
    outcome: Outcome = "inconclusive"
    if mass[params.when] >= params.sure:
        outcome = "supported" if right_way else "contradicted"
    elif sum(mass.values()) - mass[params.when] >= params.sure:
        outcome = "contradicted"
    evidence, counts = asked.evidence((data, list(range(data.n))))
    raw = asked.data()
    moved = "rose" if timing.step > 0 else "fell"
    because = (
        f"{outcome.capitalize()}: the level of {data.series.name} changed before the window {timing.window} with "
        f"probability {timing.earlier:.2f}, within it {timing.claimed:.2f}, after it {timing.later:.2f}, not at all "
        f"{timing.none:.2f}; if it changed, it most likely {moved}, from {timing.likeliest} on (expected change, given "
        f"that there was one, {change(timing.step, raw.unit, params.scale)}; {data.span}, {data.n} periods; "
        f"{source(data, asked.panel)})."
    )
    numbers = {
        **timing.numbers(), "step": timing.step, "unit": raw.unit, "scale": params.scale, "n": data.n,
        "at": f"{asked.at[1]}", "when": params.when, **counts,
    }  # fmt: skip
    return Finding(outcome, because, numbers, _rival_words(asked, dates, data), evidence, dates.checks, dates)


def _opened(found: ChangePoints) -> str:
    """After which periods the regimes end, in words."""
    return f", with changes after {listed([one.label for one in found.breaks])}" if found.breaks else ""


LEAST_FOR_REGIMES = 20


class Regimes(Frozen):
    """Parameters of `regimes`."""

    least: int = Field(default=3, ge=2, description="Fewest regimes that the claim implies")
    scale: Scale = "level"


def regimes(asked: Asked) -> Finding:
    """Find out whether a series went through several regimes.

    Question: how many levels did it have? Assumes level shifts and independent errors within a regime; see `breaks`.
    Rule: contradicted if the best partition has one regime; inconclusive if no change can be told from drift; supported
    if there are at least `least` regimes; mixed if fewer.

    References:
        Bai and Perron (2003), Journal of Applied Econometrics 18(1).
    """
    from detente.turning_points import breaks

    params: Regimes = asked.params
    data = asked.data(scale=params.scale)
    data.refuse_fewer(LEAST_FOR_REGIMES)
    found = breaks(data.series, model="level")
    number = len(found.breaks) + 1
    held = Check(
        "told from drift",
        found.found,
        f"probability {found.p_no_break:.2f} of no change at all under noise that drifts",
    )
    outcome: Outcome = "mixed" if found.found else "inconclusive"
    if number == 1:
        outcome = "contradicted"
    elif number >= params.least and found.found:
        outcome = "supported"
    evidence, counts = asked.evidence((data, list(range(data.n))))
    return Finding(
        outcome,
        f"{outcome.capitalize()}: least squares with BIC finds {counted(number, 'regime')} of {data.series.name} in "
        f"{data.span}{_opened(found)}; the claim implies {params.least} or more; the probability that the level never "
        f"changed, under noise that drifts, is {found.p_no_break:.2f} ({data.n} periods; {source(data, asked.panel)}).",
        {"regimes": number, "least": params.least, "p_no_change": found.p_no_break, "n": data.n, **counts},
        f"One drifting level instead of several: {held.detail}.",
        evidence,
        (held, *found.checks),
        found,
    )
