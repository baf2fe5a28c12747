"""A rendition, opened for reading: its files are mapped, and a run of neighbours is one slice of them."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from hantsmap.errors import DamagedError
from hantsmap.layer import Field
from hantsmap.rendition.description import Description
from hantsmap.rendition.writing import FORMAT, MAPPED, id_digest
from hantsmap.store import files
from hantsmap.tiles import Tiles, opened

Positions = NDArray[np.intp]
# Positions in any order; neighbours in their order are told by their ends.
Places = Positions | range
# Features to a block: those of one lie close together, as the order is that of a Hilbert curve.
BLOCK = 128


class Rendition:
    """One grant's view of one edition. Positions count from 0 in the order of the files, which is the order served."""

    def __init__(self, folder: Path) -> None:
        """Open the rendition at a folder. Raises DamagedError when a file is missing or of the wrong size."""
        record = files.read_record(folder / "rendition.json")
        if record.get("format") != FORMAT:
            raise DamagedError(f"{folder} is a rendition of another version. Publish the layer again.")
        self.folder = folder
        self.id: str = record["id"]
        self.digest: str = record["digest"]
        self._tiles: Mapping[str, Any] | None = record["tiles"]
        self.files: Mapping[str, Mapping[str, Any]] = record["files"]
        files.check(folder, self.files, thorough=False)
        self.description = Description.model_validate(record["description"])
        self.fields: Mapping[str, Field] = self.description.fields
        self.count = self.description.count
        self.geometry_type = self.description.geometry
        self._maps: list[mmap.mmap | bytes] = []
        self._read = False

    @cached_property
    def _attributes(self) -> pa.Table:
        return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._map("attributes.arrow")))).read_all()

    @cached_property
    def _geometry(self) -> pa.Table:
        return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._map("geometry.arrow")))).read_all()

    @cached_property
    def _boxes(self) -> NDArray[np.float64]:
        return self._array("boxes.npy")

    @cached_property
    def _placed(self) -> NDArray[np.bool_]:
        return ~np.isnan(self._boxes[:, 0])

    @cached_property
    def _blocks(self) -> NDArray[np.float64]:
        """Bounds of each run of BLOCK neighbours. Few of them meet a box; only in those the features are looked at."""
        if not self.count:
            return np.zeros((0, 4))
        starts = np.arange(0, self.count, BLOCK)
        least, most = np.fmin.reduceat(self._boxes, starts), np.fmax.reduceat(self._boxes, starts)
        return np.column_stack((least[:, :2], most[:, 2:]))

    @cached_property
    def _ids(self) -> NDArray[np.uint64]:
        return self._array("ids.npy")

    @cached_property
    def _texts(self) -> Mapping[str, tuple[memoryview, NDArray[np.uint64]]]:
        return {system.uri: (memoryview(self._map(f"features.{name}.json")), self._array(f"offsets.{name}.npy"))
                for name, system in MAPPED.items()}

    def _array(self, name: str) -> NDArray[Any]:
        file = self._map(name)
        version = np.lib.format.read_magic(file)
        shape, fortran, kind = np.lib.format.read_array_header_1_0(file) if version == (1, 0) \
            else np.lib.format.read_array_header_2_0(file)
        return np.frombuffer(file, kind, offset=file.tell()).reshape(shape, order="F" if fortran else "C")

    def _map(self, name: str) -> Any:
        path = self.folder / name

        def read() -> mmap.mmap | bytes:
            with path.open("rb") as file:
                # An empty file cannot be mapped.
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""

        try:
            mapped = files.retried(read)
        except OSError as fault:
            raise files.unreadable(path, fault) from fault
        self._maps.append(mapped)
        return mapped

    def let_go(self) -> None:
        """Give back what was read of the files since this was last called: the system keeps it for whoever reads next.

        A process that has read the whole of a layer is then no larger than before.
        """
        for archive in self.tiles.archives.values() if "tiles" in self.__dict__ and self.tiles else ():
            archive.let_go()
        if not self._read:
            return
        self._read = False
        for mapped in self._maps:
            if isinstance(mapped, mmap.mmap):
                mapped.madvise(mmap.MADV_DONTNEED)
        # What filters took for a moment, Arrow would keep for the next one.
        pa.default_memory_pool().release_unused()

    @cached_property
    def digests(self) -> NDArray[np.uint8]:
        """SHA-256 of the features' texts in EPSG:27700, by position: uint8 (n, 32)."""
        return self._array("digests.npy")

    @cached_property
    def tiles(self) -> Tiles | None:
        """Its vector tiles; None where the layer has none."""
        return opened(self.folder, self._tiles) if self._tiles else None

    @property
    def ids(self) -> pa.ChunkedArray:
        """Ids of the features, by position."""
        return self._attributes["id"]

    def column(self, name: str) -> pa.ChunkedArray:
        """A field's values, by position."""
        self._read = True
        return self._attributes[name]

    def boxes(self) -> NDArray[np.float64]:
        """Bounds of the features: float64 (n, 4), EPSG:27700 metres, NaN where there is no geometry."""
        return self._boxes

    def placed(self) -> NDArray[np.bool_]:
        """Which features have a geometry: bool (n,)."""
        return self._placed

    def near(self, bounds: NDArray[np.float64]) -> Positions:
        """Positions, in order, of the features whose box meets `bounds` (minx, miny, maxx, maxy in EPSG:27700)."""
        self._read = True
        blocks = np.flatnonzero(_meet(self._blocks, bounds))
        positions = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        positions = positions[: np.searchsorted(positions, self.count)]
        return positions[_meet(self._boxes[positions], bounds)]

    def geometries(self, positions: Positions) -> NDArray[Any]:
        """Geometries (shapely, EPSG:27700 metres, x, y) at some positions."""
        self._read = True
        return np.asarray(shapely.from_wkb(self._geometry["geometry"].take(pa.array(positions)).to_numpy()))

    def wkb(self, positions: Positions) -> pa.ChunkedArray:
        """Geometries as WKB in EPSG:27700, null where there is none, at some positions."""
        self._read = True
        return self._geometry["geometry"].take(pa.array(positions))

    def position(self, feature_id: str) -> int | None:
        """Position of the feature with this id, or None."""
        self._read = True
        digests, positions = self._ids
        wanted = np.uint64(id_digest(feature_id))
        at = int(np.searchsorted(digests, wanted))
        while at < len(digests) and digests[at] == wanted:
            if str(self.ids[int(positions[at])]) == feature_id:
                return int(positions[at])
            at += 1
        return None

    def has_texts(self, uri: str) -> bool:
        """Whether features lie written in this reference system."""
        return uri in self._texts

    def mean_bytes(self, uri: str) -> float:
        """Bytes of a feature's text in this reference system, on average."""
        return len(self._texts[uri][0]) / max(1, self.count)

    def slices(self, uri: str, positions: Places) -> Iterator[memoryview]:
        """GeoJSON texts of features, comma-separated without a last comma: one slice for each run of neighbours."""
        self._read = True
        text, offsets = self._texts[uri]
        if not len(positions):
            return
        if isinstance(positions, range):
            starts, ends = [positions[0]], [positions[-1]]
        else:
            breaks = np.flatnonzero(np.diff(positions) != 1) + 1
            starts = positions[np.concatenate(([0], breaks))].tolist()
            ends = positions[np.concatenate((breaks - 1, [len(positions) - 1]))].tolist()
        for first, last in zip(starts[:-1], ends[:-1], strict=True):
            yield text[int(offsets[first]): int(offsets[last + 1])]
        # Each text ends with its comma: only that of the last one is left out.
        yield text[int(offsets[starts[-1]]): int(offsets[ends[-1] + 1]) - 1]

    def features(self, uri: str, positions: Positions) -> Iterator[memoryview]:
        """GeoJSON texts of features, one by one, without their commas, in the order of the positions."""
        self._read = True
        text, offsets = self._texts[uri]
        for first, end in zip(offsets[positions].tolist(), offsets[positions + 1].tolist(), strict=True):
            yield text[first: end - 1]

    def verify(self) -> None:
        """Raise DamagedError when a file is not, byte for byte, what was written."""
        files.whole(self.folder, "rendition.json")


def _meet(boxes: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    left, bottom, right, top = bounds
    found: NDArray[np.bool_] = boxes[:, 0] <= right
    found &= boxes[:, 2] >= left
    found &= boxes[:, 1] <= top
    found &= boxes[:, 3] >= bottom
    return found
