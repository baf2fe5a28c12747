"""How much one reader may ask for: a bucket of tokens for each key, and for each address of somebody unknown.

Paging is never broken off: QGIS keeps the half of a layer that it has, and says nothing. So only a first page is
refused; a later one is let through and charged. Who has overdrawn gets later pages with a delay, at the rate that it is
allowed, and waits before the next first page.

Each worker process has buckets of its own. Which runs of pages have begun, they tell each other through a file that
they all map: the second page may well come to another worker than the first.
"""

from __future__ import annotations

import logging
import math
import mmap
import os
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Literal, NamedTuple

log = logging.getLogger("hantsmap")
Kind = Literal["key", "address"]
CLIENTS = 20_000
RUN_S = 600.0
# The longest run: 200,000 features in the pages of ten that GDAL 3.6 asks for. More is somebody who never stops.
RUN_PAGES = 20_000
# What is in the address of a page and says nothing about which features are paged through.
PLACE = ("offset", "version", "after")


@dataclass(frozen=True, slots=True)
class Rate:
    """An allowance: so many requests a minute, and so many at once when it was not used for a while."""

    per_minute: float
    burst: float

    def __post_init__(self) -> None:
        if not (0 < self.per_minute < math.inf and 1 <= self.burst < math.inf):
            raise ValueError("a rate needs more than 0 requests a minute, and a burst of 1 or more")


class Verdict(NamedTuple):
    """Whether a request may go ahead; if not, after how many whole seconds. `remaining` is what is left at once.

    A later page of a run (`goes_on`) of somebody who has overdrawn goes ahead after `delay` seconds.
    """

    allowed: bool
    retry_after: int
    remaining: int
    goes_on: bool = False
    delay: float = 0.0


# The longest that a later page is held back. Pages asked for one after another go at the rate of their client then.
MOST_DELAY_S = 2.0
# Ten requests a second is what the Ordnance Survey allows a key; a class of thirty opens its maps at once behind one
# address.
PER_KEY, PER_ADDRESS = Rate(600, 600), Rate(3_000, 1_500)


class Runs:
    """The runs of pages that have begun: a table of fixed size, in memory or in a `file` that several processes share.

    Nobody locks it. Two who write one entry at once may undo each other; the worst that follows is that a later page
    counts as a first one. A set that is full forgets the run that was silent for longest.
    """

    SETS, WAYS = 8_192, 8
    ENTRY = struct.Struct("=QdQ")  # digest of the run, when it was last asked for, how many pages it has had
    SET = struct.Struct("=" + "QdQ" * WAYS)

    def __init__(self, file: Path | None = None) -> None:
        size = self.SETS * self.SET.size
        if file is None:
            self._table = mmap.mmap(-1, size)
            return
        try:
            with file.open("a+b") as opened:
                # A page of a mapped file that has no place on a full disk would end the process (SIGBUS).
                os.posix_fallocate(opened.fileno(), 0, size)
                self._table = mmap.mmap(opened.fileno(), size)
        except OSError as fault:
            log.warning("Runs of pages are remembered by each worker alone: %s cannot be written (%s).", file,
                        fault.strerror)
            self._table = mmap.mmap(-1, size)

    def begin(self, run: str, now: float) -> None:
        """A run has had its first page."""
        digest, start = self._place(run)
        entries = self.SET.unpack_from(self._table, start)
        digests, times = entries[0::3], entries[1::3]
        way = digests.index(digest) if digest in digests else times.index(min(times))
        self.ENTRY.pack_into(self._table, start + way * self.ENTRY.size, digest, now, 1)

    def goes_on(self, run: str, now: float) -> bool:
        """Whether this run has begun and not gone silent; if so, it has had one page more."""
        digest, start = self._place(run)
        entries = self.SET.unpack_from(self._table, start)
        digests = entries[0::3]
        if digest not in digests:
            return False
        way = digests.index(digest)
        then, pages = entries[way * 3 + 1 : way * 3 + 3]
        # A time to come is from before this machine was last started.
        if not 0 <= now - then <= RUN_S or pages >= RUN_PAGES:
            return False
        self.ENTRY.pack_into(self._table, start + way * self.ENTRY.size, digest, now, pages + 1)
        return True

    @staticmethod
    @lru_cache(4_096)
    def _place(run: str) -> tuple[int, int]:
        digest = int.from_bytes(blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()) or 1
        return digest, digest % Runs.SETS * Runs.SET.size


class Limits:
    """The buckets of one process, in bounded memory: the clients not seen for longest are forgotten first."""

    def __init__(self, per_key: Rate = PER_KEY, per_address: Rate = PER_ADDRESS,
                 now: Callable[[], float] = time.monotonic, *, clients: int = CLIENTS,
                 runs: Runs | None = None) -> None:
        self._rates = {"key": per_key, "address": per_address}
        self._now, self._clients, self._runs = now, clients, runs or Runs()
        # Oldest first: who is seen again goes to the end. Of each, the balance and when it was right.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, client: str, kind: Kind, weight: float = 1.0, continues: str | None = None, *,
              begins: str | None = None, at_once: bool = False) -> Verdict:
        """Whether a request may go ahead, charged to its client.

        `begins` is the `selection` of a first page, `continues` that of a later one (an offset above 0). A later page
        always goes ahead when its run began with an admitted page and was last asked for in the last ten minutes;
        otherwise it counts as a first one. No weight is more than a whole bucket: it could never be had. `at_once` is
        for an answer that cannot be held back: what would be is not allowed, and not charged.
        """
        rate, name = self._rates[kind], f"{kind} {client}"
        weight = min(weight, rate.burst) if weight > 0 else 0.0
        with self._lock:
            now = self._now()
            balance = self._balance(name, rate, now)
            if at_once and balance < weight:
                return Verdict(False, 0, 0)
            allowed = goes_on = continues is not None and self._runs.goes_on(f"{name} {continues}", now)
            if goes_on or balance >= weight:
                # Overdrawn by one burst at most: nobody waits for longer than two buckets take to fill.
                allowed, balance = True, max(balance - weight, -rate.burst)
                begun = begins if continues is None else continues
                if begun is not None and not goes_on:
                    self._runs.begin(f"{name} {begun}", now)
            self._buckets[name] = (balance, now)
            self._buckets.move_to_end(name)
            if len(self._buckets) > self._clients:
                self._buckets.popitem(last=False)
        wait = 0 if allowed else max(1, math.ceil((weight - balance) * 60 / rate.per_minute))
        delay = min(MOST_DELAY_S, max(0.0, -balance) * 60 / rate.per_minute) if goes_on else 0.0
        return Verdict(allowed, wait, int(balance) if balance > 0 else 0, goes_on, delay)

    def __len__(self) -> int:
        return len(self._buckets)

    def _balance(self, name: str, rate: Rate, now: float) -> float:
        known = self._buckets.get(name)
        if known is None:
            return rate.burst
        balance, then = known
        return min(rate.burst, balance + (now - then) * rate.per_minute / 60) if now > then else balance


def selection(collection: str, parameters: Iterable[tuple[str, str]]) -> str:
    """A digest of what a page is a page of: the collection and every parameter except the place in it."""
    told = repr((collection, sorted((name, value) for name, value in parameters if name not in PLACE)))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@lru_cache(CLIENTS)
def address_of(peer: str | None, forwarded_for: str | None = None, trusted_proxies: int = 0) -> str:
    """The address to charge somebody unknown to: that of the connection, or the one that our own proxies saw.

    Each proxy adds at the right whom it saw. What stands to the left of what ours have added is the client's own word,
    and is not read. Of IPv6, the first half: a household has the other half to itself.
    """
    seen = [_parsed(peer or "")]
    if trusted_proxies > 0:
        seen += [_parsed(part) for part in reversed((forwarded_for or "").split(",")[-trusted_proxies:])]
    # An entry that is no address ends what can be believed.
    believed = seen[: seen.index(None)] if None in seen else seen
    return _group(believed[-1]) if believed and believed[-1] else "unknown"


def _parsed(said: str) -> IPv4Address | IPv6Address | None:
    """The address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    text = said.strip()[:100]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _group(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
