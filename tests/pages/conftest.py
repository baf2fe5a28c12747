"""Samples: what the server would pass to the pages, for four layers (streets, paths, an empty layer, a table)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from hantsmap.symbology import Symbol
from hantsmap.tiles import BRITISH_NATIONAL_GRID
from server.pages import item_href, item_title, render
from server.sketch import sketch
from server.swatch import swatch
from server.tilesets import matrix_set, matrix_sets

Context = dict[str, Any]

SAMPLES = Path(__file__).parent / "samples"
BASE = "http://127.0.0.1:8000"
LAYERS = ("streets", "rights_of_way", "winter_sites", "forecasts")
OF_A_LAYER = ("collection", "downloads", "items", "item", "queryables", "schema")
OF_THE_SITE = ("landing", "collections", "conformance", "api", "error", "privacy", "accessibility",
               "attributions", "matrix_sets", "matrix_set", "tilesets", "tileset", "styles")
KINDS = {"integer": "integer", "number": "number", "boolean": "boolean", "strings": "array", "object": "object"}
TILESET: Context = {
    "id": "WebMercatorQuad", "title": "For the world", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
    "href": f"{BASE}/tiles/WebMercatorQuad",
    "url": f"{BASE}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?collections=streets",
    "first": 7, "last": 8, "scales": {"7": 4_367_830, "8": 2_183_915}, "cells": {"7": "1,222.99", "8": "611.496"},
    "bounds": (-1.2, 50.7, -1.0, 50.8), "true": "0.63", "in_qgis": True}
DISTRICT = shapely.Polygon([(436000, 108000), (452000, 109500), (451000, 121000), (438500, 119000)])


def sample(name: str) -> Any:
    """A hand-written sample, afresh."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def drawn(layer: Mapping[str, Any], features: list[Any]) -> str | None:
    """The sketch of these features, as the server asks for it."""
    if layer["geometry"] == "none" or not features:
        return None
    return sketch(
        [shape(each["geometry"]) if each["geometry"] else None for each in features],
        hrefs=[item_href(BASE, layer["id"], each["id"]) if len(features) > 1 else None for each in features],
        labels=[item_title(each, layer) for each in features], context=[DISTRICT], title=f"Map of {layer['title']}",
    )


def _schema(layer: Mapping[str, Any]) -> Context:
    shown = {name: {"title": field["title"], "type": KINDS.get(field["type"], "string")}
             for name, field in layer["fields"].items()}
    if layer["geometry"] != "none":
        shown["geometry"] = {"format": f"geometry-{layer['geometry'].lower()}", "x-ogc-role": "primary-geometry"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": shown}


def _manifest(layer: Mapping[str, Any]) -> Context:
    made = {"bytes": 12_345, "sha256": "0" * 64, "generated_at": "2026-11-22T09:00:00Z"}
    files = [{"name": f"{layer['id']}-27700-2026-11-22.{end}", "title": end, "href": f"{BASE}/{layer['id']}.{end}",
              "crs": None if layer["geometry"] == "none" else "http://www.opengis.net/def/crs/EPSG/0/27700",
              **(made if end == "gpkg" else dict.fromkeys(made))} for end in ("gpkg", "csv")]
    return {"files": files, "sequence": 3, "updated": "2026-11-22T09:00:00Z"}


def layer_context(page: str, name: str) -> Context:
    """Context of a page about a layer."""
    told = sample(name)
    layer, document = told["layer"], told["document"]
    at = f"{BASE}/collections/{name}"
    context = _site(layer=layer, alternates=[
        {"href": f"{at}/items?f=json", "type": "application/geo+json", "title": "GeoJSON"},
        {"href": f"{at}/items?f=csv", "type": "text/csv", "title": "Table (CSV)"},
    ])
    if page == "item":
        bare = {"type": "Feature", "id": "b1", "geometry": None, "properties": {"bin": "b1"}}
        first = (document["features"] or [bare])[0]
        return {**context, "document": first, "sketch": drawn(layer, [first])}
    if page == "items":
        return {**context, "document": document, "sketch": drawn(layer, document["features"])}
    if page == "downloads":
        return {**context, "document": _manifest(layer)}
    if page == "collection":
        return {**context, "document": {"id": name, "title": layer["title"], "links": []},
                "sketch": drawn(layer, document["features"])}
    return {**context, "document": _schema(layer)}


def site_context(page: str) -> Context:
    """Context of a page about the whole site."""
    layers = [sample(name)["layer"] for name in LAYERS]
    listed = [{"id": each["id"], "title": each["title"], "description": each["description"]} for each in layers]
    documents: dict[str, Any] = {
        "landing": {"title": "HantsMap", "description": "Maps of Hampshire for everyone.", "links": []},
        "collections": {"collections": listed, "links": []},
        "conformance": {"conformsTo": ["http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
                                       "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text"]},
        "api": sample("openapi"),
        "privacy": {"background": None},
        "attributions": {"background": {"attribution": "© Mapmaker & Sons"}, "sources": [
            {"attribution": "© Hampshire <County> Council 2026", "layers": listed, "licence": {
                "title": "Open Government Licence v3.0", "url": "https://www.nationalarchives.gov.uk/"}}]},
        "matrix_sets": matrix_sets(),
        "matrix_set": matrix_set(BRITISH_NATIONAL_GRID),
        "tilesets": {"tilesets": [{"title": "Streets"}]},
        "tileset": {"crs": TILESET["crs"], "attribution": "© Hampshire <County> Council 2026", "layers": [
            {"id": "streets", "title": "Streets & <lanes>", "minTileMatrix": "7", "maxTileMatrix": "8",
             "propertiesSchema": {"properties": {"id": {}, "state": {}}}}], "boundingBox": {
                 "lowerLeft": [-134_052.2, 6_584_177.1], "upperRight": [-115_787.4, 6_598_016.9]},
             "tileMatrixSetLimits": [{"tileMatrix": "7", "minTileRow": 1, "maxTileRow": 2, "minTileCol": 3,
                                      "maxTileCol": 4}]},
        "styles": {"styles": [{"id": "maplibre", "title": "For MapLibre", "links": [{"href": f"{BASE}/styles/a"}]},
                              {"id": "openlayers", "title": "Rules", "links": [{"href": f"{BASE}/styles/b"}]}]},
        "error": {"type": "about:blank", "title": "Page not found", "status": 404,
                  "detail": "Check the address. The layer or feature may have a new name."},
    }
    context = _site(collections=listed, reviewed="2026-11-22", contact="maps@example.org", document=documents.get(page))
    about = {"tileset": TILESET, "sets": [TILESET], "titles": {"streets": "Streets & <lanes>"}, "key": _key()}
    return {**context, **about, "layer": layers[0]} if page in ("api", "styles") else {**context, **about}


def _key() -> list[Context]:
    """A class of each kind of symbol."""
    symbols = {"line": Symbol(colour="#23822f", width=2, dash=(8, 3), casing="#ffffff"),
               "point": Symbol(colour="#000000", fill="#c8102e", marker="star", letter="<", size=14, width=1),
               "fill": Symbol(colour="#23822f", fill="#cfe8c0", opacity=0.3, hatch="dots", width=1)}
    return [{"label": f"A <{kind}>", "code": "A&B", "words": "green", "from": 25_000 if number else None,
             "picture": swatch(kind, symbol, number)}  # type: ignore[arg-type]
            for number, (kind, symbol) in enumerate(symbols.items())]


def _site(**more: Any) -> Context:
    return {"base": BASE, "title": "HantsMap", "notice": "Synthetic county: the data here is invented.", **more}


@pytest.fixture(params=[*OF_THE_SITE, *(f"{page}-{name}" for page in OF_A_LAYER for name in LAYERS)])
def any_page(request: pytest.FixtureRequest) -> str:
    """Each page of each sample, as HTML."""
    page, _, name = request.param.partition("-")
    return render(page, **(layer_context(page, name) if name else site_context(page)))


@pytest.fixture
def page_of() -> Callable[..., str]:
    """Renders one page of one sample; `change` may alter its context first."""

    def make(page: str, name: str = "", change: Callable[[Context], None] | None = None) -> str:
        context = deepcopy(layer_context(page, name) if name else site_context(page))
        if change:
            change(context)
        return render(page, **context)

    return make
