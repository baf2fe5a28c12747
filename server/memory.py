"""What is asked again: a request that is, byte for byte, one that was answered before is not read again.

Nobody who brings a credential is remembered. An answer is given again for as long as nothing that is served has
changed, and whoever gets it is charged, and counted, as for any other.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from server import heads
from server.answer import SMALL, Answer, Body, FilePart, Slices, Unsent
from server.charging import Charge, charge
from server.doorkeeper import Reading, brings_any
from server.entrance import Entrance
from server.visit import Visit

# Answers that are kept, and their bytes; of slices of mapped files, only what each takes to be told.
MOST, MOST_BYTES, SLICE = 8_192, 32 << 20, 200
# Bytes of a request: what is longer is not asked often.
LONGEST = 2_048
AGAIN = (200, 204, 304)
# Files follow from more than what is served: one that was damaged is made again.
FILES = "/downloads/"


class Served(NamedTuple):
    """What those get who bring nothing: other objects as soon as any of it changes."""

    catalogue: object
    told: object

    def same(self, other: Served) -> bool:
        """Whether these are the very same objects."""
        return self.catalogue is other.catalogue and self.told is other.told


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer without its first line and date, with all that came of its request beside it."""

    served: Served
    scheme: str
    forwarded: str | None
    charge: Charge
    status: int
    rest: bytes
    body: bytes | Slices
    readings: tuple[Reading, ...]
    length: int

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        parts = (self.body,) if isinstance(self.body, bytes) else self.body.parts
        return len(self.rest) + sum(len(part) if isinstance(part, bytes) else SLICE for part in parts)


class Memory:
    """The answers that a process remembers. Those that were not asked for longest are forgotten first."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._served = Served(None, None)
        self._kept: OrderedDict[bytes, Remembered] = OrderedDict()
        self._size = 0

    def served(self) -> Served:
        """What is served now."""
        served = self._entrance.served
        return Served(served.catalogue(self._entrance.settings.audience), served.told)

    def again(self, said: bytes, peer: str, scheme: str) -> tuple[bytes, Body] | None:
        """The head and body that answer these bytes, charged and counted; None where they have to be read."""
        self._look()
        known = self._kept.get(said)
        if known is None or known.scheme != scheme or not self._entrance.admits(known.charge, peer, known.forwarded):
            return None
        self._kept.move_to_end(said)
        if known.readings:
            self._entrance.count(known.readings, known.length)
        return heads.began(known.status) + known.rest, known.body

    def of(self, visit: Visit, answer: Answer, served: Served) -> Remembered | None:
        """An answer as it would be remembered, or None where it must not be. `served` is what was served before it was
        made: if that has changed meanwhile, nobody is told it again."""
        request, body = visit.request, answer.body
        if request.method != "GET" or answer.status not in AGAIN or isinstance(body, FilePart | Unsent) \
                or FILES in request.path or visit.older or brings_any(request.headers):
            return None
        rest = heads.rest(answer, close=False, keep=False)
        if isinstance(body, bytes) and len(body) <= SMALL:
            rest, body = rest + body, b""
        return Remembered(served, visit.request.scheme, request.headers.get("x-forwarded-for"), charge(request),
                          answer.status, rest, body, visit.readings(answer.status), answer.length)

    def keep(self, said: bytes, known: Remembered) -> None:
        """Remember the answer to these bytes, unless what is served has changed while it was made."""
        self._look()
        if len(said) > LONGEST or known.size > MOST_BYTES // 16 or said in self._kept \
                or not known.served.same(self._served):
            return
        self._kept[said] = known
        self._size += known.size + len(said)
        while self._size > MOST_BYTES or len(self._kept) > MOST:
            old, gone = self._kept.popitem(last=False)
            self._size -= gone.size + len(old)

    def _look(self) -> None:
        """Forget all answers as soon as anything that is served has changed: what they were made from is let go."""
        now = self.served()
        if not now.same(self._served):
            self._served = now
            self._kept.clear()
            self._size = 0
