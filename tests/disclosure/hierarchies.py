"""Invented counties for the tests: output areas in LSOAs in MSOAs, some years, men and women in two bands of age."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from hantsmap.access import Counts

SUMS = {"persons": ("young", "old"), "young": ("young_f", "young_m"), "old": ("old_f", "old_m"),
        "women": ("young_f", "old_f")}
FIELDS = ("persons", "young", "old", "women", "young_f", "young_m", "old_f", "old_m")
KEEP = {"OA": ("persons", "young", "old"), "LSOA": ("persons", "young", "old", "women"), "MSOA": FIELDS}
SMALL = st.one_of(st.integers(0, 30), st.sampled_from([0, 3, 9, 10, 11, 12, 13, 60]))


def declared(**changes: Any) -> Counts:
    """The declaration of these counties, with changes."""
    return Counts(**{"fields": FIELDS, "sums": SUMS, "area": "area", "parent": "parent", "period": "year", **changes})


@st.composite
def counties(draw: st.DrawFn, slips: bool = False) -> pa.Table:
    """A small county of one or two MSOAs. With `slips`, some figures are null and some do not add up."""
    rows: list[dict[str, Any]] = []
    for year in range(2023, 2023 + draw(st.integers(1, 2))):
        for m in range(draw(st.integers(1, 2))):
            lsoas = []
            for s in range(draw(st.integers(1, 3))):
                areas = [_row(f"OA{m}{s}{o}", f"LSOA{m}{s}", "OA", year, draw(st.lists(SMALL, min_size=4, max_size=4)))
                         for o in range(draw(st.integers(1, 4)))]
                lsoas.append(_row(f"LSOA{m}{s}", f"MSOA{m}", "LSOA", year, _total(areas)))
                rows += areas
            rows += [*lsoas, _row(f"MSOA{m}", None, "MSOA", year, _total(lsoas))]
    if slips:
        for row in draw(st.lists(st.sampled_from(rows), max_size=6)):
            row[draw(st.sampled_from(FIELDS))] = draw(st.one_of(st.none(), SMALL))
    return table(rows)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table of integers and texts."""
    kinds = dict.fromkeys((*FIELDS, "year"), pa.int64()) | dict.fromkeys(("area", "parent", "level"), pa.string())
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def cells(published: pa.Table) -> dict[tuple[str, int], dict[str, Any]]:
    """Area and year -> the row without what says which row it is."""
    return {(row["area"], row["year"]): {name: row[name] for name in (*FIELDS, "suppressed")}
            for row in published.to_pylist()}


def solved(before: pa.Table, after: pa.Table) -> set[tuple[int, str]]:
    """Hidden cells that follow exactly when all equations are solved at once: by linear algebra, not by intervals."""
    width, rows = len(FIELDS), before.to_pylist()
    places = {(row["area"], row["year"]): number for number, row in enumerate(rows)}
    sums = [[at * width + FIELDS.index(name) for name in (total, *parts)]
            for at in places.values() for total, parts in SUMS.items()]
    for (area, year), at in places.items():
        below = [number for number, row in enumerate(rows) if (row["parent"], row["year"]) == (area, year)]
        sums += [[number * width + field for number in (at, *below)] for field in range(width) if below]
    matrix = np.zeros((len(sums), len(before) * width))
    for number, (total, *parts) in enumerate(sums):
        matrix[number, total], matrix[number, parts] = -1, 1
    hidden = np.array([row[name] is None for row in after.to_pylist() for name in FIELDS])
    _, sizes, basis = np.linalg.svd(matrix[:, hidden])
    free = basis[(sizes > 1e-9).sum():]
    told = np.flatnonzero(hidden)[np.abs(free).max(axis=0, initial=0) < 1e-9] if hidden.any() else []
    return {(int(cell) // width, FIELDS[int(cell) % width]) for cell in told}


def _row(area: str, parent: str | None, level: str, year: int, four: list[int]) -> dict[str, Any]:
    young_f, young_m, old_f, old_m = four
    return {"area": area, "parent": parent, "level": level, "year": year, "persons": sum(four),
            "young": young_f + young_m, "old": old_f + old_m, "women": young_f + old_f,
            "young_f": young_f, "young_m": young_m, "old_f": old_f, "old_m": old_m}


def _total(rows: list[dict[str, Any]]) -> list[int]:
    return [sum(row[name] for row in rows) for name in FIELDS[4:]]
