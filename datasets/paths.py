"""Public rights of way: paths between places, split into links at junctions and parish borders, numbered by parish."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets import graph
from datasets.draws import chance, choices, dates, numbered, where
from datasets.land import Land
from datasets.names import slug, words
from datasets.roads import MOTORWAY, Network
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Ints, Shapes, inside, jittered_grid, nearest, points_at, wandering_lines

STATUS = {"FP": 0.72, "BW": 0.16, "RB": 0.06, "BOAT": 0.06}
SURFACES = {"Unmade": 0.55, "Made Unsealed": 0.25, "Made Sealed": 0.15, "Made Unknown": 0.05}
JOIN_M = 2.5
"""Ends that are no farther apart than this are one."""
STATEMENTS = ["From the road north-east across fields", "Along the edge of the wood to the parish border",
              "From the church by the mill to the common", "Beside the stream, then south to the lane"]  # fmt: skip


def path_frame(scale: Scale, seed: int, land: Land, network: Network) -> gpd.GeoDataFrame:
    """Exactly `scale.path_links` links (LineString, EPSG:27700), with ten-character column names as in a Shapefile."""
    rng = stream(seed, "paths")
    node = _nodes(rng, scale, land, network)
    edge = _edges(rng, land, network, node)
    bend = np.full(len(edge), 0.13)
    line = wandering_lines(rng, node[edge[:, 0]], node[edge[:, 1]], np.full(len(edge), 60.0), bend)
    way = graph.runs(
        len(edge), graph.straight_links(node, edge, np.zeros(len(edge), dtype=np.int64), 60.0), len(edge) // 2, 6
    )
    part, parish, of_edge = _by_parish(land, line)
    if len(part) < scale.path_links:
        raise ValueError(f"only {len(part)} path links, {scale.path_links} wanted")
    kept = _near_places(rng, land, line, of_edge)[: scale.path_links]
    kept = np.sort(kept)
    links = pd.DataFrame({"way": way[of_edge[kept]], "parish": parish[kept], "edge": of_edge[kept]})
    return _described(rng, land, part[kept], _numbered(links), len(edge))


def _nodes(rng: np.random.Generator, scale: Scale, land: Land, network: Network) -> Floats:
    """Junctions of paths: road junctions where there is one near, else points in the fields."""
    field = jittered_grid(rng, scale.box, 565.0 if scale.name == "county" else 470.0, 0.45)
    field = field[inside(land.county.buffer(-50), field)]
    towns = shapely.unary_union(land.places.built)
    field = field[~inside(towns, field) | (rng.random(len(field)) < 0.25)]
    junction = network.node[:-2]
    close = nearest(field, junction)
    apart = np.hypot(*(junction[close] - field).T)
    field[apart < 210] = junction[close[apart < 210]]
    return np.unique(np.round(field, 2), axis=0)


def _edges(rng: np.random.Generator, land: Land, network: Network, node: Floats) -> Ints:
    """Edges between path junctions, thinner in some parts of the county, none along a road."""
    edge = graph.gabriel(node)
    straight = shapely.linestrings(node[edge])
    shapely.prepare(land.county)
    middle = (node[edge[:, 0]] + node[edge[:, 1]]) / 2
    thin = 0.24 + 0.14 * np.sin(middle[:, 0] / 7000) * np.sin(middle[:, 1] / 6000)
    at_node = {(x, y): number for number, (x, y) in enumerate(network.node.tolist())}
    road = np.array([at_node.get((x, y), -1) for x, y in node.tolist()])
    roads = {tuple(sorted(pair)) for pair in network.edge.tolist()}
    along = [tuple(sorted(pair)) in roads for pair in road[edge].tolist()]
    busy = np.unique(network.edge[network.road_class == MOTORWAY])
    could = shapely.covers(land.county, straight) & ~np.array(along) & ~np.isin(road[edge], busy).all(axis=1)
    edge, thin = edge[could], thin[could]
    chance = rng.random(len(edge))
    # What connects all others stays, so that a walk leads somewhere.
    found: Ints = edge[graph.spanning(edge, chance, len(node)) | (chance > thin)]
    return found


def _near_places(rng: np.random.Generator, land: Land, line: Shapes, of_edge: Ints) -> Ints:
    """Numbers of the parts of edges, those near towns and villages first: people walk from where they live.

    The parts of an edge stand together, so that what is taken from the front hangs together too.
    """
    built = shapely.simplify(land.places.built, 20.0)
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    town, village = (shapely.distance(middle, shapely.union_all(some))
                     for some in (built[: land.places.towns], built[land.places.towns :]))
    away = np.minimum(town, village * 2.5 + 300)
    rank = np.argsort(np.argsort(away + rng.normal(0, 60.0, len(line)), kind="stable"), kind="stable")
    return np.asarray(np.argsort(rank[of_edge], kind="stable"), dtype=np.int64)


def _by_parish(land: Land, line: Shapes) -> tuple[Shapes, Ints, Ints]:
    """Lines cut at parish borders: the parts, the parish of each and the number of the line it comes from."""
    parishes = land.shapes["PARISH"]
    shapely.prepare(parishes)
    which, parish = shapely.STRtree(parishes).query(line, predicate="intersects")
    within = shapely.covers(parishes[parish], line[which])
    cut = line[which].copy()
    cut[~within] = shapely.line_merge(shapely.intersection(parishes[parish[~within]], line[which[~within]]))
    part, owner = shapely.get_parts(cut, return_index=True)
    part = shapely.transform(part, lambda xy: np.round(xy, 2))
    apart = shapely.distance(shapely.get_point(part, 0), shapely.get_point(part, -1))
    good = (shapely.get_type_id(part) == 1) & (apart > 2 * JOIN_M)
    return _joined(part[good]), parish[owner[good]], which[owner[good]]


def _joined(line: Shapes) -> Shapes:
    """The lines with ends that are almost together, as cutting leaves them, at exactly the same point."""
    end = np.vstack([shapely.get_coordinates(shapely.get_point(line, place)) for place in (0, -1)])
    one, other = shapely.STRtree(points_at(end)).query(points_at(end), predicate="dwithin", distance=JOIN_M)
    first = np.arange(len(end))
    np.minimum.at(first, one, other)
    xy, owner = shapely.get_coordinates(line, return_index=True)
    starts = np.searchsorted(owner, np.arange(len(line)))
    xy[starts], xy[np.append(starts[1:], len(xy)) - 1] = end[first].reshape(2, -1, 2)
    return np.asarray(shapely.linestrings(xy, indices=owner))


def _numbered(links: pd.DataFrame) -> pd.DataFrame:
    """Path number within the parish and link number within the path, both from 1."""
    paths = links[["parish", "way"]].drop_duplicates().sort_values(["parish", "way"])
    paths["path"] = paths.groupby("parish").cumcount() + 1
    found = links.merge(paths, how="left", on=["parish", "way"])
    found["link"] = found.sort_values("edge", kind="stable").groupby(["parish", "path"]).cumcount() + 1
    return found


def _described(rng: np.random.Generator, land: Land, line: Shapes, links: pd.DataFrame, edges: int) -> gpd.GeoDataFrame:
    """The columns of the layer. What is said of a whole path is drawn once for each path."""
    count, way = len(links), links["way"].to_numpy()
    parish = [land.places.name[number] for number in links["parish"]]
    trail = [f"{word} Way" for word in words(rng, 12)]
    status = choices(rng, edges, STATUS)[way]
    promoted = chance(rng, edges, 0.05)[way]
    width = rng.choice([1.2, 1.5, 1.8, 2.0, 3.0, 4.0], edges)[way]
    state = choices(rng, count, {"O": 0.965, "D": 0.015, "C": 0.012, "A": 0.003, "E": 0.005})
    limits = choices(rng, count, {"": 0.6, "stile": 0.15, "gate": 0.15, "gate;stile": 0.07, "steps": 0.03})
    statement = np.array(STATEMENTS, dtype=object)[rng.integers(0, len(STATEMENTS), count)]
    frame = gpd.GeoDataFrame(
        {
            "ROW_ID": [f"{slug(p)}-{n}-{k}" for p, n, k in zip(parish, links["path"], links["link"], strict=True)],
            "PROW_REF": [f"{p} {s} {n}" for p, s, n in zip(parish, status, links["path"], strict=True)],
            "PARISH": parish,
            "PARISH_GSS": np.array(land.codes("PARISH"), dtype=object)[links["parish"]],
            "PATH_NO": links["path"].astype(str).to_numpy(),
            "LINK_NO": links["link"].to_numpy(),
            "STATUS": status,
            "ROWNAME": where(promoted, np.array(trail, dtype=object)[way % len(trail)]),
            "PROMOTED": promoted.astype(int),
            "ACCESSIBLE": chance(rng, count, 0.12).astype(int),
            "ORDERSTATE": state,
            "ORDERREF": where(state != "O", np.array(numbered("SYN/{:05d}", count), dtype=object)),
            "SURFACE": choices(rng, count, SURFACES),
            "WIDTH": [f"{low:g} m" if low < 3 else f"{low:g} to {low + 1:g} m" for low in width],
            "WIDTHMIN": width,
            "WIDTHMAX": np.where(width < 3, width, width + 1),
            "LENGTHM": np.round(shapely.length(line), 1),
            "LIMITATNS": where(limits != "", limits),
            "LOCTEXT": statement,
            "DETAILTEXT": [f"{text}, by the yard of an invented occupier." for text in statement],
            "TEXTREVIEW": chance(rng, count, 0.55).astype(int),
            "RELEVDATE": dates(rng, count, "1954-01-01", "2008-12-31"),
            "UPDATED": dates(rng, count, "2015-01-01", "2026-10-31"),
            "SYNTHETIC": 1,
        },
        geometry=line,
        crs=27700,
    )
    return frame.sort_values(["PARISH_GSS", "ROW_ID"], kind="stable", ignore_index=True)
