"""Downloads on the wire: the manifest of a layer, and its files, whole layers or cuts."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from hantsmap.catalogue import Entry
from hantsmap.downloads import File, manifest, named, viewers, want
from hantsmap.store import today
from server import parts
from server.answer import Answer, FilePart
from server.doorkeeper import Reading
from server.errors import NotFound
from server.limits import address_of
from server.links import BASE
from server.modified import dated, last_modified
from server.visit import Visit


def listed(visit: Visit, entry: Entry) -> dict[str, Any]:
    """The manifest, with `BASE` for the address of the service. Raises NotFound where there are no downloads."""
    if not entry.rendition.description.downloads:
        raise NotFound(f"There is nothing at {visit.request.path}. The layers are listed at /collections.")
    here = f"{BASE}/collections/{quote(entry.layer)}/downloads"
    return manifest(entry.rendition, entry.published, visit.served.counter.kept, here, entry.sequence,
                    _viewer(visit, whole=True))


def _viewer(visit: Visit, *, whole: bool) -> str:
    """For whom a file is kept: an organisation with all its keys, or else whoever is at an address; of the files of
    whole layers, all the anonymous share one. So no answer tells, by its content, its date or the time that it takes,
    what somebody else has asked for."""
    viewer = visit.viewer
    if viewer.who is not None:
        return viewers.of_organisation(viewer.audience, viewer.org or viewer.who)
    if whole:
        return viewers.ANONYMOUS
    proxies = visit.settings.trusted_proxies
    forwarded = visit.request.headers.get("x-forwarded-for") if proxies else None
    return viewers.of_address(visit.served.counter.kept.folder, address_of(visit.request.peer, forwarded, proxies),
                              today())


def version(told: dict[str, Any]) -> str:
    """Changes when a manifest does: with the layer, and when a file of it is made for this viewer, or ahead."""
    made = (str(each["sha256"]) for each in told["files"])
    return "-".join((told["id"], str(told["sequence"]), told["updated"], *made))


def file(visit: Visit, entry: Entry, name: str) -> Answer:
    """A file, or the cut of it that the parameters choose; made first when it is not there.

    Raises NotFound for a file that this layer does not have, QueryError, and NotMadeError when it is still being made.
    """
    format_ = named(entry.rendition, name)
    if format_ is None:
        raise NotFound(f"There is nothing at {visit.request.path}. The layers are listed at /collections.")
    if visit.request.query:
        visit.takes_long()
    download = want(entry.rendition, entry.published, format_, visit.request.parameters,
                    lambda whole: _viewer(visit, whole=whole))
    found = visit.served.counter.kept.at_hand(download)
    if found is None:
        visit.takes_long()
        found = visit.served.counter.fetch(download, visit.client)
    placed = entry.rendition.geometry_type != "none"
    modified = last_modified([entry])
    answer = dated(parts.file(visit, found.path, found.media_type, f'"{found.sha256}"', modified), modified)
    if answer.status in (200, 206):
        answer.headers += _headers(found, download.system.uri if placed else None)
    if answer.status in (200, 206) and visit.request.method == "GET":
        # Of a transfer that goes on, the rows were counted when it began.
        begins = isinstance(answer.body, FilePart) and answer.body.start == 0
        visit.read = Reading(entry, found.rows if begins else 0, "download")
    return answer


def _headers(found: File, system: str | None) -> list[tuple[str, str]]:
    """What the file is called, where its coordinates are, and the digest of all of it (RFC 9530)."""
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    # Letters, digits, _, - and . only: the name needs no escaping.
    told = [("content-disposition", f'attachment; filename="{found.name}"'), ("repr-digest", f"sha-256=:{digest}:")]
    return [*told, ("content-crs", f"<{system}>")] if system else told
