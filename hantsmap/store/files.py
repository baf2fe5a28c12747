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

# The member of a record that holds the digest of the others.
SEAL = "sha256"
# Name, size, time and inode of each file of a folder.
Stamp = tuple[tuple[str, int, int, int], ...]


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
            raise DamagedError(f"{path} is missing. Publish the layer again, or restore a backup.")
        if size != facts["bytes"] or (thorough and digest(path) != facts["sha256"]):
            raise _not_as_written(path)


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record, sealed: its last member is the digest of all the others."""
    path.write_bytes(_sealed(record))


def read_record(path: Path) -> dict[str, Any]:
    """A record of the store. Raises DamagedError when it is missing or is not, byte for byte, what was written."""
    try:
        raw = path.read_bytes()
        record = orjson.loads(raw)
    except (OSError, orjson.JSONDecodeError) as fault:
        raise DamagedError(f"{path} cannot be read ({fault}). Publish the layer again, or restore a backup.") from fault
    if not isinstance(record, dict) or not record.pop(SEAL, None) or raw != _sealed(record):
        raise _not_as_written(path)
    return record


def _not_as_written(path: Path) -> DamagedError:
    return DamagedError(f"{path} is not the file that was written. Publish the layer again, or restore a backup.")


def _sealed(record: Mapping[str, Any]) -> bytes:
    seal = hashlib.sha256(orjson.dumps(record)).hexdigest()
    return orjson.dumps({**record, SEAL: seal}, option=orjson.OPT_INDENT_2)


def whole(folder: Path, name: str) -> dict[str, Any]:
    """The record of a folder whose files are all what was written. Raises DamagedError for the first that is not."""
    record = read_record(folder / name)
    check(folder, record["files"], thorough=True)
    return record


def stamp(folder: Path) -> Stamp:
    """Changes when a file of the folder is touched or replaced; empty where there is no folder."""
    try:
        # A server asks this of every rendition twice a second: the plain calls of the system take a fifth of the time.
        with os.scandir(folder) as found:
            facts = [(entry.name, entry.stat()) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(sorted((name, fact.st_size, fact.st_mtime_ns, fact.st_ino) for name, fact in facts))


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
            raise StoreError(f"The disk was full {doing}. Nothing was promoted: the last edition stays.") from fault
        begin = doing[:1].upper() + doing[1:]
        raise StoreError(f"{begin} failed: {fault}. Nothing was promoted: the last edition stays.") from fault


def settle(made: Path, place: Path, record: str) -> None:
    """Put a finished folder in its place, once: if the same content stands there already, it stays.

    What stands there and is damaged makes way. `record` is the name of the file that lists the others.
    """
    for path in made.iterdir():
        flush(path)
    flush(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        whole(place, record)
    except DamagedError:
        aside = made.with_name(f"{made.name}-damaged")
        if place.exists():
            place.rename(aside)
        made.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    flush(place.parent)
    flush(place.parent.parent)
