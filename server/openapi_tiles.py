"""What the OpenAPI document says of tiles and styles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hantsmap.catalogue import Entry
from hantsmap.tiles import MATRIX_SETS
from server.links import HTML, JSON, MAPLIBRE, MVT

Json = dict[str, Any]
# Makes the path of a document for programs: summary, description, tag, parameters.
Told = Callable[..., Json]


def dataset_paths(told: Told) -> dict[str, Json]:
    """Paths of the tile matrix sets, and of tiles of several layers as one."""
    which = {"name": "collections", "in": "query", "required": False, "schema": {"type": "string"},
             "description": "Which layers, separated by commas; all that have tiles, if left out."}
    return {
        "/tileMatrixSets": _paged(told("Tile matrix sets", "How tiles are cut")),
        "/tileMatrixSets/{tileMatrixSetId}": _paged(told(
            "A tile matrix set", "Where its tiles are", None, [_matrix()])),
        "/tiles": _paged(told("Tilesets of all layers", "Tiles of all layers")),
        "/tiles/{tileMatrixSetId}": _paged(told("A tileset", "Tiles of several layers as one", None, [
            _matrix(), which]), "tilejson"),
        "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": _tile(told(
            "A tile", "A tile of several layers", None, [*_place(), which]))}


def layer_paths(layer: str, entry: Entry, styles: tuple[str, ...], told: Told) -> dict[str, Json]:
    """Paths of a layer's tiles and styles, as far as there are any."""
    here, title = f"/collections/{quote(layer)}", entry.rendition.description.title
    paths: dict[str, Json] = {}
    if entry.rendition.tiles is not None:
        paths = {
            f"{here}/tiles": _paged(told(f"{title}: tilesets", "Tiles of the layer", layer)),
            f"{here}/tiles/{{tileMatrixSetId}}": _paged(told(
                f"{title}: a tileset", "Which tiles there are", layer, [_matrix()]), "tilejson"),
            f"{here}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _tile(told(
                f"{title}: a tile", "A tile of the layer", layer, _place()))}
    if styles:
        name = {"name": "styleId", "in": "path", "required": True, "description": "The style.",
                "schema": {"type": "string", "enum": list(styles)}}
        paths[f"{here}/styles"] = _paged(told(f"{title}: styles", "How the layer is drawn", layer))
        one = paths[f"{here}/styles/{{styleId}}"] = told(f"{title}: a style", "How the layer is drawn", layer, [name])
        anything: Json = {"schema": {}}
        one["get"]["responses"]["200"]["content"] = {JSON: anything, MAPLIBRE: anything}
    return paths


def _matrix() -> Json:
    return {"name": "tileMatrixSetId", "in": "path", "required": True, "description": "The tile matrix set.",
            "schema": {"type": "string", "enum": list(MATRIX_SETS)}}


def _place() -> list[Json]:
    said = {"tileMatrix": "The zoom.", "tileRow": "The row, from the north.", "tileCol": "The column, from the west."}
    return [_matrix(), *({"name": name, "in": "path", "required": True, "description": words,
                          "schema": {"type": "integer", "minimum": 0}} for name, words in said.items())]


def _paged(path: Json, *more: str) -> Json:
    """The path of a document that is a page too, and may have more forms as JSON."""
    form = next(each for each in path["get"]["parameters"] if each["name"] == "f")
    form["schema"] = {"type": "string", "enum": ["json", "html", *more]}
    path["get"]["responses"]["200"]["content"][HTML] = {"schema": {"type": "string"}}
    return path


def _tile(path: Json) -> Json:
    operation = path["get"]
    operation["parameters"].append({
        "name": "v", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "The version of the tiles, as `/map/layers.json` has it (of several layers, with `-` between): "
                       "the address is another after a publication. The tile is always that of now."})
    form = next(each for each in operation["parameters"] if each["name"] == "f")
    form["schema"] = {"type": "string", "enum": ["mvt"]}
    operation["responses"]["200"]["content"] = {MVT: {"schema": {"type": "string", "format": "binary"}}}
    operation["responses"]["204"] = {"description": "Nothing is drawn there"}
    return path
