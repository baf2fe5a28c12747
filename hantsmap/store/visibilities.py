"""What audiences may see, as a store keeps it beside its promotions: one small record for each set of rules.

    visibility/<layer>/<digest>.json

Promotions name these records. One that is missing or damaged cannot be compared, so the history starts anew.
"""

from __future__ import annotations

from contextlib import suppress

from pydantic import ValidationError

from hantsmap.errors import DamagedError
from hantsmap.store import files, modes
from hantsmap.store.folder import Store
from hantsmap.visibility import Visibility


def keep_visibility(store: Store, layer: str, kept: Visibility) -> None:
    """Write a record, if it is not there."""
    if read_visibility(store, layer, kept.digest) == kept:
        return
    folder = store.root / "visibility" / layer
    with files.saying_why(f"keeping what may be seen of {layer}", files.keeps(layer)), store.making() as making:
        modes.make_folder(folder)
        made = making / f"{kept.digest}.json"
        files.write_record(made, kept.model_dump(mode="json"))
        files.flush(made)
        made.replace(folder / made.name)
        files.flush(folder)


def read_visibility(store: Store, layer: str, digest: str | None) -> Visibility | None:
    """The record of this name; None when there is none, or it is not what was written."""
    if digest is not None:
        with suppress(DamagedError, ValidationError):
            found = Visibility.model_validate(files.read_record(store.root / "visibility" / layer / f"{digest}.json"))
            return found if found.digest == digest else None
    return None
