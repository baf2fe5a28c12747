"""What the tests of the server share: the truth about the county, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from truth import Truth, truth


@pytest.fixture(scope="session")
def true(county_store: Path) -> Callable[..., Truth]:
    """`true(layer)`, or `true(layer, "staff")`: the rows that an audience may see."""
    known: dict[tuple[str, str], Truth] = {}

    def look(layer: str, audience: str = "public") -> Truth:
        if (layer, audience) not in known:
            known[(layer, audience)] = truth(county_store, layer, audience)
        return known[(layer, audience)]

    return look
