"""What a filter sees of a collection: its columns, its boxes and, where boxes do not decide, its geometries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hantsmap.layer import Field

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
GEOMETRY = "geometry"


class Columns(Protocol):
    """A rendition as a filter reads it. What is not in `fields` does not exist, so a filter cannot tell of it.

    `geometry_type` is "Point", "MultiPoint" ... or "none". The geometry property is called "geometry".
    """

    @property
    def fields(self) -> Mapping[str, Field]:
        """The only properties there are, by name."""

    @property
    def count(self) -> int:
        """Number of features, n."""

    @property
    def geometry_type(self) -> str:
        """Type of every geometry, or "none"."""

    def column(self, name: str) -> Any:
        """Values of a field, a pyarrow Array or ChunkedArray of n: string (or dictionary of string), int64, float64,
        bool, date32, timestamp[us, UTC], list<string>, list<int64>. Unknown is null, never NaN."""

    def boxes(self) -> Floats:
        """Bounds (n, 4) minx, miny, maxx, maxy in EPSG:27700 metres; NaN where there is no geometry."""

    def placed(self) -> Bools:
        """Which features have a geometry: (n,)."""

    def near(self, bounds: Floats) -> NDArray[np.intp]:
        """Positions, in order, of the features whose box meets `bounds` (minx, miny, maxx, maxy), edges included."""

    def geometries(self, positions: NDArray[np.intp]) -> NDArray[np.object_]:
        """2-D shapely geometries in EPSG:27700 at these positions (m,)."""
