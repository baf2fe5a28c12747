"""What a new edition would lose of the one that it replaces, and what a publication would withdraw.

A source that was cut short, or a registry of another county, looks like any other. So a loss beyond a share is
published only after somebody has accepted it; and so is another key of a layer from which records were erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hantsmap.curate import Curated
from hantsmap.errors import BlockedError, DamagedError, UnreadableError
from hantsmap.findings import Finding, Kind, blocking
from hantsmap.layer import Layer
from hantsmap.store import Store, files

OPEN_GEOMETRY = "open_geometry"
_NAMED = 5
# Of the layers that are served; one is always too many to lose beside another.
_SHARE_WITHDRAWN = 0.1


class Loss(NamedTuple):
    """A loss that is too large: the rule of its finding, the sentence, and the field where it is of one."""

    rule: str
    sentence: str
    field: str | None


def with_losses(store: Store, name: str, layer: Layer, curated: Curated, *, accepted: bool) -> Curated:
    """The curated layer, with findings for what its current edition has and it has not, beyond `max_change`.

    Rows are compared by id. Cells are those of rows that stay, field by field. The findings are blocking, or doubtful
    where somebody accepted them. There are none for the first edition of a layer, for one whose current edition is
    damaged, and for a layer that may be empty and becomes so.
    """
    # The newest record that can be read: damage to the newest one is no reason to publish a loss.
    current = next(store.newest_first(name), None)
    if current is None or current.edition is None or blocking(curated.findings):
        return curated
    if layer.may_be_empty and not len(curated.table):
        return curated
    folder = store.edition(name, current.edition)
    try:
        files.whole(folder, "edition.json")
    except DamagedError:
        return curated
    found = _losses(layer, folder / "curated.parquet", curated)
    kind = Kind.DOUBTFUL if accepted else Kind.BLOCKING
    advice = "Somebody accepted this." if accepted else f"If this is right: hantsmap publish --accept {name}."
    more = [Finding(name, rule, kind, f"{sentence} {advice}", field=field) for rule, sentence, field in found]
    return replace(curated, findings=(*curated.findings, *more))


def with_other_key(store: Store, name: str, layer: Layer, curated: Curated, *, accepted: bool) -> Curated:
    """The curated layer, with a finding where records were erased from it and its ids are no longer made as they were.

    Erased records are known by their ids: under other ids they would be published again. The finding is blocking, or
    doubtful where somebody accepted it.
    """
    before = next(store.newest_first(name), None)
    made_of = id_parts(layer)
    if before is None or not before.erasures or before.key in ((), made_of):
        return curated
    kind = Kind.DOUBTFUL if accepted else Kind.BLOCKING
    advice = "Somebody accepted this." if accepted else (
        f"Set `key` and `type` as they were; or delete the erased records at the source, then run: "
        f"hantsmap publish --accept {name}.")
    sentence = (f"The key was {', '.join(before.key)} and is now {', '.join(made_of)}. Erased records are known by "
                f"their ids, so those that the source still holds are published again under their new ids. {advice}")
    return replace(curated, findings=(Finding(name, "erased-ids-change", kind, sentence), *curated.findings))


def id_parts(layer: Layer) -> tuple[str, ...]:
    """What the ids of a layer are made of, in order: each field of its key with its type."""
    return tuple(f"{field} ({layer.fields[field].type})" for field in layer.key)


def _losses(layer: Layer, file: Path, curated: Curated) -> Iterator[Loss]:
    old = pc.cast(pq.read_table(file, columns=["id"])["id"], pa.string()).combine_chunks()
    new = pc.cast(curated.table["id"], pa.string()).combine_chunks()
    at = pc.index_in(old, new)
    yield from _rows(layer, old.filter(pc.is_null(at)), len(old))
    for field in (*layer.fields, OPEN_GEOMETRY):
        before, now = _filled_before(file, field, pc.is_valid(at)), _filled_now(curated, field, at)
        if before is not None and now is not None:
            yield from _cells(layer, field, before, now)


def _rows(layer: Layer, gone: pa.Array, rows: int) -> Iterator[Loss]:
    if len(gone) > layer.max_change * rows:
        named = ", ".join(gone.slice(0, _NAMED).to_pylist()) + (" and others" if len(gone) > _NAMED else "")
        yield Loss("rows-vanish", f"{len(gone):,} of {rows:,} rows that are published now would vanish ({named}), more "
                                  f"than max_change {layer.max_change:.0%}.", None)


def _cells(layer: Layer, field: str, before: pa.Array, now: pa.Array) -> Iterator[Loss]:
    filled = pc.sum(before).as_py() or 0
    emptied = pc.sum(pc.and_(before, pc.invert(now))).as_py() or 0
    if emptied > layer.max_change * filled:
        yield Loss("cells-vanish", f"{emptied:,} of {filled:,} values that are published now would become empty, more "
                                   f"than max_change {layer.max_change:.0%}.", field)


def _filled_before(file: Path, field: str, stays: pa.Array) -> pa.Array | None:
    if field not in pq.read_schema(file).names:
        return None
    return pc.is_valid(pq.read_table(file, columns=[field])[field].combine_chunks()).filter(stays)


def _filled_now(curated: Curated, field: str, at: pa.Array) -> pa.Array | None:
    if field == OPEN_GEOMETRY:
        shapes = curated.open_shapes
        filled = None if shapes is None else pa.array(np.array([shape is not None for shape in shapes], dtype=bool))
    else:
        filled = pc.is_valid(curated.table[field]).combine_chunks() if field in curated.table.column_names else None
    return None if filled is None else filled.take(at.drop_null())


def check_withdrawals(store: Store, layers: Collection[str], *, withdraw: bool) -> None:
    """Raises BlockedError where a full publication would withdraw more than one layer, or a tenth of those served.

    `layers` are those of the registry: others that are served would be withdrawn. `withdraw` says that they may go.
    """
    served = [name for name in store.layers() if not _withdrawn(store, name)]
    gone = [name for name in served if name not in layers]
    if withdraw or not gone or (len(gone) == 1 and len(gone) <= _SHARE_WITHDRAWN * len(served)):
        return
    what = "1 layer" if len(served) == 1 else f"{len(gone)} of {len(served)} layers"
    raise BlockedError(
        f"{what} would be withdrawn, because the registry does not have them: {', '.join(gone)}. Nothing was "
        "published. If they should go: hantsmap publish --withdraw. If not, check --registry and --store.")


def _withdrawn(store: Store, name: str) -> bool:
    """Whether a layer is withdrawn. One whose newest record cannot be read counts as served."""
    with suppress(UnreadableError):
        current = store.current(name)
        return current is not None and current.action == "withdrawn"
    return False
