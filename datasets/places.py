"""Towns and villages: where they are, how many people they hold and how far their streets reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from datasets import names
from datasets.scales import Box, Scale, stream
from datasets.shapes import Floats, Ints, Shapes, blobs, inside

PEOPLE_PER_KM2 = 3500.0


@dataclass(frozen=True)
class Places:
    """Places in order of rank: large towns, small towns, villages. Arrays have one entry for each place."""

    name: list[str]
    centre: Floats
    """(n, 2) easting and northing."""
    population: Ints
    radius: Floats
    built: Shapes
    """Polygons of the built-up areas."""
    large: int
    towns: int
    """How many come first that are large towns, and that are towns at all."""


def outline(scale: Scale, seed: int) -> Any:
    """A county's outline (Polygon): irregular, with a ragged coast and two inlets in the south."""
    rng = stream(seed, "outline")
    xmin, ymin, xmax, ymax = scale.box
    width, height = xmax - xmin, ymax - ymin
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = 0.95 + sum(
        rng.uniform(0.02, 0.07) * np.sin(wave * angle + rng.uniform(0, 2 * np.pi)) for wave in (3, 4, 5, 7, 11, 17)
    )
    # A squarer curve than an ellipse, so that the county fills its box.
    corner = (np.abs(np.cos(angle)) ** 2.8 + np.abs(np.sin(angle)) ** 2.8) ** (-1 / 2.8)
    x = xmin + width / 2 * (1 + np.clip(reach * corner * np.cos(angle), -0.985, 0.985))
    y = ymin + height / 2 * (1 + np.clip(reach * corner * np.sin(angle), -0.985, 0.985))
    land = shapely.Polygon(np.column_stack([x, y])).buffer(0)
    open_sea, inlets = _sea_and_inlets(scale)
    return max(shapely.get_parts(land - open_sea - inlets), key=lambda part: part.area)


def sea(scale: Scale) -> Any:
    """The sea south of the coast with its inlets, as far as twice the county's box (EPSG:27700)."""
    return shapely.union_all(_sea_and_inlets(scale))


def _sea_and_inlets(scale: Scale) -> tuple[Any, Any]:
    xmin, ymin, xmax, ymax = scale.box
    width, height = xmax - xmin, ymax - ymin
    east = np.linspace(xmin - width, xmax + width, 400)
    share = (east - xmin) / width
    coast = ymin + height * (
        0.15 - 0.07 * np.cos(2.4 * np.pi * share) + 0.022 * np.sin(19 * share + 1) + 0.012 * np.sin(53 * share)
    )
    open_sea = shapely.Polygon(
        [*zip(east, coast, strict=True), (xmax + width, ymin - height), (xmin - width, ymin - height)]
    )
    return open_sea, shapely.unary_union([_inlet(scale.box, at, reach) for at, reach in ((0.47, 0.36), (0.74, 0.27))])


def _inlet(box: Box, at: float, reach: float) -> Any:
    """A wedge of sea: `at` is its place along the coast and `reach` how far north it comes, as shares of the box."""
    xmin, ymin, xmax, ymax = box
    width, height = xmax - xmin, ymax - ymin
    north = np.linspace(0, reach, 12)
    middle = xmin + width * (at - 0.16 * north + 0.012 * np.sin(north * 40))
    half = width * 0.022 * np.sqrt((reach - north) / reach)
    y = ymin + height * north
    return shapely.Polygon([*zip(middle - half, y, strict=True), *zip((middle + half)[::-1], y[::-1], strict=True)])


def settle(scale: Scale, seed: int, land: Any) -> Places:
    """Put towns and villages on the land, larger ones first and farther apart."""
    rng = stream(seed, "places")
    counts = [scale.large_towns, scale.small_towns, scale.villages]
    population = np.concatenate(
        [np.sort(np.exp(rng.uniform(np.log(low), np.log(high), n)))[::-1] for n, low, high in counts]
    ).astype(np.int64)
    radius = np.sqrt(population / PEOPLE_PER_KM2 / np.pi) * 1000
    centre = np.empty((0, 2))
    for rank, (count, _, _) in enumerate(counts):
        start = len(centre)
        room = land.buffer(-float(radius[start : start + count].max()) * (0.9 if rank < 2 else 1.1))
        for number in range(start, start + count):
            choices = _random_points(rng, scale.box, room, 14 if rank == 0 else 9)
            gap = (
                np.hypot(*(choices[:, None] - centre[None]).transpose(2, 0, 1))
                if number
                else np.ones((len(choices), 1))
            )
            best = (gap - radius[:number] * 1.2 if number else gap).min(axis=1).argmax()
            centre = np.vstack([centre, choices[best]])
    centre = np.round(centre, 2)
    built = np.asarray(shapely.intersection(blobs(rng, centre, radius, 48, 0.26), land.buffer(-60)))
    return Places(
        names.place_names(rng, scale.places), centre, population, radius, built,
        scale.large_towns[0], scale.large_towns[0] + scale.small_towns[0],
    )  # fmt: skip


def _random_points(rng: np.random.Generator, box: Box, room: Any, count: int) -> Floats:
    """Points (count, 2) anywhere in the room."""
    found = np.empty((0, 2))
    while len(found) < count:
        tried = rng.uniform(box[:2], box[2:], (count * 4, 2))
        found = np.vstack([found, tried[inside(room, tried)]])
    return found[:count]
