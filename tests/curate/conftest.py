"""What the tests of curation share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from curating import Bench, layer

from hantsmap.layer import Layer


@pytest.fixture
def curated() -> Bench:
    """Curates."""
    return Bench()


@pytest.fixture
def layer_of() -> Callable[..., Layer]:
    """Makes a layer."""
    return layer
