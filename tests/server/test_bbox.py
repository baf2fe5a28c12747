"""The `bbox` parameter: which geometries meet a box, in each reference system."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from flask.testing import FlaskClient
from questions import at, ids, problem
from truth import URIS, Truth

PLACED = ("streets", "rights_of_way", "sinc", "schools", "population_forecasts", "designations")
SYSTEMS = ("CRS84", "27700", "4326", "3857")


def written(box: tuple[float, ...], system: str) -> str:
    """A box x, y as its system writes it."""
    west, south, east, north = box
    return ",".join(map(repr, (south, west, north, east) if system == "4326" else box))


def met(client: FlaskClient, layer: str, box: tuple[float, ...], system: str) -> set[object]:
    """Ids that a box is answered with, all on one page."""
    document = client.get(at(layer, bbox=written(box, system), bbox_crs=system, limit=10_000)).get_json()
    assert document["numberMatched"] == len(document["features"])
    return set(ids(document))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("layer", PLACED)
def test_it_is_met_by_geometry(client: FlaskClient, true: Callable[..., Truth], layer: str, system: str) -> None:
    """In each system the features are those whose geometry, not its box, meets the box: counted with shapely."""
    for share in (0.05, 0.3, 0.7):
        box = true(layer).middle(system, share)
        assert met(client, layer, box, system) == true(layer).meeting(box, system)
    assert met(client, layer, box, system) != set()


def test_the_geometry_counts_and_not_its_box(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Somewhere a line's box meets a small box that the line itself passes by: such lines are left out."""
    truth = true("rights_of_way")
    tree, passed = shapely.STRtree(truth.shapes), 0
    for number in range(0, truth.count, 10):
        west, south, east, north = truth.shapes[number].bounds
        corner = (east - (east - west) * 0.02, south, east, south + (north - south) * 0.02)
        boxed, exact = set(tree.query(shapely.box(*corner))), truth.meeting(corner)
        passed += len(boxed) - len(exact)
        assert met(client, "rights_of_way", corner, "27700") == exact
    assert passed > 10


def test_it_matches_its_edges(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """A box that is one point (or a line) is a box: it meets what lies on it."""
    truth = true("schools")
    for each, shape in zip(truth.ids, truth.shapes, strict=True):
        x, y = shape.x, shape.y
        assert each in met(client, "schools", (x, y, x, y), "27700")
        assert each in met(client, "schools", (x - 5, y, x, y), "27700")
        assert each not in met(client, "schools", (x + 0.01, y, x + 0.02, y), "27700")


def test_the_whole_world(client: FlaskClient) -> None:
    """Every feature with a place is in the world, in degrees either way."""
    for system, box in (("CRS84", "-180,-90,180,90"), ("4326", "-90,-180,90,180")):
        assert client.get(at("streets", bbox=box, bbox_crs=system, limit=1)).get_json()["numberMatched"] == 590


def test_six_numbers(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """With heights the box is the same: third and sixth number are read and not used."""
    west, south, east, north = true("streets").middle("CRS84")
    flat = client.get(at("streets", bbox=f"{west},{south},{east},{north}")).get_json()
    high = client.get(at("streets", bbox=f"{west},{south},-5,{east},{north},400.5")).get_json()
    assert ids(high) == ids(flat) != []


def test_across_the_antimeridian(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """A west edge beyond the east edge is a box the other way round the earth: it has what the box between has not."""
    west, south, east, north = true("streets").middle("CRS84", 0.5)
    between = met(client, "streets", (west, 50.0, east, 52.0), "CRS84")
    around = met(client, "streets", (east, 50.0, west, 52.0), "CRS84")
    assert around | between == set(true("streets").ids)
    assert around & between == true("streets").meeting((west, 50.0, west, 52.0), "CRS84") | true("streets").meeting(
        (east, 50.0, east, 52.0), "CRS84")
    assert met(client, "streets", (170.0, 50.0, -170.0, 52.0), "CRS84") == set()
    assert south < north


def test_a_table_meets_no_box(client: FlaskClient) -> None:
    """A feature without geometry is nowhere."""
    assert client.get(at("policy_indicators", bbox="-180,-90,180,90")).get_json()["numberMatched"] == 0


def test_far_away(client: FlaskClient) -> None:
    """A box elsewhere, on another continent or off every grid, is empty and not an error."""
    for box in ("100,-45,110,-40", "0,0,0,0", "179,89,180,90"):
        assert client.get(at("streets", bbox=box)).get_json()["numberMatched"] == 0
    for box in ("0,0,1,1", "-200000,-200000,-100000,-100000", "600000,1200000,700000,1300000"):
        assert client.get(at("streets", bbox=box, bbox_crs="27700")).get_json()["numberMatched"] == 0


@pytest.mark.parametrize("box", ["-1e9,-1e9,-9e8,-9e8", "1e300,1e300,1e301,1e301"])
def test_off_the_earth(client: FlaskClient, box: str) -> None:
    """Numbers that are nowhere on the earth are a mistake: 400, and the sentence says which unit is meant."""
    answer = client.get(at("streets", bbox=box, bbox_crs="27700"))
    assert problem(client, answer, 400, "bbox").endswith("EPSG:27700 coordinates are metres.")


@pytest.mark.parametrize("text", [
    "", ",,,", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,x", "nan,50,0,52", "-1,50,inf,52", "-inf,50,0,52",
    "1 2 3 4", "1;2;3;4", "٣,50,4,52", "1_0,50,11,52", "0x1,50,2,52", "1e400,50,2,52", "[1,2,3,4]", "-1,50,,52"])
def test_what_is_no_box_is_refused(client: FlaskClient, text: str) -> None:
    """Not four or six finite numbers: 400, and a sentence that repeats what was written."""
    sentence = problem(client, client.get(at("streets", bbox=text)), 400, "bbox")
    assert sentence == f"bbox `{text}` is not four numbers (or six, with heights) separated by commas."


def test_a_box_upside_down_is_refused(client: FlaskClient) -> None:
    """South above north, lower height above upper: 400 in words."""
    assert "cannot be used" in problem(client, client.get(at("streets", bbox="-2,52,0,50")), 400, "bbox")
    assert "height" in problem(client, client.get(at("streets", bbox="-2,50,9,0,52,1")), 400, "bbox")


def test_metres_cannot_be_swapped(client: FlaskClient) -> None:
    """In metres there is no antimeridian: a west edge beyond the east edge is 400."""
    problem(client, client.get(at("streets", bbox="470000,100000,460000,110000", bbox_crs="27700")), 400, "bbox")


def test_an_unknown_system_is_refused(client: FlaskClient) -> None:
    """The sentence names the four systems to choose from, with and without a box."""
    for box in ({"bbox": "-2,50,0,52"}, {}):
        address = {"bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/1", **box}
        answer = client.get("/collections/streets/items", query_string=address)
        sentence = problem(client, answer, 400, "bbox-crs")
        assert all(uri in sentence for uri in URIS.values())
