"""YAML to values and the line of each key, so that a complaint can name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from detente.errors import StudyError

LARGEST, MOST_KEYS = 2_000_000, 100_000
"""A file of a study is written by hand: characters, and keys, above which it is something else."""


@dataclass(frozen=True, slots=True)
class Place:
    """The lines of a YAML file: path of keys → line (from 1)."""

    name: str
    lines: Mapping[tuple[str | int, ...], int]

    def error(self, keys: Iterable[str | int], problem: str, *, hint: str = "") -> StudyError:
        """A `StudyError` that names the file, the line and the key."""
        path = tuple(keys)
        line = next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), 1)
        return StudyError(f"{self.name}, line {line}, {'.'.join(map(str, path)) or 'top'}: {problem}", hint=hint)


def read_yaml(text: str, name: str) -> tuple[Any, Place]:
    """A YAML file's content and the line of each of its keys; dates stay text.

    Raises:
        StudyError: Not YAML, empty, too large, a tag, or a key that stands twice.
    """
    from ruamel.yaml.error import YAMLError

    if len(text) > LARGEST:
        raise StudyError(f"{name} is larger than {LARGEST / 1e6:.0f} MB", hint="is this the file you meant?")
    try:
        content = _yaml().load(text)
        place = Place(name, _few(_lines(content, ()), name))
        plain = _plain(content)
    except StudyError:
        raise
    except (YAMLError, ValueError) as error:
        raise _not_yaml(error, text, name) from error
    except RecursionError as error:
        raise StudyError(f"{name}: nested too deeply", hint="check brackets and indentation") from error
    if content is None:
        raise StudyError(
            f"{name} is empty", hint="`detente new DIR --dyad USA PAK --at 2021-08-15` writes one that runs"
        )
    return plain, place


def _yaml() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor

    class Reader(RoundTripConstructor):
        """Dates as text, since 2021-13-15 has no other form to complain about; no tags."""

    def refuse(_reader: Any, node: Any, *_rest: object) -> None:
        raise ConstructorError(None, None, f"a tag ({node.tag}) has no place here", node.start_mark)

    Reader.add_constructor("tag:yaml.org,2002:timestamp", lambda reader, node: reader.construct_scalar(node))
    for tag in (None, *(f"tag:yaml.org,2002:{kind}" for kind in ("set", "omap", "binary"))):
        Reader.add_constructor(tag, refuse)
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = Reader
    return yaml


def _not_yaml(error: Exception, text: str, name: str) -> StudyError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    problem = (getattr(error, "problem", None) or str(error)).split(" with value ")[0].splitlines()[0]
    return StudyError(f"{name}, line {line}: not valid YAML: {problem}", hint="check indentation and quotes")


def _few(lines: Iterable[tuple[tuple[str | int, ...], int]], name: str) -> dict[tuple[str | int, ...], int]:
    """The lines of the keys; a small file can stand for very many of them, by anchors."""
    kept = {}
    for path, line in lines:
        kept[path] = line
        if len(kept) > MOST_KEYS:
            raise StudyError(f"{name}: more than {MOST_KEYS:,} keys", hint="write less, and no anchors within anchors")
    return kept


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _lines(node: Any, path: tuple[str | int, ...]) -> Iterable[tuple[tuple[str | int, ...], int]]:
    """The line of each key below a node of the YAML reader, which keeps them in `lc`."""
    place = getattr(node, "lc", None)
    if place is None:
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        inner = (*path, str(key) if isinstance(node, dict) else key)
        # A key that comes from an anchor has no line here: the mapping's own is the next best.
        yield inner, (place.data or {}).get(key, [place.line])[0] + 1
        yield from _lines(value, inner)
