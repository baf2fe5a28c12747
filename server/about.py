"""Routes beside the API: health, the pages about the service, style sheet and icon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, current_app

from hantsmap import crs
from hantsmap.query.asking import check_known
from server import replies, views
from server.answer import Answer
from server.bridge import getter, harden, visit
from server.visit import Visit

blueprint = Blueprint("about", __name__)
get = getter(blueprint)
A_YEAR = 31_536_000


@get("/health")
def health() -> Answer:
    """Whether the viewer's layers can be served, and if not, why. 200 while there is anything to serve.

    Of layers it names only those that the viewer may see; the log names all. Everything is known already: nothing is
    read from the store or the accounts.
    """
    check_known(visit().request.parameters, ())
    catalogue, terms = visit().catalogue, visit().terms
    # Who may read nothing any more, or not yet, is no sign of damage.
    serving = len(catalogue.entries) > 0 or (terms is not None and bool(terms.ended or terms.waiting))
    reasons = _reasons(visit(), serving=serving)
    document = {"status": "degraded" if reasons else "ok", "layers": len(catalogue.entries),
                "damaged": len(catalogue.unavailable | catalogue.outdated), "reasons": reasons,
                "datum": crs.datum().name}
    return replies.uncached(visit(), orjson.dumps(document), "application/json", 200 if serving else 503)


def _reasons(asking: Visit, *, serving: bool) -> list[str]:
    """Why the service is not well, as far as this viewer may know. Paths and other causes are in the log."""
    catalogue, served = asking.catalogue, asking.served
    found = []
    if served.shelf.records.fault is not None:
        found.append(served.shelf.records.reason)
    elif catalogue.unavailable:
        found.append(f"Cannot be read and are not served: {', '.join(sorted(catalogue.unavailable))}.")
    if catalogue.outdated:
        found.append("Newest version is damaged, the one before it is served: "
                     f"{', '.join(sorted(catalogue.outdated))}.")
    if served.site_fault is not None:
        found.append("The description of the service cannot be read. "
                     + ("The last good one is used." if served.site_known else "Keys and sign-in cannot be checked."))
    if not serving and not found:
        found.append("There is no dataset to serve.")
    return found


@get("/privacy")
def privacy() -> Answer:
    background = visit().settings.background
    return _page("privacy", lambda: {"background": urlsplit(background.url).hostname if background else None})


@get("/accessibility")
def accessibility() -> Answer:
    return _page("accessibility")


@get("/attributions")
def attributions() -> Answer:
    """One page with the attributions of all layers, as the Open Government Licence allows where there are several."""
    return _page("attributions", lambda: {"sources": views.sources(visit()), "background": visit().settings.background},
                 visit().documents.version)


def _page(name: str, shown: Callable[[], dict[str, Any]] = dict, version: str = "") -> Answer:
    asking = visit()
    check_known(asking.request.parameters, ())
    tag = replies.etag(asking, name, asking.base, version)
    unchanged = replies.not_modified(asking, tag)
    return unchanged or replies.reply(asking, views.document(asking, name, shown()), views.CONTENT_TYPE, tag)


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the service itself. Its address carries a stamp of its content, so that it may be kept."""
    check_known(visit().request.parameters, ("v",))
    response = current_app.send_static_file(name)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR if visit().request.query else 3600}"
    return harden(response)


@blueprint.get("/favicon.ico")
def icon() -> Response:
    check_known(visit().request.parameters, ())
    return harden(current_app.send_static_file("favicon.svg"))


@get("/robots.txt")
def robots() -> Answer:
    check_known(visit().request.parameters, ())
    said = b"User-agent: *\nDisallow: /collections/*/items\n"
    headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "public, max-age=86400")]
    return replies.harden(visit(), Answer(200, headers, said))
