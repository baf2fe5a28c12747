"""What becomes of a table of counts: the steps one by one, and what holds whatever the counts are."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hierarchies import FIELDS, KEEP, cells, counties, declared, solved
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.access import Counts
from hantsmap.disclosure import control, exposed

BANDS = ("persons", "a", "b", "c")
OF_BANDS = Counts(fields=BANDS, sums={"persons": ("a", "b", "c")})
ACROSS = Counts(fields=("persons",), area="area", parent="parent", period="year")


def after(counts: Counts, **columns: Any) -> dict[str, list[Any]]:
    """The columns of a table after control."""
    return control(pa.table(columns), counts).to_pydict()


def areas(counts: Counts, persons: dict[str, int], year: int = 2023) -> dict[str, int | None]:
    """Persons of the areas a, b, c … of the area `all`, after control."""
    result = after(counts, area=list(persons), parent=[None if name == "all" else "all" for name in persons],
                   year=[year] * len(persons), persons=list(persons.values()))
    return dict(zip(result["area"], result["persons"], strict=True))


def test_a_level_shows_the_counts_that_it_keeps_and_says_nothing_of_the_others() -> None:
    """Band collapse: counts that a row's level does not keep are null, and are not called suppressed."""
    counts = OF_BANDS.model_copy(update={"by": "level", "keep": {"OA": ("persons",), "LSOA": BANDS}})

    found = after(counts, level=["OA", "LSOA"], persons=[90, 90], a=[30, 30], b=[30, 30], c=[30, 30])

    assert found == {"level": ["OA", "LSOA"], "persons": [90, 90], "a": [None, 30], "b": [None, 30], "c": [None, 30],
                     "suppressed": [False, False]}


def test_a_level_that_is_not_named_keeps_no_counts() -> None:
    """Fail-closed: a row whose level has no entry, or that has no level, shows nothing."""
    counts = OF_BANDS.model_copy(update={"by": "level", "keep": {"LSOA": BANDS}})

    found = after(counts, level=["OA", None], persons=[90, 90], a=[30, 30], b=[30, 30], c=[30, 30])

    assert [found[name] for name in BANDS] == [[None, None]] * 4


def test_counts_under_ten_are_null_and_the_others_are_rounded_to_five() -> None:
    """The 10-5 rule: 9 is suppressed and so is 0; 10 to 12 are shown as 10, and 13 as 15."""
    assert after(Counts(fields=("n",)), n=[0, 4, 9, 10, 12, 13, 17, 18, None]) == {
        "n": [None, None, None, 10, 10, 15, 15, 20, None],
        "suppressed": [True, True, True, False, False, False, False, False, False]}


def test_rounding_is_half_up() -> None:
    """To the nearest 10, 15 is 20 and 25 is 30: no banker's rounding."""
    assert after(Counts(fields=("n",), round_to=10), n=[14, 15, 24, 25])["n"] == [10, 20, 20, 30]


def test_nothing_is_shown_as_less_than_the_threshold() -> None:
    """A count that rounding would show as 0, or as less than the threshold, is suppressed instead."""
    assert after(Counts(fields=("n",), round_to=50), n=[10, 24, 25, 80])["n"] == [None, None, 50, 100]


def test_the_four_old_people_of_an_output_area_take_the_smallest_band_with_them() -> None:
    """Brief 2.4.1: where one band of a shown total is suppressed, the smallest of the others is too."""
    found = after(OF_BANDS, persons=[284], a=[60], b=[220], c=[4])

    assert found == {"persons": [285], "a": [None], "b": [220], "c": [None], "suppressed": [True]}


def test_of_equal_bands_the_first_declared_goes() -> None:
    """Ties are broken by the order of `fields`, never by chance."""
    assert after(OF_BANDS, persons=[104], a=[50], b=[50], c=[4])["a"] == [None]


def test_small_parts_that_are_few_together_take_another_one() -> None:
    """Two suppressed parts of 3 and 4 people would tell that they are 7 together."""
    assert after(OF_BANDS, persons=[57], a=[50], b=[3], c=[4])["a"] == [None]


def test_small_parts_that_are_enough_together_take_no_other() -> None:
    """Two suppressed parts of 6 and 7 people hide each other: the rest stays."""
    assert after(OF_BANDS, persons=[63], a=[50], b=[6], c=[7])["a"] == [50]


def test_a_total_goes_when_no_part_is_left() -> None:
    """Where all parts are suppressed and together they are few, the total would tell it."""
    counts = OF_BANDS.model_copy(update={"suppress_under": 20, "round_to": 1})

    assert after(counts, persons=[19], a=[4], b=[5], c=[10])["persons"] == [None]


def test_totals_within_totals_are_followed_to_the_end() -> None:
    """A part that is suppressed for its total's sake takes a part of its own with it, or its parts would tell it."""
    counts = Counts(fields=("all", "f", "m", "f1", "f2", "m1", "m2"),
                    sums={"all": ("f", "m"), "f": ("f1", "f2"), "m": ("m1", "m2")})

    found = after(counts, all=[58], f=[8], m=[50], f1=[5], f2=[3], m1=[20], m2=[30])

    assert [name for name in counts.fields if found[name] == [None]] == ["f", "m", "f1", "f2", "m1"]


def test_two_ways_to_cut_the_same_people_are_seen_as_one_sum() -> None:
    """Persons less women are the men, though no field says men: their parts are not to be had that way."""
    counts = declared(area=None, parent=None, period=None)
    table = pa.table({"persons": [119], "young": [55], "old": [64], "women": [110],
                      "young_f": [50], "young_m": [5], "old_f": [60], "old_m": [4]})

    found = control(table, counts).to_pydict()

    assert found["women"] == [None] or found["persons"] == [None]


def test_an_areas_only_small_part_takes_the_next_smallest() -> None:
    """One suppressed output area of a shown LSOA would be the difference: the smallest other one goes too."""
    assert areas(ACROSS, {"all": 104, "c": 40, "a": 60, "b": 4}) == {"all": 105, "c": None, "a": 60, "b": None}


def test_of_equal_areas_the_first_code_goes() -> None:
    """Ties between areas are broken by their codes, wherever they stand in the table."""
    assert areas(ACROSS, {"all": 104, "y": 50, "x": 50, "z": 4}) == {"all": 105, "x": None, "y": 50, "z": None}


def test_an_area_whose_parts_are_all_small_goes_when_they_are_few() -> None:
    """The parent is suppressed where no child is left to hide another."""
    counts = ACROSS.model_copy(update={"suppress_under": 20})

    assert areas(counts, {"all": 23, "a": 19, "b": 0, "c": 4}) == {"all": 25, "a": None, "b": None, "c": None}
    assert areas(counts, {"all": 30, "a": 4}) == {"all": None, "a": None}


def test_the_same_area_in_another_year_is_another_sum() -> None:
    """Periods do not mix: a small part in one year suppresses nothing in another."""
    found = after(ACROSS, area=["all", "a", "b"] * 2, parent=[None, "all", "all"] * 2, year=[2023] * 3 + [2024] * 3,
                  persons=[54, 50, 4, 60, 20, 40])

    assert found["persons"] == [55, None, None, 60, 20, 40]


def test_a_part_that_the_source_leaves_out_hides_nothing() -> None:
    """Null stays null, and does not count as a second suppressed part."""
    assert after(OF_BANDS, persons=[54], a=pa.array([None], pa.int64()), b=[50], c=[4])["b"] == [None]


def test_other_columns_and_types_stay_as_they_were() -> None:
    """Only the counts change, and `suppressed` replaces a column of that name."""
    table = pa.table({"suppressed": ["?"], "n": pa.array([12], pa.int16()), "share": [0.5], "x": pa.array([12.6])})

    found = control(table, Counts(fields=("n", "x")))

    assert found.to_pydict() == {"suppressed": [False], "n": [10], "share": [0.5], "x": [15.0]}
    assert [found.schema.field(name).type for name in ("n", "x")] == [pa.int16(), pa.float64()]


def test_an_empty_table_stays_empty() -> None:
    """No rows are no trouble."""
    table = pa.table({name: pa.array([], pa.int64()) for name in (*FIELDS, "year")}
                     | {name: pa.array([], pa.string()) for name in ("area", "parent", "level")})

    assert len(control(table, declared(by="level", keep=KEEP))) == 0


def test_an_area_that_stands_twice_in_a_period_is_refused() -> None:
    """Two base years in one table cannot be told apart without a period that does."""
    with pytest.raises(ValueError, match="Area a has two rows for one period"):
        after(ACROSS, area=["a", "a"], parent=["b", "b"], year=[2023, 2023], persons=[20, 30])


def test_a_declaration_that_cannot_be_meant_is_refused() -> None:
    """Nothing is published under rules that make no sense."""
    with pytest.raises(ValueError, match="`c` is not a field"):
        after(OF_BANDS, persons=[20], a=[10], b=[10])


collapses = st.sampled_from([{}, {"by": "level", "keep": KEEP}])
bases = st.sampled_from([{}, {"round_to": 1}, {"round_to": 10}, {"round_to": 50}, {"suppress_under": 3}])


@settings(deadline=None)
@given(counties(slips=True), collapses, bases)
def test_nothing_that_is_hidden_can_be_worked_out(table: pa.Table, collapse: Any, base: Any) -> None:
    """Whatever the counts, `exposed` finds no hidden cell: even where figures are missing, or do not add up."""
    counts = declared(**collapse, **base)

    assert exposed(table, control(table, counts), counts) == []


@settings(deadline=None, derandomize=True, max_examples=examples(60))
@given(counties())
def test_solving_all_equations_at_once_tells_nothing_more(table: pa.Table) -> None:
    """A second attacker, with linear algebra and unrounded figures, finds no suppressed cell in these counties."""
    published = control(table, declared(round_to=1))

    assert solved(table, published) == set()


@settings(deadline=None)
@given(counties(slips=True), collapses, bases)
def test_what_is_shown_is_rounded_and_not_small(table: pa.Table, collapse: Any, base: Any) -> None:
    """Every number shown is a multiple of the base, at least the threshold, and within the base of the truth."""
    counts = declared(**collapse, **base)

    published = control(table, counts)

    for name in FIELDS:
        for truth, shown in zip(table[name].to_pylist(), published[name].to_pylist(), strict=True):
            assert shown is None or (shown % counts.round_to == 0 and shown >= counts.suppress_under
                                     and -counts.round_to <= 2 * (truth - shown) < counts.round_to)
            assert truth is not None or shown is None


@settings(deadline=None)
@given(counties(slips=True), collapses, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(table: pa.Table, collapse: Any, chance: Any) -> None:
    """The same rows in another order give the same cells, row by row."""
    order = list(range(len(table)))
    chance.shuffle(order)
    counts = declared(**collapse)

    assert control(table.take(order), counts).equals(control(table, counts).take(order))


@settings(deadline=None)
@given(counties(slips=True), collapses)
def test_what_else_is_asked_changes_no_cell(table: pa.Table, collapse: Any) -> None:
    """One MSOA and one year by themselves give the same cells as among all others."""
    counts = declared(**collapse)
    whole = cells(control(table, counts))

    for year in set(table["year"].to_pylist()):
        for msoa in ("0", "1"):
            mine = pc.and_(pc.equal(table["year"], year), pc.match_substring_regex(table["area"], f"^[A-Z]+{msoa}"))
            alone = cells(control(table.filter(mine), counts))
            assert alone == {key: whole[key] for key in alone}


@settings(deadline=None)
@given(counties())
def test_a_row_says_that_it_lost_a_count_exactly_when_it_did(table: pa.Table) -> None:
    """`suppressed` is true in rows with a null that the source had, and in no other."""
    for row in control(table, declared()).to_pylist():
        assert row["suppressed"] == any(row[name] is None for name in FIELDS)


@settings(deadline=None, max_examples=examples(40))
@given(counties(), st.sampled_from([1, 3, 10, 20]))
def test_every_count_under_the_threshold_is_hidden(table: pa.Table, under: int) -> None:
    """Whatever the threshold, each count under it is null."""
    published = control(table, declared(suppress_under=under))

    for name in FIELDS:
        small = pc.less(table[name], under)
        assert published[name].filter(small).null_count == pc.sum(small).as_py()
