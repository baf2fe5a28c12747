"""HantsMap itself, as `hantsmap serve` runs it, with rate limits too high to meet."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from benchmarks.folders import LAYER
from benchmarks.habits import Habits
from benchmarks.layers import Sized
from benchmarks.load import Request
from benchmarks.peers.peer import GZIP
from benchmarks.processes import answers, free_port, running
from benchmarks.questions import SYSTEMS, Comparison, Question
from hantsmap import __version__
from hantsmap.query.asking import DEFAULT_LIMIT

RATES, PLENTY = ("HANTSMAP_ADDRESS_RATE", "HANTSMAP_KEY_RATE"), 10**12


class Ours:
    """HantsMap with one worker."""

    name, title = "ours", "HantsMap"
    programs: tuple[str, ...] = ()
    habits = Habits()
    notes: tuple[str, ...] = ()

    def __init__(self, sized: Sized) -> None:
        self.sized = sized
        self.rendition = sized.rendition()
        self.port = self.pid = 0

    @contextmanager
    def running(self) -> Iterator[int]:
        """Serve the layer; gives the port."""
        self.port = free_port()
        log = self.sized.folder / "serve.log"
        environment = {**self.sized.environment(), **dict.fromkeys(RATES, str(PLENTY))}
        command = [sys.executable, "-m", "hantsmap", "serve", "--port", str(self.port), "--workers", "1"]
        with running(command, log, environment) as process:
            self.pid = process.pid
            answers(self.port, "/health", process, log)
            yield self.port

    def ask(self, question: Question) -> Request:
        """The question as an address of OGC API Features; a conditional one is asked first for its ETag."""
        headers = dict(GZIP) if question.gzip else {}
        request = Request(self._path(question), headers)
        if question.unless:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{request.path}") as answer:
                headers["If-None-Match"] = answer.headers["ETag"]
        return request

    def _path(self, question: Question) -> str:
        items = f"/collections/{LAYER}/items"
        uri = SYSTEMS[question.system].uri
        given: dict[str, object] = {"crs": uri} if question.system != "crs84" else {}
        if question.position is not None:
            return f"{items}/{quote(str(self.rendition.ids[question.position]))}?{urlencode(given)}".rstrip("?")
        if question.bbox:
            given = {**given, "bbox": ",".join(map(repr, question.bbox)), **({"bbox-crs": uri} if given else {})}
        written = cql2(question)
        if written:
            given = {**given, "filter": written, **({"filter-crs": uri} if "crs" in given else {})}
        if question.limit != DEFAULT_LIMIT:
            given["limit"] = question.limit
        if question.offset:
            given["offset"] = question.offset
        return f"{items}?{urlencode(given, safe=':/,')}".rstrip("?")

    def version(self) -> str:
        """HantsMap's version."""
        return __version__


def cql2(question: Question, geometry: str = "geometry") -> str:
    """The filter of a question as CQL2 text; empty where it has none."""
    parts = [f"S_INTERSECTS({geometry},{polygon(question)})"] if question.within else []
    return " AND ".join([*parts, *(written(each) for each in question.where)])


def polygon(question: Question) -> str:
    """The polygon of a question, as well-known text."""
    west, south, east, north = question.within or (0, 0, 0, 0)
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({','.join(f'{x!r} {y!r}' for x, y in ring)}))"


def written(each: Comparison) -> str:
    """A comparison as CQL2 text."""
    return f"{each.field} {each.op} {quoted(each.value)}"


def quoted(value: str | int | float) -> str:
    """A value as CQL2 and SQL write it."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else json.dumps(value)
