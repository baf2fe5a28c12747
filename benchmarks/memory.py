"""What a worker keeps for itself, as the layer grows: USS after the same number of requests of every task."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchError
from benchmarks.layers import Sized
from benchmarks.peers.ours import Ours
from benchmarks.processes import children
from benchmarks.work import draw

LOAD = ("page", "bbox", "ten", "one", "filter", "spatial")


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes private to a worker. `files` are pages of the store's files that nobody else happens to have mapped: the
    kernel shares them with the next worker, and may drop them; `uss` is the rest."""

    size: int
    uss: int
    files: int
    requests: int


def measure(sized: Sized, say: Callable[[str], None]) -> Kept:
    """Serve the layer, ask it, and look at what the worker has."""
    say(f"memory with {sized.size:,} segments")
    ours = Ours(sized)
    requests = [ours.ask(question) for work in draw(ours.rendition, LOAD) for question in work.questions]
    with ours.running() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for request in requests:
            connection.request("GET", request.path, headers=dict(request.headers))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise BenchError(f"{request.path} was answered with {answer.status}.")
        connection.close()
        found = [private(worker, sized.store) for worker in (ours.pid, *children(ours.pid))]
    # The one that answers is the one that has most.
    uss, files = max(found)
    return Kept(sized.size, uss, files, len(requests))


def private(process: int, store: Path) -> tuple[int, int]:
    """Private bytes of a process: without the files of a store, and those alone."""
    own = files = 0
    inside = False
    for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = str(store) in line
        elif line.startswith("Private_"):
            amount = int(line.split()[1]) * 1_024
            own, files = (own, files + amount) if inside else (own + amount, files)
    return own, files
