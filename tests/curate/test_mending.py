"""Repairs of geometry: slivers go, the change of area is given, and a large change blocks."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from curating import CODES, Bench, layer
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon

from hantsmap.curate import curate
from hantsmap.findings import Kind, RowNote

CASES = Path(__file__).parents[3] / "shared" / "cases"
E, N = 440000, 110000


def ring(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """Corners relative to E, N."""
    return [(E + x, N + y) for x, y in corners]


def box(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    """A ring around a box, relative to E, N."""
    return ring((west, south), (east, south), (east, north), (west, north))


SLIVER = Polygon(ring((0, 0), (100, 0), (100, 100), (0, 100.02), (0.2, 100.1), (0, 0)))


def test_slivers_of_a_repair_are_left_out(curated: Bench) -> None:
    """A crossing that cuts off less than 1 m2 leaves one polygon; the finding gives both areas."""
    made = curated.shapes([SLIVER], "Polygon")
    assert shapely.get_num_geometries(made.shapes).tolist() == [1] and shapely.is_valid(made.shapes).all()
    (found,) = made.findings
    assert (found.rule, found.kind.value) == ("invalid-geometry", "repaired")
    assert "mended, 1 sliver of 0.01 m2 left out, area changed from " in found.sentence


def test_what_counts_as_a_sliver_is_set_by_the_layer(curated: Bench) -> None:
    """With `sliver_m2: 0` both parts stay, and a Polygon layer blocks with what to set, instead of losing a row."""
    made = curated.shapes([SLIVER], "Polygon", sliver_m2=0)
    assert [found.rule for found in made.findings] == ["invalid-geometry", "wrong-geometry-type", "no-rows"]
    assert made.findings[1].sentence == ("has 2 parts, and the layer's geometry is Polygon. "
                                         "Set `geometry: MultiPolygon`.")
    assert shapely.get_num_geometries(curated.shapes([SLIVER], "MultiPolygon", sliver_m2=0).shapes).tolist() == [2]


def test_small_parts_of_the_source_stay(curated: Bench) -> None:
    """A small island that the source has beside a broken polygon is no sliver of the repair."""
    island = Polygon(box(300, 300, 300.5, 300.5))
    made = curated.shapes([MultiPolygon([SLIVER, island])], "MultiPolygon")
    assert shapely.get_num_geometries(made.shapes).tolist() == [2]
    assert made.shapes[0].intersects(island)


def test_a_hole_outside_its_shell_blocks(curated: Bench) -> None:
    """It adds half of the area: the finding says from what to what, and the layer's `max_repair` decides."""
    stray = Polygon(box(0, 0, 100, 100), [box(200, 0, 250, 100)])
    made = curated.shapes([stray], "MultiPolygon")
    (found,) = made.findings
    assert (found.rule, found.kind.value) == ("invalid-geometry", "blocking")
    assert "area changed from 10,000.00 to 15,000.00 m2 (+50.0%). That is more than max_repair 5%." in found.sentence
    assert [found.kind.value for found in curated.shapes([stray], "MultiPolygon", max_repair=0.5).findings] == [
        "repaired"]


def test_a_hole_that_reaches_outside_changes_nothing(curated: Bench) -> None:
    """The part of a hole outside its shell is ignored: the area is the shell without the hole."""
    made = curated.shapes([Polygon(box(0, 0, 100, 100), [box(50, 10, 150, 60)])], "Polygon")
    assert shapely.area(made.shapes).tolist() == [7500.0]
    assert made.findings[0].sentence.endswith("mended, area still 7,500.00 m2.")


def test_reviewed_slivers(curated: Bench) -> None:
    """The reviewed file: all 31 orders are kept in a Polygon layer, and the repair is told."""
    if not CASES.is_dir():
        pytest.skip("the reviewed cases (../shared/cases) are not beside the repository")
    frame = gpd.read_file(CASES / "slivers.geojson").rename(columns={"ref": "code"})
    made = curate("things", layer("Polygon", {}), frame, (400000, 0, 500000, 200000), CODES)
    assert len(made.table) == 31 and [(found.rule, found.kind.value) for found in made.findings] == [
        ("invalid-geometry", "repaired")]
    assert "sliver" in made.findings[0].sentence and "area changed from" in made.findings[0].sentence


def test_swapped_coordinates_are_hinted_at(curated: Bench) -> None:
    """A point that would be inside with easting and northing exchanged says so, and how to exchange them."""
    made = curated.shapes([Point(N, E), Point(900000, 10)], "Point")
    assert ["swapped" in found.sentence for found in made.findings if found.rule == "outside-extent"] == [True, False]
    assert "Exchange `x` and `y` in `source.geometry`" in made.findings[0].sentence


def test_one_finding_for_a_row_without_coordinates() -> None:
    """The reason that reading found is the one finding, under the row's key as every other finding writes it."""
    frame = gpd.GeoDataFrame({"code": ["a b", None, "c"]}, geometry=gpd.GeoSeries([None, None, Point(E, N)], crs=27700))
    notes = {0: RowNote("blank-coordinates", Kind.DROPPED, "has no usable coordinates.", "x")}
    made = curate("things", layer("Point", {}), frame, (400000, 0, 500000, 200000), CODES, numbers=[7, 8, 12],
                  notes=notes)
    assert Bench.said(made) == [
        ("blank-coordinates", "dropped", "a-b", "x", "has no usable coordinates."),
        ("empty-geometry", "dropped", "row 8", None, "has no geometry, or an empty one."),
        ("missing-value", "dropped", "row 8", "code", "has no value here: the row is left out.")]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=9, unique=True),
       st.booleans())
def test_repairs_keep_the_ground_or_block(corners: list[tuple[int, int]], hole: bool) -> None:
    """Any ring, with or without a hole: the result is valid; unless it blocks, at most 5 % or 1 m2 of area changes."""
    shape = Polygon(ring(*corners), [box(20, 20, 70, 40)] if hole else None)
    frame = gpd.GeoDataFrame({"code": ["c1"]}, geometry=gpd.array.from_shapely(np.array([shape]), crs=27700))
    made = curate("things", layer("MultiPolygon", {}), frame, (400000, 0, 500000, 200000), CODES)
    kinds = {found.kind.value for found in made.findings}
    if not len(made.table) or "blocking" in kinds:
        return
    assert shapely.is_valid(made.shapes).all()
    ground = shapely.make_valid(Polygon(shape.exterior), method="structure")
    if hole:
        ground = shapely.difference(ground, shapely.box(E + 20, N + 20, E + 70, N + 40))
    assert abs(shapely.area(made.shapes)[0] - ground.area) <= max(0.05 * ground.area, 1.0) + 1e-6


def test_heights_lost_in_a_repair_are_told(curated: Bench) -> None:
    """A repair is made in two dimensions: the finding says that the heights are gone."""
    tall = Polygon([(x, y, 5.0) for x, y in ring((0, 0), (100, 100), (100, 0), (0, 100))])
    made = curated.shapes([tall], "MultiPolygon")
    assert made.findings[0].sentence.endswith("area still 5,000.00 m2, its heights left out.")
    assert not shapely.has_z(made.shapes).any()
