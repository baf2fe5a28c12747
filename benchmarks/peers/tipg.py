"""tipg under uvicorn with one worker process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from benchmarks.folders import made
from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.peers.database import Database
from benchmarks.peers.environments import environment, installed
from benchmarks.peers.ours import cql2
from benchmarks.peers.peer import GZIP, Cannot
from benchmarks.processes import Part, answers, free_port, running
from benchmarks.questions import Question
from benchmarks.work import MOST

PACKAGES = ("tipg", "uvicorn[standard]")


class Tipg:
    """tipg over PostGIS."""

    name, title = "tipg", "tipg, PostGIS"
    programs = ("postgres",)
    habits = Habits()
    notes: tuple[str, ...] = ()

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def running(self) -> Iterator[int]:
        """Run it; gives the port."""
        folder = made("tipg-run")
        binaries = environment("tipg", PACKAGES)
        port, log = free_port(), folder / "log"
        settings = {"DATABASE_URL": self.database.url, "TIPG_MAX_FEATURES_PER_QUERY": str(MOST),
                    "TIPG_DB_TABLES": '["public.segments_4326"]', "TIPG_TABLE_CONFIG__public_segments_4326__pk": "fid"}
        command: list[Part] = [binaries / "uvicorn", "--workers", "1", "--port", str(port), "--log-level", "warning",
                   "--no-access-log", "--timeout-keep-alive", "65", "tipg.main:app"]
        with running(command, log, settings) as process:
            answers(port, "/collections/public.segments_4326/items?limit=1&f=geojson", process, log)
            yield port

    def ask(self, question: Question) -> Request | Cannot:
        """The question in its words."""
        if question.system != "crs84":
            return Cannot("CRS84 only")
        if question.unless:
            return Cannot("no ETag")
        # Its answers are compressed for whoever takes them so.
        headers = dict(GZIP) if question.gzip else {"Accept-Encoding": "identity"}
        items = "/collections/public.segments_4326/items"
        if question.position is not None:
            return Request(f"{items}/{question.position + 1}?f=geojson", headers)
        given: dict[str, Any] = {"f": "geojson", "limit": question.limit}
        if question.offset:
            given["offset"] = question.offset
        if question.bbox:
            given["bbox"] = ",".join(map(repr, question.bbox))
        if question.where or question.within:
            given |= {"filter": cql2(question), "filter-lang": "cql2-text"}
        return Request(f"{items}?{urlencode(given, safe=':/,')}", headers)

    def version(self) -> str:
        """Its version, and that of the server that runs it."""
        return f"{installed('tipg', 'tipg')}, uvicorn {installed('tipg', 'uvicorn')}"
