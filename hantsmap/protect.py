"""What one grant leaves of one curated layer. All that an audience is ever served is made from this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap.access import Detail, Grant, Within, as_text
from hantsmap.curate import Curated
from hantsmap.curate.shapes import Mask, Shapes
from hantsmap.layer import Field, FieldType, Layer
from hantsmap.references import without_hidden

if TYPE_CHECKING:
    from hantsmap.disclosure import Together

CENTIMETRE, FIRST_MULTIPLE = 0.01, 4
_SEVERAL = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
# Fields that a grant makes (hantsmap.registry.limits.MADE keeps layers from having them).
CONTEXT = Field(type=FieldType.BOOLEAN, title="Context", description="Lies beside the area, and is shown for context.")
SUPPRESSED = Field(type=FieldType.BOOLEAN, title="Suppressed", description=(
    "A count of this row is left out because it, or one that could be worked out from it, is small."))


@dataclass(frozen=True, slots=True)
class Protected:
    """A layer as one grant leaves it: id and fields, and geometries (2-D, EPSG:27700 metres) of type `geometry`."""

    fields: Mapping[str, Field]
    table: pa.Table
    shapes: Shapes | None
    geometry: str


def no_areas(name: str) -> Any:
    """Knows no area: a grant that names one cannot be rendered."""
    raise LookupError(f"no area {name}")


def no_references(reference: str) -> pa.Array:
    """Knows no other layer: a layer that refers to one cannot be rendered."""
    raise LookupError(f"no rows of {reference}")


def protect(curated: Curated, layer: Layer, grant: Grant, area: Callable[[str], Any] = no_areas,
            visible: Callable[[str], pa.Array] = no_references, together: Together | None = None) -> Protected:
    """Keep the rows, fields, geometry, references and counts that the grant gives. Rows keep their order.

    `area` gives an area of the registry by name, as a prepared geometry in EPSG:27700 metres. `visible` gives, for a
    reference (`layer` or `layer.field`), the values (large_string) of the rows that the same viewer sees of that layer.
    `together` holds the counts of all grants of the layer (see `counted`), so that they are worked out once.
    """
    keep, shapes, geometry, context = _rows(curated, layer, grant, area)
    rows = np.flatnonzero(keep)
    table = curated.table.take(pa.array(rows))
    shapes = None if shapes is None else shapely.force_2d(shapes[rows])
    fields = _shown_fields(curated, layer, grant)
    if context is not None:
        fields["context"] = CONTEXT
        table = table.append_column("context", pa.array(context[rows]))
    if grant.counts is not None:
        fields["suppressed"] = SUPPRESSED
        ruled = (together or counted(curated, layer, area)).controlled(grant)
        for name in grant.counts.fields:
            table = table.set_column(table.column_names.index(name), table.schema.field(name), ruled[name])
        table = table.append_column("suppressed", ruled["suppressed"])
    table, left = without_hidden(table, layer, fields, visible)
    table, shapes = table.filter(pa.array(left)), None if shapes is None else shapes[left]
    if grant.geometry is Detail.NONE:
        shapes, geometry = None, "none"
    elif grant.geometry.square and shapes is not None:
        shapes, geometry = squares(shapes, grant.geometry.square), "MultiPolygon"
    return Protected(fields, emptied(table.select(["id", *fields])), shapes, geometry)


def counted(curated: Curated, layer: Layer, area: Callable[[str], Any] = no_areas) -> Together:
    """The counts of a layer under the rules of all its grants: one choice of what is suppressed, for all audiences."""
    from hantsmap.disclosure import Together

    return Together.of(curated.table, layer.grants.values(), lambda grant: _rows(curated, layer, grant, area)[0])


def _rows(curated: Curated, layer: Layer, grant: Grant, area: Callable[[str], Any]
          ) -> tuple[Mask, Shapes | None, str, Mask | None]:
    """Which rows a grant keeps; geometries of all rows, those of kept ones as they are shown; the type of these; and
    which rows only a buffer meets, where there is one."""
    shapes, geometry, context = _shown_shapes(curated, layer, grant), str(layer.geometry), None
    keep = _rows_by_value(curated.table, grant)
    if shapes is not None and layer.open_geometry:
        keep &= ~shapely.is_missing(shapes)
    if grant.area is not None:
        place = area(grant.area.name)
        inside, context = _rows_by_place(curated, grant.area, place)
        keep &= inside
        if grant.area.clip and shapes is not None:
            shapes, geometry = clipped(shapes, keep, place, grant.area.buffer_m), _several(geometry)
            keep &= ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return keep, shapes, geometry, context


def clipped(shapes: Shapes, rows: Mask, place: Any, buffer_m: float) -> Shapes:
    """What of some rows' geometries lies within `buffer_m` metres of a place, to the centimetre; others as they are.

    Lines stay lines and areas stay areas: where one merely touches the edge, nothing is left of it.
    """
    edge = shapely.buffer(place, buffer_m) if buffer_m else place
    shapely.prepare(edge)
    found = shapes.copy()
    for row in np.flatnonzero(rows & ~shapely.covers(edge, shapes)):
        kind = shapely.get_dimensions(shapes[row])
        cut = shapely.get_parts(shapely.intersection(shapes[row], edge, grid_size=CENTIMETRE))
        found[row] = _SEVERAL[kind](cut[shapely.get_dimensions(cut) == kind])
    whole = rows & (shapely.get_type_id(found) < FIRST_MULTIPLE)
    found[whole] = [_SEVERAL[shapely.get_dimensions(shape)]([shape]) for shape in found[whole]]
    return found


def _several(geometry: str) -> str:
    return geometry if geometry.startswith("Multi") else f"Multi{geometry}"


def emptied(table: pa.Table) -> pa.Table:
    """The same table with nothing beneath its nulls: a count that was taken away would still lie there, in the file of
    the rendition, and its digest would tell of it in every ETag."""
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if column.null_count:
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            kept = column.filter(pa.array(valid))
            column = kept.take(pa.array(np.cumsum(valid) - 1, mask=~valid))
        columns[name] = column
    return pa.table(columns, schema=table.schema)


def _shown_shapes(curated: Curated, layer: Layer, grant: Grant) -> Shapes | None:
    """The open line is another line, not a simplified one: simplifying does not take a licence away."""
    if layer.open_geometry is not None and grant.geometry_source == "open":
        return curated.open_shapes
    return curated.shapes


def _shown_fields(curated: Curated, layer: Layer, grant: Grant) -> dict[str, Field]:
    granted = grant.field_names(tuple(layer.fields))
    # A twin says in words what its code says: it goes where the code goes.
    return {name: field.shown() for name, field in curated.fields.items()
            if name in granted or (name not in layer.fields and name.removesuffix("_text") in granted)}


def _rows_by_value(table: pa.Table, grant: Grant) -> Mask:
    keep = np.ones(len(table), dtype=bool)
    for name, values in grant.rows.items():
        wanted = pa.array([as_text(value) for value in values], pa.string())
        keep &= pc.fill_null(pc.is_in(pc.cast(table[name], pa.string()), wanted), False).to_numpy()
    return keep


def _rows_by_place(curated: Curated, within: Within, place: Any) -> tuple[Mask, Mask | None]:
    """Rows that meet the area or its buffer, and which of them only the buffer (None where there is no buffer).

    Where a feature really lies decides, whichever of its lines is shown. Without an area to be in, no row is kept.
    """
    if curated.shapes is None:
        return np.zeros(len(curated.table), dtype=bool), None
    inside = np.asarray(shapely.intersects(place, curated.shapes))
    if not within.buffer_m:
        return inside, None
    near = np.asarray(shapely.dwithin(place, curated.shapes, within.buffer_m))
    return inside | near, near & ~inside


def squares(shapes: Shapes, side: int) -> Shapes:
    """Each geometry as the squares of the National Grid (`side` metres) that it meets: never jittered, so that asking
    again tells nothing more."""
    return np.array([_squares_of(shape, side) for shape in shapes], dtype=object)


def _squares_of(shape: Any, side: int) -> Any:
    left, bottom, right, top = (int(edge // side) for edge in shapely.bounds(shape))
    x, y = np.meshgrid(np.arange(left, right + 1) * side, np.arange(bottom, top + 1) * side)
    cells = shapely.box(x, y, x + side, y + side).ravel()
    shapely.prepare(shape)
    met = cells[shapely.intersects(shape, cells)]
    merged = shapely.union_all(met)
    return shapely.multipolygons(shapely.get_parts(merged))
