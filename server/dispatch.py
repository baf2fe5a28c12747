"""Work that takes long, in threads of its own: each kind of work has its lane, and in a lane each client its turn.

A client that sends a hundred costly questions has them answered one after another, between those of all others. Nothing
here knows of sockets: whatever HTTP server calls, this decides who is next.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from hantsmap.errors import UnavailableError
from server.answer import Answer

log = logging.getLogger("hantsmap")
LaneName = Literal["health", "lookups", "files", "documents", "questions", "known files", "known documents",
                   "known questions"]
CORES = os.cpu_count() or 1
# Of each lane, how many threads it has, and how many of them one client may hold. Questions are bound by the processor:
# more at once would only take turns. The other threads mostly wait, for a database, a disk or a file that is made.
LANES: Mapping[LaneName, tuple[int, int]] = {
    "health": (1, 1), "lookups": (4, 3), "files": (4, 3), "documents": (4 * CORES, 3 * CORES),
    "questions": (2 * CORES, CORES), "known files": (4, 3),
    "known documents": (4 * CORES, 3 * CORES), "known questions": (2 * CORES, CORES)}
# What waits in one lane, of one client and in all. A class of thirty shares an address.
MOST_OF_CLIENT, MOST_WAITING = 200, 2_000
RETRY_S = 5


@dataclass(slots=True)
class Job:
    """Work of a client in a lane, which gives an answer or the next job. It begins after `delay` seconds at least.

    `refused` makes the answer where too much waits already.
    """

    lane: LaneName
    client: str
    work: Callable[[], Answer | Job]
    refused: Callable[[Exception], Answer]
    delay: float = 0.0

    def __call__(self) -> Answer | Job:
        return self.work()


Waiting = tuple[Job, "Future[Answer]"]


class Dispatcher:
    """The lanes of one process."""

    def __init__(self, lanes: Mapping[LaneName, tuple[int, int]] = LANES) -> None:
        self._lanes = {name: Lane(name, threads, share, self._put) for name, (threads, share) in lanes.items()}

    def submit(self, job: Job) -> Future[Answer]:
        """The answer, when it is made. A future that is cancelled before its turn is not begun."""
        future: Future[Answer] = Future()
        self._put(job, future)
        return future

    def _put(self, job: Job, future: Future[Answer]) -> None:
        try:
            self._lanes[job.lane].put(job, future)
        except UnavailableError as fault:
            refused = job.refused(fault)
            _settle(future, lambda: refused)

    def shutdown(self) -> None:
        """Begin nothing more."""
        for lane in self._lanes.values():
            lane.stop()


@dataclass
class Lane:
    """Threads for one kind of work; `share` is how many of them one client may hold."""

    name: str
    threads: int
    share: int
    then: Callable[[Job, Future[Answer]], None]
    _changed: threading.Condition = field(default_factory=threading.Condition)
    # By client, the one whose turn is next first.
    _queues: OrderedDict[str, deque[Waiting]] = field(default_factory=OrderedDict)
    _later: list[tuple[float, int, Waiting]] = field(default_factory=list)
    _running: Counter[str] = field(default_factory=Counter)
    # How many jobs of each client wait, with those that are delayed.
    _waiting: Counter[str] = field(default_factory=Counter)
    _number: count[int] = field(default_factory=count)
    _started: int = 0
    _idle: int = 0
    _stopped: bool = False

    def put(self, job: Job, future: Future[Answer]) -> None:
        """Let a job wait for its turn.

        Raises UnavailableError where too many jobs of this client wait, delayed ones included, or too many of all.
        """
        with self._changed:
            waiting = self._waiting.total()
            if waiting >= MOST_WAITING or self._waiting[job.client] >= MOST_OF_CLIENT:
                raise UnavailableError("Too many requests are waiting to be answered.", RETRY_S)
            self._waiting[job.client] += 1
            if job.delay > 0:
                heappush(self._later, (time.monotonic() + job.delay, next(self._number), (job, future)))
            else:
                self._queues.setdefault(job.client, deque()).append((job, future))
            if self._idle <= waiting and self._started < self.threads:
                self._started += 1
                threading.Thread(target=self._work, name=f"hantsmap-{self.name}", daemon=True).start()
            self._changed.notify()

    def stop(self) -> None:
        """End the threads when they have done what they are at."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            job, future = taken
            try:
                self._do(job, future)
            finally:
                with self._changed:
                    self._running[job.client] -= 1
                    if not self._running[job.client]:
                        del self._running[job.client]
                    self._changed.notify()
            del job, future, taken  # no answer is held while this waits

    def _do(self, job: Job, future: Future[Answer]) -> None:
        if future.cancelled():
            return
        try:
            found = job.work()
        except BaseException as fault:  # whoever waits for the answer is told
            if future.set_running_or_notify_cancel():
                future.set_exception(fault)
            return
        if isinstance(found, Job):
            self.then(found, future)
        else:
            _settle(future, lambda: found)

    def _take(self) -> Waiting | None:
        """The next job; waits for one. None when the lane is stopped."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    _, _, waiting = heappop(self._later)
                    self._queues.setdefault(waiting[0].client, deque()).append(waiting)
                taken = self._next()
                if taken is not None:
                    return taken
                self._idle += 1
                self._changed.wait(self._later[0][0] - now if self._later else None)
                self._idle -= 1
        return None

    def _next(self) -> Waiting | None:
        for client, queue in self._queues.items():
            if self._running[client] < self.share:
                taken = queue.popleft()
                if queue:
                    self._queues.move_to_end(client)
                else:
                    del self._queues[client]
                self._running[client] += 1
                self._waiting[client] -= 1
                if not self._waiting[client]:
                    del self._waiting[client]
                return taken
        return None


def _settle(future: Future[Answer], make: Callable[[], Answer]) -> None:
    """Give a future its answer, unless nobody waits for it any more."""
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(make())
        except BaseException as fault:
            future.set_exception(fault)
