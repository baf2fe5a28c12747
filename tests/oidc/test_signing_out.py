"""Signing out, which only the visitor can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from stand import HTTPS, Service
from surfer import Form, Surfer

from server.issuer import Issuer

Offer = Callable[..., Service]


@pytest.fixture
def service(offer: Offer) -> Service:
    """A service with one session; no provider is needed to leave."""
    return offer(Issuer("https://sign-in.example", "maps"))


def signed_in(service: Service, surfer: Surfer) -> str:
    """The token of a session that this browser has."""
    token = service.accounts.open_session("staff", "olive", "Highways", datetime.now(UTC) + timedelta(hours=1))
    surfer.session.cookies.set("hantsmap", token, domain="127.0.0.1", path="/")
    return token


def test_the_button_signs_out(service: Service, surfer: Surfer) -> None:
    """The page with the button is found at /sign-out; pressing it ends the session, here and in the browser."""
    signed_in(service, surfer)
    page = surfer.get(f"{service.base}/sign-out")
    form = Form(page.text)

    told = surfer.post(form.action, form.fields)

    assert (form.action, form.method) == (f"{service.base}/sign-out", "post")
    assert (told.status_code, service.accounts.sessions, surfer.cookies()) == (200, {}, {})
    assert "You are signed out" in told.text


def test_looking_at_the_page_does_not_sign_out(service: Service, surfer: Surfer) -> None:
    """A picture or a link to /sign-out on a page of others signs nobody out."""
    token = signed_in(service, surfer)

    page = surfer.get(f"{service.base}/sign-out")

    assert service.accounts.session(token) is not None
    assert "Set-Cookie" not in page.headers


def test_the_page_lets_the_browser_say_where_the_button_was(service: Service, surfer: Surfer) -> None:
    """Under `no-referrer` a browser hides the origin of a form, so that page has another policy."""
    assert surfer.get(f"{service.base}/sign-out").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "{base}", "Sec-Fetch-Site": "same-site"}, {},
    {"Origin": "{base}.evil"}])
def test_other_pages_cannot_sign_anybody_out(headers: dict[str, str], service: Service, surfer: Surfer) -> None:
    """A form on a page of others, or of a neighbour under the same domain, is refused (CSRF)."""
    token = signed_in(service, surfer)
    sent = {name: value.format(base=service.base) for name, value in headers.items()}

    answer = surfer.session.post(f"{service.base}/sign-out", headers=sent, timeout=10)

    assert answer.status_code == 403
    assert service.accounts.session(token) is not None


def test_signing_out_without_a_session_is_no_fault(service: Service, surfer: Surfer) -> None:
    """Who is not signed in may press the button all the same."""
    assert surfer.post(f"{service.base}/sign-out", {}).status_code == 200


def test_over_https_the_bound_cookie_is_taken_back(offer: Offer) -> None:
    """Behind a proxy with TLS, `__Host-hantsmap` is deleted with the flags it was set with."""
    service = offer(Issuer("https://sign-in.example", "maps"), https=True)

    answer = service.app.test_client().post("/sign-out", headers={"Origin": HTTPS}, base_url="http://inside.example")

    assert answer.status_code == 200
    [line] = answer.headers.getlist("Set-Cookie")
    assert line.startswith("__Host-hantsmap=;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=0"} <= {part.strip() for part in line.split(";")}
