"""Areas of each kind, and a small-area population forecast that adds up from output areas to the county."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets import ages
from datasets.land import Land
from datasets.scales import FIRST_YEAR, YEARS, stream
from datasets.shapes import Floats, Ints, multi

GEOGRAPHIES = {"OA": "OA", "LSOA": "LSOA", "MSOA": "MSOA", "WARD": "ward", "DISTRICT": "district"}
"""Kind of area -> how the forecast calls it."""
PARENTS = {"OA": "LSOA", "LSOA": "MSOA", "WARD": "DISTRICT"}
"""Kind of area -> the kind that it is counted in.

MSOAs lie in districts too, but disclosure control knows one cut of an area only: wards, told by sex, need it more.
"""
PEOPLE_PER_DWELLING = 2.34


def area_names(land: Land, kind: str) -> list[str]:
    """Names of areas: parishes and districts after their places, census areas with a number, wards after a place."""
    names = land.places.name
    if kind == "PARISH":
        return names
    if kind == "DISTRICT":
        return [f"{names[number]} District" for number in range(len(land.shapes[kind]))]
    district = land.parent(kind, "DISTRICT")
    if kind != "WARD":
        order = pd.Series(district).groupby(district).cumcount() + 1
        digits = 3 if kind == "MSOA" else 4
        return [f"{names[d]} {number:0{digits}d}" for d, number in zip(district, order, strict=True)]
    # A ward is named after the largest place in it; a place with several wards has them numbered.
    place = [int(np.min(np.append(held, 10**6))) for held in _places_in(land, kind)]
    place = [int(d) if p == 10**6 else p for p, d in zip(place, district, strict=True)]
    order = pd.Series(place).groupby(place).cumcount() + 1
    several = pd.Series(place).groupby(place).transform("size") > 1
    return [f"{names[p]} Ward {n}" if s else f"{names[p]} Ward" for p, n, s in zip(place, order, several, strict=True)]


def _places_in(land: Land, kind: str) -> list[Ints]:
    member, found = land.member[kind], [np.empty(0, dtype=np.int64)] * len(land.shapes[kind])
    for area in range(len(found)):
        held = land.settled[member == area]
        found[area] = np.unique(held[held >= 0])
    return found


def boundary_frames(land: Land) -> dict[str, gpd.GeoDataFrame]:
    """Districts, wards and parishes (MultiPolygon, EPSG:27700), with ONS's kind of column names for 2026."""
    district, name = np.array(land.codes("DISTRICT"), dtype=object), area_names(land, "DISTRICT")
    found = {}
    for layer, kind, prefix in (
        ("districts", "DISTRICT", "LAD26"),
        ("wards", "WARD", "WD26"),
        ("parishes", "PARISH", "PAR26"),
    ):
        shapes = multi(land.shapes[kind])
        columns = {f"{prefix}CD": land.codes(kind), f"{prefix}NM": area_names(land, kind)}
        if kind != "DISTRICT":
            above = land.parent(kind, "DISTRICT")
            columns |= {"LAD26CD": district[above].tolist(), "LAD26NM": [name[one] for one in above]}
        centre = shapely.point_on_surface(shapes)
        found[layer] = gpd.GeoDataFrame(
            {
                **columns,
                "BNG_E": np.round(shapely.get_x(centre)).astype(int),
                "BNG_N": np.round(shapely.get_y(centre)).astype(int),
                "LANDAREAHECTARES": np.round(shapely.area(shapes) / 1e4, 2),
                "VALID_FROM": "2026-04-01",
                "SYNTHETIC": True,
            },
            geometry=shapes,
            crs=27700,
        )
    return found


def area_frame(land: Land) -> gpd.GeoDataFrame:
    """Polygons of all areas of the forecast (MultiPolygon, EPSG:27700), output areas first."""
    parts = [
        gpd.GeoDataFrame(
            {"AREA_CD": land.codes(kind), "AREA_NM": land.codes(kind) if kind == "OA" else area_names(land, kind),
             "GEOGRAPHY": word},
            geometry=multi(land.shapes[kind]),
            crs=27700,
        )
        for kind, word in GEOGRAPHIES.items()
    ]  # fmt: skip
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=27700)


def forecast_frame(seed: int, land: Land) -> pd.DataFrame:
    """One row for each area and year, whole persons and dwellings; larger areas are sums of the same cells."""
    cells = _cell_years(stream(seed, "people"), _growth(stream(seed, "growth"), land), land)
    bands = ages.banded(stream(seed, "ages"), *cells[:3], _urban(land))
    years = np.arange(FIRST_YEAR, FIRST_YEAR + YEARS)
    parts = []
    for kind in GEOGRAPHIES:
        count = len(land.shapes[kind])
        banded = _summed(bands.reshape(len(bands), -1), land.member[kind], count)
        sums = [_summed(one, land.member[kind], count) for one in cells]
        parts.append(pd.DataFrame({
            "area_code": np.repeat(land.codes(kind), YEARS),
            "base_year": FIRST_YEAR,
            "year": np.tile(years, count),
            "forecast_date": np.tile([f"{year}-04-01" for year in years], count),
            "persons": (sums[0] + sums[1] + sums[2]).ravel(),
            "age_0_15": sums[0].ravel(),
            "age_16_64": sums[1].ravel(),
            "age_65plus": sums[2].ravel(),
            "dwellings": sums[3].ravel(),
            "parent_gss": np.repeat(np.array(_parents(land, kind), dtype=object), YEARS),
            **ages.columns(banded.reshape(count * YEARS, 2, -1)),
            "synthetic": True,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _parents(land: Land, kind: str) -> list[str | None]:
    """For each area the code of the area that it is counted in; MSOAs and districts have none."""
    above = PARENTS.get(kind)
    if above is None:
        return [None] * len(land.shapes[kind])
    codes = land.codes(above)
    return [codes[number] for number in land.parent(kind, above)]


def dwelling_frame(seed: int, forecast: pd.DataFrame) -> pd.DataFrame:
    """Dwellings of the forecast's areas and years, and the households in them."""
    rng = stream(seed, "dwellings")
    found = forecast[["area_code", "base_year", "year", "forecast_date", "dwellings"]].copy()
    vacancy = np.round(np.repeat(rng.uniform(1.5, 5.5, len(found) // YEARS), YEARS), 1)
    before = found["dwellings"].shift(1).where(found["year"] > FIRST_YEAR)
    found["net_completions"] = (found["dwellings"] - before).astype("Int64")
    found["households"] = _whole(found["dwellings"].to_numpy() * (1 - vacancy / 100))
    found["vacancy_pct"] = vacancy
    found["synthetic"] = True
    return found


def _urban(land: Land) -> Floats:
    """(cells,) from -1 in the country to 1 in a large town."""
    places = land.places
    kind = np.where(np.arange(len(places.name)) < places.large, 1.0, np.where(
        np.arange(len(places.name)) < places.towns, 0.4, -0.4))
    return np.where(land.settled < 0, -1.0, kind[land.settled])


def _growth(rng: np.random.Generator, land: Land) -> Floats:
    """(cells,) growth a year as a share: some towns get a new quarter, and the rest grows a little or shrinks."""
    places, span = land.places, np.ptp(land.point, axis=0).max()
    x, y = ((land.point - land.point.min(axis=0)) / span * 2 * np.pi).T
    turn = rng.uniform(0, 2 * np.pi, 4)
    found = np.asarray(0.001 + 0.005 * np.sin(1.3 * x + turn[0]) * np.cos(1.7 * y + turn[1]))
    found += 0.003 * np.sin(4 * x + 3 * y + turn[2])
    # A new quarter at the edge of each other town, or of a village where there are few towns.
    for number in rng.permutation(max(4, places.towns))[: max(2, places.towns // 2)].tolist():
        angle, reach = rng.uniform(0, 2 * np.pi), places.radius[number]
        middle = places.centre[number] + 0.75 * reach * np.array([np.cos(angle), np.sin(angle)])
        near = np.hypot(*(land.point - middle).T) < max(450.0, 0.6 * reach)
        found[near & (land.settled >= 0)] += rng.uniform(0.03, 0.075)
    return found


def _cell_years(rng: np.random.Generator, growth: Floats, land: Land) -> tuple[Ints, Ints, Ints, Ints]:
    """Children, working age, older people and dwellings, each (cells, years); some cells are built on, all age.

    More children live in towns, and more old people in the country.
    """
    cells, step = len(land.cells), np.arange(YEARS)
    building = rng.random(cells) < 0.05
    yearly = growth + np.where(building, rng.uniform(0.02, 0.12, cells) / 3, 0.0)
    total = land.people[:, None] * (1 + yearly[:, None] * step)
    urban = _urban(land)
    share_young = rng.normal(0.185, 0.025, cells) + 0.024 * urban
    share_old = rng.normal(0.21, 0.05, cells) - 0.07 * urban
    young = _whole(total * np.clip(share_young, 0.08, 0.3)[:, None] * (1 - 0.006 * step))
    old = _whole(total * np.clip(share_old, 0.08, 0.45)[:, None] * (1 + 0.018 * step))
    dwellings = _whole(total / PEOPLE_PER_DWELLING * rng.uniform(0.94, 1.08, cells)[:, None])
    return young, np.maximum(0, _whole(total) - young - old), old, dwellings


def _whole(values: Floats | Ints) -> Ints:
    return np.round(values).astype(np.int64)


def _summed(values: Ints, member: Ints, count: int) -> Ints:
    """Sums (count, years) of cells by area."""
    order = np.argsort(member, kind="stable")
    first = np.searchsorted(member[order], np.arange(count))
    found: Ints = np.add.reduceat(values[order], first, axis=0, dtype=np.int64)
    return found
