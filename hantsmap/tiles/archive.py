"""Reads archives of tiles (PMTiles 3): mapped, with the directory in arrays: a tile is one search and a slice."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pmtiles.tile import Compression, deserialize_directory, deserialize_header, zxy_to_tileid

from hantsmap.errors import DamagedError
from hantsmap.tiles.making import archive_name
from hantsmap.tiles.matrix import MATRIX_SETS, MatrixSet

HEADER = 127


class Archive:
    """One archive. Raises DamagedError when it is no archive of gzipped tiles."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._header: Any = deserialize_header(self._map[:HEADER])
        except Exception as fault:
            raise DamagedError(f"{path} is no archive of tiles ({fault}). Publish the layer again.") from fault
        if self._header["tile_compression"] is not Compression.GZIP:
            raise DamagedError(f"{path} holds tiles that are not compressed by gzip. Publish the layer again.")
        self._lock = threading.Lock()
        self._read = False

    @cached_property
    def _directory(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
        """First tile, length of the run of the same, place and bytes of each entry, in the order of tiles."""
        with self._lock:
            found = sorted(self._entries(self._header["root_offset"], self._header["root_length"]))
            first, run, place, size = np.array(found, np.uint64).reshape(-1, 4).T
            return first, run, place, size

    def _entries(self, place: int, length: int) -> list[tuple[int, int, int, int]]:
        found = []
        for each in deserialize_directory(self._map[place: place + length]):
            if each.run_length:
                start = self._header["tile_data_offset"] + each.offset
                found.append((each.tile_id, each.run_length, start, each.length))
            else:
                found += self._entries(self._header["leaf_directory_offset"] + each.offset, each.length)
        return found

    @property
    def at_hand(self) -> bool:
        """Whether the directory has been read."""
        return "_directory" in self.__dict__

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """The tile at a place of the program's world, compressed by gzip; None where there is nothing."""
        first, run, place, size = self._directory
        wanted = zxy_to_tileid(zoom, column, row)
        at = int(np.searchsorted(first, np.uint64(wanted), side="right")) - 1
        if at < 0 or wanted >= int(first[at]) + int(run[at]):
            return None
        start = int(place[at])
        self._read = True
        return self._map[start: start + int(size[at])]


    def let_go(self) -> None:
        """Give back what was read of the file since this was last called: the system keeps it for the next reader."""
        if self._read:
            self._read = False
            self._map.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of one rendition: `zooms` has the first and the last that there are, for each matrix set.

    A rendition without features has zooms and no archive.
    """

    key: str
    zooms: Mapping[str, Mapping[str, int]]
    archives: Mapping[str, Archive]

    @property
    def version(self) -> str:
        """Another as soon as any tile is another: eight hexadecimal figures."""
        return self.key[:8]

    def at_hand(self, matrix: MatrixSet) -> bool:
        """Whether a tile is found at once: the first search in an archive reads its directory."""
        archive = self.archives.get(matrix.id)
        return archive is None or archive.at_hand

    def tile(self, matrix: MatrixSet, zoom: int, row: int, column: int) -> bytes | None:
        """A tile, compressed by gzip; None where there is nothing."""
        archive = self.archives.get(matrix.id)
        return archive.tile(zoom + matrix.deeper, column, row) if archive else None


def opened(folder: Path, record: Mapping[str, Any]) -> Tiles:
    """The tiles of a rendition, by its folder and what its record says of them. Raises DamagedError."""
    paths = {name: folder / archive_name(name) for name in MATRIX_SETS}
    return Tiles(record["key"], record["zooms"], {name: Archive(path) for name, path in paths.items() if path.exists()})


class Tiled(Protocol):
    """What may have tiles."""

    @property
    def tiles(self) -> Tiles | None: ...

    @property
    def description(self) -> Any: ...


def told(rendition: Tiled) -> dict[str, Any] | None:
    """What a map has to know of the tiles of a rendition: zooms by matrix set, fields, version; None without any."""
    tiles = rendition.tiles
    if tiles is None:
        return None
    zooms = {name: dict(each) for name, each in tiles.zooms.items()}
    return {**zooms, "fields": list(rendition.description.tiles.fields), "version": tiles.version}
