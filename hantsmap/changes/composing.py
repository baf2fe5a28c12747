"""Two change sets after one another as one: for a state whose rendition is gone, such as after a record was erased."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hantsmap.changes.difference import GEOMETRY, SCHEMA, ChangeSet, Kind, written_ids
from hantsmap.rendition import Rendition


def composed(first: ChangeSet, second: ChangeSet, newer: Rendition) -> ChangeSet:
    """What leads from the older state of `first` to the newer one of `second`, of which `newer` is the rendition.

    A feature stands in it once. One that was changed in both names the fields of both, also where the second change
    took the first one back: the older state is not there to compare with.
    """
    kept: dict[str, tuple[Kind, int]] = {}
    changes = [{name: (change.kinds[kind], position) for name, kind, position in zip(
        *(change.table[column].to_pylist() for column in SCHEMA.names), strict=True)} for change in (first, second)]
    before, after = changes
    # What only the first one changed is the same in the newer rendition, at a place of its own.
    places = _places(newer, [name for name, (kind, _) in before.items() if kind.op != "delete" and name not in after])
    for name, (kind, _) in before.items():
        if name not in after:
            kept[name] = (kind, -1 if kind.op == "delete" else places[name])
    for name, (kind, position) in after.items():
        combined = _both(before[name][0], kind, newer) if name in before else kind
        if combined is not None:
            kept[name] = (combined, position)
    return _change_set(kept)


def _both(first: Kind, second: Kind, newer: Rendition) -> Kind | None:
    """One change of a feature after another one; None where it was not there before, nor is now."""
    match first.op, second.op:
        case "insert", "delete":
            return None
        case "insert", _:
            return first
        case _, "delete":
            return second
        case "delete", "insert":
            return _update((*newer.fields, GEOMETRY))
    # Fields that the newer state does not have are not named: whoever asks may not know of them.
    known = (*newer.fields, GEOMETRY)
    return _update(tuple(name for name in known if name in first.fields or name in second.fields))


def _update(fields: tuple[str, ...]) -> Kind:
    attributes, geometry = any(name != GEOMETRY for name in fields), GEOMETRY in fields
    words = "Modified Geometry And Attributes" if attributes and geometry else \
        "Modified Geometry" if geometry else "Modified Attributes"
    return Kind("update", words, fields)


def _places(rendition: Rendition, names: list[str]) -> dict[str, int]:
    """Positions in a rendition of features, by their ids as JSON texts."""
    wanted = set(names)
    return {name: position for position, name in enumerate(written_ids(rendition).to_pylist()) if name in wanted} \
        if wanted else {}


def _change_set(kept: dict[str, tuple[Kind, int]]) -> ChangeSet:
    kinds = tuple(dict.fromkeys(kind for kind, _ in kept.values()))
    number = {kind: place for place, kind in enumerate(kinds)}
    positions = np.array([position for _, position in kept.values()], np.int64)
    order = pa.array(np.argsort(positions, kind="stable"))
    columns = [pa.array(list(kept), pa.large_string()),
               pa.array([number[kind] for kind, _ in kept.values()], pa.int32()), pa.array(positions)]
    return ChangeSet(kinds, pa.table([column.take(order) for column in columns], schema=SCHEMA))
