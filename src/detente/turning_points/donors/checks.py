"""A comparison with donors to what was looked at before it is believed."""

from __future__ import annotations

from detente.results import Check
from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.placebos import Asked, Compared
from detente.turning_points.donors.weights import simplex

ENOUGH_BEFORE, ENOUGH_DONORS = 10, 19


def checks(read: Donors, asked: Asked, found: Compared, ranked: int) -> tuple[Check, ...]:
    """What to doubt: data before the event, fit, concentration, number of donors, and the search."""
    donated = read.treated
    looked = [
        Check(
            "enough periods before",
            read.before >= ENOUGH_BEFORE,
            f"{read.before} before the event; with fewer than ten a good fit may be chance, and no method can tell",
        ),
        _fit(read, found),
        _concentration(read, found),
        Check(
            "enough donors",
            donated >= ENOUGH_DONORS,
            f"{donated} donors: p cannot be smaller than {1 / (donated + 1):.3g}",
        ),
    ]
    if not ranked:
        looked.append(Check("placebos", None, "none were run: too few donors, or not asked for"))
    return (*looked, *_solutions(read, asked, found))


def _fit(read: Donors, found: Compared) -> Check:
    miss, size = found.loss() ** 0.5, float(read.outcome[: read.before, -1].std())
    told = f"typical gap {miss:.3g}, standard deviation of {read.names[-1]} {size:.3g}; above half, donors say little"
    return Check("fit before the event", miss <= size / 2, told)


def _concentration(read: Donors, found: Compared) -> Check:
    largest, even = float(found.weights.max()), 1 / float(found.weights @ found.weights)
    first = read.names[found.pool[int(found.weights.argmax())]]
    told = f"{first} carries {largest:.2f}; as many as {even:.1f} donors of equal weight"
    outside = -float(found.weights[found.weights < 0].sum())
    told += f"; negative weights of {outside:.2f} in all reach beyond the donors" if outside else ""
    return Check("donor concentration", largest <= 0.5, told)


def _solutions(read: Donors, asked: Asked, found: Compared) -> tuple[Check, ...]:
    """What the search attained, and what other solutions would have said."""
    if asked.method != "sc":
        return ()
    gaps = read.gaps(found.unit, found.pool)
    free = simplex(gaps[: read.before])
    bound, other = float(((gaps[: read.before] @ free) ** 2).mean()), -float((gaps[read.before :] @ free).mean())
    best = (
        f"attained {found.loss():.6g}; the smallest any weights can have is {bound:.6g}, with an effect of {other:.4g}"
    )
    attained = Check("loss attained", None, best)
    ends = effects_alike(read, found)
    if ends is None:
        return (attained,)
    low, high = ends
    told = f"weights of the covariates with a loss within 5 % give effects from {low:.4g} to {high:.4g}"
    return attained, Check("equally good solutions", low * high > 0, told)


def effects_alike(read: Donors, found: Compared) -> tuple[float, float] | None:
    """Smallest and largest effect among equally good weights of predictors; None without predictors."""
    if found.found is None:
        return None
    late = read.gaps(found.unit, found.pool)[read.before :].mean(axis=0)
    effects = -(found.found.alike @ late)
    return float(effects.min()), float(effects.max())
