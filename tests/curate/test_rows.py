"""Rows: which are left out, which stop a publication, how they are named and ordered."""

from __future__ import annotations

import geopandas as gpd
import shapely
from curating import CODES, COUNTY, layer
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.curate import curate


def test_required(curated) -> None:
    """A row without a value that is required, or without its key, is left out and told by key or by number."""
    made = curated.columns({"code": ["a", None, "c"], "name": ["x", "y", "  "]},
                           {"name": {"type": "string", "required": True}})
    assert made.table["id"].to_pylist() == ["a"]
    assert [said[:4] for said in curated.said(made)] == [
        ("missing-value", "dropped", "row 2", "code"), ("missing-value", "dropped", "c", "name")]


def test_exact_copies(curated) -> None:
    """Of rows that are the same in every field, the first stays; the others are told with its number."""
    made = curated.columns({"code": ["a", "b", "a", "a"], "tags": ["x;y", "x", "x;y", "x;y"], "n": [1, 2, 1, 1]},
                           {"tags": "strings", "n": "integer"})
    assert made.table["id"].to_pylist() == ["a", "b"]
    assert curated.said(made) == [
        ("duplicate-row", "dropped", "a", None, "row 3 is an exact copy of row 1."),
        ("duplicate-row", "dropped", "a", None, "row 4 is an exact copy of row 1.")]


def test_same_fields_elsewhere_is_no_copy(curated, layer_of) -> None:
    """Rows with the same fields in two places are not copies; with the same key, they block."""
    made = curated.shapes([shapely.Point(440000, 110000), shapely.Point(440001, 110000)], "Point")
    assert made.findings == ()
    places = gpd.points_from_xy([440000, 440001], [110000, 110000], crs=27700)
    frame = gpd.GeoDataFrame({"code": ["a", "a"]}, geometry=places)
    made = curate("things", layer_of("Point", {}), frame, (403000, 89500, 490000, 166000), {})
    assert curated.counts(made) == {("duplicate-key", "blocking"): 1}


def test_a_key_on_two_rows_blocks(curated) -> None:
    """Two different rows with one key stop the publication; each is named with the fields of the key."""
    made = curated.columns({"code": ["a", "a", "b", "b"], "n": [1, 2, 3, 4]}, {"n": "integer"})
    sentence = "stands on two different rows: a key names one feature, for good."
    assert curated.said(made) == [("duplicate-key", "blocking", "a", "code", sentence),
                                  ("duplicate-key", "blocking", "b", "code", sentence)]


def test_composite_keys(curated) -> None:
    """A key of several fields is the row's id, joined with full stops; white space in it becomes a hyphen."""
    made = curated.columns({"code": ["a b", "a b"], "year": [2025, 2026]}, {"year": "integer"}, key=["code", "year"])
    assert made.table["id"].to_pylist() == ["a-b.2025", "a-b.2026"]
    made = curated.columns({"code": ["a b", "a-b"], "year": [1, 1]}, {"year": "integer"}, key=["code", "year"])
    assert curated.said(made) == [("keys-alike", "blocking", "a-b.1", "code.year", (
        "the keys `a b, 1` and `a-b, 1` of two rows give the same id, because white space becomes a hyphen and the "
        "parts of a key are joined with full stops. Change one in the source, or add a field to `key`."))]


def test_keys_that_are_alike_and_keys_that_are_the_same(curated) -> None:
    """`A 1` and `A-1` would have one id, and the sentence says so; `A/1` has its own; one key twice is told."""
    made = curated.columns({"code": ["A 1", "A-1", "A/1", "A/1"], "n": [1, 2, 3, 4]}, {"n": "integer"})
    assert curated.counts(made) == {("duplicate-key", "blocking"): 1, ("keys-alike", "blocking"): 1}
    told = {finding.rule: finding.sentence for finding in made.findings}
    assert told["keys-alike"].startswith("the keys `A 1` and `A-1` of two rows give the same id")
    made = curated.columns({"code": ["a.b", "a"], "part": ["c", "b.c"]}, {"part": "string"}, key=["code", "part"])
    assert curated.counts(made) == {("keys-alike", "blocking"): 1}


def test_whole_number_keys(curated) -> None:
    """A key that is one whole number is an id that is a number, and rows are sorted by it as one."""
    made = curated.columns({"number": [10, 9, 2.0]}, {"number": "integer"}, key="number")
    assert made.table["id"].to_pylist() == [2, 9, 10]


def test_order_of_the_source_is_nothing(curated) -> None:
    """The same rows in another order make the same table."""
    one = curated.columns({"code": ["b", "a"], "n": [2, 1]}, {"n": "integer"})
    other = curated.columns({"code": ["a", "b"], "n": [1, 2]}, {"n": "integer"})
    assert one.table.equals(other.table)


def test_unique(curated) -> None:
    """A value that should be the only one and is not raises a doubt; the rows stay."""
    made = curated.columns({"n": [5, 5, None, None, 6]}, {"n": {"type": "integer", "unique": True}})
    assert curated.said(made) == [("repeated-value", "doubtful", "c2", "n", "5 stands on another row too.")]
    made = curated.columns({"n": ["a;b", "a;b"]}, {"n": {"type": "strings", "unique": True}})
    assert curated.counts(made) == {("repeated-value", "doubtful"): 1} and len(made.table) == 2


def test_missing_column_blocks(curated) -> None:
    """A column that is not there stops the publication, and the columns to spare are named as a hint."""
    made = curated.columns({"Nmae": ["x"]}, {"name": "string"})
    assert curated.said(made) == [("missing-column", "blocking", None, "name",
                                   "the source has no column name. It has also Nmae: is it one of them, under another "
                                   "name?")]


def test_no_rows_block(curated) -> None:
    """A source without rows, and one of which no row is left, stop the publication."""
    assert [said[:2] + said[4:] for said in curated.said(curated.columns({"code": []}, {}))] == [
        ("no-rows", "blocking", "the source has no rows. If that can be right, set `may_be_empty: true`.")]
    made = curated.columns({"code": [None, None]}, {})
    assert curated.said(made)[-1] == ("no-rows", "blocking", None, None, "no row is left to publish.")


def test_too_many_dropped_block(curated) -> None:
    """More rows lost than the registry allows stop the publication; as many as it allows do not."""
    codes = ["a", "b", "c", None]
    assert curated.counts(curated.columns({"code": codes}, {}, max_dropped=0.25)) == {("missing-value", "dropped"): 1}
    made = curated.columns({"code": codes}, {}, max_dropped=0.2)
    assert curated.said(made)[-1] == (
        "too-many-dropped", "blocking", None, None,
        "1 of 4 rows would be dropped, more than max_dropped 20%. Correct the source, or raise `max_dropped` in the "
        "registry.")


VALUES = st.lists(st.tuples(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6),
    st.one_of(st.none(), st.integers(-10**18, 10**18)), st.one_of(st.none(), st.floats(allow_nan=True)),
    st.one_of(st.none(), st.booleans()),
    st.sampled_from([None, "2026-11-21", "21/11/2026", "1835-08-01", "x", "1.1.26"]),
    st.sampled_from([None, "O", "B", "Q", " O "]), st.sampled_from([None, "1A;2B", "2B", "9Z", ""]),
    st.integers(0, 6)), min_size=1, max_size=8)
FIELDS = {"text": "string", "whole": "integer", "number": "number", "flag": "boolean", "tags": "strings",
          "day": {"type": "date", "sentinels": ["1835-08-01"]}, "kind": {"type": "string", "codes": "kind"}}
PLACES = ["POLYGON((440000 110000,440100 110000,440100 110100,440000 110000))",
          "POLYGON((440000 110000,440100 110100,440100 110000,440000 110100,440000 110000))",
          "MULTIPOLYGON(((440000.123 110000.456,440010 110000,440010 110010,440000.123 110000.456)))",
          "POLYGON((440000 110000,440100 110000,440200 110000,440000 110000))", "POLYGON EMPTY", "POINT(440000 110000)",
          "POLYGON((40000 110000,40100 110000,40100 110100,40000 110000))"]


@settings(max_examples=examples(60), deadline=None)
@given(VALUES)
def test_curating_again_changes_nothing(rows: list[tuple[object, ...]]) -> None:
    """A curated layer, curated again, gives no finding, and is the same to the last value and coordinate."""
    columns = dict(zip(("text", "whole", "number", "flag", "day", "kind", "tags", "place"), zip(*rows, strict=True),
                       strict=True))
    places = shapely.from_wkt([PLACES[int(place)] for place in columns.pop("place")])
    frame = gpd.GeoDataFrame({"code": [f"c{n}" for n in range(len(rows))], **columns}, geometry=list(places), crs=27700)
    things = layer("MultiPolygon", FIELDS)
    first = curate("things", things, frame, COUNTY, CODES)
    if not len(first.table):
        return
    again = gpd.GeoDataFrame({name: first.table[name].to_pylist() for name in things.fields}, geometry=first.shapes,
                             crs=27700)
    second = curate("things", things, again, COUNTY, CODES)
    assert second.findings == ()
    assert second.table.equals(first.table)
    assert (shapely.to_wkb(second.shapes) == shapely.to_wkb(first.shapes)).all()
