"""What the pages show: the documents, the layer in words, and a sketch map drawn from the viewer's own rendition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import numpy as np
import orjson
import shapely

from hantsmap import crs
from hantsmap.catalogue import Entry
from hantsmap.query import Page, Query, texts
from hantsmap.query.asking import check_known
from hantsmap.store import Outline
from server import links as addresses
from server import pages, replies
from server.answer import Answer
from server.negotiation import HTML, JSON, chosen_form
from server.sketch import sketch
from server.visit import Visit

CONTENT_TYPE = "text/html; charset=utf-8"
# Outlines that are drawn faintly behind a sketch, when the viewer has them.
CONTEXT_LAYER = "districts"
NAMES = {addresses.GEOJSON: "GeoJSON", addresses.SCHEMA: "JSON Schema", addresses.OPENAPI: "OpenAPI 3.0"}
SYNTHETIC = "Invented data: this county, its places and its people do not exist."


def document(visit: Visit, name: str, shown: dict[str, Any], entry: Entry | None = None, **more: Any) -> bytes:
    """A document as a page. `shown` has the real address of the service in its links."""
    site = visit.served.site
    context = {"base": visit.base, "title": site.title, "document": shown, "contact": site.contact,
               "organisation": site.publisher or "the council", "notice": SYNTHETIC if site.synthetic else None,
               "known": visit.viewer.who is not None, "alternates": _other_forms(shown.get("links", ())), **more}
    if entry is not None:
        context["layer"] = layer(entry)
    return pages.render(name, **context).encode()


def answer(visit: Visit, name: str, kind: str, make: Callable[[], Any], *, version: str,
           extra: Callable[[], dict[str, Any]] = dict, entry: Entry | None = None,
           known: tuple[str, ...] = ("f",), forms: tuple[str, ...] = (JSON, HTML)) -> Answer:
    """A document as JSON or as the page `name`. `version` changes whenever it does; its links begin with `BASE`.

    `known` are the parameters that may be asked, `forms` what `f` may be: all but HTML are the document as it is.
    """
    check_known(visit.request.parameters, known)
    form, base = chosen_form(visit.request, forms), visit.base
    tag = replies.etag(visit, name, form, base, version)
    unchanged = replies.not_modified(visit, tag)
    if unchanged is not None:
        return unchanged
    body = orjson.dumps(make()).replace(addresses.BASE.encode(), base.encode())
    if form == HTML:
        page = document(visit, name, orjson.loads(body), entry, **extra())
        return replies.reply(visit, page, CONTENT_TYPE, tag)
    return replies.reply(visit, body, kind, tag)


def layer(entry: Entry) -> dict[str, Any]:
    """A layer in words, for a page."""
    description = entry.rendition.description
    plain = description.model_dump(mode="json", include={
        "title", "description", "steward", "attribution", "cadence", "capture_scale", "source_name", "lineage",
        "notice", "count", "key", "display", "geometry"})
    lists = description.code_lists
    return plain | {
        "id": entry.layer, "published": f"{entry.published:%Y-%m-%dT%H:%M:%SZ}",
        "licence": {"title": description.licence.title, "url": description.licence.url},
        "storage_crs": crs.EPSG27700.uri, "sequence": entry.sequence, "downloads": description.downloads,
        "held_back": [held.model_dump() for held in description.held_back],
        "fields": {name: {"type": field.type.value, "title": field.title, "description": field.description,
                          "unit": field.unit, "codes": dict(lists[field.codes].values) if field.codes else None}
                   for name, field in description.fields.items()},
    }


def sources(visit: Visit) -> list[dict[str, Any]]:
    """Whom the viewer's layers are from: each attribution and licence once, with its layers by title."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for entry in visit.catalogue.entries.values():
        told = entry.rendition.description
        key = told.attribution, told.licence.title, told.licence.url
        found.setdefault(key, []).append({"id": entry.layer, "title": told.title})
    return [{"attribution": attribution, "licence": {"title": title, "url": url},
             "layers": sorted(layers, key=lambda layer: layer["title"])}
            for (attribution, title, url), layers in sorted(found.items())]


def items(visit: Visit, entry: Entry, query: Query, found: Page, links: list[dict[str, Any]]) -> bytes:
    """A page of items: the table, and a sketch of what is on it."""
    features = orjson.loads(b"[" + b"".join(texts(entry.rendition, query, found.positions)) + b"]")
    shown = {"type": "FeatureCollection", "features": features, "numberMatched": found.matched,
             "numberReturned": len(features), "links": links}
    drawn = None if query.skip_geometry else _sketch(visit, entry, found.positions, features)
    return document(visit, "items", shown, entry, sketch=drawn)


def item(visit: Visit, entry: Entry, position: int, shown: dict[str, Any]) -> bytes:
    """One feature as a page."""
    drawn = _sketch(visit, entry, np.array([position]), [shown], linked=False)
    return document(visit, "item", shown, entry, sketch=drawn)


def overview(visit: Visit, entry: Entry) -> str | None:
    """Where a layer lies, drawn from a few hundred features spread over all of it."""
    count = entry.rendition.count
    positions = np.unique(np.linspace(0, count - 1, min(count, 400)).astype(np.intp)) if count else np.array([], int)
    features = orjson.loads(b"[" + b"".join(texts(entry.rendition, Query(), positions)) + b"]") if count else []
    return _sketch(visit, entry, positions, features)


def outlines(visit: Visit, areas: Sequence[Outline], title: str) -> str | None:
    """Where the areas of a contract lie, over the districts."""
    if not areas:
        return None
    shapes = [shapely.from_wkt(area.wkt) for area in areas]
    return sketch(shapes, hrefs=[None] * len(shapes), labels=[area.title for area in areas],
                  context=_districts(visit), title=title)


def _other_forms(links: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same document for programs: as JSON, which it links to as itself, and in its other forms."""
    return [link | {"href": _asking(link["href"], "json"), "title": f"This page as {NAMES.get(link['type'], 'JSON')}"}
            for link in links if link["rel"] == "self"] + [
                link for link in links if link["rel"] == "alternate" and link["type"] != "text/html"]


def _asking(href: str, form: str) -> str:
    parts = urlsplit(href)
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "f"]
    return urlunsplit(parts._replace(query=urlencode([*asked, ("f", form)], safe=",:/", quote_via=quote)))


def _sketch(visit: Visit, entry: Entry, positions: Any, features: list[dict[str, Any]], *, linked: bool = True
            ) -> str | None:
    description = entry.rendition.description
    if description.geometry == "none" or not len(positions):
        return None
    base = visit.base
    shapes = entry.rendition.geometries(positions)
    hrefs = [f"{base}/collections/{quote(entry.layer)}/items/{quote(str(feature['id']), safe='')}?f=html"
             if linked else None for feature in features]
    labels = [pages.item_title(feature, {"display": description.display}) for feature in features]
    return sketch(list(shapes), hrefs=hrefs, labels=labels, context=_context(visit, entry), title=description.title)


def _context(visit: Visit, entry: Entry) -> list[Any]:
    """District outlines of the same audience, behind every layer but their own."""
    return [] if entry.layer == CONTEXT_LAYER else _districts(visit)


def _districts(visit: Visit) -> list[Any]:
    outlines = visit.catalogue.entries.get(CONTEXT_LAYER)
    if outlines is None or outlines.rendition.description.geometry == "none":
        return []
    return list(outlines.rendition.geometries(np.arange(min(outlines.rendition.count, 60))))

