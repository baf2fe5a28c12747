"""Bearer tokens: one way to be right, and every known way to be wrong (RFC 8725, RFC 9068)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from forge import Forge, encoded, rsa, sign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import examples
from stand import HTTPS, RULE, tree

from server.issuer import Issuer
from server.jwks import Issued
from server.oidc import Verifier

Make = Callable[[Forge], str]


def secrets_of(forge: Forge) -> list[bytes]:
    """The public key as a secret, in each form that careless code takes it in."""
    key = forge.key.public_key
    forms = ((Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.PEM, PublicFormat.PKCS1),
             (Encoding.DER, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.PKCS1))
    found = [key.public_bytes(*form) for form in forms]
    return [*found, *(each.strip() for each in found), json.dumps(forge.key.as_dict(private=False)).encode(), b""]


def claims(**changes: Any) -> Make:
    """A token that is right but for these claims."""
    return lambda forge: sign(forge.claims(**changes), forge.key)


def timed(name: str, seconds: float) -> Make:
    """A token that is right but for a moment, told from when it is made."""
    return lambda forge: sign(forge.claims(**{name: time.time() + seconds}), forge.key)


def header(alg: str = "RS256", **changes: Any) -> Make:
    """A token that is right but for these headers."""
    return lambda forge: sign(forge.claims(), forge.key, alg, **changes)


def unsigned(alg: str) -> Make:
    """A token that nobody signed."""
    return lambda forge: f"{encoded({'alg': alg, 'typ': 'at+jwt', 'kid': 'one'})}.{encoded(forge.claims())}."


def stripped(forge: Forge) -> str:
    return sign(forge.claims(), forge.key).rpartition(".")[0] + "."


def swapped(forge: Forge) -> str:
    """The signature of one token under the claims of another."""
    mine, other = sign(forge.claims(), forge.key), encoded(forge.claims(sub="chief"))
    return ".".join((mine.split(".")[0], other, mine.split(".")[2]))


WRONG: dict[str, tuple[Make, str]] = {
    "alg none": (unsigned("none"), "algorithm"),
    "alg None": (unsigned("None"), "algorithm"),
    "alg empty": (unsigned(""), "algorithm"),
    "RS256 unsigned": (unsigned("RS256"), "BadSignature"),
    "signature taken off": (stripped, "BadSignature"),
    "claims swapped": (swapped, "BadSignature"),
    "alg RS512, which the issuer's key could": (header("RS512"), "algorithm"),
    "another's key under a known id": (lambda forge: sign(forge.claims(), rsa("one")), "BadSignature"),
    "unknown key id": (lambda forge: sign(forge.claims(), rsa("two")), "does not publish"),
    "no key id, several keys of the kind": (lambda forge: several(forge), "does not publish"),
    "key id that is no text": (header(kid={"a": 1}), ""),
    "ES256 with an RSA key's id": (lambda forge: sign(forge.claims(), forge.curve, "ES256", kid="one"),
                                   "does not publish"),
    "critical extension": (header(crit=["exp"], exp=1), ""),
    "unencoded payload": (header(crit=["b64"], b64=False), ""),
    "audience of another": (claims(aud="https://other.example"), "aud"),
    "no audience": (claims(aud=None), "aud"),
    "audience as a part": (claims(aud=HTTPS + "/"), "aud"),
    "audience in an object": (claims(aud={HTTPS: 1}), "aud"),
    "audience of the client": (claims(aud="maps"), "aud"),
    "several audiences and no party": (claims(aud=[HTTPS, "https://other.example"], client_id=None), "several"),
    "another party": (claims(azp="other"), "CLIENTS"),
    "another client": (claims(client_id="other"), "CLIENTS"),
    "party that is no text": (claims(azp=["maps"]), "CLIENTS"),
    "another issuer": (claims(iss="https://evil.example"), "iss"),
    "issuer with a slash": (lambda forge: sign(forge.claims(iss=forge.issuer + "/"), forge.key), "iss"),
    "issuers": (lambda forge: sign(forge.claims(iss=[forge.issuer]), forge.key), "iss"),
    "no issuer": (claims(iss=None), "iss"),
    "expired": (timed("exp", -31), "exp"),
    "never expires": (claims(exp=None), "exp"),
    "expires at no number": (claims(exp="9999999999"), "exp"),
    "expires at true": (claims(exp=True), "exp"),
    "expires at NaN": (claims(exp=float("nan")), "exp"),
    "expires at infinity": (claims(exp=float("inf")), "exp"),
    "not yet": (timed("nbf", 600), "nbf"),
    "made in the future": (timed("iat", 600), "iat"),
    "made at no time": (claims(iat=None), "iat"),
    "another scope": (claims(scope="openid email"), "scope"),
    "no scope": (claims(scope=None), "scope"),
    "scope as a part": (claims(scope="hantsmap2 xhantsmap"), "scope"),
    "scope in an object": (claims(scope={"hantsmap": 1}), "scope"),
    "type of a proof": (header(typ="dpop+jwt"), "type"),
    "type of a logout": (header(typ="logout+jwt"), "type"),
    "type that is no text": (header(typ=["at+jwt"]), ""),
    "an ID token": (lambda forge: sign(forge.claims(nonce="n"), forge.key, typ="JWT"), "ID token"),
    "nobody": (claims(sub=None), "sub"),
    "somebody without a name": (claims(sub=""), "sub"),
    "somebody with control characters": (claims(sub="a\nb"), "subject"),
    "somebody with a very long name": (claims(sub="a" * 256), "subject"),
    "claims that are a list": (lambda forge: sign([forge.claims()], forge.key), ""),
    "claims that are no JSON": (lambda forge: sign(b"{", forge.key), ""),
    "claims that are no text": (lambda forge: sign(b"\xff\xfe", forge.key), ""),
    "claims nested deeply": (lambda forge: sign(b"[" * 5_000, forge.key), ""),
    "header nested deeply": (lambda forge: f"{encoded(b'[' * 5_000)}.e30.e30", ""),
    "huge": (claims(padding="x" * 20_000), "size"),
    "huge header": (header(x5t="x" * 9_000), ""),
    "five parts": (lambda _: "e30.e30.e30.e30.e30", "no signed token"),
    "two parts": (lambda _: "e30.e30", "no signed token"),
    "empty": (lambda _: "", "no signed token"),
    "dots": (lambda _: "..", ""),
    "other letters": (lambda _: "é.é.é", "no signed token"),
}


def several(forge: Forge) -> str:
    """A token without a key id, of an issuer with two keys of its kind."""
    forge.keys = [forge.key, rsa("another")]
    return sign(forge.claims(), forge.key, kid=None)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_tokens_give_nothing(name: str, forge: Forge, verifier: Verifier,
                                   caplog: pytest.LogCaptureFixture) -> None:
    """Each of these gives nothing, and one line in the log that says why without any of the token."""
    make, why = WRONG[name]
    token = make(forge)

    assert verifier.verify(token) is None
    [line] = [record.getMessage() for record in caplog.records if "bearer token" in record.getMessage()]
    assert why in line
    assert len(line) < 250
    assert not any(part and part in line for part in token.split(".") if len(part) > 8)


def test_a_right_token_says_who_it_is(forge: Forge, verifier: Verifier) -> None:
    """A token of the issuer for this service gives an audience, a subject, an organisation, and an end."""
    claims = forge.claims()

    found = verifier.verify(sign(claims, forge.key))

    assert found is not None
    assert (found.audience, found.subject, found.org) == ("highways", "officer-1", "Highways")
    assert found.expires == datetime.fromtimestamp(claims["exp"], UTC)


@pytest.mark.parametrize("make", [
    header(typ="application/at+jwt"), header(typ="AT+JWT"), header(typ="JWT"), header(typ=None), header("PS256"),
    lambda forge: sign(forge.claims(), forge.curve, "ES256"), timed("exp", -5), timed("nbf", 25),
    claims(nbf=None), claims(aud=[HTTPS, "https://other.example"]), claims(aud=[HTTPS], client_id=None),
    claims(azp="maps", client_id="other"), claims(scope=None, scp="hantsmap"), claims(scope=None, scp=["hantsmap"]),
    header(x5c=["x" * 2_000])])
def test_right_tokens_come_in_several_forms(make: Make, forge: Forge, verifier: Verifier) -> None:
    """What providers do differently and the standards allow is taken: types, algorithms, clocks, lists and scopes."""
    assert verifier.verify(make(forge)) is not None


def test_the_public_key_is_no_secret(forge: Forge, verifier: Verifier) -> None:
    """HS256 with the public key as the secret, in any form, gives nothing (RFC 8725 2.1)."""
    for key in secrets_of(forge):
        assert verifier.verify(sign(forge.claims(), key, "HS256")) is None


def test_no_address_in_a_token_is_fetched(forge: Forge, verifier: Verifier) -> None:
    """Keys, and addresses of keys, that a token brings along are not looked at (RFC 8725 3.10)."""
    other = Forge()
    own = rsa("one")
    try:
        for more in ({"jku": f"{other.issuer}/jwks_uri"}, {"x5u": f"{other.issuer}/x"},
                     {"jwk": own.as_dict(private=False)}):
            assert verifier.verify(sign(forge.claims(), own, **more)) is None
            assert verifier.verify(sign(forge.claims(), forge.key, **more)) is not None
        assert other.asked == []
    finally:
        other.close()


def test_without_a_scope_only_the_exact_type_counts(forge: Forge, verifier: Verifier) -> None:
    """Where no scope tells an ID token from a bearer token, a token must say that it is one."""
    lax = Verifier(replace(verifier.issuer, scope=None), lambda: RULE, tree, issued=verifier.issued)

    assert lax.verify(sign(forge.claims(scope=None), forge.key)) is not None
    assert lax.verify(sign(forge.claims(scope=None), forge.key, typ="JWT")) is None
    assert lax.verify(sign(forge.claims(scope=None), forge.key, typ=None)) is None


def test_without_an_audience_no_bearer_token_counts(forge: Forge, verifier: Verifier) -> None:
    """A service that does not say what tokens for it are for takes none."""
    closed = Verifier(replace(verifier.issuer, audience=None), lambda: RULE, tree, issued=verifier.issued)

    assert closed.verify(sign(forge.claims(), forge.key)) is None
    assert closed.verify(sign(forge.claims(aud="None"), forge.key)) is None


def test_other_clients_are_named(forge: Forge, verifier: Verifier) -> None:
    """Programs that get their own tokens, such as QGIS, are let in by naming them."""
    wide = Verifier(replace(verifier.issuer, clients=("qgis",)), lambda: RULE, tree, issued=verifier.issued)

    assert wide.verify(sign(forge.claims(azp="qgis"), forge.key)) is not None
    assert wide.verify(sign(forge.claims(azp="other"), forge.key)) is None


def test_an_end_beyond_all_calendars_is_an_end(forge: Forge, verifier: Verifier) -> None:
    """A token that ends in a million years is one that ends next year."""
    found = verifier.verify(sign(forge.claims(exp=10**16), forge.key))

    assert found is not None
    assert found.expires.year <= datetime.now(UTC).year + 2


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(
    lambda parts: ".".join(encoded(part) for part in parts))))
def test_garbage_gives_nothing(smithy: Forge, token: str) -> None:
    """Whatever bytes come as a token give nothing and never a fault of the server."""
    logging.getLogger("hantsmap").disabled = True
    try:
        issuer = Issuer(smithy.issuer, "maps", None, HTTPS)
        assert Verifier(issuer, lambda: RULE, tree, issued=Issued(issuer.url)).verify(token) is None
    finally:
        logging.getLogger("hantsmap").disabled = False
