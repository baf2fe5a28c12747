"""Verifying a store: every file against the digest that it was written with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from hantsmap import suppression
from hantsmap.errors import DamagedError, StoreError
from hantsmap.store import Promotion, Store, files

# Records that are no promotions.
PLAIN = ("site.json", "horizon.json")


def verify(store: Store) -> tuple[int, list[str]]:
    """Number of files checked, and a sentence for each that is not what was written, or that is missing.

    Raises StoreError when the folder is no store.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    checked, damage = 1, []
    for folder, record_name in _folders(store):
        checked += 1
        try:
            record = files.read_record(folder / record_name)
        except DamagedError as fault:
            damage.append(str(fault))
            continue
        for name, facts in record["files"].items():
            checked += 1
            try:
                files.check(folder, {name: facts}, thorough=True)
            except DamagedError as fault:
                damage.append(str(fault))
    for suppressed in suppression.lists(store):
        checked += 1
        try:
            suppressed.check()
        except DamagedError as fault:
            damage.append(str(fault))
    records = [path for layer in store.layers() for path in store.promotion_files(layer)]
    records += [path for path in (store.root / name for name in PLAIN) if path.exists()]
    return checked + len(records), damage + list(_unreadable(records)) + _missing(store)


def _folders(store: Store) -> Iterator[tuple[Path, str]]:
    for kind, record in (("editions", "edition.json"), ("renditions", "rendition.json"), ("changes", "changes.json")):
        for folder in sorted((store.root / kind).glob("*/*")):
            yield folder, record


def _unreadable(records: list[Path]) -> Iterator[str]:
    for path in records:
        try:
            record = files.read_record(path)
            if path.name not in PLAIN:
                Promotion.model_validate(record)
        except DamagedError as fault:
            yield str(fault)
        except ValidationError:
            yield f"{path} is a promotion of another version. Publish the layer again."


def _missing(store: Store) -> list[str]:
    """Editions and renditions that a current promotion names and that are not there."""
    damage = []
    for layer in store.layers():
        current = store.current(layer)
        named = [store.rendition(layer, rendition) for rendition in current.named()] if current else []
        named += [store.edition(layer, current.edition)] if current and current.edition else []
        damage += [f"{folder} is missing, and {layer} is served from it." for folder in named if not folder.is_dir()]
    return damage
