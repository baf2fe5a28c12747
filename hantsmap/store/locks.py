"""File locks (flock): one publisher for each store, one maker for each place in the queue of downloads."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from hantsmap.errors import StoreError
from hantsmap.store import files, modes


def open_lock(path: Path) -> IO[str]:
    """Open a lock file, and make it if it is missing. Every user of the group may lock it. Raises OSError."""
    lock = path.open("a")
    modes.set_mode(path, modes.SHARED_FILE)
    return lock


def take(lock: IO[str]) -> bool:
    """Lock an open file until it is closed; False when another process holds it.

    Raises StoreError where the file system has no locks, as network shares without a lock service.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as fault:
        folder = Path(lock.name).parent
        raise StoreError(f"Files in {folder} cannot be locked ({files.reason(fault)}). Keep the store and its "
                         "downloads on a local disk, or on a network share that offers locks (flock).") from fault
    return True
