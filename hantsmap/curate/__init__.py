"""Raw frame in, clean table out, with a list of findings: nothing is mended or left out in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap.curate import columns, shapes
from hantsmap.curate.keys import check_keys
from hantsmap.curate.log import Log, Positions
from hantsmap.curate.losses import check_columns
from hantsmap.curate.shapes import Shapes
from hantsmap.fields import row_key
from hantsmap.findings import Finding, Kind, RowNote
from hantsmap.layer import CodeList, Field, FieldType, Layer


@dataclass(frozen=True, slots=True)
class Curated:
    """A clean layer: `table` has the id and the served fields, one row per feature, sorted by id.

    `shapes` are the geometries (shapely, EPSG:27700 metres, possibly with heights), or None for a layer without;
    `open_shapes` the open ones of a layer whose `shapes` are licensed, None where a feature has none.
    """

    fields: Mapping[str, Field]
    table: pa.Table
    shapes: Shapes | None
    findings: tuple[Finding, ...]
    open_shapes: Shapes | None = None


def curate(
    name: str,
    layer: Layer,
    frame: Any,
    extent: tuple[float, float, float, float],
    code_lists: Mapping[str, CodeList],
    before: tuple[Finding, ...] = (),
    *,
    numbers: Sequence[int] = (),
    notes: Mapping[int, RowNote] = MappingProxyType({}),
) -> Curated:
    """Curate a raw GeoDataFrame. `extent` is in EPSG:27700; `before` are the findings of reading the source.

    `numbers` are the rows' numbers in the source, if they are not 1, 2, 3 ...; `notes` what reading the source found
    about a row, by its position. Faults too grave to publish are findings of kind `blocking`; then the table may be
    incomplete.
    """
    log = Log(name)
    log.findings.extend(before)
    served = layer.served_fields(code_lists)
    missing = [field for field in layer.fields if field not in frame.columns]
    if missing or not (len(frame) or layer.may_be_empty):
        _nothing_to_publish(log, layer, frame, missing)
        return Curated(served, pa.table({"id": pa.array([], pa.string())}), None, tuple(log.findings))
    numbers = numbers if len(numbers) else range(1, len(frame) + 1)
    log.names = [f"row {number}" for number in numbers]
    table = _columns(log, layer, frame, code_lists)
    _tell_notes(log, notes)
    geometry = None if layer.geometry == "none" else shapes.curated(
        log, np.array(frame.geometry.values, dtype=object), frame.crs, layer, extent, notes)
    keep = _required(log, layer, table) & (True if geometry is None else ~shapely.is_missing(geometry))
    keep &= _first_of_equals(log, table, geometry, keep, numbers)
    table, geometry, log.names = _only(keep, table, geometry, log.names)
    _check_rows(log, layer, table, geometry)
    _check_losses(log, layer, len(frame))
    return _finished(log, layer, served, table, geometry, code_lists)


def _columns(log: Log, layer: Layer, frame: Any, code_lists: Mapping[str, CodeList]) -> pa.Table:
    # Keys first: they are the names of the rows in the findings on the other columns.
    order = sorted(layer.fields, key=lambda field: field not in layer.key)
    typed: dict[str, pa.Array] = {}
    for field in order:
        typed[field] = columns.column(log, field, layer, frame[field], code_lists)
        if field == order[len(layer.key) - 1]:
            log.names = _named(layer, typed, log.names)
    return pa.table({field: typed[field] for field in layer.fields})


def _tell_notes(log: Log, notes: Mapping[int, RowNote]) -> None:
    """What reading the source found about rows, under the rows' keys."""
    groups: dict[tuple[str, Kind, str | None], list[int]] = {}
    for row, note in sorted(notes.items()):
        groups.setdefault((note.rule, note.kind, note.field), []).append(row)
    for (rule, kind, field), rows in groups.items():
        log.rows(rule, kind, np.array(rows, dtype=np.intp), lambda row: notes[row].sentence, field)


def _nothing_to_publish(log: Log, layer: Layer, frame: Any, missing: list[str]) -> None:
    spare = [str(column) for column in frame.columns if column != "geometry" and column not in layer.fields]
    for field in missing:
        hint = f" It has also {', '.join(spare)}: is it one of them, under another name?" if spare else ""
        log.whole("missing-column", Kind.BLOCKING, f"the source has no column {field}.{hint}", field)
    if not len(frame) and not layer.may_be_empty:
        kept = " that `where` and `clip` keep" if layer.source.where or layer.source.clip else ""
        log.whole("no-rows", Kind.BLOCKING, f"the source has no rows{kept}. If that can be right, set "
                  "`may_be_empty: true`.")


def _named(layer: Layer, typed: Mapping[str, pa.Array], numbers: Sequence[str]) -> Sequence[str]:
    """Each row by its key, or by its number where the key is not whole."""
    keys = zip(*(typed[field].to_pylist() for field in layer.key), strict=True)
    return [number if None in key else row_key([str(part) for part in key])
            for key, number in zip(keys, numbers, strict=True)]


def _required(log: Log, layer: Layer, table: pa.Table) -> shapes.Mask:
    keep = np.ones(len(table), dtype=bool)
    for name in layer.fields:
        if layer.drops_without(name):
            empty = pc.is_null(table[name]).to_numpy()
            keep &= ~empty
            # The finding on the value, where there is one, says that the row is left out.
            empty[list(log.emptied.get(name, ()))] = False
            log.rows("missing-value", Kind.DROPPED, np.flatnonzero(empty),
                     lambda row: "has no value here: the row is left out.", name)
    return keep


def _first_of_equals(log: Log, table: pa.Table, geometry: Any, keep: shapes.Mask,
                     numbers: Sequence[int]) -> shapes.Mask:
    """Rows that are not exact copies (fields and geometry) of a row before them."""
    # Copies have the same key, so only rows whose name stands twice are compared.
    names = Counter(log.names)
    rows = [row for row, name in enumerate(log.names) if names[name] > 1 and keep[row]]
    contents = table.take(pa.array(rows, pa.int64())).to_pylist()
    first: dict[Any, int] = {}
    copies = {}
    for row, content in zip(rows, contents, strict=True):
        whole = (repr(content), None if geometry is None else shapely.to_wkb(geometry[row]))
        if first.setdefault(whole, row) != row:
            copies[row] = first[whole]
    log.rows("duplicate-row", Kind.DROPPED, np.array(sorted(copies), dtype=np.intp),
             lambda row: f"row {numbers[row]} is an exact copy of row {numbers[copies[row]]}.")
    fresh = np.ones(len(table), dtype=bool)
    fresh[list(copies)] = False
    return fresh


def _only(keep: shapes.Mask, table: pa.Table, geometry: Any, names: Any) -> tuple[pa.Table, Any, list[str]]:
    kept = np.flatnonzero(keep)
    return table.take(pa.array(kept)), None if geometry is None else geometry[kept], [names[row] for row in kept]


def _check_rows(log: Log, layer: Layer, table: pa.Table, geometry: shapes.Shapes | None) -> None:
    check_keys(log, layer, table)
    for name, field in layer.fields.items():
        if field.unique:
            values = table[name].to_pylist()
            log.rows("repeated-value", Kind.DOUBTFUL, _again(values), partial(_repeated, values), name)
    if layer.together and geometry is not None:
        groups = table[layer.together.field].to_pylist()
        shapes.apart(log, geometry, groups, layer.together.within_m, layer.together.field)


def _again(values: Sequence[Any]) -> Positions:
    """Positions of values that stood before."""
    first: dict[Any, int] = {}
    return np.array([row for row, value in enumerate(values)
                     if value is not None and first.setdefault(str(value), row) != row], dtype=np.intp)


def _repeated(values: Sequence[Any], row: int) -> str:
    return f"{values[row]!r} stands on another row too."


def _check_losses(log: Log, layer: Layer, rows: int) -> None:
    check_columns(log, layer)
    lost = rows - len(log.names)
    if not log.names and not layer.may_be_empty:
        log.whole("no-rows", Kind.BLOCKING, "no row is left to publish.")
    elif lost > layer.max_dropped * rows:
        log.whole("too-many-dropped", Kind.BLOCKING, f"{lost:,} of {rows:,} rows would be dropped, more than "
                  f"max_dropped {layer.max_dropped:.0%}. Correct the source, or raise `max_dropped` in the registry.")


def _finished(log: Log, layer: Layer, served: Mapping[str, Field], table: pa.Table, geometry: Any,
              code_lists: Mapping[str, CodeList]) -> Curated:
    """Twins made, ids first, rows sorted by id: the same source gives the same table in whatever order it came."""
    whole_number = len(layer.key) == 1 and layer.fields[layer.key[0]].type is FieldType.INTEGER
    ids = table[layer.key[0]] if whole_number else pa.array(log.names, pa.string())
    made = {"id": ids}
    for name in layer.fields:
        made[name] = table[name]
        if f"{name}_text" in served and f"{name}_text" not in layer.fields:
            codes = table[name].combine_chunks()
            made[f"{name}_text"] = columns.twin(codes, code_lists[layer.fields[name].codes or ""])
    order = pc.sort_indices(made["id"])
    return Curated(served, pa.table(made).take(order), None if geometry is None else geometry[order.to_numpy()],
                   tuple(log.findings))
