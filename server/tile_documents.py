"""The documents about tiles, as JSON and as pages: tile matrix sets, and tilesets of a layer or of several as one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hantsmap.catalogue import Entry
from hantsmap.tiles import MATRIX_SETS, WEB_MERCATOR_QUAD, MatrixSet
from server import tilesets, views
from server.answer import Answer
from server.links import BASE, JSON
from server.negotiation import HTML, chosen_form
from server.negotiation import JSON as FORM
from server.tiles import all_tiled, asked_for, matrix_of, tiled
from server.visit import Visit

TILEJSON = "tilejson"


def matrix_sets(visit: Visit) -> Answer:
    """`/tileMatrixSets`."""
    return views.answer(visit, "matrix_sets", JSON, tilesets.matrix_sets, version="")


def matrix_set(visit: Visit, name: str) -> Answer:
    """`/tileMatrixSets/{id}`."""
    matrix = matrix_of(name)
    return views.answer(visit, "matrix_set", JSON, lambda: tilesets.matrix_set(matrix), version=matrix.id)


def layer_tilesets(visit: Visit, layer: str) -> Answer:
    """`/collections/{layer}/tiles`."""
    found = tiled(visit, layer)
    return _tilesets(visit, f"/collections/{quote(layer)}/tiles", {layer: found}, found.rendition.description.title,
                     found.rendition.id, found)


def dataset_tilesets(visit: Visit) -> Answer:
    """`/tiles`."""
    return _tilesets(visit, "/tiles", all_tiled(visit), visit.served.site.title, visit.catalogue.version, None)


def _tilesets(visit: Visit, here: str, entries: Mapping[str, Entry], title: str, version: str, one: Entry | None
              ) -> Answer:
    return views.answer(visit, "tilesets", JSON, lambda: tilesets.tilesets(here, entries.values(), title),
                        version=version, entry=one, extra=lambda: {
                            "sets": [_shown(visit, here, entries, matrix) for matrix in MATRIX_SETS.values()],
                            "titles": {layer: found.rendition.description.title for layer, found in entries.items()}})


def layer_tileset(visit: Visit, layer: str, matrix: str) -> Answer:
    """`/collections/{layer}/tiles/{matrix set}`."""
    found = tiled(visit, layer)
    return _tileset(visit, f"/collections/{quote(layer)}/tiles", {layer: found}, matrix,
                    found.rendition.description.title, found)


def dataset_tileset(visit: Visit, matrix: str) -> Answer:
    """`/tiles/{matrix set}`: all layers that have tiles, or those of `collections`."""
    entries = {found.layer: found for found in asked_for(visit, None)}
    return _tileset(visit, "/tiles", entries, matrix, visit.served.site.title, None)


def _tileset(visit: Visit, here: str, entries: Mapping[str, Entry], name: str, title: str, one: Entry | None
             ) -> Answer:
    matrix, forms = matrix_of(name), (FORM, HTML, TILEJSON)
    known = ("f",) if one else ("f", "collections")
    # What was asked for stays in the document's own address: without it, that would be another document's.
    named = visit.request.first("collections") if one is None else None
    narrowed = f"?collections={quote(named, safe=',')}" if named is not None else ""
    version = "-".join([narrowed, *(found.rendition.id for found in entries.values())])
    if chosen_form(visit.request, forms) == TILEJSON:
        return views.answer(visit, f"tilejson {matrix.id}", JSON, lambda: tilesets.tilejson(
            here, entries, matrix, title), version=version, known=known, forms=forms)
    return views.answer(
        visit, "tileset", JSON, lambda: tilesets.tileset(here, entries, matrix, title, narrowed),
        version=f"{matrix.id} {version}", entry=one, known=known, forms=forms,
        extra=lambda: {"tileset": _shown(visit, here, entries, matrix)})


def _shown(visit: Visit, here: str, entries: Mapping[str, Entry], matrix: MatrixSet) -> dict[str, Any]:
    """What a person has to know of a tileset to use it: its address for programs, zooms and scales, and bounds."""
    told = tilesets.tilejson(here, entries, matrix, "")
    first, last = told["minzoom"], told["maxzoom"]
    return {"id": matrix.id, "title": matrix.title, "crs": matrix.system.uri, "href": f"{visit.base}{here}/{matrix.id}",
            "url": told["tiles"][0].replace(BASE, visit.base), "first": first, "last": last,
            "scales": {str(zoom): round(tilesets.scale(matrix, zoom)) for zoom in range(first, last + 1)},
            "cells": {str(zoom): f"{matrix.cell_size(zoom):,.6g}" for zoom in range(first, last + 1)},
            "bounds": told.get("bounds"), "true": _true(matrix, told.get("bounds")),
            "in_qgis": matrix is WEB_MERCATOR_QUAD}


def _true(matrix: MatrixSet, bounds: tuple[float, float, float, float] | None) -> str | None:
    """How long a metre of Web Mercator is on the ground, in the middle of these bounds; None where that is a metre."""
    if matrix is not WEB_MERCATOR_QUAD or bounds is None:
        return None
    return f"{math.cos(math.radians((bounds[1] + bounds[3]) / 2)):.2f}"
