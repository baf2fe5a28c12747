"""Pruning a store: what nobody sees any more, and nobody may ask changes from, makes room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from hantsmap.errors import DamagedError, StoreError
from hantsmap.store import Promotion, Store, files, now, timelines, today

# Contractors may ask what changed over a year, with a month to spare.
KEEP_MONTHS = 13
KINDS = ("renditions", "editions", "changes")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed of a layer: how many folders of each kind, and their bytes."""

    layer: str
    folders: Mapping[str, int]
    bytes: int


def prune(store: Store, keep_months: int = KEEP_MONTHS, moment: datetime | None = None) -> list[Pruned]:
    """Remove what no promotion of the last months needs, nor the current one, nor the one that stands in for it.

    Promotions stay, so that sequences do. Raises BusyError while somebody publishes, StoreError when it is no store,
    DamagedError when a promotion cannot be read: what it needs cannot be known, and nothing is removed.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    with store.publishing():
        for path in (path for layer in store.layers() for path in store.promotion_files(layer)):
            if store.promotion(path) is None:
                raise DamagedError(f"{path} cannot be read, so nothing was removed. Restore it from a backup first.")
        horizon = months_before(moment or now(), keep_months)
        known = store.horizon()
        # First said, then done: a reader is told that it is gone, and never finds it half gone.
        store.keep_horizon(horizon if known is None else max(horizon, known))
        return [pruned for layer in store.layers() if (pruned := _prune(store, layer, horizon)) is not None]


def months_before(moment: datetime, months: int) -> datetime:
    """The same time so many months before; the last day of a shorter month stands for a day that it does not have."""
    month = moment.year * 12 + moment.month - 1 - months
    for day in (moment.day, 30, 29, 28):
        with suppress(ValueError):
            return moment.astimezone(UTC).replace(year=month // 12, month=month % 12 + 1, day=day)
    raise ValueError(f"There is no month {months} months before {moment}.")


def _prune(store: Store, layer: str, horizon: datetime) -> Pruned | None:
    history = store.history(layer)[::-1]
    kept = [promotion for promotion, following in [*pairwise(history), *((last, None) for last in history[-1:])]
            if following is None or following.made_at >= horizon]
    kept += _standing_in(store, history)
    renditions = {name for promotion in kept for name in promotion.named()}
    editions = {promotion.edition for promotion in kept}
    pairs = set(_pairs(history, renditions))
    removed = {
        "renditions": [path for path in _folders(store, "renditions", layer) if path.name not in renditions],
        "editions": [path for path in _folders(store, "editions", layer) if path.name not in editions],
        "changes": [path for path in _folders(store, "changes", layer) if path.name not in pairs],
    }
    if not any(removed.values()):
        return None
    freed = sum(_remove(store, path) for kind in KINDS for path in removed[kind])
    return Pruned(layer, {kind: len(paths) for kind, paths in removed.items()}, freed)


def _standing_in(store: Store, history: list[Promotion]) -> Iterator[Promotion]:
    """The newest promotion whose renditions are all there: it is served while newer ones are damaged."""
    for promotion in reversed(history):
        folders = [store.rendition(promotion.layer, name) for name in promotion.named()]
        with suppress(StoreError):
            for folder in folders:
                files.check(folder, files.read_record(folder / "rendition.json")["files"], thorough=True)
            yield promotion
            return


def _pairs(history: list[Promotion], renditions: set[str]) -> Iterator[str]:
    """Change sets that can be asked for: step by step, and from every state to what is seen now."""
    for timeline in timelines(history, today()).values():
        seen = [step.rendition for step in timeline]
        asked: Iterable[tuple[str | None, str | None]] = [*pairwise(seen), *((older, seen[-1]) for older in seen[:-1])]
        for older, newer in asked:
            if older in renditions and newer in renditions:
                yield f"{older}-{newer}"


def _folders(store: Store, kind: str, layer: str) -> list[Path]:
    folder = store.root / kind / layer
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(store: Store, folder: Path) -> int:
    """Take a folder away, whole, and return its bytes. What is open stays open to who reads it."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with files.saying_why(f"removing {folder}"), store.making() as making:
        folder.rename(making / folder.name)
    return size
