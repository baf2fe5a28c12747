"""The publishers' own files, published and downloaded again: every row, in every format."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import ezdxf
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from hantsmap.publish import Workshop, publish
from hantsmap.registry import read
from hantsmap.store import Store

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
sys.path.insert(0, str(HERE.parent / "downloads"))
from files_made import Make, lines_of, maker, seen, told  # noqa: E402

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real open data (../shared/data) is not here")
LAYERS = ("open_roads", "byways", "ramsar", "conservation_areas", "national_parks", "msoa_forecasts", "wards",
          "districts", "libraries", "schools", "stations")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the real data."""
    place = tmp_path_factory.mktemp("real") / "store"
    publish(Workshop(read(HERE / "layers.yaml"), Store(place), DATA))
    return place


@pytest.fixture(scope="module")
def made(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes files of the real layers."""
    return maker(store, tmp_path_factory.mktemp("real-downloads"))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_row_is_in_every_format(store: Path, made: Make, layer: str) -> None:
    """GeoPackage, GeoParquet, FlatGeobuf, Shapefile and drawing have the features, and their places, to the bit."""
    rendition = seen(store, layer).rendition
    features = told(rendition)
    expected = shapely.normalize([shapely.geometry.shape(each["geometry"]) for each in features])
    for name in ("gpkg", "fgb", "shp.zip"):
        meta, table = pyogrio.read_arrow(made(layer, name).path, layer=layer)
        column = meta["geometry_name"] or "wkb_geometry"
        found = dict(zip(map(str, table["id"].to_pylist()), shapely.from_wkb(table[column].to_pylist()), strict=True))
        shapes = shapely.normalize([found[str(each["id"])] for each in features])
        assert len(found) == rendition.count and shapely.equals(shapes, expected).all(), name
    table = pq.read_table(made(layer, "parquet").path)
    assert shapely.equals_exact(shapely.normalize(shapely.from_wkb(table["geometry"].to_pylist())), expected).all()
    with zipfile.ZipFile(made(layer, "dxf.zip").path) as archive:
        drawing = ezdxf.read(io.TextIOWrapper(archive.open(f"{layer}.dxf"), encoding="utf-8"))
    audit = drawing.audit()
    assert not audit.errors and not audit.fixes
    assert len(drawing.modelspace()) == sum(len(lines_of(each["geometry"])) for each in features)
