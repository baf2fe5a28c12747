"""`POST /collections/{id}/search`: a page of features for parameters in a form, for filters too long for an address.

A search is a read: it is charged, counted and protected as `/items` is, and answers the same features. Its answer is
never kept by a cache, because caches know answers by their address.
"""

from __future__ import annotations

from dataclasses import replace

from server.answer import Answer
from server.errors import problem
from server.incoming import MOST_BODY
from server.items import OTHER_NAMES, Page, entry
from server.negotiation import CSV, JSON, chosen_form
from server.request import Request
from server.versions import older_version
from server.visit import Visit

FORM = "application/x-www-form-urlencoded"
# A layer has fewer properties than this; a body of half a million parameters takes seconds to read.
MOST_PARAMETERS = 200
FORMS = (JSON, CSV)
# These tell a client that it can ask for the same again, which it cannot by the address alone.
OF_ADDRESSES = ("etag", "last-modified", "cache-control")


def layer_of(path: str) -> str | None:
    """The layer that a (decoded) path searches; None for any other path."""
    steps = path.removesuffix("/").split("/")
    found = len(steps) == 4 and (steps[0], steps[1], steps[3]) == ("", "collections", "search")
    return steps[2] or None if found else None


def with_form(request: Request, body: bytes) -> Request:
    """A search with the parameters of its body, if `answer` takes it."""
    return request if _refusal(request, body) else replace(request, form=body.decode("utf-8", "replace"))


def answer(visit: Visit, layer: str, body: bytes) -> Answer:
    """A page of features for a search, `with_form` of this body.

    413, 415 or 400 for a body that is too large or no form. Raises NotFound, QueryError.
    """
    found = entry(visit.catalogue, layer)
    refused = _refusal(visit.request, body)
    if refused is not None:
        return problem(visit, *refused)
    form = chosen_form(visit.request, FORMS, OTHER_NAMES)
    question = Page.of(visit, found, form, older_version(visit, found), searched=True)
    made = question.answer(visit, found)
    made.headers = [*((name, told) for name, told in made.headers if name not in OF_ADDRESSES),
                    ("cache-control", "no-store"), question.content_crs]
    return made


def _refusal(request: Request, body: bytes) -> tuple[int, str] | None:
    """Status and sentence for a body that is not read."""
    if len(body) > MOST_BODY:
        return 413, f"The body may be {MOST_BODY:,} bytes long. Ask in several requests."
    if body and (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != FORM:
        return 415, f"Send the parameters as {FORM}, as an HTML form does."
    if body.count(b"&") >= MOST_PARAMETERS:
        return 400, f"The body has more than {MOST_PARAMETERS} parameters."
    return None
