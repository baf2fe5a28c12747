"""Reference systems (OGC 18-058r1): the right place in each of them, in the right order of axes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from questions import at, problem
from shapely.geometry import shape
from truth import AXES, URIS, Truth

from hantsmap import crs

PLACED = ("streets", "rights_of_way", "sinc", "schools", "services")
# Eastings and northings with their longitudes and latitudes by OSTN15 (domain brief, 1.8).
GOLDEN = (
    (447720, 129450, -1.3204007, 51.0624052), (463900, 152000, -1.0855340, 51.2635849),
    (442000, 112000, -1.4040345, 50.9059418), (475000, 105000, -0.9361998, 50.8396669),
    (425000, 95000, -1.6469593, 50.7540549), (464300, 99900, -1.0890337, 50.7950959),
    (407500, 113000, -1.8946746, 50.9164078),
)
FIVE_CM = 0.05


def metres_apart(given: np.ndarray, expected: np.ndarray, system: str) -> float:
    """Largest distance between two arrays of x, y, in metres on the ground or more."""
    off = np.abs(given - expected)
    if system in ("CRS84", "4326"):
        off = off * (70_400, 111_300)
    return float(np.hypot(off[:, 0], off[:, 1]).max())


@pytest.mark.parametrize(("east", "north", "lon", "lat"), GOLDEN)
def test_golden_points(east: float, north: float, lon: float, lat: float) -> None:
    """The points that Ordnance Survey's grid was tried on come out within 5 cm, there and back."""
    there = np.column_stack(crs.to_lonlat(np.array([east]), np.array([north])))
    assert metres_apart(there, np.array([[lon, lat]]), "CRS84") < FIVE_CM
    back = np.column_stack(crs.to_grid(np.array([lon]), np.array([lat])))
    assert metres_apart(back, np.array([[east, north]]), "27700") < FIVE_CM


@pytest.mark.parametrize("system", ["CRS84", "27700", "4326", "3857"])
@pytest.mark.parametrize("layer", PLACED)
def test_every_coordinate_is_in_place(client: FlaskClient, true: Callable[..., Truth], layer: str, system: str) -> None:
    """Every vertex of every feature is within 5 cm of the OSTN15 truth; in EPSG:4326 latitude comes first."""
    truth = true(layer)
    expected = dict(zip(truth.ids, truth.shapes_in(system), strict=True))
    features = client.get(at(layer, crs=system, limit=10_000)).get_json()["features"]
    order = [feature["id"] for feature in features]
    given = shapely.get_coordinates([shape(feature["geometry"]) for feature in features])
    given = given[:, ::-1] if system == "4326" else given
    scale = 1.6 if system == "3857" else 1  # web Mercator draws a metre of Hampshire as 1.6
    assert metres_apart(given, shapely.get_coordinates([expected[each] for each in order]), system) < FIVE_CM * scale


@pytest.mark.parametrize("system", ["CRS84", "27700", "4326", "3857"])
def test_the_answer_says_its_system(client: FlaskClient, system: str) -> None:
    """`Content-Crs` always; the member `crs` where coordinates are projected, which geopandas mislabels without."""
    answer = client.get(at("schools", crs=system))
    assert answer.headers["Content-Crs"] == f"<{URIS[system]}>"
    member = answer.get_json().get("crs")
    projected = system in ("27700", "3857")
    assert member == ({"type": "name", "properties": {"name": AXES[system].urn}} if projected else None)
    alone = client.get(f"/collections/schools/items/990001?crs={URIS[system]}")
    assert alone.headers["Content-Crs"] == f"<{URIS[system]}>"
    assert alone.get_json().get("crs") == member


def test_without_crs_it_is_crs84(client: FlaskClient) -> None:
    """Longitude first, and `Content-Crs` says so, in every form."""
    for form in ("json", "csv", "html"):
        assert client.get(at("schools", f=form)).headers["Content-Crs"] == f"<{URIS['CRS84']}>"
    x, y = client.get(at("schools", limit=1)).get_json()["features"][0]["geometry"]["coordinates"]
    assert -2 < x < 0 < 50 < y < 52


@pytest.mark.parametrize("name", [
    "http://www.opengis.net/def/crs/EPSG/0/27700", "https://www.opengis.net/def/crs/EPSG/0/27700", "[EPSG:27700]",
    "EPSG:27700", "epsg:27700", "urn:ogc:def:crs:EPSG::27700"])
def test_other_ways_to_name_it(client: FlaskClient, name: str) -> None:
    """The URI with http or https, and the short forms that people write."""
    answer = client.get("/collections/schools/items", query_string={"crs": name, "limit": 1})
    assert answer.headers["Content-Crs"] == f"<{URIS['27700']}>"


@pytest.mark.parametrize("name", ["", "27700", "EPSG:1", "http://www.opengis.net/def/crs/EPSG/0/999999",
                                  "urn:ogc:def:crs:EPSG::1", "http://evil.example/27700", "WGS84"])
def test_an_unknown_system_is_refused(client: FlaskClient, name: str) -> None:
    """400, and the four to choose from; nothing is fetched from an address in it."""
    for address in ("/collections/schools/items", "/collections/schools/items/990001"):
        sentence = problem(client, client.get(address, query_string={"crs": name}), 400, "crs")
        assert sentence.startswith(f"crs `{name}` is not served here. Choose one of http://www.opengis.net/")


def test_counts_and_order_are_the_same_in_all(client: FlaskClient) -> None:
    """The reference system changes coordinates and nothing else."""
    answers = [client.get(at("sinc", crs=system)).get_json() for system in URIS]
    plain = [[(feature["id"], feature["properties"]) for feature in answer["features"]] for answer in answers]
    assert plain[1:] == plain[:-1]


def test_written_precision(client: FlaskClient) -> None:
    """Metres have two decimals at most, degrees seven: no more than is known."""
    for system, decimals in (("27700", 2), ("3857", 2), ("CRS84", 7), ("4326", 7)):
        features = client.get(at("streets", crs=system, limit=100)).get_json()["features"]
        given = shapely.get_coordinates([shape(feature["geometry"]) for feature in features])
        assert np.array_equal(given, np.round(given, decimals))
