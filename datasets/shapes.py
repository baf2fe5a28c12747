"""Shapes to draw a county with: jittered grids, blobs and wandering lines. All coordinates are EPSG:27700 metres."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from datasets.scales import Box

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[Any]
"""An array of shapely geometries, shape (n,)."""


def rounded(shapes: Any) -> Any:
    """The same shapes with coordinates at whole centimetres."""
    return shapely.transform(shapes, lambda xy: np.round(xy, 2))


def jittered_grid(rng: np.random.Generator, box: Box, spacing: float, jitter: float = 0.38) -> Floats:
    """Points (n, 2) about `spacing` apart, each moved by up to `jitter` of the spacing; rows are staggered."""
    xmin, ymin, xmax, ymax = box
    across, up = np.meshgrid(np.arange(xmin, xmax, spacing), np.arange(ymin, ymax, spacing))
    across[1::2] += spacing / 2
    points = np.column_stack([across.ravel(), up.ravel()])
    return points + rng.uniform(-jitter, jitter, points.shape) * spacing


def blobs(rng: np.random.Generator, centres: Floats, radii: Floats, points: int = 36, rough: float = 0.22) -> Shapes:
    """Irregular round polygons, one for each centre (n, 2) with mean radius (n,) in metres."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    reach = np.ones((len(centres), points))
    for wave in range(2, 6):
        size, phase = rng.normal(0, rough / wave * 1.6, len(centres)), rng.uniform(0, 2 * np.pi, len(centres))
        reach += size[:, None] * np.sin(wave * angle[None, :] + phase[:, None])
    reach += rng.normal(0, rough / 6, reach.shape)
    reach = np.clip(reach, 0.35, 1.9) * radii[:, None]
    xy = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=2) + centres[:, None, :]
    rings = np.concatenate([xy, xy[:, :1]], axis=1)
    return np.asarray(shapely.polygons(np.round(rings, 2)))


def wandering_lines(rng: np.random.Generator, start: Floats, end: Floats, step: Floats, bend: Floats) -> Shapes:
    """LineStrings from start (n, 2) to end (n, 2), with a vertex about every `step` metres.

    `bend` (n,) is how far a line strays from the straight one, as a share of its length. The ends are exact, so that
    lines which share a node meet there.
    """
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    count = np.clip(np.round(length / step), 1, 40).astype(np.int64) + 1
    which = np.repeat(np.arange(len(start)), count + 1)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count + 1) - (count + 1), count + 1)
    share = place / count[which]
    bow, weave, ripple = (rng.normal(0, size, len(start)) for size in (0.7, 0.45, 0.2))
    stray = bow[which] * np.sin(np.pi * share) + weave[which] * np.sin(2 * np.pi * share)
    stray += ripple[which] * np.sin(5 * np.pi * share)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    inner = (place > 0) & (place < count[which])
    offset = np.where(inner, np.clip(stray, -1.6, 1.6) * bend[which], 0.0)
    xy = np.where(
        (place == count[which])[:, None],
        end[which],
        start[which] + along[which] * share[:, None] + across[which] * offset[:, None],
    )
    return np.asarray(shapely.linestrings(np.round(xy, 2), indices=which))


def smooth(xy: Floats, times: int) -> Floats:
    """A line (n, 2) with its corners cut off so many times (Chaikin 1974), at whole decimetres; its ends stay."""
    for _ in range(times if len(xy) > 2 else 0):
        early, late = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        xy = np.vstack([xy[:1], np.stack([early, late], axis=1).reshape(-1, 2)[1:-1], xy[-1:]])
    return np.asarray(np.round(xy, 1))


def inside(shape: Any, points: Floats) -> Bools:
    """Which of the points (n, 2) lie in the shape."""
    shapely.prepare(shape)
    return np.asarray(shapely.contains_xy(shape, points[:, 0], points[:, 1]))


def owners(shapes: Shapes, points: Floats) -> Ints:
    """For each point (n, 2) the index of a shape that holds it, the first where several do; -1 where none does."""
    found = np.full(len(points), len(shapes), dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points_at(points), predicate="intersects")
    np.minimum.at(found, point, shape)
    return np.where(found == len(shapes), -1, found)


def nearest(points: Floats, targets: Floats) -> Ints:
    """For each point (n, 2) the index of the nearest target (m, 2)."""
    return np.asarray(shapely.STRtree(points_at(targets)).nearest(points_at(points)), dtype=np.int64)


def points_at(xy: Floats) -> Shapes:
    """Points at coordinates (n, 2)."""
    return np.asarray(shapely.points(xy))


def multi(shapes: Shapes) -> Shapes:
    """Polygons and MultiPolygons as MultiPolygons; lines left over by an intersection are dropped."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area = shapely.get_type_id(parts) == 3
    return np.asarray(shapely.multipolygons(parts[area], indices=owner[area]))
