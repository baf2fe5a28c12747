"""A server over an orchard, and a doorkeeper before it who answers wrongly when a test says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import shops
from orchard import Orchard

from hantsmap.pull import Service

Mood = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes] | None]


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class Stand:
    """Serves to the staff. Each of `moods` is one answer: it is asked first, and may answer in the server's place."""

    def __init__(self, orchard: Orchard) -> None:
        self.orchard, self.moods = orchard, list[Mood]()
        self.asked: list[str] = []
        self.slept: list[float] = []
        self.digest: str | None = None
        self.apps: dict[Any, Any] = {}

    def __enter__(self) -> Self:
        self.server: WSGIServer = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def service(self) -> Service:
        """A client of it that does not sleep, and notes how long it would have slept."""
        return Service(self.url, sleep=self.slept.append)

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        self.asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        if self.moods:
            answered = self.moods.pop(0)(environ, start)
            if answered is not None:
                return answered
        state = self.orchard.store.state()
        if state not in self.apps:
            self.apps[state] = shops.application(self.orchard.store.root, audience="staff")

        def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            told = {"Hantsmap-Digest": self.digest} if self.digest else {}
            return start(status, [(name, told.get(name, value)) for name, value in headers])

        answer: Iterable[bytes] = self.apps[state](environ, started)
        return answer


def refused(status: int, detail: str = "", **headers: str) -> Mood:
    """An answer that refuses, as a problem document."""

    def mood(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(f"{status} No", [("Content-Type", "application/problem+json"),
                               *((name.replace("_", "-"), value) for name, value in headers.items())])
        licence = {"licence": "https://maps.example.org/licence"} if status == 403 else {}
        return [json.dumps({"status": status, "detail": detail, **licence}).encode()]

    return mood


def served(environ: dict[str, Any], start: Callable[..., Any]) -> None:
    """The server's own answer."""


def broken(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """An answer that promises more than it sends."""
    start("200 OK", [("Content-Length", "100000"), ("HantsMap-Sequence", "1"), ("HantsMap-Features", "1"),
                     ("HantsMap-Digest", "x"), ("OGC-NumberReturned", "1")])
    return [b"{"]
