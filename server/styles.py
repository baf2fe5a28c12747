"""Styles on the wire (OGC 20-009): how a layer is drawn, for MapLibre, OpenLayers and QGIS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hantsmap import symbols
from hantsmap.catalogue import Entry
from hantsmap.tiles import BRITISH_NATIONAL_GRID, WEB_MERCATOR_QUAD
from server import links, views
from server.answer import Answer
from server.errors import NotFound
from server.items import entry
from server.links import BASE, JSON, MAPLIBRE
from server.negotiation import JSON as FORM
from server.swatch import swatch
from server.tilesets import scale, styles_of
from server.visit import Visit


def _maplibre(found: Entry) -> Any:
    tiles, description = found.rendition.tiles, found.rendition.description
    if tiles is None:
        raise NotFound(f"There is no such style of {found.layer}: it has no tiles.")
    return symbols.maplibre(description, {
        "tiles": [f"{BASE}/collections/{quote(found.layer)}/tiles/{WEB_MERCATOR_QUAD.id}/{{z}}/{{y}}/{{x}}"],
        **tiles.zooms[WEB_MERCATOR_QUAD.id], "attribution": description.attribution,
        **({"bounds": description.extent_crs84} if description.extent_crs84 else {})})


def _openlayers(found: Entry) -> Any:
    return symbols.openlayers(found.rendition.description)


STYLES: dict[str, tuple[str, str, Callable[[Entry], Any]]] = {
    "maplibre": ("For MapLibre, QGIS and ArcGIS: with where the tiles are", MAPLIBRE, _maplibre),
    "openlayers": ("For OpenLayers: rules of flat styles", JSON, _openlayers)}


def styles(visit: Visit, layer: str) -> Answer:
    """`/collections/{layer}/styles`."""
    found = _drawn(visit, layer)
    return views.answer(visit, "styles", JSON, lambda: _listed(found), version=found.rendition.id, entry=found,
                        extra=lambda: {"key": _key(found)})


def style(visit: Visit, layer: str, name: str) -> Answer:
    """`/collections/{layer}/styles/{style}`. Raises NotFound."""
    found = _drawn(visit, layer)
    if name not in styles_of(found):
        raise NotFound(f"There is no style `{name}` of {layer}. There are {', '.join(styles_of(found))}.")
    _, kind, make = STYLES[name]
    return views.answer(visit, f"style {name}", kind, lambda: make(found), version=found.rendition.id, forms=(FORM,))


def _drawn(visit: Visit, layer: str) -> Entry:
    found = entry(visit.catalogue, layer)
    if not styles_of(found):
        raise NotFound(f"There are no styles of {layer}: it is a table.")
    return found


def _key(found: Entry) -> list[dict[str, Any]]:
    """The key of the layer, with a picture of each symbol, and the scale that it is drawn from where there is one."""
    description = found.rendition.description
    drawn, kind = {each.code: each.symbol for each in symbols.classes(description)}, symbols.kind_of(description)
    return [{**each, "picture": swatch(kind, drawn[each["code"]], number),
             "from": round(scale(BRITISH_NATIONAL_GRID, zoom)) if (zoom := each["symbol"]["zoom"]) else None}
            for number, each in enumerate(symbols.key(description))]


def _listed(found: Entry) -> dict[str, Any]:
    here = f"{BASE}/collections/{quote(found.layer)}/styles"
    names = styles_of(found)
    return {"links": links.itself(here, JSON), "default": names[0], "styles": [
        {"id": name, "title": STYLES[name][0],
         "links": [links.link(f"{here}/{name}", "stylesheet", STYLES[name][1], STYLES[name][0])]} for name in names]}
