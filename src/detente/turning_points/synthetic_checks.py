"""A comparison with donors to what was looked at before it is believed."""

from __future__ import annotations

from detente.results import Check
from detente.turning_points.synthetic_panel import Donors
from detente.turning_points.synthetic_placebos import Compared, Method
from detente.turning_points.synthetic_weights import simplex


def checks(read: Donors, method: Method, found: Compared, ranked: int) -> tuple[Check, ...]:
    """What to doubt: data before the event, fit, concentration, number of donors, and the search."""
    early, donated = read.outcome[: read.before, -1], len(read.names) - 1
    miss, size = found.loss() ** 0.5, float(early.std())
    largest, even = float(found.weights.max()), 1 / float(found.weights @ found.weights)
    first = read.names[found.pool[int(found.weights.argmax())]]
    looked = [
        Check(
            "enough periods before",
            read.before >= 10,
            f"{read.before} before the event; with fewer than ten a good fit may be chance, and no method can tell",
        ),
        Check(
            "fit before the event",
            miss <= size / 2,
            f"typical gap {miss:.3g}, standard deviation of {read.names[-1]} {size:.3g}; above half, donors say little",
        ),
        Check(
            "donor concentration",
            largest <= 0.5,
            f"{first} carries {largest:.2f}; as many as {even:.1f} donors of equal weight",
        ),
        Check(
            "enough donors",
            donated >= 19,
            f"{donated} donors: p cannot be smaller than {1 / (donated + 1):.3g}",
        ),
    ]
    if not ranked:
        looked.append(Check("placebos", None, "none were run: too few donors, or not asked for"))
    return (*looked, *_solutions(read, method, found))


def _solutions(read: Donors, method: Method, found: Compared) -> tuple[Check, ...]:
    """What the search attained, and what other solutions would have said."""
    if method != "sc":
        return ()
    gaps = read.gaps(found.unit, found.pool)
    free = simplex(gaps[: read.before])
    bound, other = float(((gaps[: read.before] @ free) ** 2).mean()), -float((gaps[read.before :] @ free).mean())
    best = (
        f"attained {found.loss():.6g}; the smallest any weights can have is {bound:.6g}, with an effect of {other:.4g}"
    )
    attained = Check("loss attained", None, best)
    ends = spread(read, found)
    if ends is None:
        return (attained,)
    low, high = ends
    told = f"weights of the covariates with a loss within 5 % give effects from {low:.4g} to {high:.4g}"
    return attained, Check("equally good solutions", low * high > 0, told)


def spread(read: Donors, found: Compared) -> tuple[float, float] | None:
    """Smallest and largest effect among equally good weights of predictors."""
    if found.found is None:
        return None
    late = read.gaps(found.unit, found.pool)[read.before :].mean(axis=0)
    effects = -(found.found.alike @ late)
    return float(effects.min()), float(effects.max())
