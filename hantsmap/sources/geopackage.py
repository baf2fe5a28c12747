"""What a GeoPackage is made of, looked at before GDAL opens it: its tables hold data, and nothing in it runs SQL."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from hantsmap.sources.case import Case, listed

# Indexes that SQLite keeps as virtual tables; any other module could reach outside the file.
_INDEX = re.compile(r"create\s+virtual\s+table\s.*?\susing\s+(rtree|fts[345])\b", re.IGNORECASE | re.DOTALL)
_VIRTUAL = re.compile(r"create\s+virtual\s+table\b", re.IGNORECASE)
# Of PRAGMA table_xinfo: a column that is computed when it is read, or when it is written.
_GENERATED = (2, 3)


def check_tables(case: Case, path: Path) -> None:
    """Raises SourceError for a GeoPackage with views, computed columns, or virtual tables that are not indexes.

    Reading any of them runs SQL of the file's author, which can take all time and memory, or reach other files.
    """
    try:
        with closing(_opened(path)) as database:
            _check(case, database)
    except sqlite3.Error as error:
        raise case.fault(f"cannot be read as GeoPackage: {error}. Look at it in QGIS and save it again.") from error


def _opened(path: Path) -> sqlite3.Connection:
    address = path.resolve().as_uri()
    try:
        database = sqlite3.connect(f"{address}?mode=ro", uri=True)
        database.execute("select count(*) from sqlite_master")
    except sqlite3.OperationalError:
        # A file with a journal, in a folder that may not be written to.
        database = sqlite3.connect(f"{address}?immutable=1", uri=True)
    return database


def _check(case: Case, database: sqlite3.Connection) -> None:
    found = database.execute("select type, name, coalesce(sql, '') from sqlite_master").fetchall()
    views = [name for kind, name, _ in found if kind == "view"]
    if views:
        raise case.fault(
            f"holds {_count(len(views), 'view')} ({listed(views, 5)}). Only tables are read. Export the layer: "
            "ogr2ogr tables.gpkg views.gpkg LAYER."
        )
    for kind, name, text in found:
        if kind != "table":
            continue
        if _VIRTUAL.match(text):
            if not _INDEX.match(text):
                raise case.fault(f"holds the virtual table `{name}`, which is refused. Export the layer as a table.")
            continue
        quoted = '"' + name.replace('"', '""') + '"'
        computed = [row[1] for row in database.execute(f"pragma table_xinfo({quoted})") if row[6] in _GENERATED]
        if computed:
            raise case.fault(f"computes {listed(computed, 5)} of `{name}` as it is read. Export the layer as a table.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
