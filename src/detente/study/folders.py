"""Files of a study, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detente.errors import StoreError, StudyError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A folder to fill that takes the target's place when all is written, and vanishes when anything fails."""
    incoming = target.parent / f".{target.name}-{uuid.uuid4().hex}"
    try:
        incoming.mkdir(parents=True)
        yield incoming
        if target.exists():
            aside = incoming.with_name(f"{incoming.name}-old")
            target.rename(aside)
            incoming.rename(target)
            shutil.rmtree(aside)
        else:
            incoming.rename(target)
    except OSError as error:
        raise StoreError(
            f"{target.name} cannot be written ({os.strerror(error.errno or 0)}); nothing was changed",
            hint="check free space, and that the folder is yours and not read-only",
        ) from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def write(path: Path, content: bytes | str) -> None:
    """Bytes or text to a file, its folder made where it is missing."""
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def text(path: Path, *, hint: str = "") -> str:
    """A file's text.

    Raises:
        StudyError: There is no such file, it cannot be read, or it is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StudyError(f"there is no {path.name} in {path.parent.name or path.parent}", hint=hint) from error
    except NotADirectoryError as error:
        raise StudyError(f"{path.parent.name} is a file, not a study's folder", hint="name the folder") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found = f"found the byte 0x{error.object[error.start]:02x}"
        raise StudyError(f"{path.name}, line {line}: not UTF-8 text, {found}", hint="save it as UTF-8") from error
    except OSError as error:
        raise StudyError(
            f"{path.name} cannot be read ({os.strerror(error.errno or 0)})", hint="check that it is a file of yours"
        ) from error
