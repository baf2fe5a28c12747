"""Ways on foot: junctions, the shortest way, and rounds."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap.lessons.breaks import equal, natural, quantile
from hantsmap.lessons.ways import Ways


def lines(*ends: tuple[tuple[float, float], tuple[float, float]]) -> list[shapely.LineString]:
    """Straight lines."""
    return [shapely.LineString(each) for each in ends]


SQUARE = lines(((0, 0), (100, 0)), ((100, 100), (100, 0)), ((100, 100), (0, 100)), ((0, 100), (0, 0.4)))


def test_ends_that_are_near_are_one_junction() -> None:
    """Four lines about a square have four junctions, though two ends are 40 cm apart."""
    assert len(Ways(SQUARE).junctions) == 4


def test_the_shortest_way_is_the_shortest() -> None:
    """From corner to corner it is two sides, in the order of walking; a line that runs the other way is turned."""
    ways = Ways(SQUARE)
    start, end = ways.near(0, 0, 1)[0], ways.near(100, 100, 1)[0]
    walk = ways.walk(start, end, 1_000)
    assert walk is not None
    assert walk.length == pytest.approx(199.6)
    assert walk.line.coords[-1] == (100, 100)
    assert walk.line.length == pytest.approx(200, abs=0.5)


def test_a_round_comes_home_and_passes_nothing_twice() -> None:
    """The square is a round from each of its corners, and the only one."""
    for start in range(4):
        found = list(Ways(SQUARE).rounds(start, 390, 410))
        assert found
        assert all(sorted(each.links) == [0, 1, 2, 3] for each in found)
        assert all(each.junctions[0] == each.junctions[-1] == start for each in found)


def test_a_way_that_is_not_there_is_none() -> None:
    """Paths that do not meet are not joined."""
    ways = Ways(lines(((0, 0), (100, 0)), ((200, 0), (300, 0))))
    assert ways.walk(0, 2, 10_000) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=8, max_size=40), st.integers(3, 7))
def test_breaks_rise_and_lie_within(values: list[int], count: int) -> None:
    """Whatever the values: breaks rise, are fewer than classes, and none is the highest value."""
    found = np.array(values, dtype=float)
    for method in (equal, quantile, natural):
        breaks = method(found, count)
        assert breaks == sorted(set(breaks))
        assert len(breaks) < count
        assert all(found.min() <= each < found.max() for each in breaks)


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=8, max_size=12))
def test_natural_breaks_are_the_best_there_are(values: list[int]) -> None:
    """No other two breaks leave less difference within three classes: all are tried."""
    found = np.sort(np.array(values, dtype=float))

    def within(breaks: list[float]) -> float:
        groups = np.searchsorted(breaks, found, side="left")
        return sum(float(((found[groups == k] - found[groups == k].mean()) ** 2).sum()) for k in set(groups))

    tried = [sorted({one, other}) for one in found for other in found]
    assert within(natural(found, 3)) == pytest.approx(min(within(each) for each in tried), abs=1e-6)
