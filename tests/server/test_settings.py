"""The address of the service: the configured one, else the one that the client used, and never one that is no host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from questions import BROWSER, at, inside, link, walk
from shops import application

from server.settings import Settings

PLACES = ("/", "/conformance", "/openapi", "/collections", "/collections/streets", "/collections/streets/schema",
          "/collections/streets/queryables", "/collections/streets/items?limit=3",
          "/collections/streets/items/99000021")
OWN = re.compile(r"https?://[^\"' <>\\]*/(?:collections|openapi|conformance|static)(?=[/?\"])")


@pytest.mark.parametrize("url", [
    "https://maps.example.org", "https://maps.example.org/atlas/", "http://10.0.0.7:8080"])
def test_the_public_address_is_in_every_document(county_store: Path, url: str) -> None:
    """With HANTSMAP_PUBLIC_URL every link of every document and page has it, whatever host was asked."""
    settings = Settings.from_environment({"HANTSMAP_STORE": str(county_store), "HANTSMAP_PUBLIC_URL": url})
    client = application(county_store, public_url=settings.public_url).test_client()
    base = url.rstrip("/")
    for place in PLACES:
        for headers in ({"Host": "other.example"}, {**BROWSER, "Host": "other.example"}):
            text = client.get(place, headers=headers).text
            assert "other.example" not in text
            assert "hantsmap.invalid" not in text
            found = {each.rsplit("/", 1)[0] for each in OWN.findall(text) if "opengis.net" not in each}
            assert all(each.startswith(base) for each in found), (place, found)
            assert base in text


def test_without_it_links_lead_to_the_host_that_was_asked(client: FlaskClient) -> None:
    """Behind a name, a port or an IPv6 address, links have that name."""
    for host in ("maps.example.org", "localhost:8000", "127.0.0.1:9", "[::1]:8000"):
        document = client.get("/", headers={"Host": host}).get_json()
        assert link(document, "self") == f"http://{host}/"


@pytest.mark.parametrize("host", [
    "a b", "evil.example/x", "\"><script>", "user@host", "evil.example?x", "a,b", "x#y", "é.example",
    "..", ".evil.example", "a" * 500 + "!", "[::1", "host:99999999", "host:port", "<b>"])
def test_a_host_that_is_no_host_is_in_no_link(client: FlaskClient, host: str) -> None:
    """A Host header is the client's word: one that is not the form of a host name is not repeated."""
    for place in ("/", "/collections/streets/items?limit=1", "/nothing"):
        for more in ({}, BROWSER):
            answer = client.get(place, headers={"Host": host.encode().decode("latin-1"), **more})
            assert answer.status_code in (200, 400, 404)
            assert f"http://{host}" not in answer.text
            assert "<script>" not in answer.text


@pytest.mark.parametrize("name", [
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded",
    "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Real-IP"])
def test_forwarding_headers_are_not_believed(client: FlaskClient, name: str) -> None:
    """Anybody can send them: they change not one byte."""
    plain = client.get("/collections/streets/items?limit=2")
    told = client.get("/collections/streets/items?limit=2", headers={name: "host=evil.example;proto=https"})
    assert told.data == plain.data


@pytest.mark.parametrize("name", ["Cookie", "X-Audience", "X-Remote-User", "Remote-User", "X-Forwarded-User"])
def test_no_header_makes_staff(client: FlaskClient, name: str) -> None:
    """The audience is that of the server; nothing that a client sends widens it."""
    plain = client.get("/collections/streets/items?limit=2")
    told = client.get("/collections/streets/items?limit=2", headers={name: "staff"})
    assert (told.status_code, told.data) == (plain.status_code, plain.data)


@pytest.mark.parametrize("url", [
    "maps.example.org", "ftp://maps.example.org", "https://a b", "https://x\"y", "javascript:1",
    "https://", "https://maps.example.org?x=1", "https://u:p@maps.example.org"])
def test_an_unusable_public_address_stops_the_start(url: str) -> None:
    """A server with a wrong address would send every client astray: it does not start, and says why."""
    with pytest.raises(ValueError, match="is not an http or https address"):
        Settings.from_environment({"HANTSMAP_PUBLIC_URL": url})


def test_defaults() -> None:
    """Without any setting: everybody, no public address, and the store in var/store."""
    assert Settings.from_environment({}) == Settings(Path("var/store"), "public", None)
    assert Settings.from_environment({"HANTSMAP_AUDIENCE": "", "HANTSMAP_PUBLIC_URL": ""}).audience == "public"


def test_an_audience_that_nobody_knows_sees_nothing(county_store: Path) -> None:
    """A misspelt audience is not everybody: it sees no layer."""
    client = application(county_store, audience="staf").test_client()
    assert client.get("/collections").get_json()["collections"] == []
    assert client.get(at("streets")).status_code == 404
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


def test_paging_behind_a_public_address(county_store: Path) -> None:
    """`next` leads on under the public address, and a walk along it is whole."""
    client = application(county_store, public_url="https://maps.example.org").test_client()
    pages = list(walk(client, at("streets", limit=200)))
    assert [page["numberReturned"] for page in pages] == [200, 200, 190]
    assert str(link(pages[0], "next")).startswith("https://maps.example.org/collections/streets/items?")
    assert inside(str(link(pages[0], "next"))) == "/collections/streets/items?limit=200&offset=200&version=1"


@pytest.mark.parametrize(("name", "value"), [
    ("Authorization", "staff"), ("Authorization", "Basic c3RhZmY6c3RhZmY="), ("Authorization", "Bearer staff"),
    ("X-API-Key", "staff")])
def test_a_credential_that_is_none_opens_nothing(client: FlaskClient, name: str, value: str) -> None:
    """A wrong credential is refused (401) or passed over; it never shows a byte more than everybody sees."""
    plain = client.get("/collections/streets/items?limit=2")
    told = client.get("/collections/streets/items?limit=2", headers={name: value})
    if told.status_code == 401:
        assert "WWW-Authenticate" in told.headers
        assert told.content_type == "application/problem+json"
    else:
        assert (told.status_code, told.data) == (200, plain.data)
