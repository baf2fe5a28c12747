"""What a lesson is about in one county: where the map opens, the words put into its text, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, log2
from typing import Any
from urllib.parse import quote

# Metres to a pixel at zoom 0 of the British National Grid's tiles, and the part of a map that is surely in sight.
METRES_A_PIXEL = 896.0
WIDE, HIGH = 640, 480
NEAREST = 10.0
Box = tuple[float, float, float, float]


class Lacking(Exception):  # noqa: N818 - an answer, not an error
    """What a lesson needs is not among what the viewer sees; says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an answer, as texts."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a lesson, chosen from the viewer's layers: the same layers always give the same one.

    `opens` is the state of the map that the task begins with, and `shows` that in which its answer is to be seen, both
    as parameters of the map's address. `words` stand for the names in braces of the lesson's texts. `answers` are for
    page 2. `figures` are the same answers as values, in metres, EPSG:27700, easting first.
    """

    opens: Mapping[str, str]
    words: Mapping[str, str]
    shows: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Table, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    paste: str = ""


def fragment(state: Mapping[str, str]) -> str:
    """The part of the map's address after `#`, as readable as it can be."""
    return "&".join(f"{name}={quote(value, safe=',;:/')}" for name, value in state.items() if value)


def view(box: Box, *, nearest: float = NEAREST) -> dict[str, str]:
    """Centre and zoom at which all of a box (west, south, east, north in metres) is in sight."""
    west, south, east, north = box
    needed = max((east - west) / WIDE, (north - south) / HIGH, 0.1)
    zoom = min(nearest, floor(2 * log2(METRES_A_PIXEL / needed)) / 2)
    return {"e": f"{(west + east) / 2:.0f}", "n": f"{(south + north) / 2:.0f}", "z": f"{max(zoom, 0):g}"}


def around(east: float, north: float, reach: float) -> Box:
    """The box that reaches so many metres from a place."""
    return east - reach, north - reach, east + reach, north + reach


def place(east: float, north: float) -> str:
    """A place as the map's address has it: metres, easting first."""
    return f"{east:.0f},{north:.0f}"


def told(metres: float) -> str:
    """A length in words: to 10 m, and in kilometres from one kilometre on."""
    return f"{round(metres, -1):.0f} m" if metres < 995 else f"{metres / 1000:.2f} km"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Names in a sentence: `A, B and C`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
