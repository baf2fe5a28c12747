"""Drawing boxes and conditions that some number of features of a layer meet."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow.compute as pc
import shapely

from benchmarks.errors import BenchError
from benchmarks.questions import Box, Comparison
from hantsmap.rendition import Rendition


def around(rendition: Rendition, chance: random.Random, features: int) -> Box:
    """A square (whole metres of the National Grid) around some feature, with about so many features in it."""
    bounds = rendition.boxes()
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    at = chance.randrange(len(x))
    far = np.maximum(np.abs(x - x[at]), np.abs(y - y[at]))
    half = float(np.partition(far, min(features, len(far) - 1))[min(features, len(far) - 1)])
    west, south, east, north = x[at] - half, y[at] - half, x[at] + half, y[at] + half
    return round(west), round(south), round(east), round(north)


def touching(rendition: Rendition, box: Box) -> int:
    """How many features meet a box of the National Grid."""
    bounds = rendition.boxes()
    near = np.flatnonzero((bounds[:, 0] <= box[2]) & (bounds[:, 2] >= box[0])
                          & (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[1]))
    return int(np.count_nonzero(shapely.intersects(rendition.geometries(near), shapely.box(*box))))


def wheres(rendition: Rendition, chance: random.Random, count: int, least: int = 100) -> list[tuple[Comparison, ...]]:
    """So many different conditions, each of which `least` features or more of the layer meet."""
    columns = {name: rendition.column(name) for name in ("road_class", "speed_limit_mph", "esu_id")}
    classes = sorted(set(columns["road_class"].to_pylist()))
    found: dict[tuple[Comparison, ...], None] = {}
    for _ in range(count * 200):
        where: tuple[Comparison, ...] = (
                 Comparison("road_class", "=", chance.choice(classes)),
                 Comparison("speed_limit_mph", chance.choice(("=", ">=")), chance.choice((20, 30, 40, 50, 60))),
                 # Texts of fourteen digits, in no order: about half of the segments are on either side.
                 Comparison("esu_id", chance.choice((">=", "<")), str(chance.randrange(10**13, 10**14))))
        # Some have one comparison less.
        where = where if chance.random() < 0.7 else where[::2]
        if where not in found and matching(columns, where) >= least:
            found[where] = None
        if len(found) == count:
            return list(found)
    raise BenchError(f"The layer is too small for {count} filters with {least} matches or more.")


COMPARE = {"=": pc.equal, ">=": pc.greater_equal, "<": pc.less}


def matching(columns: dict[str, Any], where: tuple[Comparison, ...]) -> int:
    """How many features meet all the comparisons."""
    mask: Any = None
    for each in where:
        meets = COMPARE[each.op](columns[each.field], each.value)
        mask = meets if mask is None else pc.and_(mask, meets)
    return pc.sum(mask).as_py() or 0
