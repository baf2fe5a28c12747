"""Open lines of the streets: what a map that anybody may have shows of them. Another drawing, not a thinned copy.

As in OS Open Roads a line is generalised and whole metres, and it lies a few metres beside the licensed one. Lines that
meet still meet: where a point goes depends on the point alone.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.shapes import Floats, Shapes

SIMPLIFIED_M, AWAY_M = 14.0, 3.0
PUBLIC_CODES = (1, 2, 8, 13, 16, 18, 19, 20, 21, 23, 26, 28, 29)
"""Special designations that have an open line; the others are on no open map."""


def opened(line: Shapes) -> Shapes:
    """The open line of each licensed one, at whole metres."""
    drawn = shapely.simplify(shapely.transform(line, _beside), SIMPLIFIED_M)
    # A line of less than a metre would shrink to a point: it keeps its two ends.
    whole = shapely.transform(drawn, np.round)
    lost = shapely.length(whole) < 1.0
    whole[lost] = shapely.transform(drawn[lost], lambda xy: np.round(xy, 2))
    return np.asarray(whole)


def _beside(xy: Floats) -> Floats:
    x, y = xy[:, 0], xy[:, 1]
    return np.column_stack([x + AWAY_M * np.sin(y / 310.0) + 2.0, y + AWAY_M * np.sin(x / 270.0) - 1.5])


def open_frames(
    street: gpd.GeoDataFrame, segment: gpd.GeoDataFrame, winter: pd.DataFrame, designation: gpd.GeoDataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """The open line of each feature that the public may know of, by its id (EPSG:27700)."""
    shown = street[street["STATE"] == 2]
    line = opened(shown.geometry.to_numpy())
    of_usrn = dict(zip(shown["USRN"].tolist(), line, strict=True))
    treated = winter[winter["USRN"].isin(of_usrn)].drop_duplicates()
    segments = segment[segment["operationalstate"] == "Open"]
    told = designation[designation["DESIGNATION"].isin(PUBLIC_CODES) & designation["STREET_OPEN"]]
    season = [f"{u}.{s}" for u, s in zip(treated["USRN"], treated["Season"], strict=True)]
    return {
        "open_streets": _frame("usrn", shown["USRN"].to_numpy(), line),
        "open_segments": _frame("esu_id", segments["esuid"].to_numpy(), opened(segments.geometry.to_numpy())),
        "open_winter_routes": _frame("route_key", season, np.array([of_usrn[u] for u in treated["USRN"]])),
        "open_designations": _frame(
            "designation_id", told["DESIGNATION_ID"].to_numpy(), opened(told.geometry.to_numpy())
        ),
    }


def _frame(key: str, values: object, line: Shapes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({key: values, "synthetic": True}, geometry=line, crs=27700)
