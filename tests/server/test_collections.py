"""The list of layers."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from questions import COUNTS, inside
from truth import Truth, layers_of


def test_it_lists_every_layer_once(client: FlaskClient) -> None:
    """Every layer that the registry grants to everybody, by name, and as many as it says."""
    answer = client.get("/collections")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    document = answer.get_json()
    public = layers_of("public")
    assert [each["id"] for each in document["collections"]] == public
    assert document["numberMatched"] == document["numberReturned"] == len(public)


def test_each_entry_is_the_collection_itself(client: FlaskClient) -> None:
    """What the list says of a layer is word for word what the layer says of itself."""
    for each in client.get("/collections").get_json()["collections"]:
        assert client.get(f"/collections/{each['id']}").get_json() == each


def test_each_says_how_many_features_it_has(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """`numberOfFeatures` is the number that a viewer can page through."""
    listed = client.get("/collections").get_json()["collections"]
    counts = {each["id"]: each["numberOfFeatures"] for each in listed}
    assert counts == {layer: true(layer).count for layer in counts}
    assert counts | COUNTS == counts


def test_it_links_to_itself_and_to_its_page(client: FlaskClient) -> None:
    """`self` and `alternate`, and both are there."""
    links = client.get("/collections").get_json()["links"]
    assert [(each["rel"], inside(each["href"])) for each in links] == [
        ("self", "/collections"), ("alternate", "/collections?f=html")]
    assert all(client.get(inside(each["href"])).content_type.startswith(each["type"]) for each in links)


def test_a_layer_of_nobody_is_in_no_list(odd: FlaskClient) -> None:
    """A layer without a grant for everybody is not listed, and not counted."""
    document = odd.get("/collections").get_json()
    assert [each["id"] for each in document["collections"]] == ["odd"]
    assert document["numberMatched"] == 1
