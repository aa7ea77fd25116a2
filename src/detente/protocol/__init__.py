"""What `study.yml` says, frozen: who, when, which measures, which sources.

The models below are the published format; `schema()` gives their JSON Schema for editors. An error names the file, the
line, the key, what was found, and the nearest valid word.
"""

from detente.protocol.models import (
    Day,
    Dimension,
    Frozen,
    Moment,
    OwnActor,
    Pin,
    Protocol,
    Shock,
    Tracked,
    Window,
    Windows,
)
from detente.protocol.place import Place, read_yaml
from detente.protocol.reading import actors_of, found, meant, nearest_word, parse, schema

__all__ = [
    "Day",
    "Dimension",
    "Frozen",
    "Moment",
    "OwnActor",
    "Pin",
    "Place",
    "Protocol",
    "Shock",
    "Tracked",
    "Window",
    "Windows",
    "actors_of",
    "found",
    "meant",
    "nearest_word",
    "parse",
    "read_yaml",
    "schema",
]
