"""OpenLayers itself reads our tiles, and draws every feature by our rules."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pmtiles.reader import MmapSource, all_tiles
from test_units import WEB, _node

from hantsmap import symbols
from hantsmap.rendition import Rendition
from hantsmap.store import Store
from hantsmap.tiles import MATRIX_SETS
from hantsmap.tiles.making import archive_name

SCRIPT, OL = Path(__file__).parent / "openlayers_reads.mjs", WEB / "node_modules" / "ol"


def tiled(store: Path) -> list[Rendition]:
    """What everybody sees of the layers that have tiles."""
    whole = Store(store)
    current = [promotion for layer in whole.layers() if (promotion := whole.current(layer))]
    seen = [Rendition(whole.rendition(each.layer, each.renditions["public"])) for each in current
            if "public" in each.renditions]
    return [each for each in seen if each.tiles is not None and each.count]


def last_tiles(rendition: Rendition, matrix: str) -> list[str]:
    """The tiles of the last zoom, unpacked, as base64."""
    with (rendition.folder / archive_name(matrix)).open("rb") as file:
        found = [(zoom, packed) for (zoom, _, _), packed in all_tiles(MmapSource(file))]
    last = max(zoom for zoom, _ in found)
    return [base64.b64encode(gzip.decompress(packed)).decode() for zoom, packed in found if zoom == last]


@pytest.mark.parametrize("matrix", MATRIX_SETS)
def test_openlayers_draws_every_feature(county_store: Path, matrix: str) -> None:
    """Of each layer, OpenLayers finds the features of the rendition in the tiles of the last zoom, each once by its id;
    and for each the rules have a symbol, at 1.75 m to a pixel."""
    node = _node()
    if node is None or not OL.exists():
        message = "OpenLayers is missing: `make test` installs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    renditions = tiled(county_store)
    assert len(renditions) > 25
    questions = [{"rules": symbols.openlayers(each.description), "resolution": 1.75, "tiles": last_tiles(each, matrix)}
                 for each in renditions]
    done = subprocess.run([node, str(SCRIPT), str(OL)], input=json.dumps(questions), capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    for rendition, found in zip(renditions, json.loads(done.stdout), strict=True):
        layer, kind = rendition.description.layer, symbols.kind_of(rendition.description)
        by_id: dict[Any, Any] = {each["properties"]["id"]: each for each in found}
        assert set(by_id) == set(rendition.ids.to_pylist()), layer
        assert {each["layer"] for each in found} == {layer}
        assert all(each["styles"] >= 1 for each in found), layer
        assert {each["kind"].removeprefix("Multi") for each in found} == {
            {"point": "Point", "line": "LineString", "fill": "Polygon"}[kind]}, layer
