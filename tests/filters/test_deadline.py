"""A filter that takes too long is stopped between its steps; without a limit it goes on."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from hantsmap import deadline
from hantsmap.crs import EPSG27700
from hantsmap.errors import SlowQueryError
from hantsmap.fields import Field, FieldType
from hantsmap.filters import parse

COUNT = 60_000
FOLDED = " OR ".join(f"ACCENTI(CASEI(name)) = 'x{number}'" for number in range(490))
NESTED = "id = " + "+".join(["id"] * 95)
RING = ",".join(f"{each * 100} {each % 2 * 9_000 + 100}" for each in range(400))
TOUCHES = " OR ".join(f"S_TOUCHES(geometry, POLYGON(({RING},40000 -{number},0 -{number},0 100)))"
                      for number in range(20))


class Many:
    """A table of so many rows: names with accents, and lines."""

    count, geometry_type = COUNT, "LineString"

    def __init__(self) -> None:
        self.fields = {"id": Field(type=FieldType.INTEGER, title="Id"),
                       "name": Field(type=FieldType.STRING, title="Name")}
        start = np.random.default_rng(1).uniform(0, 9_000, (COUNT, 2)) * (4, 1)
        self.shapes = shapely.linestrings(np.stack([start, start + 500], axis=1))
        self.columns = {"id": pa.array(range(COUNT)), "name": pa.array([f"Zoë Nº {number}" for number in range(COUNT)])}

    def column(self, name: str) -> Any:
        return self.columns[name]

    def boxes(self) -> Any:
        return shapely.bounds(self.shapes)

    def placed(self) -> Any:
        return np.ones(COUNT, np.bool_)

    def near(self, bounds: Any) -> Any:
        return np.arange(COUNT)

    def geometries(self, positions: Any) -> Any:
        return self.shapes[positions]


@pytest.fixture(scope="module")
def many() -> Many:
    return Many()


@pytest.mark.parametrize("text", [FOLDED, TOUCHES], ids=["folded", "touches"])
def test_a_costly_filter_is_stopped(many: Many, text: str) -> None:
    """490 folded comparisons and 20 spatial conditions over 60,000 rows, which take many seconds, end soon after the
    time that they have."""
    with pytest.raises(SlowQueryError, match=r"took longer than 0\.05 s and was stopped"):
        begin = time.thread_time()
        with deadline.within(0.05):
            parse(text, "cql2-text", EPSG27700, many).matches(many)
    assert time.thread_time() - begin < 3


def test_reading_is_stopped_too(many: Many) -> None:
    """A filter whose time is over is not even read to its end; arithmetic asks for the time as well."""
    with deadline.within(-1), pytest.raises(SlowQueryError):
        parse("id = 1", "cql2-text", EPSG27700, many)
    checked = parse(NESTED, "cql2-text", EPSG27700, many)
    with deadline.within(-1), pytest.raises(SlowQueryError):
        checked.matches(many)


def test_without_a_limit_nothing_is_stopped(many: Many) -> None:
    """The same conditions, few of them, give their answer where there is no limit, and within one that is long."""
    checked = parse("ACCENTI(CASEI(name)) = 'zoe nº 7'", "cql2-text", EPSG27700, many)
    with deadline.within(60):
        limited = checked.matches(many)
    assert np.flatnonzero(limited).tolist() == np.flatnonzero(checked.matches(many)).tolist() == [7]
