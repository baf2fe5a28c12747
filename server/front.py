"""The front of the server: answers what has a way of its own without Flask, and hands all else to it.

Flask's routes give the same answers by the same functions; tests hold the two against each other.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask

from server import create_app, errors, search, wsgi
from server.answer import Answer, Body
from server.entrance import Entrance
from server.memory import Memory, Remembered
from server.request import Request
from server.visit import TakesLong, Visit
from server.ways import Way, posted, way

READING = ("GET", "HEAD")
# A filter may be long; reading it may take long too.
LONG_QUERY = 1_000
# Most threads wait, for a file that is made or for a database; more than a few would only take turns.
THREADS = 8 * (os.cpu_count() or 1)


class Front:
    """The application as the wire knows it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.entrance: Entrance = app.extensions["hantsmap-entrance"]
        self.memory = Memory(self.entrance)
        self.threads = ThreadPoolExecutor(THREADS, "hantsmap-answers")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The life of the process, as ASGI tells it; requests come by the wire."""
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        self.entrance.close()
        await send({"type": "lifespan.shutdown.complete"})

    def again(self, said: bytes, peer: str, scheme: str) -> tuple[bytes, Body] | None:
        """The head and body that answer a request which has been answered before; None for all others."""
        return self.memory.again(said, peer, scheme)

    def keep(self, said: bytes, answer: Answer) -> None:
        """Remember the answer to these bytes, where it may be given again."""
        if isinstance(answer.again, Remembered):
            self.memory.keep(said, answer.again)

    def answer(self, request: Request, body: bytes) -> Answer | Callable[[], Answer]:
        """What is at hand; else what answers in another thread."""
        searching = posted(request.path, body) if request.method == "POST" else None
        if searching is not None:
            return partial(self.directly, self.entrance.visit(search.with_form(request, body)), searching)
        answering = way(request.path) if request.method in READING else None
        if answering is None:
            return partial(wsgi.run, self.app, request, body)
        visit = self.entrance.visit(request)
        visit.hurried = len(request.query) <= LONG_QUERY
        if not visit.hurried:
            return partial(self.directly, visit, answering)
        served = self.memory.served()
        try:
            answer = self.directly(visit, answering)
        except TakesLong:
            # The same visit goes on: whoever has been let in once, and charged, is not charged again.
            visit.hurried = False
            return partial(self.directly, visit, answering)
        answer.again = self.memory.of(visit, answer, served)
        return answer

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


def create() -> Front:
    """The front of an application made from the environment."""
    front = Front(create_app())
    # What is there now stays as long as the process: the collector of garbage need not look through it again and again.
    gc.collect()
    gc.freeze()
    # Documents are made before anybody asks for them: what makes them takes as long to load as all the rest.
    threading.Thread(target=front.entrance.prepare, name="hantsmap-documents", daemon=True).start()
    return front
