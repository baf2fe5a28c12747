"""Parameters of a page of items: properties by name, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from questions import at, ids, problem
from truth import Truth


@pytest.mark.parametrize(("layer", "name", "value"), [
    ("rights_of_way", "status", "FP"), ("streets", "usrn", 99000021), ("streets", "surface", 1),
    ("rights_of_way", "promoted", True), ("rights_of_way", "promoted", False), ("schools", "name", None),
    ("streets", "street_descriptor", None), ("rights_of_way", "length_m", None), ("winter_routes", "season", "2026-27"),
    ("designations", "designation_date", None), ("services", "town", None)])
def test_a_property_by_name(
    client: FlaskClient, true: Callable[..., Truth], layer: str, name: str, value: Any
) -> None:
    """`?name=value` has exactly the features whose value it is (None here: that of the first that has one)."""
    truth = true(layer)
    wanted = next(each for each in truth.column(name) if each is not None) if value is None else value
    expected = {each for each, has in zip(truth.ids, truth.column(name), strict=True) if has == wanted}
    text = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
    assert set(ids(client.get(at(layer, limit=10_000, **{name: text})).get_json())) == expected != set()


def test_two_properties_must_both_hold(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Several properties are joined by AND."""
    truth = true("rights_of_way")
    expected = {each for each, status, surface in zip(
        truth.ids, truth.column("status"), truth.column("surface"), strict=True)
        if status == "FP" and surface == "Unmade"}
    assert set(ids(client.get(at("rights_of_way", status="FP", surface="Unmade")).get_json())) == expected != set()


@pytest.mark.parametrize("row", ["it's \"quoted\"", "Ünïcödé-名", "what?&x=1#y;z+", "a/b", "..", "a%2Fb"])
def test_any_text_can_be_asked_for(odd: FlaskClient, row: str) -> None:
    """Quotes, wildcards, marks and letters of all scripts are text, and nothing else."""
    answer = odd.get("/collections/odd/items", query_string={"code": row}).get_json()
    assert [feature["properties"]["code"] for feature in answer["features"]] == [row]


@pytest.mark.parametrize("text", ["%", "_", "' OR '1'='1", "\\", "FP%00", "fp", "FP "])
def test_no_text_is_a_pattern(client: FlaskClient, text: str) -> None:
    """A value is compared letter by letter: no wildcard, no other case, no way out of its quotes."""
    answer = client.get("/collections/rights_of_way/items", query_string={"status": text})
    assert answer.get_json()["numberMatched"] == 0


@pytest.mark.parametrize(("name", "text", "sentence"), [
    ("usrn", "abc", "usrn `abc` is not a number."), ("usrn", "", "usrn `` is not a number."),
    ("usrn", "1_0", "usrn `1_0` is not a number."), ("usrn", "٣", "usrn `٣` is not a number."),
    ("length_m", "nan", "length_m `nan` is not a number."), ("length_m", "inf", "length_m `inf` is not a number."),
    ("length_m", "1e400", "length_m `1e400` is not a number."),
    ("synthetic", "maybe", "synthetic is true or false, not `maybe`."),
    ("last_update_date", "soon", "`soon` is not a date or time. Write 2025-06-01 or 2025-06-01T09:30:00Z.")])
def test_a_value_of_another_type_is_refused(client: FlaskClient, name: str, text: str, sentence: str) -> None:
    """The sentence names the property and what was written; the fault is put down to that parameter."""
    answer = client.get("/collections/streets/items", query_string={name: text})
    assert problem(client, answer, 400, name) == sentence


@pytest.mark.parametrize(("name", "hint"), [
    ("limits", "Did you mean `limit`?"), ("bbox_crs", "Did you mean `bbox-crs`?"), ("Crs", "Did you mean `crs`?"),
    ("sort-by", "Did you mean `sortby`?"), ("skipgeometry", "Did you mean `skipGeometry`?"),
    ("stat", "Did you mean `state`?"), ("zzz", "It has: f, limit, offset,")])
def test_an_unknown_parameter_is_refused(client: FlaskClient, name: str, hint: str) -> None:
    """One that is passed over gives an answer nobody asked for. The sentence suggests what may have been meant."""
    sentence = problem(client, client.get("/collections/streets/items", query_string={name: "1"}), 400, name)
    assert sentence.startswith(f"`{name}` is not a parameter of this resource.")
    assert hint in sentence


def test_a_hidden_field_is_an_unknown_parameter(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Asking by a hidden field answers as asking by one that never was; no hint leads to it."""
    for name in true("streets").hidden_fields:
        real = client.get("/collections/streets/items", query_string={name: "1"})
        assert real.status_code == 400
        assert name not in real.text.replace(f"`{name}` is not", "").replace(f'"parameter":"{name}"', "")


@pytest.mark.parametrize("name", ["limit", "bbox", "filter", "f", "crs", "usrn", "offset"])
def test_a_parameter_that_stands_twice_is_refused(client: FlaskClient, name: str) -> None:
    """Which of them was meant? Even two of the same are refused."""
    answer = client.get(f"/collections/streets/items?{name}=1&{name}=1")
    assert problem(client, answer, 400, name) == f"`{name}` stands 2 times: say it once."


@pytest.mark.parametrize(("name", "text"), [
    ("properties", "no_such"), ("properties", "start_date"), ("properties", "id"), ("properties", "usrn,geometry")])
def test_an_unknown_property_is_refused(client: FlaskClient, name: str, text: str) -> None:
    """A hidden property and one that never was are refused in the same words, with the list of those there are."""
    sentence = problem(client, client.get(at("streets", **{name: text})), 400, name)
    assert f"`{text.rsplit(',', 1)[-1]}` is not a property of this collection. It has: " in sentence
    assert "naming_authority" not in sentence


@pytest.mark.parametrize("text", ["yes", "", "2", "truee", "on"])
def test_skip_geometry_is_true_or_false(client: FlaskClient, text: str) -> None:
    """Anything else is 400."""
    problem(client, client.get(at("streets", skipGeometry=text)), 400, "skipGeometry")
