"""Holding a store for one publisher: its lock, its folders, and the mark of its format."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hantsmap.errors import BusyError, OutdatedError, StoreError
from hantsmap.store import files, layout, locks, modes

# What else may lie in a folder that is about to become a store.
BESIDE = ("lock", "making", *modes.SHARED)
# Unfinished work of a server that is older than this was left by one that ended.
LEFT_S = 3_600


@contextmanager
def held(root: Path, *, upgrade: bool) -> Iterator[None]:
    """Hold the store at a folder. `upgrade` lets a store of an older version be written again.

    Raises BusyError when another process holds it, OutdatedError when an older version wrote it, StoreError when it is
    no store or cannot be opened.
    """
    with files.saying_why(f"opening the store {root}"):
        modes.make_folder(root)
        _check_usable(root, upgrade=upgrade)
        lock = locks.open_lock(root / "lock")
    with lock:
        if not locks.take(lock):
            raise BusyError(f"Somebody else is publishing to {root}. Try again when that has ended.")
        with files.saying_why(f"preparing the store {root}"):
            _prepare(root, upgrade=upgrade)
        yield


def _check_usable(root: Path, *, upgrade: bool) -> None:
    try:
        exists = layout.check_format(root)
    except OutdatedError:
        if not upgrade:
            raise
        exists = True
    if not exists and any(path.name not in BESIDE for path in root.iterdir()):
        raise StoreError(f"{root} is not empty and is no store. Point --store at another folder.")


def _prepare(root: Path, *, upgrade: bool) -> None:
    shutil.rmtree(root / "making", ignore_errors=True)
    modes.make_folder(root / "making")
    try:
        marked = layout.check_format(root)
    except OutdatedError:
        marked = not upgrade
        modes.set_modes_of_store(root)
    for name in modes.SHARED:
        modes.make_folder(root / name, modes.SHARED_FOLDER)
    for path in (root / "temporary").iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_S:
                shutil.rmtree(path, ignore_errors=True)
    if not marked:
        layout.write_format(root, root / "making")
