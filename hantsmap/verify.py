"""Verifying a store: every file against the digest that it was written with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hantsmap.errors import DamagedError
from hantsmap.store import Store, files


def verify(store: Store) -> tuple[int, list[str]]:
    """Number of files checked, and a sentence for each that is not what was written, or that is missing."""
    checked, damage = 0, []
    for folder, record_name in _folders(store):
        try:
            record = files.read_json(folder / record_name)
        except DamagedError as fault:
            damage.append(str(fault))
            continue
        checked += 1
        for name, facts in record["files"].items():
            checked += 1
            try:
                files.check(folder, {name: facts}, thorough=True)
            except DamagedError as fault:
                damage.append(str(fault))
    damage += _unreadable(store) + _missing(store)
    return checked, damage


def _folders(store: Store) -> Iterator[tuple[Path, str]]:
    for kind, record in (("editions", "edition.json"), ("renditions", "rendition.json")):
        for folder in sorted((store.root / kind).glob("*/*")):
            yield folder, record


def _unreadable(store: Store) -> list[str]:
    damage = []
    for layer in store.layers():
        written = list((store.root / "promotions" / layer).glob("*.json"))
        if len(store.history(layer)) != len(written):
            damage.append(f"{layer} has promotions that cannot be read in {store.root / 'promotions' / layer}.")
    return damage


def _missing(store: Store) -> list[str]:
    """Editions and renditions that a current promotion names and that are not there."""
    damage = []
    for layer in store.layers():
        current = store.current(layer)
        named = [store.rendition(layer, rendition) for rendition in set(current.renditions.values())] if current else []
        named += [store.edition(layer, current.edition)] if current and current.edition else []
        damage += [f"{folder} is missing, and {layer} is served from it." for folder in named if not folder.is_dir()]
    return damage
