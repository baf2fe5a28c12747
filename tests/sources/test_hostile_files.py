"""Files that try to make the publisher fetch addresses, run SQL or take all memory. Each is refused."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest

from hantsmap.errors import SourceError

GML = """<?xml version="1.0" encoding="UTF-8"?>
<c:FeatureCollection xmlns:c="http://example.com/c" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {head}>
<gml:featureMember><c:area gml:id="a.1"><c:id>7</c:id><c:g><gml:Point srsName="{srs}"><gml:pos>442000 112000</gml:pos>
</gml:Point></c:g>{tail}</c:area></gml:featureMember></c:FeatureCollection>"""
VRT = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/URL/x.csv</SrcDataSource></OGRVRTLayer>"
FEATURE = {"type": "Feature", "properties": {"id": "a"}, "geometry": {"type": "Point", "coordinates": [-1.4, 50.9]}}


class CountingServer:
    """An HTTP server on loopback that remembers the paths it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.paths.append(self.path)
                self.send_error(404)

            do_HEAD = do_POST = do_GET  # noqa: N815

            def log_message(self, *words: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def counting() -> Iterator[CountingServer]:
    """A server that no source may make us ask."""
    server = CountingServer()
    yield server
    server.http.shutdown()
    server.http.server_close()


def gml(head: str = "", srs: str = "EPSG:27700", tail: str = "") -> str:
    """A GML file of one point."""
    return GML.format(head=head, srs=srs, tail=tail)


REFUSED = {
    "vrt.gml": VRT + "</OGRVRTDataSource>",
    "vrt_beside_gml.gml": VRT + "<!-- http://www.opengis.net/gml --></OGRVRTDataSource>",
    "wfs.gml": "<OGRWFSDataSource><URL>URL/wfs</URL></OGRWFSDataSource>",
    "wfs_beside_gml.gml": "<OGRWFSDataSource><!-- http://www.opengis.net/gml --><URL>URL/w</URL></OGRWFSDataSource>",
    "pipeline.json": '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /vsicurl/URL/a.json"}',
    "crs_link.geojson": json.dumps({"type": "FeatureCollection", "features": [FEATURE], "crs": {
        "type": "link", "properties": {"href": "URL/crs", "type": "ogcwkt"}}}),
    "crs_url.json": json.dumps({"type": "FeatureCollection", "features": [FEATURE], "crs": {
        "type": "url", "properties": {"url": "URL/crs"}}}),
}  # fmt: skip
READ = {
    "schema.gml": gml(head='xsi:schemaLocation="http://example.com/c URL/c.xsd"'),
    "linked.gml": gml(tail='<c:ref xlink:href="URL/a#b"/><gml:metaDataProperty xlink:href="URL/m"/>'),
    "srs.gml": gml(srs="URL/srs"),
    "crs_name.geojson": json.dumps({"type": "FeatureCollection", "features": [FEATURE], "crs": {
        "type": "name", "properties": {"name": "URL/crs"}}}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "zipped"])
def test_a_file_that_names_an_address_is_refused_and_the_address_is_not_asked(desk, counting, name, zipped) -> None:
    """VRT, WFS and pipelines under other names, and GeoJSON whose CRS is an address: an error, and no request."""
    path = desk.write(name, REFUSED[name].replace("URL", counting.url))
    if zipped:
        with zipfile.ZipFile(desk.data / "a.zip", "w") as archive:
            archive.write(path, name)
    with pytest.raises(SourceError, match=r"not recognized|is not|holds .* data|no layer that|names an address"):
        desk.read(file="a.zip" if zipped else name)
    assert counting.paths == []


@pytest.mark.parametrize("name", READ)
def test_addresses_beside_the_data_are_not_asked(desk, counting, name) -> None:
    """Schemas, links and names of reference systems are not fetched; the rows are read."""
    desk.write(name, READ[name].replace("URL", counting.url))
    assert len(desk.read(file=name, crs="EPSG:27700" if name.endswith("gml") else "OGC:CRS84").frame) == 1
    assert counting.paths == []


def test_without_the_restriction_gdal_asks(desk, counting) -> None:
    """The check of this test's own means: plain pyogrio does ask the server, so a count of nought says something."""
    path = desk.write("crs.geojson", REFUSED["crs_link.geojson"].replace("URL", counting.url))
    pyogrio.read_info(path)
    assert set(counting.paths) == {"/crs"}


def test_a_geodatabase_folder_of_something_else_is_refused(desk, counting) -> None:
    """A folder called .gdb that holds a VRT or a Shapefile is no file geodatabase."""
    (desk.data / "a.gdb").mkdir()
    (desk.data / "a.gdb" / "x.vrt").write_text((VRT + "</OGRVRTDataSource>").replace("URL", counting.url))
    with pytest.raises(SourceError, match=r"file geodatabase"):
        desk.read(file="a.gdb")
    assert counting.paths == []


def test_the_drivers_and_settings_of_gdal_come_back(desk, frame) -> None:
    """After a source was read or refused, GDAL has its drivers, in their order, and its settings."""
    before = pyogrio.list_drivers(), pyogrio.get_gdal_config_option("GML_DOWNLOAD_SCHEMA")
    frame.to_file(desk.data / "things.gpkg")
    desk.read(file="things.gpkg")
    desk.write("a.geojson", "{]")
    with pytest.raises(SourceError):
        desk.read(file="a.geojson")
    assert (pyogrio.list_drivers(), pyogrio.get_gdal_config_option("GML_DOWNLOAD_SCHEMA")) == before
    assert list(pyogrio.list_drivers()) == list(before[0])


def test_topojson_is_called_by_its_name(desk) -> None:
    """A format that is not read is named, with a remedy that helps."""
    desk.write("a.json", '{"type": "Topology", "objects": {}, "arcs": []}')
    with pytest.raises(SourceError, match=r"holds TopoJSON data, which is not read.*ogr2ogr"):
        desk.read(file="a.json")


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n"


@pytest.mark.parametrize(("statement", "told"), [
    (f"create view slow as {ENDLESS}", r"holds 1 view \(`slow`\). Only tables are read.*ogr2ogr"),
    ("alter table things add column big text as (hex(zeroblob(300000000)))", r"computes `big` of `things`"),
    ("create virtual table other using dbstat", r"virtual table `other`"),
])  # fmt: skip
def test_a_geopackage_runs_no_sql_of_its_author(desk, frame, statement, told) -> None:
    """A view that never ends, a column that grows to 600 MB and a foreign virtual table are refused before GDAL."""
    frame.to_file(desk.data / "things.gpkg")
    with closing(sqlite3.connect(desk.data / "things.gpkg")) as database:
        database.execute(statement)
        if "view" in statement:
            database.execute("insert into gpkg_contents (table_name, data_type) values ('slow', 'attributes')")
        database.commit()
    with pytest.raises(SourceError, match=told):
        desk.read(file="things.gpkg", layer="things")


def test_a_geopackage_with_a_spatial_index_and_a_journal_is_read(desk, frame) -> None:
    """The virtual tables of an R-tree, and a write-ahead log beside the file, are not refused."""
    frame.to_file(desk.data / "whole.gpkg", layer="things", SPATIAL_INDEX="YES")
    with closing(sqlite3.connect(desk.data / "whole.gpkg")) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table notes (x text)")
        database.commit()
        for part in ("gpkg", "gpkg-wal"):
            shutil.copy(desk.data / f"whole.{part}", desk.data / f"copy.{part}")
    assert len(desk.read(file="copy.gpkg").frame) == 3


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def workbook(desk, rows: Iterator[str], *, head: str = "") -> None:
    """A workbook whose sheet has these rows, as XML."""
    openpyxl.Workbook().save(desk.data / "plain.xlsx")
    with zipfile.ZipFile(desk.data / "plain.xlsx") as plain, zipfile.ZipFile(
            desk.data / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as made:
        for member in plain.infolist():
            if member.filename.endswith("sheet1.xml"):
                made.writestr(member.filename, head + SHEET.format("".join(rows)))
            else:
                made.writestr(member, plain.read(member))


def inline(place: str, text: str) -> str:
    """A cell."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_workbook_with_a_cell_in_the_last_column_of_each_row_is_refused(desk) -> None:
    """The cell is named, and the reader takes no memory for the empty cells before it."""
    workbook(desk, (f'<row r="{n}">{inline(f"A{n}", "a")}{inline(f"XFD{n}", "b")}</row>' for n in range(1, 40_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match=r"a value in cell XFD1, beyond 2,000 columns"):
        desk.read("none", file="a.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB; it was 5,800,000


def test_a_workbook_that_is_almost_empty_is_refused(desk) -> None:
    """A million cells of which one in a thousand is filled would take memory for nothing."""
    workbook(desk, (f'<row r="{n}">{inline(f"A{n}", "a")}{inline(f"BXX{n}", "b")}</row>' for n in range(1, 10_000)))
    with pytest.raises(SourceError, match=r"is almost empty: .* Delete stray cells"):
        desk.read("none", file="a.xlsx")


def test_a_doctype_deep_in_a_workbook_is_refused(desk) -> None:
    """It is found beyond the first 4,096 bytes."""
    workbook(desk, iter(['<row r="1"></row>']), head="<?xml version='1.0'?>" + " " * 5_000 + "<!DOCTYPE worksheet>")
    with pytest.raises(SourceError, match=r"DOCTYPE or ENTITY"):
        desk.read("none", file="a.xlsx")


def test_a_parquet_file_of_repeated_values_is_refused(desk) -> None:
    """A small file in which one value stands for 120 million cells is refused by its metadata."""
    batch = pa.table({f"c{column}": pa.array(np.zeros(1_000_000, np.int8)) for column in range(10)})
    with pq.ParquetWriter(desk.data / "a.parquet", batch.schema) as writer:
        for _ in range(12):
            writer.write_table(batch)
    assert (desk.data / "a.parquet").stat().st_size < 1_000_000
    with pytest.raises(SourceError, match=r"would become 120,000,000 cells from \d+,\d+ bytes"):
        desk.read("none", file="a.parquet")


def test_reading_in_a_fresh_process_needs_no_gdal_imported_before(desk, frame) -> None:
    """The drivers are found in the GDAL that pyogrio brings, also where nothing has used it yet."""
    frame.to_file(desk.data / "things.gpkg")
    code = (
        "from hantsmap.sources.gdal import content_format; from pathlib import Path; import sys;"
        "print(content_format(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(desk.data / "things.gpkg")], capture_output=True, text=True,
                          cwd=Path(__file__).parents[2], check=True)  # fmt: skip
    assert done.stdout.strip() == "GPKG"
