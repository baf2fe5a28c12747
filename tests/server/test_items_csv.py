"""A page of features as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from collections.abc import Callable

import pytest
import shapely
from flask.testing import FlaskClient
from questions import COUNTS, LAYERS, at
from truth import Truth

from hantsmap.query import features


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Rows of a CSV answer by column."""
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.data.startswith(b"\xef\xbb\xbf"), "without a byte-order mark, Excel does not read it as UTF-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("layer", LAYERS)
def test_it_has_a_row_for_each_feature(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """The id, each granted field and the geometry; as many rows as features."""
    found = rows(client, at(layer, f="csv", limit=10_000))
    assert len(found) == COUNTS[layer]
    table = layer == "policy_indicators"
    assert sorted(found[0]) == sorted(["id", *true(layer).fields, *([] if table else ["geometry"])])
    assert sorted(row["id"] for row in found) == sorted(map(str, true(layer).ids))


def test_values_are_those_of_the_features(client: FlaskClient) -> None:
    """Same order and same values as in GeoJSON: null is an empty cell, truth is in lower case."""
    features = client.get(at("schools")).get_json()["features"]
    for feature, row in zip(features, rows(client, at("schools", f="csv")), strict=True):
        for name, value in feature["properties"].items():
            expected = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            assert row[name] == expected, name


def test_a_list_is_json(client: FlaskClient) -> None:
    """A list stands in its cell as JSON."""
    cells = {row["criteria_family"] for row in rows(client, at("sinc", f="csv"))}
    assert cells
    assert all(cell.startswith('["') and cell.endswith('"]') for cell in cells)


def test_geometry_is_wkt_in_the_system_asked_for(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """WKT in the reference system of the question: grid metres within a centimetre."""
    truth = true("rights_of_way")
    expected = dict(zip(truth.ids, truth.shapes, strict=True))
    for row in rows(client, at("rights_of_way", f="csv", crs="27700")):
        assert shapely.equals_exact(shapely.from_wkt(row["geometry"]), expected[row["id"]], tolerance=0.0051)


def test_it_takes_every_parameter(client: FlaskClient) -> None:
    """Filter, order, page, properties and skipGeometry hold for CSV as for GeoJSON."""
    asked = {"filter": "status = 'FP'", "sortby": "-length_m", "limit": 5, "offset": 2, "properties": "length_m"}
    features = client.get(at("rights_of_way", **asked)).get_json()["features"]
    found = rows(client, at("rights_of_way", f="csv", skipGeometry="true", **asked))
    assert [list(row) for row in found] == [["id", "length_m"]] * 5
    assert [row["id"] for row in found] == [feature["id"] for feature in features]


@pytest.mark.parametrize(("code", "cell"), [
    ("formula", "'=HYPERLINK(\"http://evil.example\",\"x\")"), ("plus", "'+1+1"), ("minus", "'-1+1"),
    ("at", "'@SUM(A1)"), ("wide", "'＝1+1"), ("like", "100% of a_b \\ it")])
def test_no_cell_is_a_formula(odd: FlaskClient, code: str, cell: str) -> None:
    """Text that a spreadsheet would run begins with an apostrophe; all other text is as it is."""
    found = {row["code"]: row["name"] for row in rows(odd, at("odd", f="csv"))}
    assert found[code] == cell


@pytest.mark.parametrize("before", ["\ufeff", "\u200b", ";", " ", "\xa0", "\u2003", "; \u200b", "\ufeff;", "\t", "\0"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫"])
def test_a_formula_behind_what_is_skipped_is_guarded(before: str, sign: str) -> None:
    """White space, characters that cannot be seen and semicolons before a formula do not hide it."""
    text = f"{before}{sign}1+1"
    assert features.cell(text) == f"'{text}"


def test_every_character_that_cannot_be_seen_is_skipped() -> None:
    """All control, format and white space characters of Unicode."""
    kinds = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    unseen = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in kinds]
    assert len(unseen) > 200
    assert [hex(ord(each)) for each in unseen if features.cell(f"{each}=1") != f"'{each}=1"] == []


@pytest.mark.parametrize("text", ["Ford Lane", "a=1", "1;2", "x-y", "; and more", "'=1", "Café", "5 - 3", ""])
def test_other_text_is_as_it_is(text: str) -> None:
    """A sign behind a letter or a digit is no formula."""
    assert features.cell(text) == text


def test_a_negative_number_stays_a_number(odd: FlaskClient) -> None:
    """Only text is guarded: -1.25 can still be added up."""
    assert {row["share"] for row in rows(odd, at("odd", f="csv")) if row["code"] == "a/"} == {"-1.25"}


def test_odd_ids_and_quotes_survive(odd: FlaskClient) -> None:
    """Quotes, commas and letters of all scripts come back through a CSV reader."""
    assert {"it's \"quoted\"", "Ünïcödé-名", "what?&x=1#y;z+"} <= {row["code"] for row in rows(odd, at("odd", f="csv"))}


def test_an_empty_answer_has_its_heading(client: FlaskClient) -> None:
    """Nothing matches: one line, the names of the columns."""
    answer = client.get(at("schools", f="csv", urn=1))
    assert answer.text.count("\r\n") == 1
    assert answer.text.startswith("\ufeffid,")


def test_it_has_a_file_name(client: FlaskClient) -> None:
    """A browser that saves it names it after the layer."""
    assert client.get(at("schools", f="csv")).headers["Content-Disposition"] == 'inline; filename="schools.csv"'


def test_one_feature_is_not_offered_as_csv(client: FlaskClient) -> None:
    """One feature has two forms, and the sentence names them."""
    answer = client.get("/collections/schools/items/990001?f=csv")
    assert answer.status_code == 400
    assert answer.get_json()["description"] == "f `csv` is not offered here. Choose one of json, html."
