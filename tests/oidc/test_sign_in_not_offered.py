"""A service on which nobody can sign in does not know these addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from stand import Service

from server import signin
from server.issuer import Issuer

PLACES = ("/sign-in", "/sign-in/", "/sign-in?next=/", "/sign-in/callback", "/sign-in/callback?code=x&state=y",
          "/sign-out")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def same_as_nowhere(client: FlaskClient, path: str, method: str, base_url: str = "http://localhost") -> bool:
    """Whether an address answers exactly as one that does not exist, but for its own name."""
    accept = {"Accept": "text/html"}
    here = client.open(path, method=method, headers=accept, base_url=base_url)
    bare = path.partition("?")[0]
    other = f"/{'n' * (len(bare) - 1)}"
    nowhere = client.open(path.replace(bare, other), method=method, headers=accept, base_url=base_url)
    return (here.status_code, here.text.replace(bare, other), sorted(here.headers)) == (
        nowhere.status_code, nowhere.text, sorted(nowhere.headers))


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("method", METHODS)
def test_without_a_desk_nothing_is_there(path: str, method: str, app: Flask) -> None:
    """Where the environment does not configure signing in, its addresses are 404 like any that does not exist."""
    signin.install(app, None)

    assert same_as_nowhere(app.test_client(), path, method)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("method", METHODS)
def test_without_a_rule_nothing_is_there(path: str, method: str, offer: Callable[..., Service]) -> None:
    """Where the registry says nothing about signing in, its addresses are 404 like any that does not exist."""
    service = offer(Issuer("https://sign-in.example", "maps"), rule=None)

    assert same_as_nowhere(service.app.test_client(), path, method)


@pytest.mark.parametrize("method", METHODS)
def test_without_tls_nothing_is_there(method: str, offer: Callable[..., Service]) -> None:
    """Over plain http on a network, where a cookie would be read by others, nobody can sign in."""
    client = offer(Issuer("https://sign-in.example", "maps")).app.test_client()

    assert same_as_nowhere(client, "/sign-in", method, "http://maps.example")
    assert same_as_nowhere(client, "/sign-out", method, "http://127.0.0.1.example")


def test_no_page_speaks_of_signing_in(app: Flask) -> None:
    """Where nobody can sign in, the home page has no link to it."""
    assert "sign-in" not in app.test_client().get("/", headers={"Accept": "text/html"}).text
