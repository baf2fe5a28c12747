"""Features of a rendition as Arrow batches: a batch at a time, so that a million take no more room than 20,000."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from hantsmap import crs
from hantsmap.crs import Crs
from hantsmap.layer import Field, FieldType
from hantsmap.rendition import Rendition

ROWS = 20_000
LISTS = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)
TYPES: Mapping[FieldType, Any] = {
    FieldType.STRING: pa.string(), FieldType.INTEGER: pa.int64(), FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(), FieldType.DATE: pa.date32(), FieldType.DATETIME: pa.timestamp("ms", tz="UTC"),
    FieldType.STRINGS: pa.list_(pa.string()), FieldType.INTEGERS: pa.list_(pa.int64()), FieldType.OBJECT: pa.string()}
WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}


def free_name(name: str, taken: Collection[str]) -> str:
    """A name for a column of ours that is none of `taken`, which are lower-case: with underscores behind it if need be.

    Most formats take no two columns whose names differ by case alone.
    """
    while name.lower() in taken:
        name += "_"
    return name


@dataclass(frozen=True)
class Rows:
    """Chosen features of a rendition, to be written in a reference system. `positions` choose and order them."""

    rendition: Rendition
    positions: NDArray[np.intp]
    system: Crs
    geometry: str = "geometry"

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def placed(self) -> bool:
        """Whether the features have a geometry."""
        return self.rendition.geometry_type != "none"

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields, in the order of the registry."""
        return self.rendition.fields

    @cached_property
    def extent(self) -> tuple[float, float, float, float] | None:
        """(west, south, east, north) in the file's reference system; None where there is nothing to be anywhere."""
        if len(self) == self.rendition.count:
            description = self.rendition.description
            return description.extent if self.system is crs.EPSG27700 else description.extent_crs84
        boxes = self.rendition.boxes()[self.positions] if self.placed else np.empty((0, 4))
        if not len(boxes) or np.isnan(boxes).all():
            return None
        west, south = np.nanmin(boxes[:, :2], axis=0).tolist()
        east, north = np.nanmax(boxes[:, 2:], axis=0).tolist()
        if self.system is crs.EPSG27700:
            return west, south, east, north
        edge = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south, 1.0) / 200)
        found = crs.served(edge, self.system).bounds
        return float(found[0]), float(found[1]), float(found[2]), float(found[3])

    def pieces(self) -> Iterator[NDArray[np.intp]]:
        """The positions, a batch at a time. What was read of the rendition for one is given back before the next."""
        for start in range(0, len(self.positions), ROWS):
            yield self.positions[start:start + ROWS]
            self.rendition.let_go()

    def shapes(self, piece: NDArray[np.intp]) -> NDArray[Any]:
        """Geometries of some positions in the file's reference system, x, y."""
        return np.asarray(crs.served(self.rendition.geometries(piece), self.system))

    def schema(self, *, lists: bool, names: Mapping[str, str] | None = None) -> pa.Schema:
        """`id`, the fields and the geometry. Without `lists`, a list is its JSON text; `names` are other names."""
        called = names or {}
        id_type = self.rendition.ids.type
        columns = [pa.field(called.get("id", "id"), pa.int64() if pa.types.is_integer(id_type) else pa.string())]
        columns += [pa.field(called.get(name, name), TYPES[field.type] if lists or field.type not in LISTS
                             else pa.string()) for name, field in self.fields.items()]
        if self.placed:
            columns.append(pa.field(self.geometry, pa.binary(), metadata=WKB))
        return pa.schema(columns)

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The features under a schema of this layer's."""
        for piece in self.pieces():
            at = pa.array(piece)
            columns = [_as(self.rendition.ids.take(at), schema.field(0).type)]
            columns += [_as(self.rendition.column(name).take(at), schema.field(number).type)
                        for number, name in enumerate(self.fields, start=1)]
            if self.placed:
                columns.append(pa.array(shapely.to_wkb(self.shapes(piece)), pa.binary()))
            yield pa.record_batch(columns, schema=schema)

    def reader(self, schema: pa.Schema) -> pa.RecordBatchReader:
        """The batches, as a stream that others read."""
        return pa.RecordBatchReader.from_batches(schema, self.batches(schema))


def _as(column: Any, kind: pa.DataType) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_list(array.type) and not pa.types.is_list(kind):
        return pa.array([None if value is None else orjson.dumps(value).decode() for value in array.to_pylist()], kind)
    return array.cast(kind)
