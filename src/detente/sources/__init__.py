"""A published dataset's own files to events and observations.

A source is a pair in `catalogue/`: `x.yml` says what is known about it, `x.py` reads it. A study's own folder
`sources/` may hold more: a `.yml` with a `mapping`, and no code (a study that arrives by mail must not run anything).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.registry import pick
from detente.sources.ingest import Ingested
from detente.sources.ingest import ingest as _ingest
from detente.sources.spec import SourceSpec, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detente.actors import Registry
    from detente.sources.reading import Reader

__all__ = ["CATALOGUE", "Catalogue", "Ingested", "SourceSpec"]

CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sources a study can read: id → where its description lies."""

    paths: Mapping[str, Path]

    @classmethod
    def of(cls, *folders: Path) -> Catalogue:
        """The built-in sources, and those in a study's own folders; a study's own wins a clash of names."""
        found = [path for folder in (CATALOGUE, *folders) for path in sorted(folder.glob("*.yml"))]
        return cls({path.stem: path for path in found})

    def spec(self, source_id: str) -> SourceSpec:
        """What is known about a source.

        Raises:
            UnknownName: No such source; the hint names the nearest.
        """
        return load(pick("source", source_id, self.paths))

    def specs(self) -> list[SourceSpec]:
        """All of them, by id."""
        return [self.spec(source_id) for source_id in sorted(self.paths)]

    def ingest(self, source_id: str, paths: Sequence[Path], registry: Registry, *, version: str = "") -> Ingested:
        """The records in files of a source; see `detente.sources.ingest.ingest`."""
        spec = self.spec(source_id)
        return _ingest(spec, self._reader(source_id, spec), paths, registry, version=version)

    def _reader(self, source_id: str, spec: SourceSpec) -> Reader:
        path = self.paths[source_id].with_suffix(".py")
        if path.parent == CATALOGUE and path.exists():
            from importlib import import_module

            reader: Reader = import_module(f"detente.sources.catalogue.{source_id}").read
            return reader
        if spec.mapping is not None:
            from detente.sources.table import read

            return read
        raise SourceError(f"{source_id} has no reader", hint="give its .yml a `mapping`")
