"""What makes a base map of the county: water that runs down to the sea, woods off towns, places with their names."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import shapely

from datasets import county
from datasets.land import lay_out
from datasets.scales import SCALES

SEED = 2026
LAYERS = ("surface_water", "watercourses", "built_up_areas", "woodland", "greenspace", "railways", "named_places")


@pytest.fixture(scope="module")
def village() -> dict[str, Any]:
    """The frames of the village county."""
    return dict(county.frames("village", SEED))


@pytest.fixture(scope="module")
def land() -> Any:
    """Its land."""
    return lay_out(SCALES["village"], SEED)


def shapes(frame: Any) -> Any:
    """Geometries of a frame."""
    return frame.geometry.to_numpy()


@pytest.mark.parametrize("name", LAYERS)
def test_every_shape_is_valid_and_where_it_should_be(village: dict[str, Any], land: Any, name: str) -> None:
    """No shape is empty or crosses itself; all but the sea is in the county."""
    found = shapes(village[name])
    assert shapely.is_valid(found).all() and not shapely.is_empty(found).any()
    if name == "surface_water":
        found = found[(village[name]["KIND"] == "Lake").to_numpy()]
    # Rivers end a few metres out in the sea.
    assert shapely.covers(land.county.buffer(330 if name == "watercourses" else 1), found).all()


def test_every_watercourse_runs_to_the_sea(village: dict[str, Any]) -> None:
    """From each link one comes, link by link downstream, to tidal water; ends that meet are the same point."""
    links, water = village["watercourses"], village["surface_water"]
    sea = shapely.union_all(shapes(water)[(water["KIND"] == "Tidal water").to_numpy()])
    line = shapes(links)
    start = [tuple(xy) for xy in shapely.get_coordinates(shapely.get_point(line, 0)).tolist()]
    end = [tuple(xy) for xy in shapely.get_coordinates(shapely.get_point(line, -1)).tolist()]
    below = dict(zip(start, end, strict=True))
    assert len(below) <= len(line)
    inside = defaultdict(set[tuple[float, float]])
    for xy, one in zip(end, line, strict=True):
        inside[xy].add(tuple(shapely.get_coordinates(one)[0].tolist()))
    for mouth in end:
        steps = 0
        while mouth in below and steps <= len(line):
            mouth, steps = below[mouth], steps + 1
        assert steps <= len(line)
        assert shapely.dwithin(sea, shapely.Point(mouth), 0.5) or len(inside[mouth]) >= 1
    last = [xy for xy in set(end) if xy not in below]
    assert last and all(shapely.dwithin(sea, shapely.Point(xy), 0.5) for xy in last)


def test_streams_grow_into_rivers(village: dict[str, Any]) -> None:
    """Downstream a watercourse is never narrower, and its form never goes back from river to stream."""
    links = village["watercourses"]
    order = {"Stream": 0, "River": 1, "Tidal river": 2}
    for _, course in links.groupby("COURSE_ID", sort=False):
        assert (np.diff(course["WIDTH_M"]) >= 0).all()
        assert (np.diff(course["FORM"].map(order)) >= 0).all()
        assert course["NAME"].nunique(dropna=False) == 1


def test_the_sea_lies_on_the_coast(village: dict[str, Any], land: Any) -> None:
    """Tidal water has no land of the county in it, and touches the county along kilometres of shore."""
    water = village["surface_water"]
    sea = shapely.union_all(shapes(water)[(water["KIND"] == "Tidal water").to_numpy()])
    assert shapely.area(shapely.intersection(sea, land.county)) < 200
    assert shapely.length(shapely.intersection(sea.buffer(1), land.county.exterior)) > 10_000


def test_ancient_woods_are_woods(village: dict[str, Any]) -> None:
    """Each ancient wood lies within woodland, but for less than a thousandth of it; and there is more woodland."""
    ancient, woods = shapes(village["ancient_woodland"]), shapely.union_all(shapes(village["woodland"]))
    outside = shapely.area(shapely.difference(ancient, woods)) / shapely.area(ancient)
    assert outside.max() < 1e-3
    assert shapely.area(woods) > 1.5 * shapely.area(shapely.union_all(ancient))


def test_woods_keep_off_towns_and_water(village: dict[str, Any]) -> None:
    """But for ancient woodland, no wood is on built-up land or in water."""
    woods = shapely.difference(shapely.union_all(shapes(village["woodland"])),
                               shapely.union_all(shapes(village["ancient_woodland"])).buffer(1))
    for other in ("built_up_areas", "surface_water"):
        assert shapely.area(shapely.intersection(woods, shapely.union_all(shapes(village[other])))) < 500, other


def test_no_street_runs_through_a_park(village: dict[str, Any]) -> None:
    """Green places lie between the streets of towns."""
    streets = village["street_segments"]
    crossing, _ = shapely.STRtree(shapes(village["greenspace"])).query(shapes(streets), predicate="intersects")
    # A bent lane from the country may come in; town streets do not.
    assert len(np.unique(crossing)) <= 3


def test_every_town_and_village_has_its_name(village: dict[str, Any], land: Any) -> None:
    """Places are named where they are; larger ones have a lower rank; no name stands twice."""
    places = village["named_places"]
    assert places["NAME"].is_unique
    main = places[places["POPULATION"].notna()]
    assert main["NAME"].tolist() == land.places.name
    assert (main["LABEL_RANK"].corr(main["POPULATION"].astype(float))) < -0.5
    assert set(places["LOCAL_TYPE"]) == {"Town", "Village", "Suburban Area", "Hamlet", "Railway Station"}
    built = village["built_up_areas"].set_index("NAME").geometry
    for name, point in zip(main["NAME"], shapes(main), strict=True):
        assert shapely.distance(built[name], point) < 150, name


def test_trains_reach_their_stations(village: dict[str, Any]) -> None:
    """Each station of a line is on it."""
    lines = shapely.union_all(shapes(village["railways"]))
    places = village["named_places"]
    stations = shapes(places[places["LOCAL_TYPE"] == "Railway Station"])
    assert len(stations) >= 3 and (shapely.distance(stations, lines) < 2).all()


def test_postcodes_go_by_place(village: dict[str, Any]) -> None:
    """Schools of one postcode district lie together: nearer to each other than to the county's middle."""
    schools = village["schools"]
    placed = schools[schools["Easting"].astype(str).str.fullmatch(r"\d+")]
    district = placed["Postcode"].str.split().str[0]
    point = placed[["Easting", "Northing"]].astype(float)
    spread = point.groupby(district.to_numpy()).std(ddof=0).max().max()
    assert district.nunique() >= 6 and spread < 2_500
