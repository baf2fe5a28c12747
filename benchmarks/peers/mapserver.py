"""MapServer, one FastCGI process behind nginx, over PostGIS: OGC API Features, Part 1 only in version 8.0."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from benchmarks import programs
from benchmarks.folders import made
from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.peers.database import DATABASE, PASSWORD, USER, Database
from benchmarks.peers.fastcgi import behind_nginx
from benchmarks.peers.peer import GZIP, Cannot
from benchmarks.questions import Question
from benchmarks.work import MOST

MAP = """
MAP
  NAME "bench"
  EXTENT -2.0 50.6 -0.6 51.5
  UNITS DD
  PROJECTION "init=epsg:4326" END
  WEB METADATA
    "ows_enable_request" "*"
    "ows_title" "Bench"
    "oga_onlineresource" "http://127.0.0.1/bench/ogcapi"
    "oga_enable_request" "*"
  END END
  LAYER
    NAME "segments"
    TYPE LINE
    STATUS ON
    CONNECTIONTYPE POSTGIS
    CONNECTION "host=127.0.0.1 port={port} dbname={database} user={user} password={password} sslmode=disable"
    DATA "geometry from segments_4326 using unique fid using srid=4326"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    EXTENT -2.0 50.6 -0.6 51.5
    PROJECTION "init=epsg:4326" END
    METADATA
      "oga_title" "segments"
      "oga_featureid" "fid"
      "gml_include_items" "all"
      "gml_exclude_items" "fid"
      "gml_types" "auto"
      "oga_max_limit" "{most}"
      "oga_geometry_precision" "7"
      "geometry_precision" "7"
      "ows_extent" "-2.0 50.6 -0.6 51.5"
    END
    TEMPLATE "void"
  END
END
"""
CONFIGURATION = 'CONFIG\n  ENV\n    "MS_MAP_PATTERN" "."\n  END\n  MAPS\n    "bench" "{map}"\n  END\nEND\n'


class Mapserver:
    """MapServer over PostGIS."""

    name, title = "mapserver", "MapServer, PostGIS"
    programs = ("postgres", "mapserver", "spawn-fcgi", "nginx")
    habits = Habits(texts=True, boxes=True)
    notes: tuple[str, ...] = (
        "Paging does not work: 8.0.0 ignores `offset` over a database (MapServer's issue 6613).",
        "Values come as text where its type list does not help.")

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def running(self) -> Iterator[int]:
        """Run it; gives the port."""
        folder = made("mapserver-run")
        written = folder / "bench.map"
        written.write_text(MAP.format(port=self.database.port, database=DATABASE, user=USER, password=PASSWORD,
                                      most=MOST))
        (folder / "mapserver.conf").write_text(CONFIGURATION.format(map=written))
        settings = {"MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf")}
        path = "/bench/ogcapi/collections/segments/items?f=json&limit=1"
        with behind_nginx("mapserver", folder, settings, path) as port:
            yield port

    def ask(self, question: Question) -> Request | Cannot:
        """The question in its words."""
        if question.unless:
            return Cannot("no ETag")
        if question.where or question.within:
            return Cannot("no CQL2")
        if question.system != "crs84":
            return Cannot("CRS84 only")
        if question.offset:
            return Cannot("ignores offset")
        headers = dict(GZIP) if question.gzip else {}
        items = "/bench/ogcapi/collections/segments/items"
        if question.position is not None:
            return Request(f"{items}/{question.position + 1}?f=json", headers)
        given: dict[str, Any] = {"f": "json", "limit": question.limit}
        if question.bbox:
            given["bbox"] = ",".join(map(repr, question.bbox))
        return Request(f"{items}?{urlencode(given, safe=',')}", headers)

    def version(self) -> str:
        """Version of Debian's MapServer."""
        return programs.version("mapserver")
