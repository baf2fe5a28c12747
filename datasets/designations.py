"""Protected places: national and local designations, and the county's sites of importance for nature (SINCs)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.draws import choices, dates, joined, scattered, where
from datasets.land import Land
from datasets.names import site_names
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Shapes, blobs, inside, multi, owners, rounded

SINC_CODES = {"1A": 0.34, "1B": 0.1, "1Cii": 0.06, "1D": 0.04, "2A": 0.12, "2B": 0.14, "2D": 0.04, "3A": 0.04,
              "4A": 0.02, "5A": 0.03, "5B": 0.03, "6A": 0.08, "6B": 0.04, "7A": 0.02}  # fmt: skip
FAMILIES = {"1": "woodland", "2": "grassland", "3": "heath", "4": "wetland", "5": "wetland", "6": "species",
            "7": "community"}  # fmt: skip
SPECIES = ["an invented orchid", "an invented bat roost", "an invented newt", "an invented butterfly"]
WORDS = {"SSSI": "", "SAC": " SAC", "SPA": " SPA", "RAMSAR": " Ramsar site", "NNR": " National Nature Reserve",
         "LNR": " Local Nature Reserve", "NP": " National Park", "NL": " National Landscape",
         "CA": " Conservation Area"}  # fmt: skip


def designation_frame(scale: Scale, seed: int, land: Land) -> gpd.GeoDataFrame:
    """All designations (MultiPolygon, EPSG:27700), with Natural England's kind of column names."""
    rng = stream(seed, "designations")
    shapes = _designated(rng, scale, land)
    kind = np.repeat(list(shapes), [len(found) for found in shapes.values()])
    area = multi(np.concatenate(list(shapes.values())))
    count = len(area)
    return gpd.GeoDataFrame(
        {
            "DESIG_TYPE": kind,
            "REF_CODE": [f"{one}-99{number:04d}" for one, number in zip(kind, range(1, count + 1), strict=True)],
            "NAME": [name + WORDS[one] for name, one in zip(_names(rng, land, kind), kind, strict=True)],
            "DESIG_DATE": dates(rng, count, "1951-01-01", "2022-12-31"),
            "GIS_DATE": dates(rng, count, "2019-01-01", "2026-09-30"),
            "MEASURE": np.round(shapely.area(area) / 1e4, 2),
            "CONDITION": where(kind == "SSSI", choices(rng, count, {
                "FAVOURABLE": 0.42, "UNFAVOURABLE RECOVERING": 0.4, "UNFAVOURABLE NO CHANGE": 0.09,
                "UNFAVOURABLE DECLINING": 0.05, "PART DESTROYED": 0.01, "NOT ASSESSED": 0.03})),
            "HOTLINK": [f"https://maps.example.org/designations/{number}" for number in range(1, count + 1)],
            "SYNTHETIC": True,
        },
        geometry=area,
        crs=27700,
    )  # fmt: skip


def _names(rng: np.random.Generator, land: Land, kind: np.ndarray) -> list[str]:
    """Sites get names of their own; conservation areas those of their towns and villages."""
    found, first = site_names(rng, len(kind)), int(np.argmax(kind == "CA"))
    for number in np.flatnonzero(kind == "CA").tolist():
        turn, place = divmod(number - first, len(land.places.name))
        found[number] = land.places.name[place] + ("" if turn == 0 else f" ({found[number]})")
    return found


def _designated(rng: np.random.Generator, scale: Scale, land: Land) -> dict[str, Shapes]:
    """Kind of designation -> shapes. European sites are made of SSSIs, as they are in life."""
    want, places = scale.designations, land.places
    rural = land.settled < 0
    sssi_point, point = _spread(rng, land, want["SSSI"], rural), places.centre
    sssi = _on_land(
        land, blobs(rng, sssi_point, scale.site_radius_m * np.exp(rng.normal(0, 0.55, want["SSSI"])), 44, 0.3)
    )
    west, south, east, north = scale.box
    large = min(east - west, north - south) * 0.17
    parks, fine = (
        np.array(shares) * [east - west, north - south] + [west, south]
        for shares in ([[0.26, 0.34], [0.78, 0.46]], [[0.36, 0.82], [0.62, 0.2]])
    )
    towns = point[rng.integers(0, places.towns, want["LNR"])] + rng.normal(0, 700, (want["LNR"], 2))
    centres = point[np.arange(want["CA"]) % len(point)]
    again = np.arange(want["CA"]) >= len(point)
    centres = centres + again[:, None] * rng.normal(0, 450, centres.shape)
    size = np.clip(places.radius[np.arange(want["CA"]) % len(point)] * 0.4, 90, 420) * rng.uniform(0.7, 1.2, want["CA"])
    reserves = sssi[rng.permutation(len(sssi))[: want["NNR"]]]
    return {
        "SSSI": sssi,
        "SAC": _of_sites(rng, sssi, sssi_point, want["SAC"], 3),
        "SPA": _of_sites(rng, sssi, sssi_point, want["SPA"], 4),
        "RAMSAR": _coastal(rng, scale, land, want["RAMSAR"]),
        "NNR": rounded(shapely.buffer(reserves, -0.12 * np.sqrt(shapely.area(reserves)))),
        "LNR": _on_land(land, blobs(rng, towns, 60 + rng.gamma(3.0, 45.0, want["LNR"]), 26, 0.3)),
        "NP": _on_land(land, blobs(rng, parks[: want["NP"]], np.full(want["NP"], large), 90, 0.24)),
        "NL": _on_land(land, blobs(rng, fine[: want["NL"]], np.full(want["NL"], large * 0.7), 90, 0.26)),
        "CA": _on_land(land, blobs(rng, centres, size, 26, 0.3)),
    }


def _spread(rng: np.random.Generator, land: Land, count: int, where_: np.ndarray) -> Floats:
    """Points (count, 2) of cells chosen by area."""
    share = shapely.area(land.cells) * where_
    return land.point[rng.choice(len(land.point), count, replace=False, p=share / share.sum())]


def _on_land(land: Land, shapes: Shapes) -> Shapes:
    shapely.prepare(land.county)
    beyond = ~shapely.covers(land.county, shapes)
    shapes[beyond] = rounded(shapely.intersection(shapes[beyond], land.county))
    return shapes


def _of_sites(rng: np.random.Generator, sites: Shapes, point: Floats, count: int, most: int) -> Shapes:
    """Sites put together: each is one to `most` neighbouring SSSIs."""
    found = []
    for start in rng.permutation(len(sites))[:count].tolist():
        near = np.argsort(np.hypot(*(point - point[start]).T))[: rng.integers(1, most + 1)]
        found.append(rounded(shapely.unary_union(sites[near])))
    return np.array(found, dtype=object)


def _coastal(rng: np.random.Generator, scale: Scale, land: Land, count: int) -> Shapes:
    """Strips of shore in the south of the county, one stretch each."""
    shore = max(shapely.get_parts(land.county), key=lambda part: part.area).exterior
    xy = shapely.get_coordinates(shore)
    west, south, east, north = land.county.bounds
    low = np.flatnonzero(
        (xy[:, 1] < south + 0.2 * (north - south)) & (np.abs(xy[:, 0] - (west + east) / 2) < 0.42 * (east - west))
    )
    width = (east - west) * 0.011
    found = []
    for place in np.linspace(0.06, 0.94, count) + rng.uniform(-0.03, 0.03, count):
        middle = shapely.Point(xy[low[int(place * len(low))]])
        reach = middle.buffer(width * rng.uniform(2.5, 5.0))
        found.append(rounded(shore.intersection(reach).buffer(width).intersection(land.county)))
    return np.array(found, dtype=object)


def sinc_frame(scale: Scale, seed: int, land: Land) -> gpd.GeoDataFrame:
    """Exactly `scale.sincs` sites (MultiPolygon, EPSG:27700) that do not overlap; lists are written "1A;2B"."""
    rng = stream(seed, "sinc")
    area, count = multi(_apart(rng, scale, land)), scale.sincs
    point = shapely.get_coordinates(shapely.point_on_surface(area))
    codes = [
        sorted(set(pair[:size]))
        for pair, size in zip(
            choices(rng, count * 2, SINC_CODES).reshape(count, 2).tolist(), rng.choice([1, 1, 2], count), strict=True
        )
    ]
    species = np.array(["6" in "".join(code[0] for code in pair) for pair in codes])
    note = np.array(SPECIES, dtype=object)[rng.integers(0, len(SPECIES), count)]
    district = owners(land.shapes["DISTRICT"], point)
    status = choices(rng, count, {"confirmed": 0.92, "candidate": 0.04, "amended": 0.03, "deleted": 0.01})
    return gpd.GeoDataFrame(
        {
            "SINC_REF": [f"D{d + 1:02d}-{n}" for d, n in zip(
                district, scattered(stream(seed, "sinc_numbers"), count, 6), strict=True)],
            "SITE_NAME": site_names(rng, count),
            "LAD_CD": crossed(land, "DISTRICT", area),
            "PAR_CD": crossed(land, "PARISH", area),
            "AREA_HA": np.round(shapely.area(area) / 1e4, 2),
            "CRITERIA": joined(codes),
            "FAMILY": joined([sorted({FAMILIES[code[0]] for code in pair}) for pair in codes]),
            "STATUS": status,
            "PANEL_DATE": dates(rng, count, "1993-01-01", "2026-06-30"),
            "SURVEY_YR": rng.integers(1994, 2027, count),
            "OWNER_TYPE": choices(rng, count, {"private": 0.8, "public body": 0.13, "NGO": 0.07}),
            "SPECIESNOTE": where(species, note),
            "SYNTHETIC": True,
        },
        geometry=area,
        crs=27700,
    )  # fmt: skip


def _apart(rng: np.random.Generator, scale: Scale, land: Land) -> Shapes:
    """Small irregular sites outside towns; of two that touch, the later one goes."""
    share = shapely.area(land.cells) * (land.settled < 0)
    surplus = int(scale.sincs * 1.9)
    cell = rng.choice(len(land.cells), surplus, p=share / share.sum())
    point = land.point[cell] + rng.uniform(-170, 170, (surplus, 2))
    radius = 135 * np.exp(rng.normal(0, 0.5, surplus)) * (1.0 if scale.name == "county" else 0.6)
    shapes = blobs(rng, point, radius, 22, 0.34)
    shapely.prepare(land.county)
    shapes = shapes[shapely.covers(land.county, shapes) & shapely.is_valid(shapes) & inside(land.county, point)]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=15.0)
    shapes = np.delete(shapes, np.unique(second[first < second]))
    if len(shapes) < scale.sincs:
        raise ValueError(f"only {len(shapes)} SINCs, {scale.sincs} wanted")
    return shapes[: scale.sincs]


def crossed(land: Land, kind: str, shapes: Shapes) -> list[str]:
    """Codes of the areas that each shape has land in, in one cell with semicolons."""
    shape, area = shapely.STRtree(land.shapes[kind]).query(shapes, predicate="intersects")
    code = np.array(land.codes(kind), dtype=object)[area]
    table = pd.DataFrame({"shape": shape, "code": code}).sort_values(["shape", "code"])
    found = table.groupby("shape")["code"].agg(";".join).reindex(range(len(shapes)))
    return [str(one) for one in found.tolist()]
