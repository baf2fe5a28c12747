"""What each test needs: markers by folder, by file, by fixture and by parameter, and which tests `make test` runs.

| marker | the test |
|---|---|
| browser | opens pages in Chromium |
| clients | reads the service with QGIS, GDAL, OWSLib, curl, Node or a notebook |
| postgres | starts a PostgreSQL server |
| processes | starts servers or publishers in processes of their own |
| volume | needs much time or memory |
| fuzz | sends generated requests for minutes |
| sample | is one of its kind that `make test` runs too |
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent
BY_FOLDER = {"browser": "browser", "clients": "clients", "front": "processes"}
BY_FILE = {
    "accounts/test_account_processes.py": "processes",
    "benchmarks/test_bench_processes.py": "processes",
    "downloads/test_programs.py": "clients",
    "logs/test_running_server.py": "processes",
    "pull/test_kill.py": "processes",
    "pull/test_recipes.py": "clients",
    "security/test_openapi_fuzz.py": "fuzz",
    "store/test_accidents.py": "processes",
    "store/test_taken_up.py": "processes",
    "web/test_openlayers_tiles.py": "clients",
}
BY_FIXTURE = {"database": "postgres", "on_postgresql": "postgres", "provider": "processes"}
BY_PARAMETER = {"postgresql": "postgres"}
# One test of each kind, so that a newcomer's `make test` starts each program once.
SAMPLES = {
    "browser/test_map.py::test_a_link_opens_the_same_map",
    "clients/test_curl.py::test_conditional",
    "clients/test_gdal.py::test_ogrinfo_lists_the_layers",
    "clients/test_python_clients.py::test_owslib_lists_collections",
    "clients/test_qgis.py::test_a_box",
    "front/test_memory.py",
    "pull/test_kill.py",
    "sources/test_database.py",
}
# How many examples a property test tries, as a share of the number that stands beside it.
SHARES = {"few": 0.1, "usual": 0.5, "many": 1.0}


def examples(number: int) -> int:
    """How many examples to try where a thorough run tries `number`; HANTSMAP_EXAMPLES is few, usual or many."""
    return max(5, round(number * SHARES[os.environ.get("HANTSMAP_EXAMPLES", "usual")]))


def register_profiles() -> None:
    """Hypothesis: no time limits for one example, since the machine may be busy; numbers of examples by profile."""
    for name in SHARES:
        settings.register_profile(name, deadline=None, max_examples=max(5, round(100 * SHARES[name])))
    settings.load_profile(os.environ.get("HANTSMAP_EXAMPLES", "usual"))


def mark(items: Iterable[pytest.Item]) -> None:
    """Add the markers of the tables above."""
    for item in items:
        file = item.path.relative_to(HERE).as_posix()
        kinds = {BY_FOLDER.get(file.split("/")[0]), BY_FILE.get(file)}
        kinds |= {BY_FIXTURE.get(fixture) for fixture in getattr(item, "fixturenames", ())}
        values = getattr(item, "callspec", None)
        if values is not None:
            kinds |= {BY_PARAMETER.get(value) for value in values.params.values() if isinstance(value, str)}
        name = item.name.split("[")[0]
        if {file, f"{file}::{name}"} & SAMPLES:
            kinds.add("sample")
        for kind in sorted(filter(None, kinds)):
            item.add_marker(kind)
