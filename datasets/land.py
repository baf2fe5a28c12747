"""The land and how it is divided: districts, wards, parishes, and census areas that nest.

The county is tiled with small cells, smaller where people live; every area is a union of cells. So areas of one kind
tile the county without gap or overlap, and the county's own border is the cells' border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from datasets.places import Places, outline, settle
from datasets.scales import Box, Scale, stream
from datasets.shapes import Floats, Ints, Shapes, inside, jittered_grid, nearest, owners, rounded

AREAS = {"OA": "E0099{:04d}", "LSOA": "E01999{:03d}", "MSOA": "E02999{:03d}", "PARISH": "E04999{:03d}",
         "WARD": "E05999{:03d}", "DISTRICT": "E07999{:03d}"}  # fmt: skip
"""Kinds of area and their GSS-like codes; no real code has 99 or 999 there."""


@dataclass(frozen=True)
class Land:
    """A county: its places and its cells, each of which knows the areas it is in."""

    places: Places
    cells: Shapes
    point: Floats
    """(cells, 2): the point that each cell was drawn around."""
    people: Ints
    """(cells,): persons in the base year."""
    settled: Ints
    """(cells,): the place whose built-up area the cell is in, or -1."""
    member: dict[str, Ints]
    """Kind of area -> (cells,) number of the area, from 0."""
    shapes: dict[str, Shapes]
    """Kind of area -> its polygons by number."""
    county: Any

    def codes(self, kind: str) -> list[str]:
        """GSS-like codes of the areas of a kind, by number."""
        return [AREAS[kind].format(number + 1) for number in range(len(self.shapes[kind]))]

    def parent(self, kind: str, above: str) -> Ints:
        """For each area of a kind, the number of the area of kind `above` that it lies in."""
        found = np.zeros(len(self.shapes[kind]), dtype=np.int64)
        found[self.member[kind]] = self.member[above]
        return found


def lay_out(scale: Scale, seed: int) -> Land:
    """Draw the county and divide it."""
    shape = outline(scale, seed)
    places = settle(scale, seed, shape)
    rng = stream(seed, "land")
    point, cells = _cells(rng, scale, shape, places)
    settled = owners(places.built, point)
    people = _people(rng, places, cells, settled)
    member = _divide(scale, places, point, people)
    shapes = {kind: _dissolve(cells, numbers) for kind, numbers in member.items()}
    county = shapely.coverage_union_all(shapes["DISTRICT"])
    return Land(places, cells, point, people, settled, member, shapes, county)


def _cells(rng: np.random.Generator, scale: Scale, shape: Any, places: Places) -> tuple[Floats, Shapes]:
    """Points and Voronoi cells; cells whose point is off the land are sea and are left out."""
    xmin, ymin, xmax, ymax = scale.box
    country, town = (430.0, 190.0) if scale.name == "county" else (260.0, 150.0)
    around: Box = (xmin - 3 * country, ymin - 3 * country, xmax + 3 * country, ymax + 3 * country)
    towns = shapely.unary_union(places.built)
    rural = jittered_grid(rng, around, country)
    # Far out at sea, cells are only there to bound the coast's.
    rural = rural[inside(shape.buffer(3 * country), rural) & ~inside(towns.buffer(town / 3), rural)]
    urban = jittered_grid(rng, scale.box, town)
    point = np.asarray(np.round(np.vstack([rural, urban[inside(towns, urban)]]), 2), dtype=np.float64)
    cells = rounded(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(point), ordered=True)))
    on_land = inside(shape, point)
    return point[on_land], cells[on_land]


def _people(rng: np.random.Generator, places: Places, cells: Shapes, settled: Ints) -> Ints:
    """Persons in each cell: most live in their town or village, a few in the country."""
    weight = np.sqrt(shapely.area(cells)) * rng.gamma(4.0, 0.25, len(cells))
    people = np.zeros(len(cells), dtype=np.int64)
    for number, total in enumerate(places.population.tolist()):
        here = np.flatnonzero(settled == number)
        if len(here):
            people[here] = rng.multinomial(total, weight[here] / weight[here].sum())
    rural = np.flatnonzero(settled < 0)
    people[rural] = rng.multinomial(int(places.population.sum() * 0.05), weight[rural] / weight[rural].sum())
    return people


def _divide(scale: Scale, places: Places, point: Floats, people: Ints) -> dict[str, Ints]:
    """Number of the area of each kind that each cell is in."""
    warped = _warped(point, scale.box)
    district = _claims(
        warped, _warped(places.centre, scale.box)[: places.large], places.population[: places.large], 0.2
    )
    # A district's parishes are those of its own places; cells go to the nearest of them.
    home = district[nearest(places.centre, point)]
    parish = np.zeros(len(point), dtype=np.int64)
    for number in range(scale.districts):
        mine, here = np.flatnonzero(home == number), np.flatnonzero(district == number)
        centres = _warped(places.centre[mine], scale.box)
        parish[here] = mine[_claims(warped[here], centres, places.population[mine], 0.12)]
    weight = np.asarray(people + 0.5, dtype=np.float64)
    msoa = _nested(point, weight, district, scale.msoas, 0.0)
    lsoa = _nested(point, weight, msoa, scale.lsoas, 0.3)
    return {
        "DISTRICT": district,
        "WARD": _nested(point, weight, district, scale.wards, 0.9),
        "PARISH": parish,
        "MSOA": msoa,
        "LSOA": lsoa,
        "OA": _nested(point, weight, lsoa, scale.oas, 0.2),
    }


def _warped(point: Floats, box: Box) -> Floats:
    """Points pushed about smoothly, so that a border that is straight in the warped plane bends in the real one."""
    size = (box[2] - box[0]) / 87000.0
    x, y = point[:, 0] / size, point[:, 1] / size
    return np.column_stack([
        point[:, 0] + size * (1300 * np.sin(y / 2900) + 420 * np.sin(y / 830 + x / 1900)),
        point[:, 1] + size * (1300 * np.sin(x / 3300) + 420 * np.sin(x / 910 - y / 1700)),
    ])  # fmt: skip


def _claims(point: Floats, centre: Floats, population: Ints, power: float) -> Ints:
    """The centre that each point goes to: the nearest, where larger places reach farther."""
    pull = population.astype(float) ** power
    distance = np.hypot(*(point[:, None] - centre[None]).transpose(2, 0, 1))
    return np.asarray(np.argmin(distance / pull, axis=1), dtype=np.int64)


def _nested(point: Floats, weight: Floats, above: Ints, total: int, turn: float) -> Ints:
    """Divide each area of `above` into areas of equal weight, `total` of them in all."""
    areas = int(above.max()) + 1
    share = np.bincount(above, weight, areas) * total / weight.sum()
    parts = np.maximum(1, np.floor(share)).astype(np.int64)
    while parts.sum() != total:
        step = 1 if parts.sum() < total else -1
        parts[np.argmax((share - parts) * step - (parts + step < 1) * 1e9)] += step
    found, first = np.zeros(len(point), dtype=np.int64), 0
    for area in range(areas):
        here = np.flatnonzero(above == area)
        found[here] = first + bisected(point[here], weight[here], int(parts[area]), turn)
        first += int(parts[area])
    return found


def bisected(point: Floats, weight: Floats, parts: int, turn: float) -> Ints:
    """Labels 0..parts-1 of about equal weight, by cutting across the longer way again and again."""
    label = np.zeros(len(point), dtype=np.int64)
    stack = [(np.arange(len(point)), parts, 0)]
    while stack:
        here, count, first = stack.pop()
        label[here] = first
        if count == 1:
            continue
        left = count // 2
        spread = point[here] - point[here].mean(axis=0)
        axis = np.linalg.eigh(spread.T @ spread)[1][:, 1]
        axis = axis * np.sign(axis[np.argmax(np.abs(axis))])
        axis = np.array(
            [axis[0] * np.cos(turn) - axis[1] * np.sin(turn), axis[0] * np.sin(turn) + axis[1] * np.cos(turn)]
        )
        here = here[np.argsort(spread @ axis, kind="stable")]
        total = np.cumsum(weight[here])
        cut = int(np.clip(np.searchsorted(total, total[-1] * left / count) + 1, left, len(here) - (count - left)))
        stack += [(here[:cut], left, first), (here[cut:], count - left, first + left)]
    return label


def _dissolve(cells: Shapes, number: Ints) -> Shapes:
    """Polygons of areas 0..n-1 out of their cells."""
    order = np.argsort(number, kind="stable")
    groups = np.split(cells[order], np.flatnonzero(np.diff(number[order])) + 1)
    return np.array([shapely.normalize(shapely.coverage_union_all(group)) for group in groups], dtype=object)
