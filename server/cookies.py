"""The two cookies of a sign-in, and the only ones there are: the sealed errand to the provider, and the session."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hantsmap.claims import Claims
from server.doorkeeper import Named
from server.issuer import is_loopback

LEAST_SECRET = 32
ERRAND_SECONDS = 600
MOST_COOKIE, MOST_PLACE = 3_500, 1_500
# Printable ASCII without the backslash, which browsers read as a slash.
PLACE = re.compile(r"/(?!/)[!-\[\]-~]*", re.ASCII)


class Session(Named, Protocol):
    """Somebody who is signed in."""

    @property
    def expires(self) -> datetime: ...
    @property
    def claims(self) -> Claims | None: ...


class Accounts(Protocol):
    """Where sessions are kept: hantsmap.accounts, or a stand-in."""

    def open_session(self, audience: str, subject: str, org: str, expires: datetime, claims: Claims | None = None
                     ) -> str: ...
    def session(self, token: str) -> Session | None: ...
    def close_session(self, token: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Name:
    """What a cookie is called, and whether it goes over https only."""

    text: str
    secure: bool


def name(base: str, what: str = "hantsmap") -> Name | None:
    """The name of a cookie under this address of the service; None where none would be safe: http over a network.

    With `__Host-`, browsers take it only over https, from this very host and for all of it: no neighbour under the same
    domain can plant one (RFC 6265bis 4.1.3.2).
    """
    parts = urlsplit(base)
    if parts.scheme == "https":
        return Name(f"__Host-{what}", True)
    return Name(what, False) if is_loopback(parts.hostname) else None


def current(cookies: Mapping[str, str], accounts: Accounts, base: str) -> Session | None:
    """The session of a request to the service at `base`, if there is one and it has not ended."""
    called = name(base)
    token = cookies.get(called.text, "") if called else ""
    if not 0 < len(token) <= MOST_COOKIE:
        return None
    found = accounts.session(token)
    return found if found is not None and found.expires > datetime.now(UTC) else None


@dataclass(frozen=True, slots=True)
class Errand:
    """A sign-in under way: what the provider must send back, what proves that we asked, and where to go after."""

    state: str
    nonce: str
    verifier: str
    place: str


class Seal:
    """Keeps errands in the browser, where nobody can read or change them, and no longer than ten minutes."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        """Raises ValueError for a secret that is too short to be one."""
        if len(secret.encode()) < LEAST_SECRET:
            raise ValueError(f"HANTSMAP_SECRET has fewer than {LEAST_SECRET} bytes.")
        # A key for this purpose alone, so that nothing sealed for another one opens here.
        key = HKDF(SHA256(), 32, salt=None, info=b"hantsmap sign-in errand 1").derive(secret.encode())
        self._box = Fernet(base64.urlsafe_b64encode(key))
        self._now = now

    def close(self, errand: Errand) -> str:
        """The errand as a cookie."""
        return self._box.encrypt_at_time(orjson.dumps(asdict(errand)), int(self._now())).decode()

    def open(self, sealed: str) -> Errand | None:
        """The errand in a cookie; None for one that is too old, or was not sealed here."""
        if len(sealed) > MOST_COOKIE:
            return None
        try:
            return Errand(**orjson.loads(self._box.decrypt_at_time(sealed, ERRAND_SECONDS, int(self._now()))))
        except (InvalidToken, ValueError, TypeError):
            return None


def is_place(text: str) -> bool:
    """Whether this is a path on this service, however a browser reads it (CWE-601): not `//evil`, `/\\evil`, `x:`."""
    if len(text) > MOST_PLACE or not PLACE.fullmatch(text):
        return False
    steps = unquote(text.partition("?")[0].partition("#")[0]).replace("\\", "/").split("/")
    return not {".", ".."} & set(steps)
