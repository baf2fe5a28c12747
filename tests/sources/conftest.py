"""What the tests of the sources share: a maker of layers, folders, real data, and servers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hantsmap import sources
from hantsmap.findings import Finding
from hantsmap.layer import Layer

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1]))
import postgres

COUNTY = (403000.0, 89500.0, 490000.0, 166000.0)


def make_layer(kind: str = "Point", /, **source: Any) -> Layer:
    """A layer whose source is as given; everything else is filled in."""
    return Layer.model_validate(
        {
            "title": "Things", "description": "Things to test with.", "steward": "Tester", "licence": "ogl",
            "attribution": "None", "cadence": "never", "source_name": "Tests", "lineage": "Made up.",
            "geometry": kind, "key": "id", "source": source,
            "fields": {"id": {"type": "string", "title": "Id"}}, "grants": {"public": {"fields": "all"}},
        }
    )  # fmt: skip


class Desk:
    """A data folder and a cache, and `read` with both filled in."""

    def __init__(self, root: Path) -> None:
        self.data, self.cache = root / "data", root / "cache"
        self.data.mkdir()
        self.cache.mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the data folder."""
        path = self.data / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, kind: str = "Point", /, **source: Any) -> sources.Raw:
        """Reads a layer `things` over the county."""
        layer = make_layer(kind, **source)
        return sources.read("things", layer, data=self.data, cache=self.cache, extent=COUNTY)

    def fingerprint(self, kind: str = "Point", /, **source: Any) -> str:
        """Fingerprint of such a layer."""
        return sources.fingerprint(make_layer(kind, **source), data=self.data, cache=self.cache)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty data folder and cache."""
    return Desk(tmp_path)


@pytest.fixture
def real(desk: Desk) -> Desk:
    """A desk whose data folder is the real open data beside the repository."""
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real open data (../shared/data) is not beside the repository")
    desk.data = folder
    return desk


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    """Three points with text, whole numbers with a gap, numbers and letters beyond ASCII."""
    return gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "name": ["Café", None, "Itchen Ferry"],
            "count": pd.array([1, None, 3], dtype="Int64"),
            "width": [1.5, 2.5, -3.0],
        },
        geometry=[shapely.Point(442000.25, 112000.5), shapely.Point(443000, 113000), None],
        crs=27700,
    )


@pytest.fixture(scope="session")
def database() -> Iterator[postgres.Server]:
    """One PostgreSQL server for all tests of the session."""
    with postgres.running() as server:
        yield server


def rules(findings: list[Finding]) -> list[tuple[str, str]]:
    """(rule, kind) of each finding, in order."""
    return [(finding.rule, finding.kind.value) for finding in findings]


@pytest.fixture(name="rules")
def _rules() -> Callable[[list[Finding]], list[tuple[str, str]]]:
    return rules
