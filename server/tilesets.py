"""What documents say of tiles: tile matrix sets, tilesets (OGC 17-083r4, OGC 20-057) and TileJSON 3.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import numpy as np

from hantsmap import crs
from hantsmap.catalogue import Entry
from hantsmap.tiles import MATRIX_SETS, WEB_MERCATOR_QUAD, Box, Limits, MatrixSet, Tiles
from server import links
from server.links import BASE, JSON, MVT
from server.schemas import json_schema

Json = dict[str, Any]
SCHEME_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
# OGC's pixel (0.28 mm), by which a scale is told.
PIXEL = 0.00028
DIMENSIONS = {"Point": 0, "MultiPoint": 0, "LineString": 1, "MultiLineString": 1}


def styles_of(entry: Entry) -> tuple[str, ...]:
    """Names of the styles of a layer: none of a table, and MapLibre's only with tiles that it can name."""
    if entry.rendition.geometry_type == "none":
        return ()
    return ("maplibre", "openlayers") if entry.rendition.tiles is not None else ("openlayers",)


def links_of(entry: Entry) -> list[Json]:
    """From a collection to its tiles and styles, as far as there are any."""
    here = f"{BASE}/collections/{quote(entry.layer)}"
    tiles = links.link(f"{here}/tiles", links.TILES_REL, JSON, "The layer as vector tiles")
    styles = links.link(f"{here}/styles", links.STYLES_REL, JSON, "How the layer is drawn")
    return [*([tiles] if entry.rendition.tiles is not None else []), *([styles] if styles_of(entry) else [])]


def matrix_sets() -> Json:
    """All tile matrix sets."""
    return {"links": links.itself(f"{BASE}/tileMatrixSets", JSON),
            "tileMatrixSets": [{"id": each.id, "title": each.title, **_uri(each), "crs": each.system.uri,
                                "links": [_matrix_link(each, "self")]} for each in MATRIX_SETS.values()]}


def matrix_set(matrix: MatrixSet) -> Json:
    """A tile matrix set (OGC 17-083r4, 7): where each matrix begins, and its tiles."""
    matrices = [{
        "id": str(zoom), "cellSize": matrix.cell_size(zoom), "scaleDenominator": scale(matrix, zoom),
        "cornerOfOrigin": "topLeft", "pointOfOrigin": list(matrix.corner), "tileWidth": 256, "tileHeight": 256,
        "matrixWidth": matrix.columns << zoom, "matrixHeight": matrix.rows << zoom} for zoom in range(matrix.zooms)]
    return {"id": matrix.id, "title": matrix.title, **_uri(matrix), "crs": matrix.system.uri,
            "orderedAxes": ["E", "N"] if matrix.deeper else ["X", "Y"],
            "links": links.itself(f"{BASE}/tileMatrixSets/{matrix.id}", JSON),
            "tileMatrices": matrices}


def scale(matrix: MatrixSet, zoom: int) -> float:
    """The denominator of the scale at a zoom, on a screen of OGC's pixels."""
    return matrix.cell_size(zoom) / PIXEL


def _uri(matrix: MatrixSet) -> Json:
    return {"uri": matrix.uri} if matrix.uri else {}


def _matrix_link(matrix: MatrixSet, rel: str) -> Json:
    return links.link(f"{BASE}/tileMatrixSets/{matrix.id}", rel, JSON, matrix.title)


def tilesets(here: str, entries: Iterable[Entry], title: str) -> Json:
    """The list of tilesets of a layer, or of several as one: one for each tile matrix set."""
    layers = list(entries)
    return {"links": links.itself(f"{BASE}{here}", JSON), "tilesets": [
        {"title": f"{title} ({matrix.title})", "dataType": "vector", "crs": matrix.system.uri,
         **({"tileMatrixSetURI": matrix.uri} if matrix.uri else {}),
         "links": [links.link(f"{BASE}{here}/{matrix.id}", "self", JSON, title), _matrix_link(matrix, SCHEME_REL)]}
        for matrix in MATRIX_SETS.values()] if layers else []}


def tileset(here: str, entries: Mapping[str, Entry], matrix: MatrixSet, title: str, narrowed: str = "") -> Json:
    """A tileset: its layers with their fields, and which tiles there are (OGC 17-083r4, 8).

    `narrowed` is the query that chose the layers, if one did.
    """
    first, last = zooms_of(entries.values(), matrix)
    box = _box(_extents(entries.values(), matrix), matrix)
    address = f"{BASE}{here}/{matrix.id}"
    whole = "?collections=" + quote(",".join(entries), safe=",") if here == "/tiles" else ""
    document: Json = {
        "title": title, "dataType": "vector", "crs": matrix.system.uri,
        **({"tileMatrixSetURI": matrix.uri} if matrix.uri else {}),
        "attribution": "; ".join(dict.fromkeys(
            entry.rendition.description.attribution for entry in entries.values())),
        "links": [
            *links.itself(f"{address}{narrowed}", JSON, (("html", links.HTML, "This page as HTML"),
                                                         ("tilejson", JSON, "This tileset as TileJSON"))),
            _matrix_link(matrix, SCHEME_REL),
            {**links.link(f"{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{whole}", "item", MVT, "The tiles"),
             "templated": True}],
        "tileMatrixSetLimits": [_limits(matrix, zoom, box) for zoom in range(first, last + 1)] if box else [],
        "layers": [_layer(entry, matrix) for entry in entries.values()]}
    if box:
        document["boundingBox"] = {"lowerLeft": list(box[:2]), "upperRight": list(box[2:]), "crs": matrix.system.uri}
    return document


def tilejson(here: str, entries: Mapping[str, Entry], matrix: MatrixSet, title: str) -> Json:
    """TileJSON 3.0. Of the National Grid, `{z}` counts from 896 m to a pixel, which few readers know of."""
    first, last = zooms_of(entries.values(), matrix)
    boxes = [box for entry in entries.values() if (box := entry.rendition.description.extent_crs84)]
    whole = "?collections=" + quote(",".join(entries), safe=",") if here == "/tiles" else ""
    said = dict.fromkeys(entry.rendition.description.attribution for entry in entries.values())
    return {"tilejson": "3.0.0", "name": title, "scheme": "xyz", "attribution": "; ".join(said),
            "tiles": [f"{BASE}{here}/{matrix.id}/{{z}}/{{y}}/{{x}}{whole}"], "minzoom": first, "maxzoom": last,
            **({"bounds": _union(boxes)} if boxes else {}),
            **({"crs": matrix.system.name} if matrix is not WEB_MERCATOR_QUAD else {}),
            "vector_layers": [{
                "id": layer, "description": entry.rendition.description.title,
                "minzoom": tiles_of(entry).zooms[matrix.id]["minzoom"],
                "maxzoom": tiles_of(entry).zooms[matrix.id]["maxzoom"],
                "fields": {name: entry.rendition.fields[name].title for name in _carried(entry)}}
                for layer, entry in entries.items()]}


def tiles_of(entry: Entry) -> Tiles:
    """The tiles of an entry that has some."""
    tiles = entry.rendition.tiles
    if tiles is None:
        raise LookupError(entry.layer)
    return tiles


def _carried(entry: Entry) -> tuple[str, ...]:
    declared = entry.rendition.description.tiles
    return declared.fields or () if declared else ()


def _layer(entry: Entry, matrix: MatrixSet) -> Json:
    description, zooms = entry.rendition.description, tiles_of(entry).zooms[matrix.id]
    whole = str(entry.rendition.ids.type).startswith("int")
    properties: Json = {"id": {"type": "integer" if whole else "string", "title": "Id of the feature"}}
    for name in _carried(entry):
        schema = json_schema(description.fields[name], description.code_lists.get(description.fields[name].codes or ""))
        properties[name] = schema
    return {"id": entry.layer, "title": description.title, "dataType": "vector",
            "geometryDimension": DIMENSIONS.get(description.geometry, 2), "minTileMatrix": str(zooms["minzoom"]),
            "maxTileMatrix": str(zooms["maxzoom"]), "propertiesSchema": {"type": "object", "properties": properties}}


def limits_of(entries: Iterable[Entry], matrix: MatrixSet, zoom: int) -> Limits | None:
    """The tiles that layers have together at a zoom; None where no layer has a feature with a place."""
    box = _box(_extents(entries, matrix), matrix)
    return matrix.limits(zoom, box) if box else None


def zooms_of(entries: Iterable[Entry], matrix: MatrixSet) -> tuple[int, int]:
    """The first and the last zoom of the tiles that layers have together."""
    zooms = [tiles_of(entry).zooms[matrix.id] for entry in entries]
    # Where one layer ends, tiles of several layers do.
    return (min((each["minzoom"] for each in zooms), default=0),
            min((each["maxzoom"] for each in zooms), default=matrix.last))


def _extents(entries: Iterable[Entry], matrix: MatrixSet) -> tuple[Box, ...]:
    """Extents of the layers that have any: in degrees for Web Mercator, else in metres of the National Grid."""
    told = [entry.rendition.description for entry in entries]
    found = [each.extent_crs84 if matrix is WEB_MERCATOR_QUAD else each.extent for each in told]
    return tuple(each for each in found if each)


@lru_cache(256)
def _box(extents: tuple[Box, ...], matrix: MatrixSet) -> Box | None:
    """Bounds of several extents in the matrix set's own reference system."""
    if not extents:
        return None
    west, south, east, north = _union(extents)
    if matrix is not WEB_MERCATOR_QUAD:
        return west, south, east, north
    (left, right), (bottom, top) = crs.mercator(np.array([west, east]), np.array([south, north]))
    return float(left), float(bottom), float(right), float(top)


def _union(boxes: Iterable[Box]) -> Box:
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _limits(matrix: MatrixSet, zoom: int, box: Box) -> Json:
    limits = matrix.limits(zoom, box)
    return {"tileMatrix": str(zoom), "minTileRow": limits.first_row, "maxTileRow": limits.last_row,
            "minTileCol": limits.first_column, "maxTileCol": limits.last_column}
