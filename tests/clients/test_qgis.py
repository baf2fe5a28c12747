"""QGIS: the OAPIF provider of the desktop program, without its window."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from reading import FIVE_CM, LAYERS, LIMIT_S, PLACED, matching, metres_apart
from truth import Truth

SCRIPT = Path(__file__).parent / "qgis_reads.py"
# QGIS is a module of Debian's own Python.
PYTHON = "/usr/bin/python3"
KEYS = {"streets": "usrn", "rights_of_way": "row_id", "sinc": "sinc_ref", "schools": "urn"}


@pytest.fixture(scope="module")
def read(needs: Callable[..., str], url: str) -> Callable[..., list[dict[str, Any]]]:
    """`read(question, ...)`: what QGIS makes of questions, in one process."""
    needs("qgis", "qgis and python3-qgis")
    needs(PYTHON, "python3-qgis")

    def ask(*questions: dict[str, Any]) -> list[dict[str, Any]]:
        asked = [{"filter": None, "box": None, **question} for question in questions]
        done = subprocess.run([PYTHON, SCRIPT, url], input=json.dumps(asked), capture_output=True, text=True,
                              check=False, timeout=LIMIT_S, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        assert done.returncode == 0, done.stderr[-2_000:]
        answers: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("["):])
        for answer, question in zip(answers, asked, strict=True):
            assert answer["valid"], (question, answer)
        return answers

    return ask


@pytest.fixture(scope="module")
def whole(read: Callable[..., list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Every layer, read whole."""
    return dict(zip(LAYERS, read(*({"layer": layer} for layer in LAYERS)), strict=True))


@pytest.mark.parametrize("layer", LAYERS)
def test_it_reads_every_feature(whole: dict[str, dict[str, Any]], true: Callable[[str], Truth], layer: str) -> None:
    """The count before and after reading, the kind of geometry, and the fields are right."""
    answer, (count, kind, _) = whole[layer], LAYERS[layer]
    assert answer["read"] == count
    assert answer["count"] == count
    assert answer["kind"] == ("NoGeometry" if kind == "none" else kind)
    served = set(true(layer).fields)
    assert served - {"limitations", "criteria_family", "district_gss", "parish_gss"} <= set(answer["fields"])


@pytest.mark.parametrize("layer", [layer for layer in PLACED if layer in KEYS])
def test_coordinates(whole: dict[str, dict[str, Any]], true: Callable[[str], Truth], layer: str) -> None:
    """QGIS 3.22 reads longitude and latitude: each vertex is within 5 cm of the OSTN15 truth, and in the extent."""
    answer, truth = whole[layer], true(layer)
    assert answer["crs"] in ("EPSG:4326", "OGC:CRS84")
    places = dict(zip(map(str, truth.column(KEYS[layer])), truth.shapes_in("CRS84"), strict=True))
    given = [shapely.from_wkb(bytes.fromhex(wkb)) for _, wkb, _ in answer["features"]]
    expected = [places[row[KEYS[layer]]] for _, _, row in answer["features"]]
    assert metres_apart(given, expected, degrees=True) < FIVE_CM
    west, south, east, north = shapely.total_bounds(expected)
    box = answer["extent"]
    assert box[0] <= west + 1e-6 and box[1] <= south + 1e-6 and box[2] >= east - 1e-6 and box[3] >= north - 1e-6


def test_a_box(read: Callable[..., list[dict[str, Any]]], true: Callable[[str], Truth]) -> None:
    """A rectangle is sent to the server: what comes is all that meets it, and nothing whose box is beyond it."""
    layers = ("streets", "sinc", "schools")
    boxes = [true(layer).middle("CRS84", 0.8) for layer in layers]
    answers = read(*({"layer": layer, "box": box} for layer, box in zip(layers, boxes, strict=True)))
    for layer, box, answer in zip(layers, boxes, answers, strict=True):
        shapes = true(layer).shapes_in("CRS84")
        most = int(shapely.intersects(shapely.envelope(shapes), shapely.box(*box)).sum())
        assert len(true(layer).meeting(box, "CRS84")) <= answer["read"] <= most, layer


def test_a_filter(read: Callable[..., list[dict[str, Any]]], true: Callable[[str], Truth]) -> None:
    """A subset string is answered with the rows of the edition that it has, whether QGIS or the server works it out."""
    answers = read(*({"layer": layer, "filter": LAYERS[layer][2]} for layer in LAYERS))
    for layer, answer in zip(LAYERS, answers, strict=True):
        truth = true(layer)
        assert answer["read"] == matching(layer, {name: truth.column(name) for name in truth.fields}) > 0, layer
