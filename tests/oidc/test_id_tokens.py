"""ID tokens: what must hold of one that ends a sign-in (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from forge import Forge, rsa, sign
from stand import HTTPS

from server.oidc import NoAccess, Refused, Verifier

NONCE = "the nonce of this sign-in"


def id_token(forge: Forge, typ: str | None = "JWT", **changes: Any) -> str:
    """An ID token for this service, with changes."""
    return sign(forge.claims(**{"aud": "maps", "nonce": NONCE, "scope": None, "client_id": None, **changes}), forge.key,
                typ=typ)


@pytest.mark.parametrize("changes", [
    {}, {"typ": None}, {"aud": ["maps"]}, {"azp": "maps"}, {"at_hash": "x"}, {"nbf": None}])
def test_a_right_id_token_says_who_signed_in(changes: dict[str, Any], forge: Forge, verifier: Verifier) -> None:
    """An ID token of the issuer, for this client and this sign-in, gives an audience and an end."""
    found = verifier.identify(id_token(forge, **changes), NONCE)

    assert (found.audience, found.subject, found.org) == ("highways", "officer-1", "Highways")


@pytest.mark.parametrize(("changes", "why"), [
    ({"nonce": None}, "nonce"), ({"nonce": ""}, "nonce"), ({"nonce": NONCE + "x"}, "nonce"),
    ({"nonce": [NONCE]}, "nonce"), ({"nonce": 7}, "nonce"), ({"typ": "at+jwt"}, "type"),
    ({"typ": "logout+jwt"}, "type"), ({"azp": "other"}, "others"), ({"aud": ["maps", "other"]}, "others"),
    ({"aud": ["maps", "other"], "azp": "maps"}, "others"), ({"aud": HTTPS}, "aud"),
    ({"iss": "https://evil.example"}, "iss"), ({"exp": 1}, "exp"), ({"exp": None}, "exp"), ({"sub": None}, "sub"),
    ({"iat": None}, "iat"), ({"iat": 10**10}, "iat")])
def test_wrong_id_tokens_are_refused(changes: dict[str, Any], why: str, forge: Forge, verifier: Verifier) -> None:
    """Another sign-in's, another kind's, another client's, another issuer's, or one that is over: refused."""
    with pytest.raises(Refused, match=why):
        verifier.identify(id_token(forge, **changes), NONCE)


@pytest.mark.parametrize("token", [None, 7, {}, "", "x", "a.b.c", "é.é.é"])
def test_what_is_no_id_token_is_refused(token: object, verifier: Verifier) -> None:
    """A provider that answers with something else signs nobody in, and is no fault of ours."""
    with pytest.raises(Refused):
        verifier.identify(token, NONCE)


def test_an_id_token_of_another_key_is_refused(forge: Forge, verifier: Verifier) -> None:
    """An ID token is checked by its signature too, though it comes straight from the provider."""
    with pytest.raises(Refused, match="BadSignature"):
        verifier.identify(sign(forge.claims(aud="maps", nonce=NONCE), rsa("one"), typ="JWT"), NONCE)


def test_somebody_without_a_role_is_told_apart(forge: Forge, verifier: Verifier) -> None:
    """A good ID token that gives no audience is no fault of the provider's, and is told as what it is."""
    with pytest.raises(NoAccess):
        verifier.identify(id_token(forge, roles=["Choir"]), NONCE)


def test_an_id_token_is_no_bearer_token(forge: Forge, verifier: Verifier) -> None:
    """What ends a sign-in opens nothing by itself, even where both kinds have the same audience and a scope."""
    assert verifier.verify(id_token(forge)) is None
    assert verifier.verify(id_token(forge, aud=HTTPS, scope="hantsmap")) is None
    assert verifier.verify(sign(forge.claims(exp=time.time() + 60), forge.key)) is not None
