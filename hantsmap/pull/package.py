"""A GeoPackage that is kept in step: each state of a layer is one transaction, so that it is there whole or not at all.

    hantsmap_pull          a row for each layer: address, sequence, digest of the state, fields, time
    hantsmap_pull_texts    SHA-256 of the text of each feature, by which a state is checked
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from hantsmap.errors import PackageError
from hantsmap.pull.service import State
from hantsmap.pull.table import OutOfStepError, Table, bound, lay, quoted, template

BATCH = 5_000
WAIT_S = 60
OURS = """
CREATE TABLE IF NOT EXISTS hantsmap_pull (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, layer TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL, sequence INTEGER NOT NULL, digest TEXT NOT NULL, fields TEXT NOT NULL, pulled_at DATETIME);
CREATE TABLE IF NOT EXISTS hantsmap_pull_texts (layer TEXT NOT NULL, id TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (layer, id)) WITHOUT ROWID;
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, srs_id)
    VALUES ('hantsmap_pull', 'attributes', 'hantsmap_pull', 0)
"""
BLANK = "INSERT OR IGNORE INTO hantsmap_pull (layer, url, sequence, digest, fields) VALUES (?, '', 0, '', '')"
SPLIT = b',"feature":'


@dataclass(frozen=True, slots=True)
class Held:
    """What the file holds of a layer: where it came from, its state, and the table that it lies in."""

    url: str
    sequence: int
    table: str


class Package:
    """A GeoPackage, made when it is first written. Raises PackageError when it is none, or is held by others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with self._saying_why():
            if self.path.exists():
                self.file = _opened(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def held(self, layer: str) -> Held | None:
        """What is held of a layer; None for nothing. Raises PackageError when the name is taken by another table."""
        if self.file is None:
            return None
        with self._saying_why():
            row = self.file.execute("SELECT url, sequence, fields FROM hantsmap_pull WHERE layer = ?",
                                    (layer,)).fetchone() if _has(self.file, "hantsmap_pull") else None
            if row is None and _has(self.file, layer):
                raise PackageError(f"{self.path} has a table `{layer}` that this command did not make. Point --into at "
                                   "another file.")
            return None if row is None else Held(*row)

    def snapshot(self, table: Table, url: str, lines: BinaryIO, state: State) -> None:
        """Replace all that is held of a layer. Raises OutOfStepError, and changes nothing, when it is not the state."""
        if self.file is None:
            self._begin(table)
        with self._transaction() as file:
            lay(file, table)
            for statement in OURS.split(";"):
                file.execute(statement)
            file.execute("DELETE FROM hantsmap_pull_texts WHERE layer = ?", (table.layer,))
            self._write(file, table, lines)
            self._settle(file, table, url, state)

    def change(self, table: Table, url: str, lines: BinaryIO, state: State) -> None:
        """Apply changes. Raises OutOfStepError when they do not lead to the state; then nothing changes."""
        with self._transaction() as file:
            self._write(file, table, lines)
            self._settle(file, table, url, state)

    def _begin(self, table: Table) -> None:
        """A new file, put in place whole, with the table still empty."""
        with self._saying_why(), tempfile.TemporaryDirectory(dir=self.path.parent, prefix=".hantsmap-") as folder:
            made = template(table, Path(folder))
            with sqlite3.connect(made, isolation_level=None) as file:
                file.executescript(OURS)
                file.execute(BLANK, (table.layer,))
            file.close()
            made.replace(self.path)
            self.file = _opened(self.path)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self.file is None:
            raise PackageError(f"{self.path} is not there any more.")
        file = self.file
        with self._saying_why():
            file.execute("BEGIN IMMEDIATE")
            try:
                yield file
                file.execute("COMMIT")
            except BaseException:
                if file.in_transaction:
                    file.execute("ROLLBACK")
                raise

    @contextmanager
    def _saying_why(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            raise PackageError(f"{self.path} cannot be kept in step ({fault}). It stays as it was.") from fault

    def _write(self, file: sqlite3.Connection, table: Table, lines: BinaryIO) -> None:
        layer, names = table.layer, [quoted(name) for name in table.columns]
        marks, news = ", ".join("?" * len(names)), ", ".join(f"{name} = ?" for name in names)
        # Not one statement for both: its rule for conflicts would reach into the triggers of the spatial index.
        put = {"insert": f"INSERT INTO {quoted(layer)} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 - quoted
               "update": f"UPDATE {quoted(layer)} SET {news} WHERE {names[0]} = ?"}  # noqa: S608
        drop = f"DELETE FROM {quoted(layer)} WHERE {names[0]} = ?"  # noqa: S608
        while batch := list(islice(lines, BATCH)):
            gone, changed, texts = _read(batch)
            file.executemany(drop, gone)
            file.executemany("DELETE FROM hantsmap_pull_texts WHERE layer = ? AND id = ?",
                             ((layer, *name) for name in gone))
            try:
                file.executemany(put["insert"], table.rows(changed["insert"]))
            except sqlite3.IntegrityError:
                raise OutOfStepError(f"{layer}: {self.path} has features that are new to it.") from None
            file.executemany(put["update"], ((*row, row[0]) for row in table.rows(changed["update"])))
            file.executemany("INSERT OR REPLACE INTO hantsmap_pull_texts VALUES (?, ?, ?)",
                             ((layer, *text) for text in texts))

    def _settle(self, file: sqlite3.Connection, table: Table, url: str, state: State) -> None:
        """Check what is held against the state, by count and digest, and note it."""
        layer, name = table.layer, quoted(table.id_column)
        rows, = file.execute(f"SELECT count(*) FROM {quoted(layer)}").fetchone()  # noqa: S608
        known, = file.execute(f"SELECT count(*) FROM {quoted(layer)} AS f JOIN hantsmap_pull_texts AS t "  # noqa: S608
                              f"ON t.layer = ? AND t.id = f.{name}", (layer,)).fetchone()
        digest = hashlib.sha256()
        for feature_id, text in file.execute("SELECT id, sha256 FROM hantsmap_pull_texts WHERE layer = ? ORDER BY id",
                                             (layer,)):
            digest.update(f"{feature_id}\t{text}\n".encode())
        if (rows, known, digest.hexdigest()) != (state.features, state.features, state.digest):
            raise OutOfStepError(f"{layer}: {self.path} would hold {rows:,} features and the service says "
                                 f"{state.features:,}, or they are not the same ones.")
        if table.shape_column:
            file.execute(
                f"UPDATE gpkg_contents SET (min_x, max_x, min_y, max_y) = (SELECT min(minx), max(maxx), min(miny), "  # noqa: S608
                f"max(maxy) FROM {quoted(f'rtree_{layer}_{table.shape_column}')}), "
                "last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?", (layer,))
        file.execute(BLANK, (layer,))
        file.execute("UPDATE hantsmap_pull SET url = ?, sequence = ?, digest = ?, fields = ?, "
                     "pulled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE layer = ?",
                     (url, state.sequence, state.digest, table.written, layer))


def _opened(path: Path) -> sqlite3.Connection:
    """A GeoPackage with the functions that the triggers of a spatial index call: GDAL has them, SQLite has not."""
    file = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    if not _has(file, "gpkg_contents"):
        raise PackageError(f"{path} is no GeoPackage. Point --into at another file.")
    file.create_function("ST_IsEmpty", 1, lambda blob: int(bool(blob[3] & 0x10)), deterministic=True)
    for at, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        file.create_function(name, 1, partial(bound, at), deterministic=True)
    return file


def _has(file: sqlite3.Connection, table: str) -> bool:
    return file.execute("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = ?",
                        (table.lower(),)).fetchone() is not None


def _read(batch: list[bytes]) -> tuple[list[tuple[str]], dict[str, list[Any]], list[tuple[str, str]]]:
    """Of lines of changes: ids of what is gone; features by what is done to them; ids, and the digests of the texts."""
    gone: list[tuple[str]] = []
    changed: dict[str, list[Any]] = {"insert": [], "update": []}
    texts = []
    for line in batch:
        change = orjson.loads(line)
        name = str(change["id"])
        if change["op"] == "delete":
            gone.append((name,))
            continue
        changed[change["op"]].append(change["feature"])
        # Its members stand in one order, and in JSON no text can hold an unescaped quote.
        text = line.split(SPLIT, 1)[1].rstrip(b"\n")[:-1]
        texts.append((name, hashlib.sha256(text).hexdigest()))
    return gone, changed, texts
