"""Signing in with a browser, against the real provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stand import ERRAND, HTTPS, Service
from surfer import Surfer

from hantsmap.accounts import Accounts
from server import cookies, signin
from server.issuer import Issuer

Offer = Callable[..., Service]
Maps = Callable[..., Issuer]


def set_cookies(answer: requests.Response) -> dict[str, str]:
    """The cookies that an answer sets, each as it was written."""
    return {line.partition("=")[0]: line for line in answer.raw.headers.getlist("Set-Cookie")}


@pytest.mark.parametrize("client", ["maps", "maps-post", "maps-public"])
def test_somebody_known_comes_back_signed_in(client: str, offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """A person signs in with the provider's form and is back where they wanted to be, in the audience of their role."""
    service = offer(maps(client))

    landed = surfer.sign_in(f"{service.base}/sign-in?next=/collections?f=html", "olive")

    assert (landed.status_code, landed.url) == (200, f"{service.base}/collections?f=html")
    found = cookies.current(surfer.cookies(), service.accounts, service.base)
    assert found is not None
    assert (found.audience, found.subject, found.org) == ("highways", "olive", "Highways")


def test_sessions_are_kept_by_the_real_accounts(offer: Offer, maps: Maps, surfer: Surfer, tmp_path: object) -> None:
    """What signing in opens, the accounts of this service find again, and close when the person signs out."""
    service = offer(maps())
    with Accounts(f"sqlite:///{tmp_path}/accounts.sqlite") as accounts:
        service.app.extensions["hantsmap-sign-in"] = replace(service.desk, accounts=accounts)

        surfer.sign_in(f"{service.base}/sign-in", "olive")
        kept = surfer.cookies()
        found = cookies.current(kept, accounts, service.base)
        assert found is not None
        assert found.audience == "highways"
        surfer.post(f"{service.base}/sign-out", {})

        assert cookies.current(kept, accounts, service.base) is None


def test_the_question_to_the_provider_is_by_the_book(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """The browser is sent out with code flow, S256, state and nonce, fresh each time, and nothing secret."""
    service = offer(maps())
    asked = []
    for _ in range(2):
        surfer.get(f"{service.base}/sign-in", lambda _: True)
        asked.append(parse_qs(urlsplit(surfer.answers[-1].headers["Location"]).query))

    first, second = asked
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert first["redirect_uri"] == [f"{service.base}/sign-in/callback"]
    assert set(first) == {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
                          "code_challenge_method"}
    assert not any(first[name] == second[name] for name in ("state", "nonce", "code_challenge"))
    assert all(len(first[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_cookies_on_loopback_are_out_of_reach_of_scripts(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """On loopback without TLS both cookies are HttpOnly and Lax; the errand goes when the session comes."""
    service = offer(maps())

    surfer.sign_in(f"{service.base}/sign-in", "olive")

    first = next(set_cookies(answer) for answer in surfer.answers if answer.url.endswith("/sign-in"))
    last = next(set_cookies(answer) for answer in surfer.answers if "/sign-in/callback" in answer.url)
    assert list(first) == [ERRAND]
    assert set(last) == {ERRAND, "hantsmap"}
    for line in (*first.values(), *last.values()):
        said = {part.strip() for part in line.split(";")}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= said
        assert "Secure" not in said
        assert not any(part.startswith("Domain") for part in said)
    assert "Max-Age=600" in first[ERRAND]
    assert "Max-Age=0" in last[ERRAND]
    assert set(surfer.cookies()) == {"hantsmap"}


def test_cookies_over_https_are_bound_to_the_host(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """Behind a proxy with TLS the one cookie that stays is `__Host-hantsmap`: Secure, HttpOnly, Lax, for all paths."""
    service = offer(maps(), https=True)
    client = service.app.test_client()
    out = client.get("/sign-in?next=/api%3Fx=1", base_url=HTTPS)

    back = surfer.sign_in(out.headers["Location"], "olive", lambda address: address.startswith(HTTPS))
    landed = client.get(back.headers["Location"].removeprefix(HTTPS), base_url=HTTPS)

    assert (landed.status_code, landed.headers["Location"]) == (303, f"{HTTPS}/api?x=1")
    written = {line.partition("=")[0]: line for line in landed.headers.getlist("Set-Cookie")}
    assert set(written) == {"__Host-hantsmap", f"__Host-{ERRAND}"}
    morsel = SimpleCookie(written["__Host-hantsmap"])["__Host-hantsmap"]
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (
        True, True, "Lax", "/", "")
    assert cookies.current({"__Host-hantsmap": morsel.value}, service.accounts, HTTPS) is not None
    # A neighbour under the same domain can plant a cookie without the prefix.
    assert cookies.current({"hantsmap": morsel.value}, service.accounts, HTTPS) is None


def test_answers_of_a_sign_in_are_kept_by_nobody(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """No cache keeps an answer of a sign-in, and no page of others may read one."""
    service = offer(maps())

    surfer.sign_in(f"{service.base}/sign-in", "olive")
    surfer.get(f"{service.base}/sign-in/callback")
    surfer.get(f"{service.base}/sign-out")

    ours = [answer for answer in surfer.answers if "/sign-" in answer.url and answer.url.startswith(service.base)]
    assert len(ours) == 4
    for answer in ours:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_session_lasts_no_longer_than_eight_hours(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """An ID token that is good for a day opens a session for eight hours."""
    service = offer(maps("maps-long"))

    surfer.sign_in(f"{service.base}/sign-in", "olive")

    [session] = service.accounts.sessions.values()
    assert abs(session.expires - datetime.now(UTC) - timedelta(hours=8)) < timedelta(minutes=1)


def test_a_session_lasts_no_longer_than_the_id_token(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """An ID token that is good for two minutes opens a session, and a cookie, for two minutes."""
    service = offer(maps("maps-short"))

    surfer.sign_in(f"{service.base}/sign-in", "olive")

    [session] = service.accounts.sessions.values()
    assert timedelta(seconds=60) < session.expires - datetime.now(UTC) <= timedelta(seconds=120)
    written = next(set_cookies(answer) for answer in surfer.answers if "/sign-in/callback" in answer.url)["hantsmap"]
    assert 60 < int(SimpleCookie(written)["hantsmap"]["max-age"]) <= 120


def test_signing_in_again_ends_the_session_before(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """A session that a browser brings along is closed, and never taken over by whoever signs in."""
    service = offer(maps())
    surfer.sign_in(f"{service.base}/sign-in", "olive")
    before = surfer.cookies()["hantsmap"]

    surfer.sign_in(f"{service.base}/sign-in", "olive")

    assert surfer.cookies()["hantsmap"] != before
    assert service.accounts.session(before) is None
    assert len(service.accounts.sessions) == 1


def test_nothing_else_sets_a_cookie(offer: Offer, maps: Maps) -> None:
    """Who only looks never gets a cookie, on any address."""
    service = offer(maps())
    client = service.app.test_client()

    for path in ("/", "/collections", "/collections/odd/items", "/privacy", "/sign-out", "/nowhere", "/health"):
        assert "Set-Cookie" not in client.get(path, headers={"Accept": "text/html"}).headers


def test_signing_in_names_are_these(offer: Offer, maps: Maps) -> None:
    """The addresses of signing in are the three that are documented."""
    service = offer(maps())

    assert {rule.rule for rule in service.app.url_map.iter_rules() if rule.endpoint.startswith("signin.")} == set(
        signin.PLACES)
