"""The `sortby` parameter: order, nulls and ties."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from questions import at, ids, problem


def column(client: FlaskClient, layer: str, name: str, **asked: Any) -> list[Any]:
    """Values of a property, in the order of the answer."""
    return [feature["properties"][name] for feature in client.get(at(layer, **asked)).get_json()["features"]]


@pytest.mark.parametrize("name", [
    "usrn", "length_m", "street_descriptor", "last_update_date", "synthetic", "surface_text"])
def test_up_and_down(client: FlaskClient, name: str) -> None:
    """Ascending as written or after a plus, descending after a minus, by letters in the order of Unicode."""
    up = column(client, "streets", name, sortby=name)
    known = [value for value in up if value is not None]
    assert up == sorted(known) + [None] * (len(up) - len(known))
    assert column(client, "streets", name, sortby=f"+{name}") == up
    down = column(client, "streets", name, sortby=f"-{name}")
    assert down == sorted(known, reverse=True) + [None] * (len(up) - len(known))


def test_a_bare_plus_in_an_address(client: FlaskClient) -> None:
    """In an address a plus is a space: `sortby=+usrn` means what it says, escaped or not."""
    escaped = client.get("/collections/streets/items?limit=5&sortby=%2Busrn").get_json()
    assert ids(client.get("/collections/streets/items?limit=5&sortby=+usrn").get_json()) == ids(escaped)


def test_nulls_come_last_either_way(odd: FlaskClient) -> None:
    """What has no value has no place in an order: it stands at the end, up and down."""
    for sign in ("", "-"):
        ranks = column(odd, "odd", "rank", sortby=f"{sign}rank")
        assert ranks[-2:] == [None, None]
        assert None not in ranks[:-2]


def test_ties_keep_the_order_served(odd: FlaskClient) -> None:
    """Equal features keep the order that they have without `sortby`, up and down."""
    served = odd.get(at("odd")).get_json()["features"]
    place = {feature["id"]: number for number, feature in enumerate(served)}
    for sign in ("", "-"):
        features = odd.get(at("odd", sortby=f"{sign}rank")).get_json()["features"]
        for one, next_ in pairwise(features):
            if one["properties"]["rank"] == next_["properties"]["rank"]:
                assert place[one["id"]] < place[next_["id"]]


def test_several(client: FlaskClient) -> None:
    """The first property decides, the next among equals, each in its own direction."""
    features = client.get(at("rights_of_way", sortby="status,-length_m")).get_json()["features"]
    keys = [(feature["properties"]["status"], -feature["properties"]["length_m"]) for feature in features]
    assert keys == sorted(keys)
    assert len({status for status, _ in keys}) > 1


def test_moments(odd: FlaskClient) -> None:
    """Dates with a time of day are sorted as moments."""
    moments = column(odd, "odd", "moment", sortby="-moment")
    known = [moment for moment in moments if moment is not None]
    assert known == sorted(known, reverse=True)
    assert moments == known + [None] * (len(moments) - len(known))


@pytest.mark.parametrize(("text", "part"), [
    ("nothing", "`nothing` is not a property of this collection. It has: "), ("usrn,", "`` is not a property"),
    ("usrn;length_m", "`usrn;length_m` is not a property"), ("geometry", "`geometry` is not a property"),
    ("id", "`id` is not a property"), ("USRN", "`USRN` is not a property"), ("", "sortby is empty"),
    ("start_date", "`start_date` is not a property")])
def test_what_cannot_be_sorted_by_is_refused(client: FlaskClient, text: str, part: str) -> None:
    """An unknown property, a hidden one or none: 400, and the properties that there are."""
    assert part in problem(client, client.get(at("streets", sortby=text)), 400, "sortby")


def test_lists_have_no_order(client: FlaskClient) -> None:
    """A property that holds lists cannot be sorted by, and the sentence says why."""
    sentence = problem(client, client.get(at("sinc", sortby="criteria_family")), 400, "sortby")
    assert sentence == "`criteria_family` holds lists, which have no order to sort by."
