"""Who is given what by place: the areas of two highway contracts, and the sites of two registered developers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.land import Land
from datasets.scales import Scale
from datasets.shapes import Floats, multi, rounded

CONTRACTS = {"NORTH": "Invented Term Maintenance, north", "SOUTH": "Invented Term Maintenance, south"}
PARTIES = {1: "ORCHARD", 4: "MARLPIT"}
"""Last digit of a large site's row, counted from 1 -> the registered developer whose it is."""


def contract_frame(scale: Scale, land: Land) -> gpd.GeoDataFrame:
    """The two contracts' areas (MultiPolygon): about a third of the county each, and a gap between them."""
    xmin, ymin, xmax, ymax = scale.box
    height = ymax - ymin
    order = np.argsort(land.point[:, 1])
    share = np.cumsum(shapely.area(land.cells[order])) / shapely.area(land.cells).sum()
    lower, upper = (float(land.point[order[np.searchsorted(share, third)], 1]) for third in (0.34, 0.66))
    x = np.linspace(xmin - 1000, xmax + 1000, 90)
    shapes = [
        land.county.intersection(_between(x, _wavy(x, scale, upper), np.full(len(x), ymax + height))),
        land.county.intersection(_between(x, np.full(len(x), ymin - height), _wavy(x, scale, lower))),
    ]
    return gpd.GeoDataFrame(
        {"contract": list(CONTRACTS), "contractor": list(CONTRACTS.values()), "ends": ["2029-03-31", "2028-09-30"],
         "synthetic": True},
        geometry=multi(rounded(np.array(shapes, dtype=object))),
        crs=27700,
    )  # fmt: skip


def _wavy(x: Floats, scale: Scale, level: float) -> Floats:
    """A border that nobody would draw with a ruler, its waves far smaller than the gap between the contracts."""
    xmin, ymin, xmax, ymax = scale.box
    turn = (x - xmin) / (xmax - xmin) * 2 * np.pi
    return level + (ymax - ymin) * (0.03 * np.sin(1.7 * turn + 1) + 0.012 * np.sin(7.3 * turn))


def _between(x: Floats, below: Floats, above: Floats) -> Any:
    return shapely.Polygon(np.vstack([np.column_stack([x, below]), np.column_stack([x, above])[::-1]]))


def parties_of(housing: pd.DataFrame) -> np.ndarray:
    """The registered developer whose each site is; None for most. Only large sites are registered."""
    # By the place of the row, which no column tells: a site's reference must not give its party away.
    number = [row % 10 for row in range(1, len(housing) + 1)]
    large = housing["SizeClass"] == "large"
    return np.array([PARTIES.get(n) if yes else None for n, yes in zip(number, large, strict=True)], dtype=object)


def party_site_frame(housing: pd.DataFrame) -> gpd.GeoDataFrame:
    """The registered sites of each developer (MultiPolygon, EPSG:27700)."""
    mine = housing[housing["Party"].notna()]
    return gpd.GeoDataFrame(
        {"party": mine["Party"].to_numpy(), "site_ref": mine["SiteReference"].to_numpy(), "synthetic": True},
        geometry=multi(shapely.from_wkt(mine["WKT"].to_numpy())),
        crs=27700,
    )
