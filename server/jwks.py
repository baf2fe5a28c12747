"""What an issuer publishes of itself, its endpoints and the keys it signs with: fetched from one place, kept a while.

Every address comes from the discovery document of the configured issuer, and stays on its origin. None comes from a
token: whoever wrote a token would choose what this server fetches, and which key checks it (RFC 8725 3.10).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from requests.auth import AuthBase

from server.issuer import is_loopback, origin

log = logging.getLogger("hantsmap")

# A key that the issuer withdraws is used no longer than this; while the issuer cannot be reached, no longer than that.
FRESH_SECONDS, KEPT_SECONDS = 600.0, 4 * 3600.0
# Between two attempts, whatever arrives: tokens with invented key ids must not make this server a flood (RFC 9700 4).
PAUSE_SECONDS = 30.0
TIMEOUT = (3.0, 5.0)
WAIT_SECONDS, MOST_BYTES, MOST_KEYS = 10.0, 512_000, 100
KEY_TYPES: Mapping[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
# RFC 7518 3.3: shorter keys do not sign.
LEAST_RSA_BITS = 2048
Key = RSAKey | ECKey


class Unreachable(Exception):  # noqa: N818 - a state of the issuer
    """The issuer did not answer, or not with what OpenID Connect Discovery says."""


@dataclass(frozen=True, slots=True)
class Published:
    """An issuer's endpoints and keys, and when they were fetched."""

    authorization: str
    token: str
    basic: bool
    says_issuer: bool
    keys: tuple[Key, ...]
    at: float


class Issued:
    """The current state of what an issuer publishes, for all threads of this process."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Published | None = None
        self._tried: float | None = None

    def published(self) -> Published:
        """What the issuer publishes. Raises Unreachable when that is not known, or was known too long ago."""
        known = self._known
        if known is not None and self._clock() - known.at < FRESH_SECONDS:
            return known
        return self._renewed(known)

    def key(self, kid: str | None, alg: str) -> Key | None:
        """The key that signs with this id and algorithm. An unknown id is asked after, but not often."""
        known = self.published()
        return suitable(known.keys, kid, alg) or suitable(self._renewed(known).keys, kid, alg)

    def _renewed(self, known: Published | None) -> Published:
        """Fetch anew, unless somebody just did. What is known stands in for an issuer that is away."""
        # One thread fetches. The others go on with what is known, or wait where nothing is.
        if self._lock.acquire(timeout=0 if self._usable(known) else WAIT_SECONDS):
            try:
                if self._known is known and (self._tried is None or self._clock() - self._tried >= PAUSE_SECONDS):
                    self._tried = self._clock()
                    self._known = fetch(self.issuer, self._tried)
            except Unreachable as fault:
                log.warning("Sign-in: the issuer %s cannot be used: %s", self.issuer, fault)
            finally:
                self._lock.release()
        latest = self._known
        if latest is None or not self._usable(latest):
            raise Unreachable("its keys are not known")
        return latest

    def _usable(self, known: Published | None) -> bool:
        return known is not None and self._clock() - known.at < KEPT_SECONDS


def suitable(keys: tuple[Key, ...], kid: str | None, alg: str) -> Key | None:
    """The one key with this id that is for this algorithm; without an id, the only one there is (Core 10.1)."""
    kind = "EC" if alg.startswith("ES") else "RSA"
    found = [key for key in keys if key.key_type == kind and key.get("use", "sig") == "sig"
             and key.get("alg", alg) == alg and (kid is None or key.kid == kid)]
    return found[0] if len(found) == 1 else None


def fetch(issuer: str, at: float) -> Published:
    """Discovery, then the keys it points to (OpenID Connect Discovery 4). Raises Unreachable."""
    document = ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        # Discovery 4.3: exactly the same, or somebody else could speak for the issuer.
        raise Unreachable("its discovery document is for another issuer; a slash at the end counts")
    addresses = [document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    authorization, token, jwks = (str(each) for each in addresses)
    if not all(isinstance(each, str) and origin(each) == origin(issuer) for each in addresses):
        raise Unreachable("its discovery document names an endpoint that is not on its own origin")
    ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    keys = imported(ask("GET", jwks).get("keys"))
    if not keys:
        raise Unreachable("it publishes no key that can be used")
    return Published(authorization, token, isinstance(ways, list) and "client_secret_basic" in ways,
                     document.get("authorization_response_iss_parameter_supported") is True, keys, at)


def imported(keys: object) -> tuple[Key, ...]:
    """The public keys of a JWK set that this server can use; others are left out (RFC 7517 5)."""
    found: list[Key] = []
    for each in keys[:MOST_KEYS] if isinstance(keys, list) else ():
        kind = KEY_TYPES.get(str(each.get("kty"))) if isinstance(each, dict) else None
        if kind is None:
            continue
        try:
            key = kind.import_key(each)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(key, RSAKey) or key.raw_value.key_size >= LEAST_RSA_BITS:
            found.append(key)
    return tuple(found)


class Refusal(Unreachable):
    """The issuer answered with an error of its own; `code` is its word for it (RFC 6749 5.2)."""

    def __init__(self, status: int, code: str) -> None:
        self.code = code
        super().__init__(f"it answered {status} {code}".rstrip())


def ask(method: str, url: str, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
        ) -> dict[str, Any]:
    """A JSON object from the issuer: no redirects, and not without end. Raises Refusal or Unreachable."""
    try:
        with requests.Session() as session:
            session.trust_env = not is_loopback(urlsplit(url).hostname)
            with session.request(method, url, data=form, auth=auth or Nobody(), timeout=TIMEOUT, stream=True,
                                 allow_redirects=False, headers={"Accept": "application/json"}) as answer:
                document = _read(answer)
    except (requests.RequestException, ValueError, RecursionError) as fault:
        # The kind of fault only: its words may hold what was sent.
        raise Unreachable(f"no usable answer from its origin ({type(fault).__name__})") from None
    if answer.status_code != 200:
        code = document.get("error")
        raise Refusal(answer.status_code, code if isinstance(code, str) and code.isidentifier() else "")
    return document


class Nobody(AuthBase):
    """No credentials. Without it, requests would send those of a .netrc file."""

    def __call__(self, asked: requests.PreparedRequest) -> requests.PreparedRequest:
        return asked


def _read(answer: requests.Response) -> dict[str, Any]:
    body = bytearray()
    for part in answer.iter_content(16_384):
        body += part
        if len(body) > MOST_BYTES:
            raise ValueError("too long")
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004 - what the issuer sent, not what the code did
    return document
