"""A layer with no rows is served as any other: pages, files, tiles, QGIS and GDAL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ezdxf
import pyarrow.parquet as pq
import pyogrio
import pytest
import shops
from reading import LIMIT_S
from running_server import Running, running

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "downloads"))
from files_made import Make, maker, seen
from workbench import Workbench

from hantsmap.downloads import FORMATS

PYTHON = "/usr/bin/python3"
FIELDS = """      since: {type: date, title: Since}
      until: {type: datetime, title: Until}
      tags: {type: strings, title: Tags}
      on: {type: boolean, title: "On"}
      count: {type: integer, title: Count}
      note:"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """Layers of points, polygons and no geometry, with a field of each type, codes and tiles: all without rows."""
    bench = Workbench(tmp_path_factory.mktemp("empty") / "bench")
    text = bench.registry.read_text()
    start, end = text.index("  trees: &tree"), text.index("  benches:")
    bench.registry.write_text(text[:end])
    for old, new in (
        ("  trees: &tree", "  trees:"), ("      note:", FIELDS),
        ("    display: name\n", "    display: name\n    MORE\n"),
        ("        fields: [code, name, kind, height]\n", "        fields: all\n        downloads: true\n"),
    ):  # fmt: skip
        bench.say(old, new)
    bench.say("        held_back: [{reason: f, sentence: Notes are for the staff., owner: Tester, "
              "review: 2099-01-01}]\n", "")  # fmt: skip
    text = bench.registry.read_text()
    layer = text[start:]
    placed = layer.replace("MORE", "may_be_empty: true\n    class_field: kind\n    temporal: {start: since}\n"
                                   "    tiles: {fields: all, zoom: 5}")
    areas = placed.replace("  trees:", "  areas:").replace("geometry: Point", "geometry: MultiPolygon")
    table = layer.replace("MORE", "may_be_empty: true").replace("  trees:", "  table:").replace(
        "geometry: Point", "geometry: none").replace(', crs: "EPSG:27700", geometry: {x: x, y: y}', "")
    bench.registry.write_text(text[:start] + placed + areas + table)
    (bench.data / "trees.csv").write_text("code,name,kind,height,since,until,tags,on,count,note,x,y\n")
    outcomes = bench.publish()
    assert [(outcome.layer, outcome.state, outcome.rows) for outcome in outcomes.values()] == [
        ("trees", "published", 0), ("areas", "published", 0), ("table", "published", 0)]
    return bench


@pytest.fixture(scope="module")
def server(empty: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over these layers."""
    with running(empty.store.root, tmp_path_factory.mktemp("empty-server") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def files(empty: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes files of these layers."""
    return maker(empty.store.root, tmp_path_factory.mktemp("empty-files"))


def test_the_extent_is_null(empty: Workbench, server: Running) -> None:
    """The rendition has no extent, and the collection tells no spatial one; the count is 0."""
    description = seen(empty.store.root, "trees").rendition.description
    assert (description.extent, description.extent_crs84) == (None, None)
    collection = json.loads(server.ask("/collections/trees?f=json").body)
    assert "spatial" not in collection["extent"]
    page = json.loads(server.ask("/collections/trees/items?f=json").body)
    assert (page["numberMatched"], page["numberReturned"], page["features"]) == (0, 0, [])
    assert not {"next", "prev"} & {link["rel"] for link in page["links"]}


@pytest.mark.parametrize("layer", ["trees", "areas", "table"])
def test_every_page_answers(server: Running, layer: str) -> None:
    """Pages, documents, filters and files of a layer with no rows: 200, or what any layer answers."""
    here = f"/collections/{layer}"
    for address in ("", "/items?f=html", "/items?f=csv", "/items?limit=5&offset=10", "/items?sortby=-height",
                    "/items?filter=height%3E3", "/items?name=x", "/schema", "/queryables", "/downloads",
                    "/changes?since=0", "?f=html", "/items?crs=http://www.opengis.net/def/crs/EPSG/0/27700"):
        assert server.ask(here + address).status == 200, address
    assert server.ask(f"{here}/items/t1").status == 404
    if layer != "table":
        assert server.ask(f"{here}/items?bbox=-2,50,-1,51&datetime=2024-01-01/..").status == 200
        assert server.ask(f"{here}/tiles/WebMercatorQuad").status == 200
        assert server.ask(f"{here}/tiles/WebMercatorQuad/14/5500/8100").status in (204, 404)
    for address in ("/", "/collections", "/map", "/map/layers.json", "/map/names.json", "/attributions", "/openapi"):
        assert server.ask(address).status == 200, address
    assert json.loads(server.ask("/health").body)["status"] == "ok"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("layer", ["trees", "areas", "table"])
def test_every_format_has_its_columns_and_no_rows(
        files: Make, layer: str, format_: str, tmp_path: Path) -> None:
    """A file of each format opens, has no row, and has the fields where the format says them without rows."""
    if layer == "table" and not FORMATS[format_].tables:
        return
    path = files(layer, format_).path
    fields = {"id", "code", "name", "kind", "kind_text", "height", "since", "until", "tags", "on", "count", "note"}
    if format_ == "parquet":
        table = pq.read_table(path)
        assert table.num_rows == 0 and fields <= set(table.column_names)
    elif format_ == "geojson":
        assert json.loads(path.read_bytes())["features"] == []
    elif format_ == "csv":
        assert fields <= set(path.read_text(encoding="utf-8-sig").strip().split(","))
    elif format_ == "dxf.zip":
        with zipfile.ZipFile(path) as archive:
            drawing = ezdxf.readfile(archive.extract(f"{layer}.dxf", tmp_path))
            assert fields <= set(archive.read(f"{layer}.csv").decode("utf-8-sig").strip().split(","))
        assert len(drawing.modelspace()) == 0
    else:
        frame = pyogrio.read_dataframe(path, **({"layer": layer} if format_ == "gpkg" else {}))
        assert len(frame) == 0 and fields <= set(frame.columns)


def test_all_rows_are_deleted_in_the_change_feed(tmp_path: Path) -> None:
    """Whoever follows a layer that becomes empty is told each row as a delete, and the rows that come again."""
    bench = Workbench(tmp_path / "bench")
    bench.say("    key: number\n", "    key: number\n    may_be_empty: true\n")
    assert bench.publish("benches")["benches"].rows == 5
    full = (bench.data / "benches.csv").read_text()
    (bench.data / "benches.csv").write_text("number,name\n")
    assert bench.publish("benches")["benches"].rows == 0
    client = shops.application(bench.store.root).test_client()
    told = [json.loads(line) for line in client.get("/collections/benches/changes?since=1").text.splitlines()]
    assert sorted((change["op"], change["id"]) for change in told) == [("delete", number) for number in range(1, 6)]
    (bench.data / "benches.csv").write_text(full)
    bench.publish("benches")
    client = shops.application(bench.store.root).test_client()
    told = [json.loads(line) for line in client.get("/collections/benches/changes?since=2").text.splitlines()]
    assert sorted((change["op"], change["id"]) for change in told) == [("insert", number) for number in range(1, 6)]


def run(script: Path, question: Any, *arguments: str) -> list[dict[str, Any]]:
    """What QGIS says."""
    done = subprocess.run([PYTHON, script, *arguments], input=json.dumps(question), capture_output=True, text=True,
                          check=False, timeout=LIMIT_S, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr[-2_000:]
    answers: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("["):])
    return answers


def test_qgis_opens_the_service(needs: Callable[..., str], server: Running) -> None:
    """The OAPIF provider opens a layer without features: valid, and no row."""
    needs("qgis", "qgis and python3-qgis")
    asked = [{"layer": layer, "filter": None, "box": None} for layer in ("trees", "areas", "table")]
    for answer in run(Path(__file__).parent / "qgis_reads.py", asked, server.base):
        assert answer["valid"] and answer["read"] == 0 and answer["features"] == []


def test_qgis_opens_the_files(needs: Callable[..., str], files: Make) -> None:
    """Each file that QGIS reads without unpacking opens with no row; in GeoPackage with its kind of geometry."""
    needs("qgis", "qgis and python3-qgis")
    uris = [f"{files('trees', 'gpkg').path}|layername=trees", *(str(files("trees", each).path) for each in (
        "fgb", "geojson", "csv", "shp.zip"))]  # fmt: skip
    answers = run(Path(__file__).parents[1] / "downloads" / "qgis_opens.py", uris)
    assert [(answer["valid"], answer.get("count")) for answer in answers] == [(True, 0)] * len(uris)
    assert answers[0]["kind"] == "Point" and answers[0]["crs"] == "EPSG:27700"


def test_gdal_opens_the_service(needs: Callable[..., str], server: Running) -> None:
    """ogrinfo of the service finds the layer with no feature."""
    needs("ogrinfo", "gdal-bin")
    done = subprocess.run(["ogrinfo", "-ro", "-so", f"OAPIF:{server.base}", "trees"], capture_output=True, text=True,
                          check=False, timeout=LIMIT_S)  # fmt: skip
    assert done.returncode == 0 and "Feature Count: 0" in done.stdout, done.stdout + done.stderr
