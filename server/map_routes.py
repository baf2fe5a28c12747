"""Routes of the map's own data."""

from __future__ import annotations

from flask import Blueprint

from server import map_data
from server.answer import Answer
from server.bridge import getter, visit

blueprint = Blueprint("map_data", __name__)
get = getter(blueprint)


@get("/map/layers.json")
def layers() -> Answer:
    return map_data.layers(visit())


@get("/map/names.json")
def names() -> Answer:
    return map_data.all_names(visit())


@get("/collections/<layer>/series")
def series(layer: str) -> Answer:
    return map_data.layer_series(visit(), layer)
