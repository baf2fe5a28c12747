"""Tiles on the wire (OGC 20-057): a tile of a layer, or of several layers as one.

Tiles were made when the layer was published, compressed; a tile of one layer goes out as it lies there. The layers of a
Mapbox Vector Tile stand one after another, so that tiles of several are joined by putting them one after another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from isal import igzip

from hantsmap.catalogue import Entry
from hantsmap.errors import QueryError
from hantsmap.query.asking import check_known
from hantsmap.tiles import MATRIX_SETS, MatrixSet
from server import replies, tilesets
from server.answer import Answer
from server.doorkeeper import Reading
from server.errors import NotFound
from server.items import entry
from server.links import MVT
from server.modified import dated, last_modified
from server.negotiation import chosen_form
from server.spool import GZIP_LEVEL
from server.visit import Visit

TILE_FORM = "mvt"
# Joined tiles are kept, up to so many bytes: a class looks at one town.
MOST_KEPT = 32 << 20


class Place(NamedTuple):
    """Where a tile is: of one layer, or of several where `layer` is None. The address is not understood yet."""

    layer: str | None
    matrix: str
    zoom: str
    row: str
    column: str


class _Joined:
    """Joined tiles, the ones not asked for longest forgotten first. Their keys are digests of what is in them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._size = 0

    def tile(self, key: tuple[str, ...], parts: list[bytes]) -> bytes:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = igzip.compress(b"".join(map(replies.unpacked, parts)), compresslevel=GZIP_LEVEL, mtime=0)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > MOST_KEPT:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made


_joined = _Joined()


def place(path: str) -> Place | None:
    """The tile that a path leads to, or None where it leads to something else."""
    steps = path.removesuffix("/").split("/")
    if len(steps) == 8 and steps[:2] == ["", "collections"] and steps[3] == "tiles" and all(steps[1:]):
        return Place(steps[2], *steps[4:])
    if len(steps) == 6 and steps[:2] == ["", "tiles"] and all(steps[1:]):
        return Place(None, *steps[2:])
    return None


def answer(visit: Visit, asked: Place) -> Answer:
    """A tile: 200, 204 where nothing is drawn, 304. Raises NotFound for what is no tile of this viewer's."""
    # Before anything else is said of the question: a layer that is hidden and one that never was are the same.
    entries = asked_for(visit, asked.layer)
    check_known(visit.request.parameters, ("f", "v") if asked.layer is not None else ("f", "v", "collections"))
    chosen_form(visit.request, (TILE_FORM,))
    matrix = matrix_of(asked.matrix)
    zoom, row, column = (_number(step) for step in (asked.zoom, asked.row, asked.column))
    if not matrix.holds(zoom, row, column):
        raise NotFound(f"There is no tile {asked.zoom}/{asked.row}/{asked.column} in {matrix.id}: see "
                       f"{visit.base}/tileMatrixSets/{matrix.id}.")
    first, _ = tilesets.zooms_of(entries, matrix)
    limits = tilesets.limits_of(entries, matrix, zoom)
    if zoom < first or (limits is not None and not limits.hold(row, column)):
        raise NotFound(f"The tile {asked.zoom}/{asked.row}/{asked.column} is outside these tiles: see "
                       f"`tileMatrixSetLimits` in their tile set.")
    for found in entries:
        last = tilesets.tiles_of(found).zooms[matrix.id]["maxzoom"]
        if zoom > last:
            raise NotFound(f"The tiles of {found.layer} end at zoom {last}: draw those larger.")
    version = visit.request.first("v")
    passed = version is not None and version != "-".join(tilesets.tiles_of(found).version for found in entries)
    keys = [part for found in entries for part in (found.layer, tilesets.tiles_of(found).key)]
    where = (matrix.id, str(zoom), str(row), str(column))
    tag = replies.etag(visit, "tile", *where, *keys)
    modified = last_modified(entries)
    unchanged = replies.not_modified(visit, tag, modified)
    if unchanged is not None:
        return _cached(visit, dated(unchanged, modified), passed)
    if not all(tilesets.tiles_of(found).at_hand(matrix) for found in entries):
        visit.takes_long()
    parts = {found.layer: made for found in entries
             if (made := tilesets.tiles_of(found).tile(matrix, zoom, row, column)) is not None}
    if not parts:
        return _cached(visit, dated(replies.finished(visit, Answer(204), tag), modified), passed)
    visit.has_read(Reading(found, 0, "tile") for found in entries if found.layer in parts)
    whole = next(iter(parts.values())) if len(parts) == 1 else _joined.tile((*where, *keys), list(parts.values()))
    return _cached(visit, dated(replies.packed(visit, whole, MVT, tag), modified), passed)


def _cached(visit: Visit, made: Answer, passed: bool) -> Answer:
    """For everybody, a tile may be shown again for some minutes before anybody asks whether it is still the same.

    At the address of a version that has passed it is kept by nobody: that version may be published again.
    """
    if visit.shared:
        made.set(*(replies.PASSED_CACHING if passed else replies.TILE_CACHING))
    return made


def asked_for(visit: Visit, layer: str | None) -> list[Entry]:
    """The entries that a tile is of, in the order asked for. Raises NotFound where one has none, or is not there."""
    if layer is not None:
        return [tiled(visit, layer)]
    named = visit.request.parameters.get("collections")
    if named is None:
        return list(all_tiled(visit).values())
    names = named.split(",")
    if len(set(names)) != len(names):
        raise QueryError("Name each collection once in `collections`, with commas between.", "collections")
    return [tiled(visit, name) for name in names]


def tiled(visit: Visit, layer: str) -> Entry:
    """The viewer's entry for a layer with tiles. Raises NotFound."""
    found = entry(visit.catalogue, layer)
    if found.rendition.tiles is None:
        raise NotFound(f"There are no tiles of {layer}. Its features are at {visit.base}/collections/{layer}/items.")
    return found


def all_tiled(visit: Visit) -> dict[str, Entry]:
    """The viewer's entries that have tiles."""
    return {layer: found for layer, found in visit.catalogue.entries.items() if found.rendition.tiles is not None}


def matrix_of(name: str) -> MatrixSet:
    """A tile matrix set by its id. Raises NotFound."""
    if name not in MATRIX_SETS:
        raise NotFound(f"There is no tile matrix set `{name}`. There are {', '.join(MATRIX_SETS)}.")
    return MATRIX_SETS[name]


def _number(step: str) -> int:
    return int(step) if step.isascii() and step.isdigit() and len(step) < 10 else -1
