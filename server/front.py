"""The front of the server: answers what has a way of its own without Flask, and hands all else to it.

Flask's routes give the same answers by the same functions; tests hold the two against each other.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask

from hantsmap import deadline, logs
from server import create_app, errors, search, wsgi
from server.answer import Answer, Body
from server.dispatch import Dispatcher, Job, LaneName
from server.doorkeeper import brings_any
from server.entrance import Entrance
from server.memory import Memory, Remembered
from server.metrics import CACHED, WorkerMetrics, worker_metrics
from server.request import Request
from server.routes import RouteKind, route_kind
from server.visit import TakesLong, Visit
from server.ways import Way, posted, way

READING = ("GET", "HEAD")
# Parameters may be long; reading them may take long too.
LONG_QUERY = 1_000
# A question about features is stopped after so many seconds of work.
QUERY_S = 5.0
TIMED = ("items", "search", "item")
# A change feed is stopped after so many seconds of work: one response may have every feature of a layer.
CHANGES_S = 30.0
FEWER_CHANGES = "Ask for fewer changes, with a later `since`, or without `crs`; or download the layer."
# Parameters that make a page of features costly, and the longest page that is not.
COSTLY, LONG_PAGE = ("filter", "sortby", "crs"), 1_000


class Front:
    """The application as the wire knows it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.entrance: Entrance = app.extensions["hantsmap-entrance"]
        self.memory = Memory(self.entrance)
        self.threads = Dispatcher()
        self.metrics: WorkerMetrics | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The life of the process, as ASGI tells it; requests come by the wire."""
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        self.entrance.close()
        await send({"type": "lifespan.shutdown.complete"})

    def again(self, said: bytes, peer: str, scheme: str) -> tuple[bytes, Body] | None:
        """The head and body that answer a request which has been answered before; None for all others."""
        begin = time.perf_counter()
        found = self.memory.again(said, peer, scheme)
        if found is not None and self.metrics is not None:
            head, body = found
            # `HTTP/1.1 200 OK`
            self.metrics.count(CACHED, int(head[9:12]), time.perf_counter() - begin,
                               len(body) if isinstance(body, bytes) else body.length)
        return found

    def count(self, request: Request, answer: Answer, seconds: float) -> None:
        """Count a request for the metrics, where there are any."""
        if self.metrics is not None:
            self.metrics.count(route_kind(request.path), answer.status, seconds, answer.length)

    def keep(self, said: bytes, answer: Answer) -> None:
        """Remember the answer to these bytes, where it may be given again."""
        if isinstance(answer.again, Remembered):
            self.memory.keep(said, answer.again)

    def answer(self, request: Request, body: bytes) -> Answer | Job:
        """What is at hand; else the work that answers in another thread."""
        if request.method == "OPTIONS":
            visit = self.entrance.visit(request)
            return self._job("documents", visit, partial(wsgi.run, self.app, request, body))
        answering = way(request.path) if request.method in READING else None
        if request.method == "POST" and (answering := posted(request.path, body)) is not None:
            request = search.with_form(request, body)
        visit = self.entrance.visit(request)
        work = partial(wsgi.run, self.app, request, body, visit) if answering is None else \
            partial(self.directly, visit, answering)
        if brings_any(request.headers):
            return self._job("lookups", visit, lambda: self._entered(visit) or self._queued(visit, work))
        turned_away = self._entered(visit)
        if turned_away is not None:
            return turned_away
        if answering is None or request.method == "POST" or len(request.query) > LONG_QUERY:
            return self._queued(visit, work)
        return self._at_hand(visit, answering) or self._queued(visit, work)

    def _at_hand(self, visit: Visit, answering: Way) -> Answer | Job | None:
        """The answer to somebody unknown, where it takes no time; None where it takes long."""
        served = self.memory.served()
        visit.hurried = True
        try:
            answer = self.directly(visit, answering)
        except TakesLong:
            return None
        finally:
            visit.hurried = False
        if visit.delay > 0:
            return self._job("documents", visit, lambda: answer)
        answer.again = self.memory.of(visit, answer, served)
        return answer

    def _entered(self, visit: Visit) -> Answer | None:
        """The answer that turns a visit away; None where it is let in and charged."""
        try:
            return self.entrance.enter(visit)
        except Exception as fault:
            return errors.answer_to(visit, fault)

    def _queued(self, visit: Visit, work: Callable[[], Answer]) -> Answer | Job:
        """The work of a visit that was let in, in the lane for its kind."""
        kind = route_kind(visit.request.path)
        lane, timed = lane_of(visit, kind), partial(_timed, kind, work)
        costly = is_costly(visit.request, kind)
        if costly and (turned_away := self.entrance.too_costly(visit)) is not None:
            return turned_away
        charged = costly or kind == "download"
        return self._job(lane, visit, partial(self._charged, visit, timed) if charged else timed)

    def _job(self, lane: LaneName, visit: Visit, work: Callable[[], Answer | Job]) -> Job:
        client, kind = self.entrance.client(visit)
        return Job(lane, f"{kind} {client}", work, partial(errors.answer_to, visit), visit.delay)

    def _charged(self, visit: Visit, work: Callable[[], Answer]) -> Answer:
        """Do the work, and charge the client for the processor time that it took."""
        begin = time.thread_time()
        try:
            return work()
        finally:
            self.entrance.processor_time.spend(*self.entrance.client(visit), time.thread_time() - begin)

    def directly(self, visit: Visit, answering: Way) -> Answer:
        """As Flask's routes do it: the entrance, the answer or the fault, the journal."""
        try:
            turned_away = None if visit.inside else self.entrance.enter(visit)
            if turned_away is not None:
                return turned_away
            answer = answering(visit)
        except TakesLong:
            raise
        except Exception as fault:
            return errors.answer_to(visit, fault)
        self.entrance.write_down(visit, answer.status, answer.length)
        return answer


def _timed(kind: RouteKind, work: Callable[[], Answer]) -> Answer:
    """Do the work, within the time that a request of this kind may take."""
    if kind == "changes":
        with deadline.within(CHANGES_S, FEWER_CHANGES):
            return work()
    if kind not in TIMED:
        return work()
    with deadline.within(QUERY_S):
        return work()


def lane_of(visit: Visit, kind: RouteKind) -> LaneName:
    """The lane for a visit to a route of this kind.

    Work that takes much processor time has lanes apart from work that does not, and so have clients that are known.
    """
    known = visit.viewer.who is not None
    if kind == "health":
        return "health"
    if kind in ("download", "changes"):
        return "known files" if known else "files"
    if is_costly(visit.request, kind):
        return "known questions" if known else "questions"
    return "known documents" if known else "documents"


def is_costly(request: Request, kind: RouteKind) -> bool:
    """Whether a request is charged for its processor time, and refused when its client has used too much.

    By the decoded parameters: their names and values may be percent-encoded in any way. A whole file is charged too,
    and never refused for this: it is what clients are told to ask for instead.
    """
    if kind in ("search", "changes"):
        return True
    if kind == "download":
        return bool(request.query)
    return kind == "items" and _is_costly_page(request)


def _is_costly_page(request: Request) -> bool:
    asked = dict(request.pairs)
    limit = asked.get("limit", "")
    long = len(limit) > 3 and (not limit.isdecimal() or int(limit[:9]) > LONG_PAGE)
    return long or any(asked.get(name) for name in COSTLY)


def create() -> Front:
    """The front of an application made from the environment."""
    logs.configure()
    front = Front(create_app())
    front.metrics = worker_metrics()
    if front.metrics is not None:
        front.metrics.watch(front.entrance.served)
    # What is there now stays as long as the process: the collector of garbage need not look through it again and again.
    gc.collect()
    gc.freeze()
    # Documents are made before anybody asks for them: what makes them takes as long to load as all the rest.
    threading.Thread(target=front.entrance.prepare, name="hantsmap-documents", daemon=True).start()
    return front
