"""The contents of files as buffers to search: as they are and, of compressed formats, unpacked."""

from __future__ import annotations

import gzip
import io
import mmap
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pmtiles.reader import MemorySource, all_tiles

from hantsmap.erasure.needles import values_of

# An archive in an archive in an archive is deep enough for every format that is offered.
DEEPEST = 3


def streams(path: Path) -> Iterator[Any]:
    """Buffers (bytes or a memory map) that together hold all that is written in a file: first the file itself.

    Raises OSError when it cannot be read. A file that looks compressed and cannot be unpacked is given as it is.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped
            yield from _unpacked(mapped, DEEPEST)


def _unpacked(raw: Any, depth: int) -> Iterator[Any]:
    head = bytes(raw[:16])
    broken = (zipfile.BadZipFile, pa.ArrowException, OSError, EOFError, zlib.error, sqlite3.Error, ValueError, KeyError)
    with suppress(*broken):
        if head.startswith(b"PAR1"):
            yield from _columns(pq.ParquetFile(pa.BufferReader(_bytes(raw))).iter_batches())
        elif head.startswith(b"ARROW1"):
            reader = pa.ipc.open_file(pa.BufferReader(_bytes(raw)))
            yield from _columns(reader.get_batch(number) for number in range(reader.num_record_batches))
        elif head.startswith(b"SQLite format 3"):
            yield from _cells(_bytes(raw))
        elif head.startswith(b"PMTiles"):
            for _, tile in all_tiles(MemorySource(_bytes(raw))):  # type: ignore[no-untyped-call]  # pmtiles has no types
                yield gzip.decompress(tile) if tile.startswith(b"\x1f\x8b") else tile
        elif depth and head.startswith(b"\x1f\x8b"):
            yield from _deeper(gzip.decompress(_bytes(raw)), depth)
        elif depth and head.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(_bytes(raw))) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    yield from _deeper(archive.read(name), depth)


def _deeper(raw: bytes, depth: int) -> Iterator[Any]:
    yield raw
    yield from _unpacked(raw, depth - 1)


def _columns(batches: Any) -> Iterator[bytes]:
    for batch in batches:
        for column in batch.columns:
            yield values_of(column)


def _cells(raw: bytes) -> Iterator[bytes]:
    """Every cell of every table: values that the pages of the file split are whole here."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as copy:
        copy.write(raw)
        copy.flush()
        with closing(sqlite3.connect(f"file:{copy.name}?mode=ro&immutable=1", uri=True)) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                with suppress(sqlite3.Error):
                    quoted = name.replace('"', '""')
                    for row in database.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 - a name of the file itself
                        yield b"\0".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def _bytes(raw: Any) -> bytes:
    return raw if isinstance(raw, bytes) else bytes(raw[:])
