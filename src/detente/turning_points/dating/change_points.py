"""A series to the dates at which its level, or level and trend, changed."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from detente.errors import SeriesError, unknown_name
from detente.records import Series
from detente.results import Check, Provenance, Result
from detente.turning_points.dating import segmentation, sequential, stability
from detente.turning_points.dating.regressions import Model, Regression, regression
from detente.turning_points.dating.verdict import Verdict, verdict
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_series
from detente.turning_points.timeline import Timeline, gap_check, observed, outlier_check, spread_check

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Criterion = Literal["bic", "lwz", "sequential", "sequential_hac"]
CRITERIA: dict[Criterion, str] = {
    "bic": "BIC",
    "lwz": "LWZ",
    "sequential": "sequential tests",
    "sequential_hac": "sequential tests that allow for autocorrelation",
}
DOUBT = {"level": 0.2, "trend": 0.1}
"""A break is found when the probability of no break is at most this; then about 5 % at most of series without a break
have one (docs: calibration)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked of `breaks`."""

    model: Model
    max_breaks: int
    trim: float
    confidence: float
    criterion: Criterion
    lags: int


@dataclass(frozen=True, slots=True)
class Break:
    """One change between two regimes.

    Attributes:
        date: First day of the first period of the new regime.
        last_of_old: First day of the last period of the old regime: what R's strucchange reports as the break.
        low: Interval of `last_of_old`, first end; None where it cannot be computed. It may lie at the edge of the data.
        high: Second end.
        level_before: Mean fitted value of the old regime (for "trend": its last fitted value).
        level_after: Of the new regime (for "trend": its first fitted value).
        label: `last_of_old` in words; `label_low`, `label_high` the ends.
    """

    date: datetime.date
    last_of_old: datetime.date
    low: datetime.date | None
    high: datetime.date | None
    level_before: float
    level_after: float
    label: str
    label_low: str
    label_high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoints(Result):
    """The partition of a series that a criterion prefers, and whether to believe that there is a break at all.

    Attributes:
        series: Name of the series.
        breaks: The breaks of the partition that the criterion chooses, believed or not: ask `found`.
        found: Whether a break can be told from autocorrelated, drifting noise.
        p_no_break: Probability of no break under such noise; it decides `found`. Not a p-value.
        robust_range: If there is one change, the first and last day-of-period between which the last period of the old
            regime lies, under noise that may be autocorrelated and drift; `robust_labels` the same in words. None for a
            constant series. The intervals of `breaks` assume independent errors.
        n: Number of values.
        rss: Residual sum of squares for 0, 1, … breaks; `bic` and `lwz` the criteria.
        f_stat: Largest F over all dates; `p_classical` its p-value under independent errors.
        levels: Mean fitted value of each regime.
        unit: Unit of the values.
        table: Rows of the fitted series.
        criterion: What chose the number of breaks.
        tests: The tests of any break and of one more; None unless they were asked for.
    """

    series: str
    model: Model
    breaks: tuple[Break, ...]
    found: bool
    p_no_break: float
    robust_range: tuple[datetime.date, datetime.date] | None
    robust_labels: tuple[str, str]
    n: int
    rss: tuple[float, ...]
    bic: tuple[float, ...]
    f_stat: float
    p_classical: float
    levels: tuple[float, ...]
    confidence: float
    unit: str
    table: tuple[dict[str, object], ...]
    criterion: Criterion = "bic"
    lwz: tuple[float, ...] = ()
    tests: sequential.Sequence | None = None

    @property
    def p_robust(self) -> float:
        """The same as `p_no_break`: what to believe where errors may be autocorrelated."""
        return self.p_no_break

    def to_frame(self) -> pd.DataFrame:
        """One row for each break: `date`, `last_of_old`, `low`, `high`, `level_before`, `level_after`, `found`."""
        import pandas as pd

        days = ("date", "last_of_old", "low", "high")
        numbers = ("level_before", "level_after")
        rows = [{key: getattr(one, key) for key in (*days, *numbers)} for one in self.breaks]
        frame = pd.DataFrame(rows, columns=[*days, *numbers])
        frame = frame.astype({**dict.fromkeys(days, "datetime64[s]"), **dict.fromkeys(numbers, "float64")})
        return frame.assign(found=self.found)

    def fitted(self) -> pd.DataFrame:
        """The series with its fit: `period_start`, `value`, `fitted`."""
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """The dates with their intervals, or that none can be told from noise."""
        what = "level" if self.model == "level" else "level or trend"
        rule = CRITERIA[self.criterion]
        places = "; ".join(self._place(one) for one in self.breaks)
        if self.found:
            first, last = self.robust_labels
            chance = f"probability of no change {self.p_no_break:.2f}, {self.n} values"
            doubt = f"with autocorrelated errors the date lies between {first} and {last}"
            if len(self.breaks) == 1:
                return f"The {what} of {self.series} changed {places} ({chance}; {doubt})."
            return (
                f"The {what} of {self.series} changed at least once ({chance}); least squares with {rule} places the "
                f"changes {places}, which is sure only as far as errors are independent."
            )
        also = f"; least squares with {rule} would place it {places}" if places else ""
        return (
            f"No change in the {what} of {self.series} can be told from noise that is autocorrelated or drifts "
            f"(probability of no change {self.p_no_break:.2f}, {self.n} values{also})."
        )

    def _place(self, one: Break) -> str:
        ends = f"{self.confidence:.0%} interval {one.label_low} to {one.label_high}" if one.low else "no interval"
        return f"after {one.label} ({ends}), from {one.level_before:.4g} to {one.level_after:.4g} {self.unit}"

    def plot(self) -> alt.LayerChart:
        """Values, fitted regimes, breaks and their intervals."""
        from detente.turning_points import plots

        marks = self.to_frame()[["date", "low", "high"]]
        return plots.levels(self.fitted(), marks, title=f"{self.series}: breaks", unit=self.unit)


def breaks(
    series: Any,
    *,
    model: Model = "level",
    max_breaks: int = 5,
    trim: float = 0.15,
    confidence: float = 0.95,
    criterion: Criterion = "bic",
    lags: int = 0,
) -> ChangePoints:
    """Find the dates at which the level, or level and trend, of a series changed.

    Question: into how many regimes does the series fall, and where do they meet? Dates, their intervals and the F test
    are those of R's strucchange and assume independent errors; the verdict `found` does not: it comes from the
    posterior over dates with noise that may be autocorrelated and drift (`verdict.verdict`). A break is named by the
    last period of the old regime ("after 1898"), its interval likewise.

    Args:
        series: The measure: a `Series`, or whatever `plain.as_series` takes.
        model: Constant levels, or straight lines.
        max_breaks: Most breaks tried.
        trim: Shortest regime, as a share of the values.
        confidence: Of the intervals.
        criterion: What chooses the number of breaks: BIC, LWZ (a heavier penalty), or tests of one more break, with
            "sequential_hac" such that allow for autocorrelated errors.
        lags: How many preceding values explain a value; their coefficients change with the regime as well. Values
            whose predecessors are not all known are left out.

    Raises:
        SeriesError: Fewer than eight known values (ten with a trend), or settings that leave no room.

    References:
        Bai and Perron (2003), Journal of Applied Econometrics 18(1).
        Bai (1997), Review of Economics and Statistics 79(4), for the intervals.
        Andrews (1993), Econometrica 61(4), and Hansen (1997), Journal of Business & Economic Statistics 15(1), for F.
    """
    asked = Settings(model, max_breaks, trim, confidence, criterion, lags)
    _refuse(asked)
    given = as_series(series)
    timeline = observed(given, least=8 if model == "level" else 10)
    return (_constant if timeline.constant else _segmented)(given, timeline, asked)


def _refuse(asked: Settings) -> None:
    """Settings that mean nothing."""
    if asked.criterion not in CRITERIA:
        raise unknown_name("criterion", asked.criterion, CRITERIA)
    if asked.model not in DOUBT:
        raise unknown_name("model", asked.model, DOUBT)
    for name, value, within in (
        ("trim", asked.trim, 0 < asked.trim < 0.5),
        ("confidence", asked.confidence, 0 < asked.confidence < 1),
    ):
        if not within:
            raise SeriesError(f"{name} is {value}", hint=f"give a share between 0 and {0.5 if name == 'trim' else 1}")
    if asked.lags and asked.criterion == "sequential_hac":
        raise SeriesError(
            "lagged values with tests that allow for autocorrelation",
            hint="take one of them: lags, or the criterion sequential_hac",
        )
    if asked.max_breaks < 0 or asked.lags < 0:
        raise SeriesError(f"max_breaks is {asked.max_breaks}, lags {asked.lags}", hint="give whole numbers from 0 on")


def _segmented(series: Series, timeline: Timeline, asked: Settings) -> ChangePoints:
    model, y = asked.model, timeline.values
    scale = float(y.std())
    rows = regression(timeline, model, asked.lags, asked.trim)
    parts = segmentation.partition(rows.y, rows.x, least=rows.least, max_breaks=asked.max_breaks)
    tests = _tests(rows, parts, asked)
    at = parts.at(_number(parts, tests, asked.criterion))
    fit = segmentation.fitted(rows.y, rows.x, at) * scale + y.mean()
    judged = verdict(timeline, (y - y.mean()) / scale, model=model, confidence=asked.confidence)
    span = (rows.least, len(rows.y) - rows.least)
    f_stat, p_classical = stability.f_test(rows.y, rows.x, span=span, trending=model == "trend")
    checks = _checks(rows.timeline.values - fit, p_classical, judged, DOUBT[model])
    ends = segmentation.date_intervals(rows.y, rows.x, at, confidence=asked.confidence)
    return ChangePoints(
        provenance=_provenance(timeline, asked),
        checks=(*checks, gap_check(timeline), *([rows.check(asked.lags)] if asked.lags else [])),
        series=series.name,
        model=model,
        breaks=_breaks(rows.timeline, fit, at, ends, model),
        found=bool(judged.no_break <= DOUBT[model] and at),
        p_no_break=judged.no_break,
        robust_range=(timeline.starts[judged.first], timeline.starts[judged.last]),
        robust_labels=(timeline.label(judged.first), timeline.label(judged.last)),
        n=len(y),
        rss=tuple(rss * scale**2 for rss in parts.rss),
        bic=tuple(float(bic + len(fit) * np.log(scale**2)) for bic in parts.bic),
        f_stat=f_stat,
        p_classical=p_classical,
        levels=tuple(float(fit[part].mean()) for part in segmentation.segments(at, len(fit))),
        confidence=asked.confidence,
        unit=series.unit,
        table=_table(rows.timeline, fit),
        criterion=asked.criterion,
        lwz=tuple(float(lwz + np.log(scale**2)) for lwz in parts.lwz),
        tests=tests,
    )


def _tests(rows: Regression, parts: segmentation.Partitions, asked: Settings) -> sequential.Sequence | None:
    if asked.criterion in ("bic", "lwz") or not parts.breaks:
        return None
    how = sequential.Asked(rows.least, asked.model == "trend", asked.criterion == "sequential_hac")
    return sequential.choose(rows.y, rows.x, parts, how)


def _number(parts: segmentation.Partitions, tests: sequential.Sequence | None, criterion: Criterion) -> int:
    if criterion in ("bic", "lwz"):
        return int(np.argmin(parts.lwz if criterion == "lwz" else parts.bic))
    return tests.number if tests else 0


def _provenance(timeline: Timeline, asked: Settings) -> Provenance:
    citation = "Bai and Perron (2003), Journal of Applied Econometrics 18(1), 1–22."
    return Provenance("breaks", asdict(asked), timeline.fingerprint, citation)


def _constant(series: Series, timeline: Timeline, asked: Settings) -> ChangePoints:
    """What can be said of a series that never varies: no break is seen, and no uncertainty can be stated."""
    level = float(timeline.values.mean())
    return ChangePoints(
        provenance=_provenance(timeline, asked),
        checks=(Check("values vary", False, "every value is the same: there is no noise to judge by"),),
        series=series.name,
        model=asked.model,
        breaks=(),
        found=False,
        p_no_break=0.5,
        robust_range=None,
        robust_labels=("", ""),
        n=len(timeline.values),
        rss=(0.0,),
        bic=(float("nan"),),
        f_stat=0.0,
        p_classical=1.0,
        levels=(level,),
        confidence=asked.confidence,
        unit=series.unit,
        table=_table(timeline, timeline.values),
        criterion=asked.criterion,
        lwz=(float("nan"),),
    )


def _table(timeline: Timeline, fit: Array) -> tuple[dict[str, object], ...]:
    import pandas as pd

    rows = zip(timeline.positions, timeline.values, fit, strict=True)
    return tuple(
        {"period_start": pd.Timestamp(timeline.starts[at]), "value": float(v), "fitted": float(f)} for at, v, f in rows
    )


def _breaks(
    timeline: Timeline,
    fit: Array,
    at: tuple[int, ...],
    intervals: tuple[tuple[int, int, int] | None, ...],
    model: Model,
) -> tuple[Break, ...]:
    def period(observation: int) -> int:
        return timeline.positions[min(max(observation, 1), len(timeline.positions)) - 1]

    found = []
    parts = segmentation.segments(at, len(fit))
    for last, ends, old, new in zip(at, intervals, parts, parts[1:], strict=False):
        low, high = (period(ends[0]), period(ends[2])) if ends else (None, None)
        found.append(
            Break(
                date=timeline.starts[period(last + 1)],
                last_of_old=timeline.starts[period(last)],
                low=None if low is None else timeline.starts[low],
                high=None if high is None else timeline.starts[high],
                level_before=float(fit[old].mean() if model == "level" else fit[old][-1]),
                level_after=float(fit[new].mean() if model == "level" else fit[new][0]),
                label=timeline.label(period(last)),
                label_low="" if low is None else timeline.label(low),
                label_high="" if high is None else timeline.label(high),
            )
        )
    return tuple(found)


def _checks(residuals: Array, p_classical: float, judged: Verdict, doubt: float) -> tuple[Check, ...]:
    n = len(residuals)
    lag, p = _ljung_box(residuals)
    blocks = f"; judged by means of {judged.block} periods" if judged.block > 1 else ""
    return (
        Check("long enough", n >= 15, f"{n} values; with fewer than fifteen only very large changes show{blocks}"),
        Check(
            "residuals not autocorrelated",
            None if np.isnan(p) else p >= 0.05,
            f"Ljung–Box p {p:.3f} up to lag {lag}; where it fails, dates and intervals look surer than they are",
        ),
        Check(
            "tests agree",
            (p_classical < 0.05) == (judged.no_break <= doubt),
            f"F under independent errors p {p_classical:.3g}; probability of no break otherwise {judged.no_break:.2f}",
        ),
        outlier_check(residuals),
        spread_check(residuals),
    )


def _ljung_box(residuals: Array) -> tuple[int, float]:
    """Portmanteau test over the lags of neighbouring values (Ljung and Box 1978, Biometrika 65)."""
    from scipy.stats import chi2

    n, power = len(residuals), float(residuals @ residuals)
    lags = max(1, min(10, n // 5))
    if power <= 0:
        return lags, float("nan")
    shares = [(residuals[k:] @ residuals[:-k] / power) ** 2 / (n - k) for k in range(1, lags + 1)]
    return lags, float(chi2.sf(n * (n + 2) * sum(shares), lags))
