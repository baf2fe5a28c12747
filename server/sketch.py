"""A sketch map as inline SVG: features in EPSG:27700 metres, north up, with National Grid squares and a scale bar.

The picture needs no script, no tile and no other request. It carries classes and no styles, so that the style sheet
decides how it looks on screen, in the dark and on paper. The same features always give the same text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from markupsafe import escape
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from server.frame import FOOT, SHARPNESS, Box, Frame, foot, grid_lines, grid_names, grid_square, metres

Shapes = Sequence[BaseGeometry | None]

MARGIN = 0.05  # room around features, as a share of their extent
SMALLEST = 500.0  # metres across: a single point is shown with its surroundings
LINKED = 1_000  # above this many features a link on each would make the page too heavy
VERTICES = 15_000  # about 5 characters each: with more, the lines become coarser than a pixel
LABEL = 80  # characters
LINK = re.compile(r"https?://|/(?!/)|[?#]")  # nothing else ever becomes a link
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


def sketch(
    features: Shapes,
    *,
    hrefs: Sequence[str | None],
    labels: Sequence[str],
    context: Shapes = (),
    extent: Box | None = None,
    title: str,
    width: int = 720,
) -> str:
    """SVG markup of a map of the features, or an empty text when there is nothing to show and no extent.

    `hrefs` and `labels` go with `features`, one each; a feature with an href is a link. Those links are for pointers
    only (they are out of the tab order): a page that shows a sketch lists the same features in a table.
    """
    if not len(features) == len(hrefs) == len(labels):
        raise ValueError("a sketch needs one href and one label for each feature")
    box = extent or _extent(features) or _extent(context)
    if box is None:
        return ""
    frame = Frame.around(box, width)
    linked = any(hrefs) and len(features) <= LINKED
    name = f"map-{zlib.crc32(repr((title, frame)).encode('utf-8', 'replace')):08x}"
    parts = [
        f'<svg class="sketch" role="{"group" if linked else "img"}" aria-labelledby="{name}-t {name}-d"',
        f' viewBox="0 0 {width} {frame.height + FOOT}" width="{width}" height="{frame.height + FOOT}">',
        f'<title id="{name}-t">{_text(title)}</title><desc id="{name}-d">{_sentence(features, frame)}</desc>',
        f'<svg width="{width}" height="{frame.height}" viewBox="0 0 {width} {frame.height}">',
        f'<rect class="paper" width="{width}" height="{frame.height}"/>',
        *_context(context, frame),
        *grid_lines(frame),
        *_drawn(features, hrefs if linked else [None] * len(features), labels, frame),
        *grid_names(frame),
        f'<rect class="neatline" width="{width}" height="{frame.height}"/></svg>',
        *foot(frame),
        "</svg>",
    ]
    return "".join(parts)


def _extent(shapes: Shapes) -> Box | None:
    bounds = shapely.total_bounds(np.array(list(shapes), dtype=object)) if len(shapes) else np.full(4, np.nan)
    if not np.isfinite(bounds).all():
        return None
    west, south, east, north = (float(value) for value in bounds)
    room = max((east - west) * MARGIN, (north - south) * MARGIN, (SMALLEST - max(east - west, north - south)) / 2)
    return west - room, south - room, east + room, north + room


def _text(text: str) -> str:
    """Escaped, without the marks that would turn the text around, and no longer than a label needs."""
    clean = UNPRINTABLE.sub(" ", str(text)).strip()
    return str(escape(clean if len(clean) <= LABEL else clean[: LABEL - 1] + "…"))


def _sentence(features: Shapes, frame: Frame) -> str:
    shown = [shape for shape in features if shape is not None and not shape.is_empty]
    what = f"{len(shown):,} feature{'' if len(shown) == 1 else 's'}"
    across, up = (metres(float(f"{side * frame.scale:.2g}")) for side in (frame.width, frame.height))
    between = [grid_square(frame.west, frame.south, 10_000), grid_square(frame.east, frame.north, 10_000)]
    where = ""
    if len(shown) == 1:
        west, south, east, north = shown[0].bounds
        middle = grid_square((west + east) / 2, (south + north) / 2, 100)
        where = f", its middle near grid reference {middle}" if middle else ""
    elif between[0] == between[1] != "":
        where = f", in grid square {between[0]}"
    elif all(between):
        where = f", from grid square {between[0]} in the south-west to {between[1]} in the north-east"
    return f"{what} in an area about {across} wide and {up} high{where}. North is up."


def _drawn(features: Shapes, hrefs: Sequence[str | None], labels: Sequence[str], frame: Frame) -> Iterator[str]:
    parts, owner = _pixel_parts(features, frame)
    dimension = shapely.get_dimensions(parts)
    largest = np.full(len(features), 0.0)
    np.add.at(largest, owner, shapely.area(parts))
    for wanted, css, draw in ((2, "areas", _outline), (1, "lines", _outline), (0, "points", _dots)):
        # Largest first: a small area is then never hidden under a large one.
        mine = np.flatnonzero(dimension == wanted)
        mine = mine[np.lexsort((owner[mine], -largest[owner[mine]]))]
        if len(mine):
            groups = np.split(mine, np.flatnonzero(np.diff(owner[mine])) + 1)
            yield f'<g class="{css}" transform="scale({1 / SHARPNESS})">'
            for group in groups:
                number = int(owner[group[0]])
                yield _linked(draw(parts[group]), hrefs[number], labels[number])
            yield "</g>"


def _linked(shape: str, href: str | None, label: str) -> str:
    if href is None or not LINK.match(href):
        return f"<g><title>{_text(label)}</title>{shape}</g>" if label else shape
    return f'<a href="{escape(href)}" tabindex="-1"><title>{_text(label)}</title>{shape}</a>'


def _context(context: Shapes, frame: Frame) -> Iterator[str]:
    parts, _ = _pixel_parts(context, frame)
    if len(parts):
        yield f'<g class="context" transform="scale({1 / SHARPNESS})">{_outline(parts)}</g>'


def _pixel_parts(shapes: Shapes, frame: Frame) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Single geometries in half pixels, cut to the frame and simplified to the pixel, and which shape each is of."""
    many = shapely.transform(np.array([shape or shapely.Point() for shape in shapes], dtype=object), frame.pixels)
    edge = 12 * SHARPNESS
    around = (-edge, -edge, frame.width * SHARPNESS + edge, frame.height * SHARPNESS + edge)
    parts, owner = _single(shapely.clip_by_rect(many, *around), np.arange(len(shapes)))
    for tolerance in (1, 2, 4, 8, 16):
        simple = shapely.simplify(parts, tolerance, preserve_topology=False)
        # An area too small to keep its shape keeps its place: it becomes its box.
        simple = np.where(shapely.is_empty(simple), shapely.envelope(parts), simple)
        if shapely.get_num_coordinates(simple).sum() <= VERTICES:
            break
    return _single(simple, owner)


def _single(
    shapes: NDArray[np.object_], owner: NDArray[np.intp]
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Multipart geometries and collections taken apart, empty ones left out."""
    while True:
        shapes, index = shapely.get_parts(shapes, return_index=True)
        owner = owner[index]
        if not (shapely.get_type_id(shapes) > 3).any():
            solid = ~shapely.is_empty(shapes)
            return shapes[solid], owner[solid]


def _outline(shapes: NDArray[np.object_]) -> str:
    rings = shapely.get_rings(shapes) if shapely.get_dimensions(shapes[0]) == 2 else shapes
    closing = "z" if rings is not shapes else ""
    return f'<path d="{"".join(_steps(ring) + closing for ring in rings)}"/>'


def _steps(line: BaseGeometry) -> str:
    """Path data with relative whole-number steps: a third of the length of absolute decimals."""
    points = np.rint(shapely.get_coordinates(line)).astype(int)
    moves = np.diff(points, axis=0)
    moves = moves[moves.any(axis=1)]
    start = f"M{points[0, 0]} {points[0, 1]}"
    # A line shorter than the picture can show still leaves a dot, drawn by its round ends.
    return start + ("l" + " ".join(map(str, moves.ravel().tolist())).replace(" -", "-") if len(moves) else "h0")


def _dots(shapes: NDArray[np.object_]) -> str:
    points = np.unique(np.rint(shapely.get_coordinates(shapes)).astype(int), axis=0)
    return "".join(f'<circle cx="{x}" cy="{y}" r="{5 * SHARPNESS}"/>' for x, y in points.tolist())


