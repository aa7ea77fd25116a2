"""A new study folder: the bundled one, or a draft for any dyad and date."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import PanelError, StudyError
from detente.protocol import meant, parse, read_yaml
from detente.records import ANYONE, Dyad
from detente.study import folders
from detente.study.shell import Progress, Study, silent

if TYPE_CHECKING:
    import pandas as pd

STUDIES = Path(__file__).parents[1] / "studies"
BUNDLED = STUDIES / "us_pakistan"
YEARS_BEFORE, YEARS_AFTER = 15, 5


def demo(folder: str | Path, *, progress: Progress = silent) -> Study:
    """A copy of the bundled study of the United States and Pakistan.

    Raises:
        StudyError: The folder holds something already.
    """
    texts = {name: (BUNDLED / name).read_text(encoding="utf-8") for name in ("study.yml", "claims.yml")}
    return _begun(Path(folder), texts, progress)


def new(folder: str | Path, dyad: tuple[str, str], at: date, *, progress: Progress = silent) -> Study:
    """A commented study of any dyad and date, on the bundled observations: it runs as it is.

    Raises:
        StudyError: The folder holds something already, an actor is unknown or no state, or both are the same.
        PanelError: The bundled observations say nothing about the dyad around that date.
    """
    from detente.claims import template

    text = draft(dyad, at)
    return _begun(Path(folder), {"study.yml": text, "claims.yml": template(parse(text))}, progress)


def draft(dyad: tuple[str, str], at: date) -> str:
    """The text of a `study.yml` for a dyad and a date: the measures for which there are bundled observations.

    Raises:
        StudyError: An actor is unknown or no state, or both are the same.
        PanelError: There are no observations of the dyad on both sides of the date.
    """
    from jinja2 import Environment, StrictUndefined

    sender, receiver = (_actor(label) for label in dyad)
    if sender == receiver:
        raise StudyError(f"both are {sender.name}", hint="name two different states")
    # The text is YAML, not HTML: names are quoted by `tojson`.
    template = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701
    return template.from_string((STUDIES / "study.yml.j2").read_text(encoding="utf-8")).render(
        sender=sender,
        receiver=receiver,
        at=at,
        day_before=at - timedelta(days=1),
        first=date(at.year - YEARS_BEFORE, 1, 1),
        last=date(at.year + YEARS_AFTER, 12, 31),
        dimensions=_with_data(sender.actor_id, receiver.actor_id, at),
    )


def _actor(label: str) -> Any:
    from detente.actors import registry
    from detente.errors import UnknownLabel

    known = registry()
    try:
        actor = known[label] if label in known else known.resolve(label)
    except UnknownLabel as error:
        raise StudyError(f"no actor {label!r}", hint=meant(label, known)) from error
    if actor.kind != "state":
        hint = "a new study takes two states; name groups under `armed_groups`, others in the measures"
        raise StudyError(f"{actor.name} ({actor.actor_id}) is no state", hint=hint)
    return actor


def _with_data(sender: str, receiver: str, at: date) -> list[dict[str, Any]]:
    """The candidate dimensions, each with the measures that are known before and after the date."""
    from detente.actors import registry
    from detente.panel import Line, PanelSpec, build, measures
    from detente.store import Store

    candidates, _ = read_yaml((STUDIES / "candidates.yml").read_text(encoding="utf-8"), "candidates.yml")
    roles = {"A": sender, "B": receiver, ANYONE: ANYONE}
    lines = {}
    for name, dimension in candidates.items():
        for tracked in dimension["measures"]:
            tracked |= {side: roles[tracked[side]] for side in ("sender", "receiver")}
            directed = measures()[tracked["measure"]].directed
            lines[name, tracked["measure"], tracked["sender"], tracked["receiver"]] = Line(
                tracked["measure"], Dyad(tracked["sender"], tracked["receiver"], directed), name
            )
    try:
        panel = build(Store(BUNDLED / "data").loaded(), PanelSpec(tuple(lines.values())), registry()).frame
    except PanelError:
        raise _nothing(sender, receiver, at) from None
    known = {key for key, line in lines.items() if _both_sides(panel, line, at)}
    if not known:
        raise _nothing(sender, receiver, at)
    kept = []
    for name, dimension in candidates.items():
        mine = [one for one in dimension["measures"] if (name, one["measure"], one["sender"], one["receiver"]) in known]
        kept.append({"id": name, **dimension, "measures": mine})
    return [dimension for dimension in kept if dimension["measures"]]


def _both_sides(panel: pd.DataFrame, line: Any, at: date) -> bool:
    import pandas as pd

    mine = panel[
        (panel["measure"] == line.measure)
        & (panel["sender"] == line.dyad.sender)
        & (panel["receiver"] == line.dyad.receiver)
        & panel["value"].notna()
    ]
    day = pd.Timestamp(at)
    return bool((mine["period_end"] < day).any() and (mine["period_start"] > day).any())


def _nothing(sender: str, receiver: str, at: date) -> PanelError:
    return PanelError(
        f"the bundled observations say nothing about {sender} and {receiver} on both sides of {at}",
        hint="the turning point lies outside the data; choose another date, or ingest a source first",
    )


def _begun(target: Path, texts: Mapping[str, str], progress: Progress) -> Study:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StudyError(f"{target.name} exists and is not empty", hint="give a new folder; nothing was changed")
    with folders.replacing(target) as incoming:
        shutil.copytree(BUNDLED / "data", incoming / "data")
        folders.write(incoming / ".gitignore", "data/\nout/\n")
        for name, text in texts.items():
            folders.write(incoming / name, text)
    return Study.open(target, progress=progress)
