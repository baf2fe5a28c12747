"""Land beside water that may be flooded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from datasets.draws import numbered
from datasets.land import Land
from datasets.rivers import Water
from datasets.scales import Scale
from datasets.shapes import multi

ZONES = {"FZ2": (9.0, 90.0), "FZ3": (5.0, 45.0)}
"""Flood zone -> how many times its width a river floods on each side, and how many metres the sea comes inland."""
BANK_M, LAKE_M, SQUARE_M = 12.0, 20.0, 5000.0


def flood_frame(scale: Scale, land: Land, water: Water) -> gpd.GeoDataFrame:
    """Flood zones of the Environment Agency (MultiPolygon, EPSG:27700), cut into squares of 5 km.

    Zone 3, where floods are likelier, lies within zone 2.
    """
    line, width = water.links["geometry"].to_numpy(), water.links["width_m"].to_numpy()
    shore = shapely.simplify(shapely.union_all(water.tidal), 5.0)
    squares = _squares(scale)
    zone, shapes = [], []
    for name, (times, inland) in ZONES.items():
        wet = shapely.union_all([
            *shapely.buffer(line, BANK_M + times * width, quad_segs=3), shapely.buffer(shore, inland, quad_segs=3),
            *shapely.buffer(np.concatenate([water.lakes, water.wide]), LAKE_M, quad_segs=3)])
        parts = multi(shapely.set_precision(shapely.intersection(squares, shapely.intersection(wet, land.county)), 0.1))
        parts = parts[~shapely.is_empty(parts)]
        shapes.append(parts)
        zone += [name] * len(parts)
    found = np.concatenate(shapes)
    return gpd.GeoDataFrame({
        "ZONE_ID": numbered("FZ-{:05d}", len(found)),
        "FLOOD_ZONE": zone,
        "AREA_HA": np.round(shapely.area(found) / 1e4, 2),
        "SYNTHETIC": True,
    }, geometry=found, crs=27700)  # fmt: skip


def _squares(scale: Scale) -> np.ndarray:
    xmin, ymin, xmax, ymax = np.array(scale.box) // SQUARE_M * SQUARE_M
    west, south = (each.ravel() for each in np.meshgrid(
        np.arange(xmin, xmax + 1, SQUARE_M), np.arange(ymin, ymax + 1, SQUARE_M)))
    return np.asarray(shapely.box(west, south, west + SQUARE_M, south + SQUARE_M))
