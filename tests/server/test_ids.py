"""Several features by their ids, and names of reference systems."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from questions import ids, problem

ITEMS = "/collections/odd/items"
METRES = "http://www.opengis.net/def/crs/EPSG/0/27700"


def found(client: FlaskClient, **asked: str) -> list[str]:
    """Ids of the features that are answered."""
    answer = client.get(ITEMS, query_string=asked)
    assert answer.status_code == 200, answer.text
    return ids(answer.get_json())


def test_features_are_found_by_their_ids(odd: FlaskClient) -> None:
    """Each feature once, in the order served, whatever order and however often its id is asked for."""
    every = found(odd)
    wanted = {"a/b", "it's-\"quoted\"", "what?&x=1#y;z+", "Ünïcödé-名", ".."}
    expected = [each for each in every if each in wanted]
    assert len(expected) == 5
    for asked in (sorted(wanted), sorted(wanted, reverse=True), [*wanted, *wanted]):
        assert found(odd, ids=",".join(asked)) == expected
    assert found(odd, ids='"a/b",".."') == [each for each in every if each in ("a/b", "..")]


def test_ids_that_are_not_there_are_skipped(odd: FlaskClient) -> None:
    """An id that no feature has, or that is hidden, finds nothing, and the others are found."""
    assert found(odd, ids="nothing,a/b,hidden") == ["a/b"]
    assert found(odd, ids="hidden") == found(odd, ids="never") == []


def test_ids_go_with_the_other_parameters(odd: FlaskClient) -> None:
    """Filter, paging and order hold for features asked for by id; the count is of those that match."""
    answer = odd.get(ITEMS, query_string={"ids": "plus,minus,at,a/b", "filter": "rank = 8", "sortby": "-code",
                                          "limit": "2"}).get_json()
    assert (ids(answer), answer["numberMatched"]) == (["plus", "minus"], 3)


@pytest.mark.parametrize("text", ["", ",", ",,", "a\nb,c", ",".join(map(str, range(10_001)))])
def test_what_is_no_list_of_ids_is_refused(odd: FlaskClient, text: str) -> None:
    """An empty list, one of several lines and one of more than 10,000 ids are 400."""
    problem(odd, odd.post("/collections/odd/search", data={"ids": text}), 400, "ids")


def test_a_download_has_no_ids(odd: FlaskClient) -> None:
    """A file of a part of a layer is chosen by box, time, filter and properties."""
    problem(odd, odd.get("/collections/odd/downloads/odd.csv?ids=at"), 400, "ids")


@pytest.mark.parametrize("name", [
    "EPSG:27700", "epsg:27700", "[EPSG:27700]", "[epsg:27700]", "urn:ogc:def:crs:EPSG::27700",
    "urn:ogc:def:crs:epsg::27700", "urn:ogc:def:crs:EPSG:9.8.15:27700", METRES, METRES.replace("http", "https")])
def test_a_reference_system_has_several_names(odd: FlaskClient, name: str) -> None:
    """A CURIE in capitals or small letters, a URN and a URI name one system, for crs, bbox-crs and filter-crs."""
    box = "439990,109990,440010,110010"
    for asked in ({"bbox": box, "bbox-crs": name}, {"filter": f"S_INTERSECTS(geometry, BBOX({box}))",
                                                    "filter-crs": name}):
        answer = odd.get(ITEMS, query_string={"crs": name, **asked})
        assert answer.headers["Content-Crs"] == f"<{METRES}>"
        (feature,) = answer.get_json()["features"]
        assert feature["geometry"]["coordinates"] == [440000, 110000]


@pytest.mark.parametrize(("name", "uri"), [
    ("urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    ("urn:ogc:def:crs:OGC::CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    ("ogc:crs84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    ("urn:ogc:def:crs:EPSG::4326", "http://www.opengis.net/def/crs/EPSG/0/4326")])
def test_names_of_longitude_and_latitude(odd: FlaskClient, name: str, uri: str) -> None:
    """CRS84 and EPSG:4326 have the same kinds of names."""
    assert odd.get(ITEMS, query_string={"crs": name}).headers["Content-Crs"] == f"<{uri}>"


@pytest.mark.parametrize("name", ["EPSG:1", "27700", "urn:ogc:def:crs:EPSG:27700", "[EPSG:27700", "EPSG:27700]",
                                  "epsg::27700", "urn:ogc:def:crs:OGC::27700", ""])
def test_any_other_name_is_refused(odd: FlaskClient, name: str) -> None:
    """400 and the systems that there are."""
    assert METRES in problem(odd, odd.get(ITEMS, query_string={"crs": name}), 400, "crs")
