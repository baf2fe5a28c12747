"""Measuring: every peer in turn, again and again, so that what slows the machine down slows them all; then medians."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from benchmarks import load
from benchmarks.folders import made
from benchmarks.load import Request
from benchmarks.peers.peer import Cannot, Peer
from benchmarks.work import Work

# A peer that needs longer than this for one answer gets fewer connections: with sixteen the first answer would come
# when the run is over.
BUSY_S, FEW = 0.04, 4
# One that needs longer than this is timed answer by answer.
SLOW_S = 2.5
# The pages of a whole layer: each is asked once where one takes its time. Later ones take longer.
FEW_REQUESTS = 12
# No run is longer than this, unless nothing at all came back.
LONGEST_S = 4.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each run of the client lasts, and how often each is repeated.

    Variants of a kind are repeated less often, and so are servers that are far behind: `near` are ourselves and nginx.
    """

    seconds: float
    repeats: int
    variant_repeats: int
    far_repeats: int
    near: tuple[str, ...] = ("ours", "nginx")

    def times(self, work: Work, peer: str) -> int:
        """How often a peer does this work."""
        if peer in self.near:
            return self.repeats if work.plain else self.variant_repeats
        return self.far_repeats if work.plain and not work.task.whole else 1

    def __str__(self) -> str:
        return (f"{self.seconds:g} s or more, {self.repeats} times ({self.variant_repeats} in EPSG:27700, with gzip); "
                f"{self.far_repeats} and 1 times for the other servers")


QUICK, FULL = Effort(1, 3, 1, 1), Effort(2, 5, 3, 2)


@dataclass(frozen=True, slots=True)
class Result:
    """What one peer did of one work: medians over the runs. `rate` counts pieces of work a second."""

    rate: float
    bytes_rate: float
    median_ms: float
    runs: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A peer that is running, at its port."""

    peer: Peer
    port: int


def measure(work: Work, stands: Sequence[Stand], effort: Effort, say: Callable[[str], None]
            ) -> dict[str, Result | Cannot]:
    """Let every peer do the work, in turn; by the name of the peer, its result or why it cannot."""
    found: dict[str, Result | Cannot] = {}
    able: dict[str, tuple[Stand, list[Request]]] = {}
    for stand in stands:
        asked = requests_of(stand.peer, work)
        if isinstance(asked, Cannot):
            found[stand.peer.name] = asked
        else:
            able[stand.peer.name] = (stand, asked)
    runs: dict[str, list[load.Load]] = {name: [] for name in able}
    for repeat in range(effort.repeats):
        for name, (stand, requests) in able.items():
            if repeat < effort.times(work, name):
                say(f"{work.name}, run {repeat + 1}: {name}")
                runs[name].append(once(stand, requests, effort.seconds, made("lists") / f"{name} {work.name}"))
    pieces = len(work.questions) if work.task.whole else 1
    return found | {name: _result(loads, pieces) for name, loads in runs.items()}


def requests_of(peer: Peer, work: Work) -> list[Request] | Cannot:
    """All questions of a work in a peer's words; or why it cannot answer one of them."""
    requests = []
    for question in work.questions:
        asked = peer.ask(question)
        if isinstance(asked, Cannot):
            return asked
        requests.append(asked)
    return requests


def once(stand: Stand, requests: Sequence[Request], seconds: float, file: Path) -> load.Load:
    """One run. First one answer by itself, which says how long the run has to be to count anything."""
    took, size = fetch(stand.port, requests[0])
    if took > SLOW_S or (took > 10 * BUSY_S and 1 < len(requests) <= FEW_REQUESTS):
        answers = [fetch(stand.port, request) for request in requests[:FEW_REQUESTS]]
        took, size = fmean(seconds for seconds, _ in answers), sum(size for _, size in answers) // len(answers)
        return load.Load(1 / took, size / took, took * 1_000)
    asked = load.write_list(requests, file)
    connections = FEW if took > BUSY_S else load.CONNECTIONS
    long = max(seconds, min(12 * took, LONGEST_S))
    try:
        return load.run(stand.port, asked, long, connections)
    except load.NothingError:
        return load.run(stand.port, asked, 5 * LONGEST_S, connections)


def fetch(port: int, request: Request) -> tuple[float, int]:
    """Ask once over a new connection: seconds and bytes of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=load.TIMEOUT_S)
    start = time.perf_counter()
    try:
        connection.request("GET", request.path, headers=dict(request.headers))
        size = len(connection.getresponse().read())
        return time.perf_counter() - start, size
    finally:
        connection.close()


def _result(loads: Sequence[load.Load], pieces: int) -> Result:
    return Result(median(each.rate for each in loads) / pieces, median(each.bytes_rate for each in loads),
                  median(each.median_ms for each in loads), len(loads))
