"""Sources and methods to BibTeX: what a paper that uses the report has to cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detente.report.findings import Findings

METHODS: dict[str, dict[str, str]] = {
    "baiperron2003": {
        "type": "article", "author": "Bai, Jushan and Perron, Pierre", "year": "2003",
        "title": "Computation and analysis of multiple structural change models",
        "journal": "Journal of Applied Econometrics", "volume": "18", "number": "1", "pages": "1--22",
    },
    "bai1997": {
        "type": "article", "author": "Bai, Jushan", "year": "1997",
        "title": "Estimation of a change point in multiple regression models",
        "journal": "Review of Economics and Statistics", "volume": "79", "number": "4", "pages": "551--563",
    },
    "zellner1986": {
        "type": "incollection", "author": "Zellner, Arnold", "year": "1986",
        "title": "On assessing prior distributions and {Bayesian} regression analysis with g-prior distributions",
        "booktitle": "Bayesian Inference and Decision Techniques", "editor": "Goel, Prem and Zellner, Arnold",
        "publisher": "Elsevier",
    },
    "liang2008": {
        "type": "article", "author": "Liang, Feng and Paulo, Rui and Molina, German and Clyde, Merlise and Berger, Jim",
        "year": "2008", "title": "Mixtures of g priors for {Bayesian} variable selection",
        "journal": "Journal of the American Statistical Association", "volume": "103", "pages": "410--423",
    },
    "boxtiao1975": {
        "type": "article", "author": "Box, George and Tiao, George", "year": "1975",
        "title": "Intervention analysis with applications to economic and environmental problems",
        "journal": "Journal of the American Statistical Association", "volume": "70", "pages": "70--79",
    },
    "harville1974": {
        "type": "article", "author": "Harville, David", "year": "1974",
        "title": "Bayesian inference for variance components using only error contrasts",
        "journal": "Biometrika", "volume": "61", "number": "2", "pages": "383--385",
    },
    "oecdjrc2008": {
        "type": "book", "author": "{OECD} and {Joint Research Centre}", "year": "2008",
        "title": "Handbook on Constructing Composite Indicators: Methodology and User Guide",
        "publisher": "OECD Publishing",
    },
    "politisromano1994": {
        "type": "article", "author": "Politis, Dimitris and Romano, Joseph", "year": "1994",
        "title": "The stationary bootstrap", "journal": "Journal of the American Statistical Association",
        "volume": "89", "pages": "1303--1313",
    },
}  # fmt: skip
BEHIND = {
    "breaks": ("baiperron2003", "bai1997"),
    "dates": ("zellner1986", "liang2008"),
    "effect": ("boxtiao1975", "harville1974"),
    "index": ("oecdjrc2008", "politisromano1994"),
}
"""Result → the references of its method."""

_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
            "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}  # fmt: skip


def citations(findings: Findings) -> str:
    """The BibTeX of the sources that the panel draws on, and of the methods that gave an answer."""
    return "\n".join([*_sources(findings), *_methods(findings)])


def _sources(findings: Findings) -> Iterator[str]:
    files = findings.files
    if files.empty:
        return
    used = set(zip(findings.panel.frame["source_id"], findings.panel.frame["version"], strict=True))
    for row in files.drop_duplicates(["source_id", "version"]).to_dict("records"):
        if (row["source_id"], row["version"]) in used:
            key = re.sub(r"[^A-Za-z0-9]+", "-", f"{row['source_id']}-{row['version']}").strip("-")
            fields = {
                "title": _escaped(row["title"]),
                "author": f"{{{_escaped(row['publisher'])}}}",
                "howpublished": f"\\url{{{_address(row['url'])}}}" if row["url"] else "",
                "note": _escaped(f"Version {row['version']}. {row['citation']} Licence: {row['licence']}"),
            }
            yield _entry("misc", key, fields)


def _methods(findings: Findings) -> Iterator[str]:
    used = {name for name in ("breaks", "dates", "effect") if any(getattr(one, name) for one in findings.readings)}
    used |= {"index"} if any(one.change is not None for one in findings.index) else set()
    for name, keys in BEHIND.items():
        for key in keys if name in used else ():
            fields = dict(METHODS[key])
            yield _entry(fields.pop("type"), key, fields)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{lines}\n}}\n"


def _escaped(text: object) -> str:
    """Text in which nothing means anything to BibTeX or LaTeX."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(str(text).split()))


def _address(url: object) -> str:
    return re.sub(r"[{}\\\s]", "", str(url))
