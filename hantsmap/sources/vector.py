"""GIS formats: GeoPackage, Shapefile, GeoJSON, GML, file geodatabase and FlatGeobuf by GDAL; GeoParquet by pyarrow."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors

from hantsmap.findings import Finding, Kind
from hantsmap.sources import encoding, geopackage, reference
from hantsmap.sources.archive import MAX_RATIO
from hantsmap.sources.case import Case, listed
from hantsmap.sources.frames import Reading, numbered, plain
from hantsmap.sources.gdal import content_format, only_driver
from hantsmap.sources.markup import without_doctype
from hantsmap.sources.places import VECTOR, parts

# GDAL goes by content and not by name: a `.json` could be a description that sends it to other files or servers. So the
# name alone says which driver may open the file.
_DRIVERS = {
    ".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".json": "GeoJSON", ".gml": "GML",
    ".gdb": "OpenFileGDB", ".fgb": "FlatGeobuf",
}  # fmt: skip
_OPTIONS = {
    "GeoJSON": {"DATE_AS_STRING": "YES"},
    # No schema from the publisher's server, no linked files, and nothing written beside the source.
    "GML": {"DOWNLOAD_SCHEMA": "NO", "SKIP_RESOLVE_ELEMS": "ALL", "WRITE_GFS": "NO"},
}
_MAGIC = {
    ".gpkg": b"SQLite format 3\0",
    ".shp": b"\0\0\x27\x0a",
    ".fgb": b"fgb",
    ".parquet": b"PAR1",
}
_GAPPED = {pa.bool_(): pd.BooleanDtype(), **dict.fromkeys((pa.int16(), pa.int32(), pa.int64()), pd.Int64Dtype())}
_MOST_WARNINGS = 5
_MOST_CELLS = 100_000_000


def read(case: Case, path: Path) -> Reading:
    """Rows of a vector file with geometry and CRS; without geometry where the layer has none. Raises SourceError."""
    suffix = path.suffix.lower()
    _recognised(case, path, suffix)
    try:
        if suffix == ".parquet":
            return _parquet(case, path)
        if suffix == ".gml":
            return _gml(case, path)
        if suffix == ".gpkg":
            return _geopackage(case, path)
        return _by_gdal(case, path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.GeometryError) as error:
        raise case.fault(_explained(path, suffix, error)) from error
    except (pa.ArrowInvalid, pyogrio.errors.FieldError, pyogrio.errors.FeatureError, UnicodeDecodeError) as error:
        told = str(error).replace(str(path), case.place).rstrip(".")
        raise case.fault(f"cannot be read: {told}. Look at it in QGIS and save it again.") from error


def _recognised(case: Case, path: Path, suffix: str) -> None:
    if path.is_dir():
        return
    with path.open("rb") as stream:
        start = stream.read(64)
    if not start:
        raise case.fault("is empty. Supply it again.")
    body = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    fits = start.startswith(_MAGIC[suffix]) if suffix in _MAGIC else body[:1] == (b"<" if suffix == ".gml" else b"{")
    if not fits and not (suffix == ".gml" and start[:2] in (b"\xff\xfe", b"\xfe\xff")):
        raise case.fault(
            f"is called {suffix} but is not a {VECTOR[suffix]} file. Supply it again, or correct its name."
        )


def _explained(path: Path, suffix: str, error: Exception) -> str:
    if suffix == ".shp":
        there = {other.suffix.lower() for other in path.parent.iterdir() if other.stem.lower() == path.stem.lower()}
        lost = [part for part in (".shx", ".dbf") if part not in there]
        if lost:
            return f"lacks its {' and '.join(lost)}. A Shapefile is several files: supply all of them."
    if "not recognized" in str(error):
        found = content_format(path)
        if found and found != _DRIVERS[suffix]:
            return f"holds {found} data, which is not read, and not {VECTOR[suffix]}. Convert it with ogr2ogr or QGIS."
    told = str(error).replace(str(path), path.name).split("\n")[0].rstrip(". ")
    return f"cannot be read as {VECTOR[suffix]}: {told}. Look at it in QGIS and save it again."


def _gml(case: Case, path: Path) -> Reading:
    """Reads a copy: GDAL would otherwise believe a `.gfs` or `.xsd` that happens to lie beside the source."""
    with tempfile.TemporaryDirectory(dir=case.cache, prefix="gml-") as folder:
        copy = Path(folder) / "source.gml"
        with path.open("rb") as stream, copy.open("wb") as target:
            target.writelines(without_doctype(case, stream))
        return _by_gdal(case, copy)


def _geopackage(case: Case, path: Path) -> Reading:
    """Reads a copy where edits are in a journal beside the file: GDAL would fold them into the source."""
    geopackage.check_tables(case, path)
    files = parts(path)
    if len(files) == 1:
        return _by_gdal(case, path)
    with tempfile.TemporaryDirectory(dir=case.cache, prefix="gpkg-") as folder:
        for file in files:
            shutil.copyfile(file, Path(folder) / file.name)
        return _by_gdal(case, Path(folder) / path.name)


def _by_gdal(case: Case, path: Path) -> Reading:
    driver = _DRIVERS[path.suffix.lower()]
    options: dict[str, Any] = dict(_OPTIONS.get(driver, {}))
    found: list[Finding] = []
    if driver == "ESRI Shapefile":
        options["encoding"], found = encoding.of_shapefile(case, path)
    with warnings.catch_warnings(record=True) as warned, only_driver(case, driver):
        warnings.simplefilter("always")
        layer = _layer(case, path)
        info = pyogrio.read_info(path, layer=layer, **options)
        shaped = info["geometry_type"] is not None and case.layer.geometry != "none"
        if not shaped and case.layer.geometry != "none":
            raise case.fault("has no geometry. Set the layer's `geometry: none`, or name another layer of the file.")
        frame = _rows(path, layer, options, shaped)
    whole = [name for name, dtype in zip(info["fields"], info["dtypes"], strict=True) if "int" in str(dtype)]
    findings = found + _warnings(case, path, [str(warning.message) for warning in warned])
    if shaped:
        assumed = driver == "GeoJSON" and not _names_crs(path)
        crs, more = reference.settled(case, info["crs"], assumed=assumed)
        frame = frame.set_crs(crs, allow_override=True)
        reference.plausible(case, frame.geometry.array, crs)
        findings += more
    return Reading(numbered(plain(frame, whole)), driver, findings)


def _rows(path: Path, layer: str, options: dict[str, Any], shaped: bool) -> Any:
    try:
        return pyogrio.read_dataframe(
            path, layer=layer, read_geometry=shaped, use_arrow=True,
            arrow_to_pandas_kwargs={"types_mapper": _GAPPED.get}, **options,
        )  # fmt: skip
    except NotImplementedError:
        # Curves: the row-by-row way straightens them into short segments, the Arrow way refuses them.
        return pyogrio.read_dataframe(path, layer=layer, read_geometry=shaped, use_arrow=False, **options)


def _layer(case: Case, path: Path) -> str:
    """The layer to read: the one named, else the only one with geometry (QGIS keeps its styles in another)."""
    found = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    names = [name for name, _ in found]
    if not names:
        raise case.fault(f"has no layer that can be read as {VECTOR[path.suffix.lower()]}. Look at it in QGIS.")
    wanted = case.source.layer
    # One layer needs no name: the format made it up, or `layer` already chose this file out of an archive.
    if wanted is not None and wanted in names:
        return wanted
    if wanted is not None and not (len(names) == 1 and wanted in (path.stem, path.name)):
        raise case.fault(f"has no layer `{wanted}`. It has {listed(names)}.")
    fitting = names if case.layer.geometry == "none" else [name for name, kind in found if kind is not None]
    if len(fitting) > 1:
        raise case.fault(f"has several layers. Say which with `layer`: {listed(fitting)}.")
    return fitting[0] if fitting else names[0]


def _names_crs(path: Path) -> bool:
    """True where a GeoJSON file has a `crs` member near its start or its end, which is where writers put it."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(4096)
        stream.seek(max(0, size - 4096))
        return any(re.search(rb'"crs"\s*:\s*\{', piece) for piece in (start, stream.read()))


def _warnings(case: Case, path: Path, messages: list[str]) -> list[Finding]:
    """What GDAL said while it read, each once and five at most."""
    seen = list(dict.fromkeys(message.replace(str(path), case.place) for message in messages))
    return [
        case.finding("reader-warning", Kind.DOUBTFUL, f"While reading {case.place}: {message.rstrip('.')}.")
        for message in seen[:_MOST_WARNINGS]
    ]


def _check_size(case: Case, path: Path) -> None:
    """Raises SourceError for Parquet that would become beyond measure: one value can stand for a billion rows."""
    about = pq.read_metadata(path)
    cells = about.num_rows * about.num_columns
    if cells > _MOST_CELLS and cells * 8 > MAX_RATIO * path.stat().st_size:
        raise case.fault(
            f"would become {cells:,} cells from {path.stat().st_size:,} bytes, and is refused as unsafe. Supply it "
            "as GeoPackage."
        )


def _parquet(case: Case, path: Path) -> Reading:
    _check_size(case, path)
    schema = pq.read_schema(path)
    about = json.loads((schema.metadata or {}).get(b"geo", b"{}") or b"{}")
    mapping = {"types_mapper": _GAPPED.get}
    if case.layer.geometry == "none":
        shapes = list(about.get("columns", {}))
        table = pq.read_table(path, columns=[name for name in schema.names if name not in shapes])
        return Reading(numbered(plain(table.to_pandas(**mapping))), "Parquet")
    if not about:
        raise case.fault("is Parquet without geometry. Supply GeoParquet, or set the layer's `geometry: none`.")
    frame = gpd.read_parquet(path, to_pandas_kwargs=mapping)
    active = str(frame.geometry.name)
    if active != "geometry":
        frame = frame.drop(columns="geometry", errors="ignore").rename_geometry("geometry")
    crs, findings = reference.settled(case, frame.crs)
    frame = frame.set_crs(crs, allow_override=True)
    reference.plausible(case, frame.geometry.array, crs)
    return Reading(numbered(plain(frame)), "GeoParquet", findings)
