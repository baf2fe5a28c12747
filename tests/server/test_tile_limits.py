"""The limits of tile sets: which tiles there are, and how their addresses are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pmtiles.reader import MmapSource, all_tiles
from questions import BROWSER

from hantsmap.rendition import Rendition
from hantsmap.store import Store
from hantsmap.tiles import MATRIX_SETS
from hantsmap.tiles.making import archive_name

MATRICES = tuple(MATRIX_SETS)


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("layer", ["schools", "street_segments", "parishes"])
def test_tiles_outside_the_limits_are_not_there(client: FlaskClient, layer: str, matrix: str) -> None:
    """Every tile of a layer is within the limits that its tile set states; one beyond each edge, and each zoom before
    the first, is 404 with a sentence, alone and in a tile of several layers."""
    here = f"/collections/{layer}/tiles/{matrix}"
    limits = client.get(here).get_json()["tileMatrixSetLimits"]
    for each in limits[:3] + limits[-1:]:
        zoom, top, bottom, left, right = (int(each[name]) for name in (
            "tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol"))
        for row, column in ((top, left), (bottom, right)):
            assert client.get(f"{here}/{zoom}/{row}/{column}").status_code in (200, 204)
        for row, column in ((top - 1, left), (bottom + 1, right), (top, left - 1), (bottom, right + 1)):
            place = f"{matrix}/{zoom}/{row}/{column}"
            for address in (f"/collections/{layer}/tiles/{place}", f"/tiles/{place}?collections={layer}"):
                answer = client.get(address)
                assert answer.status_code == 404 and len(answer.get_json()["detail"]) > 20, address
    first = int(limits[0]["tileMatrix"])
    assert all(client.get(f"{here}/{zoom}/0/0").status_code == 404 for zoom in range(first))


@pytest.mark.parametrize("matrix", MATRICES)
def test_every_tile_that_was_made_is_within_the_limits(client: FlaskClient, county_store: Path, matrix: str) -> None:
    """Read from the archives themselves, of all layers: no tile is left out by the limits."""
    store, count = Store(county_store), 0
    for layer in ("schools", "streets", "parishes", "designations", "rights_of_way"):
        current = store.current(layer)
        assert current is not None
        rendition = Rendition(store.rendition(layer, current.renditions["public"]))
        told = {int(each["tileMatrix"]): each for each in client.get(
            f"/collections/{layer}/tiles/{matrix}").get_json()["tileMatrixSetLimits"]}
        deeper = MATRIX_SETS[matrix].deeper
        with (rendition.folder / archive_name(matrix)).open("rb") as file:
            for (zoom, column, row), _ in all_tiles(MmapSource(file)):
                each = told[zoom - deeper]
                assert each["minTileRow"] <= row <= each["maxTileRow"], (layer, zoom, row)
                assert each["minTileCol"] <= column <= each["maxTileCol"], (layer, zoom, column)
                count += 1
    assert count > 100


def test_lists_of_tile_sets_name_the_tile_matrix_set(client: FlaskClient) -> None:
    """Each tile set in a list has the URI of its tile matrix set, where that has one (OGC 17-083r4)."""
    for address in ("/tiles", "/collections/schools/tiles"):
        told = {each["links"][0]["href"].rsplit("/", 1)[1]: each.get("tileMatrixSetURI")
                for each in client.get(address).get_json()["tilesets"]}
        assert told == {"WebMercatorQuad": "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
                        "BritishNationalGrid": None}


def test_addresses_of_tiles_have_plain_braces(client: FlaskClient) -> None:
    """QGIS puts numbers for {z}, {y} and {x} as they stand: no document or page writes them with %7B."""
    written = 0
    for address in ("/tiles", "/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad?collections=schools,wards",
                    "/tiles/WebMercatorQuad?f=tilejson&collections=schools,wards", "/collections/schools",
                    "/collections/schools/tiles", "/collections/schools/tiles/WebMercatorQuad", "/openapi",
                    "/collections/schools/tiles/WebMercatorQuad?f=tilejson", "/collections/schools/styles/maplibre",
                    "/tiles/BritishNationalGrid", "/collections/schools/tiles/BritishNationalGrid?f=tilejson",
                    "/collections/schools/tiles/BritishNationalGrid", "/map/layers.json"):
        for headers in ({}, BROWSER):
            text = client.get(address, headers=headers).text
            assert "%7b" not in text.lower(), address
            written += text.count("{z}/{y}/{x}")
    assert written >= 8
