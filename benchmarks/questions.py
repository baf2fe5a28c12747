"""Questions in nobody's words: what is asked of a layer, before a peer puts it in its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hantsmap import crs

System = Literal["crs84", "27700"]
Box = tuple[float, float, float, float]
SYSTEMS = {"crs84": crs.CRS84, "27700": crs.EPSG27700}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field` compared with a value: `op` is =, >= or <. Comparisons of one question all have to hold."""

    field: str
    op: str
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the layer.

    Features from `offset` on, `limit` at most; those whose geometry meets `bbox` or the polygon of a box `within` (both
    in `system`: west, south, east, north), and for which `where` holds; or the one at `position` (from 0). Coordinates
    are answered in `system`. `gzip`: compressed; `unless`: only if it is not what the client has already (a 304).
    """

    system: System = "27700"
    limit: int = 1_000
    offset: int = 0
    bbox: Box | None = None
    within: Box | None = None
    where: tuple[Comparison, ...] = ()
    position: int | None = None
    gzip: bool = False
    unless: bool = False


def put_in(question: Question, system: System) -> Question:
    """A question drawn in the National Grid, put in another reference system."""
    def box(given: Box | None) -> Box | None:
        if given is None or system == "27700":
            return given
        (west, east), (south, north) = crs.to_lonlat(np.array(given[0::2]), np.array(given[1::2]))
        return round(float(west), 5), round(float(south), 5), round(float(east), 5), round(float(north), 5)

    return replace(question, system=system, bbox=box(question.bbox), within=box(question.within))
