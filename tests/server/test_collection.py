"""One layer's description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from questions import LAYERS, at, inside
from truth import URIS, Truth, registry

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
LINKS = [
    ("self", "", "application/json"), ("alternate", "?f=html", "text/html"),
    ("items", "/items", "application/geo+json"), ("items", "/items?f=html", "text/html"),
    ("items", "/items?f=csv", "text/csv"), (f"{REL}schema", "/schema", "application/schema+json"),
    (f"{REL}queryables", "/queryables", "application/schema+json"),
    ("version-history", "/changes?since=1", "application/x-ndjson"), ("related", "/downloads", "application/json"),
]
DRAWN = [(f"{REL}tilesets-vector", "/tiles", "application/json"), (f"{REL}styles", "/styles", "application/json")]
FILES = {"gpkg": "application/geopackage+sqlite3", "parquet": "application/vnd.apache.parquet",
         "fgb": "application/vnd.flatgeobuf", "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8",
         "shp.zip": "application/zip", "dxf.zip": "application/zip"}
TABLES = ("gpkg", "parquet", "geojson", "csv")


def _holds_closely(given: list[float], box: Any) -> bool:
    # The edges of the box in metres bow in degrees: the box in degrees is a little wider than the features.
    spare = np.array([box[0] - given[0], box[1] - given[1], given[2] - box[2], given[3] - box[3]])
    across, up = box[2] - box[0], box[3] - box[1]
    return bool((spare >= -1e-7).all() and (spare <= np.array([across, up, across, up]) * 0.02 + 1e-6).all())


@pytest.mark.parametrize("layer", LAYERS)
def test_it_says_what_the_registry_says(client: FlaskClient, layer: str) -> None:
    """Title, description, steward, attribution, cadence, source and lineage are those of `layers.yaml`."""
    document, written = client.get(f"/collections/{layer}").get_json(), registry()["layers"][layer]
    for name, source in (("title", "title"), ("description", "description"), ("steward", "steward"),
                         ("attribution", "attribution"), ("cadence", "cadence"), ("source", "source_name"),
                         ("lineage", "lineage"), ("keywords", "keywords"), ("synthetic", "synthetic")):
        assert document[name] == written[source], name
    assert document["notice"] == written.get("notice")
    assert document["itemType"] == "feature"


@pytest.mark.parametrize("layer", LAYERS)
def test_it_says_what_is_held_back_and_nothing_of_whose_it_is(client: FlaskClient, layer: str) -> None:
    """Each reason with its sentence; the owner and the day of review are the council's own business."""
    held = registry()["layers"][layer]["grants"]["public"].get("held_back", [])
    expected = [{"reason": each["reason"], "sentence": each["sentence"]} for each in held]
    told = client.get(f"/collections/{layer}").get_json()["heldBack"]

    assert [{"reason": each["reason"], "sentence": each["sentence"]} for each in told] == expected
    assert all(set(each) == {"what", "reason", "word", "sentence"} for each in told)


@pytest.mark.parametrize("layer", LAYERS)
def test_its_links_lead_to_what_they_promise(client: FlaskClient, layer: str) -> None:
    """Nine links to the layer itself, one to each of its files (test_download_files.py asks for those), one to its
    licence, one to the root, and to tiles and styles unless it is a table; each of ours answers with its type."""
    links = client.get(f"/collections/{layer}").get_json()["links"]
    here = f"/collections/{layer}"
    ours = [each for each in links if each["rel"] not in ("license", "root", "enclosure")]
    drawn = [] if registry()["layers"][layer]["geometry"] == "none" else DRAWN
    assert [(each["rel"], inside(each["href"]), each["type"]) for each in ours] == [
        (rel, here + end, kind) for rel, end, kind in [*LINKS, *drawn]]
    files = [each for each in links if each["rel"] == "enclosure"]
    offered = TABLES if registry()["layers"][layer]["geometry"] == "none" else FILES
    assert [(inside(each["href"]), each["type"]) for each in files] == [
        (f"{here}/downloads/{layer}.{name}", FILES[name]) for name in offered]
    assert [each["rel"] for each in links if each["rel"] in ("license", "root")] == ["license", "root"]
    assert all(client.get(inside(each["href"])).content_type.startswith(each["type"]) for each in ours)
    assert all(each["title"].strip() for each in links)


def test_there_is_one_plain_items_link(client: FlaskClient) -> None:
    """GDAL makes `items/7` out of it: exactly one of type GeoJSON, without a query."""
    links = client.get("/collections/streets").get_json()["links"]
    found = [each["href"] for each in links if each["rel"] == "items" and each["type"] == "application/geo+json"]
    assert found == ["http://localhost/collections/streets/items"]


def test_reference_systems(client: FlaskClient) -> None:
    """All four are listed, CRS84 first, and the National Grid is the one that is stored."""
    document = client.get("/collections/sinc").get_json()
    assert document["crs"] == [URIS["CRS84"], URIS["27700"], URIS["4326"], URIS["3857"]]
    assert document["storageCrs"] == URIS["27700"]


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "policy_indicators"])
def test_its_extent_is_that_of_its_features(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """The box in longitude and latitude holds every feature that is served, with no more than 2 % to spare."""
    spatial = client.get(f"/collections/{layer}").get_json()["extent"]["spatial"]
    assert spatial["crs"] == URIS["CRS84"]
    assert _holds_closely(spatial["bbox"][0], shapely.total_bounds(true(layer).shapes_in("CRS84")))


def test_a_table_has_no_place(client: FlaskClient) -> None:
    """A layer without geometry has no spatial extent: that of the world would say nothing."""
    assert "spatial" not in client.get("/collections/policy_indicators").get_json()["extent"]


@pytest.mark.parametrize(("layer", "expected"), [
    ("designations", ["1953-11-25T00:00:00Z", "2016-03-21T00:00:00Z"]),
    ("housing_sites", ["2016-04-01T00:00:00Z", None]), ("schools", ["1950-12-16T00:00:00Z", None]),
    ("policy_indicators", ["2021-04-01T00:00:00Z", "2026-03-31T00:00:00Z"])])
def test_its_interval_is_that_of_its_dates(client: FlaskClient, layer: str, expected: list[str | None]) -> None:
    """First and last moment; a period that has features without an end is open."""
    assert client.get(f"/collections/{layer}").get_json()["extent"]["temporal"]["interval"] == [expected]


def test_a_layer_without_dates_has_no_interval(client: FlaskClient, staff: FlaskClient) -> None:
    """Everybody's SINCs have no date; those of staff have the date of the panel."""
    assert "temporal" not in client.get("/collections/sinc").get_json()["extent"]
    staff_interval = staff.get("/collections/sinc").get_json()["extent"]["temporal"]["interval"]
    assert staff_interval == [["1993-05-31T00:00:00Z", "2025-10-21T00:00:00Z"]]


def test_a_hidden_row_moves_no_extent(client: FlaskClient, staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """Extent and count are made from what the viewer sees, and from nothing else."""
    for viewer, audience, count in ((client, "public", 40), (staff, "staff", 100)):
        document = viewer.get("/collections/housing_sites").get_json()
        box = shapely.total_bounds(true("housing_sites", audience).shapes_in("CRS84"))
        assert _holds_closely(document["extent"]["spatial"]["bbox"][0], box)
        assert document["numberOfFeatures"] == count == viewer.get(at("housing_sites")).get_json()["numberMatched"]
