"""Values to words: numbers, dates and periods as a reader expects them."""

from __future__ import annotations

import math
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNKNOWN = "unknown"
HARD = "\u00a0"
"""A space at which no line breaks."""
JOINER = "\u2060"
"""Keeps a minus with its number where a line could break after it."""
_STEPS = ((1e9, "billion", "bn"), (1e6, "million", "m"))


def day(when: date) -> str:
    """A day: 15 Aug 2021."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """The month of a day: Aug 2021."""
    return f"{MONTHS[when.month - 1]} {when.year}"


def period(start: date, end: date, frequency: str) -> str:
    """What to call a period; a fiscal year keeps its dates in `span`."""
    named = {
        "year": f"{start.year}",
        "fiscal_year": f"FY{end.year}",
        "quarter": f"{start.year} Q{(start.month + 2) // 3}",
        "month": f"{start.year}-{start.month:02d}",
    }
    if frequency in named:
        return named[frequency]
    return _named(start, end) or span(start, end)


def _named(start: date, end: date) -> str:
    """Whole calendar years and United States fiscal years by their numbers; empty for any other span."""
    edges = (start.month, start.day, end.month, end.day)
    if edges == (1, 1, 12, 31):
        return f"{start.year}" if start.year == end.year else f"{start.year}–{end.year}"
    if edges == (10, 1, 9, 30):
        return f"FY{end.year}" if end.year == start.year + 1 else f"FY{start.year + 1}–FY{end.year}"
    return ""


def span(start: date, end: date) -> str:
    """From a day to a day."""
    return day(start) if start == end else f"{day(start)} – {day(end)}"


def number(value: float | None, unit: str = "", *, short: bool = False, signed: bool = False) -> str:
    """A number with its scale in words: $1.84 billion, 41 %, 12,304.

    Args:
        unit: The unit of the measure; dollars and per cent are written with the number, others beside it.
        short: Abbreviate million and billion, as on an axis.
        signed: Write the plus of a positive number.
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    sign = f"−{JOINER}" if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{'$' if 'USD' in unit else ''}{_scaled(abs(value), short=short)}{_tail(unit)}".replace(" ", HARD)


def gap(value: float | None, unit: str = "", *, short: bool = False) -> str:
    """A difference with its sign; of percentages, in points."""
    if unit.startswith("%"):
        return f"{number(value, short=short, signed=True)}{HARD}points"
    return number(value, unit, short=short, signed=True)


def is_proportion(unit: str) -> bool:
    """Whether an effect in this unit is a share of what was expected, in per cent."""
    from detente.turning_points.effects.interventions import PROPORTION

    return unit == PROPORTION


def change(value: float | None, unit: str = "", *, short: bool = False) -> str:
    """An effect in its own unit: 63 % less than expected, or −63 % where it is short; +$1.1 billion; +2.9 points."""
    if not is_proportion(unit):
        return gap(value, unit, short=short)
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = round(value, 0 if 10 <= abs(value) < 99 or abs(value) >= 101 else 1)
    if short:
        return number(size, "%", signed=True)
    way = "less" if size < 0 else "more"
    return f"{number(abs(size), '%')} {way} than expected" if size else "as expected"


def ends(low: float, high: float, unit: str = "", *, short: bool = False) -> str:
    """The ends of an effect's interval."""
    brief = short or is_proportion(unit)
    return f"{change(low, unit, short=brief)} to {change(high, unit, short=brief)}"


def tail(p: float) -> str:
    """A tail probability: 0.032; never 0, which nothing here can show."""
    return "< 0.001".replace(" ", HARD) if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _tail(unit: str) -> str:
    if unit.startswith("%"):
        return " %"
    return next((f" {word}" for word in ("million", "billion") if unit.startswith(f"{word} USD")), "")


def _scaled(size: float, *, short: bool) -> str:
    for step, word, letter in _STEPS:
        if size >= step:
            return f"{_plain(size / step)} {letter if short else word}"
    return _plain(size)


def _plain(size: float) -> str:
    """Three significant digits, and never fewer than the whole number."""
    if size >= 1000 or size == int(size):
        return f"{size:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(size))) if size else 0
    return f"{size:.{min(digits, 3)}f}".rstrip("0").rstrip(".") if digits else f"{size:.0f}"


def exact(value: float | None, unit: str = "") -> str:
    """A number as the panel holds it, for tables of data: whole where it is large, else four significant digits."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1000 or size == int(size) else f"{size:.4g}"
    return f"{'−' if value < 0 else ''}{text}{' %' if unit.startswith('%') else ''}"


def unit(name: str) -> str:
    """A unit as a heading writes it."""
    return name.replace("USD", "US dollars") if "USD" in name else name


def chance(probability: float | None) -> str:
    """A probability in per cent; never 0 or 100, which nothing here can show."""
    if probability is None or not math.isfinite(probability):
        return UNKNOWN
    percent = round(100 * probability)
    text = "< 1 %" if percent < 1 else "> 99 %" if percent > 99 else f"{percent} %"
    return text.replace(" ", HARD)


def share(part: float) -> str:
    """A share in per cent, as counted: 0 % and 100 % are possible."""
    return f"{part:.0%}".replace("%", f"{HARD}%")


def counted(many: int, one: str, more: str = "") -> str:
    """A count and its noun: 1 claim, 3 claims."""
    return f"{many:,} {one if many == 1 else more or f'{one}s'}"


def listed(parts: list[str]) -> str:
    """Words joined as in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
