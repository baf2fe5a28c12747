"""The front of the server: takes requests from granian (RSGI) and answers those for features without Flask.

Flask's routes give the same answers by the same functions (`items.answer`); tests hold the two against each other.
One thread takes all requests; what takes long is handed to others, so that nobody waits behind it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask

from server import create_app, errors, items, wsgi
from server.answer import Answer, FilePart
from server.entrance import Entrance
from server.items import Place
from server.request import Request
from server.visit import TakesLong, Visit

READING = ("GET", "HEAD")
# A filter may be long; reading it may take long too.
LONG_QUERY = 1_000
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class Joined:
    """Headers as granian has them; those that stand twice are one, as RFC 9110, 5.3 has it."""

    __slots__ = ("_found", "get")

    def __init__(self, headers: Any) -> None:
        found: dict[str, str] = {}
        for name, value in headers.items():
            found[name] = f"{found[name]},{value}" if name in found else value
        # One that is no text is there all the same, and says nothing that anybody could read.
        for name in headers.keys() if len(headers.keys()) != len(found) else ():
            found.setdefault(name, UNREADABLE)
        self._found = found
        self.get = found.get

    def items(self) -> list[tuple[str, str]]:
        """All headers."""
        return list(self._found.items())


class Front:
    """The application as granian runs it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.entrance: Entrance = app.extensions["hantsmap-entrance"]
        self.threads = ThreadPoolExecutor(os.cpu_count() or 1, "hantsmap-answers")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        headers = Joined(scope.headers)
        request = Request(scope.method, scope.path, scope.query_string, headers, scope.client, scope.scheme,
                          headers.get("host") or scope.authority or "")
        place = items.place(request.path) if request.method in READING else None
        if place is None:
            answer = await self._in_a_thread(wsgi.run, self.app, request, headers.items(),
                                           await wsgi.body(request, protocol))
        else:
            visit = self.entrance.visit(request)
            visit.hurried = len(request.query) <= LONG_QUERY
            try:
                answer = self.features(visit, place)
            except TakesLong:
                visit.hurried = False
                answer = await self._in_a_thread(self.features, visit, place)
        send(protocol, request.method, answer)

    def features(self, visit: Visit, place: Place) -> Answer:
        """Features, as Flask's routes give them: the entrance, the answer or the fault, the journal."""
        try:
            turned_away = None if visit.inside else self.entrance.enter(visit)
            if turned_away is not None:
                return turned_away
            answer = items.answer(visit, place)
        except TakesLong:
            raise
        except Exception as fault:
            return errors.answer_to(visit, fault)
        self.entrance.write_down(visit, answer.status, answer.length)
        return answer

    async def _in_a_thread(self, work: Any, *given: Any) -> Answer:
        answer: Answer = await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *given))
        return answer


def send(protocol: Any, method: str, answer: Answer) -> None:
    """Give an answer to granian."""
    body = answer.body
    if method == "HEAD":
        answer.add([("content-length", str(answer.length))])
        protocol.response_empty(answer.status, answer.headers)
    elif isinstance(body, FilePart) and answer.length:
        # Granian would send it in chunks, and nobody would know how much is to come.
        answer.add([("content-length", str(answer.length))])
        protocol.response_file_range(answer.status, answer.headers, str(body.path), body.start, body.end)
    elif isinstance(body, bytes) and body:
        protocol.response_bytes(answer.status, answer.headers, body)
    else:
        protocol.response_empty(answer.status, answer.headers)


def create() -> Front:
    """The front of an application made from the environment."""
    front = Front(create_app())
    # What is there now stays as long as the process: the collector of garbage need not look through it again and again.
    gc.collect()
    gc.freeze()
    # Documents are made before anybody asks for them: what makes them takes as long to load as all the rest.
    threading.Thread(target=front.entrance.prepare, name="hantsmap-documents", daemon=True).start()
    return front
