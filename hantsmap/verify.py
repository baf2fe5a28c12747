"""Verifying a store: every file against the digest that it was written with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from hantsmap import suppression
from hantsmap.errors import DamagedError, StoreError
from hantsmap.store import Promotion, Store, files

# Records that are no promotions.
PLAIN = ("site.json", "horizon.json")
# Folders of written-once folders, and the record of each.
KINDS = (("editions", "edition.json"), ("renditions", "rendition.json"), ("changes", "changes.json"))


def verify(store: Store) -> tuple[int, list[str]]:
    """Number of files checked, and a sentence for each that is not what was written, or that is missing.

    Raises StoreError when the folder is no store.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    checked, damage = 1, []
    folders, unlisted = _folders(store)
    for folder, record_name in folders:
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
    records = []
    for layer in store.layers():
        with suppress(DamagedError):
            records += store.promotion_files(layer)
    records += [path for path in (store.root / name for name in PLAIN) if path.exists()]
    records += sorted((store.root / "visibility").glob("*/*.json"))
    return checked + len(records), [*damage, *unlisted, *_unreadable(records), *_missing(store)]


def _folders(store: Store) -> tuple[list[tuple[Path, str]], list[str]]:
    """Every edition, rendition and change set with the name of its record; and what cannot be listed."""
    found: list[tuple[Path, str]] = []
    unlisted: list[str] = []
    for kind, record in (*KINDS, ("promotions", "")):
        for layer in _names(store.root / kind, unlisted):
            names = _names(store.root / kind / layer, unlisted)
            found += [(store.root / kind / layer / name, record) for name in names if record]
    return found, unlisted


def _names(folder: Path, unlisted: list[str]) -> list[str]:
    try:
        return sorted(files.names(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as fault:
        unlisted.append(str(files.unreadable(folder, fault)))
        return []


def _unreadable(records: list[Path]) -> Iterator[str]:
    for path in records:
        try:
            record = files.read_record(path)
            if path.parent.parent.name == "promotions":
                Promotion.model_validate(record)
        except DamagedError as fault:
            yield str(fault)
        except ValidationError:
            yield f"{path} is a promotion of another version. Publish the layer again."


def _missing(store: Store) -> list[str]:
    """Editions and renditions that a current promotion names and that are not there."""
    damage = []
    for layer in store.layers():
        try:
            current = store.current(layer)
        except DamagedError:
            continue  # said already
        named = [store.rendition(layer, rendition) for rendition in current.named()] if current else []
        named += [store.edition(layer, current.edition)] if current and current.edition else []
        damage += [f"{folder} is missing, and {layer} is served from it." for folder in named if not _there(folder)]
    if store.layers() and not (store.root / "site.json").exists():
        damage.append(f"{store.root / 'site.json'} is missing. Run `hantsmap publish`.")
    return damage


def _there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return True  # it cannot be read, which is said already
