"""Vanilla pygeoapi with its PostgreSQL provider, under gunicorn with one worker process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from benchmarks.errors import BenchError
from benchmarks.folders import made
from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.peers.database import DATABASE, PASSWORD, TABLES, USER, Database
from benchmarks.peers.environments import environment, installed
from benchmarks.peers.ours import polygon, written
from benchmarks.peers.peer import GZIP, Cannot
from benchmarks.processes import Part, answers, free_port, running
from benchmarks.questions import SYSTEMS, Question
from benchmarks.work import MOST

PACKAGES = ("pygeoapi==0.21.0", "gunicorn", "psycopg2-binary", "SQLAlchemy<2.1", "GeoAlchemy2", "pygeofilter")
# Threads of the one process: while PostgreSQL works for one answer, another is written.
THREADS = 4
CRS84, EPSG4326 = SYSTEMS["crs84"].uri, "http://www.opengis.net/def/crs/EPSG/0/4326"
LONLAT = "segments_lonlat"
EXTENT = [-2.0, 50.6, -0.6, 51.5]


class Pygeoapi:
    """pygeoapi over PostGIS."""

    name, title = "pygeoapi", "pygeoapi, PostGIS"
    programs = ("postgres",)
    habits = Habits()
    notes: tuple[str, ...] = (
        "Spatial filters fail over a layer stored in CRS84: they are asked of the same table declared as EPSG:4326.",)

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def running(self) -> Iterator[int]:
        """Run it; gives the port."""
        folder = made("pygeoapi-run")
        binaries = environment("pygeoapi", PACKAGES)
        port, log = free_port(), folder / "log"
        # JSON is YAML.
        (folder / "config.yml").write_text(json.dumps(self._configuration(port)))
        settings = {"PYGEOAPI_CONFIG": str(folder / "config.yml"), "PYGEOAPI_OPENAPI": str(folder / "openapi.yml")}
        done = subprocess.run([binaries / "pygeoapi", "openapi", "generate", folder / "config.yml", "--output-file",
                               folder / "openapi.yml"], capture_output=True, text=True, env=settings, check=False)
        if done.returncode:
            raise BenchError(f"pygeoapi does not read its configuration: {done.stderr[-1_000:]}")
        command: list[Part] = [binaries / "gunicorn", "--workers", "1", "--threads", str(THREADS), "--keep-alive", "65",
                   "--timeout", "300", "--bind", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"]
        with running(command, log, settings) as process:
            answers(port, "/collections/segments_4326/items?limit=1&f=json", process, log)
            yield port

    def ask(self, question: Question) -> Request | Cannot:
        """The question in its words; filters are CQL text, the only language its provider reads."""
        table, _ = TABLES[question.system]
        if question.unless:
            return Cannot("no ETag")
        uri = SYSTEMS[question.system].uri
        if question.within and question.system == "crs84":
            table, uri = LONLAT, EPSG4326
        items = f"/collections/{table}/items"
        projected: dict[str, Any] = {"crs": uri} if uri != CRS84 else {}
        headers = dict(GZIP) if question.gzip else {}
        if question.position is not None:
            return Request(f"{items}/{question.position + 1}?{urlencode({'f': 'json', **projected})}", headers)
        given: dict[str, Any] = {"f": "json", "limit": question.limit, **projected}
        if question.offset:
            given["offset"] = question.offset
        if question.bbox:
            given |= {"bbox": ",".join(map(repr, question.bbox)), **({"bbox-crs": uri} if projected else {})}
        if question.where or question.within:
            parts = [f"INTERSECTS(geometry,{polygon(question)})"] if question.within else []
            given |= {"filter": " AND ".join([*parts, *map(written, question.where)]), "filter-lang": "cql-text"}
            given |= {"filter-crs": uri} if question.within and projected else {}
        return Request(f"{items}?{urlencode(given, safe=':/,')}", headers)

    def version(self) -> str:
        """Its version, and that of the server that runs it."""
        return f"{installed('pygeoapi', 'pygeoapi')}, gunicorn {installed('pygeoapi', 'gunicorn')}"

    def _configuration(self, port: int) -> dict[str, Any]:
        limits = {"default_items": 10, "max_items": MOST, "on_exceed": "throttle"}
        return {
            "server": {"bind": {"host": "127.0.0.1", "port": port}, "url": f"http://127.0.0.1:{port}", "gzip": True,
                       "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8", "languages": ["en-GB"],
                       "pretty_print": False, "limits": limits,
                       "map": {"url": "https://tile.example.org/{z}/{x}/{y}.png", "attribution": "none"}},
            "logging": {"level": "ERROR"},
            "metadata": {
                "identification": {"title": "Bench", "description": "Bench", "keywords": ["bench"], "url": "http://bench",
                                   "terms_of_service": "none", "keywords_type": "theme"},
                "license": {"name": "none", "url": "http://bench"}, "provider": {"name": "none", "url": "http://bench"},
                "contact": {"name": "none", "email": "bench@example.org"}},
            "resources": {LONLAT: self._collection(TABLES["crs84"][0], EPSG4326), **{
                table: self._collection(table, SYSTEMS[system].uri) for system, (table, _) in TABLES.items()}},
        }

    def _collection(self, table: str, uri: str) -> dict[str, Any]:
        provider = {"type": "feature", "name": "PostgreSQL", "id_field": "fid", "table": table,
                    "geom_field": "geometry", "storage_crs": uri, "crs": [uri],
                    "data": {"host": "127.0.0.1", "port": self.database.port, "dbname": DATABASE, "user": USER,
                             "password": PASSWORD, "search_path": ["public"]}}
        return {"type": "collection", "title": table, "description": table, "keywords": [table], "links": [],
                "extents": {"spatial": {"bbox": EXTENT, "crs": CRS84}}, "providers": [provider]}
