"""Writes a rendition: the features of one grant, in Hilbert order, as texts ready to send and columns ready to ask.

    features.crs84.json  features.27700.json   feature texts, each followed by a comma
    offsets.crs84.npy    offsets.27700.npy     uint64 (n+1): where each text begins
    boxes.npy            float64 (n, 4)        bounds of each feature in EPSG:27700, NaN where it has no geometry
    ids.npy              uint64 (2, n)         sorted digests of the ids, and the position of each
    digests.npy          uint8 (n, 32)         SHA-256 of each feature's text in EPSG:27700, without its comma
    attributes.arrow     id and fields, uncompressed, so that they are mapped and never copied
    geometry.arrow       WKB in EPSG:27700, likewise
    tiles.*.pmtiles      vector tiles for each tile matrix set, where the layer has tiles
    rendition.json       description, digest of the state, key of the tiles, and bytes and SHA-256 of every file
"""

from __future__ import annotations

import io
from contextlib import nullcontext
from dataclasses import replace
from hashlib import blake2b, sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap import crs
from hantsmap.protect import Protected
from hantsmap.rendition import texts
from hantsmap.rendition.description import Box, Description
from hantsmap.store import files
from hantsmap.tiles import Making

# Raised whenever the files of a rendition change, so that every layer is rendered again.
FORMAT = 8
MAPPED = {"crs84": crs.CRS84, "27700": crs.EPSG27700}
# Rows written at a time: bounds the memory of a publication, whatever the size of the layer.
BATCH = 20_000
# A list of words is worth a dictionary while it stays much shorter than the column.
DICTIONARY_SHARE = 0.3


def id_digest(feature_id: object) -> int:
    """64-bit digest of an id, by which it is looked up."""
    return int.from_bytes(blake2b(str(feature_id).encode(), digest_size=8).digest(), "big")


def ordered(protected: Protected, extent: Box) -> Protected:
    """Neighbours on the ground become neighbours in the file: Hilbert order over the county, then id.

    The curve is laid over the county's extent, not the data's, so that hidden rows cannot change the order.
    """
    if protected.shapes is None or not len(protected.table):
        return protected
    from geopandas import GeoSeries

    distance = GeoSeries(protected.shapes, crs=27700).hilbert_distance(total_bounds=extent, level=16)
    order = np.argsort(distance.to_numpy(), kind="stable")
    table, shapes = protected.table.take(pa.array(order)), protected.shapes[order]
    return Protected(protected.fields, table, shapes, protected.geometry)


def write(folder: Path, protected: Protected, describe: Any, tiles: Making | None = None) -> str:
    """Write a rendition into an empty folder and return its id: a digest of all that it holds.

    `describe(extent, extent_crs84, interval_source)` makes the Description from what was measured on the way. `tiles`
    are made meanwhile, by other processes, into the same folder.
    """
    if protected.shapes is not None:
        # GeoJSON's right-hand rule (RFC 7946, 3.1.6). GEOS makes clockwise shells, for example of merged squares.
        protected = replace(protected, shapes=shapely.orient_polygons(protected.shapes))
    with tiles or nullcontext():
        description = _write_features(folder, protected, describe)
    # In the order of the registry: fields are shown in it.
    described = description.model_dump(mode="json")
    facts = files.digests(folder, but="rendition.json")
    # Of tiles, what they are made of: that it is in them, tests hold.
    own = {name: each for name, each in facts.items() if not name.startswith("tiles.")}
    made = tiles.record if tiles else None
    name = sha256(orjson.dumps([described, FORMAT, own, made and made["key"]])).hexdigest()[:24]
    digests = np.load(folder / "digests.npy")
    files.write_record(folder / "rendition.json",
                       {"id": name, "format": FORMAT, "digest": state_digest(protected.table["id"], digests),
                        "description": described, "tiles": made, "files": facts})
    return name


def _write_features(folder: Path, protected: Protected, describe: Any) -> Description:
    table, shapes = protected.table, protected.shapes
    for name, system in MAPPED.items():
        _write_texts(folder, name, protected, system)
    boxes = np.full((len(table), 4), np.nan) if shapes is None else shapely.bounds(shapes)
    _write_array(folder / "boxes.npy", boxes)
    _write_ids(folder / "ids.npy", table["id"])
    _write_array(folder / "digests.npy", _text_digests(folder))
    _write_columns(folder / "attributes.arrow", table)
    _write_columns(folder / "geometry.arrow", pa.table({"geometry": pa.array(
        [None] * len(table) if shapes is None else shapely.to_wkb(shapes), pa.large_binary())}))
    description: Description = describe(*_extents(boxes, shapes))
    return description


def state_digest(ids: Any, digests: Any) -> str:
    """Digest of all features, whatever their order, that a reader can make again from the features themselves.

    It is the SHA-256 of the lines `id TAB digest LF`, in the order of the bytes of the id, where `digest` is that of
    the feature's GeoJSON text in EPSG:27700, as hexadecimal. `digests` is uint8 (n, 32), in the order of `ids`.
    """
    written = ids.combine_chunks().cast(pa.large_string()) if isinstance(ids, pa.ChunkedArray) else ids
    order = np.asarray(pc.sort_indices(written))
    lines = sha256()
    for start in range(0, len(order), BATCH):
        chosen = order[start: start + BATCH]
        for feature_id, digest in zip(written.take(pa.array(chosen)).to_pylist(), digests[chosen], strict=True):
            lines.update(f"{feature_id}\t{digest.tobytes().hex()}\n".encode())
    return lines.hexdigest()


def _text_digests(folder: Path) -> Any:
    offsets = np.load(folder / "offsets.27700.npy")
    made = np.empty((len(offsets) - 1, 32), np.uint8)
    # In stretches, and not mapped: the memory stays that of one stretch.
    with (folder / "features.27700.json").open("rb") as file:
        for start in range(0, len(made), BATCH):
            stretch = offsets[start: start + BATCH + 1].tolist()
            text = memoryview(file.read(stretch[-1] - stretch[0]))
            for row, (begin, end) in enumerate(pairwise(stretch), start):
                digest = sha256(text[begin - stretch[0]: end - stretch[0] - 1]).digest()
                made[row] = np.frombuffer(digest, np.uint8)
    return made


def _write_texts(folder: Path, name: str, protected: Protected, system: crs.Crs) -> None:
    table, shapes = protected.table, protected.shapes
    offsets, begin = [np.zeros(1, np.uint64)], 0
    with (folder / f"features.{name}.json").open("wb") as file:
        for start in range(0, len(table), BATCH):
            batch = texts.features(table.slice(start, BATCH), protected.fields,
                                   None if shapes is None else shapes[start:start + BATCH], system)
            ends = np.frombuffer(batch.buffers()[1], np.int64)[batch.offset + 1: batch.offset + len(batch) + 1]
            first = int(np.frombuffer(batch.buffers()[1], np.int64)[batch.offset])
            file.write(memoryview(batch.buffers()[2])[first: int(ends[-1])])
            offsets.append((ends - first + begin).astype(np.uint64))
            begin = int(offsets[-1][-1])
    _write_array(folder / f"offsets.{name}.npy", np.concatenate(offsets))


def _write_ids(path: Path, ids: Any) -> None:
    made = np.array([id_digest(value) for value in ids.to_pylist()], np.uint64)
    order = np.argsort(made, kind="stable")
    _write_array(path, np.stack([made[order], order.astype(np.uint64)]))


def _write_array(path: Path, array: Any) -> None:
    # By way of memory: numpy, writing to a file itself, does not say when the disk is full.
    written = io.BytesIO()
    np.save(written, array)
    path.write_bytes(written.getbuffer())


def _write_columns(path: Path, table: pa.Table) -> None:
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_string(column.type) and pc.count_distinct(column).as_py() <= DICTIONARY_SHARE * len(column):
            column = column.dictionary_encode()
        columns[name] = column
    whole = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)


def _extents(boxes: Any, shapes: Any) -> tuple[Box | None, Box | None]:
    if shapes is None or not len(boxes):
        return None, None
    west, south = np.nanmin(boxes[:, :2], axis=0).tolist()
    east, north = np.nanmax(boxes[:, 2:], axis=0).tolist()
    # The edges of the box bend in degrees: points along them are followed, not its corners.
    along, up = np.linspace(west, east, 201), np.linspace(south, north, 201)
    edges = [(along, np.full_like(along, y)) for y in (south, north)]
    edges += [(np.full_like(up, x), up) for x in (west, east)]
    outline = shapely.multipoints(np.concatenate([np.column_stack(edge) for edge in edges]))
    degrees = crs.served(outline, crs.CRS84).bounds
    grid: Box = (west, south, east, north)
    lonlat: Box = (float(degrees[0]), float(degrees[1]), float(degrees[2]), float(degrees[3]))
    return grid, lonlat
