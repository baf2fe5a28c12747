"""One transformation on every machine: OSTN15 by convertbng, checked on Ordnance Survey's published points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from shapely import Point

from hantsmap import crs
from hantsmap.errors import DatumError
from hantsmap.reprojection import reprojection

ROOT = Path(__file__).parents[2]
GRID = ROOT.parent / "shared" / "data" / "proj"
# Ordnance Survey, OSTN15 and OSGM15 test data: easting, northing, latitude, longitude (ETRS89).
POINTS = {
    "TP01": (91492.146, 11318.804, 49.92226393730, -6.29977752014),
    "TP07": (639821.835, 169565.858, 51.3744702555, 1.44454730409),
    "TP10": (241124.584, 220332.641, 51.858908964, -4.3085247696),
    "TP20": (422242.186, 433818.701, 53.8002151963, -1.66379168242),
    "TP30": (267056.768, 846176.972, 57.4862500072, -4.21926398555),
    "TP40": (395999.668, 1138728.951, 60.1330809166, -2.07382822798),
}
WORLD = (-100_000.0, -100_000.0, 800_000.0, 1_400_000.0)


@pytest.mark.parametrize("point", POINTS)
def test_published_points(point: str) -> None:
    """Each point comes out to 0.0 mm in the grid, and to a hundredth of a millimetre in degrees."""
    e, n, lat, lon = POINTS[point]
    east, north = crs.to_grid(np.array([lon]), np.array([lat]))
    assert (round(east[0] - e, 4), round(north[0] - n, 4)) == (0.0, 0.0)
    x, y = crs.to_lonlat(np.array([e]), np.array([n]))
    millimetres = np.hypot((x[0] - lon) * 111_320_000 * np.cos(np.radians(lat)), (y[0] - lat) * 111_300_000)
    assert millimetres < 0.01


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("system", ["CRS84", "EPSG:4326", "EPSG:3857"])
def test_published_points_as_served(point: str, system: str) -> None:
    """Each point is served in its place, in the system's axis order, to the precision that is written."""
    e, n, lat, lon = POINTS[point]
    place = shapely.Point(e, n)
    if system == "EPSG:3857":
        expected = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
        found = crs.served(place, crs.EPSG3857)
        assert np.hypot(found.x - expected[0], found.y - expected[1]) < 0.01
        return
    found = crs.served(place, crs.CRS84 if system == "CRS84" else crs.EPSG4326)
    x, y = (found.x, found.y) if system == "CRS84" else (found.y, found.x)
    assert (abs(x - lon) <= 0.5e-7 + 1e-10, abs(y - lat) <= 0.5e-7 + 1e-10) == (True, True)


@pytest.mark.parametrize("system", ["EPSG:4326", "OGC:CRS84", "EPSG:4258", "EPSG:9067", "EPSG:4979", "EPSG:3857",
                                    "EPSG:32630", "EPSG:25830", "EPSG:3035", "+proj=utm +zone=30 +datum=WGS84"])
@pytest.mark.parametrize("point", ["TP10", "TP20"])
def test_systems_on_etrs89_and_wgs84(point: str, system: str) -> None:
    """A source in any system on ETRS89 or WGS 84 comes to the published point within a millimetre, and back."""
    e, n, lat, lon = POINTS[point]
    source = pyproj.CRS(system)
    at = np.array([pyproj.Transformer.from_crs(source.geodetic_crs, source, always_xy=True).transform(lon, lat)])
    way = reprojection(source)
    assert np.abs(way.to_grid(at) - (e, n)).max() < 0.001 and way.accuracy == 0.0
    off = np.abs(way.from_grid(np.array([[e, n]])) - at).max()
    assert off < (1e-8 if source.is_geographic else 0.001)


BRITISH = ("+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
           "+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m")


@pytest.mark.parametrize("system", ["EPSG:27700", "EPSG:4277", BRITISH])
def test_systems_on_the_grids_own_datum(system: str) -> None:
    """OSGB36 by any name is only projected: a definition with Helmert parameters does not move it by metres."""
    e, n, *_ = POINTS["TP20"]
    source = pyproj.CRS(system)
    own = source.source_crs if source.is_bound else source
    at = np.array([[e, n]])
    if source.is_geographic:
        at = np.array([pyproj.Transformer.from_crs(27700, own, always_xy=True).transform(e, n)])
    way = reprojection(source)
    assert np.abs(way.to_grid(at) - (e, n)).max() < 0.001
    assert np.abs(way.from_grid(np.array([[e, n]])) - at).max() < 0.001


def test_irish_grid_is_transformed_and_told(curated) -> None:
    """The Irish Grid has a datum of its own: the finding says how accurate its coordinates are in the National Grid."""
    x, y = reprojection(pyproj.CRS(29903)).from_grid(np.array([[440000.0, 110000.0]]))[0]
    made = curated.shapes([Point(x, y)], "Point", crs=29903)
    assert shapely.get_coordinates(made.shapes).tolist() == [[440000.0, 110000.0]]
    assert [(found.rule, found.kind.value) for found in made.findings] == [("inexact-transformation", "doubtful")]
    assert "accurate to 1 m" in made.findings[0].sentence


def test_datum_that_needs_a_grid_is_refused() -> None:
    """A datum that only a grid file leads to is refused with advice, whatever grids the machine has."""
    with pytest.raises(DatumError, match=r"NAD27 cannot be transformed.*Transform the source first"):
        reprojection(pyproj.CRS(4267))


@pytest.mark.parametrize(("lon", "lat"), [(2.5, 51.0), (-9.5, 55.0), (-2.0, 40.0), (10.0, 50.0), (np.nan, 50.0),
                                          (np.inf, 50.0), (-2.0, 95.0)])
def test_beyond_ostn15_is_nan(lon: float, lat: float, curated) -> None:
    """A place outside OSTN15 has no coordinates: NaN in both directions, and a row there is dropped with a finding."""
    assert np.isnan(crs.to_grid(np.array([lon]), np.array([lat]))).all()
    made = curated.shapes([Point(lon, lat), Point(-1.4, 50.9)], "Point", crs=4326)
    assert made.table["id"].to_pylist() == ["c2"]
    assert [(found.row, found.kind.value) for found in made.findings] == [("c1", "dropped")]


def test_grid_beyond_ostn15_is_nan() -> None:
    """Eastings and northings outside the area of OSTN15 give NaN, never a place."""
    east, north = np.array([-5.0, 800_000.0, 1e9, np.nan, np.inf]), np.array([0.0, 5e5, 1e9, 1.0, 1.0])
    assert np.isnan(crs.to_lonlat(east, north)).all()


SCRIPT = """
import json, sys
import numpy as np, pyproj
if sys.argv[1:]:
    pyproj.datadir.append_data_dir(sys.argv[1])
from hantsmap import crs
from hantsmap.reprojection import reprojection
chance = np.random.default_rng(2026)
at = np.column_stack([chance.uniform(403000, 490000, 500), chance.uniform(89500, 166000, 500)])
found = [np.column_stack(crs.to_lonlat(*at.T)).tolist()]
for code in (4326, 4277, 3857, 32630, 29903, 23030):
    way = reprojection(pyproj.CRS(code))
    there = way.from_grid(at)
    found += [there.tolist(), way.to_grid(there).tolist()]
print(json.dumps([crs.datum().name, found]))
"""


def test_a_grid_on_the_machine_changes_nothing() -> None:
    """With PROJ's OSTN15 grid in its data folder and without it, 500 points come out the same to the bit."""
    if not GRID.is_dir():
        pytest.skip("the OSTN15 grid (../shared/data/proj) is not beside the repository")
    answers = [subprocess.run([sys.executable, "-c", SCRIPT, *folder], cwd=ROOT, capture_output=True, text=True,
                              check=True, timeout=60).stdout for folder in ([], [str(GRID)])]
    assert answers[0] == answers[1] and json.loads(answers[0])[0] == "OSTN15 (convertbng)"
