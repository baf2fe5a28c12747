"""The small county of the tests of the store."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A small county, not published yet."""
    return Workbench(tmp_path / "bench")


@pytest.fixture
def published(bench: Workbench) -> Workbench:
    """A small county, published once."""
    assert {outcome.state for outcome in bench.publish().values()} == {"published"}
    return bench
