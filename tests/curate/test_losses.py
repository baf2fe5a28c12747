"""Columns that lose their values block the publication, with the remedy; one fault is one finding."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from curating import Bench

CASES = Path(__file__).parents[3] / "shared" / "cases"


def blocking(made: object) -> list[str]:
    """Sentences of the blocking findings."""
    return [found.sentence for found in made.findings if found.kind == "blocking"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("raw", "field", "remedy"), [
    (["Mill Green", "Oak End"], {"type": "integer"}, "Set `type: string`, or list texts"),
    (["0 m", "1 m"], {"type": "number"}, "Set `unit: m` if the numbers are measured in it, set `type: string`"),
    (["1.5", "2.5"], {"type": "integer"}, "Set `type: number`"),
    (["perhaps", "x"], {"type": "boolean"}, "Set `type: string`"),
    (["soon", "n/k"], {"type": "date"}, "Set `format` to how the dates are written"),
    (["Q", "R"], {"type": "string", "codes": "kind"}, "add the codes to the code list kind"),
    (["1A;9Z", "9Y"], {"type": "strings", "codes": "plain"}, "add the codes to the code list plain"),
    (["11", "12"], {"type": "number", "maximum": 10}, "the field's `minimum` and `maximum`"),
    (["1066-10-14", "0026-06-21"], {"type": "date"}, "Set `format` to how the dates are written"),
])
def test_columns_of_another_type_block(curated: Bench, raw: list[str], field: dict[str, object], remedy: str) -> None:
    """Every kind of lost value counts, and the sentence says what to set in the registry."""
    told = blocking(curated.columns({"value": raw}, {"value": field}, max_lost=0.05))
    assert len(told) == 1 and remedy in told[0]
    assert told[0].startswith("2 of 2 values would be lost, such as ") and told[0].endswith("or raise `max_lost`.")


def test_the_share_is_of_filled_values(curated: Bench) -> None:
    """One of twenty is 5 % and is allowed; one of nineteen, beside empty cells, is not; `max_lost` sets the share."""
    twenty = ["1"] * 19 + ["x"]
    assert not blocking(curated.columns({"value": twenty}, {"value": "integer"}, max_lost=0.05))
    sparse = ["1"] * 18 + ["x"] + [None] * 100
    assert len(blocking(curated.columns({"value": sparse}, {"value": "integer"}, max_lost=0.05))) == 1
    assert not blocking(curated.columns({"value": sparse}, {"value": "integer"}, max_lost=0.06))


def test_dates_that_stand_for_unknown_are_no_loss(curated: Bench) -> None:
    """A column of sentinels is empty as the registry says, and not lost."""
    made = curated.columns({"value": ["1835-08-01"] * 3}, {"value": {"type": "date", "sentinels": ["1835-08-01"]}},
                           max_lost=0)
    assert not blocking(made)


def test_numbers_in_their_unit_are_read(curated: Bench) -> None:
    """With `unit: m` a text such as "1 m" is a number; another unit is not."""
    values, made = curated.column(["0 m", "1.5m", "2", "3 M", "4 km"], type="number", unit="m")
    assert values == [0.0, 1.5, 2.0, 3.0, None] and curated.counts(made) == {("bad-value", "repaired"): 1}
    assert curated.column(["£1,200", "£ 3"], type="integer", unit="£")[0] == [1200, 3]


def test_reviewed_column_of_metres(curated: Bench) -> None:
    """The reviewed file: heights such as "1 m" block as numbers, and are read with their unit."""
    if not CASES.is_dir():
        pytest.skip("the reviewed cases (../shared/cases) are not beside the repository")
    raw = pd.read_csv(CASES / "wrong_type.csv", dtype=str)
    told = blocking(curated.columns({"value": raw["height"], "name": raw["name"]},
                                    {"value": "number", "name": "integer"}, max_lost=0.05))
    assert ["`unit: m`" in sentence for sentence in told] == [True, False] and "`type: string`" in told[1]
    read = curated.columns({"value": raw["height"]}, {"value": {"type": "number", "unit": "m"}}, max_lost=0.05)
    assert read.findings == () and None not in read.table["value"].to_pylist()


def test_a_lost_key_or_required_value_is_one_finding(curated: Bench) -> None:
    """Where the row goes with the value, the finding on the value says so, and no second one follows."""
    made = curated.columns({"code": ["1", "x", None], "n": ["5", "6", "7"], "day": ["2026-06-21"] * 3},
                           {"code": "integer", "n": "integer", "day": {"type": "date", "required": True}})
    assert curated.said(made) == [
        ("bad-value", "dropped", "row 2", "code", "'x' is not a whole number: the row is left out."),
        ("missing-value", "dropped", "row 3", "code", "has no value here: the row is left out.")]
    made = curated.columns({"day": ["2026-06-21", "soon"]}, {"day": {"type": "date", "required": True}})
    assert curated.said(made) == [("bad-value", "dropped", "c2", "day", "'soon' is not a date: the row is left out.")]


def test_a_date_that_stands_for_unknown_in_a_required_field(curated: Bench) -> None:
    """The row goes, with one finding that says so."""
    made = curated.columns({"day": ["1835-08-01", "2026-06-21"]},
                           {"day": {"type": "date", "required": True, "sentinels": ["1835-08-01"]}})
    assert curated.said(made) == [("sentinel-date", "dropped", "c1", "day",
                                   "1835-08-01 stands for an unknown date: the row is left out.")]


def test_rows_that_the_source_chooses_none_of(curated: Bench) -> None:
    """The sentence on no rows speaks of `where` where the registry has one: the source may have rows."""
    said = [curated.columns({"code": []}, {}, source=source).findings[0].sentence for source in (
        {"file": "a.csv"}, {"file": "a.csv", "where": {"code": ["x"]}})]
    assert [sentence.split(". ")[0] for sentence in said] == [
        "the source has no rows", "the source has no rows that `where` and `clip` keep"]
