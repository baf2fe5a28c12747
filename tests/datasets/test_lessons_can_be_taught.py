"""The village county can carry the lessons of a map for schools: walks, wards that differ, places to go, room to build.

What is looked at is what everybody may see: of the paths those that are open, of the services those with a place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from datasets import county
from hantsmap.lessons.ways import Ways

SEED = 2026
HOMES, HOMES_A_HECTARE = 500, 30


@pytest.fixture(scope="module")
def village() -> dict[str, Any]:
    """The frames of the village county."""
    return dict(county.frames("village", SEED))


def shapes(frame: Any) -> Any:
    """Geometries of a frame."""
    return frame.geometry.to_numpy()


def open_paths(village: dict[str, Any], *status: str) -> Any:
    """Rights of way that are open, of some kinds or of all."""
    paths = village["rights_of_way"]
    kept = paths["ORDERSTATE"].isin(["O", "P", "C"])
    return paths[kept & paths["STATUS"].isin(status)] if status else paths[kept]


def points(frame: pd.DataFrame, east: str, north: str) -> Any:
    """Places (n, 2) of rows that have usable ones."""
    xy = frame[[east, north]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    return xy[np.isfinite(xy).all(axis=1) & (xy[:, 0] > 400_000)]


def test_paths_that_meet_end_at_the_same_point(village: dict[str, Any]) -> None:
    """No two ends of links are apart by less than two metres and not the same: a route runs on from one to the next."""
    line = shapes(village["rights_of_way"])
    end = np.unique(np.vstack([shapely.get_coordinates(shapely.get_point(line, place)) for place in (0, -1)]), axis=0)
    near = shapely.STRtree(shapely.points(end)).query(shapely.points(end), predicate="dwithin", distance=2.0)
    assert near.shape[1] == len(end)


def test_five_kilometres_can_be_walked_round(village: dict[str, Any]) -> None:
    """Near each of the four towns there is a round on footpaths and bridleways alone of 5 km, give or take 5 %."""
    ways = Ways(shapes(open_paths(village, "FP", "BW")))
    places = village["named_places"]
    for name, town in zip(places["NAME"][:4], shapes(places)[:4], strict=True):
        starts = ways.near(town.x, town.y, 1_800.0)
        assert any(True for start in starts for _ in ways.rounds(start, 4_750, 5_250)), name


def test_a_school_and_a_library_have_a_path_between_them(village: dict[str, Any]) -> None:
    """At least three schools have a library at the end of a walk on rights of way of 500 m to 2.5 km, and no more than
    250 m beside it at either end."""
    ways = Ways(shapes(open_paths(village)))
    services = village["services"]
    library = points(services[(services["service_type"] == "Library") & (services["status"] == "active")],
                     "GeoX", "GeoY")
    goals = {junction for xy in library for junction in ways.near(*xy, 250.0)[:1]}
    found = 0
    for xy in points(village["schools"], "Easting", "Northing"):
        for start in ways.near(*xy, 250.0)[:1]:
            metres, _ = ways.reach(start, 2_500.0)
            found += any(500 <= metres.get(goal, 0) <= 2_500 for goal in goals)
    assert found >= 3


def test_one_ward_grows_more_than_all_others(village: dict[str, Any]) -> None:
    """From 2023 to 2030 one ward grows by more than a fifth, and by half as much again as the next; one shrinks."""
    forecast = village["population_forecasts"]
    wards = forecast[forecast["area_code"].str.startswith("E05")].pivot(
        index="area_code", columns="year", values="persons")
    growth = (wards[2030] / wards[2023] - 1).sort_values(ascending=False)
    assert growth.iloc[0] > 0.2 and growth.iloc[0] > 1.5 * growth.iloc[1] and growth.iloc[-1] < 0
    assert (wards[2030] - wards[2023]).idxmax() == growth.index[0]


def test_town_and_country_have_other_pyramids(village: dict[str, Any]) -> None:
    """In the ward where people live closest together there are more children and people of 20 to 39, and fewer of 65
    and over, than where they live farthest apart: by three in a hundred at least."""
    forecast, wards = village["population_forecasts"], village["wards"].set_index("WD26CD")
    now = forecast[(forecast["year"] == 2026) & forecast["area_code"].isin(wards.index)].set_index("area_code")
    crowd = (now["persons"] / wards["LANDAREAHECTARES"]).sort_values()
    rural, urban = now.loc[crowd.index[0]], now.loc[crowd.index[-1]]

    def share(ward: Any, *bands: str) -> float:
        return float(sum(ward[f"p_{band}"] for band in bands) / ward["p_all"])

    old = [f"{age}_{age + 4}" for age in range(65, 90, 5)] + ["90_plus"]
    assert share(rural, *old) > share(urban, *old) + 0.03
    assert share(urban, "20_24", "25_29", "30_34", "35_39") > share(rural, "20_24", "25_29", "30_34", "35_39") + 0.03
    assert urban["age_0_15"] / urban["persons"] > rural["age_0_15"] / rural["persons"] + 0.02


def test_there_are_places_to_go_of_several_kinds(village: dict[str, Any]) -> None:
    """Of eight kinds of service or more there are three at least; some built-up land is farther than 1 km from a
    library, and some is not."""
    services = village["services"]
    assert (services["service_type"].value_counts() >= 3).sum() >= 8
    library = shapely.points(points(services[services["service_type"] == "Library"], "GeoX", "GeoY"))
    built = shapely.union_all(shapes(village["built_up_areas"]))
    far = shapely.area(shapely.difference(built, shapely.union_all(shapely.buffer(library, 1_000))))
    assert 0.05 < far / shapely.area(built) < 0.6


def test_constraints_leave_room_for_five_hundred_homes(village: dict[str, Any]) -> None:
    """Outside all designations, SINCs, woods, water, flood zones and parks there is room for 500 homes, in one piece
    and within 800 m of a town, and not at every town there is as much."""
    names = ("designations", "sinc", "ancient_woodland", "woodland", "surface_water", "greenspace", "flood_zones")
    held = shapely.union_all(shapely.make_valid(np.concatenate([shapes(village[name].dropna(subset="geometry"))
                                                                for name in names])))
    towns = shapes(village["built_up_areas"])
    land = shapely.union_all(shapes(village["districts"])) - held - shapely.union_all(towns)
    room = [max(shapely.area(shapely.get_parts(land.intersection(town.buffer(800))))) / 10_000 for town in towns[:4]]
    assert max(room) > 4 * HOMES / HOMES_A_HECTARE and min(room) < max(room) / 2
    for name in names:
        area = shapely.area(shapely.union_all(shapely.make_valid(shapes(village[name].dropna(subset="geometry")))))
        assert area > 10_000, name


def test_floods_come_from_water(village: dict[str, Any]) -> None:
    """Zone 3 lies within zone 2, and every piece of either touches water."""
    zones = village["flood_zones"]
    by = {zone: shapely.union_all(shapes(part)) for zone, part in zones.groupby("FLOOD_ZONE")}
    assert shapely.area(by["FZ3"] - by["FZ2"]) < 100
    water = shapely.union_all([*shapes(village["watercourses"]), *shapes(village["surface_water"])])
    pieces = shapely.get_parts(by["FZ2"])
    assert (shapely.distance(pieces, water) < 1).all()
