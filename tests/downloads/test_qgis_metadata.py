"""QGIS reads licence, rights, credit and contacts from a GeoPackage as its own layer metadata."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from files_made import maker
from shops import Shop

SCRIPT, PYTHON = Path(__file__).parent / "qgis_opens.py", "/usr/bin/python3"
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
DEGREES = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@pytest.fixture(scope="module")
def metadata(needs: Callable[..., str], odd_shop: Shop, tmp_path_factory: pytest.TempPathFactory
             ) -> dict[str, dict[str, Any]]:
    """What QGIS reads from the file in metres, and from the one in degrees."""
    needs("qgis", "qgis and python3-qgis")
    make = maker(odd_shop.store, tmp_path_factory.mktemp("made"))
    files = {"27700": make("odd", "gpkg"), "4326": make("odd", "gpkg", crs=DEGREES)}
    uris = [f"{each.path}|layername=odd" for each in files.values()]
    done = subprocess.run([PYTHON, SCRIPT], input=json.dumps(uris), capture_output=True, text=True, check=False,
                          timeout=120, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr[-2_000:]
    answers = json.loads(done.stdout[done.stdout.index("["):])
    assert all(each["valid"] and each["count"] == 18 for each in answers)
    return dict(zip(files, (each["metadata"] for each in answers), strict=True))


@pytest.mark.parametrize("system", ["27700", "4326"])
def test_qgis_shows_who_may_use_the_data_and_how(metadata: dict[str, dict[str, Any]], system: str) -> None:
    """Title, licence with its address, credit, publisher and steward with their address, lineage, extent and system;
    letters that mean something in XML come through as they are."""
    told = metadata[system]
    assert told["title"] == "Odd <b>things</b> & more"
    assert told["abstract"].startswith('Things with odd ids. "Quoted" <i>too</i>.')
    assert told["licenses"] == [f"Open Government Licence v3.0 ({LICENCE})"]
    assert told["rights"] == ["© Testers & <friends>"]
    assert told["constraints"] == [["use", "Open Government Licence v3.0"]]
    assert told["links"] == [["Open Government Licence v3.0", LICENCE]]
    assert told["contacts"] == [["Testers", "Testers", "tests@example.org", "publisher"],
                                ["Testers", "Testers", "tests@example.org", "custodian"]]
    assert told["history"] == ["Made up.", "Source: Tests.", "Updated: never."]
    assert sorted(told["keywords"]) == ["<script>", "odd"]
    assert told["crs"] == f"EPSG:{system}"
    west, south, east, north = told["box"]
    assert -1.5 < west < east < -1.3 and 50.8 < south < north < 51.0
