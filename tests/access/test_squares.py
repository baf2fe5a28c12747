"""Places shown by the squares of the National Grid that they meet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon

from hantsmap.protect import squares


def boxes(shape: object, side: int) -> list[tuple[float, ...]]:
    """South-west corners of the squares that show a shape."""
    (shown,) = squares(np.array([shape], dtype=object), side)
    assert shown.geom_type == "MultiPolygon" and shown.is_valid
    west, south, east, north = (int(edge) for edge in shown.bounds)
    corners = [(x, y) for x in range(west, east, side) for y in range(south, north, side)]
    return [corner for corner in corners if shown.contains(Point(corner[0] + side / 2, corner[1] + side / 2))]


@pytest.mark.parametrize(("shape", "side", "shown"), [
    (Point(442123.45, 112999.99), 1000, [(442000, 112000)]),
    (Point(442000, 112000), 1000, [(442000, 112000)]),
    (Point(442999.99, 112000), 100, [(442900, 112000)]),
    (Point(442123, 112999), 10000, [(440000, 110000)]),
    (LineString([(442500, 112500), (443500, 112500)]), 1000, [(442000, 112000), (443000, 112000)]),
    (Polygon([(442100, 112100), (442900, 112100), (442900, 113100)]), 1000, [(442000, 112000), (442000, 113000)]),
])
def test_squares_that_are_met(shape: object, side: int, shown: list[tuple[int, int]]) -> None:
    """A shape is shown as all squares that it meets and no others; a point as the one square it lies in."""
    assert boxes(shape, side) == shown


def test_squares_tell_nothing_finer() -> None:
    """All points of one square are shown alike, byte for byte: asking again, or of many, tells nothing more."""
    points = shapely.points(442000 + np.arange(1000) % 1000, 112000 + (np.arange(1000) * 7) % 1000)
    assert len({shape.wkb for shape in squares(np.asarray(points), 1000)}) == 1


def test_a_whole_county_in_fine_squares() -> None:
    """A shape of 20 by 20 km in squares of 100 m: 40,000 of them, in reasonable time."""
    (shown,) = squares(np.array([shapely.box(430050, 100050, 449950, 119950)], dtype=object), 100)
    assert shown.bounds == (430000, 100000, 450000, 120000)
