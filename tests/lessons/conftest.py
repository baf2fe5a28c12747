"""What tests of lessons share: the catalogue of everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from hantsmap.catalogue import Catalogue, Shelf
from hantsmap.store import Store


@pytest.fixture(scope="session")
def catalogue(county_store: Path) -> Catalogue:
    """What everybody may see of the village county."""
    shelf = Shelf(Store(county_store))
    shelf.refresh()
    return shelf.catalogue("public")
