"""Lessons about people: the ward that grows most, classes for a map, and two wards beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hantsmap.catalogue import Catalogue
from hantsmap.lessons.breaks import equal, natural, quantile
from hantsmap.lessons.example import Example, Lacking, Table, listed, view
from hantsmap.lessons.themes import theme

LAYER, COUNTED = "population_forecasts", "persons"
CLASSES, MOST_CLASSES, TOP = 5, 7, 10
AREAS = {"ward": "wards", "district": "districts"}


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons of areas (n) in years (m): (n, m), NaN where held back; land in hectares (n), NaN where not known."""

    kind: str
    ids: list[str]
    names: list[str]
    years: list[int]
    persons: NDArray[np.float64]
    hectares: NDArray[np.float64]
    box: tuple[float, float, float, float]

    @property
    def growth(self) -> NDArray[np.float64]:
        """Persons more in the last year than in the first."""
        return self.persons[:, -1] - self.persons[:, 0]

    @property
    def percent(self) -> NDArray[np.float64]:
        """The same in percent of the first year."""
        return self.growth / self.persons[:, 0] * 100

    @property
    def density(self) -> NDArray[np.float64]:
        """Persons per hectare in the last year."""
        return self.persons[:, -1] / self.hectares


def persons(catalogue: Catalogue) -> Persons:
    """Persons by ward and year; by district where there are no wards. Raises Lacking without two areas and years."""
    found = theme(catalogue, LAYER, "area_gss", "area_name", "geography", "year", COUNTED)
    kinds = set(found.columns["geography"])
    kind = next((each for each in AREAS if each in kinds and AREAS[each] in catalogue.entries), None)
    if kind is None:
        raise Lacking("This lesson needs population forecasts of wards, and the borders of the wards.")
    rows = found.where([each == kind for each in found.columns["geography"]])
    areas = theme(catalogue, AREAS[kind], "gss", "name", "area_ha", geometry="Polygon")
    hectares = dict(zip(areas.columns["gss"], areas.columns["area_ha"], strict=True))
    names = dict(zip(rows.columns["area_gss"], rows.columns["area_name"], strict=True))
    years = sorted({int(year) for year in rows.columns["year"]})
    ids = sorted(names)
    if len(ids) < 2 or len(years) < 2:
        raise Lacking("This lesson needs population forecasts of two areas and two years at least.")
    values = np.full((len(ids), len(years)), np.nan)
    for area, year, count in zip(rows.columns["area_gss"], rows.columns["year"], rows.columns[COUNTED], strict=True):
        if count is not None:
            values[ids.index(area), years.index(int(year))] = count
    bounds = np.array([shape.bounds for shape in areas.shapes])
    west, south, east, north = map(float, (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))
    return Persons(kind, ids, [names[each] for each in ids], years, values,
                   np.array([float(hectares.get(each) or np.nan) for each in ids]), (west, south, east, north))


def _theme_of(found: Persons, mode: str) -> dict[str, str]:
    return view(found.box) | {"tool": "theme", "th": f"{LAYER}:{found.kind}:{COUNTED}:{mode}"}


def _most(names: list[str], values: NDArray[np.float64]) -> list[str]:
    """Who has the most: more than one where they are equal."""
    return sorted(name for name, value in zip(names, values, strict=True) if value == np.nanmax(values))


def grew(catalogue: Catalogue) -> Example:
    """Lesson: which ward grows most between the first year and the last?"""
    found = persons(catalogue)
    growth, percent = found.growth, found.percent
    most, fastest = _most(found.names, growth), _most(found.names, percent)
    known = [i for i in range(len(found.ids)) if np.isfinite(growth[i])]
    order = sorted(known, key=lambda i: (-growth[i], found.names[i]))
    first, last = str(found.years[0]), str(found.years[-1])
    rows = tuple((found.names[i], _count(found.persons[i, 0]), _count(found.persons[i, -1]), f"{growth[i]:+,.0f}",
                  f"{percent[i]:+.1f} %") for i in order[:TOP])
    return Example(
        opens=_theme_of(found, "value") | {"yr": first}, shows=_theme_of(found, "change") | {"yr": last},
        words={"kind": found.kind, "first": first, "last": last, "steps": str(len(found.years)), "most": listed(most),
               "more": _count(np.nanmax(growth)), "fastest": listed(fastest), "percent": f"{np.nanmax(percent):.1f}"},
        answers=(Table(f"The ten {found.kind}s that grow most", (found.kind.capitalize(), first, last, "Change",
                                                                  "Percent"), rows),),
        figures={"most": most, "change": float(np.nanmax(growth)), "fastest": fastest,
                 "percent": float(np.nanmax(percent)), "first": found.years[0], "last": found.years[-1],
                 "kind": found.kind, "years": found.years})


def classes(catalogue: Catalogue) -> Example:
    """Lesson: choose a number of classes and a way to make them."""
    found = persons(catalogue)
    density = found.density[np.isfinite(found.density)]
    if len(density) < CLASSES:
        raise Lacking(f"This lesson needs {CLASSES} areas with persons and land at least.")
    made = {"Equal steps": equal(density, CLASSES), "Equal numbers (quantiles)": quantile(density, CLASSES),
            "Natural breaks": natural(density, CLASSES)}
    rows = tuple((title, *_classed(density, breaks)) for title, breaks in made.items())
    wide = max(len(row) for row in rows)
    rows = tuple((*row, *[""] * (wide - len(row))) for row in rows)
    state = _theme_of(found, "value") | {"yr": str(found.years[-1])}
    return Example(
        opens=state | {"nm": "none", "cl": f"equal:{CLASSES}:year"},
        shows=state | {"nm": "area", "cl": f"natural:{CLASSES}:year"},
        words={"kind": found.kind, "last": str(found.years[-1]), "count": str(len(density)),
               "lowest": f"{density.min():.1f}", "highest": f"{density.max():.1f}",
               "median": f"{np.median(density):.1f}", "dense": listed(_most(found.names, found.density))},
        answers=(Table(f"Persons per hectare in {found.years[-1]}: how many {found.kind}s are in each class",
                       ("Classes made by", *(f"Class {i + 1}" for i in range(wide - 1))), rows),),
        figures={"natural": natural(density, CLASSES), "equal": equal(density, CLASSES),
                 "quantile": quantile(density, CLASSES), "kind": found.kind, "year": found.years[-1]})


def _classed(values: NDArray[np.float64], breaks: list[float]) -> list[str]:
    """Each class as `up to 3.2: 4`."""
    ends = [-np.inf, *breaks, np.inf]
    told = []
    for low, high in pairwise(ends):
        count = int(((values > low) & (values <= high)).sum())
        edge = f"up to {high:.1f}" if np.isfinite(high) else f"over {low:.1f}"
        told.append(f"{edge}: {count}")
    return told


def two(catalogue: Catalogue) -> Example:
    """Lesson: compare the ward where people live closest together with the one where they live farthest apart."""
    found = persons(catalogue)
    known = [i for i in range(len(found.ids)) if np.isfinite(found.density[i])]
    if len(known) < 2:
        raise Lacking("This lesson needs two areas with persons and land.")
    town = max(known, key=lambda i: (found.density[i], found.ids[i]))
    country = min(known, key=lambda i: (found.density[i], found.ids[i]))
    rows = tuple((title, form(values[town]), form(values[country]), form(values[town] - values[country]))
                 for title, values, form in (
        (f"Persons in {found.years[-1]}", found.persons[:, -1], _count), ("Land in hectares", found.hectares, _count),
        ("Persons per hectare", found.density, _tenth), ("Change in persons", found.growth, _count),
        ("Change in percent", found.percent, _tenth)))
    names = found.names[town], found.names[country]
    state = view(found.box) | {"tool": "compare", "yr": str(found.years[-1])}
    return Example(
        opens=state, shows=state | {"cmp": f"{found.ids[town]},{found.ids[country]}"},
        words={"kind": found.kind, "urban": names[0], "rural": names[1], "last": str(found.years[-1]),
               "dense": _tenth(found.density[town]), "thin": _tenth(found.density[country]),
               "times": f"{found.density[town] / found.density[country]:.0f}"},
        answers=(Table(f"The two {found.kind}s in figures", ("", *names, "Difference"), rows),),
        figures={"urban": found.ids[town], "rural": found.ids[country], "names": names,
                 "persons": [float(found.persons[town, -1]), float(found.persons[country, -1])],
                 "density": [float(found.density[town]), float(found.density[country])]})


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _tenth(value: float) -> str:
    return f"{value:.1f}"
