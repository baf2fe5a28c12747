"""File modes of a store: its group may read everything, the world nothing, whatever the umask of the process.

Publisher and server may be different users of one group. The server writes only in the shared folders: downloads,
change sets and its own unfinished work.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

# The set-group-ID bit gives new files the group of their folder, whoever makes them.
FOLDER, FILE = 0o2750, 0o640
SHARED_FOLDER, SHARED_FILE = 0o2770, 0o660
# Folders of a store in which the server writes too.
SHARED = ("downloads", "changes", "temporary")
# The one file that the publisher alone reads: with it, erased ids could be guessed (hantsmap.suppression).
PRIVATE, PRIVATE_FILE = ("suppression", "key"), 0o600


def set_mode(path: Path, mode: int) -> None:
    """Give a file or folder its mode. One that belongs to another user, or to a file system without modes, is kept."""
    with suppress(OSError):
        if S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode)


def make_folder(path: Path, mode: int = FOLDER) -> None:
    """Make a folder, and those above it that are missing, with this mode. Raises OSError when that is impossible."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        set_mode(folder, mode)


def set_modes(folder: Path, *, shared: bool = False) -> None:
    """Give a folder and everything in it the modes of the store."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            set_mode(path, _mode(path, shared=shared))
    set_mode(folder, _mode(folder, shared=shared))


def set_modes_of_store(root: Path) -> None:
    """Give a whole store its modes: one that an older version wrote followed the umask of its publisher."""
    set_mode(root, FOLDER)
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink():
            set_modes(path, shared=path.name in SHARED)
        else:
            set_mode(path, FILE)


def _mode(path: Path, *, shared: bool) -> int:
    if path.is_dir():
        return SHARED_FOLDER if shared else FOLDER
    if path.parts[-2:] == PRIVATE:
        return PRIVATE_FILE
    return SHARED_FILE if shared else FILE
