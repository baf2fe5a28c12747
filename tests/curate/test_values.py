"""Values: read as their type, kept within their code list and range; every change is told in a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "raw", "read"), [
    ("string", ["a", 1, 1.0, 1.5, None, True], ["a", "1", "1.0", "1.5", None, "True"]),
    ("string", [10.0, 12.5, np.nan], ["10", "12.5", None]),
    ("string", pd.Categorical([" x ", None, "y"]), ["x", None, "y"]),
    ("string", ["", "  ", "\u00a0"], [None, None, None]),
    ("integer", ["12", "12.0", "1,200", "-3", "+4", None], [12, 12, 1200, -3, 4, None]),
    ("integer", ["12345678901234567", "12,345,678,901,234,567"], [12345678901234567, 12345678901234567]),
    ("integer", [9007199254740993, 1], [9007199254740993, 1]),
    ("integer", [3.0, np.nan], [3, None]),
    ("integer", pd.array([1, None], dtype="Int64"), [1, None]),
    ("integer", np.array([2, 3], dtype=np.uint8), [2, 3]),
    ("number", ["1.5", "1,234.5", "-2", "1e3", None], [1.5, 1234.5, -2.0, 1000.0, None]),
    ("number", np.array([1.5, np.nan], dtype=np.float32), [1.5, None]),
    ("number", [1, 2], [1.0, 2.0]),
    ("boolean", ["yes", "No", "TRUE", "f", "1", "0", None], [True, False, True, False, True, False, None]),
    ("boolean", [1, 0], [True, False]),
    ("boolean", [1.0, np.nan], [True, None]),
    ("date", ["2026-11-21", "2026/11/21", "2026-11-21T09:00:00Z", "2026-11-21 09:00"], [DAY] * 4),
    ("date", [DAY, None], [DAY, None]),
    ("date", pd.to_datetime(["2026-11-21 09:00", None]), [DAY, None]),
    ("datetime", ["2026-11-21T12:00:00Z", "2026-11-21T13:00:00+01:00", "2026-11-21 12:00 GMT"], [NOON] * 3),
    ("datetime", pd.to_datetime(["2026-11-21 12:00"]).tz_localize("Europe/London"), [NOON]),
    ("strings", ["a;b", "a; b;", '["x","y"]', ["p"], None], [["a", "b"], ["a", "b"], ["x", "y"], ["p"], None]),
    ("integers", ["1;2", "[3,4]", 5, np.array([6, 7])], [[1, 2], [3, 4], [5], [6, 7]]),
    ("object", ['{"b":1,"a":"é"}', {"a": [1]}, None], ['{"a":"é","b":1}', '{"a":[1]}', None]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_values_are_read(curated, kind: str, raw: object, read: list[object]) -> None:
    """Each type is read from all that publishers write for it; nothing is said, for nothing was lost."""
    values, made = curated.column(raw, type=kind)
    assert values == read
    assert not [found for found in made.findings if found.rule != "trailing-space"]


@pytest.mark.parametrize(("kind", "raw", "what"), [
    ("integer", "1.5", "a whole number"), ("integer", "twelve", "a whole number"), ("integer", "1,5", "a whole number"),
    ("integer", "99999999999999999999", "a whole number"), ("integer", "1_000", "a whole number"),
    ("integer", "1e300", "a whole number"), ("integer", "12,34", "a whole number"), ("integer", "²", "a whole number"),
    ("number", "1,5", "a number"), ("number", "inf", "a number"), ("number", "n/a", "a number"),
    ("number", "1_0.5", "a number"), ("boolean", "perhaps", "true or false"), ("boolean", "2", "true or false"),
    ("date", "31/02/2026", "a date"), ("date", "31/02/26", "a date"), ("date", "soon", "a date"),
    ("date", "21-11-26", "a date"), ("datetime", "25:00", "a date and time"),
    ("integers", "1;x", "a list of whole numbers"),
    ("strings", "[1", "a list"), ("object", "[1]", "a JSON object"), ("object", "{", "a JSON object"),
])
def test_values_that_cannot_be_read(curated, kind: str, raw: str, what: str) -> None:
    """What is not of its type is left empty, and told: row, field, and a sentence that quotes it."""
    values, made = curated.column(["", raw], type=kind)
    assert values == [None, None]
    assert curated.said(made) == [("bad-value", "repaired", "c2", "value", f"{raw!r} is not {what}: left empty.")]


@pytest.mark.parametrize("infinite", [np.array([1.0, np.inf]), np.array([1, -np.inf], dtype=np.float32), [1.0, "inf"]])
def test_infinity_is_no_number(curated, infinite: object) -> None:
    """An infinite number, from text or from a file of floats, is left empty and told."""
    values, made = curated.column(infinite, type="number")
    assert values == [1.0, None] and curated.counts(made) == {("bad-value", "repaired"): 1}


def test_unsigned_numbers_beyond_the_largest(curated) -> None:
    """A number beyond 64 bits, as some files can hold, is left empty and told; nothing breaks."""
    values, made = curated.column(np.array([1, 2**64 - 1], dtype=np.uint64), type="integer")
    assert values == [1, None] and curated.counts(made) == {("bad-value", "repaired"): 1}


@pytest.mark.parametrize(("raw", "day"), [
    ("21.01.88", date(1988, 1, 21)), ("21/01/26", date(2026, 1, 21)), ("1/1/69", date(1969, 1, 1)),
    ("1/1/68", date(2068, 1, 1)),
])
@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_years_of_two_digits(curated, raw: str, day: date, kind: str) -> None:
    """A year of two digits is read as POSIX does (69 is 1969), and told with what it was taken for."""
    values, made = curated.column([raw], type=kind, format="day_first")
    offset = 1 if day.year == 1969 else 0  # British Standard Time was kept in the winter, too.
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=offset)
    assert values == [day if kind == "date" else instant]
    assert ("two-digit-year", "repaired", "c1", "value",
            f"{raw!r} has a year of two digits: read as {day}.") in curated.said(made)


def test_white_space(curated) -> None:
    """White space around a value is taken away and told; within it, it stays."""
    values, made = curated.column([" a  b ", "c\t", "d"], type="string")
    assert values == ["a  b", "c", "d"]
    assert curated.said(made) == [
        ("trailing-space", "repaired", "c1", "value", "white space around ' a  b ' was removed."),
        ("trailing-space", "repaired", "c2", "value", r"white space around 'c\t' was removed.")]


def test_long_values_are_quoted_short(curated) -> None:
    """A sentence quotes the beginning of a long value, not a page of it."""
    _, made = curated.column(["x" * 5000], type="integer")
    assert len(made.findings[0].sentence) < 130


@pytest.mark.parametrize(("kind", "codes", "raw", "read", "bad"), [
    ("string", "kind", ["O", "Q", None, "b"], ["O", None, None, None], ["c2", "c4"]),
    ("string", "authority", ["0010", "10", "1770"], ["0010", None, "1770"], ["c2"]),
    ("string", "authority", [1770, 10], ["1770", None], ["c2"]),
    ("string", "authority", [1770.0, np.nan], ["1770", None], []),
    ("integer", "authority", ["1770", "0010"], [1770, None], ["c2"]),
    ("strings", "plain", ["1A;2B", "1A;9Z", None], [["1A", "2B"], ["1A"], None], ["c2"]),
])
def test_code_lists(curated, kind: str, codes: str, raw: list[object], read: list[object], bad: list[str]) -> None:
    """A code that is not in the list is left empty (of a list, left out) and told; 10 is not 0010."""
    values, made = curated.column(raw, type=kind, codes=codes)
    assert values == read
    assert [(found.rule, found.row) for found in made.findings] == [("unknown-code", row) for row in bad]
    assert all(f"not in the code list {codes}: left " in found.sentence for found in made.findings)


def test_twins(curated) -> None:
    """A coded field with words has a twin that says them; a list of codes that read as themselves has none."""
    made = curated.columns({"kind": ["O", None, "B"], "sort": ["1A", "2B", None]},
                           {"kind": {"type": "string", "codes": "kind"}, "sort": {"type": "string", "codes": "plain"}})
    assert made.table.column_names == ["id", "code", "kind", "kind_text", "sort"]
    assert made.table["kind_text"].to_pylist() == ["Oak", None, "Beech"]
    assert made.fields["kind_text"].title == "kind (in words)"


def test_sentinels_and_implausible_dates(curated) -> None:
    """Dates that stand for "unknown" and dates no county has are left empty, each told as what it is."""
    values, made = curated.column(["1835-08-01", "1582-10-04", "2100-01-01", "1600-01-01", "2099-12-31"], type="date",
                                  sentinels=["1835-08-01"])
    assert values == [None, None, None, date(1600, 1, 1), date(2099, 12, 31)]
    assert curated.said(made) == [
        ("sentinel-date", "repaired", "c1", "value", "1835-08-01 stands for an unknown date: left empty."),
        ("implausible-date", "repaired", "c2", "value", "1582-10-04 is not in the years 1600 to 2099: left empty."),
        ("implausible-date", "repaired", "c3", "value", "2100-01-01 is not in the years 1600 to 2099: left empty.")]
    moments, told = curated.column(["1835-08-01T00:00:00Z", "2026-11-21T12:00:00Z"], type="datetime",
                                   sentinels=["1835-08-01"])
    assert moments == [None, NOON] and curated.counts(told) == {("sentinel-date", "repaired"): 1}


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_ranges(curated, kind: str) -> None:
    """A number outside its range is left empty and told with the range; its ends belong to it."""
    values, made = curated.column([-1, 0, 10, 11, None], type=kind, minimum=0, maximum=10)
    assert values == [None, 0, 10, None, None]
    lost = ("-1", "11") if kind == "integer" else ("-1.0", "11.0")
    assert curated.said(made) == [
        ("out-of-range", "repaired", row, "value", f"{value} is not between 0 and 10: left empty.")
        for row, value in zip(("c1", "c4"), lost, strict=True)]


def test_a_habit_is_one_finding(curated) -> None:
    """A thousand rows of one fault are a thousand findings; one more, and they are one that says how many."""
    _, made = curated.column(["x "] * 1000, type="string")
    assert curated.counts(made) == {("trailing-space", "repaired"): 1000}
    _, made = curated.column(["x "] * 1001, type="string")
    assert curated.said(made) == [("trailing-space", "repaired", None, "value",
                                   "1,001 rows, the first c1: white space around 'x ' was removed.")]


def test_every_sentence_ends(curated) -> None:
    """Every finding is a sentence with its full stop or question mark."""
    made = curated.columns({"a": ["x ", "y"], "b": ["q", "1"]}, {"a": "string", "b": "integer", "c": "string"})
    assert made.findings and all(found.sentence[-1] in ".?" for found in made.findings)


def test_arrow_types(curated) -> None:
    """Columns that come as arrow arrays (GeoParquet) are read as others are."""
    lists = pd.Series(pd.arrays.ArrowExtensionArray(pa.array([[1, 2], None], pa.list_(pa.int32()))))
    texts = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(["a ", None], pa.large_string())))
    assert curated.column(lists, type="integers")[0] == [[1, 2], None]
    assert curated.column(texts, type="string")[0] == ["a", None]
