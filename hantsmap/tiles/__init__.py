"""Vector tiles (Mapbox Vector Tile 2.1) of a rendition: made when it is written, kept with it, and read by slices.

There are no tiles of anything but renditions: what a grant does not give is in no tile.
"""

from hantsmap.tiles.archive import Archive, Tiles, opened, told
from hantsmap.tiles.making import Features, Making
from hantsmap.tiles.matrix import BRITISH_NATIONAL_GRID, MATRIX_SETS, WEB_MERCATOR_QUAD, Box, Limits, MatrixSet

__all__ = ["BRITISH_NATIONAL_GRID", "MATRIX_SETS", "WEB_MERCATOR_QUAD", "Archive", "Box", "Features", "Limits",
           "Making", "MatrixSet", "Tiles", "opened", "told"]
