"""CSV pages begin with a byte-order mark for Excel; GDAL, pandas and Python still find the first column."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas
import pyogrio
import pytest
from flask.testing import FlaskClient


@pytest.fixture
def page(odd: FlaskClient, tmp_path: Path) -> Path:
    """A page of features as a file, as a browser saves it."""
    answer = odd.get("/collections/odd/items?f=csv", headers={"Accept": "text/csv"})
    assert answer.data.startswith(b"\xef\xbb\xbfid,")
    path = tmp_path / "odd.csv"
    path.write_bytes(answer.data)
    return path


def test_gdal_reads_it(page: Path, needs: Callable[..., str]) -> None:
    """ogrinfo, and pyogrio's own GDAL, name the first column `id` and read every row."""
    told = subprocess.run([needs("ogrinfo"), "-so", "-al", str(page)], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    assert "Feature Count: 18" in told and "\nid: String" in told
    frame = pyogrio.read_dataframe(page)
    assert (next(iter(frame.columns)), len(frame)) == ("id", 18)
    assert "Ünïcödé-名" in set(frame["id"])


def test_pandas_reads_it(page: Path) -> None:
    """Without a word about the encoding."""
    frame = pandas.read_csv(page)
    assert (list(frame.columns)[:2], len(frame)) == (["id", "code"], 18)


def test_pythons_own_reader_reads_it(page: Path) -> None:
    """With `utf-8-sig`, as docs/sharing.md says."""
    rows = list(csv.DictReader(io.TextIOWrapper(page.open("rb"), "utf-8-sig", newline="")))
    assert len(rows) == 18 and all(row["id"] for row in rows)
