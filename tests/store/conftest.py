"""What the tests of the store share."""

from __future__ import annotations

from pathlib import Path

import pytest
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
