"""Keys of an issuer: fetched from its own address only, kept a while, asked after when they change."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from forge import Forge, rsa, sign
from joserfc.jwk import ECKey, OctKey
from stand import RULE, Clock, tree

from server import jwks
from server.issuer import Issuer
from server.jwks import FRESH_SECONDS, KEPT_SECONDS, PAUSE_SECONDS, Issued, Unreachable
from server.oidc import Verifier

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/jwks_uri"


def good(verifier: Verifier, forge: Forge) -> bool:
    """Whether a right token counts now."""
    return verifier.verify(sign(forge.claims(), forge.key)) is not None


def test_keys_are_fetched_once_and_then_now_and_again(forge: Forge, verifier: Verifier, clock: Clock) -> None:
    """Many tokens cost one fetch; after ten minutes the next token costs another."""
    assert all(good(verifier, forge) for _ in range(20))
    assert forge.asked == [DISCOVERY, KEYS]
    clock.ahead = FRESH_SECONDS + 1
    assert good(verifier, forge)
    assert forge.asked == [DISCOVERY, KEYS] * 2


def test_a_new_key_counts_as_soon_as_a_token_names_it(forge: Forge, verifier: Verifier, clock: Clock) -> None:
    """When the issuer changes its keys, the first token with the new one is right, and the old key stops counting."""
    assert good(verifier, forge)
    clock.ahead = PAUSE_SECONDS
    new = rsa("new")
    forge.keys = [new]

    assert verifier.verify(sign(forge.claims(), new)) is not None
    assert not good(verifier, forge)


def test_a_key_that_is_withdrawn_stops_counting(forge: Forge, verifier: Verifier, clock: Clock) -> None:
    """A key that the issuer no longer publishes counts for ten minutes at most."""
    assert good(verifier, forge)
    forge.keys = [forge.curve]
    clock.ahead = FRESH_SECONDS + 1

    assert not good(verifier, forge)


def test_invented_key_ids_are_no_flood(forge: Forge, verifier: Verifier, clock: Clock) -> None:
    """Tokens with key ids that nobody knows make this server ask once in thirty seconds, not once each."""
    assert good(verifier, forge)
    clock.ahead = PAUSE_SECONDS
    for number in range(20):
        assert verifier.verify(sign(forge.claims(), forge.key, kid=f"invented-{number}")) is None
    assert forge.asked == [DISCOVERY, KEYS] * 2
    clock.ahead = 2 * PAUSE_SECONDS
    assert verifier.verify(sign(forge.claims(), forge.key, kid="invented")) is None
    assert forge.asked == [DISCOVERY, KEYS] * 3


def test_an_issuer_that_is_away_is_stood_in_for(forge: Forge, verifier: Verifier, clock: Clock) -> None:
    """While the issuer has a fault its keys go on counting, for four hours and no longer; then it is asked again."""
    assert good(verifier, forge)
    forge.status = 503
    clock.ahead = KEPT_SECONDS - 1
    assert good(verifier, forge)
    asked = len(forge.asked)
    assert good(verifier, forge)
    assert len(forge.asked) == asked
    clock.ahead = KEPT_SECONDS + PAUSE_SECONDS
    assert not good(verifier, forge)
    forge.status = 200
    assert not good(verifier, forge)
    clock.ahead += PAUSE_SECONDS
    assert good(verifier, forge)


def test_an_issuer_that_cannot_be_reached_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing answers, each token is refused at once, and the log says that it is the issuer's fault."""
    issuer = Issuer("http://127.0.0.1:9", "maps", None, "https://maps.example")
    forge = Forge()
    try:
        verifier, started = Verifier(issuer, lambda: RULE, tree), time.monotonic()
        for _ in range(50):
            assert not good(verifier, forge)
        assert time.monotonic() - started < 5
        assert "the issuer cannot be used" in caplog.text
    finally:
        forge.close()


def test_many_threads_fetch_once(forge: Forge, verifier: Verifier) -> None:
    """Requests that arrive together wait for one fetch, and all of them are answered."""
    token, found = sign(forge.claims(), forge.key), []
    threads = [threading.Thread(target=lambda: found.append(verifier.verify(token))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(found) == 12
    assert None not in found
    assert forge.asked == [DISCOVERY, KEYS]


@pytest.mark.parametrize("document", [
    {"issuer": "https://evil.example"}, {"issuer": None}, {"jwks_uri": "https://evil.example/keys"},
    {"jwks_uri": None}, {"jwks_uri": ["x"]}, {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": "/jwks_uri"},
    {"token_endpoint": "http://127.0.0.1:1/token"}, {"authorization_endpoint": "http://localhost:1/a"},
    {"jwks_uri": "http://127.0.0.1:99999/keys"}, {"jwks_uri": "http://user@127.0.0.1/keys"}])
def test_an_issuer_that_points_elsewhere_is_not_followed(document: dict[str, Any], forge: Forge,
                                                         verifier: Verifier) -> None:
    """A discovery document of another issuer, or with an address off the issuer's origin, gives no keys."""
    forge.document = document

    assert not good(verifier, forge)
    assert forge.asked == [DISCOVERY]


@pytest.mark.parametrize(("status", "body"), [
    (302, b""), (404, b"{}"), (200, b"[]"), (200, b"{"), (200, b"<html>"), (200, b"\xff"), (200, b"[" * 100_000)])
def test_what_is_no_discovery_document_is_refused(status: int, body: bytes, forge: Forge, verifier: Verifier) -> None:
    """Redirects, errors, and other formats give no keys; redirects are not followed."""
    forge.status, forge.body = status, body

    assert not good(verifier, forge)
    assert forge.asked == [DISCOVERY]


def test_a_document_without_end_is_not_read(forge: Forge, verifier: Verifier) -> None:
    """A discovery document is read up to a size, even where it is right but for that."""
    forge.document = {"padding": "x" * jwks.MOST_BYTES}

    assert not good(verifier, forge)
    assert forge.asked == [DISCOVERY]


@pytest.mark.parametrize("keys", [None, "x", [], [None], ["x"], {"kty": "RSA"}, [{"kty": "RSA"}], [{"kty": ["RSA"]}],
                                  [{"kty": "RSA", "n": 1, "e": 2}], [{"kty": "EC", "crv": "x", "x": "", "y": ""}]])
def test_what_is_no_key_is_left_out(keys: object, forge: Forge, verifier: Verifier) -> None:
    """A key set with nothing usable in it gives no keys, and no fault of ours."""
    forge.jwks = {"keys": keys}

    assert not good(verifier, forge)


@pytest.mark.filterwarnings("ignore:Key size")
def test_keys_that_must_not_sign_are_left_out(forge: Forge) -> None:
    """Secrets, short RSA keys, and kinds that nobody knows are left out; the good one beside them counts."""
    short = rsa("short", 1_024)
    told = [OctKey.generate_key(256, {"kid": "secret"}).as_dict(), short.as_dict(private=False), {"kty": "new"},
            forge.key.as_dict(private=False)]

    assert [key.kid for key in jwks.imported(told)] == ["one"]


def test_a_key_is_for_what_it_says(forge: Forge, verifier: Verifier) -> None:
    """A key for encryption, for another algorithm, or on another curve, checks no signature."""
    other, enc = rsa("other", alg="RS512"), rsa("enc", use="enc")
    wide = ECKey.generate_key("P-384", {"kid": "wide"})
    forge.keys = [other, enc, wide, forge.key]

    assert verifier.verify(sign(forge.claims(), other)) is None
    assert verifier.verify(sign(forge.claims(), enc)) is None
    assert verifier.verify(sign(forge.claims(), wide, "ES256")) is None
    assert good(verifier, forge)


def test_a_single_key_needs_no_id(forge: Forge, verifier: Verifier) -> None:
    """Where the issuer has one key of the kind, tokens need not name it (Core 10.1)."""
    assert verifier.verify(sign(forge.claims(), forge.key, kid=None)) is not None


def test_what_the_issuer_says_is_known_even_when_it_is_slow(forge: Forge, clock: Clock) -> None:
    """While one thread waits for the issuer, the others go on with the keys that are known."""
    issued = Issued(forge.issuer, clock)
    known = issued.published()
    clock.ahead = FRESH_SECONDS + 1
    started = time.monotonic()
    with issued._lock:  # another thread is fetching
        assert issued.published() is known
    assert time.monotonic() - started < jwks.WAIT_SECONDS / 2
    clock.ahead = KEPT_SECONDS + 1
    forge.status = 500
    with pytest.raises(Unreachable):
        issued.published()
