"""DXF (AutoCAD 2010, as text): a drawing with a layer for each class, and the attributes beside it by handle.

The head and tail of the file, with its tables and objects, are made with ezdxf; the entities between them are written a
batch at a time, so that a county takes no more memory than a village. Lines are LWPOLYLINEs in 2-D, polygons one closed
LWPOLYLINE for each ring, points POINTs. Each carries the id of its feature as extended data of HANTSMAP.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely

from hantsmap.downloads.batches import Rows, free_name
from hantsmap.downloads.classes import drawing_layers
from hantsmap.downloads.shapefile import readme
from hantsmap.downloads.zips import Archive
from hantsmap.query import Query, texts
from hantsmap.query.features import cell

APPLICATION, METRES = "HANTSMAP", 6
LONGEST_TEXT = 255
COLUMNS = ("dxf_handle", "dxf_layer", "dxf_part", "dxf_ring")
SPLIT = "  0\nENDSEC\n  0\nSECTION\n  2\nOBJECTS\n"


class Piece(NamedTuple):
    """One entity: the feature, part and ring that it is of, its vertices, [x, y] each, and whether it closes."""

    row: int
    part: int
    ring: int
    vertices: list[list[float]]
    closed: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing without its entities: what comes before and after them, the owner of all, and the first handle."""

    head: str
    tail: str
    owner: str
    first: int


def write_drawing(path: Path, rows: Rows, moment: datetime, shift: tuple[int, int]) -> None:
    """A zip with the drawing, its attributes by handle, and a readme. `shift` (metres) is taken from coordinates."""
    description = rows.rendition.description
    layer = description.layer
    frame = _frame(rows, shift, _count(rows))
    table = path.parent / "attributes.csv"
    with Archive(path, moment) as archive:
        with archive.member(f"{layer}.dxf") as drawing, table.open("w", encoding="utf-8-sig", newline="") as beside:
            drawing.write(frame.head.encode())
            writer = csv.writer(beside)
            ours = [free_name(name, description.fields) for name in COLUMNS]
            writer.writerow([*ours, "id", *description.fields])
            handle = frame.first
            for text, lines in _written(rows, frame, shift, handle):
                drawing.write(text.encode())
                writer.writerows(lines)
            drawing.write(frame.tail.encode())
        archive.file(table, f"{layer}.csv")
        archive.text("_README.txt", readme(rows, moment, _words(rows, shift)))
    table.unlink()


def _words(rows: Rows, shift: tuple[int, int]) -> tuple[str, ...]:
    east, north = shift
    moved = [f"Origin:            SHIFTED. Add {east:,} m to each easting and {north:,} m to each northing."] \
        if shift != (0, 0) else ["Origin:            not shifted: coordinates are full eastings and northings."]
    made = [each for _, each, _ in drawing_layers(rows.rendition.description)]
    return (*moved, "Drawing units:     metres (INSUNITS 6)", "", "Layers of the drawing:",
            *(f"  {name}" for name in made), "",
            "Attributes are in the CSV beside the drawing: dxf_handle is the handle of the entity.",
            "A feature of several parts, or a polygon with holes, is several entities with the same id.",
            "dxf_ring 0 is the outline of a polygon, 1 and up are its holes.")


def _frame(rows: Rows, shift: tuple[int, int], entities: int) -> Frame:
    import ezdxf

    # The time and the random names in the head would make each file another one.
    ezdxf.options.write_fixed_meta_data_for_testing = True  # type: ignore[attr-defined]
    drawing = ezdxf.new("R2010", units=METRES)  # type: ignore[attr-defined]
    drawing.appids.add(APPLICATION)
    for _, name, colour in drawing_layers(rows.rendition.description):
        if name not in drawing.layers:
            drawing.layers.add(name, color=colour)
    west, south, east, north = rows.extent or (0.0, 0.0, 0.0, 0.0)
    least, most = (west - shift[0], south - shift[1], 0.0), (east - shift[0], north - shift[1], 0.0)
    drawing.header["$EXTMIN"], drawing.header["$EXTMAX"], drawing.header["$LUPREC"] = least, most, 2
    drawing.modelspace().reset_extents(least, most)
    # ezdxf registers classes in the order of a set, which differs from process to process: register them sorted first.
    drawing.classes.add_required_classes(drawing.dxfversion)
    registered = sorted(drawing.classes.classes.items())
    drawing.classes.classes.clear()
    drawing.classes.classes.update(registered)
    owner = drawing.modelspace().layout_key
    stream = io.StringIO()
    drawing.write(stream)
    # Handles that writing itself hands out are below those of the entities.
    first = int(str(drawing.entitydb.handles), 16) + 16
    drawing.entitydb.handles.reset(f"{first + entities:X}")
    stream = io.StringIO()
    drawing.write(stream)
    head, found, tail = stream.getvalue().partition(SPLIT)
    if not found:
        raise RuntimeError("ezdxf writes drawings otherwise than is known here")
    return Frame(head, found + tail, owner, first)


def _count(rows: Rows) -> int:
    """How many entities there will be."""
    total = 0
    for piece in rows.pieces():
        parts = shapely.get_parts(rows.rendition.geometries(piece))
        rings = 1 + shapely.get_num_interior_rings(parts)
        total += int(rings.sum())
    return total


def _written(rows: Rows, frame: Frame, shift: tuple[int, int], handle: int) -> Iterator[tuple[str, list[list[str]]]]:
    """Entities as text, and the lines of the table, a batch at a time."""
    description = rows.rendition.description
    by_code = {code: name for code, name, _ in drawing_layers(rows.rendition.description)}
    plain = Query(crs=rows.system, skip_geometry=True)
    for piece in rows.pieces():
        features = orjson.loads(b"[" + b"".join(texts(rows.rendition, plain, piece)) + b"]")
        said: list[str] = []
        lines: list[list[str]] = []
        for entity in _pieces(rows, piece, shift):
            feature = features[entity.row]
            code = feature["properties"][description.class_field] if description.class_field else None
            layer = by_code.get(None if code is None else str(code), by_code[None])
            said.append(_entity(entity, f"{handle:X}", frame.owner, layer, _plain(str(feature["id"]))))
            lines.append([f"{handle:X}", layer, str(entity.part), str(entity.ring), cell(feature["id"]),
                          *(cell(feature["properties"][name]) for name in description.fields)])
            handle += 1
        yield "".join(said), lines


def _pieces(rows: Rows, piece: Any, shift: tuple[int, int]) -> Iterator[Piece]:
    """The parts and rings of a batch's geometries, with their coordinates shifted."""
    shapes = rows.rendition.geometries(piece)
    closed = rows.rendition.geometry_type.endswith("Polygon")
    lines, row = shapely.get_parts(shapes, return_index=True)
    part = _count_within(row)
    ring = np.zeros(len(lines), np.intp)
    if closed:
        lines, of = shapely.get_rings(lines, return_index=True)
        row, part, ring = row[of], part[of], _count_within(of)
    # A whole shift leaves centimetres as they are, but for what binary fractions do to them.
    places = np.round(shapely.get_coordinates(lines) - shift, 4).tolist()
    ends = shapely.get_num_coordinates(lines).cumsum().tolist()
    begin = 0
    for number, end in enumerate(ends):
        # The last vertex of a ring is its first again.
        yield Piece(int(row[number]), int(part[number]), int(ring[number]), places[begin:end - closed], closed)
        begin = end


def _count_within(of: Any) -> Any:
    """Place of each element among those of its group; groups are runs of equal numbers."""
    first = np.flatnonzero(np.concatenate(([True], np.diff(of) != 0))) if len(of) else np.zeros(0, np.intp)
    return np.arange(len(of)) - np.repeat(first, np.diff([*first, len(of)]))


def _entity(entity: Piece, handle: str, owner: str, layer: str, feature_id: str) -> str:
    data = f"1001\n{APPLICATION}\n1000\n{feature_id}\n"
    begin = f"  5\n{handle}\n330\n{owner}\n100\nAcDbEntity\n  8\n{layer}\n"
    if len(entity.vertices) == 1:
        (x, y), = entity.vertices
        return f"  0\nPOINT\n{begin}100\nAcDbPoint\n 10\n{x!r}\n 20\n{y!r}\n 30\n0.0\n{data}"
    places = "".join([f" 10\n{x!r}\n 20\n{y!r}\n" for x, y in entity.vertices])
    return (f"  0\nLWPOLYLINE\n{begin}100\nAcDbPolyline\n 90\n{len(entity.vertices)}\n 70\n{int(entity.closed)}\n"
            f" 43\n0.0\n{places}{data}")


def _plain(text: str) -> str:
    """A text on one line, as long as extended data may be."""
    flat = "".join(each if each.isprintable() else " " for each in text)
    return flat.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")
