"""The series of a layer: for each area of a kind, its values over the periods. From one rendition, as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from hantsmap import on_map
from hantsmap.layer import FieldType
from hantsmap.rendition import Rendition

NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
SQUARE_METRES_A_HECTARE = 10_000.0


@dataclass(frozen=True, slots=True)
class Area:
    """An area of a series: its code, its name, the code of the area that it is counted in, and hectares of land.

    `area_ha` is measured on the geometry of the rendition; None where that shows none.
    """

    id: str
    name: str
    parent: str | None
    area_ha: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """Areas, periods (rising), the first period of the forecast, and of each field the values: a row for each area, in
    it one value for each period, None where the rendition has none (suppressed) or the area has no such period."""

    areas: tuple[Area, ...]
    periods: tuple[Any, ...]
    base: Any
    values: dict[str, list[list[float | int | None]]]


def groups(rendition: Rendition) -> tuple[str, ...]:
    """Kinds of area that a rendition has rows of, smallest areas first, which is in the order of the code list."""
    declared = rendition.description.series
    if declared is None:
        return ()
    field = rendition.fields[declared.group]
    there = {str(value) for value in rendition.column(declared.group).unique().to_pylist() if value is not None}
    listed = rendition.description.code_lists[field.codes].values if field.codes else sorted(there)
    return tuple(code for code in listed if code in there)


def told(rendition: Rendition, declared: on_map.Series, group: str) -> Told:
    """The series of the areas of one kind. A field without any value there is left out."""
    kinds = np.array([str(value) for value in rendition.column(declared.group).to_pylist()], dtype=object)
    positions = np.flatnonzero(kinds == group)
    ids = rendition.column(declared.area).take(positions).to_pylist()
    times = rendition.column(declared.period).take(positions).to_pylist()
    codes, periods = sorted(set(ids)), sorted(set(times))
    row = {code: number for number, code in enumerate(codes)}
    column = {period: number for number, period in enumerate(periods)}
    at = np.array([row[code] for code in ids]), np.array([column[period] for period in times])
    # The place in the layer of each area's row for each period; -1 where there is none.
    place = np.full((len(codes), len(periods)), -1, dtype=np.intp)
    place[at] = positions
    values = {}
    for name in shown(rendition, declared):
        table = _table(rendition, name, place)
        if any(value is not None for one in table for value in one):
            values[name] = table
    base = rendition.column(declared.base)[int(positions[0])].as_py() if declared.base and len(positions) else None
    return Told(_areas(rendition, declared, codes, place), tuple(periods),
                periods[0] if base is None and periods else base, values)


def shown(rendition: Rendition, declared: on_map.Series) -> tuple[str, ...]:
    """The fields of a series: those that are declared, else all numbers that have a unit."""
    return declared.values or tuple(
        name for name, field in rendition.fields.items()
        if field.type in NUMBERS and field.unit and name not in declared.named)


def _table(rendition: Rendition, name: str, place: NDArray[np.intp]) -> list[list[float | int | None]]:
    # Taken by index, a null stays null; -1 is not an index, and null too.
    wanted = pa.array(np.where(place < 0, 0, place).ravel(), mask=(place < 0).ravel())
    flat: list[float | int | None] = rendition.column(name).take(wanted).to_pylist()
    width = place.shape[1]
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _areas(
    rendition: Rendition, declared: on_map.Series, codes: list[str], place: NDArray[np.intp]
) -> tuple[Area, ...]:
    """The areas, by code, as their last row tells of them."""
    last = place.max(axis=1, initial=-1)
    if place.size:
        last = np.array([line[line >= 0][-1] for line in place], dtype=np.intp)
    names = rendition.column(declared.name).take(last).to_pylist()
    parents = rendition.column(declared.parent).take(last).to_pylist() if declared.parent else [None] * len(codes)
    sizes: list[float | None] = [None] * len(codes)
    if "Polygon" in rendition.geometry_type:
        measured = shapely.area(rendition.geometries(last)) / SQUARE_METRES_A_HECTARE
        sizes = [None if np.isnan(size) or not size else round(size, 2) for size in measured.tolist()]
    return tuple(Area(code, str(code if name is None else name), parent, size)
                 for code, name, parent, size in zip(codes, names, parents, sizes, strict=True))
