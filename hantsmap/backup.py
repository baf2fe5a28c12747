"""A backup of a store: a consistent copy, made while publications, prunes and servers go on. It is a store itself."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hantsmap.errors import StoreError
from hantsmap.store import Store, files, modes
from hantsmap.verify import verify

# Made again by whoever needs them, or of no use in a copy.
LEFT_OUT = ("downloads", "cache", "making", "temporary", "lock", "accounts.sqlite")
# Folders of written-once folders, two levels down; everything else in a store is small.
HEAVY = ("editions", "renditions", "changes")
ACCOUNTS = "accounts.sqlite"
# A prune beside the backup may take away what was listed: it is listed again, this often.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup has: files and bytes, and whether accounts are among them. `damage` are files that are damaged."""

    files: int
    bytes: int
    accounts: bool
    damage: tuple[str, ...]


def backup(store: Store, destination: Path, accounts: Path | None = None) -> Backup:
    """Copy a store, and its accounts if they are the SQLite file `accounts`, to a folder that does not exist yet.

    Nobody has to stop: records are copied first, and what they name is written once and stays. Every file of the copy
    is checked before it gets its name. Raises StoreError when the destination exists, or the store cannot be read.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    if destination.exists() or destination.is_symlink():
        raise StoreError(f"{destination} exists already. Name a folder that does not, such as one with today's date.")
    if destination.resolve().is_relative_to(store.root.resolve()):
        raise StoreError(f"{destination} lies in the store itself. Name a folder outside it, best on another disk.")
    with files.saying_why(f"copying the store to {destination}", "The backup was not made."):
        made = Path(tempfile.mkdtemp(prefix=f"{destination.name}.unfinished-", dir=destination.parent))
        try:
            for attempt in range(1, ATTEMPTS + 1):
                shutil.rmtree(made)
                modes.make_folder(made)
                _copy(store, made)
                damage = verify(Store(made))[1]
                if not damage or attempt == ATTEMPTS or verify(store)[1]:
                    break
            copied = accounts is not None and _copy_accounts(accounts, made / ACCOUNTS)
            modes.set_modes_of_store(made)
            found = [path for path in made.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in found)
            made.rename(destination)
            files.flush(destination.parent)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return Backup(len(found), size, copied, tuple(each.replace(str(made), str(destination)) for each in damage))


def sqlite_file(url: str) -> Path | None:
    """The file of accounts that are kept in SQLite; None of those in another database."""
    from sqlalchemy import make_url

    known = make_url(url)
    return Path(str(known.database)) if known.get_backend_name() == "sqlite" and known.database else None


def _copy(store: Store, made: Path) -> None:
    """Copy the records as they are now, then everything that was there when they were."""
    for path in sorted(store.root.iterdir()):
        if path.name in LEFT_OUT or path.name.startswith(f"{ACCOUNTS}-") or path.name in HEAVY:
            continue
        _copy_path(path, made / path.name)
    for kind in HEAVY:
        for path in _listed(store.root / kind):
            _copy_path(path, made / kind / path.parent.name / path.name)


def _listed(folder: Path) -> Iterator[Path]:
    for layer in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield from sorted(layer.iterdir()) if layer.is_dir() else ()


def _copy_path(path: Path, place: Path) -> None:
    """Copy a file, or a folder with all that is in it; what goes away meanwhile was pruned, and is left out."""
    try:
        if path.is_dir():
            modes.make_folder(place)
            for each in sorted(path.iterdir()):
                _copy_path(each, place / each.name)
        else:
            shutil.copyfile(path, place)
            files.flush(place)
    except FileNotFoundError:
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def _copy_accounts(source: Path, place: Path) -> bool:
    """Copy accounts through SQLite, which gives one moment of them while they are written; False if there are none."""
    if not source.is_file():
        return False
    address = f"file:{quote(str(source))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as origin, closing(sqlite3.connect(place)) as copy:
            origin.backup(copy)
    except sqlite3.Error as fault:
        raise StoreError(f"The accounts {source} cannot be copied: {fault}. The backup was not made.") from fault
    files.flush(place)
    return True
