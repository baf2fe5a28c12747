"""/licence: what an organisation is asked to accept, its acceptance, the receipt, and the end of a contract."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import contracts
import html5lib
import pytest
import shops
from contracts import TEXT, Contracts
from flask.testing import FlaskClient

from hantsmap.accounts import Accounts
from server.doorkeeper import Viewer

BASE = "http://localhost"
ROUTES = ("", "/", "/schema", "/queryables", "/items", "/items?limit=1", "/items?f=csv", "/items/plus",
          "/items/nothing", "/downloads", "/downloads/works.gpkg", "/changes", "/changes?since=0",
          "/anything/that/comes/later")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Contracts]:
    """Two contracts, open for business; nothing is accepted yet."""
    found = contracts.made(tmp_path)
    yield found
    found.accounts.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contracts]:
    """Two contracts under which nothing is ever accepted."""
    found = contracts.made(tmp_path_factory.mktemp("closed"))
    yield found
    assert found.accounts.receipts() == ()
    found.accounts.close()


@pytest.fixture
def waiting(closed: Contracts) -> FlaskClient:
    """Asks with a key of an organisation that has accepted nothing."""
    return closed.asking(closed.key())


@pytest.fixture
def acme(two: Contracts) -> FlaskClient:
    """Asks with a key of the northern contract."""
    return two.asking(two.key())


def asked(client: FlaskClient) -> dict[str, Any]:
    """The only licence that is asked for."""
    found: list[dict[str, Any]] = client.get("/licence").get_json()["licences"]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_layer_waits_on_every_route(waiting: FlaskClient, route: str, method: str) -> None:
    """Until the licence is accepted, every address of the layer answers 403 with a sentence and the link to accept,
    whatever is asked of it and whether there is such an address."""
    answer = waiting.open(f"/collections/works{route}", method=method)
    assert answer.status_code == 403
    assert answer.headers["Link"] == f'<{BASE}/licence>; rel="license"; type="text/html"'
    assert answer.headers["Cache-Control"] == "no-store"
    sentence = f"`works` opens when your organisation has accepted its licence. Read and accept it at {BASE}/licence."
    if method == "GET":
        assert answer.get_json() == {"type": "about:blank", "title": "This is not open to you", "status": 403,
                                     "detail": sentence, "description": sentence, "licence": f"{BASE}/licence"}


def test_a_browser_is_told_on_a_page(waiting: FlaskClient) -> None:
    """A browser gets the sentence as a page, with a link to the licence."""
    page = waiting.get("/collections/works/items", headers={"Accept": "text/html"})
    assert page.status_code == 403
    assert f'<a class="button" href="{BASE}/licence">' in page.text and "opens when your organisation" in page.text


def test_a_layer_that_waits_is_in_no_document(acme: FlaskClient, two: Contracts) -> None:
    """Landing page, collections and OpenAPI leave a layer out that waits, and link to what there is to accept; once it
    is accepted they have it, and the link is gone."""
    def told() -> tuple[list[str], list[str], bool, list[str]]:
        listed = acme.get("/collections").get_json()
        api = acme.get("/openapi").get_json()
        links = [link["title"] for document in (acme.get("/").get_json(), listed) for link in document["links"]
                 if link["rel"] == "license" and link["href"] == f"{BASE}/licence"]
        assert ("externalDocs" in api) == bool(links)
        return ([each["id"] for each in listed["collections"]], links, "/collections/works" in api["paths"],
                [each["name"] for each in api["tags"]])

    waiting = "1 more layer opens when your organisation has accepted a licence"
    assert told() == (["odd"], [waiting] * 2, False, ["odd"])
    assert waiting in acme.get("/?f=html").text and waiting in acme.get("/collections?f=html").text
    tag = acme.get("/collections").headers["ETag"]
    two.accept(acme)
    assert told() == (["odd", "works"], [], True, ["odd", "works"])
    assert acme.get("/collections", headers={"If-None-Match": tag}).status_code == 200
    assert two.asking(None).get("/collections").get_json()["links"][-1]["rel"] != "license"


def test_what_there_is_to_accept(acme: FlaskClient, two: Contracts) -> None:
    """It says what is asked: title, version, the whole text, its digest, purpose, layers, area and end; for nobody's
    cache."""
    answer = acme.get("/licence")
    found = answer.get_json()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (found["organisation"], found["contract"]) == ("Acme", {
        "audience": "north", "title": 'Contract "north"', "until": "2099-03-31", "ended": False, "areas": ["The ring"]})
    assert found["licences"] == [{
        "id": "terms", "title": "Licence <b>for</b> contractors", "version": "2026-1",
        "text_sha256": sha256(TEXT.encode()).hexdigest(), "purpose": "To mend roads with.", "text": TEXT,
        "layers": [{"id": "works", "title": "Works"}], "state": "waiting", "receipt": None,
        "links": [{"href": f"{BASE}/licence/terms", "rel": "edit", "type": "application/json",
                   "title": "Accept it with POST"}]}]
    assert found["receipts"] == []


def test_accepting_opens_the_layer(acme: FlaskClient, two: Contracts) -> None:
    """Accepting is 201 with a receipt; from the next request on the layer is open, for each key of the organisation."""
    done = two.accept(acme)
    receipt = done.get_json()
    assert done.status_code == 201 and done.headers["Cache-Control"] == "private, no-store"
    assert done.headers["Location"] == f"{BASE}/licence/receipts/{receipt['id']}"
    assert (receipt["org"], receipt["audience"], receipt["agreement"], receipt["version"], receipt["ends"],
            receipt["address"]) == ("Acme", "north", "terms", "2026-1", "2099-03-31", "127.0.0.1")
    for client in (acme, two.asking(two.key())):
        assert client.get("/collections/works").status_code == 200
        page = client.get("/collections/works/items").get_json()
        assert page["numberMatched"] == 8
        assert asked(client)["state"] == "accepted"
        assert asked(client)["receipt"]["href"] == done.headers["Location"]


def test_accepting_again_is_the_same_receipt(acme: FlaskClient, two: Contracts) -> None:
    """Accepting the same again is 200 with the receipt of the first time."""
    first, again = two.accept(acme), two.accept(two.asking(two.key()))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json() and first.headers["Location"] == again.headers["Location"]


def test_nobody_accepts_what_he_did_not_see(acme: FlaskClient, two: Contracts) -> None:
    """Another version, or another text, is 409 with a sentence; nothing is accepted. So it is when the licence changes
    between reading and accepting."""
    found = asked(acme)
    two.say("1. Be good.", "1. Be very good.", "terms.txt")
    for version, digest in ((found["version"], found["text_sha256"]), ("2025-1", asked(acme)["text_sha256"]),
                            (found["version"], "0" * 64)):
        answer = acme.post("/licence/terms", json={"version": version, "text_sha256": digest})
        assert answer.status_code == 409
        assert answer.get_json()["detail"] == (
            "This licence has another version or text now, version 2026-1. Read it at http://localhost/licence and "
            "accept that one.")
    assert two.accounts.receipts() == ()


def test_a_new_version_is_asked_for_again(acme: FlaskClient, two: Contracts) -> None:
    """A new version closes the layer from the next request on; the old receipt stays, and accepting opens it again."""
    old = two.accept(acme).get_json()
    assert acme.get("/collections/works/items").status_code == 200
    two.say('version: "2026-1"', 'version: "2026-2"')
    assert acme.get("/collections/works/items").status_code == 403
    assert asked(acme)["state"] == "waiting"
    assert [each["id"] for each in acme.get("/licence").get_json()["receipts"]] == [old["id"]]
    new = two.accept(acme)
    assert new.status_code == 201 and new.get_json()["version"] == "2026-2"
    assert acme.get("/collections/works/items").status_code == 200


def test_organisations_do_not_see_each_other(acme: FlaskClient, two: Contracts) -> None:
    """What one organisation accepted counts for no other, and none is told of another's receipts: neither one of the
    same contract nor one of another."""
    receipt = two.accept(acme).get_json()["id"]
    for client in (two.asking(two.key("Roads Ltd")), two.asking(two.key("Roads Ltd", "south")),
                   two.asking(two.key("Acme", "south"))):
        assert client.get("/collections/works/items").status_code == 403
        assert asked(client)["state"] == "waiting"
        assert client.get("/licence").get_json()["receipts"] == []
    for page in ("/licence?f=html", "/me?f=html"):
        assert "Acme" not in two.asking(two.key("Roads Ltd")).get(page).text
    # Another key of the same organisation, for another contract, is a stranger too.
    for stranger in (two.asking(two.key("Roads Ltd")), two.asking(two.key("Acme", "south")), two.asking(None)):
        there = stranger.get(f"/licence/receipts/{receipt}")
        never = stranger.get(f"/licence/receipts/{receipt[::-1]}")
        assert there.status_code == never.status_code == 404
        assert there.data.replace(receipt.encode(), b"x") == never.data.replace(receipt[::-1].encode(), b"x")


def test_the_receipt_can_be_kept(acme: FlaskClient, two: Contracts) -> None:
    """The receipt is there as JSON, the very one that was given and whose seal holds, and as a page to print with the
    text that was accepted."""
    given = two.accept(acme)
    address = given.headers["Location"].removeprefix(BASE)
    kept = acme.get(address)
    assert kept.data == given.data and kept.headers["Cache-Control"] == "private, no-store"
    assert kept.headers["Content-Disposition"] == f'inline; filename="{given.get_json()["id"]}.json"'
    assert two.accounts.verify(kept.get_json()).id == given.get_json()["id"]
    two.say("1. Be good.", "1. Be better.", "terms.txt")
    page = acme.get(f"{address}?f=html").text
    html5lib.HTMLParser(strict=True).parse(page)
    assert "1. Be good." in page and given.get_json()["seal"]["value"] in page
    assert acme.get(f"{address}?f=csv").status_code == 400


def test_pages_are_whole_and_escaped(acme: FlaskClient, two: Contracts) -> None:
    """The pages are HTML without script; what comes from the registry is text in them, and the form names what it
    accepts."""
    page = acme.get("/licence", headers={"Accept": "text/html"})
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert "<script" not in page.text and "Licence &lt;b&gt;for&lt;/b&gt;" in page.text
    assert "Tell &lt;nobody&gt; &amp; be careful." in page.text
    # Without it a browser sends `Origin: null`, and our own form could not be told from another's.
    assert page.headers["Referrer-Policy"] == "same-origin"
    found = asked(acme)
    for name in ("version", "text_sha256"):
        assert f'<input type="hidden" name="{name}" value="{found[name]}">' in page.text
    two.accept(acme)
    assert "<form" not in acme.get("/licence?f=html").text


def basic(secret: str) -> dict[str, str]:
    """What a browser sends along with every request once a key was given as a password."""
    return {"Authorization": "Basic " + b64encode(f"x:{secret}".encode()).decode(), "Accept": "text/html"}


def test_a_person_accepts_on_the_page(two: Contracts) -> None:
    """The form of the page, with the box ticked, accepts, and answers with the receipt as a page."""
    client, who = two.app.test_client(), basic(two.key())
    found = client.get("/licence?f=json", headers=who).get_json()["licences"][0]
    form = {name: found[name] for name in ("version", "text_sha256")}
    ours = {**who, "Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    unticked = client.post("/licence/terms", data=form, headers=ours)
    assert unticked.status_code == 400 and "Tick the box" in unticked.text
    done = client.post("/licence/terms", data={**form, "agree": "yes"}, headers=ours)
    assert done.status_code == 201 and "has accepted" in done.text
    html5lib.HTMLParser(strict=True).parse(done.text)
    assert client.get("/collections/works", headers=who).status_code == 200


@pytest.mark.parametrize("from_where", [
    {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {},
    {"Origin": "null"}, {"Origin": "http://localhost.evil.example"}, {"Origin": "https://localhost"},
    {"Origin": BASE, "Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "none"},
])  # fmt: skip
@pytest.mark.parametrize("route", ["/licence/terms", "/licence/terms/return"])
def test_another_page_cannot_accept(closed: Contracts, from_where: dict[str, str], route: str) -> None:
    """A post that a page of somebody else makes with the password of the browser is refused, and so is one that does
    not say where it comes from."""
    client, who = closed.app.test_client(), basic(closed.key())
    found = client.get("/licence?f=json", headers=who).get_json()["licences"][0]
    form = {"version": found["version"], "text_sha256": found["text_sha256"], "agree": "yes"}
    answer = client.post(route, data=form, headers={**who, **from_where})
    assert answer.status_code == 403 and "not ours" in answer.text
    assert closed.accounts.receipts() == ()


@pytest.mark.parametrize("header", [{"X-API-Key": "{}"}, {"Authorization": "Bearer {}"}])
def test_a_program_accepts_with_its_key(two: Contracts, header: dict[str, str]) -> None:
    """A key in a header of its own is sent by nobody by mistake: it may come without a word of where it is from; from
    another page it may not."""
    secret = two.key()
    headers = {name: value.format(secret) for name, value in header.items()}
    client = two.app.test_client()
    found = client.get("/licence", headers=headers).get_json()["licences"][0]
    said = {"version": found["version"], "text_sha256": found["text_sha256"].upper()}
    assert client.post("/licence/terms", json=said, headers={**headers, "Origin": "https://evil.example"}
                       ).status_code == 403
    assert client.post("/licence/terms", json=said, headers=headers).status_code == 201


@pytest.mark.parametrize(("sent", "status"), [
    ({"json": {}}, 400), ({"json": []}, 400), ({"json": {"version": "2026-1"}}, 400),
    ({"json": {"version": "2026-1", "text_sha256": ["x"]}}, 400),
    ({"json": {"version": "2026-1", "text_sha256": "x", "more": "y"}}, 400),
    ({"data": "{", "content_type": "application/json"}, 400), ({"data": "x", "content_type": "text/plain"}, 415),
    ({"data": b"", "content_type": None}, 415), ({"json": {"version": "x" * 20_000, "text_sha256": "y"}}, 413),
    ({"json": {"version": "2026-1", "text_sha256": "x"}, "query_string": "agree=yes"}, 400),
])  # fmt: skip
def test_what_cannot_be_meant(waiting: FlaskClient, closed: Contracts, sent: dict[str, Any], status: int) -> None:
    """A post that does not say all of it, or more, or in another form, is refused with a sentence."""
    answer = waiting.post("/licence/terms", **sent)
    assert answer.status_code == status and answer.get_json()["detail"].endswith(".")
    assert closed.accounts.receipts() == ()


def test_only_what_is_asked_can_be_accepted(two: Contracts) -> None:
    """A licence that is not asked of the viewer is not there for it, whether there is one of that name or not."""
    staff = two.asking(two.key("County", "staff"))
    assert staff.get("/licence").get_json()["licences"] == []
    assert staff.get("/collections/works").status_code == 200
    said = {"version": "2026-1", "text_sha256": sha256(TEXT.encode()).hexdigest()}
    there, never = (staff.post(f"/licence/{name}", json=said) for name in ("terms", "other"))
    assert there.status_code == never.status_code == 404
    assert there.data.replace(b"terms", b"other") == never.data


class Signed:
    """A door at which everybody is somebody who signed in."""

    def __init__(self, org: str) -> None:
        self.org = org

    def viewer(self, *_: object) -> Viewer:
        return Viewer("north", "session:jo", self.org, "session")


def test_a_sign_in_accepts_for_its_organisation(two: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who signed in accepts for the organisation that the sign-in names, on our own page only; where it names
    none, the layer waits for good, and the page says why."""
    entrance, client = two.app.extensions["hantsmap-entrance"], two.app.test_client()
    ours = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    said = {"version": "2026-1", "text_sha256": sha256(TEXT.encode()).hexdigest()}
    monkeypatch.setattr(entrance, "doorkeeper", Signed(" "))
    assert client.get("/collections/works").status_code == 403
    assert "names no organisation" in client.get("/licence?f=html").text
    assert "names no organisation" in client.post("/licence/terms", json=said, headers=ours).get_json()["detail"]
    assert client.get("/me").get_json()["organisation"] is None and client.get("/me?f=html").status_code == 200
    monkeypatch.setattr(entrance, "doorkeeper", Signed("Acme"))
    assert client.post("/licence/terms", json=said).status_code == 403
    assert two.accounts.receipts() == ()
    done = client.post("/licence/terms", json=said, headers=ours)
    assert (done.status_code, done.get_json()["given_by"]) == (201, "session:jo")
    assert client.get("/collections/works").status_code == 200
    assert two.asking(two.key()).get("/collections/works").status_code == 200


def test_a_text_that_is_not_there_cannot_be_accepted(acme: FlaskClient, two: Contracts) -> None:
    """While site.json is lost, and with it the text, a running server goes on with the last good one; one that starts
    without it answers keys with 503, so that nothing is read or accepted."""
    two.accept(acme)
    (two.shop.store / "site.json").unlink()
    two.app.extensions["hantsmap"].look()
    assert acme.get("/collections/works").status_code == 200
    started = shops.application(two.shop.store)
    fresh = replace(two, app=started).asking(two.key())
    said = {"version": "2026-1", "text_sha256": sha256(TEXT.encode()).hexdigest()}
    assert [fresh.get(address).status_code for address in ("/collections/works", "/licence", "/me")] == [503] * 3
    assert fresh.post("/licence/terms", json=said).status_code == 503
    two.look()
    started.extensions["hantsmap"].look()
    assert fresh.get("/collections/works").status_code == 200


def test_nobody_in_particular_is_asked_nothing(two: Contracts) -> None:
    """Without a key there is nothing to accept; a server that counts everybody as a fixed audience asks nobody."""
    nobody = two.asking(None)
    found = nobody.get("/licence").get_json()
    assert (found["licences"], found["receipts"], found["contract"]) == ([], [], None)
    assert nobody.post("/licence/terms", json={}, headers={"Origin": BASE}).status_code == 403
    assert "I have a key" in nobody.get("/licence?f=html").text
    fixed = shops.application(two.shop.store, audience="north").test_client()
    assert fixed.get("/collections/works/items").get_json()["numberMatched"] == 8
    assert fixed.get("/licence").get_json()["licences"] == []


def test_a_key_can_be_given_to_a_browser(closed: Contracts) -> None:
    """Where everything is open to everybody, no browser asks for a password: one address makes it ask, and goes on."""
    client = closed.app.test_client()
    asked_for = client.get("/with-key?next=/licence")
    assert asked_for.status_code == 401 and asked_for.headers["WWW-Authenticate"].startswith("Basic ")
    gone_on = client.get("/with-key?next=/licence", headers=basic(closed.key()))
    assert (gone_on.status_code, gone_on.headers["Location"]) == (303, f"{BASE}/licence")
    for place in ("//evil.example", "https://evil.example", "/\\evil.example", "me"):
        assert client.get("/with-key", query_string={"next": place}, headers=basic(closed.key())).status_code == 400


def test_methods(waiting: FlaskClient) -> None:
    """What takes posts says so, and no other address does (QGIS would offer to edit); no other page is told it may."""
    for address, allow in (("/licence", "GET, HEAD, OPTIONS"), ("/me", "GET, HEAD, OPTIONS"),
                           ("/licence/terms", "POST, OPTIONS"), ("/licence/terms/return", "POST, OPTIONS"),
                           ("/licence/receipts/x", "GET, HEAD, OPTIONS"),
                           ("/collections/odd/items", "GET, HEAD, OPTIONS")):
        answer = waiting.options(address)
        assert (answer.status_code, answer.headers["Allow"]) == (204, allow), address
        assert "POST" not in answer.headers.get("Access-Control-Allow-Methods", "")
        assert waiting.put(address).status_code == 405 and waiting.put(address).headers["Allow"] == allow
    assert waiting.get("/licence/terms").status_code == 405


OPEN = ("/licence", "/me", "/health", "/privacy", "/accessibility", "/static/hantsmap.css", "/robots.txt",
        "/favicon.ico")
CLOSED = ("/", "/conformance", "/openapi", "/collections", "/collections/odd", "/collections/odd/items",
          "/collections/works", "/collections/works/items", "/collections/nothing", "/nothing", "/licences", "/men")


def test_after_the_last_day_of_a_contract(acme: FlaskClient, two: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the day after its last day a key opens the licence, its own page and what is about the service itself; all
    else is 403 with a sentence, the same for what is there and what is not. Others read on."""
    receipt = two.accept(acme).get_json()["id"]
    two.end(monkeypatch)
    assert {address: acme.get(address).status_code for address in OPEN} == dict.fromkeys(OPEN, 200)
    assert acme.get(f"/licence/receipts/{receipt}").status_code == 200
    answers = {address: acme.get(address) for address in CLOSED}
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(CLOSED, 403)
    assert len({answer.data for answer in answers.values()}) == 1
    assert answers["/"].get_json()["detail"] == (
        "The contract of this credential ended on 31 March 2099. What it still opens is http://localhost/licence and "
        "http://localhost/me.")
    assert two.asking(None).get("/collections/odd/items").status_code == 200
    assert two.asking(two.key("County", "staff")).get("/collections/works/items").status_code == 200


def test_what_became_of_the_data(acme: FlaskClient, two: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the end of its contract an organisation confirms what became of the data, on a page or by JSON, and gets a
    receipt; before the end, or where nothing was accepted, there is nothing to confirm."""
    said = {"way": "destroyed", "on": "2026-04-09", "by": "Jo Smith, director"}
    two.accept(acme)
    assert acme.post("/licence/terms/return", json=said).status_code == 404
    two.end(monkeypatch)
    other = two.asking(two.key("Roads Ltd"))
    assert other.post("/licence/terms/return", json=said).status_code == 404
    assert "there is nothing to return" in other.get("/licence?f=html").text
    page = acme.get("/licence?f=html").text
    html5lib.HTMLParser(strict=True).parse(page)
    assert 'action="http://localhost/licence/terms/return"' in page
    for wrong in ({"on": "2999-01-01"}, {"on": "soon"}, {"way": "lost"}, {"by": " "}, {"by": "x" * 300}, {"more": "x"}):
        assert acme.post("/licence/terms/return", json={**said, **wrong}).status_code == 400, wrong
    done, again = (acme.post("/licence/terms/return", json=said) for _ in range(2))
    assert (done.status_code, again.status_code) == (201, 200) and done.data == again.data
    receipt = done.get_json()
    assert (receipt["kind"], receipt["confirmed_by"], receipt["version"]) == (
        "returned", "Jo Smith, director", "2026-1")
    assert receipt["statement"].startswith("On 9 April 2026 all data supplied for this contract")
    assert two.accounts.verify(receipt).id == receipt["id"]
    assert [each["kind"] for each in acme.get("/licence").get_json()["receipts"]] == ["accepted", "returned"]
    html5lib.HTMLParser(strict=True).parse(acme.get(f"/licence/receipts/{receipt['id']}?f=html").text)
    html5lib.HTMLParser(strict=True).parse(acme.get("/me?f=html").text)
    assert acme.get("/collections/works").status_code == 403


def test_a_revoked_key_is_refused_here_too(acme: FlaskClient, two: Contracts) -> None:
    """A key that was revoked opens not even its licence, from the next request on."""
    assert acme.get("/licence").status_code == 200
    two.accounts.revoke(two.accounts.list()[0].id, "left")
    assert acme.get("/licence").status_code == acme.get("/me").status_code == 401
    assert acme.post("/licence/terms", json={}).status_code == 401


def test_where_acceptances_cannot_be_looked_up(acme: FlaskClient, two: Contracts, monkeypatch: pytest.MonkeyPatch
                                               ) -> None:
    """When the accounts cannot say what was accepted, nothing is taken for accepted."""
    from hantsmap.accounts import AccountsError

    def lost(*_: object) -> frozenset[str]:
        raise AccountsError("The accounts cannot be used: the disk is gone.")

    monkeypatch.setattr(Accounts, "lacking", lost)
    answer = acme.get("/collections/works/items")
    assert answer.status_code == 503 and "disk" not in answer.text


def test_the_anonymous_cost_no_look_up(two: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's acceptance is looked up for the anonymous; for a key it is once, and not again when it is accepted."""
    asks: list[Any] = []
    lacking = type(two.accounts._acceptances)._remember
    monkeypatch.setattr(type(two.accounts._acceptances), "_remember",
                        lambda *given: asks.append(given) or lacking(*given))
    two.asking(None).get("/collections/odd/items")
    two.asking(two.key("County", "staff")).get("/collections/works/items")
    assert asks == []
    acme = two.asking(two.key())
    two.accept(acme)
    asks.clear()
    for _ in range(3):
        assert acme.get("/collections/works/items").status_code == 200
    assert len(asks) == 1
