"""Where a file source is: found under the data folder, with all the files that belong to it, and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hantsmap.errors import SourceError
from hantsmap.sources.case import fault

CHUNK = 1 << 20
VECTOR = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gml": "GML",
    ".gdb": "file geodatabase",
    ".fgb": "FlatGeobuf",
    ".parquet": "GeoParquet",
}
TABLES = {".csv": "CSV", ".xlsx": "Excel"}
KNOWN = {**VECTOR, **TABLES, ".zip": "zip"}
# What else belongs to a file of the name: the parts of a Shapefile, and a GeoPackage's edits not yet folded in.
_BESIDE = {".shp": (".shx", ".dbf", ".prj", ".cpg"), ".gpkg": (".gpkg-wal",)}


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size in bytes and time of change in nanoseconds: while both stay, the file is taken to be the same."""

    size: int
    mtime_ns: int


def found(layer: str, file: str, data: Path) -> Path:
    """The path of a file or folder that the registry names. Raises SourceError when it is not in the data folder."""
    relative = Path(file)
    # By the words alone: a symbolic link that an operator puts into the data folder is his own business.
    if relative.is_absolute() or ".." in relative.parts:
        raise fault(
            layer, file, "is not inside the data folder. Put it, or a link to it, there and name it from there."
        )
    path = data / relative
    if not path.exists():
        raise fault(layer, file, _missing(path, data))
    suffix = path.suffix.lower()
    if suffix not in KNOWN:
        raise fault(layer, file, f"is of a kind that is not read. Supply it as one of {', '.join(KNOWN)}.")
    if path.is_dir() != (suffix == ".gdb"):
        told = "is not a folder, as a file geodatabase is" if suffix == ".gdb" else "is a folder"
        raise fault(layer, file, f"{told}. Name the data itself.")
    return path


def _missing(path: Path, data: Path) -> str:
    if not data.is_dir():
        return "is not there, and neither is the data folder. Point the data setting at the folder that holds it."
    if path.parent.is_dir():
        twin = next((other.name for other in path.parent.iterdir() if other.name.lower() == path.name.lower()), None)
        if twin:
            return f"is not there, but `{twin}` is. Write the name with the same capitals."
    return "is not there. Put it into the data folder, or correct `file` in the registry."


def parts(path: Path) -> list[Path]:
    """Every file that the data at `path` is made of, the one named first."""
    if path.is_dir():
        return sorted(inner for inner in path.rglob("*") if inner.is_file() and inner.suffix != ".lock")
    wanted = {path.stem.lower() + suffix for suffix in _BESIDE.get(path.suffix.lower(), ())}
    beside = sorted(other for other in path.parent.iterdir() if other.name.lower() in wanted) if wanted else []
    return [path, *beside]


def stamp(path: Path) -> Stamp:
    """Size and time of one file."""
    status = path.stat()
    return Stamp(status.st_size, status.st_mtime_ns)


def sha256_of(path: Path) -> str:
    """Hash of one file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def combined(hashes: Sequence[tuple[str, str]]) -> str:
    """One hash for several files, each given as (name, sha256); a lone file keeps its own."""
    if len(hashes) == 1:
        return hashes[0][1]
    return hashlib.sha256("\n".join(f"{name} {value}" for name, value in hashes).encode()).hexdigest()


def modified(paths: Sequence[Path]) -> str:
    """When the newest of the files changed, as an ISO 8601 instant in UTC."""
    newest = max((path.stat().st_mtime for path in paths), default=0.0)
    return datetime.fromtimestamp(newest, UTC).isoformat(timespec="seconds")


def unchanged(layer: str, place: str, before: dict[Path, Stamp], path: Path) -> SourceError | None:
    """An error to raise when the files were written to while they were read; None when they were not."""
    if {part: stamp(part) for part in parts(path)} == before:
        return None
    return fault(layer, place, "changed while it was being read. Wait until it is written, and run again.")
