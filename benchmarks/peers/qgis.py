"""QGIS Server, one FastCGI process behind nginx, over PostGIS: OGC API Features as it calls it, `/wfs3`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from benchmarks import programs
from benchmarks.folders import made
from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.peers.database import DATABASE, PASSWORD, TABLES, USER, Database
from benchmarks.peers.fastcgi import behind_nginx
from benchmarks.peers.peer import GZIP, Cannot
from benchmarks.questions import SYSTEMS, Question
from benchmarks.work import MOST

PROJECT = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis projectname="Bench" version="3.22.16-Białowieża">
  <title>Bench</title>
  <projectCrs><spatialrefsys><authid>EPSG:4326</authid></spatialrefsys></projectCrs>
  <projectlayers>{layers}</projectlayers>
  <properties>
    <WFSLayers type="QStringList">{ids}</WFSLayers>
    <WFSLayersPrecision>{precisions}</WFSLayersPrecision>
    <WMSCrsList type="QStringList"><value>EPSG:4326</value><value>EPSG:27700</value></WMSCrsList>
  </properties>
</qgis>
"""
LAYER = """
    <maplayer type="vector" geometry="Line" wkbType="LineString">
      <id>{name}</id><layername>{name}</layername><shortname>{name}</shortname>
      <datasource>{source}</datasource><provider encoding="UTF-8">postgres</provider>
      <srs><spatialrefsys><proj4>{proj4}</proj4><srid>{srid}</srid><authid>EPSG:{srid}</authid></spatialrefsys></srs>
    </maplayer>"""
SOURCE = ("dbname='{database}' host=127.0.0.1 port={port} user='{user}' password='{password}' sslmode=disable "
          "key='fid' "
          'estimatedmetadata=true srid={srid} type=LineString table="public"."{table}" (geometry)')
PROJ4 = {4326: "+proj=longlat +datum=WGS84 +no_defs",
         27700: "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +units=m"}


class Qgis:
    """QGIS Server over PostGIS."""

    name, title = "qgis", "QGIS Server, PostGIS"
    programs = ("postgres", "qgis", "spawn-fcgi", "nginx")
    habits = Habits(degrees=1e-6, slack=1e-5, boxes=True)
    notes: tuple[str, ...] = (
        "Longitudes and latitudes have six decimals (0.1 m): that cannot be set.",
        "A bbox is compared with the bounds of features: some come that only lie near it.")

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def running(self) -> Iterator[int]:
        """Run it; gives the port."""
        folder = made("qgis-run")
        project = folder / "bench.qgs"
        project.write_text(self._project())
        settings = {"QGIS_PROJECT_FILE": str(project), "QGIS_SERVER_API_WFS3_MAX_LIMIT": str(MOST),
                    "QGIS_SERVER_LOG_LEVEL": "2", "QGIS_SERVER_LOG_STDERR": "1", "QT_QPA_PLATFORM": "offscreen",
                    "QGIS_SERVER_TRUST_LAYER_METADATA": "1", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
                    "QGIS_OPTIONS_PATH": str(folder), "PATH": os.environ["PATH"]}
        with behind_nginx("qgis", folder, settings, "/wfs3/collections/segments_4326/items.json?limit=1") as port:
            yield port

    def ask(self, question: Question) -> Request | Cannot:
        """The question in its words."""
        if question.unless:
            return Cannot("no ETag")
        if question.where or question.within:
            return Cannot("no CQL2")
        table, _ = TABLES[question.system]
        # It wants the version of EPSG's register in the address.
        uri = SYSTEMS[question.system].uri.replace("EPSG/0/", "EPSG/9.6.2/")
        given: dict[str, Any] = {"crs": uri} if question.system != "crs84" else {}
        headers = dict(GZIP) if question.gzip else {}
        items = f"/wfs3/collections/{table}/items"
        if question.position is not None and question.system != "crs84":
            return Cannot("one feature in CRS84 only")
        if question.position is not None:
            return Request(f"{items}/{question.position + 1}.json?{urlencode(given)}".rstrip("?"), headers)
        if question.bbox:
            given |= {"bbox": ",".join(map(repr, question.bbox)), **({"bbox-crs": uri} if given else {})}
        given |= {"limit": question.limit, **({"offset": question.offset} if question.offset else {})}
        return Request(f"{items}.json?{urlencode(given, safe=':/,')}", headers)

    def version(self) -> str:
        """Version of Debian's QGIS Server."""
        return programs.version("qgis")

    def _project(self) -> str:
        layers = "".join(
            LAYER.format(name=table, srid=srid, proj4=PROJ4[srid], source=escape(SOURCE.format(
                database=DATABASE, port=self.database.port, user=USER, password=PASSWORD, srid=srid, table=table)))
            for table, srid in TABLES.values())
        names = [table for table, _ in TABLES.values()]
        return PROJECT.format(layers=layers, ids="".join(f"<value>{name}</value>" for name in names),
                              precisions="".join(f'<{name} type="int">8</{name}>' for name in names))
