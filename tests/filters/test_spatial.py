"""Spatial functions, against shapely asked one feature at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap.crs import CRS84, EPSG3857, EPSG4326, EPSG27700, question
from hantsmap.errors import QueryError
from hantsmap.filters import parse
from hantsmap.layer import FieldType

Ask = Callable[..., list[int]]
NAMES = ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("S_INTERSECTS(geometry, BBOX(442000, 112000, 442050, 112100))", [1, 6, 7]),
        ("S_INTERSECTS(BBOX(442000, 112000, 442050, 112100), geometry)", [1, 6, 7]),
        ("S_INTERSECTS(geometry, BBOX(442000, 112000, -5, 442050, 112100, 5))", [1, 6, 7]),
        ("S_WITHIN(geometry, BBOX(442000, 112000, 442060, 112100))", [7]),
        ("S_CONTAINS(BBOX(442000, 112000, 442060, 112100), geometry)", [7]),
        ("S_CONTAINS(geometry, POINT(442000 112000))", [1]),
        ("S_DISJOINT(geometry, BBOX(0, 0, 442060, 115000))", [2, 3, 5]),
        ("NOT S_INTERSECTS(geometry, BBOX(0, 0, 442060, 115000))", [2, 3, 5]),
        ("S_TOUCHES(geometry, BBOX(442000, 112000, 442060, 112100))", [1, 6]),
        ("S_EQUALS(geometry, POINT(450000 120000))", [3]),
        ("S_EQUALS(geometry, POINT Z(450000 120000 5))", [3]),
        ("S_INTERSECTS(geometry, MULTIPOINT((450000 120000), (442000 112000)))", [1, 3]),
        ("S_INTERSECTS(geometry, LINESTRING(442000 112000, 442000 112100))", [1, 6]),
        ("S_INTERSECTS(geometry, MULTILINESTRING((442000 112000, 442000 112100), (0 0, 1 1)))", [1, 6]),
        ("S_INTERSECTS(geometry, MULTIPOLYGON(((442040 112040, 442060 112040, 442060 112060, 442040 112040))))", [7]),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(450000 120000), LINESTRING(0 0, 1 1)))", [3]),
        ("S_INTERSECTS(geometry, geometry)", [1, 2, 3, 5, 6, 7]),
        ("s_intersects(geometry, bbox(442000, 112000, 442000, 112000))", [1]),
        ("S_INTERSECTS(geometry, BBOX(442000, 112000, 442050, 112100)) AND status = 'BOAT'", [1]),
        ("S_INTERSECTS(geometry, BBOX(442000, 112000, 442050, 112100)) OR status = 'BOAT'", [1, 5, 6, 7]),
        ("NOT (S_INTERSECTS(geometry, BBOX(442000, 112000, 442050, 112100)) AND status = 'BOAT')", [2, 3, 4, 5, 6, 7]),
    ],
)
def test_points(ask_grid: Ask, text: str, ids: list[int]) -> None:
    """Every function and every kind of literal finds the right points, either way round; no geometry is unknown."""
    assert ask_grid(text) == ids


def _mixed() -> list[Any]:
    shapes: list[Any] = [shapely.box(x, y, x + w, y + 15) for x in (0, 10, 20, 45) for y in (0, 20) for w in (5, 20)]
    shapes += [shapely.LineString([(x, 0), (x + 30, 40)]) for x in (0, 10, 20)]
    shapes += [shapely.Point(x, y) for x in (10, 20, 25) for y in (10, 20)]
    return [shapely.transform(shape, lambda xy: np.add(xy, (440000.0, 110000.0))) for shape in shapes]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(
    st.one_of(
        st.tuples(*[st.sampled_from([0, 5, 10, 20, 25, 30, 40])] * 4).filter(lambda b: b[0] < b[2] and b[1] < b[3]),
        st.sampled_from(["LINESTRING(440000 110000, 440030 110040)", "POINT(440010 110010)"]),
        st.sampled_from(["POLYGON((440000 110000, 440040 110000, 440020 110030, 440000 110000))"]),
    )
)
def test_agrees_with_shapely(
    make: Callable[..., Any], name: str, turned: bool, literal: tuple[int, int, int, int] | str
) -> None:
    """Preselection by boxes never changes an answer, for polygons, lines and points, and keeps the sense."""
    shapes = [*_mixed(), None]
    table = make({"id": FieldType.INTEGER}, [(n,) for n in range(len(shapes))], shapes=shapes, geometry_type="Polygon")
    if isinstance(literal, str):
        text, shape = literal, shapely.from_wkt(literal)
    else:
        box = (literal[0] + 440000, literal[1] + 110000, literal[2] + 440000, literal[3] + 110000)
        text, shape = f"BBOX({', '.join(map(str, box))})", shapely.box(*box)
    args = (text, "geometry") if turned else ("geometry", text)
    found = parse(f"S_{name.upper()}({', '.join(args)})", "cql2-text", EPSG27700, table).matches(table)
    predicate = getattr(shapely, name)
    pairs = [(shape, one) if turned else (one, shape) for one in shapes]
    assert list(found) == [None not in pair and bool(predicate(*pair)) for pair in pairs]


@pytest.mark.parametrize(
    ("crs", "text", "ids"),
    [
        (CRS84, "BBOX(-1.41, 50.90, -1.40, 50.91)", [1, 2, 6, 7]),
        (EPSG4326, "BBOX(50.90, -1.41, 50.91, -1.40)", [1, 2, 6, 7]),
        (EPSG4326, "POLYGON((50.9 -1.41, 50.9 -1.4, 50.91 -1.4, 50.91 -1.41, 50.9 -1.41))", [1, 2, 6, 7]),
        (EPSG3857, "BBOX(-156960, 6603624, -155847, 6605389)", [1, 2, 6, 7]),
        (CRS84, "BBOX(-180, -90, 180, 90)", [1, 2, 3, 5, 6, 7]),
        (CRS84, "BBOX(170, 50, -1.40, 51)", [1, 2, 6, 7]),
        (EPSG4326, "BBOX(50, 170, 51, -1.40)", [1, 2, 6, 7]),
        (CRS84, "BBOX(-1.41, 50, -170, 60)", [1, 2, 3, 5, 6, 7]),
        (CRS84, "BBOX(170, -50, -170, 51)", []),
        (CRS84, "POINT(100 -40)", []),
        (EPSG3857, "BBOX(-1e7, -1e8, 1e7, 1e8)", [1, 2, 3, 5, 6, 7]),
    ],
)
def test_reference_systems(ask: Ask, crs: Any, text: str, ids: list[int]) -> None:
    """Literals are read in filter-crs with its axis order; a box may cross the antimeridian or cover the world."""
    assert ask(f"S_INTERSECTS(geometry, {text})", crs=crs) == ids
    assert ask(f"S_DISJOINT(geometry, {text})", crs=crs) == sorted({1, 2, 3, 5, 6, 7} - set(ids))


def test_boxes_in_degrees_are_exact(make: Callable[..., Any]) -> None:
    """The shortcut for boxes in degrees gives what exact geometry gives, along all four edges."""
    bounds = (-1.6, 50.8, -0.9, 51.3)
    outline = question(shapely.box(*bounds), CRS84)
    rng = np.random.default_rng(7)
    near = shapely.get_coordinates(shapely.segmentize(outline.exterior, 500.0))
    points = shapely.points(
        np.concatenate([near + rng.normal(0, 3, near.shape), near + rng.normal(0, 5e3, near.shape)])
    )
    squares = shapely.buffer(points, 20.0, quad_segs=1)
    table = make({"id": FieldType.INTEGER}, [(n,) for n in range(len(squares))], shapes=list(squares))
    table.geometry_type = "Polygon"
    for name in ("intersects", "within", "disjoint"):
        text = f"S_{name.upper()}(geometry, BBOX({', '.join(map(str, bounds))}))"
        found = parse(text, "cql2-text", CRS84, table).matches(table)
        assert np.array_equal(found, getattr(shapely, name)(squares, outline))


def test_geometry_is_read_only_where_it_matters(make: Callable[..., Any]) -> None:
    """What an attribute or a box has decided costs no geometry."""
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(100)]
    table = make({"id": FieldType.INTEGER}, [(n,) for n in range(100)], shapes=squares, geometry_type="Polygon")
    text = "S_INTERSECTS(geometry, POLYGON((10 -1, 20 -1, 20 2, 10 2, 10 -1))) AND id > 18"
    assert parse(text, "cql2-text", EPSG27700, table).matches(table).sum() == 2
    assert table.reads == 2
    table.reads = 0
    assert parse("S_WITHIN(geometry, BBOX(9.5, -1, 90.5, 2))", "cql2-text", EPSG27700, table).matches(table).sum() == 80
    assert table.reads == 2


@pytest.mark.parametrize(
    "literal",
    [
        "POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))",
        "POLYGON((0 0, 1 1, 1 0))",
        "POLYGON((0 0, 1 1, 0 0))",
        "LINESTRING(0 0)",
        "LINESTRING(0 0, 0 0)",
        "POINT EMPTY",
        "POLYGON EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
        "POINT(nan nan)",
        "POINT(1e400 0)",
        "POINT(181 0)",
        "POINT(0 91)",
        "POINT(442000 112000)",
        "POINT(a b)",
        "POINT(0 0",
        "BBOX(1, 2, 3)",
        "BBOX(0, 2, 0, 1)",
        "BBOX(0, 0, 200, 1)",
        "BBOX(id, 0, 1, 1)",
        "BBOX('0', 0, 1, 1)",
        "CIRCLE(0 0, 1)",
        "name",
        "missing",
        "5",
        "'POINT(0 0)'",
        "DATE('2020-01-01')",
    ],
)
def test_bad_literal(ask: Ask, literal: str) -> None:
    """A literal that is broken, empty or off the Earth is refused with a sentence, never answered or fatal."""
    with pytest.raises(QueryError) as refused:
        ask(f"S_INTERSECTS(geometry, {literal})")
    assert refused.value.parameter == "filter"


@pytest.mark.parametrize(
    "geometry",
    [
        '{"type": "Point", "coordinates": []}',
        '{"type": "Point", "coordinates": ["a", "b"]}',
        '{"type": "Point", "coordinates": [1e999, 0]}',
        '{"type": "Point"}',
        '{"type": "Feature", "geometry": null}',
        '{"type": "Polygon", "coordinates": [[[0,0],[1,1],[1,0]]]}',
        '{"type": "LineString", "coordinates": {"a": 1}}',
        '{"type": "GeometryCollection", "geometries": [{"type": "Curve"}]}',
        '{"type": ["Point"], "coordinates": [0, 0]}',
        '{"bbox": "0,0,1,1"}',
        f'{{"bbox": [0, 0, 1, 1{"0" * 400}]}}',
    ],
)
def test_bad_geojson(ask: Ask, geometry: str) -> None:
    """A GeoJSON literal that is not one is refused."""
    with pytest.raises(QueryError):
        ask(f'{{"op": "s_intersects", "args": [{{"property": "geometry"}}, {geometry}]}}', "cql2-json")


def test_collections_without_geometry(make: Callable[..., Any]) -> None:
    """A table without geometry refuses spatial functions and has no property called geometry."""
    table = make({"id": FieldType.INTEGER}, [(1,)])
    with pytest.raises(QueryError, match="this collection has none"):
        parse("S_INTERSECTS(geometry, POINT(0 0))", "cql2-text", CRS84, table)
    with pytest.raises(QueryError, match=r"`geometry` is not a property of this collection\. It has: id\."):
        parse("geometry IS NULL", "cql2-text", CRS84, table)


def test_zigzags_are_bounded(ask: Ask) -> None:
    """A literal whose edges would be cut into too many pieces is refused; a detailed coast is not."""
    teeth = ", ".join(f"{-1 + (n % 2)} {50 + n / 1000}" for n in range(900))
    with pytest.raises(QueryError, match="vertices"):
        ask(f"S_INTERSECTS(geometry, LINESTRING({teeth}))")
    turn = np.linspace(0, 2 * np.pi, 5000)
    ring = [f"{x:.6f} {y:.6f}" for x, y in zip(-1.4 + 0.1 * np.cos(turn), 50.9 + 0.1 * np.sin(turn), strict=True)]
    ring[-1] = ring[0]
    assert ask(f"S_INTERSECTS(geometry, POLYGON(({', '.join(ring)})))") == [1, 2, 6, 7]
