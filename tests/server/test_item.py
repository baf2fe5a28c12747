"""One feature by its id."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from flask.testing import FlaskClient
from questions import LAYERS, at, ids, inside, one, problem, valid
from shapely.geometry import shape
from shops import ROWS
from truth import URIS, Truth


@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_the_feature_of_the_page(client: FlaskClient, layer: str) -> None:
    """Each of the first features is the same on its own as on its page, and is a Feature of our OpenAPI document."""
    for feature in client.get(at(layer, limit=5)).get_json()["features"]:
        answer = client.get(one(layer, feature["id"]))
        assert (answer.status_code, answer.content_type) == (200, "application/geo+json")
        alone = valid(client, answer.get_json(), "Feature")
        assert {name: alone[name] for name in ("type", "id", "geometry", "properties")} == feature


def test_its_links(client: FlaskClient) -> None:
    """`self`, the page, and the layer; each leads where it says."""
    links = client.get(one("winter_routes", "99001145.2026-27")).get_json()["links"]
    assert [(each["rel"], inside(each["href"]), each["type"]) for each in links] == [
        ("self", "/collections/winter_routes/items/99001145.2026-27", "application/geo+json"),
        ("alternate", "/collections/winter_routes/items/99001145.2026-27?f=html", "text/html"),
        ("collection", "/collections/winter_routes", "application/json")]
    assert all(client.get(inside(each["href"])).content_type.startswith(each["type"]) for each in links)


def test_its_links_keep_the_reference_system(client: FlaskClient) -> None:
    """A feature in the National Grid is, by its self link, still in the National Grid."""
    here = one("schools", 990001, f"?crs={URIS['27700']}")
    document = client.get(here).get_json()
    links = {each["rel"]: inside(each["href"]) for each in document["links"]}
    assert links["self"] == here
    assert client.get(links["self"]).get_json()["geometry"] == document["geometry"]
    assert links["alternate"] == f"{here}&f=html"


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_odd_ids_come_back(odd: FlaskClient, row: tuple[str, ...]) -> None:
    """Whatever an id has in it, its escaped address leads to it, and its self link leads there again."""
    named = {feature["properties"]["code"]: feature["id"] for feature in odd.get(at("odd")).get_json()["features"]}
    answer = odd.get(one("odd", named[row[0]]))
    assert answer.status_code == 200
    document = answer.get_json()
    assert (document["id"], document["properties"]["code"]) == (named[row[0]], row[0])
    again = odd.get(inside(document["links"][0]["href"]))
    assert again.get_json() == document


def test_a_slash_need_not_be_escaped(odd: FlaskClient) -> None:
    """`a/b` and `a%2Fb` are addresses of one feature; `a%252Fb` is that of another."""
    assert odd.get("/collections/odd/items/a/b").get_json()["properties"]["name"] == "A slash"
    assert odd.get("/collections/odd/items/a%2Fb").get_json()["properties"]["name"] == "A slash"
    assert odd.get("/collections/odd/items/a%252Fb").get_json()["properties"]["name"] == "A slash already escaped"
    assert odd.get("/collections/odd/items/a%2F%2Fb").get_json()["properties"]["name"] == "Two slashes"


@pytest.mark.parametrize("wrong", ["1", "99000021 ", "099000021", "+99000021", "99000021.0", "9".zfill(400), "٩", "%00",
                                   "' OR 1=1 --", "../streets", "99000021/", "null", "*"])
def test_what_is_not_there_is_not_found(client: FlaskClient, wrong: str) -> None:
    """An id is compared letter by letter: nothing that is nearly one leads to a feature."""
    sentence = problem(client, client.get(one("streets", wrong)), 404)
    assert sentence == f"There is no feature `{wrong}` in streets."


def test_a_hidden_row_does_not_exist(client: FlaskClient, staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """The id of a row that is hidden answers as one that never was; staff find it."""
    hidden = true("streets").hidden_ids
    assert len(hidden) == 10
    for each in hidden:
        expected = client.get(one("streets", 99999999)).data.replace(b"99999999", str(each).encode())
        assert client.get(one("streets", each)).data == expected
        assert staff.get(one("streets", each)).status_code == 200


def test_place_in_all_systems(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """A school is in the same place in each system, within 5 cm of OSTN15, in the authority's axis order."""
    truth = true("schools")
    for system in ("CRS84", "27700", "4326", "3857"):
        document = client.get(one("schools", 990001, f"?crs={URIS[system]}")).get_json()
        x, y = shape(document["geometry"]).coords[0]
        given = np.array((y, x) if system == "4326" else (x, y))
        expected = truth.shapes_in(system)[truth.ids.index(990001)].coords[0]
        tolerance = 5e-7 if system in ("CRS84", "4326") else 0.05
        assert np.allclose(given, expected, atol=tolerance, rtol=0), system


def test_it_takes_two_parameters_only(client: FlaskClient) -> None:
    """What chooses features has no meaning on one feature: it is refused, not passed over."""
    for name in ("limit", "bbox", "filter", "properties", "datetime", "usrn"):
        answer = client.get(one("streets", 99000021, f"?{name}=1"))
        assert f"`{name}` is not a parameter" in problem(client, answer, 400, name)


def test_every_feature_of_a_page_has_an_address(odd: FlaskClient) -> None:
    """All features of the odd layer are found by their ids, and none of them answers for another."""
    for each in ids(odd.get(at("odd")).get_json()):
        assert odd.get(one("odd", each)).get_json()["id"] == each
