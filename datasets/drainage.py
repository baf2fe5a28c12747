"""Where rain runs: a height of the land, which is never published, and the way that water takes down to the sea.

The land rises from the sea with hills in it, and a little where people live, so that rivers go round towns. Seen from
the sea, the lowest land is reached first (a priority queue, as in the flood of Barnes 2014); water runs back the way
that led there.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely

from datasets.land import Land
from datasets.scales import Scale
from datasets.shapes import Bools, Floats, Ints, Shapes, inside, points_at

SPACING_M = {"village": 170.0, "county": 420.0}
"""How far apart the points are, about, between which water runs."""


@dataclass(frozen=True)
class Drainage:
    """Points (n, 2) of the land, in the order in which water leaves them last: `down` comes before each, -1 at sea."""

    point: Floats
    down: Ints
    km2: Floats
    """(n,) how much land drains through each point."""


def drain(rng: np.random.Generator, scale: Scale, land: Land, tidal: Shapes) -> Drainage:
    """Let it rain on the county; `tidal` is where water may leave it."""
    spacing = SPACING_M[scale.name]
    xmin, ymin, xmax, ymax = scale.box
    across, up = np.meshgrid(np.arange(xmin, xmax, spacing), np.arange(ymin, ymax, spacing))
    point = np.column_stack([across.ravel(), up.ravel()])
    point += rng.uniform(-0.36, 0.36, point.shape) * spacing
    dry = inside(land.county.buffer(-spacing / 4), point)
    away = np.full(len(point), np.inf)
    away[dry] = shapely.distance(points_at(point[dry]), shapely.simplify(shapely.union_all(tidal), spacing / 4))
    height = _height(rng, scale, land, point, away)
    order, down = _flood(across.shape, dry, away < spacing, height)
    size = np.full(len(point), (spacing / 1000) ** 2)
    for cell in reversed(order):
        if down[cell] >= 0:
            size[down[cell]] += size[cell]
    number = np.full(len(point) + 1, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    return Drainage(np.round(point[order], 1), number[np.array(down)[order]], size[order])


def _height(rng: np.random.Generator, scale: Scale, land: Land, point: Floats, away: Floats) -> Floats:
    """Metres above the sea, about: hills of several sizes on land that rises from the coast."""
    size = min(scale.box[2] - scale.box[0], scale.box[3] - scale.box[1])
    height = np.where(np.isfinite(away), away, 0.0) / size * 110
    wave, amplitude = 0.5, 22.0
    while wave * size > 3 * SPACING_M[scale.name]:
        turn, phase = rng.uniform(0, np.pi, 3), rng.uniform(0, 2 * np.pi, 3)
        for one, first in zip(turn, phase, strict=True):
            along = (point @ np.array([np.cos(one), np.sin(one)])) / (size * wave) * 2 * np.pi
            height += amplitude * np.sin(along + first)
        wave, amplitude = wave * 0.6, amplitude * 0.72
    height += rng.normal(0, 2.0, len(point))
    towns = shapely.STRtree(shapely.buffer(land.places.built, 60))
    lived_in, _ = towns.query(points_at(point), predicate="intersects")
    height[np.unique(lived_in)] += 60
    return height


def _flood(shape: tuple[int, int], dry: Bools, outlet: Bools, height: Floats) -> tuple[list[int], list[int]]:
    """Cells in the order in which they are reached from the sea, always the lowest beside those that were, and for each
    cell the one it drains to (-1: the sea). So valleys drain along their floor, also where a sill is before the sea."""
    rows, columns = shape
    down, order = [-1] * (rows * columns), list[int]()
    seen = ~dry
    queue = [(float(height[cell]), int(cell)) for cell in np.flatnonzero(outlet & dry)]
    seen[[cell for _, cell in queue]] = True
    heapq.heapify(queue)
    while queue:
        _, cell = heapq.heappop(queue)
        order.append(cell)
        row, column = divmod(cell, columns)
        for r in range(max(0, row - 1), min(rows, row + 2)):
            for c in range(max(0, column - 1), min(columns, column + 2)):
                other = r * columns + c
                if not seen[other]:
                    seen[other] = True
                    down[other] = cell
                    heapq.heappush(queue, (float(height[other]), other))
    return order, down
