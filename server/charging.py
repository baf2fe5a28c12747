"""What a request costs its client, and how often credentials may be guessed."""

from __future__ import annotations

import math
import secrets
import threading
from collections import OrderedDict
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from server import limits
from server.doorkeeper import CREDENTIALS
from server.limits import Limits, Rate
from server.request import LONG_QUERY, Headers, Request
from server.routes import RouteKind, route_kind

# How many requests one counts as, by the kind of its route; 1 for all others. What costs a server next to nothing costs
# a visitor next to nothing: a map is some sixty tiles, and a class of thirty loads its maps at once. A file may have to
# be made, and is as large as many pages; a response of the change feed may be a whole layer. Whoever watches the
# service is never turned away.
WEIGHTS: dict[RouteKind, float] = {"health": 0.0, "static": 0.1, "tile": 0.1, "changes": 5.0,
                                   "download": 10.0}
# Credentials that held before.
MOST_HELD = 10_000


class Charge(NamedTuple):
    """What a request costs: its weight, and the run of pages that it may begin, or go on with."""

    weight: float
    begins: str | None
    continues: str | None


def charge(request: Request) -> Charge:
    """What a request costs."""
    # Long ones are not remembered: thousands of them would take gigabytes.
    if len(request.query) + len(request.form) > LONG_QUERY:
        return _charge.__wrapped__(request.path, request.pairs)
    return _charge(request.path, request.pairs)


@lru_cache(4_096)
def _charge(path: str, pairs: tuple[tuple[str, str], ...]) -> Charge:
    kind = route_kind(path)
    weight = WEIGHTS.get(kind, 1.0)
    if kind not in ("items", "search"):
        return Charge(weight, None, None)
    page = limits.selection(path, pairs)
    first = next((value for name, value in pairs if name == "offset"), "0") == "0"
    return Charge(weight, page, None) if first else Charge(weight, None, page)


class Guesses:
    """How often credentials that do not hold may come from one address, before they are looked up no more.

    A credential that held before is always looked up: its owner does not wait for those who guess beside him.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate, self._limits = rate, Limits(rate, rate)
        # Digests with a key of this process: what is kept opens nothing.
        self._held: OrderedDict[bytes, None] = OrderedDict()
        self._key, self._lock = secrets.token_bytes(16), threading.Lock()

    def wait(self, address: str, headers: Headers) -> int:
        """After how many seconds a credential from an address may be looked up; 0 for at once."""
        if self._digest(headers) in self._held:
            return 0
        left = self._limits.admit(address, "address", 0.0)
        return 0 if left.remaining else max(1, math.ceil(60 / self._rate.per_minute))

    def failed(self, address: str) -> None:
        """A credential from an address did not hold."""
        self._limits.admit(address, "address")

    def held(self, headers: Headers) -> None:
        """A credential held."""
        with self._lock:
            self._held[self._digest(headers)] = None
            if len(self._held) > MOST_HELD:
                self._held.popitem(last=False)

    def _digest(self, headers: Headers) -> bytes:
        brought = "\0".join(headers.get(name) or "" for name in CREDENTIALS)
        return blake2b(brought.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
