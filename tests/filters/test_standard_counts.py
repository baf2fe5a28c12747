"""The test data of the CQL2 standard (OGC 21-065, annex A): each filter finds as many features as the standard says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shops

STANDARD = Path(__file__).parents[3] / "shared" / "standards" / "cql2"
METRES = "http://www.opengis.net/def/crs/EPSG/0/27700"
# Counts of the standard that its own data contradict (`Ch%` finds three names, `Chiș%` without regard to accents one),
# and boxes across the antimeridian, which a reference system in metres does not have: those are refused.
EXCEPTIONS: dict[str, int | None] = {
    "ACCENTI(name) LIKE accenti('Ch%')": 3,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": 1,
    "S_INTERSECTS(geometry,BBOX(550000,210000,250000,390000))": None,
    "S_INTERSECTS(BBOX(550000,210000,250000,390000),geometry)": None,
}


def test_every_filter_of_the_standard(tmp_path: Path) -> None:
    """269 of 274 counts are those of the standard; three are corrected, and two filters are refused."""
    if not STANDARD.is_dir():
        pytest.skip("../shared/standards/cql2 is absent: the test data of the standard are not part of this project")
    shops.publish_all(STANDARD / "layers.yaml", STANDARD, tmp_path / "store")
    client = shops.application(tmp_path / "store").test_client()
    with (STANDARD / "annex_a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 274
    assert EXCEPTIONS.keys() <= {row["filter"] for row in rows}
    wrong = {}
    for row in rows:
        expected = EXCEPTIONS.get(row["filter"], int(row["expected"]))
        answer = client.get(f"/collections/{row['collection']}/items", query_string={
            "filter": row["filter"], "filter-crs": METRES, "limit": "1"})
        found = answer.get_json().get("numberMatched")
        if found != expected or answer.status_code != (400 if expected is None else 200):
            wrong[row["filter"]] = (found, expected)
    assert wrong == {}
