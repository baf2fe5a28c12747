"""Faults on the wire: RFC 9457 problem details, one table from fault to status, and one sentence for the reader."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from werkzeug.exceptions import HTTPException

from hantsmap.errors import (
    DamagedError,
    HantsMapError,
    NotMadeError,
    PrunedError,
    QueryError,
    UnavailableError,
    VersionGoneError,
)
from server import views
from server.answer import Answer
from server.negotiation import wants_html
from server.replies import uncached
from server.visit import Visit

log = logging.getLogger("hantsmap")

TITLES = {
    400: "The request cannot be understood", 401: "This credential does not hold", 403: "This is not open to you",
    404: "There is nothing here", 405: "This method is not offered", 409: "This is not how things are now",
    410: "This is no longer kept", 429: "Too many requests", 500: "Something went wrong on our side",
    503: "This cannot be served just now",
}
READABLE = 1_200
METHODS = "GET, HEAD, OPTIONS"
STATUS: dict[type[HantsMapError], int] = {QueryError: 400, PrunedError: 410, VersionGoneError: 410,
                                     DamagedError: 503}


class NotFound(Exception):  # noqa: N818 - an answer, not an error
    """What is asked for does not exist, or not for this audience: nobody can tell which."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def problem(
    visit: Visit, status: int, sentence: str, parameter: str | None = None, licence: str | None = None,
    oldest: int | None = None
) -> Answer:
    """A problem as JSON (with `description`, which QGIS and GDAL show) or, for a browser, as a page.

    `licence` is where an organisation accepts what it has to accept first, `oldest` the oldest sequence that can be
    asked for.
    """
    sentence, title = _short(sentence), TITLES.get(status, "This cannot be answered")
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": sentence,
                                "description": sentence}
    if parameter:
        document["parameter"] = _short(parameter)
    if licence:
        document["licence"] = licence
    if oldest is not None:
        document["oldest"] = oldest
    if wants_html(visit.request):
        return uncached(visit, views.document(visit, "error", document), views.CONTENT_TYPE, status)
    return uncached(visit, orjson.dumps(document), "application/problem+json", status)


def _short(text: str) -> str:
    """Text with its middle left out where it is too long to be read: what was asked is repeated, not returned."""
    return text if len(text) <= READABLE else f"{text[:READABLE // 2]} … {text[-READABLE // 2:]}"


def answer_to(visit: Visit, fault: Exception) -> Answer:
    """Every fault as a problem. What is our own fault is logged, and the client is told no more than that."""
    asked = visit.request
    if isinstance(fault, NotFound):
        return problem(visit, 404, fault.sentence)
    if isinstance(fault, NotMadeError | UnavailableError):
        answer = problem(visit, 503, str(fault))
        answer.headers.append(("retry-after", str(fault.retry_after)))
        return answer
    if isinstance(fault, HantsMapError):
        status = next((code for kind, code in STATUS.items() if isinstance(fault, kind)), 500)
        if status >= 500:
            log.error("%s %s: %s", asked.method, asked.path, fault)
            return problem(visit, status, "The fault is logged; try again in a minute.")
        return problem(visit, status, str(fault), getattr(fault, "parameter", None),
                       oldest=getattr(fault, "oldest", None))
    if isinstance(fault, HTTPException):
        return _of_routing(visit, fault)
    log.error("%s %s", asked.method, asked.path, exc_info=fault)
    return problem(visit, 500, "The fault is logged; try again in a minute.")


def _of_routing(visit: Visit, fault: HTTPException) -> Answer:
    if fault.code == 404:
        return problem(visit, 404, f"There is nothing at {visit.request.path}. The layers are listed at /collections.")
    if fault.code == 405:
        taken = getattr(fault, "valid_methods", None) or ("GET",)
        why = "this service is for reading" if "GET" in taken else "this address takes what is posted to it"
        answer = problem(visit, 405, f"{visit.request.method} is not offered here: {why}.")
        answer.set("allow", METHODS if "GET" in taken else "POST, OPTIONS")
        return answer
    return problem(visit, fault.code or 500, fault.description or TITLES[500])
