"""The format number of a store: what it is, how it is read, and what each side says when the numbers differ."""

from __future__ import annotations

from pathlib import Path

from hantsmap.errors import OutdatedError, StoreError, UnreadableError
from hantsmap.store import files, modes

# Raised whenever code of the number before cannot read what is written now, in any file of the store.
# tests/store/test_format.py lists what each number stands for and fails when it was forgotten.
FORMAT = 2
NAME = "format"
WORDS = "hantsmap store "


def format_of(root: Path) -> int | None:
    """The format number of the store in a folder; None where there is no store.

    Raises UnreadableError when the file cannot be read, StoreError when it is not one of ours.
    """
    try:
        text = files.retried(lambda: (root / NAME).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableError(f"The store {root} cannot be read ({files.reason(fault)}). Check that this user is in "
                              "the group of the folder, and that the disk is there.") from fault
    number = text.strip().removeprefix(WORDS)
    if not text.startswith(WORDS) or not number.isascii() or not number.isdigit():
        raise StoreError(f"{root / NAME} is not the format file of a store. Point --store at another folder, or "
                         "restore a backup.")
    return int(number)


def check_format(root: Path) -> bool:
    """Whether there is a store, of this version's format.

    Raises OutdatedError when an older version wrote it, StoreError when a newer one did; both say what to do.
    """
    found = format_of(root)
    if found is None:
        return False
    if found < FORMAT:
        raise OutdatedError(f"{root} was written by an older version of HantsMap (store format {found}, this version "
                            f"needs {FORMAT}). Run `hantsmap publish` once, without naming layers: it writes the store "
                            "again. See docs/upgrade.md.")
    if found > FORMAT:
        raise StoreError(f"{root} was written by a newer version of HantsMap (store format {found}, this version reads "
                         f"{FORMAT}). Install the newer version here too. See docs/upgrade.md.")
    return True


def write_format(root: Path, making: Path) -> None:
    """Mark a folder as a store of this version's format, in one step. Versions of other formats refuse it from then."""
    made = making / NAME
    made.write_text(f"{WORDS}{FORMAT}\n")
    modes.set_mode(made, modes.FILE)
    files.flush(made)
    made.replace(root / NAME)
