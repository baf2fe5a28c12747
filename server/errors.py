"""Faults on the wire: RFC 9457 problem details, one table from fault to status, and one sentence for the reader."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from hantsmap.errors import DamagedError, HantsMapError, QueryError
from server import views
from server.negotiation import wants_html
from server.replies import harden

log = logging.getLogger("hantsmap")

TITLES = {
    400: "The request cannot be understood", 401: "This credential does not hold", 404: "There is nothing here",
    405: "This method is not offered", 429: "Too many requests", 500: "Something went wrong on our side",
    503: "This cannot be served just now",
}
READABLE = 1_200
STATUS: dict[type[HantsMapError], int] = {QueryError: 400, DamagedError: 503}


class NotFound(Exception):  # noqa: N818 - an answer, not an error
    """What is asked for does not exist, or not for this audience: nobody can tell which."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def problem(status: int, sentence: str, parameter: str | None = None) -> Response:
    """A problem as JSON (with `description`, which QGIS and GDAL show) or, for a browser, as a page."""
    sentence, title = _short(sentence), TITLES.get(status, "This cannot be answered")
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": sentence,
                                "description": sentence}
    if parameter:
        document["parameter"] = _short(parameter)
    if wants_html():
        response = Response(views.document("error", document), status, content_type=views.CONTENT_TYPE)
    else:
        response = Response(orjson.dumps(document), status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return harden(response)


def _short(text: str) -> str:
    """Text with its middle left out where it is too long to be read: what was asked is repeated, not returned."""
    return text if len(text) <= READABLE else f"{text[:READABLE // 2]} … {text[-READABLE // 2:]}"


def install(app: Flask) -> None:
    """Answer every fault of the application as a problem."""

    @app.errorhandler(NotFound)
    def not_found(fault: NotFound) -> Response:
        return problem(404, fault.sentence)

    @app.errorhandler(HantsMapError)
    def refused(fault: HantsMapError) -> Response:
        status = next((code for kind, code in STATUS.items() if isinstance(fault, kind)), 500)
        if status >= 500:
            log.error("%s %s: %s", request.method, request.path, fault)
            return problem(status, "The fault is logged; try again in a minute.")
        return problem(status, str(fault), getattr(fault, "parameter", None))

    @app.errorhandler(HTTPException)
    def http(fault: HTTPException) -> Response:
        if fault.code == 404:
            return problem(404, f"There is nothing at {request.path}. The layers are listed at /collections.")
        if fault.code == 405:
            response = problem(405, f"{request.method} is not offered here: this service is for reading.")
            response.headers["Allow"] = "GET, HEAD, OPTIONS"
            return response
        return problem(fault.code or 500, fault.description or TITLES[500])

    @app.errorhandler(Exception)
    def unforeseen(fault: Exception) -> Response:
        log.exception("%s %s", request.method, request.path, exc_info=fault)
        return problem(500, "The fault is logged; try again in a minute.")
