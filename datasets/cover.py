"""What covers the land: built-up areas, woods, and green places in towns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from datasets.draws import choices, numbered, where
from datasets.land import Land
from datasets.names import words
from datasets.rivers import Water
from datasets.roads import Network
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Shapes, blobs, inside, multi, owners, points_at

WOODS = {"village": 34, "county": 3_400}
GREENS = {"village": 26, "county": 1_500}
WOOD_ENDS = ("Wood", "Copse", "Plantation", "Hanger", "Coppice", "Grove")
WOOD_KINDS = {"Broadleaved": 0.6, "Mixed": 0.25, "Coniferous": 0.15}
GREEN_KINDS = {"Public Park Or Garden": 0.24, "Playing Field": 0.3, "Play Space": 0.14, "Cemetery": 0.07,
               "Allotments Or Community Growing Spaces": 0.13, "Other Sports Facility": 0.12}  # fmt: skip
GREEN_WORDS = {"Public Park Or Garden": "Park", "Playing Field": "Recreation Ground", "Play Space": "Play Area",
               "Cemetery": "Cemetery", "Allotments Or Community Growing Spaces": "Allotments",
               "Other Sports Facility": "Sports Ground"}  # fmt: skip
HOUSE_M, STREET_M = 66.0, 9.0
"""How far built-up land reaches from a junction of its streets, and half the width of a street with its pavements."""


def built_up_frame(land: Land, network: Network) -> gpd.GeoDataFrame:
    """Built-up areas (MultiPolygon, EPSG:27700), one for each town and village, as far as its streets reach."""
    here = network.place >= 0
    ends = network.edge[here].ravel()
    place = np.repeat(network.place[here], 2)
    pair = np.unique(np.column_stack([place, ends]), axis=0)
    corner = shapely.buffer(points_at(network.node[pair[:, 1]]), HOUSE_M, quad_segs=2)
    number, first = np.unique(pair[:, 0], return_index=True)
    shapes = np.array([shapely.union_all(group) for group in np.split(corner, first[1:])], dtype=object)
    # Gaps between streets are closed, and what sticks out is rounded off.
    shapes = shapely.buffer(shapely.buffer(shapes, 45, quad_segs=2), -75, quad_segs=2)
    shapes = shapely.intersection(shapely.set_precision(shapely.buffer(shapes, 20, quad_segs=2), 0.1), land.county)
    full = ~shapely.is_empty(shapes)
    number, shapes = number[full], multi(shapes[full])
    return gpd.GeoDataFrame({
        "BUA_ID": numbered("BU-{:04d}", len(shapes)),
        "NAME": [land.places.name[one] for one in number],
        "POPULATION": np.round(land.places.population[number], -2),
        "AREA_HA": np.round(shapely.area(shapes) / 1e4, 2),
        "SYNTHETIC": True,
    }, geometry=shapes, crs=27700)  # fmt: skip


def woodland_frame(
    scale: Scale, seed: int, land: Land, water: Water, built: gpd.GeoDataFrame, ancient: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Woods (MultiPolygon, EPSG:27700): all ancient woods with younger ones around them, and others in the country."""
    rng = stream(seed, "woods")
    young = _off(_young(rng, scale, land), np.concatenate([
        shapely.buffer(built.geometry.to_numpy(), 25), water.tidal, water.lakes, water.wide]))
    old = ancient.geometry.to_numpy()
    edge = shapely.intersection(shapely.buffer(old, rng.uniform(8, 60, len(old)), quad_segs=3), land.county)
    edge = _off(edge, np.concatenate([built.geometry.to_numpy(), water.tidal, water.lakes, water.wide]))
    # What is ancient woodland is woodland, whatever else is there.
    woods = shapely.get_parts(shapely.set_precision(shapely.union_all(np.concatenate([young, edge, old])), 0.1))
    woods = woods[shapely.area(woods) > 2_000]
    within, _ = shapely.STRtree(old).query(woods, predicate="intersects")
    size, pool = shapely.area(woods) / 1e4, words(rng, 14_000)
    end = np.where(size > 120, "Forest", np.array(WOOD_ENDS, dtype=object)[rng.integers(0, len(WOOD_ENDS), len(woods))])
    name = [f"{word} {last}" for word, last in zip(pool[: len(woods)], end, strict=True)]
    ancient_too = np.isin(np.arange(len(woods)), within)
    return gpd.GeoDataFrame({
        "WOOD_ID": numbered("WD-{:05d}", len(woods)),
        "NAME": where(size > (2.0 if scale.name == "village" else 5.0), np.array(name, dtype=object)),
        "KIND": np.where(ancient_too, "Broadleaved", choices(rng, len(woods), WOOD_KINDS)),
        "AREA_HA": np.round(size, 2),
        "SYNTHETIC": True,
    }, geometry=multi(woods), crs=27700)  # fmt: skip


def _young(rng: np.random.Generator, scale: Scale, land: Land) -> Shapes:
    """Woods of several lobes, more of them in some parts of the county than in others."""
    count = WOODS[scale.name]
    x, y = ((land.point - np.array(scale.box[:2])) / (scale.box[2] - scale.box[0])).T * 2 * np.pi
    wooded = np.exp(1.3 * np.sin(1.7 * x + 0.6) * np.sin(2.3 * y + 1.9) + 0.5 * np.sin(5 * x - 3 * y))
    share = shapely.area(land.cells) * (land.settled < 0) * wooded
    seat = land.point[rng.choice(len(land.point), count, p=share / share.sum())]
    radius = (95 if scale.name == "village" else 165) * np.exp(rng.normal(0, 0.55, count))
    lobes = rng.integers(1, 6, count)
    owner = np.repeat(np.arange(count), lobes)
    centre: Floats = seat[owner] + rng.normal(0, 0.95, (len(owner), 2)) * radius[owner][:, None]
    shapes = blobs(rng, centre, radius[owner] * rng.uniform(0.5, 1.1, len(owner)), 26, 0.3)
    return np.asarray(shapely.intersection(shapely.buffer(shapes, 0), land.county))


def _off(shapes: Shapes, others: Shapes) -> Shapes:
    """The shapes less all others that they meet."""
    found = shapes.copy()
    one, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    order = np.argsort(one, kind="stable")
    hit, first = np.unique(one[order], return_index=True)
    for number, group in zip(hit.tolist(), np.split(others[other[order]], first[1:]), strict=True):
        found[number] = shapely.difference(shapes[number], shapely.union_all(group))
    return found


def greenspace_frame(scale: Scale, seed: int, land: Land, network: Network) -> gpd.GeoDataFrame:
    """Parks, playing fields and other green places (MultiPolygon, EPSG:27700) between the streets of towns, with the
    functions of OS Open Greenspace."""
    rng = stream(seed, "greens")
    town = network.place >= 0
    block = shapely.get_parts(shapely.polygonize(network.line[town]))
    block = shapely.buffer(block, -STREET_M, join_style="mitre")
    size = shapely.area(block)
    block = block[(shapely.get_type_id(block) == 3) & (size > 1_200) & (size < 160_000)]
    point = shapely.get_coordinates(shapely.point_on_surface(block))
    block = block[inside(land.county, point)]
    block = block[np.sort(rng.permutation(len(block))[: GREENS[scale.name]])]
    place = owners(land.places.built, shapely.get_coordinates(shapely.point_on_surface(block)))
    kind, size = choices(rng, len(block), GREEN_KINDS), shapely.area(block)
    # Where children play is small, and where they play football is not.
    kind = np.where(
        size < 4_000, "Play Space", np.where((kind == "Play Space") & (size > 9_000), "Playing Field", kind))
    word = words(rng, 9_000)
    pick = rng.integers(0, len(word), len(block))
    return gpd.GeoDataFrame({
        "GREEN_ID": numbered("GR-{:05d}", len(block)),
        "NAME": [f"{word[w]} {GREEN_WORDS[k]}" for w, k in zip(pick.tolist(), kind.tolist(), strict=True)],
        "FUNCTION": kind,
        "PLACE": [land.places.name[one] if one >= 0 else None for one in place.tolist()],
        "AREA_HA": np.round(size / 1e4, 2),
        "SYNTHETIC": True,
    }, geometry=multi(shapely.set_precision(block, 0.1)), crs=27700)  # fmt: skip
