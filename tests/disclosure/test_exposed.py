"""The attacker: it must find what a careless table tells, or its silence means nothing."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hierarchies import SUMS, counties, declared
from hypothesis import given, settings

from hantsmap.access import Counts
from hantsmap.disclosure import exposed

BANDS = Counts(fields=("persons", "a", "b", "c"), sums={"persons": ("a", "b", "c")}, round_to=1)


def found(counts: Counts, before: dict[str, list[Any]], **hidden: Any) -> list[str]:
    """What the attacker finds when these columns are published in the place of those before."""
    return exposed(pa.table(before), pa.table(before | hidden), counts)


def test_one_hidden_part_is_the_difference() -> None:
    """A single suppressed band is the total less the others, exactly."""
    before = {"persons": [64], "a": [20], "b": [40], "c": [4]}

    assert found(BANDS, before, c=pa.array([None], pa.int64())) == ["c of row 1: 4 to 4"]


def test_two_hidden_parts_that_are_few_are_found() -> None:
    """Two suppressed bands of 7 people together are each known to less than ten."""
    before = {"persons": [67], "a": [60], "b": [3], "c": [4]}
    nothing = pa.array([None], pa.int64())

    assert found(BANDS, before, b=nothing, c=nothing) == ["b of row 1: 0 to 7", "c of row 1: 0 to 7"]


def test_two_hidden_parts_that_are_many_are_safe() -> None:
    """Two suppressed bands of 24 people together could be anything up to 24."""
    before = {"persons": [64], "a": [40], "b": [20], "c": [4]}
    nothing = pa.array([None], pa.int64())

    assert found(BANDS, before, b=nothing, c=nothing) == []


def test_a_hidden_total_is_the_sum_of_its_parts() -> None:
    """To suppress a total and show its parts is to show it."""
    before = {"persons": [60], "a": [20], "b": [20], "c": [20]}

    assert found(BANDS, before, persons=pa.array([None], pa.int64())) == ["persons of row 1: 60 to 60"]


def test_an_area_hidden_among_shown_ones_is_found() -> None:
    """The parent less the other children is the suppressed child, and the answer names area and period."""
    counts = Counts(fields=("n",), area="area", parent="parent", period="year", round_to=1)
    before = {"area": ["all", "a", "b"], "parent": [None, "all", "all"], "year": [2023] * 3, "n": [54, 50, 4]}

    assert found(counts, before, n=[54, 50, None]) == ["n of b in 2023: 4 to 4"]


def test_rounding_widens_what_is_found() -> None:
    """From 65 - 20 - 40, rounded to five, the fourth figure is 0 to 11: not narrow enough to tell."""
    before = {"persons": [64], "a": [20], "b": [40], "c": [4]}
    counts = BANDS.model_copy(update={"round_to": 5})

    assert found(counts, before, persons=[65], c=pa.array([None], pa.int64())) == []


def test_hidden_cells_are_followed_from_equation_to_equation() -> None:
    """What one sum tells is used in the next: a total that is itself a part."""
    counts = Counts(fields=("all", "f", "m", "f1", "f2"), sums={"all": ("f", "m"), "f": ("f1", "f2")}, round_to=1)
    before = {"all": [70], "f": [24], "m": [46], "f1": [20], "f2": [4]}
    nothing = pa.array([None], pa.int64())

    assert found(counts, before, f=nothing, f2=nothing) == ["f of row 1: 24 to 24", "f2 of row 1: 4 to 4"]


def test_small_counts_that_a_level_does_not_show_are_guarded_too() -> None:
    """A small count that is only not published at its level counts as found when it can be worked out."""
    counts = Counts(fields=("n",), by="level", keep={"LSOA": ("n",)}, area="area", parent="parent", round_to=1)
    before = {"level": ["LSOA", "OA", "LSOA"], "area": ["all", "a", "b"], "parent": [None, "all", "all"],
              "n": [54, 4, 50]}

    assert found(counts, before, n=[54, None, 50]) == ["n of a: 4 to 4"]


def test_tables_of_different_rows_are_refused() -> None:
    """The attacker compares like with like."""
    table = pa.table({"n": [20]})

    with pytest.raises(ValueError, match="different numbers of rows"):
        exposed(table, table.slice(1), Counts(fields=("n",)))


@settings(deadline=None)
@given(counties())
def test_suppression_of_one_cell_alone_is_always_found(table: pa.Table) -> None:
    """Without rounding, any one part taken from its sum is found with its exact value."""
    counts = declared(round_to=1, suppress_under=1)
    for parts in SUMS.values():
        for part in parts:
            lost = pa.array([None, *table[part].to_pylist()[1:]], pa.int64())
            after = table.set_column(table.column_names.index(part), part, lost)
            value = table[part][0].as_py()
            if value:
                assert exposed(table, after, counts)[0].endswith(f" in 2023: {value} to {value}")
