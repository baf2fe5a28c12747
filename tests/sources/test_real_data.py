"""The publishers' own files, with the defects that they really have."""

from __future__ import annotations

from collections import Counter

import shapely

INDICATOR = "Total resident population (2023)"


def test_ramsar_is_cut_to_the_county(real, rules) -> None:
    """The national CSV of 1,291 rows, WKT with longitude first, is cut to the sites that meet the county."""
    source = {"file": "designations/ramsar_england.csv", "crs": "OGC:CRS84", "geometry": {"wkt": "geometry"}}
    whole = real.read("MultiPolygon", **source)
    assert len(whole.frame) == 1291 and whole.findings == []
    assert set(whole.frame.geom_type) == {"MultiPolygon"} and whole.frame.crs.is_geographic
    west, south, east, north = whole.frame.total_bounds
    assert -7 < west < east < 2 and 49 < south < north < 56
    cut = real.read("MultiPolygon", **source, clip=True)
    assert 0 < len(cut.frame) < 200
    assert rules(cut.findings) == [("outside-clip", "dropped")]
    assert f"{1291 - len(cut.frame):,} of 1,291 rows" in cut.findings[0].sentence
    assert "Solent" in " ".join(cut.frame["name"].dropna())


def msoa(real, **more):
    """Areas joined to one indicator of the long table."""
    pivot = {"index": "MSOACD21", "names": "Indicator", "values": "Value", "columns": {INDICATOR: "population_2023"}}
    join = {"file": "population/hcc_msoa-summary.csv", "key": "MSOACD21", "to": "MSOA21CD", "pivot": pivot}
    return real.read(
        "MultiPolygon", file="population/msoa-boundaries.geojson", join=join, aliases={"MSOA21CD": "id"}, **more
    )


def test_small_areas_joined_to_the_long_table(real) -> None:
    """182 areas, 170 with a figure; the mark, the spaces and the 12 areas of other counties are told."""
    raw = msoa(real)
    assert len(raw.frame) == 182 and raw.frame["population_2023"].notna().sum() == 170
    assert raw.frame.set_index("id").loc["E02004675", "population_2023"] == "7837.0"
    assert Counter((finding.rule, finding.kind.value) for finding in raw.findings) == {
        ("byte-order-mark", "repaired"): 1, ("trailing-space", "repaired"): 1, ("unmatched-geometry", "doubtful"): 12,
    }  # fmt: skip
    spaces = next(finding for finding in raw.findings if finding.rule == "trailing-space")
    assert spaces.field == "MSOACD21" and "values of `MSOACD21`" in spaces.sentence
    assert raw.provenance["rows_read"] == 182 and raw.provenance["join"]["rows_read"] == 10200


def test_small_areas_of_other_counties_can_be_clipped_away(real, rules) -> None:
    """With `clip` the same areas leave as one finding and not as twelve."""
    raw = msoa(real, clip=True)
    assert len(raw.frame) == 170 and raw.frame["population_2023"].notna().all()
    assert raw.findings[-1].sentence.startswith("12 of 182 rows")
    assert [rule for rule, _ in rules(raw.findings)] == ["byte-order-mark", "trailing-space", "outside-clip"]


def test_one_row_for_each_area_and_indicator(real) -> None:
    """`shape: each` gives all 10,200 rows of the long table, each with its area's geometry."""
    join = {"file": "population/hcc_msoa-summary.csv", "key": "MSOACD21", "to": "MSOA21CD", "shape": "each"}
    raw = real.read("MultiPolygon", file="population/msoa-boundaries.geojson", join=join)
    assert len(raw.frame) == 10200 and raw.frame.geometry.notna().all() and raw.frame.crs.to_epsg() == 4326


def test_conservation_areas_from_a_wfs(real) -> None:
    """The GML mixes Polygon and MultiPolygon, is in the National Grid, and nothing is written beside it."""
    before = sorted((real.data / "designations").iterdir())
    raw = real.read("MultiPolygon", file="designations/southampton_conservation_areas.gml")
    assert len(raw.frame) == 20 and raw.frame.crs.to_epsg() == 27700
    assert set(raw.frame.geom_type) == {"Polygon", "MultiPolygon"} and raw.frame["gml_id"].is_unique
    assert raw.frame["CONSERVATION_AREA_NAME"][0] == "St James Road"
    assert shapely.box(*raw.frame.total_bounds).within(shapely.box(439000, 110000, 446000, 117000))
    assert sorted((real.data / "designations").iterdir()) == before


def test_byways(real) -> None:
    """21 byways, longitude first, values untouched."""
    raw = real.read("LineString", file="row/hampshire_boat_sample_transcribed.geojson")
    assert len(raw.frame) == 21 and raw.frame.crs.to_epsg() == 4326 and raw.findings == []
    assert raw.frame["ROWCODE"][0] == "001/13/1" and shapely.get_point(raw.frame.geometry[0], 0).x == -1.52492


def test_open_roads_keep_their_third_dimension(real) -> None:
    """1,466 links, as LineString Z: flattening is for curation to do and to tell."""
    raw = real.read("LineString", file="highways/os_open_roads_southampton.geojson")
    assert len(raw.frame) == 1466 and raw.frame.geometry.has_z.all() and set(raw.frame.geom_type) == {"LineString"}
    assert raw.frame["length"][0] == 308 and raw.frame["roadNumber"][0] is None


def test_boundaries_and_services_in_geopackages(real) -> None:
    """Wards, districts, libraries and schools come with all their rows in the National Grid."""
    for file, rows, kinds in (
        ("boundaries/bnd_ward.gpkg", 316, {"MultiPolygon"}),
        ("boundaries/bnd_lad_fullres.gpkg", 14, {"MultiPolygon"}),
        ("services/svc_libraries.gpkg", 42, {"Point"}),
        ("services/svc_education_health_transport_points.gpkg", 512, {"Point"}),
        ("designations/env_national_park.gpkg", 2, {"Polygon"}),
    ):
        raw = real.read(file=file)
        assert (len(raw.frame), raw.frame.crs.to_epsg(), set(raw.frame.geom_type)) == (rows, 27700, kinds)
        assert raw.findings == []
