"""How rights of way are looked after: structures, closures, reports, claims and the orders that change them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.draws import Column, chance, choices, dates, numbered, scattered, where
from datasets.names import words
from datasets.scales import Scale, stream
from datasets.shapes import rounded

KINDS = {"gate": 0.35, "stile": 0.25, "signpost": 0.25, "bridge": 0.13, "steps": 0.02}
PROBLEMS = {"Overgrown": 0.35, "Obstruction": 0.15, "Damaged structure": 0.25, "Surface": 0.15, "Missing sign": 0.1}
STEPS = {"received": 0.2, "inspected": 0.2, "works ordered": 0.15, "closed": 0.45}
MAILBOX = "person{:04d}@report.example"


def structure_frame(scale: Scale, seed: int, paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Structures on paths (Point, EPSG:27700). Notes may name those who live beside the path."""
    rng, count = stream(seed, "structures"), scale.more["row_structures"]
    at = rng.integers(0, len(paths), count)
    note = choices(rng, count, {"": 0.6, "Key with the occupier (invented)": 0.25, "Electric fence near": 0.15})
    return gpd.GeoDataFrame(
        {
            "STRUCT_ID": [f"ST-{number}" for number in scattered(stream(seed, "structure_numbers"), count, 8)],
            "ROW_ID": paths["ROW_ID"].to_numpy()[at],
            "PARISH_GSS": paths["PARISH_GSS"].to_numpy()[at],
            "KIND": choices(rng, count, KINDS),
            "CONDITION": choices(rng, count, {"A": 0.5, "B": 0.3, "C": 0.15, "D": 0.05}),
            "BS5709": chance(rng, count, 0.4),
            "INSTALLED": dates(rng, count, "1985-01-01", "2026-06-30"),
            "INSPECTED": dates(rng, count, "2022-01-01", "2026-10-31"),
            "NOTES": where(note != "", note),
            "SYNTHETIC": True,
        },
        geometry=_along(rng, paths, at),
        crs=27700,
    )


def _along(rng: np.random.Generator, paths: gpd.GeoDataFrame, at: Column) -> Column:
    place = shapely.line_interpolate_point(paths.geometry.to_numpy()[at], rng.random(len(at)), normalized=True)
    return np.asarray(rounded(place))


def closure_frame(scale: Scale, seed: int, paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Temporary closures of path links (LineString, EPSG:27700): orders that the public must know."""
    rng, count = stream(seed, "closures"), scale.more["row_temporary_closures"]
    at = np.sort(rng.permutation(len(paths))[:count])
    return gpd.GeoDataFrame(
        {
            "CLOSURE_ID": numbered("TC-{:04d}", count),
            "ROW_ID": paths["ROW_ID"].to_numpy()[at],
            "PROW_REF": paths["PROW_REF"].to_numpy()[at],
            "REASON": choices(rng, count, {"Works on a bridge": 0.5, "Flood damage": 0.3, "Works by a utility": 0.2}),
            "FROM_DATE": dates(rng, count, "2026-06-01", "2026-11-15"),
            "TO_DATE": dates(rng, count, "2026-12-01", "2027-05-31"),
            "DIVERSION": choices(rng, count, {"Signed on the ground": 0.7, "None": 0.3}),
            "SYNTHETIC": True,
        },
        geometry=paths.geometry.to_numpy()[at],
        crs=27700,
    )


def report_frame(scale: Scale, seed: int, paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What people report of paths (Point, EPSG:27700), with their invented names, and notes of cases in hand."""
    rng, count = stream(seed, "reports"), scale.more["row_reports"]
    at = rng.integers(0, len(paths), count)
    word, who = words(rng, 800), rng.integers(0, 800, count)
    status = choices(rng, count, STEPS)
    case = chance(rng, count, 0.06) & (status != "closed")
    return gpd.GeoDataFrame(
        {
            "REPORT_ID": [f"RP-{number}" for number in scattered(stream(seed, "report_numbers"), count, 8)],
            "ROW_ID": paths["ROW_ID"].to_numpy()[at],
            "PROW_REF": paths["PROW_REF"].to_numpy()[at],
            "CATEGORY": choices(rng, count, PROBLEMS),
            "STATUS": status,
            "RECEIVED": dates(rng, count, "2024-01-01", "2026-11-15"),
            "PRIORITY": choices(rng, count, {1: 0.1, 2: 0.4, 3: 0.5}).astype(int),
            "DETAIL": [f"Seen on the way home, near {word[w]} (invented)." for w in rng.integers(0, 800, count)],
            "REPORTER": [f"Reporter {word[w]}" for w in who],
            "CONTACT": [MAILBOX.format(w) for w in who],
            "OFFICER": [f"Officer {word[w]}" for w in rng.integers(0, 9, count)],
            "CASE_NOTE": where(case, "Notice served; hearing to come (invented)."),
            "SYNTHETIC": True,
        },
        geometry=_along(rng, paths, at),
        crs=27700,
    )


def report_count_frame(paths: gpd.GeoDataFrame, reports: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """For each path with reports how many there are, open and closed (MultiLineString, EPSG:27700)."""
    path = (paths["PARISH_GSS"] + "-" + paths["PATH_NO"]).to_numpy()
    home = dict(zip(paths["ROW_ID"], path, strict=True))
    closed = (reports["STATUS"] == "closed").to_numpy()
    table = pd.DataFrame({"path": [home[one] for one in reports["ROW_ID"]], "closed": closed, "open": ~closed})
    sums = table.groupby("path")[["open", "closed"]].sum()
    number = pd.Series(np.arange(len(sums)), index=sums.index).reindex(path).to_numpy()
    links = np.flatnonzero(~np.isnan(number))
    links = links[np.argsort(number[links], kind="stable")]
    first = paths.iloc[links[np.unique(number[links], return_index=True)[1]]]
    return gpd.GeoDataFrame(
        {
            "PATH_ID": sums.index.to_numpy(),
            "PARISH_GSS": first["PARISH_GSS"].to_numpy(),
            "PATH_NO": first["PATH_NO"].to_numpy(),
            "OPEN_COUNT": sums["open"].to_numpy(),
            "CLOSED_COUNT": sums["closed"].to_numpy(),
            "STATE": np.where(sums["open"] > 0, "open", "closed"),
            "SYNTHETIC": True,
        },
        geometry=shapely.multilinestrings(paths.geometry.to_numpy()[links], indices=number[links].astype(np.int64)),
        crs=27700,
    )


def application_frame(scale: Scale, seed: int, paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Claims to change the definitive map (section 53; LineString, EPSG:27700), with the file that lies behind each."""
    rng, count = stream(seed, "applications"), scale.more["row_applications"]
    at = np.sort(rng.permutation(len(paths))[:count])
    word = words(rng, 400)
    state = choices(rng, count, {"received": 0.5, "investigating": 0.3, "determined": 0.2})
    return gpd.GeoDataFrame(
        {
            "APP_REF": numbered("S53-SYN-{:04d}", count),
            "PARISH": paths["PARISH"].to_numpy()[at],
            "PARISH_GSS": paths["PARISH_GSS"].to_numpy()[at],
            "CLAIM": choices(rng, count, {"Add a footpath": 0.5, "Add a bridleway": 0.2, "Upgrade to a byway": 0.3}),
            "RECEIVED": dates(rng, count, "2009-01-01", "2026-10-31"),
            "STATE": state,
            "DECISION": where(state == "determined", choices(rng, count, {"Order made": 0.6, "Refused": 0.4})),
            "EVIDENCE": "User evidence forms and an estate map (invented).",
            "APPLICANT": [f"Applicant {word[w]}" for w in rng.integers(0, 400, count)],
            "ADDRESS": [f"{n} {word[n]} Lane" for n in rng.integers(1, 90, count)],
            "OFFICER": [f"Officer {word[w]}" for w in rng.integers(0, 9, count)],
            "SYNTHETIC": True,
        },
        geometry=rounded(shapely.transform(paths.geometry.to_numpy()[at], lambda xy: xy + np.array([35.0, 20.0]))),
        crs=27700,
    )


def take_out_orders(paths: Any) -> gpd.GeoDataFrame:
    """The orders that change paths (LineString, EPSG:27700), drafts too; the paths keep only what is published.

    Every other consultation has not been announced: until its notice, the path is open and approved. Details of a
    statement name nobody once somebody has reviewed them.
    """
    orders = paths[paths["ORDERSTATE"] != "O"].copy()
    consulted = np.flatnonzero(orders["ORDERSTATE"] == "C")
    announced = np.ones(len(orders), dtype=bool)
    announced[consulted[::2]] = False
    made = pd.to_datetime(orders["UPDATED"]).dt.strftime("%Y-%m-%d").to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "ORDER_REF": orders["ORDERREF"].to_numpy(),
            "ROW_ID": orders["ROW_ID"].to_numpy(),
            "PROW_REF": orders["PROW_REF"].to_numpy(),
            "ORDER_STATE": orders["ORDERSTATE"].to_numpy(),
            "MADE": made,
            "NOTICE_DATE": where(announced, made),
            "PUBLISHED": announced,
            "SYNTHETIC": True,
        },
        geometry=orders.geometry.to_numpy(),
        crs=27700,
    )
    paths.loc[orders.index[~announced], ["ORDERSTATE", "ORDERREF"]] = ["O", None]
    reviewed = paths["TEXTREVIEW"] == 1
    paths.loc[reviewed, "DETAILTEXT"] = paths.loc[reviewed, "LOCTEXT"] + "."
    return frame
