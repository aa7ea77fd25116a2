"""Numbers to words that a reader in a hurry can trust: amounts with their unit, intervals, the source."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detente.claims.bench import Data, Scale
    from detente.panel import Panel


def amount(value: float, unit: str) -> str:
    """A value with its unit: large money in millions or billions, percentages with their sign."""
    if unit.startswith("USD"):
        return money(value)
    if unit.startswith("%"):
        return f"{number(value)} %"
    text = number(value)
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def money(value: float) -> str:
    """US dollars in billions, millions, or as they are."""
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{sign(value)}USD {abs(value) / size:,.3g}{word}"
    return f"{sign(value)}USD {abs(value):,.0f}"


def sign(value: float) -> str:
    """A minus sign where there is one."""
    return "−" if value < 0 else ""


def number(value: float) -> str:
    """Three significant digits, or whole with thousands parted."""
    plain = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):.3g}"
    return f"{sign(value) if plain != '0' else ''}{plain}"


def change(value: float, unit: str, scale: Scale) -> str:
    """A difference, as a percentage where the scale is logarithmic; of percentages, in points."""
    if scale == "level" and unit.startswith("%"):
        return f"{'+' if value > 0 else ''}{number(value)} points"
    if scale == "level":
        return f"{'+' if value > 0 else ''}{amount(value, unit)}"
    factor = exp(min(value, 50.0))
    if factor >= 10:
        return f"×{number(factor)}"
    return f"{'+' if factor > 1 else ''}{number(100 * (factor - 1))} %"


def interval(low: float, high: float, confidence: float, unit: str, scale: Scale = "level") -> str:
    """An interval in words; a unit that is no money and no percentage is not said again."""
    said = unit if unit.startswith(("USD", "%")) else ""
    ends = [change(end, said, scale).rstrip() for end in (low, high)]
    return f"{confidence:.0%} interval {ends[0]} to {ends[1]}"


def counted(many: int, noun: str) -> str:
    """A count and its noun: 1 period, 3 periods."""
    return f"{many:,} {noun if many == 1 else f'{noun}s'}"


def source(data: Data, panel: Panel) -> str:
    """Title and version of where the values come from."""
    from detente.claims.bench import source_name

    return f"{source_name(data.source_id, panel)}{f', version {data.version}' if data.version else ''}"


def listed(words: Sequence[str]) -> str:
    """Words with commas and one `and`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "none"
