"""Geometry: mended, of one type, in the National Grid to the centimetre, within the county; and told."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

NAN, INF = float("nan"), float("inf")
E, N = 440000, 110000
# Golden vectors: easting, northing, and longitude, latitude by OSTN15 (computed with PROJ and with osbng).
VECTORS = [
    (447720, 129450, -1.3204007, 51.0624052), (463900, 152000, -1.0855340, 51.2635849),
    (442000, 112000, -1.4040345, 50.9059418), (475000, 105000, -0.9361998, 50.8396669),
    (425000, 95000, -1.6469593, 50.7540549), (464300, 99900, -1.0890337, 50.7950959),
    (407500, 113000, -1.8946746, 50.9164078),
]


def square(x: float = E, y: float = N, side: float = 100) -> Polygon:
    """A square with its south-west corner at x, y."""
    return shapely.box(x, y, x + side, y + side)


def test_bow_tie(curated) -> None:
    """A polygon that crosses itself becomes its two halves, and is told with the place to the centimetre."""
    made = curated.shapes([Polygon([(E, N), (E + 100, N + 100), (E + 100, N), (E, N + 100)])], "MultiPolygon")
    assert curated.said(made) == [("invalid-geometry", "repaired", "c1", None,
                                   "was not valid (Self-intersection at E 440050.00 N 110050.00): mended, area still "
                                   "5,000.00 m2.")]
    assert shapely.area(made.shapes).tolist() == [5000.0] and shapely.is_valid(made.shapes).all()


def test_spike(curated) -> None:
    """A spike without width is cut off; the polygon that is left is what it was without it."""
    made = curated.shapes([Polygon([(E, N), (E + 100, N), (E + 100, N + 100), (E + 100, N + 300), (E + 100, N + 100),
                                    (E, N + 100)])], "Polygon")
    assert curated.counts(made) == {("invalid-geometry", "repaired"): 1}
    assert made.shapes[0].equals(square())


@pytest.mark.parametrize(("shape", "geometry"), [
    (Polygon([(E, N), (E + 50, N), (E + 100, N)]), "Polygon"),
    (LineString([(E, N), (E, N)]), "LineString"),
    (Polygon([(E, N), (E, N), (E, N)]), "MultiPolygon"),
    (Polygon([(E, N), (E + 0.001, N), (E, N + 0.001)]), "Polygon"),
])
def test_collapsed(curated, shape: object, geometry: str) -> None:
    """A polygon without area, or a line without length, is left out and told: nothing is left of it."""
    made = curated.shapes([shape, *([square(side=9)] if "Poly" in geometry else [LineString([(E, N), (E, N + 1)])])],
                          geometry)
    assert curated.counts(made) == {("invalid-geometry", "dropped"): 1} and len(made.table) == 1
    assert made.findings[0].row == "c1" and "nothing is left of it when mended." in made.findings[0].sentence


def test_no_geometry(curated) -> None:
    """Rows without a geometry, or with an empty one, are left out and told."""
    made = curated.shapes([None, Point(), Point(E, N)], "Point")
    assert curated.said(made) == [
        ("empty-geometry", "dropped", row, None, "has no geometry, or an empty one.") for row in ("c1", "c2")]


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("crs", [27700, 4326, 3857])
def test_coordinates_that_are_not_numbers(curated, crs: int) -> None:
    """NaN and infinity in any coordinate: the row is left out and told; the others are as they were."""
    good = {27700: (E, N), 4326: (-1.4, 50.9), 3857: (-156000, 6600000)}[crs]
    made = curated.shapes([LineString([good, (NAN, 1)]), LineString([good, (INF, 1)]), LineString([good, (1, -INF)]),
                           LineString([good, (good[0] + 0.01, good[1])])], "LineString", crs=crs)
    assert curated.said(made) == [("bad-coordinates", "dropped", row, None, "has coordinates that are not numbers.")
                                  for row in ("c1", "c2", "c3")]
    assert made.table["id"].to_pylist() == ["c4"]


def test_beyond_the_national_grid(curated) -> None:
    """Degrees in Brazil, or beyond any map, are left out and told as what the National Grid does not reach."""
    made = curated.shapes([Point(-50, -10), Point(-1.4, 50.9), Point(500, 500)], "Point", crs=4326)
    assert curated.said(made) == [
        ("outside-extent", "dropped", row, None, "has coordinates that the National Grid does not reach.")
        for row in ("c1", "c3")]


def test_outside_the_county(curated) -> None:
    """What does not meet the county's extent is left out, and told how far off it is; what touches it stays."""
    made = curated.shapes([Point(E, N), Point(480000, 289500), Point(490000, 166000), Point(490000.01, 166000)],
                          "Point")
    assert curated.said(made) == [
        ("outside-extent", "dropped", "c2", None, "lies 123.5 km outside the county's extent."),
        ("outside-extent", "dropped", "c4", None, "lies 0.01 m outside the county's extent.")]


def test_promoted(curated) -> None:
    """Single geometries of a multi layer are promoted; a mix of both is told once, with how many of each."""
    made = curated.shapes([square(), MultiPolygon([square(E + 500)]), square(E + 900)], "MultiPolygon")
    assert set(shapely.get_type_id(made.shapes)) == {6}
    assert curated.said(made) == [("mixed-geometry", "repaired", None, None,
                                   "the source mixes 1 MultiPolygon, 2 Polygon: all become MultiPolygon.")]
    assert curated.shapes([square(), square(E + 500)], "MultiPolygon").findings == (), "no mix, nothing to tell"


def test_mending_is_not_mixing(curated) -> None:
    """A multi geometry that falls to one part when it is mended does not make the source a mixed one."""
    bad = MultiPolygon([Polygon([(E, N), (E + 100, N), (E + 100, N + 100), (E + 100, N + 300), (E + 100, N + 100)])])
    made = curated.shapes([bad, MultiPolygon([square(E + 500)])], "MultiPolygon")
    assert curated.counts(made) == {("invalid-geometry", "repaired"): 1}


def test_wrong_types(curated) -> None:
    """Of a collection the parts of the layer's dimension are kept; a row with none is dropped, one with several blocks.

    No sentence says that all are of the type when some were left out.
    """
    collection = shapely.GeometryCollection([Point(E, N), square()])
    made = curated.shapes([collection, Point(E, N), MultiPolygon([square(), square(E + 500)]), square(E + 900)],
                          "Polygon")
    assert made.table["id"].to_pylist() == ["c1", "c4"] and made.shapes[0].equals(square())
    assert curated.said(made) == [
        ("wrong-geometry-type", "blocking", "c3", None,
         "has 2 parts, and the layer's geometry is Polygon. Set `geometry: MultiPolygon`."),
        ("wrong-geometry-type", "dropped", "c2", None, "is a Point, and the layer's geometry is Polygon."),
        ("mixed-geometry", "repaired", None, None, "the source mixes 1 GeometryCollection, 1 MultiPolygon, 1 Point, "
         "1 Polygon: 2 become Polygon and 2 do not.")]


@pytest.mark.parametrize("crs", [27700, 7405, 4326, 3857])
def test_heights(curated, crs: int) -> None:
    """Heights are kept as they are, whatever the reference system; a geometry without them is given none."""
    x, y = (E, N) if crs in (27700, 7405) else (-1.4, 50.9) if crs == 4326 else (-156000, 6600000)
    made = curated.shapes([LineString([(x, y, 12.345), (x + 0.1, y, 13)]), LineString([(x, y), (x + 0.2, y)])],
                          "LineString", crs=crs)
    assert curated.said(made) == [
        ("height", "repaired", None, None,
         "1 geometry has heights: they are kept in the edition and left out of what is served.")]
    assert shapely.get_coordinates(made.shapes[0], include_z=True)[:, 2].tolist() == [12.345, 13.0]
    assert shapely.has_z(made.shapes).tolist() == [True, False]


@pytest.mark.parametrize(("e", "n", "lon", "lat"), VECTORS)
def test_golden_vectors(curated, e: float, n: float, lon: float, lat: float) -> None:
    """Longitude and latitude become National Grid metres by OSTN15: to 5 cm, in whole centimetres."""
    made = curated.shapes([Point(lon, lat)], "Point", crs=4326)
    x, y = shapely.get_coordinates(made.shapes)[0]
    assert np.hypot(x - e, y - n) < 0.05
    assert (round(x, 2), round(y, 2)) == (x, y)


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4258", "EPSG:3857", "EPSG:32630", "EPSG:25830",
                                 "EPSG:4277", "EPSG:7405", "EPSG:27700"])
def test_other_reference_systems(curated, crs: str) -> None:
    """Whatever the source's system, Southampton's corner comes out within 5 cm; also from the grid's own datum."""
    e, n, lon, lat = VECTORS[2]
    flat = pyproj.CRS(crs).sub_crs_list[0] if pyproj.CRS(crs).is_compound else pyproj.CRS(crs)
    if crs in ("EPSG:4277", "EPSG:7405", "EPSG:27700"):
        at = pyproj.Transformer.from_crs(27700, flat, always_xy=True).transform(e, n)
    else:
        at = pyproj.Transformer.from_crs("EPSG:4258" if crs != "EPSG:3857" else "EPSG:4326", flat,
                                         always_xy=True).transform(lon, lat)
    made = curated.shapes([Point(at)], "Point", crs=crs)
    assert np.hypot(*(shapely.get_coordinates(made.shapes)[0] - (e, n))) < 0.05


def test_far_from_its_group(curated, layer_of) -> None:
    """A row too far from every other of its group raises a doubt with the distance. An equal twin is near."""
    import geopandas as gpd

    from hantsmap.curate import curate

    frame = gpd.GeoDataFrame({"code": list("abcdefg"), "parish": ["P", "P", "P", "Q", "R", "R", None]}, crs=27700,
                             geometry=gpd.points_from_xy([E, E + 900, E + 20000, E, E, E, E], [N] * 7))
    made = curate("things", layer_of("Point", {"parish": "string"}, together={"field": "parish", "within_m": 1000}),
                  frame, (403000, 89500, 490000, 166000), {})
    assert curated.said(made) == [("far-from-its-group", "doubtful", "c", "parish",
                                   "lies 19.1 km from the nearest other row with parish P: is it in the right place?")]


def test_as_many_rows_as_a_county_has(curated, layer_of) -> None:
    """120,000 rows, all promoted, all in one group, one in ten an exact copy: one finding for each fault."""
    import geopandas as gpd

    from hantsmap.curate import curate

    rows = 120_000
    x, y = 410000 + np.arange(rows) % 70000, 90000 + np.arange(rows) // 70000 * 1000
    codes = np.array([f"c{number}" for number in range(rows)], dtype=object)
    shapes = shapely.linestrings(np.stack([np.stack([x, y], 1), np.stack([x + 5, y + 5], 1)], 1))
    copies = np.arange(0, rows, 10)
    frame = gpd.GeoDataFrame({"code": np.concatenate([codes, codes[copies]]), "parish": "P", "note": " x"}, crs=27700,
                             geometry=np.concatenate([shapes, shapes[copies]]))
    made = curate("things", layer_of("MultiLineString", {"parish": "string", "note": "string"},
                                     together={"field": "parish", "within_m": 1000}),
                  frame, (403000, 89500, 490000, 166000), {})
    assert len(made.table) == rows and curated.counts(made) == {
        ("trailing-space", "repaired"): 1, ("duplicate-row", "dropped"): 1}
