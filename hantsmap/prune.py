"""Pruning a store: what nobody sees any more, and nobody may ask changes from, makes room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hantsmap.errors import DamagedError, StoreError
from hantsmap.store import Promotion, Store, files, now, timelines, today

# Contractors may ask what changed over a year, with a month to spare.
KEEP_MONTHS = 13
# Who reads a layer page by page reads on in the version that was current when it began.
KEEP_AT_LEAST = timedelta(hours=1)
KINDS = ("renditions", "editions", "changes")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed of a layer: how many folders of each kind, and their bytes."""

    layer: str
    folders: Mapping[str, int]
    bytes: int


def prune(store: Store, keep_months: int = KEEP_MONTHS, moment: datetime | None = None) -> list[Pruned]:
    """Remove what no promotion of the last months needs, nor the current one, nor the one that stands in for it.

    Renditions made under wider rules than an audience's rules of today go at once, unless another audience may see
    them; what was replaced less than an hour ago stays. Promotions stay, so that sequences do. Raises BusyError while
    somebody publishes, StoreError when it is no store, DamagedError when a promotion cannot be read: what it needs
    cannot be known, and nothing is removed.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    with store.publishing():
        for path in (path for layer in store.layers() for path in store.promotion_files(layer)):
            if store.promotion(path) is None:
                raise DamagedError(f"{path} cannot be read, so nothing was removed. Restore it from a backup first.")
        moment = moment or now()
        horizon = min(months_before(moment, keep_months), moment - KEEP_AT_LEAST)
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
    stands_in = list(_standing_in(store, history))
    kept += stands_in
    renditions = _open_to_somebody(history, horizon)
    renditions |= {name for promotion in (*history[-1:], *stands_in) for name in promotion.named()}
    editions = {promotion.edition for promotion in kept}
    pairs = set(_pairs(history, renditions))
    removed = {
        "renditions": [path for path in _folders(store, "renditions", layer) if path.name not in renditions],
        "editions": [path for path in _folders(store, "editions", layer) if path.name not in editions],
        "changes": [path for path in _folders(store, "changes", layer) if path.name not in pairs],
    }
    if not any(removed.values()):
        return None
    freed = sum(remove_folder(store, path) for kind in KINDS for path in removed[kind])
    return Pruned(layer, {kind: len(paths) for kind, paths in removed.items()}, freed)


def _open_to_somebody(history: list[Promotion], horizon: datetime) -> set[str]:
    """Renditions of states that an audience may still ask for: under rules that hold, and not ended too long ago."""
    found = set()
    for timeline in timelines(history, today()).values():
        for step, following in [*pairwise(timeline), (timeline[-1], None)]:
            if step.readable and step.rendition and (following is None or following.since >= horizon):
                found.add(step.rendition)
    return found


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
        seen = [step.rendition for step in timeline if step.readable]
        asked: Iterable[tuple[str | None, str | None]] = [*pairwise(seen), *((older, seen[-1]) for older in seen[:-1])]
        for older, newer in asked:
            if older in renditions and newer in renditions:
                yield f"{older}-{newer}"


def _folders(store: Store, kind: str, layer: str) -> list[Path]:
    folder = store.root / kind / layer
    return sorted(folder.iterdir()) if folder.is_dir() else []


def remove_folder(store: Store, folder: Path) -> int:
    """Take a folder away, whole, and return its bytes. What is open stays open to who reads it."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with files.saying_why(f"removing {folder}"), store.making() as making:
        folder.rename(making / folder.name)
    return size
