"""Answers as they go out: validators, compression, and the headers that every answer carries."""

from __future__ import annotations

import re
from hashlib import blake2b

import isal.igzip as igzip
from flask import Response, current_app, g, request

from hantsmap import __version__
from hantsmap.access import PUBLIC
from hantsmap.catalogue import Catalogue
from server.documents import Documents
from server.doorkeeper import Viewer
from server.settings import Settings
from server.shelf import Served

# Smaller than this, a gzip header costs what it saves.
WORTH_COMPRESSING = 800
GZIP_LEVEL = 1
HOST = re.compile(r"(?:[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
# What everybody may have, pages of others may read too. What staff may have, they may not: a page from anywhere that is
# open in a browser of the council's network would read it out.
SHARED_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Crs, ETag, Link",
}
NOBODY = Viewer("")
PRIVATE_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}


def settings() -> Settings:
    """The settings of the running application."""
    configured: Settings = current_app.config["HANTSMAP"]
    return configured


def served() -> Served:
    """What the running application serves."""
    running: Served = current_app.extensions["hantsmap"]
    return running


def viewer() -> Viewer:
    """Who asks. Before that is known, or when it cannot be: somebody who may see nothing."""
    known: Viewer = g.get("viewer") or NOBODY
    return known


def catalogue() -> Catalogue:
    """What the viewer may see."""
    return served().catalogue(viewer().audience)


def documents() -> Documents:
    """The documents of the viewer."""
    return served().documents(viewer().audience)


def shared() -> bool:
    """Whether the answer may be kept by caches that others share: it is for everybody, and nobody in particular."""
    if request.method == "OPTIONS":
        return settings().audience == PUBLIC
    return viewer().who is None and viewer().audience == PUBLIC


def base_url() -> str:
    """Address under which links lead back here: the configured one, else the one the client used."""
    configured = settings().public_url
    if configured:
        return configured
    # A Host header is the client's word: one that is no host name is not put into links.
    host = request.host if HOST.fullmatch(request.host) else "localhost"
    return f"{request.scheme}://{host}"


def etag(*parts: str) -> str:
    """A validator made of all that an answer depends on: weak, because compression changes the bytes."""
    everywhere = (__version__, served().site.told)
    return f'W/"{blake2b(chr(0).join((*everywhere, *parts)).encode(), digest_size=12).hexdigest()}"'


def not_modified(tag: str) -> Response | None:
    """The 304 answer when the client has this already."""
    given = request.headers.get("If-None-Match", "")
    known = {part.strip().removeprefix("W/") for part in given.split(",")} if given else set()
    if "*" in known or tag.removeprefix("W/") in known:
        return finished(Response(status=304), tag)
    return None


def reply(body: bytes, content_type: str, tag: str) -> Response:
    """A whole answer with its validator, compressed when the client asks for it."""
    encoded = None
    if len(body) >= WORTH_COMPRESSING and request.accept_encodings["gzip"] > 0 \
            and "gzip" in request.headers.get("Accept-Encoding", ""):
        # No time in it: the same answer is the same bytes.
        body = igzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
        encoded = "gzip"
    response = Response(body, content_type=content_type)
    if encoded:
        response.headers["Content-Encoding"] = encoded
    return finished(response, tag)


def finished(response: Response, tag: str) -> Response:
    """Add validator, caching rule and the headers that every answer carries."""
    response.headers["ETag"] = tag
    if shared():
        response.headers["Cache-Control"] = "public, no-cache"
    else:
        # QGIS caches by address alone: what is kept would be shown to the next person at that desk.
        response.headers["Cache-Control"] = "private, no-store"
    return harden(response)


def harden(response: Response) -> Response:
    """Headers that keep a page from loading, and from being used by, anything that is not ours."""
    response.headers["Vary"] = "Accept, Accept-Encoding, Authorization, X-API-Key, Cookie"
    for name, value in (SAFE_HEADERS | (SHARED_HEADERS if shared() else PRIVATE_HEADERS)).items():
        response.headers.setdefault(name, value)
    return response
