"""Tokens and sign-in through the whole application: put together as `create_app` does, from the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shops
from flask import Flask
from forge import Forge, sign
from openid_provider import Provider
from stand import HTTPS, SECRET, Street
from surfer import Surfer

from hantsmap.accounts import Accounts
from server.settings import Settings

SIGN_IN = """
sign_in:
  claim: roles
  map: {GIS-Officers: staff}
  organisation_claim: org
"""
Open = Callable[..., Flask]


@pytest.fixture
def open_shop(tmp_path: Path) -> Open:
    """Opens a shop whose registry maps a claim, with these settings of the environment."""
    def opened(**environment: str) -> Flask:
        shop = shops.Shop(tmp_path / "layers.yaml", tmp_path / "data", tmp_path / "store")
        shop.data.mkdir()
        shop.registry.write_text(shops.REGISTRY + SIGN_IN, encoding="utf-8")
        shop.write(shops.ROWS)
        shop.publish()
        told = Settings.from_environment({f"HANTSMAP_{name}": value for name, value in environment.items()})
        return shops.application(shop.store, issuer=told.issuer, secret=told.secret)

    return opened


def seen(app: Flask, token: str | None = None) -> tuple[int, set[str]]:
    """Status and layers that the bearer of a token is told of."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = app.test_client().get("/collections", headers=headers)
    return answer.status_code, {each["id"] for each in (answer.get_json() or {}).get("collections", ())}


def test_a_bearer_token_opens_what_its_claim_is_mapped_to(open_shop: Open, forge: Forge, tmp_path: Path) -> None:
    """A good token reads as its audience and is written down; an expired, unmapped or forged one is 401."""
    app = open_shop(OIDC_ISSUER=forge.issuer, OIDC_CLIENT_ID="maps", OIDC_AUDIENCE=HTTPS, OIDC_SCOPE="hantsmap")

    good = sign(forge.claims(), forge.key)
    assert seen(app) == (200, {"odd"})
    assert seen(app, good) == (200, {"odd", "hidden_layer"})
    for changes in ({"exp": 1}, {"roles": ["Nobody"]}):
        assert seen(app, sign(forge.claims(**changes), forge.key)) == (401, set())
    assert seen(app, good[:-8] + "AAAAAAAA") == (401, set())

    read = app.test_client().get("/collections/hidden_layer/items", headers={"Authorization": f"Bearer {good}"})
    assert read.status_code == 200
    assert read.headers["Cache-Control"] == "private, no-store"
    accounts = app.extensions["hantsmap-entrance"].accounts
    accounts.flush()
    with Accounts(f"sqlite:///{tmp_path}/accounts.sqlite") as reopened:
        readers = reopened.usage("hidden_layer").readers
    assert [(reader.who, reader.audience, reader.reads) for reader in readers] == [("token:officer-1", "staff", 1)]


def test_a_browser_signs_in_and_out(open_shop: Open, provider: Provider, street: Street, surfer: Surfer) -> None:
    """A person signs in with the real provider, sees what their role opens, signs out, and sees it no more."""
    secret = next(str(each["client_secret"]) for each in provider.clients if each["client_id"] == "maps")
    street.app = open_shop(OIDC_ISSUER=provider.issuer, OIDC_CLIENT_ID="maps", OIDC_CLIENT_SECRET=secret,
                           OIDC_AUDIENCE=HTTPS, SECRET=SECRET)
    try:
        assert "Hidden" not in surfer.get(f"{street.base}/collections").text
        landed = surfer.sign_in(f"{street.base}/sign-in?next=/collections", "olive")
        assert (landed.status_code, landed.headers["Cache-Control"]) == (200, "private, no-store")
        assert "Hidden" in landed.text

        surfer.post(f"{street.base}/sign-out", {})
        assert "Hidden" not in surfer.get(f"{street.base}/collections").text
    finally:
        street.app = None


def test_without_an_issuer_there_is_no_sign_in(open_shop: Open) -> None:
    """A service without a provider has no such address, and a token is a credential that does not hold."""
    app = open_shop()

    assert app.test_client().get("/sign-in").status_code == 404
    assert seen(app, "a.b.c") == (401, set())
