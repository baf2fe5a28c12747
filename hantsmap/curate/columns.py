"""Columns of the curated table: trimmed, typed, within their code list and range; every change is a finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.curate import date_columns
from hantsmap.curate.dates import FIRST_YEAR, LAST_YEAR
from hantsmap.curate.log import Log, Positions
from hantsmap.curate.losses import Lost, fate
from hantsmap.curate.values import A_VALUE, ARROW, MISREAD, PARSERS, in_unit, reread
from hantsmap.findings import Kind
from hantsmap.layer import CodeList, Field, FieldType, Layer

# Letters of a value that a sentence quotes.
MOST_QUOTED = 80
# Types that arrive as they leave, with nothing to read.
READY: dict[FieldType, Callable[[pa.DataType], bool]] = {
    FieldType.INTEGER: lambda kind: pa.types.is_integer(kind) and not pa.types.is_uint64(kind),
    FieldType.NUMBER: pa.types.is_integer,
    FieldType.BOOLEAN: pa.types.is_boolean,
}
# pandas and programs built on it write this for a missing date.
NO_DATE = "NaT"


def column(
    log: Log, name: str, layer: Layer, raw: Any, code_lists: Mapping[str, CodeList]
) -> pa.Array:
    """A raw column (pandas Series) as an arrow array of the field's type; null where a value cannot stand.

    What is lost is noted in `log.losses`. A row whose key or required value is lost is left out, and the finding on the
    value says so.
    """
    field = layer.fields[name]
    array = _arrow(raw)
    if pa.types.is_string(array.type):
        array = _without_missing(log, name, field, _trimmed(log, name, array))
        _doubt_encoding(log, name, array)
    lost = Lost(log, name, fate(layer, name))
    typed = _typed(lost, layer, field, array)
    if field.codes:
        typed = _coded(lost, field, typed, code_lists[field.codes])
    if field.minimum is not None or field.maximum is not None:
        typed = _ranged(lost, field, typed)
    lost.close(field, array)
    return typed


def twin(codes: pa.Array, code_list: CodeList) -> pa.Array:
    """The words of a coded column."""
    words = code_list.values
    encoded = pc.cast(codes, pa.string()).dictionary_encode()
    return pc.take(pa.array([words.get(code) for code in encoded.dictionary.to_pylist()], pa.string()), encoded.indices)


def _arrow(raw: Any) -> pa.Array:
    try:
        array = pa.Array.from_pandas(raw)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column of mixed values: as text, each value says what it is when it is read.
        array = pa.array([None if _missing(value) else _written(value) for value in raw], pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) or pa.types.is_null(array.type) else array


def _missing(value: Any) -> bool:
    if value is None or isinstance(value, (str, list, tuple, dict, np.ndarray)):
        return value is None
    try:
        # NaN and pandas' NaT are not equal to themselves.
        return bool(value != value)
    except TypeError:
        # pandas' NA has no truth value.
        return True


def _written(value: Any) -> str:
    plain = value.tolist() if isinstance(value, np.ndarray) else value
    return json.dumps(plain, default=str) if isinstance(plain, (list, tuple, dict)) else str(plain)


def _trimmed(log: Log, name: str, array: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(array)
    # A cell of nothing but spaces is an empty cell, and no fault.
    changed = _where(pc.and_(pc.not_equal(array, trimmed), pc.not_equal(trimmed, "")))
    log.rows("trailing-space", Kind.REPAIRED, changed,
             lambda row: f"white space around {_said(array, row)} was removed.", name)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _doubt_encoding(log: Log, name: str, array: pa.Array) -> None:
    """A doubt about text that is UTF-8 read in another encoding: `CafÃ©` for `Café`."""
    suspects = _where(pc.match_substring_regex(array, MISREAD))
    if not len(suspects):
        return
    words = array.take(pa.array(suspects)).dictionary_encode()
    right = pc.take(pa.array([reread(word) for word in words.dictionary.to_pylist()], pa.string()), words.indices)
    found = _where(pc.is_valid(right))
    if len(found):
        first = int(found[0])
        log.whole("misread-text", Kind.DOUBTFUL, (
            f"UTF-8 seems to have been read in another encoding ({len(found):,} of the values). The first, in "
            f"{log.names[suspects[first]]}: {_said(array, int(suspects[first]))} for {right[first].as_py()!r}. Set "
            "`encoding: utf-8` in the source, or correct the source."), name)


def _without_missing(log: Log, name: str, field: Field, array: pa.Array) -> pa.Array:
    """Texts that the registry says mean "no value" become null, and so does NaT in a column of dates."""
    nothing = pa.scalar(None, pa.string())
    if field.missing:
        array = pc.if_else(pc.is_in(array, pa.array(field.missing, pa.string())), nothing, array)
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        written = pc.fill_null(pc.equal(array, NO_DATE), False)
        count = pc.sum(written).as_py() or 0
        if count:
            said = "1 value is" if count == 1 else f"{count:,} values are"
            log.whole("no-date", Kind.REPAIRED,
                      f"{said} `{NO_DATE}`, which programs write for no date: left empty.", name)
            array = pc.if_else(written, nothing, array)
    return array


def _typed(lost: Lost, layer: Layer, field: Field, array: pa.Array) -> pa.Array:
    goal = ARROW[field.type]
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        return _dated(lost, layer, field, array)
    if array.type == goal and field.type is FieldType.STRING:
        return array
    if field.type in READY and READY[field.type](array.type):
        return array.cast(goal)
    if field.type is FieldType.NUMBER and pa.types.is_floating(array.type):
        array = array.cast(goal)
        typed = pc.if_else(pc.is_finite(array), array, pa.scalar(None, goal))
    else:
        parse = PARSERS[field.type]
        if field.unit and field.type in (FieldType.INTEGER, FieldType.NUMBER):
            without = in_unit(field.unit)
            typed = _parsed(array, lambda value: parse(without(value)), goal)
        else:
            typed = _parsed(array, parse, goal)
    lost.rows("bad-value", _where(pc.and_(pc.is_valid(array), pc.is_null(typed))),
              lambda row: f"{_said(array, row)} is not {A_VALUE[field.type]}")
    return typed


def _parsed(array: pa.Array, parse: Callable[[Any], Any], goal: pa.DataType) -> pa.Array:
    """Each value read once, however often it stands there."""
    nested = pa.types.is_nested(array.type)
    encoded = None if nested else array.dictionary_encode()
    values = array.to_pylist() if encoded is None else encoded.dictionary.to_pylist()
    parsed = pa.array([None if value is None else parse(value) for value in values], goal)
    return parsed if encoded is None else pc.take(parsed, encoded.indices)


def _said(array: pa.Array, row: int) -> str:
    """A value as a sentence quotes it."""
    text = repr(array[row].as_py())
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}..."


def _coded(lost: Lost, field: Field, array: pa.Array, code_list: CodeList) -> pa.Array:
    if pa.types.is_list(array.type):
        known = set(code_list.values)
        kept = [None if v is None else [c for c in v if str(c) in known] for v in array.to_pylist()]
        changed = np.flatnonzero([a != b for a, b in zip(kept, array.to_pylist(), strict=True)])
        lost.parts("unknown-code", changed, lambda row: (
            f"{_said(array, row)} has codes that are not in the code list {field.codes}: left out."))
        return pa.array(kept, array.type)
    known_codes = pa.array(list(code_list.values), pa.string())
    valid = pc.is_in(pc.cast(array, pa.string()), known_codes)
    lost.rows("unknown-code", _where(pc.and_(pc.is_valid(array), pc.invert(valid))),
              lambda row: f"{_said(array, row)} is not in the code list {field.codes}")
    return pc.if_else(valid, array, pa.scalar(None, array.type))


def _dated(lost: Lost, layer: Layer, field: Field, array: pa.Array) -> pa.Array:
    if pa.types.is_nested(array.type):
        array = pa.array([None if value is None else _written(value) for value in array.to_pylist()], pa.string())
    read = date_columns.read(lost.log, lost.name, field, array, ZoneInfo(layer.source.timezone),
                             zone_declared="timezone" in layer.source.model_fields_set)
    declared = " as its `format` says" if field.format else ""
    lost.rows("bad-value", _where(pc.and_(pc.is_valid(array), pc.is_null(read.days))),
              lambda row: f"{_said(array, row)} is not {A_VALUE[field.type]}{declared}")
    lost.note(_where(pc.and_(pc.is_valid(read.days), pc.is_null(read.typed))))
    sentinel = pc.fill_null(pc.is_in(read.days, pa.array(list(field.sentinels), pa.date32())), False)
    sentinel = pc.and_(sentinel, pc.is_valid(read.typed))
    lost.unknown("sentinel-date", _where(sentinel), lambda row: f"{read.days[row].as_py()} stands for an unknown date")
    first, last = (pa.scalar(date(year, 1, 1), pa.date32()) for year in (FIRST_YEAR, LAST_YEAR))
    strange = pc.fill_null(pc.or_(pc.less(read.days, first), pc.greater_equal(read.days, last)), False)
    strange = pc.and_(pc.and_not(strange, sentinel), pc.is_valid(read.typed))
    lost.rows("implausible-date", _where(strange),
              lambda row: f"{read.days[row].as_py()} is not in the years {FIRST_YEAR} to {LAST_YEAR - 1}")
    return pc.if_else(pc.or_(sentinel, strange), pa.scalar(None, read.typed.type), read.typed)


def _ranged(lost: Lost, field: Field, array: pa.Array) -> pa.Array:
    low = -float("inf") if field.minimum is None else field.minimum
    high = float("inf") if field.maximum is None else field.maximum
    numbers = pc.cast(array, pa.float64())
    outside = pc.fill_null(pc.or_(pc.less(numbers, low), pc.greater(numbers, high)), False)
    lost.rows("out-of-range", _where(outside),
              lambda row: f"{array[row].as_py()} is not between {low:g} and {high:g}")
    return pc.if_else(outside, pa.scalar(None, array.type), array)


def _where(mask: pa.Array) -> Positions:
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))
