"""Features on the wire: a page of items and one item, as GeoJSON, CSV and HTML."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, g, request

from hantsmap import crs
from hantsmap.catalogue import Entry
from hantsmap.errors import QueryError
from hantsmap.query import Page, Query, ask, csv_rows, feature, texts
from hantsmap.query.asking import check_known
from server import links, replies, views
from server.doorkeeper import Reading
from server.errors import NotFound
from server.negotiation import CSV, HTML, JSON, chosen_form

ONE_PARAMETERS = ("f", "crs")
# A person reads a page; a program reads a thousand features.
HTML_LIMIT = "100"


def given() -> dict[str, str]:
    """The parameters of the request. Raises QueryError when one stands twice: which of them was meant?"""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise QueryError(f"`{name}` stands {len(values)} times: say it once.", name)
    return request.args.to_dict()


def page(entry: Entry) -> Response:
    """A page of items (OGC 17-069, 7.15)."""
    asked = given()
    form = chosen_form((JSON, HTML, CSV))
    query = ask(entry.rendition, {"limit": HTML_LIMIT, **asked} if form == HTML else asked)
    base = replies.base_url()
    tag = replies.etag(entry.rendition.id, base, form, *(f"{name}={asked[name]}" for name in sorted(asked)))
    unchanged = replies.not_modified(tag)
    if unchanged is not None:
        return with_crs(unchanged, query.crs)
    found = entry.reader.page(query)
    g.read = Reading(entry, len(found.positions), "items")
    if form == CSV:
        text = "".join(csv_rows(entry.rendition, query, found.positions))
        response = replies.reply(text.encode(), "text/csv; charset=utf-8", tag)
        response.headers["Content-Disposition"] = f'inline; filename="{entry.layer}.csv"'
    elif form == HTML:
        response = replies.reply(views.items(entry, query, found, _links(entry, base, asked, query, found)),
                                 views.CONTENT_TYPE, tag)
    else:
        response = replies.reply(_collection_text(entry, base, asked, query, found), links.GEOJSON, tag)
    return with_crs(response, query.crs)


def one(entry: Entry, feature_id: str) -> Response:
    """One item (OGC 17-069, 7.16)."""
    asked = given()
    check_known(asked, ONE_PARAMETERS)
    form = chosen_form((JSON, HTML))
    system = crs.named(asked["crs"], "crs") if "crs" in asked else crs.CRS84
    position = entry.rendition.position(feature_id)
    if position is None:
        raise NotFound(f"There is no feature `{feature_id}` in {entry.layer}.")
    base = replies.base_url()
    tag = replies.etag(entry.rendition.id, base, form, system.uri, feature_id)
    unchanged = replies.not_modified(tag)
    if unchanged is not None:
        return with_crs(unchanged, system)
    g.read = Reading(entry, 1, "item")
    document = feature(entry.rendition, position, system)
    if system not in (crs.CRS84, crs.EPSG4326):
        document["crs"] = _crs_member(system)
    here = f"{base}/collections/{quote(entry.layer)}"
    address = f"{here}/items/{quote(feature_id, safe='')}"
    if "crs" in asked:
        address += f"?crs={quote(asked['crs'], safe=',:/')}"
    document["links"] = [*links.itself(address, links.GEOJSON),
                         links.link(here, "collection", links.JSON, entry.rendition.description.title)]
    if form == HTML:
        return with_crs(replies.reply(views.item(entry, position, document), views.CONTENT_TYPE, tag), system)
    return with_crs(replies.reply(orjson.dumps(document), links.GEOJSON, tag), system)


def with_crs(response: Response, system: crs.Crs) -> Response:
    """Say which reference system the coordinates are in (OGC 18-058r1, requirement 16)."""
    response.headers["Content-Crs"] = f"<{system.uri}>"
    return response


def _crs_member(system: crs.Crs) -> dict[str, Any]:
    # Dropped from GeoJSON in 2016; geopandas labels projected coordinates as longitudes without it.
    return {"type": "name", "properties": {"name": system.urn}}


def _links(entry: Entry, base: str, asked: dict[str, str], query: Query, found: Page) -> list[dict[str, Any]]:
    here = f"{base}/collections/{quote(entry.layer)}/items"
    return links.page_of_items(here, asked, query.offset, query.limit, found.matched)


def _collection_text(entry: Entry, base: str, asked: dict[str, str], query: Query, found: Page) -> bytes:
    """A FeatureCollection: its head, the features as they lie in the rendition, and a bracket."""
    head: dict[str, Any] = {
        "type": "FeatureCollection", "numberMatched": found.matched, "numberReturned": len(found.positions),
        "attribution": entry.rendition.description.attribution,
        "links": _links(entry, base, asked, query, found),
    }
    if query.crs not in (crs.CRS84, crs.EPSG4326):
        head["crs"] = _crs_member(query.crs)
    opening = orjson.dumps(head)[:-1] + b',"features":['
    return b"".join((opening, *texts(entry.rendition, query, found.positions), b"]}"))
