"""Tiles on the wire: OGC API Tiles (OGC 20-057), tile matrix sets and tileset metadata (OGC 17-083r4)."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from questions import inside, link

sys.path.insert(0, str(Path(__file__).parents[1] / "tiles"))
from decoding import Decoded, decode

MVT = "application/vnd.mapbox-vector-tile"
BASE_MAP = ("street_segments", "rights_of_way", "districts")
# A tile of each matrix set in the middle of the village county.
MATRICES = {"WebMercatorQuad": "http://www.opengis.net/def/crs/EPSG/0/3857",
            "BritishNationalGrid": "http://www.opengis.net/def/crs/EPSG/0/27700"}


def limits(client: FlaskClient, layer: str, matrix: str) -> dict[str, dict[str, int]]:
    """Rows and columns in which there are tiles, by zoom."""
    document = client.get(f"/collections/{layer}/tiles/{matrix}").get_json()
    return {each.pop("tileMatrix"): each for each in document["tileMatrixSetLimits"]}


def somewhere(client: FlaskClient, layer: str, matrix: str, zoom: int) -> str:
    """Zoom, row and column of a tile with something in it."""
    found = limits(client, layer, matrix)[str(zoom)]
    for row in range(found["minTileRow"], found["maxTileRow"] + 1):
        for column in range(found["minTileCol"], found["maxTileCol"] + 1):
            if client.get(f"/collections/{layer}/tiles/{matrix}/{zoom}/{row}/{column}").status_code == 200:
                return f"{zoom}/{row}/{column}"
    raise AssertionError(layer)


def layers(client: FlaskClient, address: str) -> dict[str, Decoded]:
    """The layers of a tile."""
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, MVT), address
    return decode(answer.data)


def test_matrix_sets_are_ordnance_surveys_and_everybodys(client: FlaskClient) -> None:
    """There are two: that of all web maps by its registered address, and Ordnance Survey's of the National Grid."""
    listed = client.get("/tileMatrixSets").get_json()["tileMatrixSets"]
    assert {each["id"]: each["crs"] for each in listed} == MATRICES
    assert listed[0]["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    quad, grid = (client.get(inside(each["links"][0]["href"])).get_json() for each in listed)
    assert len(quad["tileMatrices"]) == 25 and len(grid["tileMatrices"]) == 14
    # OGC 17-083r4, annex D.1.
    assert quad["tileMatrices"][0]["scaleDenominator"] == pytest.approx(559082264.028717)
    assert quad["tileMatrices"][0]["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
    assert [each["cellSize"] for each in grid["tileMatrices"]] == [896 / 2 ** zoom for zoom in range(14)]
    assert grid["tileMatrices"][0]["pointOfOrigin"] == [-238375.0, 1376256.0]
    for document in (quad, grid):
        for number, each in enumerate(document["tileMatrices"]):
            assert (each["id"], each["tileWidth"], each["cornerOfOrigin"]) == (str(number), 256, "topLeft")
            assert each["matrixWidth"] == document["tileMatrices"][0]["matrixWidth"] * 2 ** number


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_tileset_says_what_there_is(client: FlaskClient, matrix: str) -> None:
    """Layers with fields and codes, zooms, limits, and a template that leads to tiles; outside of them nothing is."""
    listed = client.get("/collections/street_segments/tiles").get_json()["tilesets"]
    address = next(each["links"][0]["href"] for each in listed if each["crs"] == MATRICES[matrix])
    document = client.get(inside(address)).get_json()
    assert (document["dataType"], document["crs"]) == ("vector", MATRICES[matrix])
    assert document["layers"][0]["id"] == "street_segments" and document["layers"][0]["geometryDimension"] == 1
    assert set(document["layers"][0]["propertiesSchema"]["properties"]) == {"id", "road_class", "road_number"}
    template = inside(str(link(document, "item")))
    zoom, row, column = somewhere(client, "street_segments", matrix, 9).split("/")
    tile = template.replace("{tileMatrix}", zoom).replace("{tileRow}", row).replace("{tileCol}", column)
    assert set(layers(client, tile)) == {"street_segments"}
    scheme = next(each["href"] for each in document["links"] if each["rel"].endswith("tiling-scheme"))
    assert client.get(inside(scheme)).get_json()["id"] == matrix


def test_tilejson_leads_to_tiles(client: FlaskClient) -> None:
    """TileJSON names fields, zooms and bounds, and its address with z, y and x is that of a tile."""
    document = client.get("/collections/schools/tiles/WebMercatorQuad?f=tilejson").get_json()
    assert (document["tilejson"], document["maxzoom"]) == ("3.0.0", 14)
    assert document["vector_layers"][0]["id"] == "schools" and "phase" in document["vector_layers"][0]["fields"]
    zoom, row, column = somewhere(client, "schools", "WebMercatorQuad", 10).split("/")
    address = document["tiles"][0].replace("{z}", zoom).replace("{y}", row).replace("{x}", column)
    assert set(layers(client, inside(address))) == {"schools"}
    assert client.get("/collections/schools/tiles/BritishNationalGrid?f=tilejson").get_json()["crs"] == "EPSG:27700"


def test_a_tile_is_sent_as_it_lies_there(client: FlaskClient) -> None:
    """Compressed for who takes it, plain for who does not, 304 for who has it; fresh for five minutes."""
    address = f"/collections/street_segments/tiles/BritishNationalGrid/" \
              f"{somewhere(client, 'street_segments', 'BritishNationalGrid', 7)}"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address)
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert plain.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_address_may_say_which_version_is_meant(client: FlaskClient) -> None:
    """As the map's document has it. Where the version has passed, the tile of now comes, and nobody keeps it:
    that version may be published again."""
    told = {each["id"]: each["tiles"] for each in client.get("/map/layers.json").get_json()["layers"]}
    versions = [told[layer]["version"] for layer in BASE_MAP]
    assert len(set(versions)) == len(BASE_MAP) and all(len(each) == 8 for each in versions)
    place = f"BritishNationalGrid/{somewhere(client, 'street_segments', 'BritishNationalGrid', 7)}"
    for address, version in ((f"/collections/street_segments/tiles/{place}?", versions[0]),
                             (f"/tiles/{place}?collections={','.join(BASE_MAP)}&", "-".join(versions))):
        plain = client.get(address)
        assert plain.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
        for said, caching in ((version, plain.headers["Cache-Control"]), ("00000000", "no-store"), ("", "no-store")):
            answer = client.get(f"{address}v={said}")
            assert (answer.status_code, answer.data) == (200, plain.data)
            assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (plain.headers["ETag"], caching)


def test_what_staff_see_is_kept_by_nobody(staff: FlaskClient) -> None:
    """A tile for some is stored nowhere on the way."""
    address = f"/collections/street_segments/tiles/BritishNationalGrid/" \
              f"{somewhere(staff, 'street_segments', 'BritishNationalGrid', 7)}"
    assert staff.get(address).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("matrix", MATRICES)
def test_several_layers_come_as_one_tile(client: FlaskClient, matrix: str) -> None:
    """A tile of several layers has each of them, in the order asked for, with the features of its own tile."""
    place = somewhere(client, "schools", matrix, 9)
    asked = [*BASE_MAP, "schools"]
    together = layers(client, f"/tiles/{matrix}/{place}?collections={','.join(asked)}")
    alone = {layer: client.get(f"/collections/{layer}/tiles/{matrix}/{place}") for layer in asked}
    there = {layer: decode(answer.data)[layer] for layer, answer in alone.items() if answer.status_code == 200}
    assert together == there and "schools" in there
    assert list(together) == [layer for layer in asked if layer in there]


def test_without_names_all_layers_are_in_it(client: FlaskClient) -> None:
    """`/tiles` tells of all layers that have tiles; a tile of it has all that are there."""
    document = client.get("/tiles/WebMercatorQuad").get_json()
    named = [each["id"] for each in document["layers"]]
    assert set(BASE_MAP) <= set(named) and "policy_indicators" not in named
    some = client.get("/tiles/WebMercatorQuad?collections=schools,wards").get_json()
    assert [each["id"] for each in some["layers"]] == ["schools", "wards"]
    assert "collections=schools,wards" in str(link(some, "item"))
    found = layers(client, f"/tiles/WebMercatorQuad/{somewhere(client, 'schools', 'WebMercatorQuad', 11)}")
    assert "schools" in found and set(found) <= set(named)


@pytest.mark.parametrize("matrix", MATRICES)
def test_an_empty_tile_is_there_and_says_nothing(client: FlaskClient, matrix: str) -> None:
    """Within the limits of the tile set where nothing is drawn: 204, and no body."""
    limits = client.get(f"/collections/schools/tiles/{matrix}").get_json()["tileMatrixSetLimits"][-1]
    corner = f"{limits['tileMatrix']}/{limits['minTileRow']}/{limits['minTileCol']}"
    answer = client.get(f"/collections/schools/tiles/{matrix}/{corner}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "ETag" in answer.headers


@pytest.mark.parametrize("address", [
    "/collections/schools/tiles/BritishNationalGrid/0/6/0", "/collections/schools/tiles/BritishNationalGrid/0/0/5",
    "/collections/schools/tiles/BritishNationalGrid/14/0/0", "/collections/schools/tiles/BritishNationalGrid/-1/0/0",
    "/collections/schools/tiles/BritishNationalGrid/10/0/0", "/collections/schools/tiles/WebMercatorQuad/15/0/0",
    "/collections/schools/tiles/WebMercatorQuad/1/2/0", "/collections/schools/tiles/WebMercatorQuad/a/b/c",
    "/collections/schools/tiles/WebMercatorQuad/1/\u0661/0",
    "/collections/schools/tiles/WebMercatorQuad/99999999999/0/0",
    "/collections/schools/tiles/Mercator/1/0/0", "/collections/schools/tiles/Mercator", "/tileMatrixSets/Mercator",
    "/collections/policy_indicators/tiles", "/collections/policy_indicators/tiles/WebMercatorQuad/1/0/0",
    "/collections/nothing/tiles", "/collections/nothing/tiles/WebMercatorQuad/1/0/0",
    "/tiles/WebMercatorQuad/1/0/0?collections=schools,nothing", "/tiles/WebMercatorQuad/1/0/0?collections=",
    "/tiles/BritishNationalGrid/9/0/0?collections=population_forecasts", "/tiles/WebMercatorQuad?collections=nothing",
])
def test_what_is_no_tile_is_not_there(client: FlaskClient, address: str) -> None:
    """Outside the matrix, beyond the last zoom, of no matrix set, of a table, of no layer: 404 with a sentence."""
    answer = client.get(address)
    assert answer.status_code == 404 and len(answer.get_json()["detail"]) > 20


@pytest.mark.parametrize(("address", "parameter"), [
    ("/collections/schools/tiles/WebMercatorQuad/1/0/0?limit=1", "limit"),
    ("/collections/schools/tiles/WebMercatorQuad/1/0/0?collections=schools", "collections"),
    ("/collections/schools/tiles/WebMercatorQuad/1/0/0?f=png", "f"),
    ("/tiles/WebMercatorQuad/1/0/0?collections=schools,schools", "collections"),
    ("/tiles/WebMercatorQuad?f=xml", "f"), ("/tileMatrixSets?f=xml", "f"),
])
def test_what_cannot_be_meant_is_refused(client: FlaskClient, address: str, parameter: str) -> None:
    """A parameter that is not known, or not like this, is 400 and named."""
    answer = client.get(address)
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, parameter)


def test_a_class_opens_its_maps_at_once(client: FlaskClient) -> None:
    """Thirty pupils behind one address load sixty tiles each, and none is turned away; a file costs a hundred tiles."""
    from server.charging import WEIGHTS
    from server.limits import PER_ADDRESS

    assert PER_ADDRESS.burst > 30 * 60 * WEIGHTS["tile"] and WEIGHTS["download"] / WEIGHTS["tile"] == 100


def test_hidden_layers_are_in_no_tile(client: FlaskClient, staff: FlaskClient) -> None:
    """Everybody's tiles of a layer have the rows and fields of everybody; staff's have theirs."""
    place = somewhere(client, "streets", "BritishNationalGrid", 5)
    everybody = layers(client, f"/collections/streets/tiles/BritishNationalGrid/{place}")["streets"]
    officers = layers(staff, f"/collections/streets/tiles/BritishNationalGrid/{place}")["streets"]
    seen: list[set[Any]] = [{feature.properties["id"] for feature in tile.features} for tile in (everybody, officers)]
    assert seen[0] < seen[1]
    for feature in everybody.features:
        assert client.get(f"/collections/streets/items/{feature.properties['id']}").status_code == 200
