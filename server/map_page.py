"""The map in a browser: its page, its service worker, and the files that `server/web` is built into.

The page is the same for every audience: what a viewer may see, the browser asks for afterwards.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint

from hantsmap.query.asking import check_known
from server import replies, views
from server.answer import Answer
from server.bridge import getter, visit
from server.errors import NotFound
from server.visit import Visit

blueprint = Blueprint("map", __name__)
get = getter(blueprint)

BUILT = Path(__file__).parent / "static" / "map"
# Node packs the files when they are built: `name.js.br` beside `name.js`.
PACKED = (("br", ".br"), ("gzip", ".gz"))
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".png": "image/png", ".json": "application/json"}
FOR_EVER = "public, max-age=31536000, immutable"
WORKER_POLICY = "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def policy(visit: Visit) -> str:
    """The content security policy of the map: scripts, styles and data of this service, and nothing written inline."""
    pictures = " ".join(("'self'", "data:", "blob:", *_background(visit)))
    return (f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
            "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")


def _background(visit: Visit) -> tuple[str, ...]:
    """The origin of the operator's own tiles, where there are any."""
    configured = visit.settings.background
    if configured is None:
        return ()
    parts = urlsplit(configured.url)
    return (f"{parts.scheme}://{parts.netloc}",)


@lru_cache(4)
def _build(stamp: int | None) -> dict[str, Any] | None:
    """The manifest of the build, as it was written at this time (ns); None where there is no build."""
    return None if stamp is None else json.loads((BUILT / "manifest.json").read_bytes())


def build() -> dict[str, Any] | None:
    """What `npm run build` has made: for each source its file, and its style sheets. None before it has run."""
    try:
        return _build((BUILT / "manifest.json").stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@get("/map")
def page() -> Answer:
    """The map, or a page that says how it is built."""
    asking = visit()
    check_known(asking.request.parameters, ())
    built = (build() or {}).get("src/main.ts")
    tag = replies.etag(asking, "map", asking.base, json.dumps(built))
    answer = replies.not_modified(asking, tag)
    if answer is None:
        shown = {"root": urlsplit(asking.base).path, "built": built, "shared": asking.shared}
        answer = replies.reply(asking, views.document(asking, "map", shown), views.CONTENT_TYPE, tag)
    answer.set("content-security-policy", policy(asking))
    return answer


@get("/sw.js")
def worker() -> Answer:
    """The service worker. It stands at the top, because it may only serve what is below its own address."""
    check_known(visit().request.parameters, ())
    answer = _file("sw.js", "no-cache")
    answer.set("content-security-policy", WORKER_POLICY)
    return answer


@get("/static/map/<path:name>")
def asset(name: str) -> Answer:
    """A file of the build. Its name changes with its content, so that it may be kept for ever."""
    check_known(visit().request.parameters, ("v",))
    return _file(name, FOR_EVER)


def _file(name: str, caching: str) -> Answer:
    found = _files((BUILT / "manifest.json").stat().st_mtime_ns) if build() else {}
    if name not in found:
        raise NotFound(f"There is no file {name} of the map here.")
    path = found[name]
    headers = [("content-type", TYPES[path.suffix]), ("cache-control", caching)]
    for encoding, suffix in PACKED:
        packed = path.with_name(path.name + suffix)
        if visit().request.takes(encoding) and packed.exists():
            headers.append(("content-encoding", encoding))
            path = packed
            break
    return replies.harden(visit(), Answer(200, headers, path.read_bytes()))


@lru_cache(4)
def _files(stamp: int) -> dict[str, Path]:
    """The files of the build written at this time, by their address below `/static/map/`."""
    return {path.relative_to(BUILT).as_posix(): path for path in BUILT.rglob("*") if path.suffix in TYPES}
