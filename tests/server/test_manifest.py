"""The manifest of a layer's files."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from questions import BROWSER, COUNTS, inside
from shops import application
from truth import URIS


@pytest.fixture
def fresh(county_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of a server that has made no file yet."""
    monkeypatch.setenv("HANTSMAP_DOWNLOADS", str(tmp_path / "downloads"))
    return application(county_store).test_client()


def test_it_lists_every_file_before_any_is_made(fresh: FlaskClient) -> None:
    """Each format in each reference system, with rows and extent; bytes and digest are null, and a note says why."""
    document = fresh.get("/collections/schools/downloads").get_json()
    assert [(each["format"], each["crs"]) for each in document["files"]] == [
        *((name, URIS[system]) for name in ("gpkg", "parquet", "fgb") for system in ("27700", "CRS84")),
        ("geojson", URIS["CRS84"]), ("geojson", URIS["27700"]),
        *((name, URIS[system]) for name in ("csv", "shp.zip") for system in ("27700", "CRS84")),
        ("dxf.zip", URIS["27700"])]
    for each in document["files"]:
        assert each["rows"] == COUNTS["schools"]
        assert each["bytes"] is each["sha256"] is each["generated_at"] is None
        assert each["note"].startswith("Not made yet")
    assert document["licence"]["title"] == "Open Government Licence v3.0"
    assert document["attribution"] and document["updated"].endswith("Z") and document["sequence"] == 1


@pytest.mark.parametrize("layer", ["schools", "policy_indicators"])
def test_each_link_leads_to_the_file_that_is_told_of(fresh: FlaskClient, layer: str) -> None:
    """Once a file is made, the manifest has its name, bytes and SHA-256, and they are those of what is served."""
    for each in fresh.get(f"/collections/{layer}/downloads").get_json()["files"]:
        with fresh.get(inside(each["href"])) as served:
            assert served.status_code == 200
            assert served.content_type == each["type"]
            assert each["name"] in served.headers["Content-Disposition"]
    for each in fresh.get(f"/collections/{layer}/downloads").get_json()["files"]:
        with fresh.get(inside(each["href"])) as served:
            assert (len(served.data), sha256(served.data).hexdigest()) == (each["bytes"], each["sha256"])
        assert each["note"] is None and each["generated_at"].endswith("Z")
        assert (each["crs"] is None) == (each["extent"] is None) == (layer == "policy_indicators")


def test_it_changes_when_a_file_is_made(fresh: FlaskClient) -> None:
    """The validator holds until a file is made; then the manifest is another one."""
    first = fresh.get("/collections/schools/downloads")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert fresh.get("/collections/schools/downloads", headers=tag).status_code == 304
    fresh.get("/collections/schools/downloads/schools.csv").close()
    assert fresh.get("/collections/schools/downloads", headers=tag).status_code == 200


def test_it_is_a_page_for_people(fresh: FlaskClient) -> None:
    """A browser gets a table of links, and the page of the layer leads to it."""
    page = fresh.get("/collections/schools/downloads", headers=BROWSER)
    assert page.content_type.startswith("text/html")
    assert 'href="http://localhost/collections/schools/downloads/schools.gpkg"' in page.text
    assert "/collections/schools/downloads" in fresh.get("/collections/schools", headers=BROWSER).text


def test_it_takes_no_parameters(fresh: FlaskClient) -> None:
    """What it does not know is refused."""
    assert fresh.get("/collections/schools/downloads?crs=here").status_code == 400


def test_a_layer_without_downloads_has_no_manifest(county_store: Path) -> None:
    """Where the grant gives none there is no route, no link, nothing in OpenAPI, and nothing on the page."""
    app: Flask = application(county_store, audience="staff")
    client = app.test_client()
    assert client.get("/collections/people_directory").status_code == 200
    for end in ("downloads", "downloads/people_directory.csv", "downloads/people_directory.gpkg"):
        here = f"/collections/people_directory/{end}"
        told = client.get(here)
        never = client.get(here.replace("/downloads", "/uploads"))
        assert told.status_code == never.status_code == 404
        assert told.data == never.data.replace(b"/uploads", b"/downloads")
    links = client.get("/collections/people_directory").get_json()["links"]
    assert not [each for each in links if each["rel"] in ("enclosure", "related")]
    assert "downloads" not in client.get("/collections/people_directory", headers=BROWSER).text
    paths = client.get("/openapi").get_json()["paths"]
    assert not [path for path in paths if path.startswith("/collections/people_directory/downloads")]
    assert "/collections/schools/downloads/{file}" in paths
