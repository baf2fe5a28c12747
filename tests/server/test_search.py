"""`POST /collections/{id}/search`: the parameters of /items in a form, for filters too long for an address."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import contracts
import pytest
from contracts import Contracts
from flask import Flask
from flask.testing import FlaskClient
from questions import ids, link, problem
from werkzeug.test import TestResponse

from server import limits

SEARCH, ITEMS = "/collections/odd/search", "/collections/odd/items"
FORM = "application/x-www-form-urlencoded"
QUESTIONS = ({}, {"limit": "3"}, {"filter": "rank > 2", "sortby": "-rank", "limit": "4"}, {"bbox": "-1.5,50,-1.4,52"},
             {"f": "csv", "properties": "name"}, {"crs": "EPSG:27700", "skipGeometry": "true"}, {"rank": "8"},
             {"ids": "a/b,..,at"}, {"datetime": "2024-01-01/.."})


def post(client: FlaskClient, form: dict[str, str], address: str = SEARCH, **headers: str) -> TestResponse:
    """A search, as an HTML form sends it."""
    return client.post(address, data=form, headers=headers)


@pytest.mark.parametrize("asked", QUESTIONS, ids=repr)
def test_it_answers_the_features_of_items(odd: FlaskClient, asked: dict[str, str]) -> None:
    """The same features, in the same order and form, as GET /items for the same parameters."""
    searched, read = post(odd, asked), odd.get(ITEMS, query_string=asked)
    assert (searched.status_code, searched.content_type) == (read.status_code, read.content_type) \
        and searched.status_code == 200
    if "f" in asked:
        assert searched.data == read.data
        return
    one, other = searched.get_json(), read.get_json()
    del one["links"], other["links"]
    assert one == other
    assert searched.headers["Content-Crs"] == read.headers["Content-Crs"]


def test_a_filter_may_be_longer_than_an_address(odd: FlaskClient) -> None:
    """A filter of 180,000 characters, three times as long as a form, is answered."""
    names = ", ".join(f"'{number:012}'" for number in range(9_990))
    text = f"name IN ({names}, 'A slash', 'Two slashes')"
    assert len(text) > 150_000
    assert ids(post(odd, {"filter": text}).get_json()) == ids(odd.get(
        ITEMS, query_string={"filter": "name IN ('A slash', 'Two slashes')"}).get_json()) != []


def test_next_pages_are_posted_with_the_same_form(odd: FlaskClient) -> None:
    """The link to the next page says POST and has an offset in its address, which outweighs that of the form."""
    form = {"limit": "5", "filter": "rank IS NOT NULL", "offset": "0"}
    found, address = [], SEARCH
    for _ in range(10):
        page = post(odd, form, address).get_json()
        found += ids(page)
        assert all(each["method"] == "POST" for each in page["links"] if each["rel"] in ("self", "next", "prev"))
        following = link(page, "next")
        if following is None:
            break
        parts = urlsplit(following)
        address = f"{parts.path}?{parts.query}"
        assert "filter" not in address
    whole = odd.get(ITEMS, query_string={"filter": "rank IS NOT NULL"}).get_json()
    assert found == ids(whole)
    assert len(found) > 10


@pytest.mark.parametrize(("asked", "parameter"), [
    ({"limt": "1"}, "limt"), ({"limit": "0"}, "limit"), ({"filter": "secret = 1"}, "filter"), ({"f": "xml"}, "f"),
    ({"bbox": "1,2"}, "bbox"), ({"filter-lang": "sql"}, "filter-lang"), ({"ids": ""}, "ids")])
def test_wrong_parameters_are_refused(odd: FlaskClient, asked: dict[str, str], parameter: str) -> None:
    """400 with the sentence of /items."""
    sentence = problem(odd, post(odd, asked), 400, parameter)
    if parameter != "f":
        assert sentence == problem(odd, odd.get(ITEMS, query_string=asked), 400, parameter)


def test_a_repeated_parameter_is_refused(odd: FlaskClient) -> None:
    """A form that has a parameter twice is refused."""
    answer = odd.post(SEARCH, data="limit=1&limit=2", content_type=FORM)
    assert problem(odd, answer, 400, "limit") == "`limit` stands 2 times: say it once."


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b'{"filter": "rank > 2"}', "application/json", 415), (b"limit=1", "text/plain", 415), (b"limit=1", "", 415),
    (b"a=1&" * 300, FORM, 400), (b"filter=" + b"x" * (1 << 20), FORM, 413), (b"limit=1", f"{FORM}; charset=utf-8", 200),
    (b"", "", 200)])
def test_only_forms_of_a_bounded_size_are_read(odd: FlaskClient, body: bytes, kind: str, status: int) -> None:
    """Another type is 415, more than a mebibyte 413, more than 200 parameters 400; no body is a search for all."""
    assert odd.post(SEARCH, data=body, headers={"Content-Type": kind} if kind else {}).status_code == status


def test_a_hidden_layer_is_as_one_that_never_was(odd: FlaskClient) -> None:
    """404 for both, with the same sentence but for the name, whatever is posted."""
    for body, kind in ((b"limit=1", FORM), (b"{}", "application/json"), (b"limit=0", FORM)):
        answers = [odd.post(f"/collections/{layer}/search", data=body, content_type=kind)
                   for layer in ("hidden_layer", "never_there_")]
        assert {answer.status_code for answer in answers} == {404}
        texts = {answer.text.replace("hidden_layer", "X").replace("never_there_", "X") for answer in answers}
        assert len(texts) == 1


def test_no_cache_keeps_it(odd: FlaskClient) -> None:
    """A cache knows answers by their address alone: no-store, without a validator, and never 304."""
    for headers in ({}, {"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
        answer = post(odd, {"limit": "1"}, SEARCH, **headers)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())


def test_only_post_is_offered(odd: FlaskClient) -> None:
    """GET is 405 and says so; /items still offers no POST, or QGIS would offer to edit."""
    for method in ("GET", "PUT", "DELETE"):
        answer = odd.open(SEARCH, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    told = odd.options(SEARCH).headers
    assert (told["Allow"], told["Access-Control-Allow-Methods"]) == ("POST, OPTIONS", "POST, OPTIONS")
    assert odd.options(ITEMS).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert odd.post(ITEMS, data={"limit": "1"}).status_code == 405


def test_it_is_charged_as_items_are(odd_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """First pages are refused when the allowance is used up; later pages of a search that has begun are not."""
    entrance = odd_app.extensions["hantsmap-entrance"]
    monkeypatch.setattr(entrance, "limits", limits.Limits(
        limits.Rate(1, 2), limits.Rate(1, 2), now=lambda: 0.0, runs=limits.Runs()))
    client = odd_app.test_client()
    assert [post(client, {"limit": "5"}).status_code for _ in range(3)] == [200, 200, 429]
    assert post(client, {"limit": "5"}, f"{SEARCH}?offset=5").status_code == 200
    assert post(client, {"limit": "5", "rank": "1"}, f"{SEARCH}?offset=5").status_code == 429


@pytest.fixture
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contracts]:
    """Two contracts, open for business."""
    found = contracts.made(tmp_path_factory.mktemp("search"), key_rate=600)
    yield found
    found.accounts.close()


def test_it_is_protected_and_written_down_as_items_are(two: Contracts) -> None:
    """A key opens its audience's rows once its licence is accepted; each read is in the journal with its rows; a wrong
    key is 401; a cookie changes nothing and is never answered to a page of another site."""
    search = "/collections/works/search"
    acme = two.asking(two.key())
    assert acme.post(search, data={}).status_code == 403
    two.accept(acme)
    found = acme.post(search, data={"limit": "3"})
    assert (found.get_json()["numberMatched"], found.get_json()["numberReturned"]) == (8, 3)
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert two.asking(None).post(search, data={}).status_code == 404
    assert two.asking("hm_wrong").post(search, data={}).status_code == 401
    acme.set_cookie("session", "x")
    with_cookie = acme.post(search, data={"limit": "1"}, headers={"Origin": "https://elsewhere.example"})
    assert (with_cookie.status_code, with_cookie.headers["Cache-Control"]) == (200, "no-store")
    assert "Access-Control-Allow-Origin" not in with_cookie.headers
    usage = two.accounts.usage("works")
    assert sum(each.rows for each in usage.readers) == 4


def test_the_form_and_the_address_say_the_same(odd: FlaskClient) -> None:
    """Parameters in the address of a search count as those of the form do, and outweigh them."""
    form = urlencode({"limit": "7", "rank": "2"})
    answer = odd.post(f"{SEARCH}?limit=2", data=form, content_type=FORM).get_json()
    assert (answer["numberReturned"], answer["numberMatched"]) == (2, 3)
