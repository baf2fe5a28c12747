"""Rings of polygons follow the rule of the format that they are served in."""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1]))
from shops import application, publish_all

REGISTRY = """
title: Fields
description: Fields to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"}
layers:
  fields:
    title: Fields
    description: Fields.
    steward: Testers
    licence: ogl
    attribution: Testers
    cadence: never
    source_name: Tests
    lineage: Made up.
    geometry: MultiPolygon
    key: code
    source: {file: fields.geojson, crs: "EPSG:27700"}
    fields:
      code: {type: string, title: Code, required: true}
    grants:
      public:
        fields: all
        geometry: grid:100
        downloads: true
        held_back: [{reason: f, sentence: Exact outlines are for staff., owner: Testers, review: 2099-01-01}]
      staff: {fields: all, downloads: true}
"""
SHELL = [[440000, 110000], [440000, 110900], [440900, 110900], [440900, 110000], [440000, 110000]]
HOLE = [[440100, 110100], [440800, 110100], [440800, 110800], [440100, 110800], [440100, 110100]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two fields of clockwise shells and anticlockwise holes, and one the other way round."""
    folder = tmp_path_factory.mktemp("rings")
    rings = [[SHELL, HOLE], [[[x + 2000, y] for x, y in SHELL], [[x + 2000, y] for x, y in HOLE]],
             [[[x + 4000, y] for x, y in SHELL[::-1]], [[x + 4000, y] for x, y in HOLE[::-1]]]]
    features = [{"type": "Feature", "properties": {"code": f"f{number}"},
                 "geometry": {"type": "Polygon", "coordinates": each}} for number, each in enumerate(rings)]
    (folder / "fields.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "layers.yaml").write_text(REGISTRY)
    publish_all(folder / "layers.yaml", folder, folder / "store")
    return folder / "store"


def polygons(document: dict[str, Any]) -> list[Any]:
    """Every polygon of a FeatureCollection."""
    return [part for feature in document["features"] for part in shapely.get_parts(shape(feature["geometry"]))]


@pytest.mark.parametrize("path", ["/collections/fields/items?f=json", "/collections/fields/items?f=json&crs="
                                  "http://www.opengis.net/def/crs/EPSG/0/27700",
                                  "/collections/fields/items?f=json&properties=code",
                                  "/collections/fields/downloads/fields.geojson"])
@pytest.mark.parametrize("audience", ["public", "staff"])
def test_geojson_follows_the_right_hand_rule(store: Path, audience: str, path: str) -> None:
    """Shells are anticlockwise and holes clockwise (RFC 7946, 3.1.6), exact or in squares, in pages and files."""
    reply = application(store, audience=audience).test_client().get(path)
    found = polygons(json.loads(reply.data))
    assert len(found) == 3
    assert [(ring.exterior.is_ccw, [hole.is_ccw for hole in ring.interiors]) for ring in found] == [(True, [False])] * 3


@pytest.mark.parametrize("audience", ["public", "staff"])
def test_shapefiles_are_clockwise(store: Path, audience: str) -> None:
    """A Shapefile has its own rule: shells clockwise, holes anticlockwise (ESRI white paper, 1998, page 8)."""
    reply = application(store, audience=audience).test_client().get("/collections/fields/downloads/fields.shp.zip")
    with zipfile.ZipFile(BytesIO(reply.data)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".shp"))
        content = archive.read(name)
    at, ways = 100, []
    while at < len(content):
        length = struct.unpack(">i", content[at + 4: at + 8])[0] * 2
        parts, points = struct.unpack("<2i", content[at + 44: at + 52])
        starts = [*struct.unpack(f"<{parts}i", content[at + 52: at + 52 + 4 * parts]), points]
        flat = struct.unpack(f"<{2 * points}d", content[at + 52 + 4 * parts: at + 52 + 4 * parts + 16 * points])
        corners = list(zip(flat[::2], flat[1::2], strict=True))
        ways.append([shapely.LinearRing(corners[a:b]).is_ccw for a, b in pairwise(starts)])
        at += 8 + length
    assert ways == [[False, True]] * 3
