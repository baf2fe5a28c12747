"""Tokens of the council's OpenID provider: what must hold of one, and which audience its claims give.

Two kinds, checked apart so that neither passes for the other (RFC 8725 3.12): bearer tokens, which programs send to
this service (RFC 9068), and ID tokens, which end a sign-in (OpenID Connect Core 3.1.3.7). No web framework.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from joserfc import jws, jwt
from joserfc.errors import JoseError

from hantsmap.access import Audience, path_to_root
from hantsmap.claims import Claims
from hantsmap.layer import SignIn
from server.issuer import Issuer
from server.jwks import Issued, Unreachable

log = logging.getLogger("hantsmap")

LEEWAY_SECONDS = 30
MOST_TOKEN, MOST_HEADER, MOST_TEXT = 16_384, 8_192, 255
# What only an ID token says (Core 2, 3.3.2.11): a bearer token with one of these is the other kind.
OF_ID_TOKENS = ("nonce", "at_hash", "c_hash")
A_YEAR = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a token speaks of, as far as this service wants to know."""

    audience: str
    subject: str
    org: str
    expires: datetime
    claims: Claims


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """Why a token gives nothing: a sentence for the operator, without any of the token in it."""


class NoAccess(Refused):
    """The token is good, and nobody has arranged anything for whom it names."""


def widest(audiences: Mapping[str, Audience], names: Iterable[str]) -> str | None:
    """The one of these audiences that has all others on its way to the root; None when none has, or one is unknown."""
    asked = set(names)
    return next((name for name in asked if asked <= set(path_to_root(audiences, name))), None)


class Verifier:
    """Checks tokens of one issuer. `sign_in` and `widest` are asked each time: a mapping withdrawn counts at once."""

    def __init__(self, issuer: Issuer, sign_in: Callable[[], SignIn | None],
                 widest: Callable[[list[str]], str | None], *, issued: Issued | None = None,
                 now: Callable[[], float] = time.time) -> None:
        self.issuer = issuer
        self.issued = issued or Issued(issuer.url)
        self.sign_in = sign_in
        self._widest = widest
        self.now = now
        # What a header holds besides is ignored, addresses of keys among it (RFC 7515 4.1.2, 4.1.5).
        self._registry = jws.JWSRegistry(algorithms=list(issuer.algorithms), strict_check_header=False)
        self._registry.max_header_length = MOST_HEADER

    def verify(self, token: str) -> Subject | None:
        """Whom a bearer token speaks of. None, and one line in the log, when anything about it is not right."""
        try:
            return self._subject(self._bearer(token))
        except Refused as fault:
            log.warning("A bearer token was refused: %s", fault)
        except Exception as fault:
            # The token is anybody's bytes: what nobody thought of is refused too, and does not become a fault of ours.
            log.warning("A bearer token was refused: it cannot be read (%s)", type(fault).__name__)
        return None

    def identify(self, token: object, nonce: str) -> Subject:
        """Whom the ID token of a sign-in speaks of. Raises NoAccess, or Refused for all that is not right with it."""
        try:
            return self._subject(self._identity(token, nonce))
        except Refused:
            raise
        except Exception as fault:
            raise Refused(f"it cannot be read ({type(fault).__name__})") from None

    def _bearer(self, token: str) -> dict[str, Any]:
        """The claims of an access token that was made for this service (RFC 9068 4)."""
        issuer = self.issuer
        if issuer.audience is None:
            _refuse("HANTSMAP_OIDC_AUDIENCE is not set")
        kind, claims = self._signed(token, issuer.audience)
        # Providers that do not follow RFC 9068 call both kinds `JWT`. A scope tells them apart: ID tokens have none.
        if kind != "at+jwt" and not (kind in ("", "jwt") and issuer.scope):
            _refuse("its type is not at+jwt (a type JWT counts only where HANTSMAP_OIDC_SCOPE is set)")
        if any(name in claims for name in OF_ID_TOKENS):
            _refuse("it is an ID token")
        if issuer.scope and issuer.scope not in _words(claims.get("scope")) + _words(claims.get("scp")):
            _refuse(f"it is not for the scope {issuer.scope}")
        party = claims.get("azp", claims.get("client_id"))
        if party is None and claims["aud"] not in (issuer.audience, [issuer.audience]):
            _refuse("it is for several audiences and does not say who got it")
        if party is not None and party not in (issuer.client_id, *issuer.clients):
            _refuse("it was given to a client that is not in HANTSMAP_OIDC_CLIENTS")
        return claims

    def _identity(self, token: object, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that answers this sign-in (Core 3.1.3.7)."""
        client = self.issuer.client_id
        kind, claims = self._signed(token, client)
        if kind not in ("", "jwt"):
            _refuse("its type is not that of an ID token")
        if claims["aud"] not in (client, [client]) or claims.get("azp", client) != client:
            _refuse("it is for others too")
        given = claims.get("nonce")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            _refuse("its nonce is not the one of this sign-in")
        return claims

    def _signed(self, token: object, audience: str) -> tuple[str, dict[str, Any]]:
        """Type and claims of a token that the issuer signed for this audience and that counts now."""
        if not isinstance(token, str) or len(token) > MOST_TOKEN or token.count(".") != 2 or not token.isascii():
            _refuse("it is no signed token of a size that is read")
        try:
            header = jws.extract_compact(token.encode(), registry=self._registry).headers()
            alg, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
            if alg not in self.issuer.algorithms or "crit" in header or not isinstance(kid, str | None):
                _refuse("its algorithm or an extension of it is not allowed")
            key = self.issued.key(kid, alg)
            if key is None:
                _refuse("it is signed with a key that the issuer does not publish")
            claims = jwt.decode(token, key, registry=self._registry).claims
            jwt.JWTClaimsRegistry(
                lambda: int(self.now()), LEEWAY_SECONDS, iss={"essential": True, "value": self.issuer.url},
                aud={"essential": True, "value": audience}, sub={"essential": True}, exp={"essential": True},
                iat={"essential": True}).validate(claims)
        except JoseError as fault:
            raise Refused(f"{type(fault).__name__} {getattr(fault, 'claim', '') or ''}".rstrip()) from None
        except Unreachable as fault:
            raise Refused(f"the issuer cannot be used: {fault}") from None
        return str(kind).lower().removeprefix("application/"), claims

    def _subject(self, claims: Mapping[str, Any]) -> Subject:
        """What the claims give by the registry's mapping: one audience or nothing."""
        rule = self.sign_in()
        if rule is None:
            _refuse("the registry says nothing about signing in")
        values = _claim(claims, rule.claim)
        listed = [values] if isinstance(values, str) else values if isinstance(values, list) else []
        mapped = Claims.of(rule, listed)
        names = mapped.audiences(rule)
        if not names:
            raise NoAccess(f"none of the {len(listed)} values of its claim {rule.claim} is mapped to an audience")
        audience = self._widest(names)
        if audience not in names:
            raise NoAccess(f"its claim {rule.claim} gives {', '.join(names)}, and none of them contains the others")
        subject, expires = claims["sub"], min(claims["exp"], self.now() + A_YEAR)
        if not 0 < len(subject) <= MOST_TEXT or not subject.isprintable():
            _refuse("its subject is no usable name")
        org = _claim(claims, rule.organisation_claim) if rule.organisation_claim else ""
        named = isinstance(org, str) and len(org) <= MOST_TEXT and org.isprintable()
        return Subject(audience, subject, org if named else "", datetime.fromtimestamp(expires, UTC), mapped)

    def audience_of(self, claims: Claims) -> str | None:
        """The audience that the claims of a session give now; None when the registry maps none of them any more."""
        names = claims.audiences(self.sign_in())
        audience = self._widest(names) if names else None
        return audience if audience in names else None


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name or, where none has it, by the way to it: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _words(value: object) -> list[str]:
    """A scope as RFC 8693 4.2 writes it, words in one text; some providers write a list."""
    return value.split() if isinstance(value, str) else value if isinstance(value, list) else []


def _refuse(sentence: str) -> NoReturn:
    raise Refused(sentence)
