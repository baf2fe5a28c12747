"""Spatial functions (OGC 21-065, Spatial Functions): boxes decide what they can, exact predicates the rest.

A feature without a geometry is neither in nor out: the answer is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap import deadline
from hantsmap.filters.columns import GEOMETRY, Bools, Columns, Floats
from hantsmap.filters.conditions import Condition, Constant
from hantsmap.filters.limits import refusal
from hantsmap.filters.reading import Reader, counted
from hantsmap.filters.shapes import Shape, shape_of
from hantsmap.filters.truth import Truth, known

# Predicate of (literal, feature), as shapely is fast where the first argument is prepared, for FUNCTION(feature,
# literal). Within and contains change places; the others are symmetric.
PREDICATES: dict[str, Any] = {
    "s_intersects": shapely.intersects,
    "s_equals": shapely.equals,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_within": shapely.contains,
    "s_contains": shapely.within,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}
TURNED = {"s_within": "s_contains", "s_contains": "s_within"}
INSIDE = ("s_intersects", "s_within")  # true of whatever lies in the inner box of a literal
BATCH = 2_000  # features made into geometries at a time, so that memory stays bounded, and a deadline holds


@dataclass(frozen=True, slots=True)
class Spatial(Condition):
    """`name`(geometry, shape); no shape stands for the geometry itself."""

    name: str
    shape: Shape | None

    @property
    def costly(self) -> bool:
        return True

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        present = columns.placed()
        if self.shape is None:
            asked = present if wanted is None else present & wanted
            return known(self._decided(columns, np.flatnonzero(asked), None), present)
        near = columns.near(shapely.bounds(self.shape.geometry))
        if wanted is not None:
            near = near[wanted[near]]
        disjoint = self.name == "s_disjoint"
        sure = np.zeros(len(near), np.bool_)
        if self.shape.within and (disjoint or self.name in INSIDE):
            sure = _lies_in(columns.boxes()[near], self.shape.within)
        answer = self._decided(columns, near[~sure], self.shape.geometry)
        if disjoint:
            far = present.copy() if wanted is None else present & wanted
            far[near] = False
            return known(far | answer, present)
        answer[near[sure]] = True
        return known(answer, present)

    def _decided(self, columns: Columns, positions: NDArray[np.intp], literal: Any) -> Bools:
        """The exact predicate (n,) at `positions`, false elsewhere."""
        answer = np.zeros(columns.count, np.bool_)
        try:
            for start in range(0, len(positions), BATCH):
                deadline.check()
                batch = positions[start : start + BATCH]
                answer[batch] = self._exact(columns, batch, literal)
        except shapely.GEOSException as fault:
            raise refusal(f"{self.name.upper()} cannot be worked out for these geometries: {fault}.") from None
        return answer

    def _exact(self, columns: Columns, positions: NDArray[np.intp], literal: Any) -> Any:
        if columns.geometry_type == "Point":
            # The box of a point is the point: nothing has to be read.
            xy = columns.boxes()[positions, :2]
            if self.name in ("s_intersects", "s_disjoint") and literal is not None:
                return shapely.intersects_xy(literal, xy[:, 0], xy[:, 1]) == (self.name == "s_intersects")
            geometries = shapely.points(xy)
        else:
            geometries = columns.geometries(positions)
        return PREDICATES[self.name](geometries if literal is None else literal, geometries)


def _lies_in(boxes: Floats, inner: tuple[float, float, float, float]) -> Bools:
    """Strictly in: what lies along the edge of a box is not within it."""
    left, bottom, right, top = inner
    found: Bools = boxes[:, 0] > left
    found &= boxes[:, 2] < right
    found &= boxes[:, 1] > bottom
    found &= boxes[:, 3] < top
    return found


def spatial(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """Reads a spatial function of the geometry and a literal, either way round, or of two literals.

    Raises QueryError.
    """
    counted(name, args, 2)
    ours = [_is_geometry(reader, name, arg) for arg in args]
    if not any(ours):
        return _of_literals(name, *(_literal(reader, arg) for arg in args))
    if not reader.has_geometry:
        raise refusal(f"{name.upper()} needs a geometry, and this collection has none.")
    if all(ours):
        return Spatial(name, None)
    shape = _literal(reader, args[0] if ours[1] else args[1])
    return Spatial(name if ours[0] else TURNED.get(name, name), shape)


def _literal(reader: Reader, tree: Any) -> Shape:
    """A literal geometry. Its vertices count towards those that the whole filter may have."""
    shape = shape_of(tree, reader.crs, reader.vertices)
    if not (isinstance(tree, dict) and "bbox" in tree):
        reader.vertices -= int(shapely.get_num_coordinates(shape.geometry))
    return shape


def _of_literals(name: str, first: Shape, second: Shape) -> Constant:
    """Two literals are the same to every feature. A predicate takes its second argument first."""
    try:
        return Constant(bool(PREDICATES[name](second.geometry, first.geometry)))
    except shapely.GEOSException as fault:
        raise refusal(f"{name.upper()} cannot be worked out for these geometries: {fault}.") from None


def _is_geometry(reader: Reader, name: str, tree: Any) -> bool:
    """True for the geometry property, false for a literal; anything else is refused."""
    if isinstance(tree, dict) and "property" in tree:
        if tree["property"] == GEOMETRY:
            return True
        found = reader.column(tree["property"])
        raise refusal(f"{name.upper()} takes geometries, not {found.words}.")
    if isinstance(tree, shapely.Geometry) or (isinstance(tree, dict) and ("bbox" in tree or "type" in tree)):
        return False
    raise refusal(f"{name.upper()} takes the property `geometry` and a geometry in WKT, in GeoJSON or as a BBOX.")
