"""PostGIS tables and views, read in one read-only snapshot. The connection URL is in the environment and nowhere else.

The fingerprint is a hash that the database computes over the text of every row. It reads the whole table there, though
nothing is sent here; the counters of pg_stat would be cheaper, but they are lost in a crash and a view has none.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hantsmap.errors import SourceError
from hantsmap.layer import Source
from hantsmap.sources.case import Case, listed

if TYPE_CHECKING:
    from hantsmap.sources.frames import Reading

CONNECT_S = 10
LOCK_S = 10.0
# The database ends what takes too long; where it does not answer at all, the connection is cut so much later.
GRACE_S = 10.0
# Sent as text: a value whose Python type pandas would not keep, or that has none.
_AS_TEXT = re.compile(r"(uuid|time|interval|inet|cidr|money|xml|name|bit|\w*range)\b(?!stamp)")
_DESCRIBE = """
    select a.attname, format_type(a.atttypid, null), a.atttypmod, t.typname
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped order by a.attnum
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its name and PostgreSQL type."""

    name: str
    type: str

    @property
    def spatial(self) -> bool:
        """True for PostGIS geometry and geography."""
        return self.type.rpartition(".")[2].strip('"') in ("geometry", "geography")


def shown(source: Source) -> str:
    """The place as a person may see it: the variable's name and the table, never the URL."""
    return f"${source.postgis} {source.layer or ''}".strip()


def fingerprint(case: Case) -> str:
    """Hash of the table's columns and rows, independent of their order. Raises SourceError."""
    with _connected(case) as connection:
        table, columns = _described(case, connection)
        return _hash(connection, table, columns)[0]


def read(case: Case) -> tuple[Reading, dict[str, Any]]:
    """Rows of `schema.table` with the CRS of its geometry column, and their provenance. Raises SourceError."""
    with _connected(case) as connection:
        table, columns = _described(case, connection)
        sha256, size = _hash(connection, table, columns)
        shape = _shape(case, columns)
        crs = _crs(case, connection, table, shape) if shape else None
        plain = [column for column in columns if not column.spatial]
        parts = [_selected(column) for column in plain]
        if shape:
            parts.append(sql.SQL("ST_AsEWKB({}::geometry)").format(sql.Identifier(shape.name)))
        query = sql.SQL("select {} from {} t").format(sql.SQL(", ").join(parts), table)
        rows = connection.execute(query).fetchall()
    reading = _framed(case, [column.name for column in plain], rows, shape is not None, crs)
    return reading, {
        "place": case.place, "driver": "PostGIS", "sha256": sha256, "bytes": size, "rows_read": len(rows),
    }  # fmt: skip


@contextmanager
def _connected(case: Case) -> Iterator[psycopg.Connection[Any]]:
    """A read-only snapshot. No error that comes out of here repeats what the driver says about the URL."""
    variable = case.source.postgis or ""
    url = os.environ.get(variable, "")
    if not url:
        raise case.fault(f"the environment variable {variable} is not set. Put the connection URL into it.")
    url = re.sub(r"^(postgres|postgresql|postgis)(\+\w+)?://", "postgresql://", url)
    failed: SourceError | None = None
    try:
        connection = psycopg.connect(url, connect_timeout=CONNECT_S, application_name="hantsmap")
    except psycopg.Error as error:
        failed = case.fault(_refusal(error, variable))
    if failed:
        raise failed  # Outside the handler, so that the driver's own words do not hang on it.
    seconds = _most_seconds()
    with _cut_after(connection, seconds + GRACE_S), connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            connection.execute(
                "set timezone to 'UTC'; set datestyle to 'ISO, YMD'; set extra_float_digits to 1; "
                f"set lock_timeout to {int(LOCK_S * 1000)}; set statement_timeout to {int(seconds * 1000)}")
            yield connection
        except psycopg.errors.LockNotAvailable:
            raise case.fault(f"another program has locked the table for {LOCK_S:g} seconds. Try later.") from None
        except psycopg.errors.QueryCanceled:
            raise case.fault(_too_long(seconds)) from None
        except psycopg.Error as error:
            if connection.broken:
                raise case.fault(_too_long(seconds)) from None
            # Once connected, the words are about tables and values, and hold no password.
            told = (error.diag.message_primary or type(error).__name__).rstrip(".")
            raise case.fault(f"the database says: {told}. Put that right there, or correct the registry.") from None


def _too_long(seconds: float) -> str:
    return (f"the database did not answer within {seconds:g} seconds, or broke the connection. Try later, or raise "
            "HANTSMAP_DATABASE_TIMEOUT_S.")


def _most_seconds() -> float:
    """How long one statement may take; the environment's HANTSMAP_DATABASE_TIMEOUT_S overrides 1,800 seconds."""
    said = os.environ.get("HANTSMAP_DATABASE_TIMEOUT_S", "")
    return float(said) if said.replace(".", "", 1).isdigit() and float(said) > 0 else 1800.0


@contextmanager
def _cut_after(connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Shut the socket of a connection down after some time: a database that is frozen never ends a statement."""

    def cut() -> None:
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _refusal(error: psycopg.Error, variable: str) -> str:
    told = str(error).lower()
    if isinstance(error, psycopg.ProgrammingError):
        return f"{variable} does not hold a connection URL. Write postgresql://user:password@host/database."
    if "authentication" in told or "no password" in told or ("role" in told and "exist" in told):
        return f"the database refuses the user or the password that {variable} holds. Correct it."
    if "database" in told and "does not exist" in told:
        return f"the server has no database of the name that {variable} holds. Correct it."
    return f"the database that {variable} names cannot be reached. See whether it runs, and try later."


def _described(case: Case, connection: psycopg.Connection[Any]) -> tuple[sql.Identifier, list[Column]]:
    name = case.source.layer
    if not name:
        raise case.fault("`layer` is missing. Name the table as `schema.table`.")
    parts = name.split(".")
    if len(parts) > 2 or not all(parts):
        raise case.fault(f"`layer: {name}` is not a table. Write `schema.table`.")
    table = sql.Identifier(*parts)
    oid = connection.execute("select to_regclass(%s)::oid", (table.as_string(connection),)).fetchone()
    if oid is None or oid[0] is None:
        tables = connection.execute(
            "select schemaname || '.' || relname from pg_stat_user_tables where relname <> 'spatial_ref_sys' order by 1"
        )
        raise case.fault(f"there is no such table. There are {listed([row[0] for row in tables])}.")
    found = connection.execute(_DESCRIBE, (oid[0],)).fetchall()
    return table, [Column(row[0], row[1]) for row in found]


def _hash(connection: psycopg.Connection[Any], table: sql.Identifier, columns: list[Column]) -> tuple[str, int]:
    query = sql.SQL(
        "select count(*), md5(string_agg(h, '' order by h)), coalesce(sum(size), 0)::bigint"
        " from (select md5(t::text) as h, octet_length(t::text) as size from {} t) as hashed"
    ).format(table)
    row = connection.execute(query).fetchone() or (0, None, 0)
    said = repr(([(column.name, column.type) for column in columns], row[0], row[1]))
    return hashlib.sha256(said.encode()).hexdigest(), int(row[2])


def _shape(case: Case, columns: list[Column]) -> Column | None:
    spatial = [column for column in columns if column.spatial]
    if case.layer.geometry == "none":
        return None
    if not spatial:
        raise case.fault("the table has no geometry column. Set the layer's `geometry: none`, or name another table.")
    if len(spatial) > 1:
        raise case.fault(f"it has several geometry columns: {listed([c.name for c in spatial])}. Name a view.")
    return spatial[0]


def _crs(case: Case, connection: psycopg.Connection[Any], table: sql.Identifier, shape: Column) -> str | None:
    """The reference system of the geometries themselves, which a column without one leaves open."""
    column = sql.Identifier(shape.name)
    query = sql.SQL("select distinct ST_SRID({0}::geometry) from {1} t where {0} is not null").format(column, table)
    found = [row[0] for row in connection.execute(query)]
    if len(found) > 1:
        raise case.fault(f"holds geometries in several reference systems ({', '.join(map(str, sorted(found)))}).")
    if not found:
        name = table.as_string(connection)
        said = connection.execute(
            "select postgis_typmod_srid(atttypmod) from pg_attribute where attrelid = %s::regclass and attname = %s",
            (name, shape.name),
        ).fetchone()
        found = [said[0]] if said else []
    if not found or not found[0]:
        return None
    known = connection.execute(
        "select auth_name || ':' || auth_srid from spatial_ref_sys where srid = %s", (found[0],)
    ).fetchone()
    return known[0] if known else f"EPSG:{found[0]}"


def _selected(column: Column) -> sql.Composed:
    name = sql.Identifier(column.name)
    if column.type.startswith("numeric"):
        return sql.SQL("{}::float8").format(name)
    if _AS_TEXT.match(column.type) and not column.type.startswith("timestamp"):
        return sql.SQL("{}::text").format(name)
    return sql.Composed([name])


def _framed(case: Case, names: list[str], rows: list[Any], shaped: bool, crs: str | None) -> Reading:
    import pandas as pd
    import shapely

    from hantsmap.sources import reference
    from hantsmap.sources.frames import Reading, located, numbered

    data = {name: pd.Series([row[at] for row in rows], dtype=object) for at, name in enumerate(names)}
    frame = numbered(pd.DataFrame(data, index=range(len(rows))))
    for name in frame.columns:
        if all(type(value) in (int, float, bool) for value in frame[name]) and len(frame):
            frame[name] = frame[name].infer_objects()
    if not shaped:
        return Reading(frame, "PostGIS")
    settled, findings = reference.settled(case, crs)
    geometry = shapely.from_wkb([row[-1] for row in rows])
    reference.plausible(case, geometry, settled)
    return Reading(located(frame, geometry, settled), "PostGIS", findings)
