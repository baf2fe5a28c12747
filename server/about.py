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

blueprint = Blueprint("about", __name__)
get = getter(blueprint)
A_YEAR = 31_536_000


@get("/health")
def health() -> Answer:
    """Whether the viewer's layers are well. 200 while there is anything to serve. The log tells of the others."""
    check_known(visit().request.parameters, ())
    layers = len(visit().catalogue.entries)
    damaged = visit().served.shelf.damaged_for(visit().viewer.audience)
    # Who may read nothing any more, or not yet, is no sign of damage.
    terms = visit().terms
    serving = layers > 0 or (terms is not None and bool(terms.ended or terms.waiting))
    document = {"status": "ok" if serving and not damaged else "degraded", "layers": layers, "damaged": len(damaged),
                "datum": crs.datum().name}
    return replies.uncached(visit(), orjson.dumps(document), "application/json", 200 if serving else 503)


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
    return replies.harden(visit(), Answer(200, [("content-type", "text/plain; charset=utf-8")], said))
