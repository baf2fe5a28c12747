"""The small county of the tests of the store, with tiles of its trees."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A small county whose trees have tiles, published once."""
    made = Workbench(tmp_path / "bench")
    made.say("    display: name\n", "    display: name\n    class_field: kind\n    tiles: {fields: [name, kind, note], "
                                    "zoom: 3, zooms: {O: 1}, last: 7}\n")
    assert {outcome.state for outcome in made.publish().values()} == {"published"}
    return made
