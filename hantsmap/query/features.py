"""The features of a page as texts: slices of the rendition where they lie written, made from them where they do not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import orjson
import shapely

from hantsmap import crs, deadline
from hantsmap.query.asking import Query
from hantsmap.rendition import Places, Rendition

# Spreadsheets run a cell that begins with one of these as a formula; some take the wide and small forms of East Asia.
# Some skip what cannot be seen before it (white space, control and format characters, fillers), or cut the line at `;`.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_SKIPPED = ("\\s;\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
            "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
            "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff")
FORMULA = re.compile(f"[\t\r\n]|[{_SKIPPED}]*[{_SIGNS}]")


def texts(rendition: Rendition, query: Query, positions: Places) -> Iterable[memoryview | bytes]:
    """GeoJSON Feature texts of the positions, comma-separated, in the query's reference system, with its properties."""
    if query.properties is None and not query.skip_geometry and rendition.has_texts(query.crs.uri):
        return rendition.slices(query.crs.uri, positions)
    return _made(rendition, query, positions)


def _made(rendition: Rendition, query: Query, positions: Places) -> Iterator[bytes]:
    source = query.crs if rendition.has_texts(query.crs.uri) else crs.EPSG27700
    written = orjson.loads(b"[" + b"".join(rendition.slices(source.uri, positions)) + b"]")
    shapes: list[Any] = [None] * len(written)
    if source is not query.crs and not query.skip_geometry:
        moved = shapely.to_geojson(_moved(rendition, query, positions))
        shapes = [None if text is None else orjson.Fragment(text) for text in moved]
    for number, feature_ in enumerate(written):
        deadline.check()
        if query.skip_geometry:
            feature_["geometry"] = None
        elif source is not query.crs:
            feature_["geometry"] = shapes[number]
        if query.properties is not None:
            feature_["properties"] = {name: feature_["properties"][name] for name in query.properties}
        text = orjson.dumps(feature_)
        yield text if number == len(written) - 1 else text + b","


def _moved(rendition: Rendition, query: Query, positions: Places) -> Any:
    """Geometries in the query's reference system, in its axis order."""
    return crs.served(rendition.geometries(np.asarray(positions, np.intp)), query.crs)


def feature_text(rendition: Rendition, position: int, system: crs.Crs) -> bytes:
    """One feature as GeoJSON text, its geometry in `system` and its axis order."""
    return b"".join(texts(rendition, Query(crs=system), range(position, position + 1)))


def csv_rows(rendition: Rendition, query: Query, positions: Places, *, geometry: str = "geometry",
             heading: bool = True) -> Iterator[str]:
    """A page as CSV text, a line at a time: id, properties, and the geometry as WKT in the query's reference system.

    `geometry` is what the column of the geometry is called; without `heading` there is no first line.
    """
    names = list(query.properties if query.properties is not None else rendition.fields)
    with_geometry = rendition.geometry_type != "none" and not query.skip_geometry
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    if heading:
        writer.writerow(["id", *names, *([geometry] if with_geometry else [])])
    plain = Query(crs=crs.EPSG27700, skip_geometry=True)
    written = orjson.loads(b"[" + b"".join(texts(rendition, plain, positions)) + b"]") if len(positions) else []
    shapes = shapely.to_wkt(_moved(rendition, query, positions), rounding_precision=-1) if with_geometry else []
    for number, feature_ in enumerate(written):
        deadline.check()
        cells = [cell(feature_["id"]), *(cell(feature_["properties"][name]) for name in names)]
        writer.writerow(cells + ([shapes[number]] if with_geometry else []))
        if line.tell() > 1 << 16:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def cell(value: Any) -> str:
    """A value as a cell; text that a spreadsheet would run is given an apostrophe, as OWASP advises."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if FORMULA.match(text) else text
