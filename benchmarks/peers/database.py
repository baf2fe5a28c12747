"""PostGIS, from which peers serve: a cluster of its own in a temporary folder, filled with what we serve.

    segments_4326    geometry in EPSG:4326, as we serve CRS84       segments_27700   geometry in EPSG:27700

Both have `fid`, the position in our rendition from 1 on, as primary key: features come in our order, and rows lie on
disk in it. Two tables, so that no peer transforms anything, and all coordinates are OSTN15's. Indexes: the geometry,
and every column that a filter of the bench asks for.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely

from benchmarks import programs
from benchmarks.errors import BenchError
from benchmarks.processes import START_S, Part, free_port, running
from benchmarks.questions import SYSTEMS, System
from hantsmap import crs
from hantsmap.layer import FieldType
from hantsmap.rendition import Rendition

USER, PASSWORD, DATABASE = "bench", "bench", "postgres"
TABLES: Mapping[System, tuple[str, int]] = {"crs84": ("segments_4326", 4326), "27700": ("segments_27700", 27700)}
INDEXED = ("road_class", "speed_limit_mph", "esu_id")
COLUMNS = {FieldType.STRING: "text", FieldType.INTEGER: "integer", FieldType.NUMBER: "double precision",
           FieldType.BOOLEAN: "boolean", FieldType.DATE: "date", FieldType.DATETIME: "timestamptz",
           FieldType.STRINGS: "text[]", FieldType.INTEGERS: "integer[]"}
# For a machine of its own: memory to keep the layer in, no compilation of short queries, no waiting for disks.
TUNED = {"shared_buffers": "1GB", "work_mem": "64MB", "jit": "off", "random_page_cost": "1.1", "fsync": "off",
         "effective_cache_size": "4GB", "synchronize_seqscans": "off", "listen_addresses": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Database:
    """A running database that holds what we serve."""

    port: int

    @property
    def url(self) -> str:
        """As libpq reads it."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"


@contextmanager
def database(rendition: Rendition) -> Iterator[Database]:
    """Start PostgreSQL, fill it, and stop it and take it away at the end."""
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="hantsmap-bench-"))
    binaries = Path(programs.path("postgres")).parent
    try:
        if user is not None:
            os.chown(folder, user, user)
        _make_cluster(binaries, folder, user)
        port = free_port()
        settings = [part for name, value in TUNED.items() for part in ("-c", f"{name}={value}")]
        command: list[Part] = [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, *settings]
        with running(command, folder / "log", user=user, stop_with=signal.SIGINT) as process:
            made = Database(port)
            _wait(process, made, folder / "log")
            fill(made, rendition)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> int | None:
    """PostgreSQL refuses to run as root: the id of the user `postgres` or `nobody` there, else None."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise BenchError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` here.")


def _make_cluster(binaries: Path, folder: Path, user: int | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    whom: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    subprocess.run([binaries / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
                    "--auth=scram-sha-256", f"--pwfile={secret}"], check=True, capture_output=True, cwd=folder, **whom)


def _wait(process: subprocess.Popen[bytes], made: Database, log: Path) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(made.url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"PostgreSQL does not start: {log.read_text(errors='replace')[-1_000:]}") from None
            time.sleep(0.1)


def fill(made: Database, rendition: Rendition) -> None:
    """Load what the rendition serves, in both reference systems, with indexes and statistics."""
    shapes = rendition.geometries(np.arange(rendition.count))
    values = [rendition.column(name).to_pylist() for name in rendition.fields]
    columns = ", ".join(f'"{name}" {COLUMNS[field.type]}' for name, field in rendition.fields.items())
    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute("create extension if not exists postgis")
        for system, (table, srid) in TABLES.items():
            connection.execute(f"create table {table} (fid integer primary key, {columns}, "
                               f"geometry geometry(LineString, {srid}))")
            served = shapes if SYSTEMS[system] is crs.EPSG27700 else crs.served(shapes, SYSTEMS[system])
            written = shapely.to_wkb(shapely.set_srid(served, srid), hex=True, include_srid=True)
            with connection.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
                for position, row in enumerate(zip(*values, written, strict=True)):
                    copy.write_row((position + 1, *row))
            # In order on disk to the last row: some peers give what they find first.
            connection.execute(f"cluster {table} using {table}_pkey")
            connection.execute(f"create index on {table} using gist (geometry)")
            for name in INDEXED:
                connection.execute(f"create index on {table} ({name})")
            connection.execute(f"vacuum (analyze, freeze) {table}")


def versions(made: Database) -> str:
    """Versions of PostgreSQL and PostGIS."""
    with psycopg.connect(made.url) as connection:
        postgres, postgis = connection.execute("select current_setting('server_version'), postgis_lib_version()"
                                               ).fetchone() or ("", "")
    return f"PostgreSQL {postgres.split()[0]}, PostGIS {postgis}"
