"""The change feed on the wire: what differs between a state that the viewer saw and the one it sees now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from hantsmap import crs
from hantsmap.catalogue import Entry
from hantsmap.changes import Feed, feed, read_since
from hantsmap.errors import QueryError
from hantsmap.query.asking import check_known
from server import links, replies
from server.answer import Answer, FilePart
from server.doorkeeper import Reading
from server.errors import NotFound
from server.items import content_crs, crs_member, entry
from server.negotiation import GEOJSON, NDJSON, chosen_form
from server.visit import Visit

PARAMETERS = ("since", "history", "crs", "f")
HISTORIES = {"net": False, "all": True}


def answer(visit: Visit, layer: str) -> Answer:
    """The changes of a layer since a state, for this viewer.

    Raises NotFound where the layer, or downloads of it, are not granted: a feed is a download in parts. Raises
    QueryError for a parameter that cannot be meant, PrunedError when what was seen then is not
    kept, or was made under wider rules.
    """
    found = entry(visit.catalogue, layer)
    if not found.rendition.description.downloads:
        raise NotFound(f"There is nothing at {visit.request.path}. The layers are listed at /collections.")
    asked = visit.request.parameters
    check_known(asked, PARAMETERS)
    form = chosen_form(visit.request, (NDJSON, GEOJSON))
    system = crs.named(asked["crs"], "crs") if "crs" in asked else crs.CRS84
    history, since = _history(asked.get("history")), read_since(found, asked.get("since"))
    # All that the answer is made from: the states, and not only their numbers, which mean others for other viewers.
    seen = [f"{step.rendition}@{step.since:%Y%m%d%H%M%S}" for step in found.timeline[max(since - 1, 0):]
            if step.readable]
    kept_from = str(visit.served.shelf.store.horizon()) if history else ""
    tag = replies.etag(visit, "changes", layer, form, system.uri, visit.base, asked.get("history", "net"), str(since),
                       kept_from, *(seen if history else (seen[0], seen[-1], str(found.sequence))))
    # Without the address of the service, which is whatever Host the client names: the same changes are written once.
    key = replies.etag(visit, "changes", layer, form, system.uri, asked.get("history", "net"), str(since),
                       kept_from, *(seen if history else (seen[0], seen[-1], str(found.sequence))))
    made = replies.not_modified(visit, tag) or _made(visit, found, form, system, tag, key,
                                                     feed(visit.served.shelf.store, found, since, history=history))
    made.headers += [*_state(found), content_crs(system)]
    return made


def _history(given: str | None) -> bool:
    if given is None:
        return False
    if given not in HISTORIES:
        raise QueryError(f"history `{given}` is not known here. Choose net (each feature once) or all (every state on "
                         "the way).", "history")
    return HISTORIES[given]


def _made(visit: Visit, entry: Entry, form: str, system: crs.Crs, tag: str, key: str, changes: Feed) -> Answer:
    kind = links.NDJSON if form == NDJSON else links.GEOJSON
    if visit.request.method == "HEAD":
        made = replies.unsent(visit, kind, tag)
    else:
        visit.read = Reading(entry, changes.count, "changes")
        made = _sent(visit, _body(visit, entry, form, system, key, changes), kind, tag)
    made.headers.append(("ogc-numberreturned", str(changes.count)))
    return made


def _body(visit: Visit, entry: Entry, form: str, system: crs.Crs, key: str, changes: Feed) -> bytes | FilePart:
    name, spool = key.strip('W/"'), visit.served.spool
    if form == NDJSON:
        return spool.body(name, changes.ndjson(system), compressed=visit.request.takes("gzip"))
    # Its links tell the address of the service, so they stand beside the file, which is not compressed then.
    before, after = _opening(visit, entry, system, changes), b"]}"
    body = spool.body(name, _features(system, changes), compressed=False)
    return before + body + after if isinstance(body, bytes) else replace(body, before=before, after=after)


def _sent(visit: Visit, body: bytes | FilePart, kind: str, tag: str) -> Answer:
    if isinstance(body, bytes):
        return replies.reply(visit, body, kind, tag)
    packed = [("content-encoding", "gzip")] if kind == links.NDJSON and visit.request.takes("gzip") else []
    return replies.finished(visit, Answer(200, [("content-type", kind), *packed], body), tag)


def _state(entry: Entry) -> list[tuple[str, str]]:
    """The state that the changes lead to: what a reader asks since next time, and checks its copy by."""
    return [("hantsmap-sequence", str(entry.sequence)), ("hantsmap-features", str(entry.rendition.count)),
            ("hantsmap-digest", entry.rendition.digest)]


def _opening(visit: Visit, entry: Entry, system: crs.Crs, changes: Feed) -> bytes:
    """What stands before the features in a FeatureCollection of changes."""
    head = orjson.dumps({
        "type": "FeatureCollection", "numberReturned": changes.count, "sequence": entry.sequence,
        "digest": entry.rendition.digest, "numberOfFeatures": entry.rendition.count,
        "attribution": entry.rendition.description.attribution, "links": _links(visit, entry)})
    return head[:-1] + b"," + crs_member(system) + b'"features":['


def _features(system: crs.Crs, changes: Feed) -> Iterator[bytes | memoryview]:
    """The changes as GeoJSON features with commas between them, part by part."""
    waiting: bytes | memoryview = b""
    for part in changes.features(system):
        yield waiting
        waiting = part
    # Each feature ends with its comma: only that of the last one is left out.
    yield waiting[:-1]


def _links(visit: Visit, entry: Entry) -> list[dict[str, Any]]:
    here, asked = f"{visit.base}/collections/{quote(entry.layer)}", visit.request.parameters

    def at(**changed: str) -> str:
        return f"{here}/changes?{urlencode({**asked, **changed}, safe=',:/', quote_via=quote)}"

    return [links.link(at(), "self", links.GEOJSON, "These changes"),
            links.link(at(f=NDJSON), "alternate", links.NDJSON, "These changes, one on each line"),
            links.link(at(since=str(entry.sequence)), "next", links.GEOJSON, "What changes from here on"),
            links.link(here, "collection", links.JSON, entry.rendition.description.title)]
