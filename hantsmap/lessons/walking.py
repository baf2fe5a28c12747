"""Walks on public rights of way: from a school to a library, and a round of about five kilometres."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from hantsmap.catalogue import Catalogue
from hantsmap.lessons.example import Example, Lacking, Table, listed, place, told, view
from hantsmap.lessons.our_school import open_schools, our_school
from hantsmap.lessons.themes import Theme, theme
from hantsmap.lessons.ways import Walk, Ways

# A class walks a few hundred metres to a kilometre or two; what lies beside the paths should be a small part of it.
NEAREST_M, FARTHEST_M, MOST_M, BESIDE_M = 300.0, 1_800.0, 2_500.0, 250.0
ROUND_M, ABOUT_M, CLOSE_M = 5_000.0, 1_000.0, 100.0
RIDES = ("FP", "BW")
# Junctions from which rounds are looked for, the nearest to the school first.
STARTS = 400


def paths(catalogue: Catalogue, statuses: Sequence[str] = ()) -> Theme:
    """Rights of way as lines, of these statuses; all without any."""
    found = theme(catalogue, "rights_of_way", "prow_ref", "status", geometry="LineString")
    kept = found.where([not statuses or status in statuses for status in found.columns["status"]])
    if not len(kept):
        raise Lacking("This lesson needs footpaths and bridleways, and there is none here.")
    return kept


def measure(catalogue: Catalogue) -> Example:
    """Lesson: measure the walk from a school to a library along paths, and as the crow flies."""
    links = paths(catalogue)
    ways = Ways(links.shapes)
    schools, libraries = open_schools(catalogue), _libraries(catalogue)
    found = min(_walks(ways, schools, libraries), default=None, key=lambda each: each[0])
    if found is None:
        raise Lacking("This lesson needs a school and a library that paths lead between, and there is none here.")
    (_, school, library), walk = found
    start, end = schools.shapes[school], libraries.shapes[library]
    line = shapely.LineString(np.vstack([[start.x, start.y], shapely.get_coordinates(walk.line), [end.x, end.y]]))
    crow = float(start.distance(end))
    clicks = shapely.get_coordinates(shapely.simplify(line, 2.0))
    names = list(dict.fromkeys(links.columns["prow_ref"][link] for link in walk.links))
    return Example(
        opens=view(shapely.buffer(line, 150).bounds) | {"on": "schools,services,rights_of_way", "tool": "measure"},
        shows=view(shapely.buffer(line, 150).bounds) | {"on": "schools,services,rights_of_way", "tool": "measure",
                                                        "m": ";".join(place(*point) for point in clicks)},
        words={"school": schools.columns["name"][school], "library": libraries.columns["name"][library],
               "walk": told(line.length), "crow": told(crow), "paths": listed(names),
               "longer": told(line.length - crow), "minutes": str(round(line.length / 80)),
               "times": f"{line.length / crow:.1f}"},
        figures={"walk": float(line.length), "crow": crow, "line": [tuple(point) for point in line.coords],
                 "clicks": [tuple(map(float, point)) for point in clicks], "paths": names})


def _libraries(catalogue: Catalogue) -> Theme:
    found = theme(catalogue, "services", "name", "service_type", "status", geometry="Point")
    open_ones = zip(found.columns["service_type"], found.columns["status"], strict=True)
    kept = found.where([kind == "Library" and status == "active" for kind, status in open_ones])
    if not len(kept):
        raise Lacking("This lesson needs a library, and there is none here.")
    return kept


def _walks(ways: Ways, schools: Theme, libraries: Theme) -> Iterator[tuple[tuple[float, int, int], Walk]]:
    """Walks that a class could take, each with what makes it worse: metres beside paths, then how it is numbered."""
    tree = shapely.STRtree(libraries.shapes)
    for school, start in enumerate(schools.shapes):
        close = sorted(tree.query(start, predicate="dwithin", distance=FARTHEST_M).tolist())
        from_here = ways.near(start.x, start.y, BESIDE_M)[:1]
        for library in close if from_here else ():
            end = libraries.shapes[library]
            to_there = ways.near(end.x, end.y, BESIDE_M)[:1]
            if not to_there or start.distance(end) < NEAREST_M:
                continue
            walk = ways.walk(from_here[0], to_there[0], MOST_M)
            if walk is not None and walk.length >= NEAREST_M:
                one, other = ways.junctions[from_here[0]], ways.junctions[to_there[0]]
                beside = np.hypot(start.x - one[0], start.y - one[1]) + np.hypot(end.x - other[0], end.y - other[1])
                yield (float(beside / walk.length), school, library), walk


def circular(catalogue: Catalogue) -> Example:
    """Lesson: plan a round of about five kilometres on footpaths and bridleways only."""
    school = our_school(catalogue)
    links = paths(catalogue, RIDES)
    ways = Ways(links.shapes)
    found = _round(ways, (school.easting, school.northing))
    if found is None:
        raise Lacking("This lesson needs a round of 4 to 6 km on footpaths and bridleways, and there is none here.")
    names = list(dict.fromkeys(links.columns["prow_ref"][link] for link in found.links))
    rows = [(links.columns["prow_ref"][link], told(float(ways.lengths[link]))) for link in found.links]
    box = view(shapely.buffer(found.line, 200).bounds) | {"on": "rights_of_way,schools", "tool": "route",
                                                             "ro": ",".join(RIDES)}
    stops = _stops(ways, found)
    return Example(
        opens=box, shows=box | {"r": ";".join(place(*stop) for stop in stops)},
        words={"school": school.name, "town": school.town, "length": told(found.length), "start": names[0],
               "paths": listed(names), "count": str(len(names)), "hours": f"{found.length / 4000:.1f}"},
        answers=(Table("The round, path by path", ("Path", "Length"), tuple(rows)),),
        figures={"length": found.length, "paths": names, "stops": stops, "links": [links.ids[i] for i in found.links]})


def _round(ways: Ways, near: tuple[float, float]) -> Walk | None:
    """The round that is nearest to five kilometres, of the first that begin near a place."""
    best: Walk | None = None
    for start in ways.near(*near, within=30_000)[:STARTS]:
        for each in ways.rounds(start, ROUND_M - ABOUT_M, ROUND_M + ABOUT_M):
            if best is None or abs(each.length - ROUND_M) < abs(best.length - ROUND_M) - 1e-6:
                best = each
        if best is not None and abs(best.length - ROUND_M) <= CLOSE_M:
            break
    return best


def _stops(ways: Ways, walk: Walk) -> list[tuple[float, float]]:
    """Places to click, one in the middle of each link and the first again: the way between two of them is the round.

    In the middle of a path there is no other path near, to which a click could be taken.
    """
    middles = [ways.lines[link].interpolate(0.5, normalized=True) for link in (*walk.links, walk.links[0])]
    return [(float(middle.x), float(middle.y)) for middle in middles]

