"""Ways on foot as a graph: links that meet at their ends, the shortest way along them, and rounds."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

# Ends that are nearer to each other than this are one junction: links of one path are cut to the centimetre.
ONE_JUNCTION = 1.0
Shapes = NDArray[Any]
# From a junction to the one before it on the way, and the link between them.
Before = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Walk:
    """A way along links: its length in metres, the links in the order of walking, the junctions passed, and its line
    (EPSG:27700, x, y)."""

    length: float
    links: tuple[int, ...]
    junctions: tuple[int, ...]
    line: Any


class Ways:
    """A graph of LineStrings (EPSG:27700, x, y). Links and junctions are told by their number."""

    def __init__(self, lines: Sequence[Any] | Shapes) -> None:
        """Join lines where their ends meet."""
        self.lines = np.asarray(lines, dtype=object)
        self.lengths = shapely.length(self.lines)
        ends = shapely.get_coordinates([part for line in self.lines for part in (
            shapely.get_point(line, 0), shapely.get_point(line, -1))])
        self.of_end, self.junctions = _junctions(ends)
        self._tree = shapely.STRtree(shapely.points(self.junctions))
        self._next: list[list[tuple[int, float, int]]] = [[] for _ in self.junctions]
        for link, (start, end) in enumerate(self.of_end):
            self._next[start].append((end, float(self.lengths[link]), link))
            self._next[end].append((start, float(self.lengths[link]), link))

    def near(self, east: float, north: float, within: float) -> list[int]:
        """Junctions that are at most so many metres away, the nearest first."""
        place = shapely.Point(east, north)
        found = self._tree.query(place, predicate="dwithin", distance=within)
        apart = np.hypot(*(self.junctions[found] - (east, north)).T)
        return [int(found[i]) for i in np.lexsort((found, apart))]

    def reach(self, start: int, most: float) -> tuple[dict[int, float], Before]:
        """Metres to every junction within `most` metres along links, and how each is come to (Dijkstra 1959)."""
        metres, before, queue = {start: 0.0}, Before(), [(0.0, start)]
        while queue:
            gone, at = heapq.heappop(queue)
            if gone > metres[at]:
                continue
            for other, length, link in self._next[at]:
                far = gone + length
                if far <= most and far < metres.get(other, np.inf):
                    metres[other], before[other] = far, (at, link)
                    heapq.heappush(queue, (far, other))
        return metres, before

    def walk(self, start: int, end: int, most: float) -> Walk | None:
        """The shortest way between two junctions; None where there is none of at most `most` metres."""
        metres, before = self.reach(start, most)
        if end not in metres:
            return None
        return self._walked(*self._back(before, start, end))

    def rounds(self, start: int, least: float, most: float) -> Iterator[Walk]:
        """Rounds from a junction back to it of `least` to `most` metres that pass no junction twice."""
        metres, before = self.reach(start, most / 2)
        for link, (one, other) in enumerate(self.of_end):
            if one not in metres or other not in metres or one == other:
                continue
            if least <= metres[one] + metres[other] + self.lengths[link] <= most:
                out, back = self._back(before, start, one), self._back(before, start, other)
                passed = set(out[1]) & set(back[1])
                if passed == {start} and link not in (*out[0], *back[0]):
                    yield self._walked([*out[0], link, *back[0][::-1]], [*out[1], *back[1][::-1]])

    @staticmethod
    def _back(before: Before, start: int, end: int) -> tuple[list[int], list[int]]:
        links, junctions = [], [end]
        while junctions[-1] != start:
            earlier, link = before[junctions[-1]]
            links.append(link)
            junctions.append(earlier)
        return links[::-1], junctions[::-1]

    def _walked(self, links: list[int], junctions: list[int]) -> Walk:
        parts = []
        for link, start in zip(links, junctions, strict=False):
            points = shapely.get_coordinates(self.lines[link])
            parts.append(points if self.of_end[link][0] == start else points[::-1])
        line = shapely.LineString(np.concatenate(parts)) if parts else shapely.LineString()
        return Walk(float(self.lengths[links].sum()), tuple(links), tuple(junctions), line)


def _junctions(ends: NDArray[np.float64]) -> tuple[list[tuple[int, int]], NDArray[np.float64]]:
    """For each link the junctions at its two ends, and places of all junctions (n, 2): ends that are near are one."""
    number = np.full(len(ends), -1)
    places: list[NDArray[np.float64]] = []
    tree = shapely.STRtree(shapely.points(ends))
    for end in range(len(ends)):
        if number[end] < 0:
            same = tree.query(shapely.Point(ends[end]), predicate="dwithin", distance=ONE_JUNCTION)
            number[same[number[same] < 0]] = len(places)
            places.append(ends[end])
    return [(int(one), int(other)) for one, other in number.reshape(-1, 2)], np.array(places).reshape(-1, 2)
