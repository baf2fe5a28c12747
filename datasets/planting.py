"""Puts the faults of `faults` into clean frames. Each function changes one frame, in place or by returning another."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.ages import BANDS
from datasets.designations import crossed
from datasets.draws import Column
from datasets.faults import (
    BORDER_STREET,
    BOW_TIE,
    CLOSED_STREET,
    EMPTY_SITE,
    ODD_STREET,
    OLD_SITE,
    OVERLAPPING,
    TWO_DISTRICTS,
    TWO_SPELLINGS,
)
from datasets.land import Land
from datasets.names import slug
from datasets.shapes import blobs, multi

Frame = Any
"""A DataFrame or GeoDataFrame: pandas' stubs know too little of what a cell may hold to check what is put in here."""


def in_streets(streets: Frame, segments: Frame) -> None:
    """A sentinel date, an unknown surface, and a closed street with an open segment."""
    name = streets.columns.get_loc("STREET_DESCRIPTOR")
    plain = np.flatnonzero((streets["RECORD_TYPE"] == 1) & (streets["STATE"] == 2) & (streets["ESU_COUNT"] >= 3)
                           & (streets["STREET_DESCRIPTOR"] != BORDER_STREET))  # fmt: skip
    on_road = segments.loc[segments["roadclassification"] != "Unclassified", "usrns"].str.split(";").str[0].astype(int)
    plain = plain[~streets["USRN"].to_numpy()[plain][:, None].__eq__(on_road.unique()[None]).any(axis=1)][3:]
    odd, closed = int(plain[0]), int(plain[1])
    streets.loc[int(plain[2]), "STREET_START_DATE"] = "1835-08-01"
    streets.loc[odd, "STREET_SURFACE"] = 7
    streets.iloc[odd, name], streets.iloc[closed, name] = ODD_STREET, CLOSED_STREET
    streets.loc[closed, ["STATE", "STREET_END_DATE"]] = [4, "2025-03-31"]
    mine = np.flatnonzero(segments["usrns"] == str(streets["USRN"].iloc[closed]))
    segments.loc[mine[1:], "operationalstate"] = "Permanently Closed"


def in_winter(frame: Frame) -> Frame:
    """An exact duplicate of the first row, at the end."""
    return pd.concat([frame, frame.iloc[:1]], ignore_index=True)


def in_paths(frame: Frame) -> None:
    """A path number with a letter, and a parish with two spellings."""
    counts = frame.groupby("PARISH")["PATH_NO"].nunique()
    counts = counts.drop(TWO_SPELLINGS[0], errors="ignore")
    parish = str(counts.idxmax())
    number = "13" if counts[parish] >= 13 else str(counts[parish])
    path = (frame["PARISH"] == parish) & (frame["PATH_NO"] == number)
    frame.loc[path, "PATH_NO"] = "12a"
    frame.loc[path, "ROW_ID"] = [f"{slug(parish)}-12a-{link}" for link in frame.loc[path, "LINK_NO"]]
    saint = np.flatnonzero(frame["PARISH"] == TWO_SPELLINGS[0])[-3:]
    frame.loc[saint, "PARISH"] = TWO_SPELLINGS[1]
    frame["PROW_REF"] = frame["PARISH"] + " " + frame["STATUS"] + " " + frame["PATH_NO"]


def in_designations(frame: Frame) -> Frame:
    """A site designated in 1582, and one more row, without geometry."""
    frame.loc[1, ["REF_CODE", "DESIG_DATE"]] = [OLD_SITE, "1582-10-04"]
    empty = frame[frame["DESIG_TYPE"] == "LNR"].iloc[:1].copy()
    empty["REF_CODE"], empty["NAME"] = EMPTY_SITE, "Lost Meadow Local Nature Reserve"
    empty.geometry = [None]
    return gpd.GeoDataFrame(pd.concat([frame, empty], ignore_index=True), crs=frame.crs)


def in_sincs(frame: Frame, land: Land, rng: np.random.Generator) -> None:
    """A bow-tie, a site over another one, and a site across a district border, in the first confirmed rows."""
    rows = np.flatnonzero(frame["STATUS"] == "confirmed")[:4]
    shapes: Column = frame.geometry.to_numpy().copy()
    x, y = shapely.get_coordinates(shapely.centroid(shapes[rows[0]]))[0].round()
    shapes[rows[0]] = shapely.Polygon([(x - 40, y - 30), (x + 40, y + 30), (x + 40, y - 30), (x - 40, y + 30)])
    west, _, east, _ = shapes[rows[1]].bounds
    shapes[rows[2]] = shapely.transform(
        shapes[rows[1]], lambda xy: np.round(xy + np.array([(east - west) * 0.6, 0.0]), 2)
    )
    district = land.shapes["DISTRICT"]
    one, other = next(iter(shapely.STRtree(district).query(district, predicate="touches").T))
    border = shapely.get_coordinates(shapely.intersection(district[one], district[other]))
    others = np.delete(shapes, rows[3])
    room = shapely.distance(shapely.points(border), others[shapely.STRtree(others).nearest(shapely.points(border))])
    room = np.where(shapely.distance(shapely.points(border), land.county.boundary) > 300, room, 0.0)
    shapes[rows[3]] = blobs(rng, border[[np.argmax(room)]], np.array([100.0]), 24)[0]
    changed = multi(shapes)
    frame.geometry = changed
    refs = [BOW_TIE, frame["SINC_REF"].iloc[rows[1]], OVERLAPPING, TWO_DISTRICTS]
    frame.loc[rows, "SINC_REF"] = refs
    frame.loc[rows, "AREA_HA"] = np.round(shapely.area(changed[rows]) / 1e4, 2)
    for column, kind in (("LAD_CD", "DISTRICT"), ("PAR_CD", "PARISH")):
        frame.loc[rows[2:], column] = crossed(land, kind, changed[rows[2:]])


def in_forecast(frame: Frame) -> None:
    """Four older people in the first output area's base year; the rest of them are counted as of working age."""
    frame.loc[0, "age_16_64"] += frame.loc[0, "age_65plus"] - 4
    frame.loc[0, "age_65plus"] = 4
    for sex in ("f", "m"):
        old, before = [f"{sex}_{band}" for band in BANDS[13:]], f"{sex}_60_64"
        moved = int(frame.loc[0, old].sum()) - 2
        frame.loc[0, old] = [2, 0, 0, 0, 0, 0]
        frame.loc[0, before] += moved
    for band in BANDS:
        frame.loc[0, f"p_{band}"] = frame.loc[0, f"f_{band}"] + frame.loc[0, f"m_{band}"]


def in_brownfield(frame: Frame) -> None:
    """Longitude and latitude for easting and northing, as some registers have them."""
    frame.loc[1, ["GeoX", "GeoY"]] = ["-1.0855340", "50.9263585"]


def in_indicators(frame: Frame) -> None:
    """Spaces after the name of an authority."""
    frame.loc[4, "LPA"] = f"{frame.loc[4, 'LPA']}  "


def in_housing(frame: Frame) -> None:
    """Spaces around an address, and an unknown status."""
    frame.loc[1, "SiteNameAddress"] = f" {frame.loc[1, 'SiteNameAddress']} "
    frame.loc[2, "Status"] = "abandoned"


def in_services(frame: Frame) -> None:
    """Spaces after a name, blank coordinates, longitude and latitude for easting and northing, a place far away."""
    frame.loc[2:5, "service_type"], frame.loc[2:5, "location_secret"] = "Library", False
    frame.loc[2, "name"] = "Café Quay Library  "
    frame.loc[3, ["GeoX", "GeoY"]] = ""
    frame.loc[4, ["GeoX", "GeoY"]] = ["-1.0855340", "50.9263585"]
    frame.loc[5, ["GeoX", "GeoY"]] = ["530000", "180000"]


def in_schools(frame: Frame) -> None:
    """Blank coordinates."""
    frame.loc[1, ["Easting", "Northing"]] = ""
