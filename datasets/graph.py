"""Plane graphs over points: which neighbours to join, a spanning tree, straight runs of edges, and the cheapest way."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import shapely

from datasets.shapes import Bools, Floats, Ints, nearest


def neighbours(points: Floats) -> Ints:
    """Edges (m, 2) of the Urquhart graph of distinct points (n, 2): Delaunay without each triangle's longest edge.

    It has no crossings, is connected, and on a town's grid of points it gives streets without diagonals.
    """
    key, longest = _sides(points)
    kept = np.setdiff1d(key, key[np.arange(len(key)), longest])
    return np.column_stack([kept // len(points), kept % len(points)])


def gabriel(points: Floats) -> Ints:
    """Edges (m, 2) of the Gabriel graph of distinct points (n, 2): between two that have no other in the circle around
    both. It has no crossings, is connected, and has more rounds than that of `neighbours`."""
    key = np.unique(_sides(points)[0])
    edge = np.column_stack([key // len(points), key % len(points)])
    middle = (points[edge[:, 0]] + points[edge[:, 1]]) / 2
    radius = np.hypot(*(points[edge[:, 0]] - points[edge[:, 1]]).T) / 2
    closest = points[nearest(middle, points)]
    found: Ints = edge[np.hypot(*(closest - middle).T) > radius - 0.01]
    return found


def _sides(points: Floats) -> tuple[Ints, Ints]:
    """Sides (t, 3) of the Delaunay triangles, each as one number, and which of the three is longest (t,)."""
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(points)))
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    place = points[:, 0] + 1j * points[:, 1]
    order = np.argsort(place)
    number = order[np.searchsorted(place[order], corners[..., 0] + 1j * corners[..., 1])]
    sides = np.sort(np.stack([number[:, [0, 1]], number[:, [1, 2]], number[:, [2, 0]]], axis=1), axis=2)
    span = points[sides[..., 0]] - points[sides[..., 1]]
    return sides[..., 0] * len(points) + sides[..., 1], np.argmax(np.hypot(span[..., 0], span[..., 1]), axis=1)


class Groups:
    """Disjoint sets of 0..n-1."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))
        self.size = [1] * count

    def find(self, item: int) -> int:
        """The item that stands for this item's set."""
        parent = self.parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(self, one: int, other: int, most: int | None = None) -> bool:
        """Make two sets one; False if they were one, or if the new set would hold more than `most`."""
        a, b = self.find(one), self.find(other)
        if a == b or (most is not None and self.size[a] + self.size[b] > most):
            return False
        if self.size[a] < self.size[b]:
            a, b = b, a
        self.parent[b] = a
        self.size[a] += self.size[b]
        return True

    def labels(self) -> Ints:
        """Set number of each item, numbered from 0 in order of first appearance."""
        roots = np.array([self.find(item) for item in range(len(self.parent))])
        _, first, back = np.unique(roots, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        return rank[back]


def spanning(edges: Ints, cost: Floats, nodes: int) -> Bools:
    """Which edges (m, 2) are in the cheapest spanning tree."""
    groups, chosen = Groups(nodes), np.zeros(len(edges), dtype=bool)
    ends = edges.tolist()
    for number in np.argsort(cost, kind="stable").tolist():
        chosen[number] = groups.join(*ends[number])
    return chosen


def straight_links(points: Floats, edges: Ints, kind: Ints, turn: float = 55.0) -> Ints:
    """Pairs (k, 2) of edges that run on into each other at a node, straightest first.

    Only edges of the same `kind` are paired, and each end of an edge once. A bend of more than `turn` degrees is no
    running on, unless the node has no other edge.
    """
    nodes, edge = edges.T.ravel(), np.tile(np.arange(len(edges)), 2)
    away = points[edges[:, ::-1].T.ravel()] - points[nodes]
    away /= np.hypot(away[:, 0], away[:, 1])[:, None]
    order = np.argsort(nodes, kind="stable")
    nodes, edge, away = nodes[order], edge[order], away[order]
    degree = np.bincount(nodes, minlength=len(points))[nodes]
    firsts, seconds, bends = [], [], []
    for gap in range(1, int(degree.max())):
        first = np.flatnonzero(nodes[gap:] == nodes[:-gap])
        second = first + gap
        bend = np.degrees(np.arccos(np.clip(-(away[first] * away[second]).sum(axis=1), -1, 1)))
        fits = (kind[edge[first]] == kind[edge[second]]) & ((bend < turn) | (degree[first] == 2))
        firsts.append(first[fits])
        seconds.append(second[fits])
        bends.append(bend[fits])
    one, two = np.concatenate(firsts), np.concatenate(seconds)
    used, links = set[int](), []
    for number in np.argsort(np.concatenate(bends), kind="stable").tolist():
        a, b = int(one[number]), int(two[number])
        if a not in used and b not in used:
            used.update((a, b))
            links.append((edge[a], edge[b]))
    return np.array(links, dtype=np.int64).reshape(-1, 2)


def runs(edges: int, links: Ints, target: int, most: int) -> Ints:
    """Label of the run that each edge is in, taking links in order until `target` runs are left."""
    groups, left = Groups(edges), edges
    for one, other in links.tolist():
        if left <= target:
            break
        left -= groups.join(one, other, most)
    return groups.labels()


class Ways:
    """Cheapest ways through a graph whose edges become cheaper once a road has taken them."""

    def __init__(self, points: Floats, edges: Ints, cost: Floats) -> None:
        self.points = points.tolist()
        self.cost: list[float] = cost.tolist()
        self.exits: list[list[tuple[int, int]]] = [[] for _ in self.points]
        for number, (a, b) in enumerate(edges.tolist()):
            self.exits[a].append((b, number))
            self.exits[b].append((a, number))

    def between(self, start: int, goal: int, floor: float = 0.45) -> list[int]:
        """Edges from start to goal (A*); `floor` is the least cost of a metre."""
        gx, gy = self.points[goal]
        best, came = {start: 0.0}, dict[int, tuple[int, int]]()
        queue = [(0.0, start)]
        done = set[int]()
        while queue:
            _, node = heapq.heappop(queue)
            if node == goal:
                break
            if node in done:
                continue
            done.add(node)
            for other, edge in self.exits[node]:
                price = best[node] + self.cost[edge]
                if price < best.get(other, float("inf")):
                    best[other], came[other] = price, (node, edge)
                    x, y = self.points[other]
                    heapq.heappush(queue, (price + floor * ((x - gx) ** 2 + (y - gy) ** 2) ** 0.5, other))
        found = []
        while goal in came and goal != start:
            goal, edge = came[goal]
            found.append(edge)
        return found[::-1]

    def cheapen(self, edges: Sequence[int], factor: float) -> None:
        """Make edges that a road has taken attractive to the next road."""
        for edge in edges:
            self.cost[edge] *= factor
