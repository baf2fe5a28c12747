"""QGIS: vector tiles by their address and style, as docs/tiles.md has somebody paste them in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reading import LIMIT_S
from truth import Truth

from hantsmap import crs

SCRIPT = Path(__file__).parent / "qgis_tiles.py"
# QGIS is a module of Debian's own Python.
PYTHON = "/usr/bin/python3"
# Layer, its key, fields to hold against the truth, and its zooms.
ASKED = {"schools": ("urn", ("name", "phase", "pupils"), (8, 14)),
         "rights_of_way": ("row_id", ("status", "length_m"), (12, 14)),
         "designations": ("reference", ("designation", "name", "area_ha"), (7, 14))}


def places(true: Truth, count: int) -> list[tuple[int, tuple[float, float]]]:
    """(row, x and y in EPSG:3857) of points on some features, spread over the layer."""
    chosen = np.unique(np.linspace(0, len(true.shapes) - 1, count).astype(int)).tolist()
    found = []
    for row in chosen:
        shape = true.shapes[row]
        along = shape.geom_type == "LineString"
        on = shape.interpolate(0.5, normalized=True) if along else shape.representative_point()
        moved = crs.served(np.array([on]), crs.EPSG3857)[0]
        found.append((row, (moved.x, moved.y)))
    return found


@pytest.fixture(scope="module")
def answers(needs: Callable[..., str], url: str, true: Callable[[str], Truth]) -> dict[str, dict[str, Any]]:
    """What QGIS makes of the tiles of some layers, in one process."""
    needs("qgis", "qgis and python3-qgis")
    needs(PYTHON, "python3-qgis")
    questions = [{"layer": layer, "first": first, "last": last,
                  "places": [place for _, place in places(true(layer), 6)]}
                 for layer, (_, _, (first, last)) in ASKED.items()]
    done = subprocess.run([PYTHON, SCRIPT, url], input=json.dumps(questions), capture_output=True, text=True,
                          check=False, timeout=LIMIT_S, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(zip(ASKED, json.loads(done.stdout[done.stdout.index("["):]), strict=True))


@pytest.mark.parametrize("layer", ASKED)
def test_what_is_pointed_at_is_the_feature(
    answers: dict[str, dict[str, Any]], true: Callable[[str], Truth], layer: str
) -> None:
    """QGIS draws the tiles in the style of the layer, and names the feature that lies there, with its values."""
    answer, truth, (key, fields, _) = answers[layer], true(layer), ASKED[layer]
    assert answer["valid"] and answer["styles"] > 1, answer
    for (row, _), found, colours in zip(places(truth, 6), answer["found"], answer["colours"], strict=True):
        assert colours > 1
        wanted = truth.column(key)[row]
        named = [each for each in found if str(each["id"]) == str(wanted)]
        assert named, (wanted, found)
        for field in fields:
            assert named[0][field] == pytest.approx(truth.column(field)[row]), field
