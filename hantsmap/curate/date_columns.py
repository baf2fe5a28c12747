"""Columns of dates and times: the format is declared, or found for the whole column, and findings say which it was.

What cannot be read is left empty with a finding; it is never read as another date. A value that says an instant belongs
to the day that it has in the source's time zone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap.curate import dates, values
from hantsmap.curate.dates import Reader, Written
from hantsmap.curate.log import Log, Positions
from hantsmap.findings import Kind
from hantsmap.layer import Field, FieldType

INSTANT = pa.timestamp("us", tz="UTC")
FORMATS_IN_WORDS = {
    "iso": "year, month, day", "day_first": "day, month, year", "month_first": "month, day, year",
    "month_name": "a month by name", "compact": "digits without separators", "excel": "day numbers of Excel",
    "epoch_s": "seconds since 1970", "epoch_ms": "milliseconds since 1970, as Esri writes them",
}
# Before, each town had its own time, and zones differ from Greenwich by odd seconds.
FIRST_YEAR_OF_TIME_ZONES = 1900
DIGITS = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
EXCEL_DAYS = re.compile(r"\d{5}(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dates:
    """A column that was read: `typed` in the field's type, and `days` (date32) in the source's time zone.

    A day without an instant is a time that the clocks skipped: it has its finding already.
    """

    typed: pa.Array
    days: pa.Array


@dataclass(frozen=True, slots=True)
class _Value:
    """One distinct value of a column: its text, what it says, and what it became."""

    raw: Any
    written: Written | None
    day: date | None = None
    instant: datetime | None = None
    clock: str = ""  # "gap" or "overlap" where the clocks of the time zone were put forward or back


def read(log: Log, name: str, field: Field, array: pa.Array, zone: ZoneInfo, *, zone_declared: bool) -> Dates:
    """Read a column (text, numbers, dates or times) as dates or instants; each change and doubt is a finding."""
    encoded = array.dictionary_encode()
    raw = [_plain(value) for value in encoded.dictionary.to_pylist()]
    readers = _declared(field.format) if field.format else detected([v for v in raw if isinstance(v, str)])
    found = [_settled(value, _written(value, readers), zone) for value in raw]
    rows = _RowsOf(encoded)
    days = pa.array([value.day for value in found], pa.date32())
    if field.type is FieldType.DATE:
        typed = days
    else:
        typed = pa.array([value.instant for value in found], INSTANT)
        _tell_clocks(log, name, found, rows, zone)
        _tell_zone(log, name, found, rows, zone, zone_declared)
    _tell_parts(log, name, found, rows)
    if not field.format:
        _tell_formats(log, name, found, rows)
    return Dates(pc.take(typed, encoded.indices), pc.take(days, encoded.indices))


class _RowsOf:
    """Positions of the rows whose distinct value passes a test."""

    def __init__(self, encoded: pa.DictionaryArray) -> None:
        self._codes: NDArray[Any] = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)

    def where(self, found: Sequence[_Value], test: Callable[[_Value], bool]) -> Positions:
        wanted = np.array([test(value) for value in found] + [False], dtype=bool)  # The last one stands for null, -1.
        return np.flatnonzero(wanted[self._codes])

    def of(self, row: int, found: Sequence[_Value]) -> _Value:
        return found[int(self._codes[row])]


def _plain(value: Any) -> Any:
    """Dates and times as they are, without nanoseconds; numbers as text, because they are written formats too."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if isinstance(value, (datetime, date)):
        return value
    return str(value).strip() if isinstance(value, (str, bool)) else values.text(value)


def _written(value: Any, readers: Sequence[Reader]) -> Written | None:
    if isinstance(value, (date, datetime)):
        return Written(value, "typed")
    return next((found for reader in readers if value is not None and (found := reader(value))), None)


def _declared(formats: Sequence[str]) -> list[Reader]:
    return [dates.READERS[name] if name in dates.READERS else dates.pattern(name) for name in formats]


def detected(texts: Sequence[str]) -> list[Reader]:
    """The readers for a column of these distinct texts.

    Day before month, unless a second number is above 12 and no first one is. Digits alone are compact dates, unless
    the whole column shows that they count days (Excel), seconds or milliseconds.
    """
    pairs = [parts[:2] for text in texts if (parts := dates.slashed(text))]
    american = any(second > 12 for _, second in pairs) and not any(first > 12 for first, _ in pairs)
    order = dates.month_first if american else dates.day_first
    return [dates.iso, order, dates.month_name, *_of_digits([text for text in texts if DIGITS.fullmatch(text)])]


def _of_digits(texts: Sequence[str]) -> list[Reader]:
    if texts and all(EXCEL_DAYS.fullmatch(text) for text in texts):
        return [dates.excel]
    long = [text.lstrip("-") for text in texts if not dates.compact(text)]
    if any(len(text) in (12, 13) for text in long):
        return [_of_lengths(dates.compact, (8, 14)), _of_lengths(dates.epoch_ms, (11, 12, 13))]
    if texts and all(len(text) == 10 and not text.startswith("-") for text in texts):
        return [dates.epoch_s]
    return [dates.compact]


def _of_lengths(reader: Reader, lengths: tuple[int, ...]) -> Reader:
    """The reader, for texts of so many digits: in a column of both, 12 digits are milliseconds before 2001."""
    return lambda text: reader(text) if len(text.lstrip("-")) in lengths or not DIGITS.fullmatch(text) else None


def _settled(raw: Any, written: Written | None, zone: ZoneInfo) -> _Value:
    """The day and the instant of a value, in the zone of the source."""
    if written is None:
        return _Value(raw, None)
    if written.said.year < FIRST_YEAR_OF_TIME_ZONES:
        zone = ZoneInfo("UTC")
    try:
        if not isinstance(written.said, datetime):
            midnight = datetime.combine(written.said, time(), zone)
            return _Value(raw, written, written.said, midnight.astimezone(UTC))
        if written.said.tzinfo:
            return _Value(raw, written, written.said.astimezone(zone).date(), written.said.astimezone(UTC))
        first, second = written.said.replace(tzinfo=zone, fold=0), written.said.replace(tzinfo=zone, fold=1)
        if first.utcoffset() == second.utcoffset():
            return _Value(raw, written, written.said.date(), first.astimezone(UTC))
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != written.said:
            return _Value(raw, written, written.said.date(), None, "gap")
        return _Value(raw, written, written.said.date(), first.astimezone(UTC), "overlap")
    except (OverflowError, ValueError):
        return _Value(raw, None)


def _tell_clocks(log: Log, name: str, found: Sequence[_Value], rows: _RowsOf, zone: ZoneInfo) -> None:
    log.rows("time-skipped", Kind.REPAIRED, rows.where(found, lambda value: value.clock == "gap"), lambda row: (
        f"{_quoted(rows.of(row, found))} did not happen in {zone}: the clocks went forward over it. Left empty."), name)
    log.rows("time-repeated", Kind.DOUBTFUL, rows.where(found, lambda value: value.clock == "overlap"), lambda row: (
        f"{_quoted(rows.of(row, found))} happened twice in {zone}, where the clocks went back: read as the first "
        "time."), name)


def _tell_zone(log: Log, name: str, found: Sequence[_Value], rows: _RowsOf, zone: ZoneInfo, declared: bool) -> None:
    bare = rows.where(
        found, lambda value: value.written is not None and not getattr(value.written.said, "tzinfo", None))
    if len(bare) and not declared:
        named = "value names" if len(bare) == 1 else "values name"
        log.whole("no-time-zone", Kind.REPAIRED, f"{len(bare):,} {named} no time zone, such as "
                  f"{_quoted(rows.of(int(bare[0]), found))}: read as times of {zone}, a date alone as its midnight. "
                  "Set the source's `timezone` to confirm this, or to UTC.", name)


def _tell_parts(log: Log, name: str, found: Sequence[_Value], rows: _RowsOf) -> None:
    partial = rows.where(found, lambda value: bool(
        value.written and value.written.part and value.day and dates.FIRST_YEAR <= value.day.year < dates.LAST_YEAR))
    log.rows("partial-date", Kind.DOUBTFUL, partial, lambda row: _partial(rows.of(row, found)), name)
    log.rows("two-digit-year", Kind.REPAIRED,
             rows.where(found, lambda value: bool(value.written and value.written.two_digits)), lambda row: (
                 f"{_quoted(rows.of(row, found))} has a year of two digits: read as {rows.of(row, found).day}."), name)


def _partial(value: _Value) -> str:
    part = value.written.part if value.written else ""
    return f"{_quoted(value)} is a {part} without a day: read as {value.day}. If the column holds {part}s, set " + (
        "`type: integer`." if part == "year" else "`type: string`.")


def _tell_formats(log: Log, name: str, found: Sequence[_Value], rows: _RowsOf) -> None:
    """Which formats other than ISO 8601 were found, and whether the order of day and month was to be seen."""
    used = {value.written.format: value for value in reversed(found) if value.written}
    counts = Counter({each: len(rows.where(found, _written_as(each))) for each in used})
    odd = [each for each in FORMATS_IN_WORDS if each in used and each != "iso"]
    if odd:
        told = "; ".join(f"{counts[each]:,} as {FORMATS_IN_WORDS[each]}, such as {_quoted(used[each])}" for each in odd)
        advice = f"`format: [{', '.join(each for each in FORMATS_IN_WORDS if each in used)}]`"
        log.whole("date-format", Kind.REPAIRED, f"dates are read {told}. Set {advice} to confirm this.", name)
    pairs = [parts[:2] for value in found if isinstance(value.raw, str) and (parts := dates.slashed(value.raw))]
    if "month_first" in used:
        log.whole("date-order", Kind.DOUBTFUL, "some dates have a number above 12 in second place and none in first: "
                  "all are read as month, day, year. Set `format: month_first` or `day_first`.", name)
    elif any(first != second for first, second in pairs) and max(map(max, pairs)) <= 12:
        log.whole("date-order", Kind.DOUBTFUL, "no number is above 12, so nothing shows whether the day or the month "
                  "comes first: read as day, month, year. Set `format: day_first` or `month_first`.", name)


def _written_as(format_: str) -> Callable[[_Value], bool]:
    return lambda value: value.written is not None and value.written.format == format_


def _quoted(value: _Value) -> str:
    return repr(value.raw) if isinstance(value.raw, str) else f"'{value.raw}'"
