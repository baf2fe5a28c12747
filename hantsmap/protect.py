"""What one grant leaves of one curated layer. Everything an audience is ever served is made from this, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap.access import Detail, Grant
from hantsmap.curate import Curated
from hantsmap.curate.shapes import Shapes
from hantsmap.layer import Field, Layer


@dataclass(frozen=True, slots=True)
class Protected:
    """A layer as one grant leaves it: id and fields, and geometries (2-D, EPSG:27700 metres) of type `geometry`."""

    fields: Mapping[str, Field]
    table: pa.Table
    shapes: Shapes | None
    geometry: str


def protect(curated: Curated, layer: Layer, grant: Grant) -> Protected:
    """Keep the rows, fields and geometry detail that the grant gives. Rows keep their order."""
    table = curated.table
    keep = np.ones(len(table), dtype=bool)
    for name, values in grant.rows.items():
        wanted = pa.array([str(value).lower() if isinstance(value, bool) else str(value) for value in values])
        keep &= pc.fill_null(pc.is_in(pc.cast(table[name], pa.string()), wanted), False).to_numpy()
    rows = np.flatnonzero(keep)
    granted = grant.field_names(tuple(layer.fields))
    # A twin says in words what its code says: it goes where the code goes.
    names = [name for name in curated.fields if name in granted or name.removesuffix("_text") in granted
             and name not in layer.fields]
    shapes = None if curated.shapes is None else shapely.force_2d(curated.shapes[rows])
    geometry: str = layer.geometry
    if grant.geometry is Detail.NONE:
        shapes, geometry = None, "none"
    elif grant.geometry.square and shapes is not None:
        shapes, geometry = squares(shapes, grant.geometry.square), "MultiPolygon"
    return Protected({name: curated.fields[name] for name in names}, table.select(["id", *names]).take(pa.array(rows)),
                     shapes, geometry)


def squares(shapes: Shapes, side: int) -> Shapes:
    """Each geometry as the squares of the National Grid (`side` metres) that it meets: never jittered, so that asking
    again tells nothing more."""
    return np.array([_squares_of(shape, side) for shape in shapes], dtype=object)


def _squares_of(shape: Any, side: int) -> Any:
    left, bottom, right, top = (int(edge // side) for edge in shapely.bounds(shape))
    cells = np.array([shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side)
                      for x in range(left, right + 1) for y in range(bottom, top + 1)])
    shapely.prepare(shape)
    met = cells[shapely.intersects(shape, cells)]
    merged = shapely.union_all(met)
    return shapely.multipolygons(shapely.get_parts(merged))
