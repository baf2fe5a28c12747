"""Folders that are written once: made aside, flushed to disk, and put in place by one rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from hantsmap.errors import DamagedError, StoreError

BLOCK = 1 << 20


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(folder: Path, but: str) -> dict[str, dict[str, Any]]:
    """Bytes and SHA-256 of every file of a folder, except the one that will hold this list."""
    return {
        path.name: {"bytes": path.stat().st_size, "sha256": digest(path)}
        for path in sorted(folder.iterdir())
        if path.name != but
    }


def check(folder: Path, files: Mapping[str, Mapping[str, Any]], *, thorough: bool) -> None:
    """Raise DamagedError when a file is missing or not of its size or, if thorough, not of its digest."""
    for name, facts in files.items():
        path = folder / name
        size = path.stat().st_size if path.exists() else None
        if size is None:
            raise DamagedError(f"{path} is missing. Restore the store from a backup, or publish the layer again.")
        if size != facts["bytes"] or (thorough and digest(path) != facts["sha256"]):
            raise DamagedError(f"{path} is not the file that was written. Publish the layer again, or restore a backup.")


def read_json(path: Path) -> Any:
    """A JSON file of the store. Raises DamagedError when it is missing or is not JSON."""
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as fault:
        raise DamagedError(f"{path} cannot be read ({fault}).") from fault


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def saying_why(doing: str) -> Iterator[None]:
    """Turn the faults of the operating system into StoreErrors that say what stays as it was."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(f"The disk is full while {doing}. Nothing was promoted: the last edition stays.") from fault
        raise StoreError(f"{doing} failed: {fault}. Nothing was promoted: the last edition stays.") from fault


def settle(made: Path, place: Path) -> None:
    """Put a finished folder in its place, once: if the same content stands there already, it stays."""
    for path in made.iterdir():
        flush(path)
    flush(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError as fault:
        if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        shutil.rmtree(made)
    flush(place.parent)
