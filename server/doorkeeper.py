"""Who is asking: a credential is checked before anything else is, and a bad one is never taken for nobody.

No web framework: headers in, a Viewer out. Keys come as `Authorization: Bearer`, as `X-API-Key`, or as the password of
HTTP Basic (QGIS and GDAL), never in an address; tokens of the council's identity provider as Bearer; a browser that
signed in brings its session.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from hantsmap.catalogue import Entry
from server.request import Headers, Request

if TYPE_CHECKING:
    # A database costs time to load, and most requests bring no credential.
    from hantsmap.accounts import Accounts

log = logging.getLogger("hantsmap")
# Longer than any credential of ours or of a provider: what is longer is not read.
MOST = 16_384
# Where a credential can be. A request without these is nobody's.
CREDENTIALS = ("authorization", "x-api-key", "cookie")


class Named(Protocol):
    """Somebody whom a provider's token, or a session, speaks of."""

    @property
    def audience(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def org(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: exactly one audience. `who` names a key or a person in the audit log; None for the anonymous."""

    audience: str
    who: str | None = None
    org: str | None = None
    kind: Literal["anonymous", "key", "token", "session"] = "anonymous"


NOBODY = Viewer("")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request read, for the journal: rows of an entry; `kind` is `items`, `item`, `changes` and so on."""

    entry: Entry
    rows: int
    kind: str


class Stranger(Exception):  # noqa: N818 - an answer, not an error
    """A credential came that does not hold. Nobody is told which part of it, or why."""


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Decides who a request comes from. `anonymous` is the audience of those who bring nothing.

    `accounts` is asked each time, so that a revocation holds from the next request on. Raises AccountsError, and lets
    nobody in, when it cannot be asked.
    """

    anonymous: str
    accounts: Callable[[], Accounts]
    verify: Callable[[str], Named | None]
    session: Callable[[Mapping[str, str], str], Named | None]

    def viewer(self, request: Request, base: str) -> Viewer:
        """The viewer of a request to the service at `base`.

        Raises Stranger for a credential that does not hold, or two that differ.
        """
        if not brings_any(request.headers):
            return Viewer(self.anonymous)
        brought = credentials(request.headers)
        if brought:
            if len(brought) > 1:
                raise Stranger
            return self._known(brought.pop())
        cookies = request.cookies
        signed_in = self.session(cookies, base) if cookies else None
        if signed_in is not None:
            return Viewer(signed_in.audience, f"session:{signed_in.subject}", signed_in.org, "session")
        return Viewer(self.anonymous)

    def _known(self, credential: str) -> Viewer:
        from hantsmap.accounts import KEY_PATTERN

        if len(credential) > MOST:
            raise Stranger
        if KEY_PATTERN.fullmatch(credential):
            key = self.accounts().find(credential)
            if key is not None:
                return Viewer(key.audience, key.who, key.org, "key")
        elif credential.count(".") == 2:
            subject = self.verify(credential)
            if subject is not None:
                return Viewer(subject.audience, f"token:{subject.subject}", subject.org, "token")
        raise Stranger


def brings_any(headers: Headers) -> bool:
    """Whether anything came that could say who asks: what it says is in a database."""
    return any(headers.get(name) is not None for name in CREDENTIALS)


def credentials(headers: Headers) -> set[str]:
    """All credentials that a request brings, each once. A header that cannot be read counts as a bad one."""
    brought = set()
    authorization = (headers.get("authorization") or "").strip()
    if authorization:
        scheme, _, value = authorization.partition(" ")
        match scheme.lower():
            case "bearer":
                brought.add(value.strip())
            case "basic":
                brought.add(_password(value.strip()))
            case _:
                brought.add("")
    key = headers.get("x-api-key")
    if key is not None:
        brought.add(key.strip())
    return brought


def _password(value: str) -> str:
    """The password of HTTP Basic (RFC 7617); the user's name is for the client to remember it by."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
