"""The table of a layer in a GeoPackage: its columns, and how features become its rows."""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely

from hantsmap.errors import ServiceError

GRID = 27700
# Of GeoPackage: what QGIS 3.22 and its GDAL read without a warning.
VERSION = {"VERSION": "1.2"}
SHAPES = {name.lower(): name for name in (
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")}
ARROW: dict[tuple[str, str | None], pa.DataType] = {
    ("string", None): pa.string(), ("string", "date"): pa.date32(), ("integer", None): pa.int64(),
    ("string", "date-time"): pa.timestamp("ms", tz="UTC"), ("number", None): pa.float64(),
    ("boolean", None): pa.bool_(),
}
# Of the tables that GDAL makes beside a layer, those that have a row for it.
REGISTERS = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents")


class OutOfStepError(ServiceError):
    """What an answer holds, or what is held after it, is not the state that the service says it leads to."""


@dataclass(frozen=True, slots=True)
class Table:
    """A layer's table: `fields` are (name, JSON type, format) in the order served, `shape` is None without geometry."""

    layer: str
    fields: tuple[tuple[str, str, str | None], ...]
    shape: str | None

    @classmethod
    def of(cls, layer: str, schema: Mapping[str, Any]) -> Table:
        """The table for a schema (OGC 23-058). Raises ServiceError when the schema says no properties."""
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            raise ServiceError(f"The schema of {layer} names no properties: is this a HantsMap?")
        shape, fields = None, []
        for name, spec in properties.items():
            if spec.get("x-ogc-role") == "primary-geometry":
                shape = SHAPES.get(str(spec.get("format", "")).removeprefix("geometry-"), "Unknown")
            else:
                fields.append((name, str(spec.get("type", "string")), spec.get("format")))
        return cls(layer, tuple(fields), shape)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in the order served."""
        return tuple(name for name, _, _ in self.fields)

    @property
    def id_column(self) -> str:
        """The column of the feature's id."""
        return _free("id", self.names)

    @property
    def shape_column(self) -> str | None:
        """The column of the geometry."""
        return _free("geom", self.names) if self.shape else None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are written: the id, the fields and the geometry."""
        return (self.id_column, *self.names, *([self.shape_column] if self.shape_column else []))

    @property
    def written(self) -> str:
        """The table as text: two tables with the same one hold the same rows."""
        return json.dumps([self.fields, self.shape])

    def rows(self, features: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """Values of the columns, feature by feature. Raises OutOfStepError when one is of another schema."""
        makers = [_maker(kind, form) for _, kind, form in self.fields]
        shapes = _blobs([feature["geometry"] for feature in features]) if self.shape else None
        for number, feature in enumerate(features):
            values = feature["properties"]
            if tuple(values) != self.names:
                raise OutOfStepError(f"A feature of {self.layer} has other properties than its schema.")
            row = (str(feature["id"]), *(make(value) for make, value in zip(makers, values.values(), strict=True)))
            yield row if shapes is None else (*row, shapes[number])


def _free(name: str, taken: Iterable[str]) -> str:
    used = {each.lower() for each in taken}
    names = chain((name, f"feature_{name}", f"hantsmap_{name}"), (name + "_" * more for more in count(1)))
    return next(each for each in names if each not in used)


def _maker(kind: str, form: str | None) -> Callable[[Any], Any]:
    if form == "date-time":
        # GeoPackage 1.3, table 1: with fractions of a second.
        return lambda text: None if text is None else f"{text.removesuffix('Z')}.000Z"
    if kind in ("array", "object"):
        return lambda value: None if value is None else orjson.dumps(value).decode()
    return lambda value: value


def _blobs(geometries: Sequence[Any]) -> list[bytes | None]:
    """Geometries as GeoPackage writes them (2.1.3): a head with the bounds, then WKB."""
    texts = [None if geometry is None else orjson.dumps(geometry).decode() for geometry in geometries]
    shapes = shapely.from_geojson(np.array(texts, object))
    bounds = shapely.bounds(shapes)[:, [0, 2, 1, 3]].tolist() if len(texts) else []
    blobs: list[bytes | None] = []
    for shape, box, body in zip(shapes, bounds, shapely.to_wkb(shapes, flavor="iso"), strict=True):
        flags = 0x13 if shape is not None and shape.is_empty else 0x03
        blobs.append(None if shape is None else struct.pack("<2sBBi4d", b"GP", 0, flags, GRID, *box) + body)
    return blobs


def bound(at: int, blob: bytes) -> float | None:
    """One of the bounds in the head of a blob: 0 least x, 1 most x, 2 least y, 3 most y."""
    return float(struct.unpack_from("<d", blob, 8 + 8 * at)[0]) if (blob[3] >> 1) & 0x07 else None


def template(table: Table, folder: Path) -> Path:
    """A GeoPackage with the empty table, as GDAL makes it: types, spatial index and all."""
    import pyogrio

    path = folder / "template.gpkg"
    columns = {table.id_column: pa.string()} | {
        name: ARROW.get((kind, form), pa.string()) for name, kind, form in table.fields}
    options = {"FID": _free("fid", table.columns)}
    empty = pa.table({name: pa.array([], kind) for name, kind in columns.items()})
    if table.shape_column:
        empty = empty.append_column("geometry_as_wkb", pa.array([], pa.binary()))
        pyogrio.write_arrow(empty, path, layer=table.layer, driver="GPKG", geometry_name="geometry_as_wkb",
                            geometry_type=table.shape, crs=f"EPSG:{GRID}",
                            dataset_options=VERSION, layer_options={**options, "GEOMETRY_NAME": table.shape_column})
    else:
        pyogrio.write_arrow(empty, path, layer=table.layer, driver="GPKG", dataset_options=VERSION,
                            layer_options=options)
    return path


def lay(file: sqlite3.Connection, table: Table) -> None:
    """Lay an empty table into an open GeoPackage, in the place of one of the same name. A transaction is going on."""
    with tempfile.TemporaryDirectory() as folder:
        made = sqlite3.connect(template(table, Path(folder)))
        try:
            _clear(file, table.layer)
            _copy(made, file, table.layer)
        finally:
            made.close()
    index = quoted(f"{table.layer}_{table.id_column}")
    file.execute(f"CREATE UNIQUE INDEX {index} ON {quoted(table.layer)} ({quoted(table.id_column)})")


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _clear(file: sqlite3.Connection, layer: str) -> None:
    there = _tables(file)
    if "gpkg_geometry_columns" in there:
        for column, in file.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?",
                                    (layer,)).fetchall():
            file.execute(f"DROP TABLE IF EXISTS {quoted(f'rtree_{layer}_{column}')}")
    file.execute(f"DROP TABLE IF EXISTS {quoted(layer)}")
    for register in REGISTERS[::-1]:
        if register in there:
            file.execute(f"DELETE FROM {register} WHERE table_name = ?", (layer,))  # noqa: S608 - a name of ours


def _copy(made: sqlite3.Connection, file: sqlite3.Connection, layer: str) -> None:
    there = _tables(file)
    for name, sql in made.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"):
        if name.startswith("gpkg_") and name not in there:
            file.execute(sql)
    file.execute("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", made.execute(
        "SELECT srs_name, srs_id, organization, organization_coordsys_id, definition, description FROM "
        "gpkg_spatial_ref_sys ORDER BY srs_id DESC").fetchone())
    # The table, then its index in space, then what keeps that in step; tables that an index makes itself come with it.
    for sql, in made.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND (tbl_name = ? OR sql LIKE 'CREATE VIRTUAL%') "
            "ORDER BY CASE WHEN type = 'trigger' THEN 2 WHEN sql LIKE 'CREATE VIRTUAL%' THEN 1 ELSE 0 END", (layer,)):
        file.execute(sql)
    for register in REGISTERS:
        if register in _tables(made):
            found = made.execute(f"SELECT * FROM {register} WHERE table_name = ?", (layer,))  # noqa: S608
            names = ", ".join(quoted(column[0]) for column in found.description)
            marks = ", ".join("?" * len(found.description))
            file.executemany(f"INSERT INTO {register} ({names}) VALUES ({marks})", found.fetchall())  # noqa: S608


def _tables(file: sqlite3.Connection) -> set[str]:
    return {name for name, in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
