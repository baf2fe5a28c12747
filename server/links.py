"""Links between resources. Each leads to something that is there, with its full address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

JSON, GEOJSON, HTML, CSV = "application/json", "application/geo+json", "text/html", "text/csv"
NDJSON = "application/x-ndjson"
MVT, MAPLIBRE = "application/vnd.mapbox-vector-tile", "application/vnd.mapbox.style+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
# Stands for the address of the service in every document; the real one is put in when an answer goes out.
BASE = "http://base.hantsmap.invalid"
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
TILES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
STYLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/styles"
SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


# Relation and place (offset, version, after) of the pages beside one.
Neighbours = list[tuple[str, dict[str, str]]]
PAGES = {"next": "The next page", "prev": "The page before"}


def link(href: str, rel: str, kind: str, title: str) -> dict[str, Any]:
    """One link."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def itself(href: str, kind: str, others: tuple[tuple[str, str, str], ...] = (("html", HTML, "This page as HTML"),)
           ) -> list[dict[str, Any]]:
    """`self`, and `alternate` for each (f, media type, title) of the same resource in another form."""
    joint = "&" if "?" in href else "?"
    return [link(href, "self", kind, "This document"),
            *(link(f"{href}{joint}f={form}", "alternate", other, title) for form, other, title in others)]


def landing(base: str) -> list[dict[str, Any]]:
    """Where a client begins: description, conformance, data. No query strings: QGIS appends its own."""
    return [
        *itself(f"{base}/", JSON),
        link(f"{base}/openapi", "service-desc", OPENAPI, "What can be asked here, for programs (OpenAPI 3.0)"),
        link(f"{base}/openapi?f=html", "service-doc", HTML, "What can be asked here, for people"),
        link(f"{base}/conformance", "conformance", JSON, "Which standards are kept here"),
        link(f"{base}/collections", "data", JSON, "The layers"),
        link(f"{base}/tiles", TILES_REL, JSON, "The layers as vector tiles"),
        link(f"{base}/tileMatrixSets", SCHEMES_REL, JSON, "The tile matrix sets"),
    ]


def to_accept(base: str, waiting: int) -> list[dict[str, Any]]:
    """To the licences that an organisation has yet to accept, where layers wait for it."""
    layers = "1 more layer opens" if waiting == 1 else f"{waiting:,} more layers open"
    said = f"{layers} when your organisation has accepted a licence"
    return [link(f"{base}/licence", "license", HTML, said)] if waiting else []


def collection(base: str, layer: str, licence: tuple[str, str], sequence: int | None = None,
               files: Sequence[tuple[str, str, str]] = ()) -> list[dict[str, Any]]:
    """From a collection to all that there is of it.

    `licence` is (title, address); without a `sequence`, there are no changes; `files` are (end of the name, media type,
    title) of what can be downloaded.
    """
    here = f"{base}/collections/{quote(layer)}"
    # RFC 5829 has this relation for what has become of a resource, state by state.
    changes = [link(f"{here}/changes?since={sequence}", "version-history", NDJSON, "What changes from now on")]
    manifest = link(f"{here}/downloads", "related", JSON, "The files of the whole layer, with their digests")
    return [
        *itself(here, JSON),
        link(f"{here}/items", "items", GEOJSON, "The features as GeoJSON"),
        link(f"{here}/items?f=html", "items", HTML, "The features as a page"),
        link(f"{here}/items?f=csv", "items", CSV, "The features as CSV"),
        link(f"{here}/schema", SCHEMA_REL, SCHEMA, "The properties, with types and codes"),
        link(f"{here}/queryables", QUERYABLES_REL, SCHEMA, "The properties that a filter can name"),
        *(changes if sequence is not None else ()),
        *([manifest] if files else []),
        *(link(f"{here}/downloads/{quote(layer)}.{end}", "enclosure", kind, title) for end, kind, title in files),
        link(licence[1], "license", HTML, licence[0]),
        link(f"{base}/", "root", JSON, "The landing page"),
    ]


def item_links(here: str, given: dict[str, str], neighbours: Neighbours) -> list[dict[str, Any]]:
    """Links of one page of items of the collection at `here`: this page, its other forms, next and prev, each with
    every parameter that was given; the collection, and the properties that a filter can name."""
    items = f"{here}/items"
    found = [
        link(_with(items, given), "self", GEOJSON, "This page"),
        link(_with(items, given, f="html"), "alternate", HTML, "This page as HTML"),
        link(_with(items, given, f="csv"), "alternate", CSV, "This page as CSV"),
        *_beside(here)]
    return found + [link(_with(items, _elsewhere(given, place)), rel, GEOJSON, PAGES[rel]) for rel, place in neighbours]


def search_links(here: str, given: dict[str, str], neighbours: Neighbours) -> list[dict[str, Any]]:
    """Links of one page of a search: the same body is posted to each that has `method`. `given` is the address's."""
    search = f"{here}/search"
    found = [(given, "self", GEOJSON, "This page"),
             ({**given, "f": "csv"}, "alternate", CSV, "This page as CSV"),
             *((_elsewhere(given, place), rel, GEOJSON, f"{PAGES[rel]}: post the same body to it")
               for rel, place in neighbours)]
    return [*({**link(_with(search, asked), rel, kind, title), "method": "POST"} for asked, rel, kind, title in found),
            *_beside(here)]


def _with(address: str, given: dict[str, str], **changed: str) -> str:
    # Commas and colons stand for themselves in a query: addresses stay readable.
    asked = [f"{quote(name, safe=',:/')}={quote(value, safe=',:/')}" for name, value in {**given, **changed}.items()]
    return f"{address}?{'&'.join(asked)}" if asked else address


def _beside(here: str) -> list[dict[str, Any]]:
    return [link(here, "collection", JSON, "The layer"),
            link(f"{here}/queryables", QUERYABLES_REL, SCHEMA, "The properties that a filter can name")]


def _elsewhere(given: dict[str, str], place: dict[str, str]) -> dict[str, str]:
    """The parameters that were given, with another place among the pages."""
    return {**{name: value for name, value in given.items() if name not in ("version", "after")}, **place}
