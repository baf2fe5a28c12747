"""The two tile matrix sets (OGC 17-083r4): Web Mercator's, and Ordnance Survey's own of the National Grid.

One program makes tiles of both. It knows a square world of Web Mercator, halved at each zoom; eight tiles a side of the
National Grid's zoom 0 make such a square of 1,835,008 m. Eastings and northings are mapped onto it as they are, and
tile z+3/x/y of that world is tile z/x/y of Ordnance Survey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from hantsmap import crs
from hantsmap.symbology import LAST_ZOOM

PIXELS = 256
# Half the side of Web Mercator's world, in its metres.
HALF_WORLD = math.pi * crs.MERCATOR_RADIUS
# At the last zoom, positions are written to a grid at least as fine as this, in metres of the reference system.
FINENESS = 0.04
# Units to a tile's side at all zooms before the last: sixteen to a pixel.
COARSE_DETAIL = 12


Box = tuple[float, float, float, float]
# Tiles have what lies up to so far beyond their edges, as a share of their side: 5 pixels, tippecanoe's own choice.
BUFFER = 5 / PIXELS


class Limits(NamedTuple):
    """The first and last rows and columns of a tile set at a zoom, all of them included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    def hold(self, row: int, column: int) -> bool:
        """Whether a tile is within them."""
        return self.first_row <= row <= self.last_row and self.first_column <= column <= self.last_column


@dataclass(frozen=True, slots=True)
class MatrixSet:
    """A tile matrix set. Rows count from the north, columns from the west, both from 0.

    `corner` is the upper left one (easting, northing; x, y), `cell` the metres to a pixel at zoom 0, `columns` and
    `rows` the tiles there, `zooms` how many matrices there are. `deeper` leads to the zoom of the program that makes
    tiles, `later` from a zoom of the registry to one of this set, and `last` is the last zoom that tiles are made for.
    """

    id: str
    title: str
    uri: str
    system: crs.Crs
    corner: tuple[float, float]
    cell: float
    columns: int
    rows: int
    zooms: int
    deeper: int
    later: int
    last: int

    def cell_size(self, zoom: int) -> float:
        """Metres to a pixel."""
        return self.cell / (1 << zoom)

    def side(self, zoom: int) -> float:
        """Metres to the side of a tile."""
        return self.cell_size(zoom) * PIXELS

    def holds(self, zoom: int, row: int, column: int) -> bool:
        """Whether there is such a tile, with something in it or not."""
        return 0 <= zoom < self.zooms and 0 <= row < self.rows << zoom and 0 <= column < self.columns << zoom

    def limits(self, zoom: int, box: Box) -> Limits:
        """The tiles that can have something of what lies in a box (west, south, east, north in the reference system's
        metres): those that it meets, and those that are so near that symbols reach into them."""
        side = self.side(zoom)
        (west, north), near = self.corner, BUFFER * side
        across, down = (self.columns << zoom) - 1, (self.rows << zoom) - 1
        return Limits(max(0, int((north - box[3] - near) // side)), min(down, int((north - box[1] + near) // side)),
                      max(0, int((box[0] - near - west) // side)), min(across, int((box[2] + near - west) // side)))

    def zoom_of(self, declared: int) -> int:
        """The zoom of this set for a zoom as the registry has it."""
        return min(declared + self.later, self.last)

    def detail(self, last: int) -> int:
        """How many times a tile's side is halved to come to the grid that positions are written to at the last zoom."""
        return min(math.ceil(math.log2(self.side(last) / FINENESS)), 30 - last - self.deeper)

    def unit(self, zoom: int, last: int) -> float:
        """Metres to a unit of the grid that positions are written to."""
        return self.side(zoom) / (1 << (self.detail(last) if zoom == last else COARSE_DETAIL))

    def in_world(self, xy: Any) -> Any:
        """Positions (n, 2) in the reference system's metres, in those of the program's world."""
        scale = 2 * HALF_WORLD / (self.side(0) * (1 << self.deeper))
        made = (xy - self.corner) * scale
        made += (-HALF_WORLD, HALF_WORLD)
        return made


WEB_MERCATOR_QUAD = MatrixSet(
    "WebMercatorQuad", "Google Maps compatible, for the world",
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad", crs.EPSG3857, (-HALF_WORLD, HALF_WORLD),
    2 * HALF_WORLD / PIXELS, columns=1, rows=1, zooms=25, deeper=0, later=7, last=14)
BRITISH_NATIONAL_GRID = MatrixSet(
    "BritishNationalGrid", "Ordnance Survey's tiles of the National Grid", "", crs.EPSG27700, (-238375.0, 1376256.0),
    896.0, columns=5, rows=6, zooms=14, deeper=3, later=0, last=LAST_ZOOM)
MATRIX_SETS = {each.id: each for each in (WEB_MERCATOR_QUAD, BRITISH_NATIONAL_GRID)}
