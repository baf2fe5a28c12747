"""Dates and times: read by a declared or detected format that a finding names, or left empty; never another date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from curating import CODES, COUNTY, Bench, layer
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap.curate import curate

CASES = Path(__file__).parents[3] / "shared" / "cases"
DAY = date(2026, 6, 21)


def rules(made: object) -> list[tuple[str, str]]:
    """(rule, kind) of each finding."""
    return [(found.rule, found.kind.value) for found in made.findings]  # type: ignore[attr-defined]


@pytest.mark.parametrize("raw", [
    "2026-06-21", "2026/06/21", "2026.6.21", "2026-6-21", "2026-06-21T09:30:00", "2026-06-21 9:30",
    "2026-06-21T23:30:00+01:00", "2026-06-20T23:00:00Z", "2026-06-21T09:30:00.123+0000"])
def test_iso_dates(curated: Bench, raw: str) -> None:
    """ISO 8601 and its close kin need no finding. An instant has the day that it has in London."""
    values, made = curated.column([raw], type="date")
    assert values == [DAY] and made.findings == ()


@pytest.mark.parametrize(("raw", "words"), [
    ("21/06/2026", "day, month, year"), ("21.6.2026", "day, month, year"), ("21-06-2026", "day, month, year"),
    ("21/06/2026 00:00", "day, month, year"), ("21/06/2026 11:30 pm", "day, month, year"),
    ("21-Jun-2026", "a month by name"), ("21 Jun 2026", "a month by name"), ("21st June 2026", "a month by name"),
    ("Sunday 21 June 2026", "a month by name"), ("June 21, 2026", "a month by name"),
    ("20260621", "digits without separators"), ("20260621140000", "digits without separators"),
    ("20260621T140000Z", "digits without separators"), ("46194", "day numbers of Excel"),
    ("46194.75", "day numbers of Excel"), ("1782000000", "seconds since 1970"),
    ("1782000000000", "milliseconds since 1970, as Esri writes them"),
])
def test_detected_formats_are_told(curated: Bench, raw: str, words: str) -> None:
    """Every other spelling is read, and one finding for the column names the format and an example."""
    values, made = curated.column([raw, None], type="date")
    assert values == [DAY, None]
    assert rules(made) == [("date-format", "repaired")]
    assert f"1 as {words}, such as '{raw}'" in made.findings[0].sentence and "`format: [" in made.findings[0].sentence


@pytest.mark.parametrize(("raw", "declared"), [
    ("21/06/2026", "day_first"), ("06/21/2026", "month_first"), ("06/07/2026", "day_first"), ("21 Jun 26", "%d %b %y"),
    ("46194", "excel"), ("1782000000000", "epoch_ms"), ("20260621", ["iso", "compact"])])
def test_declared_formats_are_not_told(curated: Bench, raw: str, declared: object) -> None:
    """What the registry declares needs no finding, unless the century was not written."""
    _, made = curated.column([raw], type="date", format=declared)
    assert [rule for rule, _ in rules(made)] in ([], ["two-digit-year"])


def test_declared_formats_are_the_only_ones(curated: Bench) -> None:
    """A value in another format than the declared one is left empty with a finding."""
    values, made = curated.column(["21/06/2026", "2026-06-21", "20260621"], type="date", format="day_first")
    assert values == [DAY, None, None]
    assert curated.said(made)[0][4] == "'2026-06-21' is not a date as its `format` says: left empty."


def test_esri_milliseconds_are_the_day_in_london(curated: Bench) -> None:
    """1782082800000 is 23:00 in Greenwich and midnight in London: the next day, in 2026 and never in 1782."""
    values, made = curated.column([1782082800000, 946684800000, None], type="date")
    assert values == [date(2026, 6, 22), date(2000, 1, 1), None] and rules(made) == [("date-format", "repaired")]
    assert curated.column([1782082800000], type="datetime")[0] == [datetime(2026, 6, 21, 23, tzinfo=UTC)]


def test_day_before_month_by_evidence(curated: Bench) -> None:
    """One day above 12 shows the order of the whole column; without one it is a doubt; the other order is told too."""
    values, made = curated.column(["03/04/2026", "21/06/2026"], type="date")
    assert values == [date(2026, 4, 3), DAY] and rules(made) == [("date-format", "repaired")]
    values, made = curated.column(["03/04/2026", "05/06/2026"], type="date")
    assert values == [date(2026, 4, 3), date(2026, 6, 5)]
    assert rules(made) == [("date-format", "repaired"), ("date-order", "doubtful")]
    values, made = curated.column(["03/04/2026", "06/21/2026"], type="date")
    assert values == [date(2026, 3, 4), DAY] and ("date-order", "doubtful") in rules(made)
    values, made = curated.column(["21/06/2026", "06/22/2026"], type="date")
    assert values == [DAY, None] and ("bad-value", "repaired") in rules(made)
    assert rules(curated.column(["04/04/2026"], type="date")[1]) == [("date-format", "repaired")], "either order is it"


@pytest.mark.parametrize(("raw", "day", "part"), [("2026", date(2026, 1, 1), "year"), (2026, date(2026, 1, 1), "year"),
                                                  ("2026-06", date(2026, 6, 1), "month")])
def test_years_and_months_alone_are_doubts(curated: Bench, raw: object, day: date, part: str) -> None:
    """A year or a month is its first day, and a doubt about the row."""
    values, made = curated.column([raw], type="date")
    assert values == [day] and rules(made) == [("partial-date", "doubtful")]
    assert made.findings[0].row == "c1" and f"is a {part} without a day: read as {day}" in made.findings[0].sentence


@pytest.mark.parametrize("raw", [
    "31/02/2026", "31/04/26", "2026-02-29", "2026-13-01", "00/00/2026", "n/k", "210626", "21062026", "12",
    "2026-06-21T25", "2026-06-21 24:30", "21 Juno 2026", "2026-W25-7", "46194 days", "June 2026", "21-11-26",
    "True", "1e9", "-"])
def test_what_cannot_be_read_is_never_another_date(curated: Bench, raw: str) -> None:
    """Whatever is not surely a date is left empty, and the row is named."""
    values, made = curated.column(["2026-06-21", raw], type="date")
    assert values == [DAY, None] and curated.said(made) == [
        ("bad-value", "repaired", "c2", "value", f"{raw!r} is not a date: left empty.")]


def test_short_numbers_among_others_are_not_days_of_1970(curated: Bench) -> None:
    """Beside milliseconds or ISO dates a short number is no date: not Excel's, and not the first minute of 1970."""
    assert curated.column(["1782000000000", "46194", "1782000000"], type="date")[0] == [DAY, None, None]
    assert curated.column(["2026-06-21", "20260621", "46194"], type="date")[0] == [DAY, DAY, None]


def test_times_without_a_zone_are_london(curated: Bench) -> None:
    """In June London is an hour ahead of UTC; one finding tells it; the source's `timezone` says otherwise."""
    raw = ["2026-06-21T09:30:00", "2026-11-21T09:30:00", "2026-06-21T09:30:00Z"]
    values, made = curated.column(raw, type="datetime")
    assert values == [datetime(2026, 6, 21, 8, 30, tzinfo=UTC), datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
                      datetime(2026, 6, 21, 9, 30, tzinfo=UTC)]
    assert rules(made) == [("no-time-zone", "repaired")] and made.findings[0].sentence.startswith("2 values name no ")
    made = curated.columns({"value": raw}, {"value": {"type": "datetime"}},
                           source={"file": "things.csv", "timezone": "UTC"})
    assert made.table["value"].to_pylist()[0] == datetime(2026, 6, 21, 9, 30, tzinfo=UTC) and made.findings == ()


def test_typed_times_without_a_zone_are_london(curated: Bench) -> None:
    """Times that a file holds as such are read by the same rule; the day of an instant is that of London."""
    naive = pd.to_datetime(["2026-06-21 00:30"])
    assert curated.column(naive, type="datetime")[0] == [datetime(2026, 6, 20, 23, 30, tzinfo=UTC)]
    assert curated.column(naive, type="date")[0] == [DAY]
    assert curated.column(naive.tz_localize("Europe/London").tz_convert("UTC"), type="date")[0] == [DAY]


def test_when_clocks_change(curated: Bench) -> None:
    """A time that the clocks skipped is left empty; one that came twice is read as the first; both are told."""
    values, made = curated.column(["2026-03-29T01:30", "2026-10-25T01:30"], type="datetime")
    assert values == [None, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    assert rules(made) == [("time-skipped", "repaired"), ("time-repeated", "doubtful"), ("no-time-zone", "repaired")]


def test_texts_that_mean_no_value(curated: Bench) -> None:
    """Texts under `missing` are no values, and no findings."""
    values, made = curated.column(["n/k", "2026-06-21", "TBC"], type="date", missing=["n/k", "TBC"])
    assert values == [None, DAY, None] and made.findings == ()


def test_a_column_that_loses_its_dates_blocks(curated: Bench) -> None:
    """Beyond `max_lost` (5 % unless the layer says otherwise) nothing is published, and the remedy is named."""
    raw = ["2026-06-21"] * 18 + ["soon", "later"]
    made = curated.columns({"value": raw}, {"value": "date"}, max_lost=0.05)
    blocking = [found for found in made.findings if found.kind == "blocking"]
    assert [(found.rule, found.field) for found in blocking] == [("too-many-values-lost", "value")]
    assert "2 of 20 values would be lost, such as 'soon': more than max_lost 5%." in blocking[0].sentence
    assert "`format`" in blocking[0].sentence and "`missing`" in blocking[0].sentence
    raw[18] = "2026-06-22"
    made = curated.columns({"value": raw}, {"value": "date"}, max_lost=0.05, temporal={"start": "value"})
    assert [found[4] for found in curated.said(made)] == [
        "'later' is not a date: left empty, so the row matches every `datetime` filter."]


@pytest.mark.parametrize(("lost", "words"), [
    ("first", "left empty, so the row matches `datetime` filters for every time before its end."),
    ("last", "left empty, so the row matches `datetime` filters for every time after its start."),
])
def test_a_lost_end_of_a_period_says_what_it_matches(curated: Bench, lost: str, words: str) -> None:
    """A row with one end of its period is in every answer about the time beyond the other end; the finding says so."""
    raw = {"first": ["2026-06-21"] * 2, "last": ["2026-07-21"] * 2}
    raw[lost] = ["2026-06-30", "soon"]
    made = curated.columns(raw, {"first": "date", "last": "date"}, max_lost=1,
                           temporal={"start": "first", "end": "last"})
    assert [found[4] for found in curated.said(made)] == [f"'soon' is not a date: {words}"]


def test_one_value_without_a_time_zone_is_singular(curated: Bench) -> None:
    """One value "names" no time zone."""
    _, made = curated.column(["2026-06-21T09:00:00", "2026-06-21T09:00:00Z"], type="datetime")
    assert [found.sentence.split(",")[0] for found in made.findings if found.rule == "no-time-zone"] == [
        "1 value names no time zone"]


def test_one_date_in_sixteen_spellings(curated: Bench) -> None:
    """The reviewed file: fourteen spellings are that date or the next midnight; two are none; the layer is blocked."""
    if not CASES.is_dir():
        pytest.skip("the reviewed cases (../shared/cases) are not beside the repository")
    raw = pd.read_csv(CASES / "dates.csv", dtype=str)["opened"]
    _, made = curated.column(raw, type="date")
    values = [made.table["value"][made.table["id"].to_pylist().index(f"c{row}")].as_py() for row in range(1, 17)]
    assert values == [DAY] * 12 + [date(2026, 6, 22), date(2026, 1, 1), None, None]
    assert curated.counts(made) == {("bad-value", "repaired"): 2, ("partial-date", "doubtful"): 1,
                                    ("two-digit-year", "repaired"): 1, ("date-format", "repaired"): 1}
    strict = curated.columns({"value": raw}, {"value": "date"}, max_lost=0.05)
    assert ("too-many-values-lost", "blocking") in curated.counts(strict)


STYLES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d-%b-%Y", "%Y%m%d", "%A %d %B %Y", "%B %d, %Y", "%Y/%m/%d"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dates(date(1600, 1, 1), date(2099, 12, 31)), min_size=1, max_size=6), st.sampled_from(STYLES))
def test_dates_come_back_whatever_the_style(days: list[date], style: str) -> None:
    """A column of dates in one British, ISO or named style is read as those dates, every one."""
    written = [day.strftime(style) if day.year >= 1000 else "" for day in days]
    frame = gpd.GeoDataFrame({"code": [str(n) for n in range(len(days))], "value": written},
                             geometry=gpd.GeoSeries([None] * len(days), crs=27700))
    made = curate("things", layer("none", {"value": "date"}), frame, COUNTY, CODES)
    assert made.table["value"].to_pylist() == days


@settings(max_examples=150, deadline=None)
@given(st.lists(st.datetimes(datetime(1972, 1, 1), datetime(2099, 12, 31)), min_size=1, max_size=6))
def test_instants_come_back(moments: list[datetime]) -> None:
    """Instants written in UTC, as Esri's milliseconds or with an offset, are the same instants to the millisecond."""
    instants = [moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC) for moment in moments]
    millis = [str((instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)) for instant in instants]
    shifted = [(instant + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "+05:30"
               for instant in instants]
    for written in (millis, shifted):
        if written is millis and not any(len(text) in (12, 13) for text in millis):
            continue
        frame = gpd.GeoDataFrame({"code": [str(n) for n in range(len(instants))], "value": written},
                                 geometry=gpd.GeoSeries([None] * len(instants), crs=27700))
        made = curate("things", layer("none", {"value": "datetime"}), frame, COUNTY, CODES)
        assert made.table["value"].to_pylist() == instants


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_dates_that_pandas_wrote_as_missing_are_empty(curated: Bench, kind: str) -> None:
    """`NaT` as text, and missing dates of pandas among texts, are no value and no lost one; one finding counts them."""
    values, made = curated.column(["NaT", "2026-06-21", "NaT", None], type=kind, required=False)
    assert [value is None for value in values] == [True, False, True, True]
    assert rules(made)[0] == ("no-date", "repaired") and "2 values are `NaT`" in made.findings[0].sentence
    assert "bad-value" not in {rule for rule, _ in rules(made)}
    mixed, made = curated.column([["2026-06-21"], pd.NaT, 7], type="string")
    assert mixed[1] is None
