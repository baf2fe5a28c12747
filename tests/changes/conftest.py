"""What the tests of changes share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parent))
from orchard import Orchard
from workbench import Workbench


@pytest.fixture
def published(tmp_path: Path) -> Workbench:
    """A small county, published once."""
    bench = Workbench(tmp_path / "bench")
    assert {outcome.state for outcome in bench.publish().values()} == {"published"}
    return bench


@pytest.fixture
def orchard(tmp_path: Path) -> Orchard:
    """An orchard of twelve trees that three audiences see differently, published once."""
    made = Orchard(tmp_path / "orchard")
    made.publish()
    return made
