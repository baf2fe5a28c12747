"""A small table that has every type of field, with nulls in all of them, and ways to ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from hantsmap.crs import CRS84, EPSG27700, Crs
from hantsmap.filters import parse
from hantsmap.layer import Field, FieldType

TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("us", "UTC"),
    FieldType.STRINGS: pa.list_(pa.string()),
    FieldType.INTEGERS: pa.list_(pa.int64()),
    FieldType.OBJECT: pa.string(),
}


@dataclass
class Table:
    """Columns in memory. `reads` counts the geometries that were asked for."""

    fields: dict[str, Field]
    columns: dict[str, Any]
    shapes: Sequence[Any] | None = None
    geometry_type: str = "none"
    reads: int = 0

    @property
    def count(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else len(self.shapes or ())

    def column(self, name: str) -> Any:
        return self.columns[name]

    def boxes(self) -> Any:
        return shapely.bounds(np.array(self.shapes, dtype=object)).reshape(-1, 4)

    def placed(self) -> Any:
        return ~np.isnan(self.boxes()[:, 0])

    def near(self, bounds: Any) -> Any:
        met = shapely.intersects(shapely.box(*bounds), shapely.box(*self.boxes().T))
        return np.flatnonzero(met & self.placed())

    def geometries(self, positions: Any) -> Any:
        self.reads += len(positions)
        return np.array(self.shapes, dtype=object)[positions]


def make_table(types: dict[str, FieldType], rows: list[tuple[Any, ...]], **more: Any) -> Table:
    """A table of these fields and rows."""
    fields = {name: Field(type=kind, title=name) for name, kind in types.items()}
    columns = {name: pa.array([row[at] for row in rows], TYPES[kind]) for at, (name, kind) in enumerate(types.items())}
    return Table(fields, columns, **more)


TYPED = {
    "id": FieldType.INTEGER,
    "name": FieldType.STRING,
    "status": FieldType.STRING,
    "height": FieldType.NUMBER,
    "storeys": FieldType.INTEGER,
    "listed": FieldType.BOOLEAN,
    "built": FieldType.DATE,
    "closed": FieldType.DATE,
    "seen": FieldType.DATETIME,
    "uses": FieldType.STRINGS,
    "routes": FieldType.INTEGERS,
    "roads": FieldType.INTEGERS,
    "extra": FieldType.OBJECT,
}


def _seen(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


ROWS: list[tuple[Any, ...]] = [
    (
        1,
        "Abbey",
        "BOAT",
        1.5,
        2,
        True,
        date(2019, 1, 1),
        date(2020, 1, 1),
        _seen(2020, 1, 1),
        ["a", "b"],
        [1],
        [1],
        "{}",
    ),
    (
        2,
        "abbey",
        "BRIDLEWAY",
        -2.0,
        3,
        False,
        date(2020, 1, 1),
        None,
        _seen(2020, 1, 1, 9, 30),
        ["b"],
        [1, 2],
        [2],
        "{}",
    ),
    (3, "O'Neill", None, 0.0, 0, None, date(2020, 6, 1), date(2021, 1, 1), _seen(2019, 12, 31, 23), [], [], [1], None),
    (4, "50%_\\x", "FOOTPATH", None, -7, True, None, date(2020, 6, 1), None, None, None, None, None),
    (
        5,
        "Café Ünder",
        "BOAT",
        1e10,
        None,
        False,
        date(1900, 2, 28),
        date(1900, 2, 28),
        _seen(1900, 2, 28),
        ["a", "a"],
        [2, 2],
        [2],
        "{}",
    ),
    (
        6,
        None,
        "STRASSE",
        2.5,
        2**53 + 1,
        None,
        date(2021, 1, 1),
        date(2022, 1, 1),
        _seen(2021, 1, 1),
        ["é", None],
        [3],
        [3, 4],
        "{}",
    ),
    (
        7,
        "Straße\nline",
        "boat",
        3.0,
        3,
        True,
        date(2020, 1, 1),
        date(2020, 1, 1),
        _seen(2020, 6, 1),
        ["c"],
        [9],
        [9, 9],
        "{}",
    ),
]
PLACES = [
    (442000.0, 112000.0),
    (442100.0, 112000.0),
    (450000.0, 120000.0),
    None,
    (600000.0, 300000.0),
    (442000.0, 112100.0),
    (442050.0, 112050.0),
]


@pytest.fixture(params=["plain", "dictionary", "chunked"])
def table(request: pytest.FixtureRequest) -> Table:
    """Seven rows with points; the fourth has none. In each of the ways in which a rendition may hold its columns."""
    made = make_table(TYPED, ROWS, shapes=[xy and shapely.Point(xy) for xy in PLACES], geometry_type="Point")
    if request.param != "plain":
        for name in ("name", "status"):
            made.columns[name] = made.columns[name].dictionary_encode()
    if request.param == "chunked":
        made.columns = {name: pa.chunked_array([array[:3], array[3:]]) for name, array in made.columns.items()}
    return made


Ask = Callable[..., list[int]]


@pytest.fixture
def ask(table: Table) -> Ask:
    """The ids of the features that a filter matches; `crs` is that of its geometries."""

    def answer(text: str, lang: str = "cql2-text", crs: Crs = CRS84) -> list[int]:
        return [int(at) + 1 for at in np.flatnonzero(parse(text, lang, crs, table).matches(table))]

    return answer


@pytest.fixture
def ask_grid(ask: Ask) -> Ask:
    """As `ask`, with geometries in the National Grid."""
    return lambda text: ask(text, "cql2-text", EPSG27700)


@pytest.fixture(scope="session")
def make() -> Callable[..., Table]:
    """make_table, for tests with a table of their own."""
    return make_table
