"""A piece of work to its answer, kept in a folder so that it need not be done twice."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd


def or_made(folder: Path | None, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The answer kept under a name, or made and kept; a damaged file is made anew.

    Raises:
        StoreError: The folder cannot be written.
    """
    import pandas as pd

    if folder is None:
        return make()
    path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.parquet"
    if path.exists():
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError):
            path.unlink()
    answer = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=folder, suffix=".part")
        os.close(handle)
        answer.to_parquet(half, index=False)
        Path(half).replace(path)
    except OSError as problem:
        raise StoreError(
            f"{folder} cannot be written: {problem}", hint="choose another folder to resume in"
        ) from problem
    return answer
