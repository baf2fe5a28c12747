"""Additional street data (DTF 8.1 records 61, 62 and 63), salt bins, and street works as Street Manager tells them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.draws import Column, chance, choices, dates, numbered, scattered, where
from datasets.scales import Scale, stream
from datasets.shapes import Ints, Shapes, rounded
from datasets.streets import COUNTY_SWA

DESIGNATIONS: dict[int, float] = {
    1: 1, 2: 16, 3: 5, 6: 1, 8: 1, 9: 4, 10: 3, 12: 3, 13: 2, 16: 2, 17: 2, 18: 2, 19: 8, 20: 9, 21: 10, 22: 2, 23: 5,
    24: 6, 25: 4, 26: 3, 27: 2, 28: 8, 29: 4, 30: 3,
}  # fmt: skip
"""Code of a special designation -> how common it is. 4, 5, 7, 11, 14 and 15 must not be used."""
PERIODS: dict[int, float] = {1: 4, 2: 3, 3: 1, 7: 1, 8: 1, 9: 1, 10: 1, 11: 1, 12: 1, 13: 1, 14: 1, 15: 6, 16: 1}
CONSTRUCTION = {1: 0.86, 2: 0.08, 3: 0.06}
REINSTATEMENT = {4: 0.4, 3: 0.2, 2: 0.1, 1: 0.04, 5: 0.02, 6: 0.05, 7: 0.03, 8: 0.1, 9: 0.05, 10: 0.01}
STATES = {"permit_submitted": 0.2, "granted": 0.35, "in_progress": 0.3, "closed": 0.15}
ACTIVITIES = {"Utility repair and maintenance works": 0.35, "New service connection": 0.2, "Highway repair": 0.25,
              "Utility asset works": 0.15, "Diversionary works": 0.05}  # fmt: skip


def asd_frames(scale: Scale, seed: int, streets: gpd.GeoDataFrame, line: Shapes) -> dict[str, gpd.GeoDataFrame]:
    """Records 61, 62 and 63 (MultiLineString, EPSG:27700) of streets that are not closed.

    `line` is one segment of each street, for records that apply to a part of it.
    """
    return {
        "street_interests": _interests(scale, seed, streets, line),
        "street_construction": _construction(scale, seed, streets, line),
        "street_designations": _designations(scale, seed, streets, line),
    }


def _on_streets(
    rng: np.random.Generator, ids: np.random.Generator, count: int, streets: gpd.GeoDataFrame, line: Shapes,
    record: int, each: bool,
) -> tuple[Ints, gpd.GeoDataFrame]:
    """The streets of `count` records and the columns that all records have; `each` street has one or more."""
    live = np.flatnonzero(streets["STATE"] != 4)
    more = rng.choice(live, count - len(live) if each else count)
    at = np.sort(np.concatenate([live, more]) if each else more)
    usrn = streets["USRN"].to_numpy()[at]
    sequence = (pd.Series(usrn).groupby(usrn).cumcount() + 1).to_numpy()
    whole = chance(rng, count, 0.7)
    part = np.asarray(shapely.multilinestrings(line[at], indices=np.arange(count)))
    text = where(~whole, np.array([f"Part of {name}" for name in streets["STREET_DESCRIPTOR"].to_numpy()[at]], object))
    frame = gpd.GeoDataFrame(
        {
            # Not made of the street, nor counted: no gap tells that a street, or the county, has a hidden record.
            "RECORD_ID": [f"{record}-{number}" for number in scattered(ids, count, 8)],
            "USRN": usrn,
            "SEQ_NUM": sequence,
            "STREET_OPEN": streets["STATE"].to_numpy()[at] == 2,
            "WHOLE_ROAD": whole,
            "SPECIFY_LOCATION": text,
            "RECORD_START_DATE": dates(rng, count, "2004-01-01", "2026-06-30"),
            "SYNTHETIC": True,
        },
        geometry=np.where(whole, streets.geometry.to_numpy()[at], part),
        crs=27700,
    )
    return at, frame


def _interests(scale: Scale, seed: int, streets: gpd.GeoDataFrame, line: Shapes) -> gpd.GeoDataFrame:
    rng, count = stream(seed, "interests"), scale.more["street_interests"]
    at, frame = _on_streets(rng, stream(seed, "interests ids"), count, streets, line, 61, each=True)
    first = frame["SEQ_NUM"].to_numpy() == 1
    frame.insert(3, "STREET_STATUS", streets["STREET_STATUS"].to_numpy()[at])
    frame.insert(4, "INTEREST_TYPE", np.where(first, 1, choices(rng, count, {8: 0.6, 9: 0.4})).astype(int))
    frame.insert(5, "SWA_ORG_REF_AUTHORITY", COUNTY_SWA)
    frame.insert(6, "DISTRICT_REF_AUTHORITY", choices(rng, count, {"001": 0.6, "002": 0.4}))
    return frame.rename(columns={"RECORD_ID": "INTEREST_ID"})


def _construction(scale: Scale, seed: int, streets: gpd.GeoDataFrame, line: Shapes) -> gpd.GeoDataFrame:
    rng, count = stream(seed, "construction"), scale.more["street_construction"]
    at, frame = _on_streets(rng, stream(seed, "construction ids"), count, streets, line, 62, each=True)
    kind = choices(rng, count, CONSTRUCTION).astype(int)
    reinstatement = choices(rng, count, REINSTATEMENT).astype(int)
    # State 5 implies reinstatement 12, another authority's road 11.
    reinstatement[streets["STREET_STATUS"].to_numpy()[at] == 4] = 11
    reinstatement[streets["STATE"].to_numpy()[at] == 5] = 12
    frame.insert(3, "CONSTRUCTION_TYPE", kind)
    frame.insert(4, "REINSTATEMENT_TYPE_CODE", where(kind == 1, reinstatement))
    frame.insert(
        5,
        "CONSTRUCTION_DESCRIPTION",
        where(
            kind > 1,
            choices(
                rng,
                count,
                {
                    "Stone setts laid in mortar": 0.5,
                    "Coloured surface dressing": 0.3,
                    "Shallow services over an arch": 0.2,
                },
            ),
        ),
    )
    frame.insert(6, "SWA_ORG_REF_CONSULTANT", COUNTY_SWA)
    return frame.rename(columns={"RECORD_ID": "CONSTRUCTION_ID"})


def _designations(scale: Scale, seed: int, streets: gpd.GeoDataFrame, line: Shapes) -> gpd.GeoDataFrame:
    rng, count = stream(seed, "special"), scale.more["street_designations"]
    at, frame = _on_streets(rng, stream(seed, "special ids"), count, streets, line, 63, each=False)
    code = choices(rng, count, DESIGNATIONS).astype(int)
    # Every code is there twice, at the least, however small the county.
    code[rng.permutation(count)[: 2 * len(DESIGNATIONS)]] = np.tile(list(DESIGNATIONS), 2)
    name = streets["STREET_DESCRIPTOR"].to_numpy()[at]
    frame.insert(3, "DESIGNATION", code)
    frame.insert(4, "PERIODICITY", choices(rng, count, PERIODS).astype(int))
    frame.insert(5, "START_TIME", where(np.isin(code, (1, 2, 19)), "07:30"))
    frame.insert(6, "END_TIME", where(np.isin(code, (1, 2, 19)), "18:30"))
    frame.insert(
        7,
        "DESCRIPTION",
        [f"Record {n} about {street} (invented): ask before you dig." for n, street in enumerate(name, 1)],
    )
    return frame.rename(columns={"RECORD_ID": "DESIGNATION_ID"})


def salt_bin_frame(scale: Scale, seed: int, streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Salt bins beside streets; Easting and Northing are EPSG:27700 metres."""
    rng, count = stream(seed, "salt_bins"), scale.more["salt_bins"]
    at = rng.choice(np.flatnonzero(streets["STATE"] == 2), count)
    point = _beside(rng, streets, at)
    return pd.DataFrame({
        "BinID": numbered("SB-{:05d}", count),
        "USRN": streets["USRN"].to_numpy()[at],
        "Colour": choices(rng, count, {"Yellow": 0.8, "Green": 0.2}),
        "LastFilled": dates(rng, count, "2025-09-15", "2026-11-10"),
        "Owner": choices(rng, count, {"county": 0.7, "parish": 0.3}),
        "Synthetic": True,
        "Easting": point[:, 0],
        "Northing": point[:, 1],
    })  # fmt: skip


def _beside(rng: np.random.Generator, streets: gpd.GeoDataFrame, at: Ints) -> Column:
    """A point (n, 2) beside each of the streets."""
    place = shapely.line_interpolate_point(
        shapely.get_geometry(streets.geometry.to_numpy()[at], 0), rng.uniform(0.1, 0.9, len(at)), normalized=True
    )
    return np.asarray(np.round(shapely.get_coordinates(place) + rng.uniform(-4, 4, (len(at), 2)), 2))


def works_frame(scale: Scale, seed: int, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Works on streets (Point, EPSG:27700), as in the open data of Street Manager."""
    rng, count = stream(seed, "works"), scale.more["works"]
    at = rng.choice(np.flatnonzero(streets["STATE"] == 2), count)
    start = dates(rng, count, "2026-09-01", "2027-02-28")
    length = rng.integers(0, 30, count).astype("timedelta64[D]")
    return gpd.GeoDataFrame(
        {
            "permit_reference_number": numbered("SYN-{:07d}-01", count),
            "work_reference_number": numbered("SYN-{:07d}", count),
            "usrn": streets["USRN"].to_numpy()[at],
            "street_name": streets["STREET_DESCRIPTOR"].to_numpy()[at],
            "area_name": streets["TOWN_NAME"].to_numpy()[at],
            "highway_authority_swa_code": COUNTY_SWA,
            "promoter_organisation": choices(rng, count, {
                "Synthetic County Council": 0.3, "Invented Water": 0.3, "Invented Power": 0.2, "Invented Fibre": 0.2}),
            "activity_type": choices(rng, count, ACTIVITIES),
            "work_category": choices(rng, count, {"Minor": 0.5, "Standard": 0.25, "Major": 0.15, "Immediate": 0.1}),
            "traffic_management_type": choices(rng, count, {
                "Some carriageway incursion": 0.4, "Multi-way signals": 0.2, "Give and take": 0.25,
                "Road closure": 0.15}),
            "work_status": choices(rng, count, STATES),
            "proposed_start_date": start,
            "proposed_end_date": [str(day) for day in start.astype("datetime64[D]") + length],
            "synthetic": True,
        },
        geometry=rounded(shapely.points(_beside(rng, streets, at))),
        crs=27700,
    )  # fmt: skip
