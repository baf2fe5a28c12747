"""What the tests of pull share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "changes"))
sys.path.insert(0, str(Path(__file__).parent))
from orchard import Orchard
from service_stand import Stand


@pytest.fixture
def orchard(tmp_path: Path) -> Orchard:
    """An orchard of twelve trees, published once."""
    made = Orchard(tmp_path / "orchard")
    made.publish()
    return made


@pytest.fixture
def stand(orchard: Orchard) -> Iterator[Stand]:
    """The orchard's layers, served to the staff over HTTP, with faults on demand."""
    with Stand(orchard) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the GeoPackage is to be."""
    return tmp_path / "copy.gpkg"
