"""What the tests of the clients share: running a program, and how far two sets of coordinates are apart."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

FIVE_CM = 0.05
LIMIT_S = 120
# Count, kind of geometry, and a filter of each layer: on a text, a number or a date. One has text ids, one no geometry.
LAYERS: Mapping[str, tuple[int, str, str]] = {
    "streets": (590, "MultiLineString", "length_m > 500"),
    "rights_of_way": (300, "LineString", "status = 'FP'"),
    "sinc": (56, "MultiPolygon", "area_ha > 2"),
    "schools": (29, "Point", "name LIKE '%Primary%'"),
    "policy_indicators": (698, "none", "rag = 'green'"),
    "winter_routes": (185, "MultiLineString", "priority = 'P1'"),
}
PLACED = tuple(layer for layer, (_, kind, _) in LAYERS.items() if kind != "none")


def run(*command: object, environment: Mapping[str, str] | None = None) -> str:
    """What a program says; fails with what it says of its fault."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_S,
                          env=environment, check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr[-2_000:]}"
    assert "ERROR" not in done.stderr, done.stderr[-2_000:]
    return done.stdout


def metres_apart(given: Any, expected: Any, *, degrees: bool) -> float:
    """Largest distance between the vertices of two arrays of geometries, in metres on the ground."""
    first, second = shapely.get_coordinates(given), shapely.get_coordinates(expected)
    assert len(first) == len(second)
    off = np.abs(first - second) * ((70_400, 111_300) if degrees else (1, 1))
    return float(np.hypot(off[:, 0], off[:, 1]).max())


def matching(layer: str, columns: Mapping[str, list[Any]]) -> int:
    """How many rows the filter of a layer (see LAYERS) has, counted without any server."""
    tests = {
        "streets": ("length_m", lambda value: value > 500), "rights_of_way": ("status", lambda value: value == "FP"),
        "sinc": ("area_ha", lambda value: value > 2), "schools": ("name", lambda value: "Primary" in value),
        "policy_indicators": ("rag", lambda value: value == "green"),
        "winter_routes": ("priority", lambda value: value == "P1"),
    }
    name, holds = tests[layer]
    return sum(value is not None and bool(holds(value)) for value in columns[name])
