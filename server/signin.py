"""Signing in with a browser: authorization code with PKCE (RFC 6749 4.1, RFC 7636, RFC 9700), then one cookie.

Three addresses, and no others set a cookie. Where signing in is not arranged they are not there at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import Blueprint, Flask, Response, abort, current_app, request

from hantsmap.query.asking import check_known
from server import cookies, views
from server.bridge import harden, visit
from server.bridge import response as answered
from server.cookies import Accounts, Errand, Name, Seal
from server.entrance import Entrance
from server.errors import problem
from server.jwks import Refusal, Unreachable, ask
from server.negotiation import wants_html
from server.oidc import NoAccess, Refused, Subject, Verifier

log = logging.getLogger("hantsmap")
blueprint = Blueprint("signin", __name__)

PLACES = ("/sign-in", "/sign-in/callback", "/sign-out")
ERRAND = "hantsmap-signing-in"
LONGEST = timedelta(hours=8)
MOST_CODE = 4_096
WORD = re.compile(r"[a-z_]{1,40}", re.ASCII)
AGAIN = {"href": "/sign-in", "label": "Sign in again"}
HOME = {"href": "/", "label": "Go to the home page"}
# The provider's words (RFC 6749 4.1.2.1), in ours. Its descriptions are never shown: anybody can write an address.
ITS_ERRORS = {
    "access_denied": "Sign-in was declined, by you or by the sign-in service.",
    "server_error": "The sign-in service has a fault just now. Try again in a few minutes.",
    "temporarily_unavailable": "The sign-in service is busy just now. Try again in a few minutes.",
}
NOT_SIGNED_IN = "The sign-in service did not sign you in. If this happens again, tell those who run this service."
AWAY = "The sign-in service cannot be reached just now. Try again in a few minutes."
NOTHING_ARRANGED = ("The sign-in service knows you, but nobody has arranged what you may see here. "
                    "Ask those who run this service.")
STALE = "This sign-in took too long, was used already, or was begun in another window."


@dataclass(frozen=True, slots=True)
class Desk:
    """What signing in needs."""

    verifier: Verifier
    accounts: Accounts
    seal: Seal

    @classmethod
    def of(cls, entrance: Entrance) -> Desk | None:
        """That of a server; None where the operator has not set up signing in. Raises ValueError for a short secret."""
        secret = entrance.settings.secret
        return None if entrance.verifier is None or not secret else cls(
            entrance.verifier, entrance.accounts, Seal(secret))


class Stopped(Exception):  # noqa: N818 - an answer, not an error
    """A sign-in that goes no further, and what the visitor is told. What the operator is told is logged before."""

    def __init__(self, status: int, sentence: str, *, over: bool = True) -> None:
        self.status, self.sentence, self.over = status, sentence, over
        super().__init__(sentence)


def install(app: Flask, desk: Desk | None) -> None:
    """Offer signing in. Without a desk the application has no such addresses."""
    if desk is not None:
        app.extensions["hantsmap-sign-in"] = desk
        app.register_blueprint(blueprint)


def _desk() -> Desk:
    desk: Desk = current_app.extensions["hantsmap-sign-in"]
    return desk


@blueprint.before_app_request
def _offered() -> None:
    """While the registry says nothing about signing in, or cookies would not be safe, there is nothing here."""
    if request.method == "OPTIONS" or request.path.rstrip("/") not in PLACES:
        return
    if _desk().verifier.sign_in() is None:
        abort(404)
    if cookies.name(visit().base) is None:
        log.warning("Sign-in is off: %s is not https. Set HANTSMAP_PUBLIC_URL.", visit().base)
        abort(404)


@blueprint.errorhandler(Stopped)
def _stopped(fault: Stopped) -> Response:
    if not wants_html(visit().request):
        response = answered(problem(visit(), fault.status, fault.sentence))
    else:
        response = _page("You are not signed in", [fault.sentence], link=AGAIN, status=fault.status)
    if fault.over:
        _forget(response, _called(ERRAND))
    return _ours(response)


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """Send the browser to the provider, with an errand that only this browser can bring back."""
    check_known(visit().request.parameters, ("f", "next"))
    place = request.args.get("next", "/")
    if not cookies.is_place(place):
        raise Stopped(400, "The address to go to afterwards is not a path on this service.", over=False)
    issuer, verifier = _desk().verifier.issuer, secrets.token_urlsafe(48)
    errand = Errand(secrets.token_urlsafe(32), secrets.token_urlsafe(32), verifier, place)
    try:
        endpoint = _desk().verifier.issued.published().authorization
    except Unreachable:
        raise Stopped(503, AWAY) from None
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = urlencode({
        "response_type": "code", "client_id": issuer.client_id, "redirect_uri": _callback(),
        "scope": issuer.sign_in_scope, "state": errand.state, "nonce": errand.nonce,
        "code_challenge": challenge, "code_challenge_method": "S256"})
    response = Response(status=303, headers={"Location": f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}"})
    _keep(response, _called(ERRAND), _desk().seal.close(errand), cookies.ERRAND_SECONDS)
    return _ours(response)


@blueprint.get("/sign-in/callback")
def callback() -> Response:
    """The browser is back: redeem the code, check who it is, and open a session."""
    given, errand = visit().request.parameters, _desk().seal.open(request.cookies.get(_called(ERRAND).text, ""))
    state = given.get("state", "")
    # RFC 9700 4.7.1: only the browser that set out may come back. Another window's errand may still be under way.
    if errand is None or not hmac.compare_digest(state.encode(), errand.state.encode()):
        raise Stopped(400, STALE, over=errand is None)
    desk, subject = _desk(), _redeemed(given, errand)
    expires = min(subject.expires, datetime.now(UTC) + LONGEST)
    session = _called()
    before = request.cookies.get(session.text)
    if before:
        desk.accounts.close_session(before)
    token = desk.accounts.open_session(subject.audience, subject.subject, subject.org, expires,
                                       subject.claims)
    response = Response(status=303, headers={"Location": visit().base + errand.place})
    _forget(response, _called(ERRAND))
    _keep(response, session, token, max(1, int((expires - datetime.now(UTC)).total_seconds())))
    return _ours(response)


@blueprint.get("/sign-out")
def ask_sign_out() -> Response:
    """A button: an address alone must not sign anybody out."""
    return _ours(_page("Sign out", ["You will see again what everybody sees."], button="Sign out"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session, here and in the browser. Only our own page may ask for it."""
    if not visit().from_our_page:
        return _ours(answered(problem(
            visit(), 403, "Only the page of this service with the button can sign you out.")))
    session = _called()
    token = request.cookies.get(session.text)
    if token:
        _desk().accounts.close_session(token)
    told = ["You are signed out of this service. On a computer that others use, sign out of the sign-in service too, "
            "or close the browser."]
    response = _page("You are signed out", told, link=HOME)
    _forget(response, session)
    return _ours(response)


def _redeemed(given: dict[str, str], errand: Errand) -> Subject:
    """Who signed in. Raises Stopped, with one line in the log that says why."""
    try:
        return _desk().verifier.identify(_exchanged(given, errand), errand.nonce)
    except Refusal as fault:
        log.warning("A sign-in was refused by the provider: %s", fault)
        # RFC 6749 5.2: the code was used, is too old or not for this errand. All else is between us and the provider.
        status, sentence = (400, STALE) if fault.code == "invalid_grant" else (502, NOT_SIGNED_IN)
        raise Stopped(status, sentence) from None
    except Unreachable as fault:
        log.warning("A sign-in ended: the provider cannot be used: %s", fault)
        raise Stopped(503, AWAY) from None
    except NoAccess as fault:
        log.warning("A sign-in gave nothing: %s", fault)
        raise Stopped(403, NOTHING_ARRANGED) from None
    except Refused as fault:
        log.warning("A sign-in was refused: %s", fault)
        raise Stopped(502, NOT_SIGNED_IN) from None


def _exchanged(given: dict[str, str], errand: Errand) -> object:
    """The ID token for the code that the browser brought (RFC 6749 4.1.3). The access token is not kept."""
    issuer, endpoints = _desk().verifier.issuer, _desk().verifier.issued.published()
    # RFC 9207 2.4: an answer of another provider is not redeemed at this one.
    if given.get("iss", None if endpoints.says_issuer else issuer.url) != issuer.url:
        raise Refused("the answer is not from the issuer")
    if "error" in given:
        error = given["error"]
        log.warning("A sign-in ended at the provider: %s", error if WORD.fullmatch(error) else "(unclear)")
        raise Stopped(403 if error == "access_denied" else 502, ITS_ERRORS.get(error, NOT_SIGNED_IN))
    code = given.get("code", "")
    if not 0 < len(code) <= MOST_CODE:
        raise Refused("the answer has no code")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _callback(),
            "code_verifier": errand.verifier, "client_id": issuer.client_id}
    auth = None
    if issuer.client_secret and endpoints.basic:
        # RFC 6749 2.3.1: encoded as in a form first.
        auth = (quote_plus(issuer.client_id), quote_plus(issuer.client_secret))
    elif issuer.client_secret:
        form["client_secret"] = issuer.client_secret
    return ask("POST", endpoints.token, form, auth).get("id_token")


def _callback() -> str:
    return f"{visit().base}/sign-in/callback"


def _called(what: str = "hantsmap") -> Name:
    found = cookies.name(visit().base, what)
    return found or abort(404)


def _keep(response: Response, called: Name, value: str, seconds: int) -> None:
    # Lax: the provider sends the browser back here from its own site (RFC 6265bis 5.6.7.1).
    response.set_cookie(called.text, value, max_age=seconds, secure=called.secure, httponly=True, samesite="Lax")


def _forget(response: Response, called: Name) -> None:
    response.delete_cookie(called.text, secure=called.secure, httponly=True, samesite="Lax")


def _page(title: str, sentences: list[str], *, link: dict[str, str] | None = None, button: str | None = None,
          status: int = 200) -> Response:
    shown: dict[str, Any] = {"title": title, "sentences": sentences, "link": link, "button": button}
    response = Response(views.document(visit(), "signed", shown), status, content_type=views.CONTENT_TYPE)
    # With `no-referrer`, browsers send `Origin: null` with a form, and the button could not be told from another's.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _ours(response: Response) -> Response:
    """Headers of an answer to one person: kept by nobody, read by no other page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    hardened = harden(response)
    for name in [name for name, _ in hardened.headers if name.startswith("Access-Control-")]:
        del hardened.headers[name]
    return hardened
