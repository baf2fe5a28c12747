"""A visit: one request with who asks it and what is served to them. All that an answer is made from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from hantsmap.access import PUBLIC
from hantsmap.catalogue import Catalogue
from hantsmap.terms import Terms
from server.documents import Documents
from server.doorkeeper import NOBODY, Reading, Viewer
from server.request import Request
from server.settings import Settings
from server.shelf import Served

HOST = re.compile(r"(?:[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
# A part of a file is read as the whole is.
WRITTEN_DOWN = (200, 206)
USUAL_PORTS = {"http": ":80", "https": ":443"}


class TakesLong(Exception):  # noqa: N818 - an answer, not an error
    """A hurried visit has come to work that others must not wait for."""


@dataclass(slots=True)
class Visit:
    """`viewer` is nobody, who may see nothing, until the entrance has said who it is. `read` is for the journal.

    `beside` is what else was read, where a tile is of several layers. `terms` are those on which somebody known reads,
    for the whole visit. `client` is who is charged, `left` what its rate limit leaves. A later page of a run `goes_on`,
    after `delay` seconds.

    `older` says that an older version is asked for: it may be gone at the next request, so nobody remembers the answer.

    A `hurried` visit is answered where all requests pass: it must not come to work that takes long.
    """

    request: Request
    settings: Settings
    served: Served
    viewer: Viewer = NOBODY
    terms: Terms | None = None
    left: int = 0
    client: str = ""
    goes_on: bool = False
    delay: float = 0.0
    read: Reading | None = None
    beside: tuple[Reading, ...] = ()
    hurried: bool = False
    older: bool = False
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.base = base_url(self.settings, self.request)

    @property
    def catalogue(self) -> Catalogue:
        """What the viewer may see now."""
        return self.served.catalogue(self.viewer.audience) if self.terms is None else self.terms.catalogue

    @property
    def documents(self) -> Documents:
        """The documents of the viewer."""
        return self.served.documents(self.catalogue, 0 if self.terms is None else self.terms.count)

    @property
    def inside(self) -> bool:
        """Whether the entrance has let the visitor in."""
        return self.viewer is not NOBODY

    @property
    def from_our_page(self) -> bool:
        """Whether a page of this service sent it, as browsers tell by `Sec-Fetch-Site` or `Origin`; no without both."""
        parts = urlsplit(self.base)
        origin, site = self.request.headers.get("origin"), self.request.headers.get("sec-fetch-site")
        return site in (None, "same-origin") and (origin or site) is not None \
            and origin in (None, f"{parts.scheme}://{parts.netloc}")

    def has_read(self, readings: Iterable[Reading]) -> None:
        """What an answer of several layers was made from, for the journal."""
        read = tuple(readings)
        self.read, self.beside = next(iter(read), None), read[1:]

    def readings(self, status: int) -> tuple[Reading, ...]:
        """What was read for an answer of this status, as far as the journal is told of it."""
        return () if self.read is None or status not in WRITTEN_DOWN else (self.read, *self.beside)

    def takes_long(self) -> None:
        """Said before work of more than a fraction of a millisecond. Raises TakesLong where the visit is hurried."""
        if self.hurried:
            raise TakesLong

    @property
    def shared(self) -> bool:
        """Whether the answer may be kept by caches that others share: it is for everybody, and nobody in particular."""
        if self.request.method == "OPTIONS":
            return self.settings.audience == PUBLIC
        return self.viewer.who is None and self.viewer.audience == PUBLIC

    @property
    def readable_elsewhere(self) -> bool:
        """Whether a page of another site may read the answer: it is for everybody, or the page sent a key itself.

        A session is no such key, and neither is the place of a server in a network of the council's own.
        """
        if self.shared:
            return True
        headers = self.request.headers
        keyed = headers.get("authorization") is not None or headers.get("x-api-key") is not None
        return keyed and headers.get("cookie") is None and self.settings.audience == PUBLIC


def base_url(settings: Settings, request: Request) -> str:
    """Address under which links lead back here: the configured one, else the one the client used."""
    return settings.public_url or _used(request.scheme, request.host)


@lru_cache(256)
def _used(scheme: str, host: str) -> str:
    # A Host header is the client's word: one that is no host name is not put into links.
    host = host if HOST.fullmatch(host) else "localhost"
    return f"{scheme}://{host.removesuffix(USUAL_PORTS.get(scheme, ''))}"
