"""Who is not known gets what nobody is refused, or nothing; and what one may have is of no use to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import orjson
import pytest
from callers import Asked, Callers, at, call
from flask import Flask
from flask.testing import FlaskClient
from lone_store import County
from shops import Shop, application

from hantsmap.store import Promotion, Store, files

IDENTITY = ("X-User", "X-Forwarded-User", "X-Remote-User", "X-Audience", "X-Hantsmap-Audience", "X-Forwarded-Email",
            "Remote-User", "X-Auth-Request-User", "X-Forwarded-Groups", "X-Original-User", "X-SSL-Client-S-DN",
            "X-WEBAUTH-USER")
DAMAGE = (b"", b"{", b"[]", b"null", b'{"audiences": {"public": {"title": "x"}}}', b"\xff" * 40)


@pytest.fixture
def shop(odd_shop: Shop, tmp_path: Path) -> Path:
    """A copy of the odd shop's store, to be damaged."""
    copytree(odd_shop.store, tmp_path / "store")
    return tmp_path / "store"


@pytest.mark.parametrize("audience", ["", "nobody", "STAFF", "staff ", "public,staff", "*", "../staff", "None"])
def test_an_audience_that_nobody_knows_sees_nothing(odd_shop: Shop, audience: str) -> None:
    """A server set up for an audience with another name shows no layer, rather than everybody's or everything."""
    client = application(odd_shop.store, audience=audience).test_client()
    assert client.get("/collections").get_json()["collections"] == []
    assert client.get("/collections/odd").status_code == client.get("/collections/odd/items").status_code == 404
    assert '"odd"' not in client.get("/openapi").text


@pytest.mark.parametrize("header", IDENTITY)
def test_nobody_is_who_a_header_says(odd: FlaskClient, header: str) -> None:
    """Identity comes with a credential: a header that names a user or an audience changes no byte."""
    for address in ("/collections", "/collections/hidden_layer", at("odd"), "/openapi"):
        assert call(odd, Asked(address)) == call(odd, Asked(address, headers=((header, "staff"),)))


@pytest.mark.parametrize("credential", [
    {"Authorization": "Bearer staff"}, {"Authorization": "Bearer "}, {"Authorization": "Basic c3RhZmY6c3RhZmY="},
    {"Authorization": "Basic ???"}, {"Authorization": "Digest x"}, {"Authorization": "nonsense"}, {"X-API-Key": ""},
    {"X-API-Key": "hm_00000000_" + "0" * 40 + "_000000"}, {"Authorization": "Bearer a.b.c"},
    {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJncm91cHMiOiJzdGFmZiJ9."}, {"X-API-Key": "x" * 100_000}])
def test_a_credential_that_does_not_hold_is_refused(odd: FlaskClient, credential: dict[str, str]) -> None:
    """Somebody with a bad credential is not taken for everybody: 401, on every route, with no reason."""
    for address in ("/", "/collections/odd", at("odd"), "/collections/nothing", "/health"):
        answer = odd.get(address, headers=credential)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.headers["Cache-Control"] == "no-store"


def test_two_credentials_that_differ_are_none(everyones: Flask, callers: Callers) -> None:
    """Which of them was meant? Nobody guesses, not even when both hold."""
    both = {"Authorization": f"Bearer {callers.secrets['staff']}", "X-API-Key": callers.secrets["schools"]}
    assert everyones.test_client().get("/collections", headers=both).status_code == 401


@pytest.mark.parametrize("named", ["0" * 24, "../../../etc", ""])
def test_a_promotion_of_what_is_not_there_shows_nothing(shop: Path, named: str) -> None:
    """A store whose newest promotion names a rendition that is missing answers 503: under other rules always, and under
    the same rules because the public sees some rows only, and one may be hidden since."""
    store = Store(shop)
    current = store.current("odd")
    assert current is not None
    for rules, status in ((current.grant_inputs, 503), ("other rules", 503)):
        promotion = current.model_copy(update={"sequence": store.next_sequence("odd"), "grant_inputs": rules,
                                               "renditions": {"public": named or "missing"}})
        _promote(store, promotion)
        answer = application(shop).test_client().get("/collections/odd")
        assert answer.status_code == status


def _promote(store: Store, promotion: Promotion) -> None:
    place = store.root / "promotions" / promotion.layer / f"{promotion.sequence:08d}.json"
    files.write_record(place, promotion.model_dump(mode="json"))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_head_of_the_store_opens_nothing(shop: Path, damage: bytes) -> None:
    """Without site.json the title is another, and nobody sees more."""
    before = application(shop).test_client().get(at("odd")).get_json()
    (shop / "site.json").write_bytes(damage)
    client = application(shop).test_client()
    assert client.get(at("odd")).get_json()["features"] == before["features"]
    assert client.get("/").status_code == 200
    assert client.get("/collections/hidden_layer").status_code == 404


def test_a_promotion_that_was_tampered_with_is_not_read(shop: Path) -> None:
    """Giving everybody what is staff's, by hand, in the file of a promotion: its seal no longer holds."""
    path = Store(shop).promotion_files("hidden_layer")[0]
    record = orjson.loads(path.read_bytes())
    record["renditions"]["public"] = record["renditions"]["staff"]
    path.write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
    client = application(shop).test_client()
    assert client.get("/collections/hidden_layer").status_code == 404
    assert client.get("/collections/odd").status_code == 200


def test_answers_to_a_key_are_kept_by_nobody(county: County, everyones: Flask, callers: Callers) -> None:
    """What somebody known is answered is `private, no-store`; a cache that shares knows that Authorization matters."""
    client = everyones.test_client()
    for audience in ("public", "schools", "staff"):
        for address in ("/", "/collections", "/collections/streets", at("streets", limit=2), at("streets", f="csv"),
                        "/openapi", "/collections/streets/schema"):
            answer = call(client, Asked(address), callers.headers(audience))
            kept = "public, no-cache" if audience == "public" else "private, no-store"
            assert answer.header("Cache-Control") == kept
            assert "Authorization" in (answer.header("Vary") or "")
            # A page of another site that has the key may read the answer; a cookie never makes it readable.
            assert answer.header("Access-Control-Allow-Origin") == "*"
            assert answer.header("Access-Control-Allow-Credentials") is None
            client.set_cookie("a", "b")
            with_cookie = call(client, Asked(address), callers.headers(audience))
            client.delete_cookie("a")
            assert (with_cookie.header("Access-Control-Allow-Origin") == "*") is (audience == "public")


def test_a_tag_of_one_audience_is_no_use_to_another(county: County, everyones: Flask, callers: Callers) -> None:
    """Where two audiences see different things, their tags differ, and one is never told "as you have it" for what the
    other has."""
    client, compared = everyones.test_client(), 0
    for layer in county.layers_of("public"):
        same = county.rendition(layer, "public") == county.rendition(layer, "staff")
        address = at(layer, limit=1)
        ours = call(client, Asked(address)).header("ETag") or ""
        again = call(client, Asked(address, headers=(("If-None-Match", ours),)), callers.headers("staff"))
        assert (again.status == 304) is same, layer
        compared += not same
    assert compared > 5


def test_a_revoked_key_is_refused_at_once(everyones: Flask, callers: Callers) -> None:
    """The request after the revocation is refused, whatever the client has of before."""
    until = (datetime.now(UTC) + timedelta(days=1)).date()
    issued = callers.accounts.issue("staff", "Testers", "to be revoked", until, "tests")
    client, who = everyones.test_client(), {"X-API-Key": issued.secret}
    first = client.get("/collections/people_directory", headers=who)
    assert first.status_code == 200
    callers.accounts.revoke(issued.key.id, "tests")
    again = client.get("/collections/people_directory", headers={**who, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 401 and "ETag" not in again.headers


def test_a_key_for_an_audience_that_is_gone_opens_nothing(everyones: Flask, callers: Callers) -> None:
    """A key whose audience left the registry sees no layer: not what everybody sees, and not what staff see."""
    until = (datetime.now(UTC) + timedelta(days=1)).date()
    issued = callers.accounts.issue("long_gone", "Testers", "an old contract", until, "tests")
    client, who = everyones.test_client(), {"X-API-Key": issued.secret}
    assert client.get("/collections", headers=who).get_json()["collections"] == []
    assert client.get("/collections/streets", headers=who).status_code == 404
