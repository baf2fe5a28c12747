"""geopandas and OWSLib, as people use them."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pytest
import requests
from owslib.ogcapi.features import Features
from reading import FIVE_CM, LAYERS, PLACED, matching, metres_apart
from truth import URIS, Truth, layers_of


@pytest.mark.parametrize("layer", PLACED)
def test_geopandas_reads_an_address(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """`read_file` of the items' address: every feature, in longitude and latitude, within 5 cm."""
    frame = gpd.read_file(f"{url}/collections/{layer}/items?limit=10000")
    truth = true(layer)
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == truth.count
    places = dict(zip(map(str, truth.ids), truth.shapes_in("CRS84"), strict=True))
    answer = requests.get(f"{url}/collections/{layer}/items?limit=10000", timeout=30).json()
    order = [str(feature["id"]) for feature in answer["features"]]
    assert metres_apart(frame.geometry.to_numpy(), [places[each] for each in order], degrees=True) < FIVE_CM


def test_geopandas_knows_the_national_grid(url: str, true: Callable[[str], Truth]) -> None:
    """Projected answers carry the `crs` member: the frame is in EPSG:27700, and not labelled as degrees."""
    frame = gpd.read_file(f"{url}/collections/schools/items?crs={URIS['27700']}")
    assert frame.crs.to_epsg() == 27700
    places = dict(zip(true("schools").ids, true("schools").shapes, strict=True))
    assert metres_apart(frame.geometry.to_numpy(), [places[urn] for urn in frame["urn"]], degrees=False) < FIVE_CM


def test_geopandas_reads_a_table(url: str) -> None:
    """A layer without geometry is read as well."""
    frame = gpd.read_file(f"{url}/collections/policy_indicators/items")
    assert len(frame) == 698


def test_owslib_lists_collections(url: str) -> None:
    """OWSLib finds every public layer, and that all of them have features."""
    client = Features(url)
    assert [each["id"] for each in client.collections()["collections"]] == layers_of("public")
    assert sorted(client.feature_collections()) == layers_of("public")
    assert client.api()["openapi"] == "3.0.3"
    assert any(each.endswith("ogcapi-features-2/1.0/conf/crs") for each in client.conformance()["conformsTo"])


@pytest.mark.parametrize("layer", LAYERS)
def test_owslib_reads_items(url: str, layer: str) -> None:
    """All features on one page, counted exactly; one of them by its id, with its properties."""
    client = Features(url)
    answer = client.collection_items(layer, limit=10_000)
    assert len(answer["features"]) == answer["numberMatched"] == LAYERS[layer][0]
    first = answer["features"][0]
    alone = client.collection_item(layer, str(first["id"]))
    assert (alone["id"], alone["properties"], alone["geometry"]) == (
        first["id"], first["properties"], first["geometry"])
    assert set(client.collection_schema(layer)["properties"]) - {"geometry"} == set(first["properties"])
    assert client.collection_queryables(layer)["type"] == "object"


@pytest.mark.parametrize("layer", ["streets", "sinc", "schools"])
def test_owslib_with_a_box(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """`bbox` in degrees: as many as shapely says."""
    box = true(layer).middle("CRS84", 0.8)
    assert Features(url).collection_items(layer, bbox=list(box), limit=1)["numberMatched"] == len(
        true(layer).meeting(box, "CRS84"))


@pytest.mark.parametrize("layer", LAYERS)
def test_owslib_with_a_filter(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """`filter` as CQL2 text: the rows of the edition that it has."""
    truth = true(layer)
    answer = Features(url).collection_items(layer, filter=LAYERS[layer][2], limit=1)
    assert answer["numberMatched"] == matching(layer, {name: truth.column(name) for name in truth.fields})
