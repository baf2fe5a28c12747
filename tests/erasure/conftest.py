"""What the tests of erasing share: a small county with points, lines in tiles and a table, and people in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from county_with_people import CountyWithPeople


@pytest.fixture
def county(tmp_path: Path) -> CountyWithPeople:
    """The county, published twice: the name of one tree differs."""
    made = CountyWithPeople(tmp_path / "bench")
    made.publish()
    made.rename("t0009", "Another name")
    made.publish("trees")
    return made
