"""The road network: nodes, edges that meet exactly at nodes, classes and numbers. One edge is one street segment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from datasets import graph
from datasets.land import Land
from datasets.scales import Scale, stream
from datasets.shapes import (
    Bools,
    Floats,
    Ints,
    Shapes,
    inside,
    jittered_grid,
    nearest,
    owners,
    points_at,
    wandering_lines,
)

MOTORWAY, A_ROAD, B_ROAD, CLASSIFIED, UNCLASSIFIED, NOT_CLASSIFIED = range(6)
LETTERS = {MOTORWAY: "M99", A_ROAD: "A99", B_ROAD: "B99"}
COUNTRY_M, TOWN_M = 950.0, 66.0
"""How far apart junctions are, about."""


@dataclass(frozen=True)
class Network:
    """A plane graph. Edge arrays have one entry for each segment."""

    node: Floats
    """(nodes, 2) easting and northing at whole centimetres."""
    edge: Ints
    """(edges, 2) node numbers: the first and last point of the line."""
    line: Shapes
    road_class: Ints
    number: list[str | None]
    """Such as A9901; None for a road without a number that the public knows."""
    place: Ints
    """The place whose built-up area the edge is in, or -1 in the country."""
    district: Ints
    parish: Ints
    bridge: Bools
    """Edges that cross water (or land outside the county)."""


def lay_roads(scale: Scale, seed: int, land: Land) -> Network:
    """Join up the county: exactly `scale.segments` edges less the two that the border street adds later."""
    rng = stream(seed, "roads")
    node = _nodes(rng, scale, land)
    settled = owners(land.places.built, node)
    edge = graph.neighbours(node)
    middle = (node[edge[:, 0]] + node[edge[:, 1]]) / 2
    rural = np.asarray((settled[edge] < 0).any(axis=1))
    shapely.prepare(land.county)
    bridge = ~np.asarray(shapely.covers(land.county, shapely.linestrings(node[edge])))
    kept = _thinned(rng, edge, rural, bridge, len(node), scale.segments - 2)
    edge, middle, rural, bridge = edge[kept], middle[kept], rural[kept], bridge[kept]
    road_class, number = _classes(rng, scale, land, node, edge, settled)
    lengths = np.hypot(*(node[edge[:, 0]] - node[edge[:, 1]]).T)
    bend = np.where(rural, 0.085, 0.03) * np.where(road_class <= A_ROAD, 0.4, 1.0) * (lengths > 30) * ~bridge
    line = wandering_lines(rng, node[edge[:, 0]], node[edge[:, 1]], np.where(rural, 130.0, 40.0), bend)
    # The straight edges of the graph never cross; the few that cross once bent are made straight again.
    crossing = np.unique(shapely.STRtree(line).query(line, predicate="crosses"))
    line[crossing] = shapely.linestrings(node[edge[crossing]])
    cell = nearest(middle, land.point)
    place = np.where(rural, -1, owners(land.places.built, middle))
    district, parish = land.member["DISTRICT"][cell], land.member["PARISH"][cell]
    network = Network(node, edge, line, road_class, number, place, district, parish, bridge)
    return _with_border_street(network, land)


def _with_border_street(network: Network, land: Land) -> Network:
    """Two more edges, last in order: from the nearest node to the county's border and along it."""
    border = shapely.get_coordinates(max(shapely.get_parts(land.county), key=lambda part: part.area).exterior)[:-1]
    start = nearest(border, network.node)
    corner = int(np.argmin(np.hypot(*(border - network.node[start]).T)))
    after = (corner + 1) % len(border)
    node = np.vstack([network.node, border[[corner, after]]])
    new = np.array([[start[corner], len(node) - 2], [len(node) - 2, len(node) - 1]])
    like = int(np.flatnonzero((network.edge == start[corner]).any(axis=1))[0])
    copied = {
        name: np.append(getattr(network, name), [getattr(network, name)[like]] * 2) for name in ("district", "parish")
    }
    return replace(
        network,
        node=node,
        edge=np.vstack([network.edge, new]),
        line=np.append(network.line, shapely.linestrings(node[new])),
        road_class=np.append(network.road_class, [UNCLASSIFIED] * 2),
        number=[*network.number, None, None],
        place=np.append(network.place, [-1, -1]),
        bridge=np.append(network.bridge, [False, False]),
        **copied,
    )


def _nodes(rng: np.random.Generator, scale: Scale, land: Land) -> Floats:
    """Junctions: scattered in the country, on a bent grid in each town, closer together."""
    towns = shapely.unary_union(land.places.built)
    country = jittered_grid(rng, scale.box, COUNTRY_M, 0.42)
    country = country[inside(land.county.buffer(-80), country) & ~inside(towns.buffer(120), country)]
    found = [country]
    for built in land.places.built:
        xmin, ymin, xmax, ymax = built.bounds
        reach = max(xmax - xmin, ymax - ymin) * 0.75 + TOWN_M
        grid = jittered_grid(rng, (-reach, -reach, reach, reach), TOWN_M, 0.0)
        # Rows are staggered by the grid; straighten them, then stretch into blocks, bend and turn them.
        grid[:, 0] -= np.where(np.round((grid[:, 1] + reach) / TOWN_M) % 2 == 1, TOWN_M / 2, 0)
        wave, turn = rng.uniform(500, 1100), rng.uniform(0, np.pi)
        x = grid[:, 0] * 1.18 + 0.11 * wave * np.sin(grid[:, 1] / wave * 2.2)
        y = grid[:, 1] * 0.85 + 0.09 * wave * np.sin(grid[:, 0] / wave * 1.9 + 1)
        xy = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
        xy += np.array([(xmin + xmax) / 2, (ymin + ymax) / 2]) + rng.uniform(-9, 9, xy.shape)
        found.append(xy[inside(built, xy)])
    node = np.asarray(np.round(np.vstack(found), 2), dtype=np.float64)
    # Built-up areas may touch: of two nodes that would be less than a street's width apart, keep one.
    near = shapely.STRtree(points_at(node)).query(points_at(node).tolist(), predicate="dwithin", distance=14.0)
    return np.delete(node, np.unique(near[1][near[0] < near[1]]), axis=0)


def _thinned(rng: np.random.Generator, edge: Ints, rural: Bools, bridge: Bools, nodes: int, target: int) -> Ints:
    """Numbers of the edges to keep: a spanning tree, so that all connects, and others up to the target."""
    chance = rng.random(len(edge))
    tree = graph.spanning(edge, chance + bridge * 5.0, nodes)
    # Loops are kept in the country first: a lane that stops in a field helps nobody.
    wish = np.where(tree, -9.0, chance - rural * 0.45 + bridge * 5.0)
    order = np.argsort(wish, kind="stable")
    if target < tree.sum() or target > (~bridge | tree).sum():
        raise ValueError(f"{target} segments do not fit {nodes} junctions: {tree.sum()} to {len(edge)} would")
    return np.sort(order[:target])


def _classes(
    rng: np.random.Generator, scale: Scale, land: Land, node: Floats, edge: Ints, settled: Ints
) -> tuple[Ints, list[str | None]]:
    """Class of each edge and its road number. Larger roads are laid first and later ones join them where they can."""
    places = land.places
    length = np.hypot(*(node[edge[:, 0]] - node[edge[:, 1]]).T)
    ways = graph.Ways(node, edge, length * rng.uniform(1.0, 1.25, len(edge)))
    road_class = np.full(len(edge), UNCLASSIFIED, dtype=np.int64)
    number: list[str | None] = [None] * len(edge)
    stop = nearest(places.centre, node)
    if scale.motorway:
        _motorway(land, node, edge, length, settled, road_class, number)
    ranks = [
        (A_ROAD, places.towns),
        (B_ROAD, places.towns + (scale.places - places.towns) // 3),
        (CLASSIFIED, scale.places),
    ]
    for rank, count in ranks:
        pairs = graph.neighbours(places.centre[:count]) if count > 3 else np.array([[0, 1], [1, 2]])
        links = graph.straight_links(places.centre[:count], pairs, np.zeros(len(pairs), dtype=np.int64), 50.0)
        roads = graph.runs(len(pairs), links, 1, 5)
        for pair, road in zip(pairs.tolist(), roads.tolist(), strict=True):
            taken = ways.between(int(stop[pair[0]]), int(stop[pair[1]]))
            ways.cheapen([one for one in taken if road_class[one] == UNCLASSIFIED], 0.5)
            for one in taken:
                if road_class[one] == UNCLASSIFIED:
                    road_class[one] = rank
                    number[one] = f"{LETTERS[rank]}{road + 1:02d}" if rank in LETTERS else None
    ends = np.bincount(edge.ravel(), minlength=len(node))[edge].min(axis=1) == 1
    track = ends & (settled[edge] < 0).any(axis=1) & (road_class == UNCLASSIFIED) & (rng.random(len(edge)) < 0.6)
    road_class[track] = NOT_CLASSIFIED
    return road_class, number


def _motorway(
    land: Land, node: Floats, edge: Ints, length: Floats, settled: Ints, road_class: Ints, number: list[str | None]
) -> None:
    """One motorway across the county from west to north-east, kept out of towns."""
    xmin, ymin, xmax, ymax = land.county.bounds
    ways = graph.Ways(node, edge, length * np.where((settled[edge] >= 0).any(axis=1), 9.0, 1.0))
    ends = np.array([[xmin, ymin + 0.35 * (ymax - ymin)], [xmax - 0.05 * (xmax - xmin), ymin + 0.85 * (ymax - ymin)]])
    start, goal = nearest(ends, node).tolist()
    for one in ways.between(start, goal, 1.0):
        road_class[one], number[one] = MOTORWAY, LETTERS[MOTORWAY]
