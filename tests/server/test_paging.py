"""Paging: every feature once, no page too many, no parameter lost."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from questions import COUNTS, LAYERS, at, ids, inside, link, problem, walk
from truth import URIS


@pytest.mark.parametrize("layer", LAYERS)
def test_a_walk_meets_each_feature_once(client: FlaskClient, layer: str) -> None:
    """Along `next` from the first page to the last: every id, none twice, and as many pages as are needed."""
    size = max(1, COUNTS[layer] // 7)
    pages = list(walk(client, at(layer, limit=size)))
    met = [each for page in pages for each in ids(page)]
    assert len(met) == len(set(met)) == COUNTS[layer]
    assert len(pages) == -(-COUNTS[layer] // size)
    assert {page["numberMatched"] for page in pages} == {COUNTS[layer]}


def test_the_way_back(client: FlaskClient) -> None:
    """Along `prev` from the last page: the same pages, backwards."""
    there = [ids(page) for page in walk(client, at("streets", limit=100))]
    back = [ids(page) for page in walk(client, at("streets", limit=100, offset=500), "prev")]
    assert back == there[::-1]


def test_no_next_where_nothing_follows(client: FlaskClient) -> None:
    """A page that ends with the last feature has no `next`, whether it is full or not."""
    for size in (29, 30, 10_000):
        assert link(client.get(at("schools", limit=size)).get_json(), "next") is None
    assert link(client.get(at("schools", limit=28)).get_json(), "next") is not None
    assert link(client.get(at("schools", limit=1, offset=28)).get_json(), "next") is None


def test_first_page_has_no_prev(client: FlaskClient) -> None:
    """Before the first feature there is nothing."""
    assert link(client.get(at("schools", limit=5)).get_json(), "prev") is None


def test_prev_never_begins_before_the_first(client: FlaskClient) -> None:
    """From the fourth feature on, a page of ten back begins at the first."""
    assert "offset=0" in str(link(client.get(at("schools", limit=10, offset=3)).get_json(), "prev"))


@pytest.mark.parametrize("offset", ["29", "30", "1000000", "9" * 15, "9" * 400])
def test_beyond_the_end(client: FlaskClient, offset: str) -> None:
    """Beyond the last feature: an empty page, how many there are, no `next`, and a way back to the last page."""
    document = client.get(at("schools", offset=offset, limit=10)).get_json()
    assert (document["numberMatched"], document["numberReturned"]) == (29, 0)
    assert link(document, "next") is None
    back = client.get(inside(str(link(document, "prev")))).get_json()
    assert len(back["features"]) == 10
    assert link(back, "next") is None


def test_nothing_matches(client: FlaskClient) -> None:
    """An empty answer has neither `next` nor `prev`, wherever it is asked from."""
    document = client.get(at("schools", urn=1, offset=20, limit=10)).get_json()
    assert {each["rel"] for each in document["links"]} == {"self", "alternate", "collection", "http://www.opengis.net/def/rel/ogc/1.0/queryables"}


@pytest.mark.parametrize(("limit", "returned"), [
    ("1", 1), ("01", 1), ("10", 10), ("10000", 590), ("10001", 590), ("9" * 15, 590), ("9" * 5_000, 590)])
def test_limits(client: FlaskClient, limit: str, returned: int) -> None:
    """A limit above 10,000 is answered with 10,000, however large (OGC 17-069, requirement 21)."""
    assert len(client.get(at("streets", limit=limit)).get_json()["features"]) == returned


def test_a_limit_above_the_most_is_the_most(client: FlaskClient) -> None:
    """10,001 pages on like 10,000: the offset of a following page would be 10,000."""
    from hantsmap.query.asking import MOST_LIMIT, ask
    from hantsmap.rendition import Rendition

    rendition: Rendition = client.application.extensions["hantsmap"].catalogue("public").entries["streets"].rendition
    assert [ask(rendition, {"limit": text}).limit for text in ("10000", "10001", "9" * 400)] == [MOST_LIMIT] * 3


@pytest.mark.parametrize("limit", [
    "0", "-1", "", " ", "ten", "1.0", "1e3", "٣", "²", "1_000", "0x10", "+5", "1;2", "00"])
def test_what_is_no_limit_is_refused(client: FlaskClient, limit: str) -> None:
    """Nought, less, text and foreign digits: 400, and a sentence with the limit in it."""
    sentence = problem(client, client.get(at("streets", limit=limit)), 400, "limit")
    assert sentence == f"limit `{limit}` is not a whole number from 1 up."


@pytest.mark.parametrize("offset", ["-1", "", "one", "1.5", "٣", "1_0"])
def test_what_is_no_offset_is_refused(client: FlaskClient, offset: str) -> None:
    """An offset is a whole number from nought up; anything else is 400."""
    sentence = problem(client, client.get(at("streets", offset=offset)), 400, "offset")
    assert sentence == f"offset `{offset}` is not a whole number from 0 up."


def test_links_keep_every_parameter(client: FlaskClient) -> None:
    """`next` differs from `self` in offset and version alone, whatever was asked: filter, order, system, form."""
    asked = {"filter": "status = 'FP' OR name LIKE '%é&%'", "filter-lang": "cql2-text", "filter-crs": URIS["27700"],
             "bbox": "-1.3,50.7,-1.0,50.9", "crs": URIS["27700"], "sortby": "-length_m,row_id", "f": "json",
             "properties": "row_id,name", "skipGeometry": "true", "limit": "7", "datetime": "2016-01-01/..",
             "synthetic": "true"}
    document = client.get("/collections/rights_of_way/items", query_string=asked).get_json()
    links = {each["rel"]: dict(parse_qsl(urlsplit(each["href"]).query)) for each in document["links"]
             if each["rel"] in ("self", "next")}
    assert links == {"self": asked, "next": {**asked, "offset": "7", "version": "1"}}
    further = client.get(inside(str(link(document, "next")))).get_json()
    assert dict(parse_qsl(urlsplit(str(link(further, "prev"))).query)) == {**asked, "offset": "0", "version": "1"}


def test_next_is_whole_and_typed(client: FlaskClient) -> None:
    """`next` is absolute and of type GeoJSON: QGIS stops at the first page otherwise."""
    found = [each for each in client.get(at("streets", limit=10)).get_json()["links"] if each["rel"] == "next"]
    assert [(each["href"], each["type"]) for each in found] == [
        ("http://localhost/collections/streets/items?limit=10&offset=10&version=1", "application/geo+json")]


def test_a_sorted_and_filtered_walk(client: FlaskClient) -> None:
    """A walk along a filtered, sorted question meets what the whole answer has, in its order."""
    asked = {"filter": "status <> 'FP'", "sortby": "status,-length_m"}
    whole = client.get(at("rights_of_way", **asked)).get_json()
    walked = [each for page in walk(client, at("rights_of_way", limit=13, **asked)) for each in ids(page)]
    assert walked == ids(whole)
    assert len(walked) == whole["numberMatched"] > 13


def test_one_question_is_never_answered_with_another(client: FlaskClient) -> None:
    """What was found for a question is kept for its next page: a value with `&` in it is not two parameters."""
    address = "/collections/rights_of_way/items"
    assert client.get(address, query_string={"status": "FP&synthetic=true"}).get_json()["numberMatched"] == 0
    assert client.get(address, query_string={"status": "FP", "synthetic": "true"}).get_json()["numberMatched"] > 0
