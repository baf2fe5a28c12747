"""Water: the sea and its inlets, rivers and streams that run down to it, and lakes on their way.

Where enough rain has come together (`drainage`), there is a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.affinity

from datasets.drainage import SPACING_M, Drainage, drain
from datasets.draws import numbered
from datasets.land import Land
from datasets.names import STARTS, words
from datasets.places import sea
from datasets.scales import SCALES, Box, Scale, stream
from datasets.shapes import Floats, Shapes, blobs, multi, points_at, smooth

STREAM_KM2 = {"village": 0.9, "county": 3.2}
RIVER_KM2 = {"village": 7.0, "county": 28.0}
LAKES = {"village": 5, "county": 170}
MARGIN_M = 12_000.0
"""How far the sea is drawn beyond the county's box, where the registry's extent has room for it."""
RIVER_ENDS = ("e", "ey", "en", "le", "ow", "el", "ra", "une")
STREAM_ENDS = ("Brook", "Stream", "Bourne", "Beck", "Water", "Lake Stream")
LAKE_ENDS = ("Water", "Mere", "Lake", "Pond", "Pool")


@dataclass(frozen=True)
class Water:
    """All water of a county. `links` has the columns of the layer and a `geometry`; each link runs downstream."""

    tidal: Shapes
    lakes: Shapes
    links: pd.DataFrame
    wide: Shapes
    """Rivers that are wide enough to have two banks, one polygon for each river."""
    wide_name: list[str]
    lake_name: list[str | None]


def lay_water(scale: Scale, seed: int, land: Land) -> Water:
    """Let it rain on the county."""
    rng = stream(seed, "rivers")
    tidal = _tidal(scale, land)
    drainage = drain(rng, scale, land, tidal)
    links = _links(rng, scale, drainage, tidal)
    wide = links["width_m"].to_numpy() >= (7.0 if scale.name == "village" else 11.0)
    names, shapes = [], []
    for name, mine in links[wide].groupby("name", sort=True):
        half = mine["width_m"].to_numpy() / 2
        names.append(str(name))
        banks = shapely.union_all(shapely.buffer(mine["geometry"].to_numpy(), half, quad_segs=3))
        shapes.append(shapely.set_precision(banks, 0.1))
    lakes, lake_name = _lakes(rng, scale, land, drainage)
    return Water(tidal, lakes, links, np.array(shapes, dtype=object), names, lake_name)


def _tidal(scale: Scale, land: Land) -> Shapes:
    """The sea (Polygons): all that is beyond the coast, up to the county's ragged edge."""
    xmin, ymin, xmax, ymax = scale.box
    most = SCALES["county"].box
    frame: Box = (max(most[0], xmin - MARGIN_M), max(most[1], ymin - MARGIN_M),
                  min(most[2], xmax + MARGIN_M), min(most[3], ymax + MARGIN_M))
    # Cells of the coast whose point is at sea were left out: water reaches up to those that are there.
    reach = 330.0 if scale.name == "village" else 560.0
    south = shapely.simplify(land.county, 100).intersection(shapely.box(*frame[:3], ymin + 0.17 * (ymax - ymin)))
    below = [shapely.affinity.translate(south, yoff=-drop) for drop in np.linspace(0, 0.15 * (ymax - ymin), 30)]
    water = shapely.union_all([shapely.buffer(sea(scale), reach), *below]).intersection(shapely.box(*frame))
    parts = shapely.get_parts(shapely.difference(water, land.county))
    parts = parts[shapely.area(parts) > 20_000]
    return np.asarray(shapely.set_precision(parts, 0.1))


def _links(rng: np.random.Generator, scale: Scale, drainage: Drainage, tidal: Shapes) -> pd.DataFrame:
    """Streams and rivers in links between the points where they meet."""
    wet = drainage.km2 >= STREAM_KM2[scale.name]
    above: list[list[int]] = [[] for _ in wet]
    for cell in np.flatnonzero(wet & (drainage.down >= 0)).tolist():
        above[int(drainage.down[cell])].append(cell)
    mouths = [(int(cell), -1) for cell in np.flatnonzero(wet & (drainage.down < 0))]
    mouths.sort(key=lambda pair: -drainage.km2[pair[0]])
    sea_shape, rows, course = shapely.union_all(tidal), list[dict[str, object]](), 0
    names = _Names(rng)
    while mouths:
        mouth, into = mouths.pop(0)
        course += 1
        stem, meets = [mouth], list[int]()
        while above[stem[-1]]:
            ways = sorted(above[stem[-1]], key=lambda cell: -drainage.km2[cell])
            if len(ways) > 1:
                meets.append(len(stem) - 1)
                mouths += [(way, stem[-1]) for way in ways[1:]]
            stem.append(ways[0])
        if len(stem) < 3 and into >= 0:
            continue
        river = drainage.km2[mouth] >= RIVER_KM2[scale.name]
        name = names.name(river, len(stem) * SPACING_M[scale.name])
        # From the source down: links end where another stream comes in.
        cuts = sorted({0, len(stem) - 1, *meets}, reverse=True)
        for number, (high, low) in enumerate(pairwise(cuts), start=1):
            xy = drainage.point[stem[low : high + 1][::-1]]
            end = None
            if low == 0:
                end = drainage.point[into] if into >= 0 else _shore(sea_shape, xy[-1])
            line = shapely.linestrings(smooth(xy if end is None else np.vstack([xy, end]), 2))
            km2 = float(drainage.km2[stem[low]])
            rows.append({
                "course": course, "link": number, "name": name,
                "form": _form(scale, km2, low == 0 and into < 0), "width_m": round(2.2 * km2**0.5, 1), "km2": km2,
                "geometry": line})  # fmt: skip
    return pd.DataFrame(rows)


def _form(scale: Scale, km2: float, to_sea: bool) -> str:
    if km2 < RIVER_KM2[scale.name]:
        return "Stream"
    return "Tidal river" if to_sea else "River"


def _shore(sea_shape: shapely.Geometry, last: Floats) -> Floats:
    """The nearest point of the sea, a little way into it."""
    shore = shapely.get_coordinates(shapely.shortest_line(shapely.Point(last), sea_shape))[1]
    ahead = shore - last
    return np.asarray(np.round(shore + ahead / max(1.0, float(np.hypot(*ahead))) * 8.0, 1))


class _Names:
    """Names of watercourses: rivers have names of their own, streams those of places, and short ones none."""

    def __init__(self, rng: np.random.Generator) -> None:
        starts = [str(one) for one in rng.permutation(STARTS)]
        self.rivers = iter([f"River {start}{end}" for end in RIVER_ENDS for start in starts])
        self.places = iter(words(rng, 14_000))
        self.rng = rng

    def name(self, river: bool, length_m: float) -> str | None:
        """The next one."""
        if river:
            return next(self.rivers)
        end = STREAM_ENDS[int(self.rng.integers(0, len(STREAM_ENDS)))]
        return f"{next(self.places)} {end}" if length_m > 900 else None


def _lakes(rng: np.random.Generator, scale: Scale, land: Land, drainage: Drainage) -> tuple[Shapes, list[str | None]]:
    """Lakes and ponds (Polygons), most of them where a stream runs, none in a town; the larger ones have names."""
    count, least = LAKES[scale.name], STREAM_KM2[scale.name]
    weight = np.where(drainage.km2 > least / 3, 1.0, 0.04) * (drainage.km2 < RIVER_KM2[scale.name] * 3)
    towns = shapely.STRtree(shapely.buffer(land.places.built, 350))
    near, _ = towns.query(points_at(drainage.point), predicate="intersects")
    weight[np.unique(near)] = 0
    cell = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
    radius = np.clip(60 * np.exp(rng.normal(0.3, 0.6, count)), 28, 420)
    shapes = blobs(rng, drainage.point[cell], radius, 30, 0.4)
    shapes = shapes[shapely.is_valid(shapes) & shapely.covers(land.county, shapes)]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shapes = np.delete(shapes, np.unique(second[first < second]))
    pool = iter(words(rng, 14_000))
    ends = rng.integers(0, len(LAKE_ENDS), len(shapes))
    size = shapely.area(shapes)
    return shapes, [f"{next(pool)} {LAKE_ENDS[end]}" if area > 15_000 else None
                    for end, area in zip(ends.tolist(), size.tolist(), strict=True)]


def water_frame(water: Water) -> gpd.GeoDataFrame:
    """Areas of water (MultiPolygon, EPSG:27700): sea, lakes and wide rivers, as OS OpenMap Local tells them apart."""
    shapes = np.concatenate([water.tidal, water.lakes, water.wide])
    kind = ["Tidal water"] * len(water.tidal) + ["Lake"] * len(water.lakes) + ["River"] * len(water.wide)
    return gpd.GeoDataFrame({
        "WATER_ID": numbered("WA-{:05d}", len(shapes)),
        "NAME": [*([None] * len(water.tidal)), *water.lake_name, *water.wide_name],
        "KIND": kind,
        "AREA_HA": np.round(shapely.area(shapes) / 1e4, 2),
        "SYNTHETIC": True,
    }, geometry=multi(shapes), crs=27700)  # fmt: skip


def watercourse_frame(water: Water) -> gpd.GeoDataFrame:
    """Rivers and streams (LineString, EPSG:27700) in links that run downstream, with OS Open Rivers' kind of names."""
    links = water.links
    shapes = links["geometry"].to_numpy()
    return gpd.GeoDataFrame({
        "LINK_ID": [f"WC-{course:05d}-{link}" for course, link in zip(links["course"], links["link"], strict=True)],
        "COURSE_ID": [f"WC-{course:05d}" for course in links["course"]],
        "NAME": links["name"].to_numpy(),
        "FORM": links["form"].to_numpy(),
        "WIDTH_M": links["width_m"].to_numpy(),
        "LENGTH_M": np.round(shapely.length(shapes), 1),
        "SYNTHETIC": True,
    }, geometry=shapes, crs=27700)  # fmt: skip
