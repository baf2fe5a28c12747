"""Named places, from the largest town to the smallest hamlet, and the railway between the towns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets import graph
from datasets.draws import numbered
from datasets.land import Land
from datasets.names import words
from datasets.rivers import Water
from datasets.scales import Scale, stream
from datasets.shapes import Floats, inside, jittered_grid, nearest, owners, points_at, smooth

CITY, SUBURBS_FROM = 75_000, 3_000
HAMLETS = {"village": 14, "county": 520}
RANKS = {"City": 1, "Town": 2, "Village": 4, "Suburban Area": 5, "Hamlet": 6, "Railway Station": 7}
"""Kind of place (the terms of OS Open Names) -> rank: a place of a lower number is labelled first, and larger.

A town of fewer than 20,000 people has rank 3."""


def place_frame(scale: Scale, seed: int, land: Land, stations: pd.DataFrame) -> gpd.GeoDataFrame:
    """All named places (Point, EPSG:27700): towns and villages with their people, suburbs and hamlets without."""
    rng, places = stream(seed, "named_places"), land.places
    size = places.population
    kind = np.where(size >= CITY, "City", np.where(np.arange(len(size)) < places.towns, "Town", "Village"))
    taken = set(places.name)
    pool = iter(word for word in words(rng, 14_000) if word not in taken)
    suburb = _suburbs(rng, land)
    hamlet = _hamlets(rng, scale, land)
    point = np.vstack([places.centre, suburb, hamlet, stations[["x", "y"]].to_numpy(dtype=float).reshape(-1, 2)])
    kinds = np.concatenate([kind, ["Suburban Area"] * len(suburb), ["Hamlet"] * len(hamlet),
                            ["Railway Station"] * len(stations)])
    rank = np.array([RANKS[one] for one in kinds])
    rank[: len(size)] += (kind == "Town") & (size < 20_000)
    cell = nearest(point, land.point)
    district = land.member["DISTRICT"][cell]
    return gpd.GeoDataFrame({
        "PLACE_ID": numbered("PL-{:05d}", len(point)),
        "NAME": [*places.name, *(next(pool) for _ in range(len(suburb) + len(hamlet))), *stations["name"]],
        "LOCAL_TYPE": kinds,
        "POPULATION": pd.array([*np.round(size, -2), *[None] * (len(point) - len(size))], dtype="Int64"),
        "LABEL_RANK": rank,
        "PARISH": [places.name[one] for one in land.member["PARISH"][cell]],
        "DISTRICT": [f"{places.name[one]} District" for one in district],
        "SYNTHETIC": True,
    }, geometry=points_at(np.round(point)), crs=27700)  # fmt: skip


def _suburbs(rng: np.random.Generator, land: Land) -> Floats:
    """Two to six suburbs around the middle of each larger town, on built-up land."""
    places, found = land.places, []
    for number in np.flatnonzero(places.population >= SUBURBS_FROM).tolist():
        count = int(np.clip(places.population[number] // 14_000 + 2, 2, 6))
        angle = rng.uniform(0, 2 * np.pi) + np.arange(count) * 2 * np.pi / count + rng.normal(0, 0.25, count)
        reach = places.radius[number] * rng.uniform(0.5, 0.72, count)
        point = places.centre[number] + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
        found.append(point[inside(places.built[number], point)])
    return np.vstack(found)


def _hamlets(rng: np.random.Generator, scale: Scale, land: Land) -> Floats:
    """Hamlets in the country, none near another place."""
    count, gap = HAMLETS[scale.name], 500.0 if scale.name == "village" else 900.0
    rural = np.flatnonzero((land.settled < 0) & inside(land.county.buffer(-gap / 3), land.point))
    near, _ = shapely.STRtree(shapely.buffer(land.places.built, gap)).query(points_at(land.point[rural]), "intersects")
    point = land.point[np.delete(rural, np.unique(near))]
    point = point[rng.permutation(len(point))]
    first, second = shapely.STRtree(points_at(point)).query(points_at(point), predicate="dwithin", distance=gap)
    return np.delete(point, np.unique(second[first < second]), axis=0)[:count]


def railway_frames(scale: Scale, seed: int, land: Land, water: Water) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Railway lines (LineString, EPSG:27700), and their stations with name and place (x, y)."""
    rng, places = stream(seed, "railways"), land.places
    towns = places.large + (places.towns - places.large) // 3
    node, edge, cost = _ground(rng, scale, land, water)
    ways = graph.Ways(node, edge, cost)
    stop = nearest(places.centre[:towns] + places.radius[:towns, None] * 0.35, node)
    pairs = graph.neighbours(places.centre[:towns]) if towns > 3 else np.array([[0, 1], [1, 2]])
    length = np.hypot(*(places.centre[pairs[:, 0]] - places.centre[pairs[:, 1]]).T)
    pairs = pairs[graph.spanning(pairs, length, towns)]
    rows, used = [], set[int]()
    for number, (one, other) in enumerate(pairs.tolist(), start=1):
        taken = ways.between(int(stop[one]), int(stop[other]))
        ways.cheapen(taken, 0.3)
        fresh = [edge_number for edge_number in taken if edge_number not in used]
        used.update(fresh)
        for part, line in enumerate(_lines(node, edge, fresh), start=1):
            rows.append({"LINE_ID": f"RW-{number:03d}-{part}",
                         "NAME": f"{places.name[one]} to {places.name[other]} line",
                         "KIND": "Main line" if max(one, other) < places.large else "Branch line", "geometry": line})
    frame = pd.DataFrame(rows)
    shapes = frame.pop("geometry").to_numpy()
    stations = pd.DataFrame({"name": [f"{name} Station" for name in places.name[:towns]],
                             "x": node[stop, 0], "y": node[stop, 1]})
    frame["LENGTH_M"] = np.round(shapely.length(shapes), 1)
    return gpd.GeoDataFrame(frame.assign(SYNTHETIC=True), geometry=shapes, crs=27700), stations


def _ground(
    rng: np.random.Generator, scale: Scale, land: Land, water: Water
) -> tuple[Floats, np.ndarray, Floats]:
    """Points that a railway may go by, their neighbours, and what each way costs: wet ground and towns cost more."""
    spacing = 420.0 if scale.name == "village" else 1_300.0
    node = jittered_grid(rng, scale.box, spacing, 0.2)
    node = np.round(node[inside(land.county.buffer(-spacing / 4), node)], 1)
    edge = graph.neighbours(node)
    line = shapely.linestrings(node[edge])
    cost = shapely.length(line)
    wet, _ = shapely.STRtree(np.concatenate([water.tidal, water.lakes])).query(line, predicate="intersects")
    cost[np.unique(wet)] *= 12
    town = owners(land.places.built, (node[edge[:, 0]] + node[edge[:, 1]]) / 2) >= 0
    return node, edge, np.where(town, cost * 2.2, cost)


def _lines(node: Floats, edge: np.ndarray, taken: list[int]) -> list[shapely.Geometry]:
    """Edges joined end to end, smooth as rails are."""
    if not taken:
        return []
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(node[edge[taken]])))
    return [shapely.linestrings(smooth(shapely.get_coordinates(part), 3)) for part in shapely.get_parts(joined)]
