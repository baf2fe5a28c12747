"""Where the bench finds things, and where it keeps what it makes."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
MADE = ROOT / "var/bench"
COUNTY = ROOT / "var/county/county"
REGISTRY = ROOT / "layers.yaml"
PERFORMANCE = ROOT / "docs/performance.md"
LAYER = "street_segments"
COUNTY_SIZE = 120_000


def made(*parts: str) -> Path:
    """A folder of the bench's own, made if it is not there."""
    folder = MADE.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
