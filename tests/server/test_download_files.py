"""The files of a layer: whole, or the part that the parameters choose, or the part that a range asks for."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from questions import COUNTS, at
from truth import URIS

FORMATS = ("gpkg", "parquet", "fgb", "geojson", "csv", "shp.zip", "dxf.zip")


def get(client: FlaskClient, layer: str, name: str, headers: Mapping[str, str] | None = None, *, method: str = "GET",
        **asked: str) -> Any:
    """The answer for a file of a layer, with its bytes."""
    query = {each.replace("_", "-") if each in ("bbox_crs", "filter_crs") else each: text
             for each, text in asked.items()}
    with client.open(f"/collections/{layer}/downloads/{layer}.{name}", method=method, query_string=query,
                     headers=headers) as answer:
        assert answer.data is not None
        return answer


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_says_what_it_is(client: FlaskClient, name: str) -> None:
    """Its ETag and its digest are its SHA-256, and it has a name, a length and a reference system."""
    answer = get(client, "rights_of_way", name)
    digest = sha256(answer.data)
    assert answer.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Content-Crs"] == f"<{URIS['CRS84' if name == 'geojson' else '27700']}>"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="rights_of_way-')
    assert answer.headers["Content-Disposition"].endswith(f'.{name}"')
    assert answer.headers["Accept-Ranges"] == "bytes" and "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(("asked", "status", "start", "end"), [
    ("bytes=0-99", 206, 0, 100), ("bytes=100-", 206, 100, None), ("bytes=-50", 206, -50, None),
    ("bytes=0-99999999999", 206, 0, None), ("bytes=0-0", 206, 0, 1), ("bytes=5-4", 200, 0, None),
    ("bytes=0-1,5-6", 200, 0, None), ("lines=1-2", 200, 0, None), ("bytes=", 200, 0, None), ("bytes=-", 200, 0, None),
    ("bytes=99999999999-", 416, 0, 0), ("bytes=-0", 416, 0, 0)])
def test_a_range(client: FlaskClient, asked: str, status: int, start: int, end: int | None) -> None:
    """One range is a part; several, or what is none, get the whole; one beyond the end is told the length."""
    whole = get(client, "schools", "gpkg").data
    answer = get(client, "schools", "gpkg", {"Range": asked})
    assert answer.status_code == status
    assert answer.data == whole[start:end]
    if status == 206:
        first = start % len(whole)
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(whole)}"
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_a_transfer_goes_on_only_with_the_same_file(client: FlaskClient) -> None:
    """`If-Range` with the file's ETag gives the rest; with another one, or a date, the whole."""
    whole = get(client, "schools", "csv")
    for condition, status in ((whole.headers["ETag"], 206), ('"other"', 200), (f"W/{whole.headers['ETag']}", 200),
                              ("Sun, 22 Nov 2026 09:00:00 GMT", 200)):
        answer = get(client, "schools", "csv", {"Range": "bytes=10-", "If-Range": condition})
        assert answer.status_code == status
        assert answer.data == (whole.data[10:] if status == 206 else whole.data)


def test_who_has_it_is_told_so(client: FlaskClient) -> None:
    """The ETag is honoured; HEAD tells what GET would, without the bytes, and has no ranges."""
    whole = get(client, "schools", "csv")
    same = get(client, "schools", "csv", {"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    head = get(client, "schools", "csv", {"Range": "bytes=1-2"}, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize("asked", [
    {"filter": "capacity > 300"}, {"bbox": "-1.15,50.8,-1.10,50.86"}, {"phase": "2"},
    {"bbox": "457000,100000,463000,106000", "bbox_crs": URIS["27700"], "filter": "status = 1"}])
def test_a_cut_has_the_rows_that_items_have(client: FlaskClient, asked: dict[str, str]) -> None:
    """With the same parameters, the features of a file are those of the items; in every format as many."""
    named = {("bbox-crs" if name == "bbox_crs" else name): text for name, text in asked.items()}
    items = client.get("/collections/schools/items", query_string={**named, "limit": 1000}).get_json()
    assert 0 < items["numberMatched"] < COUNTS["schools"]
    assert json.loads(get(client, "schools", "geojson", **asked).data)["features"] == items["features"]
    table = get(client, "schools", "csv", **asked)
    assert len(list(csv.reader(io.StringIO(table.text)))) == items["numberMatched"] + 1
    assert "-cut-" in table.headers["Content-Disposition"]


@pytest.mark.parametrize(("name", "asked", "parameter"), [
    ("gpkg", {"limit": "1"}, "limit"), ("gpkg", {"crs": URIS["3857"]}, "crs"), ("csv", {"f": "csv"}, "f"),
    ("dxf.zip", {"crs": URIS["CRS84"]}, "crs"), ("csv", {"filter": "secret = 1"}, "filter"),
    ("csv", {"shift": "1,2"}, "shift"), ("dxf.zip", {"shift": "x"}, "shift")])
def test_what_cannot_be_meant(client: FlaskClient, name: str, asked: dict[str, str], parameter: str) -> None:
    """A wrong parameter is 400, named, and nothing is made."""
    answer = get(client, "schools", name, **asked)
    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == parameter


@pytest.mark.parametrize("name", ["schools.exe", "streets.gpkg", "schools", "schools.gpkg.zip", "..%2fschools.gpkg"])
def test_what_is_not_there(client: FlaskClient, name: str) -> None:
    """A file that a layer does not have is 404."""
    assert client.get(f"/collections/schools/downloads/{name}").status_code == 404


def test_a_shifted_drawing(client: FlaskClient) -> None:
    """A shift is part of the file's name."""
    told = get(client, "schools", "dxf.zip", shift="450000,100000").headers["Content-Disposition"]
    assert "-shifted-450000-100000.dxf.zip" in told


def test_another_ones_files_are_private(staff: FlaskClient) -> None:
    """What is not for everybody is kept by no cache, and holds what that audience may see."""
    answer = get(staff, "rights_of_way", "geojson")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert json.loads(answer.data)["features"] == staff.get(at("rights_of_way", limit=1000)).get_json()["features"]
