"""Bearer tokens that the real provider makes, for people and for programs, over its restarts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
import requests
from openid_provider import Provider
from stand import HTTPS, RULE, Clock, tree
from surfer import Surfer

from server.issuer import Issuer
from server.jwks import FRESH_SECONDS, KEPT_SECONDS, PAUSE_SECONDS, Issued
from server.oidc import Verifier

Checks = Callable[..., Verifier]


@pytest.fixture
def checks(provider: Provider, clock: Clock) -> Checks:
    """Makes something that checks the provider's tokens."""
    def made(**changes: object) -> Verifier:
        settings = {"audience": HTTPS, "scope": "hantsmap", "clients": ("machine",), **changes}
        return Verifier(Issuer(provider.issuer, "maps", **settings), lambda: RULE, tree,  # type: ignore[arg-type]
                        issued=Issued(provider.issuer, clock))
    return made


def of_machine(provider: Provider, scope: str = "hantsmap", resource: str = HTTPS) -> str:
    """A token that a program gets for itself."""
    answer = requests.post(f"{provider.issuer}/token", auth=("machine", quote_plus("machine's secret")), timeout=10,
                           data={"grant_type": "client_credentials", "scope": scope, "resource": resource})
    assert answer.ok, answer.text
    return str(answer.json()["access_token"])


def of_person(provider: Provider, surfer: Surfer, who: str) -> dict[str, str]:
    """The tokens that a program gets for somebody who signs in to it."""
    verifier, back = "v" * 64, f"{HTTPS}/sign-in/callback"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = requests.Request("GET", f"{provider.issuer}/auth", params={
        "client_id": "maps-public", "response_type": "code", "redirect_uri": back, "scope": "openid hantsmap",
        "resource": HTTPS, "code_challenge": challenge, "code_challenge_method": "S256", "nonce": "n"}).prepare()
    stopped = surfer.sign_in(str(asked.url), who, lambda address: address.startswith(HTTPS))
    code = parse_qs(urlsplit(stopped.headers["Location"]).query)["code"][0]
    answer = requests.post(f"{provider.issuer}/token", timeout=10, data={
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": "maps-public",
        "code_verifier": verifier, "resource": HTTPS})
    return {name: str(value) for name, value in answer.json().items()}


def test_a_token_for_a_program_counts(provider: Provider, checks: Checks) -> None:
    """A program with credentials of its own gets the audience of its role."""
    found = checks().verify(of_machine(provider))

    assert found is not None
    assert (found.audience, found.subject, found.org) == ("staff", "machine", "Timetables")


def test_a_token_for_a_person_counts(provider: Provider, checks: Checks, surfer: Surfer) -> None:
    """A program that somebody signs in to acts in the audience of that person; the ID token beside it opens nothing."""
    tokens = of_person(provider, surfer, "olive")
    verifier = checks(clients=("maps-public",))

    found = verifier.verify(tokens["access_token"])

    assert found is not None
    assert (found.audience, found.subject, found.org) == ("highways", "olive", "Highways")
    assert verifier.verify(tokens["id_token"]) is None
    assert checks(clients=("maps-public",), audience="maps-public").verify(tokens["id_token"]) is None


def test_tokens_for_others_do_not_count(provider: Provider, checks: Checks, surfer: Surfer) -> None:
    """A token for another service, without the scope, of another program, or of somebody without a role: nothing."""
    good = of_machine(provider)

    assert checks().verify(of_machine(provider, resource="https://other.example")) is None
    assert checks().verify(of_machine(provider, scope="")) is None
    assert checks(clients=()).verify(good) is None
    assert checks(scope="other").verify(good) is None
    assert checks(algorithms=("ES256",)).verify(good) is None
    assert checks(clients=("maps-public",)).verify(of_person(provider, surfer, "bob")["access_token"]) is None


def test_the_provider_restarts_with_other_keys(provider: Provider, checks: Checks, clock: Clock) -> None:
    """Keys go on counting while the provider is away; when it is back with other keys, they count and the old not."""
    verifier, before = checks(), of_machine(provider)
    assert verifier.verify(before) is not None

    provider.stop()
    try:
        clock.ahead = FRESH_SECONDS + 1
        assert verifier.verify(before) is not None
    finally:
        provider.start("second")
    after = of_machine(provider)
    clock.ahead += PAUSE_SECONDS

    assert verifier.verify(after) is not None
    assert verifier.verify(before) is None


def test_a_provider_that_stays_away_is_not_believed_for_ever(provider: Provider, checks: Checks, clock: Clock) -> None:
    """After four hours without the provider its tokens stop counting, and count again when it is back."""
    verifier, token = checks(), of_machine(provider)
    assert verifier.verify(token) is not None

    keys = provider.keys
    provider.stop()
    try:
        clock.ahead = KEPT_SECONDS + 1
        assert verifier.verify(token) is None
    finally:
        provider.start(keys=keys)
    clock.ahead += PAUSE_SECONDS
    assert verifier.verify(token) is not None
