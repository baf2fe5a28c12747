"""Routes beside the API: health, the pages about the service, style sheet and icon."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, current_app, request

from hantsmap import crs
from hantsmap.query.asking import check_known
from server import items, replies, views

blueprint = Blueprint("about", __name__)
A_YEAR = 31_536_000


@blueprint.get("/health")
def health() -> Response:
    """Whether the viewer's layers are well. 200 while there is anything to serve. The log tells of the others."""
    check_known(items.given(), ())
    layers = len(replies.catalogue().entries)
    damaged = replies.served().shelf.damaged_for(replies.viewer().audience)
    document = {"status": "degraded" if damaged or not layers else "ok", "layers": layers, "damaged": len(damaged),
                "datum": crs.datum().name}
    response = Response(orjson.dumps(document), 200 if layers else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return replies.harden(response)


@blueprint.get("/privacy")
def privacy() -> Response:
    return _page("privacy")


@blueprint.get("/accessibility")
def accessibility() -> Response:
    return _page("accessibility")


def _page(name: str) -> Response:
    check_known(items.given(), ())
    tag = replies.etag(name, replies.base_url(), replies.served().site.told)
    return replies.not_modified(tag) or replies.reply(views.document(name, {}), views.CONTENT_TYPE, tag)


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the service itself. Its address carries a stamp of its content, so that it may be kept."""
    check_known(items.given(), ("v",))
    response = current_app.send_static_file(name)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}" if request.args else "public, max-age=3600"
    return replies.harden(response)


@blueprint.get("/favicon.ico")
def icon() -> Response:
    check_known(items.given(), ())
    return replies.harden(current_app.send_static_file("favicon.svg"))


@blueprint.get("/robots.txt")
def robots() -> Response:
    check_known(items.given(), ())
    return replies.harden(Response("User-agent: *\nDisallow: /collections/*/items\n", content_type="text/plain"))
