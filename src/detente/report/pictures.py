"""Findings to picture files: the drawings of the page with their title and source, as SVG and PNG."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from detente.report import outline, provenance, readings, words
from detente.report.drawing import WIDE, wide
from detente.report.page import template_text

if TYPE_CHECKING:
    from detente.report.findings import Findings
    from detente.report.readings import Fact

HEAD, FOOT = 34, 24
FONT = "font-family=\"'DejaVu Sans', Arial, sans-serif\""


def figures(findings: Findings) -> dict[str, bytes | str]:
    """File name → picture: each main dimension, all breaks, each measure; SVG text and PNG bytes."""
    tracked = provenance.tracked(findings, [reading.line for reading in findings.readings], 0)
    facts = readings.facts(findings, tracked)
    made: dict[str, bytes | str] = {}
    for name, title, source, drawing in _drawings(findings, facts):
        picture = standalone(drawing, title, f"{source}. Made {words.day(findings.made)}.")
        made[f"{name}.svg"] = picture
        made[f"{name}.png"] = _png(picture)
    return made


def _drawings(findings: Findings, facts: tuple[Fact, ...]) -> Iterator[tuple[str, str, str, str]]:
    """Name, title, source and drawing of every picture."""
    balanced = outline.balanced(findings)
    if balanced:
        yield (
            "dimensions",
            "The main dimensions, before and after",
            "Open: before; filled: after; in standard deviations",
            balanced,
        )
    for one in findings.index:
        if one.change is not None:
            used = ", ".join(dict.fromkeys(part.measure for part in one.contributions))
            drawing = "".join(outline.index_picture(one, findings.protocol, wide))
            yield (
                f"index-{one.dimension}",
                f"{one.title}: closer (up) or less close (down)",
                f"Index of {used}",
                drawing,
            )
    whole = outline.breaks_timeline(findings, facts)
    if whole:
        yield "breaks", "When did each measure change?", "Breaks found without naming a date", whole
    for fact in facts:
        if fact.known:
            title = f"{fact.measure.title}, {fact.who}, {words.unit(fact.measure.unit)}"
            source = f"Source: {fact.tracked.source_id}, version {fact.tracked.version}"
            yield fact.key, title, source, wide(readings.picture(fact, findings.protocol))


def standalone(drawing: str, title: str, source: str) -> str:
    """The wide version of a drawing as a file of its own: light colours, title above, source below."""
    inner = drawing[: drawing.index("</svg>") + len("</svg>")]
    inner = re.sub(r' data-[ms]="[^"]*"', "", inner)
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', inner)
    width, height = (int(part) for part in found.groups()) if found else (WIDE, 200)
    placed = inner.replace("<svg ", f'<svg y="{HEAD}" width="{width}" height="{height}" ', 1)
    whole = height + HEAD + FOOT
    head, foot = (f'<text x="8" y="{y}" {FONT} font-size="{size}"' for y, size in ((21, 14), (whole - 9, 10.5)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{whole}" viewBox="0 0 {width} {whole}">'
        f"<title>{escape(title)}</title><style>{_style()}</style>"
        f'<rect width="{width}" height="{whole}" fill="#ffffff"/>'
        f'{head} font-weight="600" fill="#1d2125">{escape(_cut(title, 88))}</text>{placed}'
        f'{foot} fill="#5a6068">{escape(_cut(source, 118))}</text></svg>'
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _style() -> str:
    """The drawings' rules of the page's style, with the colours of its light side written in."""
    style = template_text("style.css")
    colours = dict(re.findall(r"(--[a-z]+): (#[0-9a-f]{6})", style[: style.index("@media")]))
    rules = " ".join(line.strip() for line in style.splitlines() if line.strip().startswith(".pic "))
    rules = re.sub(r"font: ([\d.]+px) [^;]+;", r"font-size: \1; font-family: 'DejaVu Sans', Arial, sans-serif;", rules)
    return re.sub(r"var\((--[a-z]+)\)", lambda one: colours[one.group(1)], rules)


def _png(picture: str) -> bytes:
    import vl_convert

    return bytes(vl_convert.svg_to_png(picture, scale=2))
