"""The names that the map can be searched for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from flask.testing import FlaskClient
from truth import Truth

from hantsmap.on_map import Named

ADDRESS = "/map/names.json"
WHOLE_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")


def named(client: FlaskClient, kind: str) -> list[Any]:
    """Rows of one kind."""
    return [row for row in client.get(ADDRESS).get_json()["names"] if row[1] == kind]


def test_every_school_is_found_where_it_is(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Name, phase and town, and its own coordinates in whole metres."""
    schools = true("schools")
    words = dict(zip(schools.column("name"), schools.column("phase_text"), strict=True))
    places = {name: point for name, point in zip(schools.column("name"), schools.shapes, strict=True) if point}
    found = named(client, "school")
    assert {row[0] for row in found} == set(places)
    for name, _, easting, northing, where in found:
        assert (easting, northing) == (round(places[name].x), round(places[name].y))
        assert where.startswith(words[name])


def test_a_path_is_one_name_and_lies_on_the_path(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """The links of a path are one name, and its place is on one of them."""
    paths = true("rights_of_way")
    links = defaultdict(list)
    for ref, shape in zip(paths.column("prow_ref"), paths.shapes, strict=True):
        links[ref].append(shape)
    found = named(client, "path")
    assert sorted(row[0] for row in found) == sorted(links)
    assert len(found) < paths.count
    for name, _, easting, northing, _where in found:
        assert shapely.distance(shapely.Point(easting, northing), shapely.MultiLineString(links[name])) < 1


def test_no_whole_postcode_is_told(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """A postcode is named by its district alone, at the mean of the public places that have it."""
    places = defaultdict(list)
    for layer in ("schools", "services"):
        table = true(layer)
        for code, point in zip(table.column("postcode"), table.shapes, strict=True):
            if code and point:
                places[code.split()[0]].append((point.x, point.y))
    found = {row[0]: row[2:4] for row in named(client, "postcode")}
    assert set(found) == set(places)
    for district, (easting, northing) in found.items():
        assert np.allclose(np.mean(places[district], axis=0), (easting, northing), atol=0.51)
    assert not [row for row in client.get(ADDRESS).get_json()["names"] if WHOLE_POSTCODE.fullmatch(row[0])]


def test_what_is_hidden_has_no_name_here(
    client: FlaskClient, county_data: Path, true: Callable[..., Truth]
) -> None:
    """No service whose place is secret, and no street that is not open, can be searched for."""
    names = {row[0] for row in client.get(ADDRESS).get_json()["names"]}
    services = pd.read_csv(county_data / "services.csv")
    secret = set(services["name"][services["location_secret"].astype(str).str.lower() == "true"])
    assert secret and not names & secret
    staff_only = set(true("streets", "staff").column("street_descriptor")) - set(
        true("streets").column("street_descriptor"))
    assert staff_only and not names & staff_only


def test_staff_search_what_staff_may_see(staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """The names of an audience are those of its own renditions."""
    assert {row[0] for row in named(staff, "street")} == set(true("streets", "staff").column("street_descriptor"))


def test_it_is_small_and_read_once(client: FlaskClient) -> None:
    """Compressed it is under 20 kB for the village county; the same names have the same ETag."""
    first = client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip" and len(first.data) < 20_000
    assert client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(f"{ADDRESS}?q=school").status_code == 400


@pytest.mark.parametrize("fields", [{"name"}, {"name", "town"}, {"town"}, set()])
def test_a_name_that_is_held_back_is_not_declared(fields: set[str]) -> None:
    """What a grant leaves of a declaration names only granted fields; without the name itself, nothing is left."""
    left = Named(field="name", kind="school", where=("town", "phase")).left(fields)
    assert (left is not None) == ("name" in fields)
    assert left is None or {left.field, *left.where} <= fields
