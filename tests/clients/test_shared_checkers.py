"""The black-box checkers that stand beside the repository, when they do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from hantsmap.accounts import Accounts, Party, default_url
from hantsmap.store import Store

CHECKERS = Path(__file__).parents[3] / "shared" / "clients"
LIMIT_S = 300

pytestmark = pytest.mark.skipif(not CHECKERS.is_dir(), reason="the shared checkers are not beside the repository")


def check(*command: object) -> str:
    """The summary line of a checker, which passed all its sub-checks."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYOGRIO_PYTHON": sys.executable}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          env=environment)
    line = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    assert done.returncode == 0, f"{line}\n{done.stderr[-2_000:]}"
    assert " PASS " in line
    passed, _, every = line.split("checks=")[1].split()[0].partition("/")
    assert passed == every
    return line


def test_qgis(needs: Callable[..., str], url: str) -> None:
    """QGIS opens the streets, reads, counts, filters and zooms: every sub-check passes."""
    needs("qgis", "qgis and python3-qgis")
    line = check("/usr/bin/python3", CHECKERS / "qgis_check.py", "--base", url, "--collection", "streets",
                 "--expect-count", 590, "--crs", "EPSG:27700")
    assert "n=590/590" in line


def test_owslib(url: str) -> None:
    """OWSLib, requests and geopandas over the streets: every sub-check passes."""
    assert "n=590/590" in check(sys.executable, CHECKERS / "owslib_check.py", "--base", url, "--collection", "streets",
                                "--expect-count", 590, "--crs", "EPSG:27700")


def test_gdal(needs: Callable[..., str], url: str) -> None:
    """GDAL 3.6 and pyogrio's over the schools, whose boxes are their geometries: every sub-check passes."""
    needs("bash")
    needs("ogr2ogr", "gdal-bin")
    line = check("bash", CHECKERS / "gdal_check.sh", "--base", url, "--collection", "schools", "--expect-count", 29,
                 "--crs", "EPSG:27700")
    assert "n=29/29" in line


@pytest.fixture(scope="module")
def secret(county_store: Path) -> str:
    """A key of the northern contract, issued while the server runs, whose organisation has accepted its licence."""
    with Accounts(default_url(county_store)) as accounts:
        for name, agreement in Store(county_store).site().agreements.items():
            accounts.accept(Party("Acme Highways", "contract_north", "North", None, "tests"), name, agreement)
        return accounts.issue("contract_north", "Acme Highways", "tests", date.today() + timedelta(days=90),
                              by="tests").secret


def test_qgis_with_a_key(needs: Callable[..., str], url: str, secret: str) -> None:
    """QGIS with the key as its password reads its contract's segments; without it, or with another, nothing."""
    needs("qgis", "qgis and python3-qgis")
    line = check("/usr/bin/python3", CHECKERS / "qgis_check.py", "--base", url, "--collection", "contract_segments",
                 "--expect-count", 772, "--crs", "EPSG:27700", "--user", "key", "--password", secret, "--protected")
    assert "n=772/772" in line


def test_owslib_with_a_key(url: str, secret: str) -> None:
    """OWSLib with the key reads the contract's streets; the anonymous are told of them nowhere."""
    line = check(sys.executable, CHECKERS / "owslib_check.py", "--base", url, "--collection", "contract_streets",
                 "--expect-count", 235, "--crs", "EPSG:27700", "--user", "key", "--password", secret, "--protected")
    assert "n=235/235" in line
