"""Lessons about land: what is far from a library, and where homes could go."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap.catalogue import Catalogue
from hantsmap.gridref import reference
from hantsmap.lessons.example import Box, Example, Lacking, Table, told, view
from hantsmap.lessons.themes import Theme, theme

CATEGORY, FAR_M = "Library", 1_000.0
LAYER = "population_forecasts"
# Layers that speak against homes, with what counts against them (1 to 5) and how far one keeps away, in metres.
AGAINST = (("designations", 5, 0), ("ancient_woodland", 5, 50), ("sinc", 4, 0), ("flood_zones", 5, 0))
FEWEST = 2
HOMES, HOMES_A_HECTARE = 500, 35
# The map judges land in squares, of the smallest of these sizes that makes no more than so many of them.
SIZES, MOST_SQUARES = (100, 250, 500, 1_000, 2_500), 40_000


def far(catalogue: Catalogue) -> Example:
    """Lesson: which areas are more than a kilometre from a library?"""
    services = theme(catalogue, "services", "name", "service_type", "status", geometry="Point")
    wanted = zip(services.columns["service_type"], services.columns["status"], strict=True)
    libraries = services.where([kind == CATEGORY and status == "active" for kind, status in wanted])
    if not len(libraries):
        raise Lacking("This lesson needs a library, and there is none here.")
    wards = _wards(catalogue)
    places = shapely.points([inside(shape) for shape in wards.shapes])
    apart = np.array([shapely.distance(place, libraries.shapes) for place in places])
    nearest, names = apart.min(axis=1), [libraries.columns["name"][at] for at in apart.argmin(axis=1)]
    order = sorted(range(len(wards)), key=lambda i: (-nearest[i], wards.ids[i]))
    rows = tuple((wards.columns["area_name"][i], reference(places[i].x, places[i].y, 6), names[i], told(nearest[i]))
                 for i in order)
    west, south, east, north = shapely.total_bounds(wards.shapes)
    state = view((west, south, east, north)) | {"on": "services", "tool": "nearest", "na": "ward"}
    beyond = [wards.columns["area_name"][i] for i in order if nearest[i] > FAR_M]
    return Example(
        opens=state, shows=state | {"near": f"{CATEGORY.lower()}:{FAR_M:.0f}"},
        words={"count": str(len(beyond)), "all": str(len(wards)), "libraries": str(len(libraries)),
               "farthest": rows[0][0], "distance": rows[0][3], "library": rows[0][2]},
        answers=(Table("How far the middle of each ward is from a library",
                       ("Ward", "Middle", "Nearest library", "As the crow flies"), rows),),
        figures={"beyond": beyond, "count": len(beyond), "all": len(wards), "category": CATEGORY, "metres": FAR_M})


def _wards(catalogue: Catalogue) -> Theme:
    """Wards as the forecasts have them, each once."""
    found = theme(catalogue, LAYER, "area_gss", "area_name", "geography", "year", geometry="Polygon")
    first = min(found.columns["year"])
    kept = found.where([kind == "ward" and year == first for kind, year in zip(
        found.columns["geography"], found.columns["year"], strict=True)])
    if not len(kept):
        raise Lacking("This lesson needs forecasts by ward, and there are none here.")
    return kept


def inside(shape: Any) -> tuple[float, float]:
    """A point within an area (EPSG:27700, easting first), as the map reckons it.

    Through the middle of each polygon goes a line from west to east; it is the middle of the longest part of one that
    lies within.
    """
    widest = 0.0, (0.0, 0.0)
    for polygon in shapely.get_parts(shape):
        west, south, east, north = polygon.bounds
        level = (south + north) / 2
        across = shapely.intersection(polygon, shapely.LineString([(west - 1, level), (east + 1, level)]))
        for part in shapely.get_parts(across):
            if part.length > widest[0]:
                middle = part.interpolate(0.5, normalized=True)
                widest = part.length, (middle.x, middle.y)
    return widest[1]


def build(catalogue: Catalogue) -> Example:
    """Lesson: where should 500 homes go? The first district, and what speaks against homes in it."""
    districts = theme(catalogue, "districts", "gss", "name", geometry="Polygon")
    at = min(range(len(districts)), key=lambda i: districts.columns["gss"][i])
    name, gss, district = districts.columns["name"][at], districts.columns["gss"][at], districts.shapes[at]
    used = [(layer, weight, metres, theme(catalogue, layer, geometry="Polygon"))
            for layer, weight, metres in AGAINST if layer in catalogue.entries]
    if len(used) < FEWEST:
        raise Lacking("This lesson needs two layers at least that speak against homes, such as designations.")
    middles, size = squares(district)
    hit = {layer: _near(middles, found.shapes, metres) for layer, _, metres, found in used}
    free = ~np.logical_or.reduce(list(hit.values()))
    hectares, whole = size**2 / 1e4, len(middles)

    def row(title: str, weight: str, count: int) -> tuple[str, ...]:
        return title, weight, f"{count * hectares:,.0f}", f"{count / whole * 100:.0f} %"

    rows = [row(found.title, str(weight), int(hit[layer].sum())) for layer, weight, _, found in used]
    rows.append(row("Nothing against it", "", int(free.sum())))
    rules = ",".join(f"{layer}:{weight}:{metres}:away" for layer, weight, metres, _ in used)
    state = view(district.bounds) | {"tool": "constraints", "ca": gss}
    return Example(
        opens=state, shows=state | {"cons": rules},
        words={"district": name, "free": f"{free.mean() * 100:.0f}", "hectares": f"{free.sum() * hectares:,.0f}",
               "needed": f"{HOMES / HOMES_A_HECTARE:.0f}", "count": str(len(used)),
               "layers": "; ".join(f"{each.title} (weight {weight}, {metres} m)" for _, weight, metres, each in used)},
        answers=(Table(f"Land of {name}", ("What is there", "Weight", "Hectares", "Share"), tuple(rows)),),
        figures={"district": gss, "name": name, "hectares": float(free.sum() * hectares), "square": size,
                 "layers": [layer for layer, *_ in used], "titles": [found.title for *_, found in used]})


def squares(area: Any) -> tuple[NDArray[Any], int]:
    """Middles (points, EPSG:27700) of the grid squares of an area whose middle lies in it, and their side in metres."""
    west, south, east, north = area.bounds
    land = (east - west) * (north - south)
    size = next((size for size in SIZES if land / size**2 <= MOST_SQUARES), SIZES[-1])
    points = shapely.points(_middles((west, south, east, north), size))
    return points[shapely.contains(area, points)], size


def _middles(box: Box, size: int) -> NDArray[np.float64]:
    west, south = floor(box[0] / size) * size, floor(box[1] / size) * size
    across, up = max(1, ceil((box[2] - west) / size)), max(1, ceil((box[3] - south) / size))
    x, y = np.meshgrid(west + (np.arange(across) + 0.5) * size, south + (np.arange(up) + 0.5) * size)
    return np.column_stack([x.ravel(), y.ravel()])


def _near(points: NDArray[Any], shapes: NDArray[Any], metres: float) -> NDArray[np.bool_]:
    """Which points lie in a shape, or within so many metres of one."""
    found = np.zeros(len(points), dtype=bool)
    found[shapely.STRtree(shapes).query(points, predicate="dwithin", distance=metres)[0]] = True
    return found
