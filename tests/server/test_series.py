"""Values of areas over time, for thematic maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from truth import Truth

from hantsmap.on_map import Series

LAYER = "population_forecasts"
ADDRESS = f"/collections/{LAYER}/series"


def told(client: FlaskClient, group: str) -> dict[str, Any]:
    """The series of one kind of area."""
    answer = client.get(f"{ADDRESS}?group={group}")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return dict(answer.get_json())


def rows(client: FlaskClient, group: str) -> list[dict[str, Any]]:
    """Rows of the layer as everybody reads them."""
    answer = client.get(f"/collections/{LAYER}/items?filter=geography='{group}'&limit=10000&skipGeometry=true")
    return [feature["properties"] for feature in answer.get_json()["features"]]


@pytest.mark.parametrize("group", ["MSOA", "ward", "district"])
def test_values_are_those_of_the_features(client: FlaskClient, group: str) -> None:
    """Each value of each area, period and field equals that of the feature; null where the count is suppressed."""
    series, features = told(client, group), rows(client, group)
    areas = [area["id"] for area in series["areas"]]
    assert series["periods"] == list(range(2023, 2031)) and series["base_year"] == 2023
    assert len(features) == len(areas) * 8
    for row in features:
        at = areas.index(row["area_gss"]), series["periods"].index(row["year"])
        for name, values in series["values"].items():
            assert values[at[0]][at[1]] == row[name], (row["area_gss"], row["year"], name)
    left_out = {name for name in features[0] if name[:2] in ("p_", "f_", "m_")} - set(series["values"])
    assert all(row[name] is None for row in features for name in left_out)


def test_sexes_and_ages_are_there_for_wards(client: FlaskClient) -> None:
    """For a pyramid: 19 bands of age for each sex, with title and unit."""
    fields = told(client, "ward")["fields"]
    assert sum(name.startswith("f_") for name in fields) == sum(name.startswith("m_") for name in fields) == 20
    assert fields["f_05_09"] == {"title": "Females aged 5 to 9", "unit": "persons"}
    assert not any(name.startswith("f_") for name in told(client, "MSOA")["fields"])


def test_suppressed_counts_are_null(staff: FlaskClient) -> None:
    """Where staff see small areas, some counts are left out there: null, never 0."""
    series = told(staff, "LSOA")
    missing = [value for table in series["values"].values() for row in table for value in row if value is None]
    assert missing
    assert all(value is None or value == 0 or value >= 10
               for table in series["values"].values() for row in table for value in row)


def test_areas_have_name_parent_and_size(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Hectares are those of the geometry; the parent of a ward is its district."""
    wards = true("wards")
    sizes = dict(zip(wards.column("gss"), shapely.area(wards.shapes) / 10_000, strict=True))
    parents = dict(zip(wards.column("gss"), wards.column("district_gss"), strict=True))
    areas = told(client, "ward")["areas"]
    assert {area["id"]: area["parent"] for area in areas} == parents
    for area in areas:
        assert area["area_ha"] == pytest.approx(sizes[area["id"]], abs=0.01)
        assert area["name"].strip()


def test_groups_are_those_that_the_audience_sees(client: FlaskClient, staff: FlaskClient) -> None:
    """Output areas are there for staff and not for everybody, whom nobody tells that there are such."""
    assert told(client, "ward")["groups"] == ["MSOA", "ward", "district"]
    assert told(staff, "ward")["groups"] == ["OA", "LSOA", "MSOA", "ward", "district"]
    hidden, never = client.get(f"{ADDRESS}?group=OA"), client.get(f"{ADDRESS}?group=XX")
    assert hidden.status_code == never.status_code == 400
    assert hidden.get_json()["detail"].replace("`OA`", "`XX`") == never.get_json()["detail"]


def test_what_cannot_be_meant_is_refused(client: FlaskClient) -> None:
    """No group, two groups or another parameter: 400; a layer without series, or that is not there: 404."""
    assert client.get(ADDRESS).status_code == 400
    assert client.get(f"{ADDRESS}?group=ward&group=MSOA").status_code == 400
    assert client.get(f"{ADDRESS}?group=ward&year=2024").status_code == 400
    assert client.get("/collections/schools/series?group=ward").status_code == 404
    assert client.get("/collections/population_dwellings/series?group=ward").status_code == 404
    assert client.get("/collections/nothing/series?group=ward").status_code == 404


def test_it_is_read_once(client: FlaskClient) -> None:
    """The same series has the same ETag, another kind of area another."""
    first = client.get(f"{ADDRESS}?group=ward")
    assert client.get(f"{ADDRESS}?group=ward", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(f"{ADDRESS}?group=MSOA").headers["ETag"] != first.headers["ETag"]


def test_a_series_without_its_areas_is_none() -> None:
    """Where a grant holds back area, period or kind there is no series; other fields are left out of it one by one."""
    declared = Series(area="a", name="n", period="y", group="g", parent="p", base="b", values=("v", "w"))
    assert declared.left({"n", "y", "g", "v"}) is None
    left = declared.left({"a", "n", "y", "g", "w"})
    assert left is not None and (left.parent, left.base, left.values) == (None, None, ("w",))
