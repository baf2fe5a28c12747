"""A request, told in no framework's words: what Flask and the wire each receive, as the server's core reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import parse_qsl

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_cookie

from hantsmap.errors import QueryError

# Queries and headers that say the same come again and again: what they mean is worked out once.
REMEMBERED = 512
# Longer queries are read each time: remembered, they would take much memory.
LONG_QUERY = 2_000


class Headers(Protocol):
    """Headers of a request, by name in small letters. Those that stand twice are one, with a comma between."""

    def get(self, name: str, /) -> str | None: ...

    def items(self) -> Iterable[tuple[str, str]]: ...


@dataclass(slots=True)
class Request:
    """A request. `path` is decoded, `query` is not; `peer` is the other end of the connection.

    `form` are parameters from the body of a search, written as a query. Where the address has a parameter of the same
    name, that one counts: a link to the next page only adds its `offset`.
    """

    method: str
    path: str
    query: str
    headers: Headers
    peer: str
    scheme: str
    host: str
    form: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The parameters in the order they stand, those that stand twice too."""
        pairs = _pairs(self.query)
        if not self.form:
            return pairs
        named = {name for name, _ in pairs}
        return (*pairs, *(pair for pair in _pairs(self.form) if pair[0] not in named))

    @property
    def address_parameters(self) -> dict[str, str]:
        """The parameters in the address by name, without those of the form."""
        return dict(_pairs(self.query))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by name. Raises QueryError when one stands twice: which of them was meant?"""
        given = dict(self.pairs)
        if len(given) != len(self.pairs):
            names = [name for name, _ in self.pairs]
            name = next(name for name in given if names.count(name) > 1)
            raise QueryError(f"`{name}` stands {names.count(name)} times: say it once.", name)
        return given

    def first(self, name: str) -> str | None:
        """The first value of a parameter, or None."""
        return next((value for given, value in self.pairs if given == name), None)

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that the client brings."""
        brought = self.headers.get("cookie")
        return parse_cookie(brought) if brought else {}

    @property
    def accepts(self) -> MIMEAccept:
        """The forms that the client takes, with their weights."""
        return _accepted(self.headers.get("accept") or "")

    def takes(self, coding: str) -> bool:
        """Whether an answer may come in a content coding: it is named, and not with a weight of nothing."""
        return _takes(self.headers.get("accept-encoding") or "", coding)


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    if not query:
        return ()
    return _read(query) if len(query) <= LONG_QUERY else _read.__wrapped__(query)


@lru_cache(REMEMBERED)
def _read(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))


@lru_cache(REMEMBERED)
def _accepted(header: str) -> MIMEAccept:
    return parse_accept_header(header, MIMEAccept)


@lru_cache(REMEMBERED)
def _takes(header: str, coding: str) -> bool:
    return coding in header and parse_accept_header(header)[coding] > 0
