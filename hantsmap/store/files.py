"""Folders that are written once: made aside, flushed to disk, and put in place by one rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson

from hantsmap.errors import DamagedError, StoreError, UnreadableError
from hantsmap.store import modes

T = TypeVar("T")
# Faults of a disk or network share that may be gone a moment later: reading is tried this often.
PASSING = (errno.EIO, errno.EINTR, errno.EAGAIN, errno.ESTALE, errno.ETIMEDOUT)
ATTEMPTS, PAUSE_S = 3, 0.01

# The member of a record that holds the digest of the others.
SEAL = "sha256"
# Name, size, time and inode of each file of a folder.
Stamp = tuple[tuple[str, int, int, int], ...]


def retried(read: Callable[[], T]) -> T:
    """What `read` returns, tried again after a fault that may pass. Raises the OSError of the last attempt."""
    for _ in range(ATTEMPTS - 1):
        try:
            return read()
        except OSError as fault:
            if fault.errno not in PASSING:
                raise
            time.sleep(PAUSE_S)
    return read()


def names(folder: Path) -> list[str]:
    """Names of what is in a folder, in any order. Raises OSError."""
    with os.scandir(folder) as found:
        return [entry.name for entry in found]


def reason(fault: Exception) -> str:
    """What the operating system says of a fault, without the path."""
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault)


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""

    def read() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return retried(read)


def digests(folder: Path, but: str) -> dict[str, dict[str, Any]]:
    """Bytes and SHA-256 of every file of a folder, except the one that will hold this list."""
    return {
        path.name: {"bytes": path.stat().st_size, "sha256": digest(path)}
        for path in sorted(folder.iterdir())
        if path.name != but
    }


def check(folder: Path, files: Mapping[str, Mapping[str, Any]], *, thorough: bool) -> None:
    """Check the size of files and, if thorough, their checksum.

    Raises DamagedError for the first that is missing or differs, UnreadableError when one cannot be read now.
    """
    for name, facts in files.items():
        path = folder / name
        try:
            size = retried(path.stat).st_size
            same = size == facts["bytes"] and (not thorough or digest(path) == facts["sha256"])
        except (FileNotFoundError, NotADirectoryError):
            raise DamagedError(f"{path} is missing. Publish the layer again, or restore a backup.") from None
        except OSError as fault:
            raise unreadable(path, fault) from fault
        if not same:
            raise _not_as_written(path)


def unreadable(path: Path, fault: OSError) -> UnreadableError:
    """The fault of a file or folder that is there and cannot be read now."""
    return UnreadableError(f"{path} cannot be read ({reason(fault)}). Check its owner and mode (docs/operations.md, "
                           "Files) and the disk; or publish the layer again, or restore a backup.")


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record, sealed: its last member is the digest of all the others."""
    path.write_bytes(_sealed(record))
    modes.set_mode(path, modes.FILE)


def read_record(path: Path) -> dict[str, Any]:
    """A record of the store.

    Raises DamagedError when it is missing or is not, byte for byte, what was written; UnreadableError when it cannot
    be read now.
    """
    try:
        raw = retried(path.read_bytes)
        record = orjson.loads(raw)
    except (FileNotFoundError, NotADirectoryError, orjson.JSONDecodeError) as fault:
        raise DamagedError(f"{path} cannot be read ({reason(fault)}). Publish the layer again, or restore a backup."
                           ) from fault
    except OSError as fault:
        raise unreadable(path, fault) from fault
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
    """Changes when a file of the folder is touched or replaced; empty where there is no folder.

    Raises UnreadableError when the folder cannot be listed.
    """
    try:
        # A server asks this of every rendition twice a second: the plain calls of the system take a fifth of the time.
        with os.scandir(folder) as found:
            facts = [(entry.name, entry.stat()) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as fault:
        raise unreadable(folder, fault) from fault
    return tuple(sorted((name, fact.st_size, fact.st_mtime_ns, fact.st_ino) for name, fact in facts))


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def saying_why(doing: str, kept: str = "") -> Iterator[None]:
    """Turn faults of the operating system into StoreErrors. `doing` is what failed, `kept` what stays as it was."""
    try:
        yield
    except OSError as fault:
        after = f" {kept}" if kept else ""
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(f"The disk was full {doing}.{after}") from fault
        begin = doing[:1].upper() + doing[1:]
        raise StoreError(f"{begin} failed: {fault}.{after}") from fault


def keeps(layer: str) -> str:
    """What stays when a layer cannot be published."""
    return f"{layer} was not published: its last edition stays."


def settle(made: Path, place: Path, record: str, *, shared: bool = False) -> None:
    """Put a finished folder in its place, once: if the same content stands there already, it stays.

    What stands there and is damaged makes way. `record` is the name of the file that lists the others. In a `shared`
    folder the server's user and the publisher's may both write.
    """
    modes.set_modes(made, shared=shared)
    for path in made.iterdir():
        flush(path)
    flush(made)
    modes.make_folder(place.parent, modes.SHARED_FOLDER if shared else modes.FOLDER)
    try:
        whole(place, record)
        modes.set_modes(place, shared=shared)
    except DamagedError:
        aside = made.with_name(f"{made.name}-damaged")
        if place.exists():
            place.rename(aside)
        made.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    flush(place.parent)
    flush(place.parent.parent)
