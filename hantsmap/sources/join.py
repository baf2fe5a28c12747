"""A table joined to the geometry by key, after a long table has been made wide where the registry says so."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hantsmap.findings import Finding, Kind
from hantsmap.layer import Join, Pivot
from hantsmap.sources.case import Case, listed
from hantsmap.sources.frames import names, plain, texts

_KEY = "\0key"
# By numpy kind: the type that a column of whole numbers or yes/no needs once some rows have nothing in it.
_GAPPED = {"i": "Int64", "u": "Int64", "b": "boolean"}


@dataclass(frozen=True, slots=True)
class Joined:
    """`frame` has the columns of both. `unmatched` are the rows of the geometry that no row of the table belongs to.

    With `shape: one` those are in `frame` too, with nothing in the table's columns; with `each` they are not.
    """

    frame: pd.DataFrame
    unmatched: pd.DataFrame
    to: str
    findings: list[Finding]


def joined(case: Case, frame: pd.DataFrame, rows: pd.DataFrame, join: Join) -> Joined:
    """Joins the table `rows` (text, as read from `join.file`) to `frame` (as read from the source). Raises SourceError.

    Keys match as text without the white space around them; in the result they are without it.
    """
    table = case.at(join.file)
    findings: list[Finding] = []
    to = case.column(names(frame), join.to, "join.to")
    key = table.column(names(rows), join.key, "join.key")
    frame, rows = frame.copy(), rows.copy()
    frame[_KEY] = _stripped(case, frame, to, findings)
    rows[_KEY] = _stripped(table, rows, key, findings)
    rows = _keyed(table, rows, key, findings)
    if join.pivot:
        if table.column(names(rows), join.pivot.index, "pivot.index") != key:
            raise table.fault("`pivot.index` and `join.key` must name one column, for it alone is left to join by.")
        rows = _wide(table, rows, join.pivot, findings)
    rows = _without_shared(case, table, frame, rows, key, to)
    _unmatched_rows(case, table, frame, rows, findings)
    unmatched = frame[~frame[_KEY].isin(set(rows[_KEY]))]
    new = [name for name in rows.columns if name not in frame.columns]
    unmatched = unmatched.assign(**dict.fromkeys(new)).drop(columns=_KEY)
    whole = _each(frame, rows, to) if join.shape == "each" else _one(table, frame, rows)
    return Joined(whole.drop(columns=_KEY), unmatched, to, findings)


def unmatched_geometry(case: Case, rows: pd.DataFrame, to: str, file: str) -> list[Finding]:
    """One finding for each row of the geometry (those that are wanted at all) with nothing in the table."""
    keys = texts(rows[to])
    called = [key or f"row {number}" for key, number in zip(keys, rows.index, strict=True)]
    return [
        case.finding("unmatched-geometry", Kind.DOUBTFUL, f"{name} of {case.place} has no row in {file}.", row=name)
        for name in called
    ]


def _stripped(case: Case, frame: pd.DataFrame, column: str, findings: list[Finding]) -> pd.Series[Any]:
    """The column as text without surrounding white space, also in the frame where it was text; one finding for all."""
    before = texts(frame[column])
    after = pd.Series([text.strip() or None if text else None for text in before], index=frame.index, dtype=object)
    changed = sum(1 for old, new in zip(before, after, strict=True) if old and old != new)
    if changed:
        sentence = f"{changed:,} values of `{column}` in {case.place} had white space around them, which was taken off."
        findings.append(case.finding("trailing-space", Kind.REPAIRED, sentence, field=case.ours(column)))
        frame[column] = after
    return after


def _keyed(table: Case, rows: pd.DataFrame, key: str, findings: list[Finding]) -> pd.DataFrame:
    blank = rows[_KEY].isna()
    for number in rows.index[blank]:
        sentence = f"Row {number} of {table.place} has no `{key}`, so that it belongs to no geometry."
        findings.append(table.finding("unmatched-row", Kind.DOUBTFUL, sentence, row=f"row {number}"))
    return rows[~blank]


def _wide(table: Case, rows: pd.DataFrame, pivot: Pivot, findings: list[Finding]) -> pd.DataFrame:
    labels = table.column(names(rows), pivot.names, "pivot.names")
    values = table.column(names(rows), pivot.values, "pivot.values")
    key = table.column(names(rows), pivot.index, "pivot.index")
    said = _stripped(table, rows, labels, findings)
    known = sorted({str(name) for name in said.dropna()})
    for wanted in pivot.columns:
        if wanted not in known:
            near = difflib.get_close_matches(wanted, known, 3) or known
            raise table.fault(f"no row has `{wanted}` in `{labels}`. It has {listed(near, 10)}.")
    part = pd.DataFrame({_KEY: rows[_KEY], "name": said, "value": rows[values]})[said.isin(list(pivot.columns))]
    again = part[part.duplicated([_KEY, "name"])]
    if len(again):
        first = again.iloc[0]
        raise table.fault(
            f"has `{first['name']}` more than once for `{first[_KEY]}` ({len(again):,} such). "
            "Take the surplus rows out, or choose `columns` that tell them apart."
        )
    order = list(dict.fromkeys(rows[_KEY]))
    wide = part.pivot(index=_KEY, columns="name", values="value").reindex(order)
    result = pd.DataFrame({ours: wide[theirs].to_numpy(object) for theirs, ours in pivot.columns.items()})
    result = result.astype(object).where(result.notna(), None)
    result.insert(0, key, order)
    result[_KEY] = order
    result.index = pd.RangeIndex(1, len(result) + 1)
    return result


def _without_shared(
    case: Case, table: Case, frame: pd.DataFrame, rows: pd.DataFrame, key: str, to: str
) -> pd.DataFrame:
    """The table without the columns that the geometry has as well. Raises SourceError where one of them is wanted."""
    shared = [name for name in rows.columns if name in frame.columns and name != _KEY]
    wanted = {*case.source.aliases, *case.source.where, *case.layer.fields}
    unclear = [name for name in shared if name in wanted and name not in (key, to)]
    if unclear:
        raise table.fault(f"and {case.place} both have {listed(unclear)}. Rename it in one of them.")
    return rows.drop(columns=shared)


def _unmatched_rows(case: Case, table: Case, frame: pd.DataFrame, rows: pd.DataFrame, findings: list[Finding]) -> None:
    there = set(frame[_KEY])
    for key in dict.fromkeys(rows[_KEY]):
        if key not in there:
            sentence = f"{key} of {table.place} has no geometry in {case.place}."
            findings.append(case.finding("unmatched-row", Kind.DOUBTFUL, sentence, row=key))


def _one(table: Case, frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    twice = rows[_KEY][rows[_KEY].duplicated()]
    if len(twice):
        raise table.fault(
            f"has more than one row for `{twice.iloc[0]}`. "
            "Make it wide with `pivot`, or set `shape: each` to keep them all."
        )
    whole = frame.join(rows.set_index(_KEY), on=_KEY)
    return _none_for_nan(whole, rows.columns)


def _each(frame: pd.DataFrame, rows: pd.DataFrame, to: str) -> pd.DataFrame:
    """One row for each of the table's; those whose geometry is not there have none, but have their key."""
    gapped = {name: _GAPPED[frame[name].dtype.kind] for name in frame if frame[name].dtype.kind in _GAPPED}
    whole = frame.astype(gapped).merge(rows, on=_KEY, how="right")
    whole.index = pd.RangeIndex(1, len(whole) + 1)
    lone = whole[to].isna()
    if lone.any():
        whole[to] = whole[to].astype(object).where(~lone, whole[_KEY])
    return plain(_none_for_nan(whole, [name for name in whole if whole[name].dtype == object]))


def _none_for_nan(whole: pd.DataFrame, columns: Iterable[Hashable]) -> pd.DataFrame:
    for name in columns:
        if name != _KEY:
            whole[name] = whole[name].astype(object).where(whole[name].notna(), None)
    return whole
