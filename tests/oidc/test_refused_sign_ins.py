"""Sign-ins that must not come to an end, against the real provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from openid_provider import Provider
from stand import ERRAND, Service, errand, nearly
from surfer import Surfer

from server import cookies
from server.issuer import Issuer

Offer = Callable[..., Service]
Maps = Callable[..., Issuer]


@pytest.mark.parametrize("who", ["una", "bob"])
def test_somebody_without_a_mapped_role_gets_nothing(who: str, offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """No mapped value of the claim, or values in two branches of the tree: a plain answer and no session."""
    service = offer(maps())

    landed = surfer.sign_in(f"{service.base}/sign-in", who)

    assert landed.status_code == 403
    assert "nobody has arranged what you may see" in landed.text
    assert (surfer.cookies(), service.accounts.sessions) == ({}, {})


def test_a_wrong_proof_key_is_refused_by_the_provider(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """A code is worth nothing without the PKCE verifier of the errand it belongs to."""
    service = offer(maps())
    back = nearly(service, surfer)
    tampered = replace(errand(service, surfer), verifier="x" * 64)
    surfer.session.cookies.set(ERRAND, service.desk.seal.close(tampered), domain="127.0.0.1", path="/")

    landed = surfer.get(back)

    assert landed.status_code == 400
    assert service.accounts.sessions == {}


def test_a_wrong_nonce_is_refused(offer: Offer, maps: Maps, surfer: Surfer, caplog: pytest.LogCaptureFixture) -> None:
    """An ID token that was made for another sign-in opens nothing (Core 3.1.3.7, 11)."""
    service = offer(maps())
    back = nearly(service, surfer)
    tampered = replace(errand(service, surfer), nonce="n" * 43)
    surfer.session.cookies.set(ERRAND, service.desk.seal.close(tampered), domain="127.0.0.1", path="/")

    landed = surfer.get(back)

    assert landed.status_code == 502
    assert "nonce" in caplog.text
    assert service.accounts.sessions == {}


def test_a_wrong_state_is_refused(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """An answer that this browser did not ask for is not redeemed; the errand that is under way still can be."""
    service = offer(maps())
    back = nearly(service, surfer)

    assert surfer.get(back.replace("state=", "state=x")).status_code == 400
    assert surfer.get(f"{service.base}/sign-in/callback?code=x&state=").status_code == 400
    assert service.accounts.sessions == {}
    surfer.get(back)
    assert len(service.accounts.sessions) == 1


def test_another_browser_cannot_use_the_answer(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """Whoever is sent the address of an answer is not signed in by it (login CSRF, RFC 9700 4.7)."""
    service = offer(maps())
    back = nearly(service, surfer)

    landed = Surfer().get(back)

    assert landed.status_code == 400
    assert not landed.raw.headers.getlist("Set-Cookie") or "Max-Age=0" in landed.headers["Set-Cookie"]
    assert service.accounts.sessions == {}


def test_an_answer_counts_once(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """A callback that is gone to again is refused, even by a browser that kept the errand's cookie."""
    service = offer(maps())
    back = nearly(service, surfer)
    sealed = surfer.cookies()[ERRAND]
    surfer.get(back)
    assert len(service.accounts.sessions) == 1

    again = surfer.get(back)
    surfer.session.cookies.set(ERRAND, sealed, domain="127.0.0.1", path="/")
    kept = surfer.get(back)

    assert (again.status_code, kept.status_code) == (400, 400)
    assert "used already" in kept.text
    assert len(service.accounts.sessions) == 1


def test_a_sign_in_that_takes_too_long_is_over(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """After ten minutes an errand is not taken back, whatever the browser still keeps."""
    service = offer(maps())
    back = nearly(service, surfer)
    service.clock.ahead = 601

    landed = surfer.get(back)

    assert landed.status_code == 400
    assert "too long" in landed.text
    assert service.accounts.sessions == {}


def test_an_errand_of_another_secret_is_not_read(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """An errand that was sealed with another secret, was changed, or is no errand at all, counts as none."""
    service = offer(maps())
    back = nearly(service, surfer)
    mine = errand(service, surfer)
    good = service.desk.seal.close(mine)
    for sealed in (cookies.Seal("s" * 32).close(mine), good[:-5] + "AAAAA", "x", "x" * 9_000):
        surfer.session.cookies.set(ERRAND, sealed, domain="127.0.0.1", path="/")
        assert surfer.get(back).status_code == 400
    assert mine.verifier not in good
    assert service.accounts.sessions == {}


@pytest.mark.parametrize(("error", "status", "sentence"), [
    ("access_denied", 403, "declined"), ("server_error", 502, "fault just now"),
    ("<script>alert(1)</script>", 502, "did not sign you in")])
def test_faults_at_the_provider_are_told_in_our_words(error: str, status: int, sentence: str, offer: Offer, maps: Maps,
                                                      surfer: Surfer, caplog: pytest.LogCaptureFixture) -> None:
    """What comes back as an error is told plainly; nothing of the address is shown or logged as it is."""
    service = offer(maps())
    nearly(service, surfer)

    landed = surfer.session.get(f"{service.base}/sign-in/callback", timeout=10, params={
        "error": error, "error_description": "Call 0900 EVIL", "state": errand(service, surfer).state,
        "iss": service.desk.verifier.issuer.url})

    assert landed.status_code == status
    assert sentence in landed.text
    assert "<script>" not in landed.text + caplog.text
    assert "EVIL" not in landed.text + caplog.text


def test_an_answer_in_the_name_of_another_issuer_is_refused(offer: Offer, maps: Maps, surfer: Surfer) -> None:
    """With `iss` missing or another's, where the provider says that it sends one, no code is redeemed (RFC 9207)."""
    service = offer(maps())
    back = nearly(service, surfer)
    without = back.partition("&iss=")[0]

    assert "&iss=" in back
    assert surfer.get(f"{without}&iss=https%3A%2F%2Fevil.example").status_code == 502
    nearly(service, surfer)
    state = errand(service, surfer).state
    assert surfer.get(f"{service.base}/sign-in/callback?code=x&state={state}").status_code == 502
    assert service.accounts.sessions == {}


def test_a_provider_that_is_away_is_told_plainly(offer: Offer, surfer: Surfer) -> None:
    """Where the provider does not answer, the visitor is told so, at once, and nothing else of the service suffers."""
    service = offer(Issuer("http://127.0.0.1:9", "maps"))

    page = surfer.get(f"{service.base}/sign-in")

    assert page.status_code == 503
    assert "cannot be reached just now" in page.text
    assert surfer.get(f"{service.base}/collections").status_code == 200


def test_a_client_secret_that_is_wrong_signs_nobody_in(offer: Offer, maps: Maps, surfer: Surfer, provider: Provider,
                                                       caplog: pytest.LogCaptureFixture) -> None:
    """When the provider does not know this service, nobody is signed in, and the log says why without the secret."""
    service = offer(Issuer(provider.issuer, "maps", "not the secret"))

    landed = surfer.sign_in(f"{service.base}/sign-in", "olive")

    assert landed.status_code == 502
    assert "invalid_client" in caplog.text
    assert "not the secret" not in caplog.text + repr(service.desk.verifier.issuer)
