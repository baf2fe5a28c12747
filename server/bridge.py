"""Between Flask and the server's core: a Flask request as a Visit, an Answer as a Flask response."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import IO, ParamSpec, Protocol, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.wsgi import wrap_file

from server import replies, search
from server.answer import Answer, FilePart, Unsent, joined
from server.entrance import Entrance
from server.errors import METHODS, answer_to
from server.request import Request
from server.visit import Visit

P = ParamSpec("P")
# Where a request to Flask carries the visit that was let in already.
ENTERED = "hantsmap.visit"


class Registrar(Protocol):
    """`get(rule)` and the like: gives a decorator of views that give an Answer."""

    def __call__(self, rule: str, /) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]: ...


def getter(blueprint: Blueprint) -> Registrar:
    """`get(rule)` of a blueprint, for views that give an Answer."""
    return _registrar(blueprint, "GET")


def poster(blueprint: Blueprint) -> Registrar:
    """`post(rule)` of a blueprint, for views that give an Answer."""
    return _registrar(blueprint, "POST")


def _registrar(blueprint: Blueprint, method: str) -> Registrar:
    def of(rule: str) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
        def put(view: Callable[P, Answer]) -> Callable[P, Answer]:
            @wraps(view)
            def answered(*args: P.args, **given: P.kwargs) -> Response:
                return response(view(*args, **given))

            blueprint.route(rule, methods=[method])(answered)
            return view

        return put

    return of


def visit() -> Visit:
    """The visit that is being answered."""
    going_on: Visit = g.visit
    return going_on


def response(answer: Answer) -> Response:
    """An Answer as Flask gives it."""
    headers = Headers((name.title(), value) for name, value in answer.headers)
    if isinstance(answer.body, FilePart):
        wrapped = wrap_file(request.environ, cast("IO[bytes]", Part(answer.body)))
        made = Response(wrapped, answer.status, headers, direct_passthrough=True)
        made.content_length = answer.length
        return made
    # Without a type of its own Flask would invent one.
    kind = headers.pop("Content-Type", None)
    # An iterator has no length that could be told.
    none: Iterator[bytes] = iter(())
    body = none if isinstance(answer.body, Unsent) else joined(answer.body)
    made = Response(body, answer.status, headers, content_type=kind)
    if kind is None:
        del made.headers["Content-Type"]
    return made


class Part:
    """A part of a file, opened, as PEP 3333 wants what it may send by other means."""

    def __init__(self, part: FilePart) -> None:
        self.part, self._at = part, part.start
        self._before, self._after = part.before, part.after
        self._file: int | None = part.descriptor()

    def read(self, size: int) -> bytes:
        """The next bytes of it."""
        if self._before:
            block, self._before = self._before[:size], self._before[size:]
            return block
        if self._file is not None and self._at < self.part.end:
            block = os.pread(self._file, min(size, self.part.end - self._at), self._at)
            self._at += len(block)
            return block
        block, self._after = self._after[:size], self._after[size:]
        return block

    def close(self) -> None:
        """Close the file, and let go of it: the space of a temporary file is given back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self.part = FilePart(None, 0, 0)


def harden(made: Response) -> Response:
    """The headers that every answer carries, on a response that Flask has made."""
    for name, value in replies.harden(visit(), Answer(200)).headers:
        made.headers.setdefault(name.title(), value)
    return made


def install(app: Flask, entrance: Entrance) -> None:
    """Put the entrance before every route of the application, and answer every fault as a problem."""

    @app.before_request
    def enter() -> Response | None:
        g.visit = entrance.visit(_request())
        if request.method == "OPTIONS":
            return response(_options(g.visit))
        entered: Visit | None = request.environ.get(ENTERED)
        if entered is not None and entered.inside:
            # Let in, and charged, before Flask was asked.
            g.visit.viewer, g.visit.terms, g.visit.left = entered.viewer, entered.terms, entered.left
            g.visit.client = entered.client
            return None
        turned_away = entrance.enter(g.visit)
        return None if turned_away is None else response(turned_away)

    @app.after_request
    def write_down(made: Response) -> Response:
        entrance.write_down(visit(), made.status_code, made.content_length or 0)
        return made

    @app.errorhandler(Exception)
    def fault(raised: Exception) -> Response:
        return response(answer_to(visit(), raised))


def _request() -> Request:
    """The request that Flask has received."""
    received = Request(request.method, request.path, request.query_string.decode("utf-8", "replace"), request.headers,
                       request.remote_addr or "", request.scheme, request.host)
    if request.method == "POST" and search.layer_of(request.path) is not None:
        return search.with_form(received, request.get_data())
    return received


def _options(asking: Visit) -> Answer:
    """OPTIONS is answered the same everywhere: a browser asks it before it reads, QGIS to learn what it may do."""
    offered = current_app.create_url_adapter(request).allowed_methods(asking.request.path)  # type: ignore[union-attr]
    searched = search.layer_of(asking.request.path) is not None
    posted = "POST" in offered and "GET" not in offered
    methods = "POST, OPTIONS" if posted else METHODS
    answer = Answer(204, [("allow", methods)])
    # What is posted is posted by our own pages, except a search, which is a read: no other page may post the rest.
    if asking.shared and (searched or not posted):
        answer.headers += [("access-control-allow-methods", methods), replies.ALLOWED_HEADERS,
                           ("access-control-max-age", "86400")]
    return replies.harden(asking, answer)
