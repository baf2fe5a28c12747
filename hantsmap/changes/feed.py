"""The changes of a layer since a state, for one audience: which change sets, and their texts, stretch by stretch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap import deadline
from hantsmap.catalogue import Entry
from hantsmap.changes.difference import ChangeSet, Kind, difference, written_ids
from hantsmap.changes.keeping import change_set, whole_rendition
from hantsmap.changes.told import still_told
from hantsmap.crs import Crs
from hantsmap.errors import DamagedError, PrunedError, QueryError
from hantsmap.query import Query, texts
from hantsmap.rendition import Rendition
from hantsmap.store import Step, Store
from hantsmap.store.timeline import at, history_start, sequence_before

# Changes written at a time: bounds the memory of an answer.
BATCH = 2_000
# A deleted feature as GeoJSON, before and after its id.
GONE = (b'{"type":"Feature","id":', b',"geometry":null,"properties":null')
# RFC 3339 5.6. In an address, a plus that is not encoded arrives as a space.
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stage:
    """Changes that lead to the state `step`, of which `rendition` has the features (None where there is no layer)."""

    step: Step
    changes: ChangeSet
    rendition: Rendition | None


@dataclass(frozen=True, slots=True)
class Feed:
    """All changes since a state, oldest first; with the net ones, a feature stands there once."""

    layer: str
    stages: tuple[Stage, ...]

    @property
    def count(self) -> int:
        """Number of changes."""
        return sum(stage.changes.count for stage in self.stages)

    def ndjson(self, system: Crs) -> Iterator[bytes]:
        """The changes as JSON texts in `system`, each followed by a line feed; many lines at a time."""
        for stage in self.stages:
            heads = [b"{" + _words(self.layer, stage.step, kind) + b',"id":' for kind in stage.changes.kinds]
            for rows in _stretches(stage, system):
                yield b"".join(part for kind, name, text in rows for part in (
                    heads[kind], name, b',"feature":', b"null" if text is None else text, b"}\n"))

    def features(self, system: Crs) -> Iterator[bytes]:
        """The changes as GeoJSON Features in `system`, each followed by a comma, what was done beside its members.

        A deleted feature has null for its geometry and its properties.
        """
        for stage in self.stages:
            tails = [b"," + _words(self.layer, stage.step, kind) + b"}," for kind in stage.changes.kinds]
            for rows in _stretches(stage, system):
                yield b"".join(part for kind, name, text in rows for part in (
                    *((GONE[0], name, GONE[1]) if text is None else (text[:-1],)), tails[kind]))


def read_since(entry: Entry, given: str | None, now: datetime | None = None) -> int:
    """The state that `since` means: its sequence, or an RFC 3339 time of which it is the state.

    Raises QueryError when it is missing, malformed, or of a time or a state that is yet to come, and PrunedError for a
    time before a history that has started anew: what was held then may be more than what is told from 0 on.
    """
    current = f"The sequence of {entry.layer} is {entry.sequence} now."
    if given is None or not given.strip():
        raise QueryError("Say since when: since=12 (a sequence, 0 for the beginning) or since=2026-01-31T02:00:00Z. "
                         + current, "since")
    if given.isascii() and given.isdigit() and len(given) <= 15:
        if int(given) > entry.sequence:
            raise QueryError(f"since={given} is yet to come. {current}", "since")
        return int(given)
    moment = _moment(given)
    if moment is None:
        raise QueryError(f"since `{given}` is neither a sequence, such as 12, nor a time with its zone, such as "
                         f"2026-01-31T02:00:00Z. {current}", "since")
    if moment > (now or datetime.now(UTC)):
        raise QueryError(f"since={given} is yet to come.", "since")
    found, start = sequence_before(entry.timeline, moment), history_start(entry.timeline)
    if found < start and start > 1:
        raise PrunedError(entry.layer, given, start)
    return found


def _moment(text: str) -> datetime | None:
    if not TIME.fullmatch(text):
        return None
    try:
        parsed = datetime.fromisoformat(text[:-6].upper() + text[-6:].replace(" ", "+").upper())
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def feed(store: Store, entry: Entry, since: int, *, history: bool = False) -> Feed:
    """What leads the audience of an entry from one of its states to what it sees now.

    Net changes by default: between the two states and nothing between. `history` tells every state on the way; from 0,
    that is from the oldest state that may be told. What is withheld now is in neither (hantsmap.changes.told). Raises
    PrunedError when a rendition that is needed is no longer kept, or was made under wider rules.
    """
    try:
        if history:
            return Feed(entry.layer, _without_withheld(entry, _history(store, entry, since)))
        older = kept(store, entry, since)
        if older == entry.rendition.id:
            return Feed(entry.layer, ())
        return Feed(entry.layer, (_stage(store, entry, older, entry.timeline[-1]),))
    except DamagedError:
        raise PrunedError(entry.layer, since, _oldest(store, entry, since, history=history)) from None


def _history(store: Store, entry: Entry, since: int) -> list[Stage]:
    """Each state after `since`, one by one; from 0, from the oldest one that may be told."""
    if since:
        return [_stage(store, entry, kept(store, entry, step.sequence - 1), step) for step in entry.timeline[since:]]
    for begin in range(_oldest(store, entry, 0, history=True), entry.sequence):
        # A file on the way that is not what was written ends what can be told before it.
        with suppress(DamagedError):
            return [_stage(store, entry, None, entry.timeline[begin - 1]), *_history(store, entry, begin)]
    return [_stage(store, entry, None, entry.timeline[-1])]


def _without_withheld(entry: Entry, stages: list[Stage]) -> tuple[Stage, ...]:
    """The stages without what is withheld now: older texts that may not be told, and all but the last delete of a row
    that is not there any more."""
    current = entry.rendition
    present = written_ids(current)
    gone = pa.array([], pa.large_string())
    left = []
    for stage in reversed(stages):
        ids = stage.changes.table["id"].combine_chunks()
        positions = stage.changes.table["position"].to_numpy()
        told = np.ones(len(ids), bool)
        if stage.rendition is not None and stage.rendition.id != current.id:
            placed = positions >= 0
            told[placed] = still_told(stage.rendition, current).text[positions[placed]]
        deleted = (positions < 0) & ~pc.is_in(ids, value_set=present).to_numpy(zero_copy_only=False)
        told &= ~(deleted & pc.is_in(ids, value_set=gone).to_numpy(zero_copy_only=False))
        gone = pa.concat_arrays([gone, ids.filter(pa.array(deleted))])
        changes = ChangeSet(stage.changes.kinds, stage.changes.table.filter(pa.array(told)))
        left.append(Stage(stage.step, changes, stage.rendition))
    return tuple(reversed(left))


def kept(store: Store, entry: Entry, sequence: int) -> str | None:
    """The rendition of a state. Raises DamagedError when it ended before what is kept, or was made under wider rules.

    By time, and not by what happens to be there: another audience's renditions say nothing to this one.
    """
    horizon = store.horizon()
    if 0 < sequence < entry.sequence and horizon is not None and entry.timeline[sequence].since < horizon:
        raise DamagedError(f"State {sequence} of {entry.layer} has been pruned.")
    return at(entry.timeline, sequence)


def _stage(store: Store, entry: Entry, older: str | None, step: Step) -> Stage:
    """The changes from a rendition to that of a step; from or to no layer they are simple, and are not kept."""

    def opened(name: str | None) -> Rendition | None:
        if name == entry.rendition.id:
            return entry.rendition
        return whole_rendition(store.rendition(entry.layer, name)) if name else None

    after = opened(step.rendition)
    if older is None or after is None:
        return Stage(step, difference(opened(older), after), after)
    seen = {state.rendition for state in entry.timeline if state.rendition and state.readable}
    return Stage(step, change_set(store, entry.layer, older, after.id, through=seen), after)


def _oldest(store: Store, entry: Entry, since: int, *, history: bool) -> int:
    """The oldest state after `since` from which changes can be told; with the history, all states after it too."""
    oldest = entry.sequence
    for sequence in range(entry.sequence - 1, since, -1):
        if _readable(store, entry, sequence):
            oldest = sequence
        elif history:
            break
    return oldest


def _readable(store: Store, entry: Entry, sequence: int) -> bool:
    try:
        rendition = kept(store, entry, sequence)
        return rendition is None or bool(Rendition(store.rendition(entry.layer, rendition)).id)
    except DamagedError:
        return False


def _words(layer: str, step: Step, kind: Kind) -> bytes:
    """What a change says beside its id and its feature, as the members of a JSON object."""
    return orjson.dumps({
        "seq": step.sequence, "changed_at": f"{step.since:%Y-%m-%dT%H:%M:%SZ}", "op": kind.op,
        "changetype": kind.changetype, "collection": layer, "fields_changed": kind.fields})[1:-1]


Row = tuple[int, memoryview, memoryview | bytes | None]


def _stretches(stage: Stage, system: Crs) -> Iterator[Iterable[Row]]:
    """Changes, some at a time: place of the kind, id as JSON, and the feature's text, None for a delete.

    The columns are read as they lie: what arrow would do to convert them loads a library that is larger than a worker.
    """
    ids, kinds, positions = (stage.changes.table[name].combine_chunks() for name in ("id", "kind", "position"))
    count = stage.changes.count
    written = memoryview(ids.buffers()[2] or b"")
    offsets, which, where = (_numbers(column, kind, least) for column, kind, least in (
        (ids, np.int64, count + 1), (kinds, np.int32, count), (positions, np.int64, count)))
    for start in range(0, count, BATCH):
        deadline.check()
        end = min(start + BATCH, count)
        ends = offsets[start: end + 1].tolist()
        kept = where[start:end][where[start:end] >= 0]
        # Deletes come first.
        told = chain(repeat(None, end - start - len(kept)), _texts(stage, system, kept))
        yield zip(which[start:end].tolist(), (written[at:to] for at, to in pairwise(ends)), told, strict=True)


def _numbers(column: pa.Array, kind: Any, count: int) -> NDArray[Any]:
    """Numbers of a column, or the offsets of its texts, without a copy."""
    buffer, first = column.buffers()[1], column.offset
    if buffer is None or not buffer.size:
        return np.zeros(1, kind)
    return np.frombuffer(buffer, kind)[first: first + count]


def _texts(stage: Stage, system: Crs, positions: Any) -> Iterator[memoryview | bytes]:
    if stage.rendition is None or not len(positions):
        return iter(())
    if stage.rendition.has_texts(system.uri):
        return stage.rendition.features(system.uri, positions)
    made = texts(stage.rendition, Query(crs=system), positions)
    return (bytes(text).removesuffix(b",") for text in made)
