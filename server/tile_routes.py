"""Routes of OGC API Tiles and Styles."""

from __future__ import annotations

from flask import Blueprint

from server import styles, tile_documents, tiles
from server.answer import Answer
from server.bridge import getter, visit
from server.tiles import Place

blueprint = Blueprint("tiles", __name__)
get = getter(blueprint)


@get("/tileMatrixSets")
def matrix_sets() -> Answer:
    return tile_documents.matrix_sets(visit())


@get("/tileMatrixSets/<matrix>")
def matrix_set(matrix: str) -> Answer:
    return tile_documents.matrix_set(visit(), matrix)


@get("/tiles")
def dataset_tilesets() -> Answer:
    return tile_documents.dataset_tilesets(visit())


@get("/tiles/<matrix>")
def dataset_tileset(matrix: str) -> Answer:
    return tile_documents.dataset_tileset(visit(), matrix)


@get("/tiles/<matrix>/<zoom>/<row>/<column>")
def dataset_tile(matrix: str, zoom: str, row: str, column: str) -> Answer:
    return tiles.answer(visit(), Place(None, matrix, zoom, row, column))


@get("/collections/<layer>/tiles")
def layer_tilesets(layer: str) -> Answer:
    return tile_documents.layer_tilesets(visit(), layer)


@get("/collections/<layer>/tiles/<matrix>")
def layer_tileset(layer: str, matrix: str) -> Answer:
    return tile_documents.layer_tileset(visit(), layer, matrix)


@get("/collections/<layer>/tiles/<matrix>/<zoom>/<row>/<column>")
def layer_tile(layer: str, matrix: str, zoom: str, row: str, column: str) -> Answer:
    return tiles.answer(visit(), Place(layer, matrix, zoom, row, column))


@get("/collections/<layer>/styles")
def layer_styles(layer: str) -> Answer:
    return styles.styles(visit(), layer)


@get("/collections/<layer>/styles/<style>")
def layer_style(layer: str, style: str) -> Answer:
    return styles.style(visit(), layer, style)
