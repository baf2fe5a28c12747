"""National Grid references: read "SU 42 12", "SU4212" or "su 4772 2945", and write one for an easting and northing.

A reference names a square, never a point: SU 42 12 is the square of 1 km whose south-west corner is E 442000 N 112000.
So writing one truncates: a place at E 442999 is still in column 42. Coordinates are EPSG:27700 metres, easting first.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""Five rows of five from the north-west; the letter I is not used."""
WIDTH, HEIGHT = 700_000, 1_300_000
FIGURES = (2, 4, 6, 8, 10)
_SHAPE = re.compile(r"([A-Za-z]{2})\s*([0-9\s]*?)\s*(NE|NW|SE|SW)?", re.IGNORECASE)
_QUADRANTS = {"SW": (0, 0), "SE": (1, 0), "NW": (0, 1), "NE": (1, 1)}


@dataclass(frozen=True, slots=True)
class Square:
    """A square of the National Grid: its south-west corner and its side, in metres."""

    easting: float
    northing: float
    size: float

    @property
    def centre(self) -> tuple[float, float]:
        """Easting and northing of the middle, in metres."""
        return self.easting + self.size / 2, self.northing + self.size / 2

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge, in metres."""
        return self.easting, self.northing, self.easting + self.size, self.northing + self.size


def parse(text: str) -> Square:
    """The square that a reference of 2 to 10 figures names; `SU42NE`, a quarter of a square, is read too.

    Raises ValueError with a sentence that says how to mend the reference.
    """
    shown = " ".join(text.split())
    match = _SHAPE.fullmatch(shown)
    if not match:
        raise ValueError(f"`{shown}` is not a grid reference. Write two letters and then figures, like SU 42 12.")
    letters, groups, quadrant = match[1].upper(), match[2].split(), match[3]
    digits = "".join(groups)
    if not digits:
        raise ValueError(f"`{shown}` has no figures. Write some after the letters, like SU 42 12.")
    if len(digits) % 2:
        raise ValueError(
            f"`{shown}` has {len(digits)} figures, and half of an odd number is not whole. A grid reference has as "
            "many figures across (eastings) as up (northings): 2, 4, 6, 8 or 10 altogether, like SU 42 12."
        )
    if len(digits) > FIGURES[-1]:
        raise ValueError(f"`{shown}` has {len(digits)} figures. The longest grid reference has 10, and means 1 metre.")
    if len(groups) == 2 and len(groups[0]) != len(groups[1]):
        raise ValueError(
            f"`{shown}` has {len(groups[0])} figures across (eastings) and {len(groups[1])} up (northings). "
            "Write as many across as up, like SU 42 12."
        )
    east, north = _corner(letters, shown)
    half = len(digits) // 2
    size = 100_000 / 10**half
    east, north = east + int(digits[:half]) * size, north + int(digits[half:]) * size
    if quadrant:
        right, up = _QUADRANTS[quadrant.upper()]
        size /= 2
        east, north = east + right * size, north + up * size
    return Square(east, north, size)


def _corner(letters: str, shown: str) -> tuple[float, float]:
    """South-west corner of a square of 100 km, in metres, by its two letters."""
    if "I" not in letters:
        first, second = (LETTERS.index(letter) for letter in letters)
        # The first letter counts squares of 500 km from a false origin two squares west and one south of SV.
        east = ((first % 5) - 2) * 500_000 + (second % 5) * 100_000
        north = (3 - first // 5) * 500_000 + (4 - second // 5) * 100_000
        if 0 <= east < WIDTH and 0 <= north < HEIGHT:
            return east, north
    raise ValueError(f"`{shown}` begins with {letters}, and no square of Great Britain does. Try SU or SZ.")


def reference(easting: float, northing: float, figures: int = 6, *, spaced: bool = True, quadrant: bool = False) -> str:
    """The reference of the square that holds a place: E 447720, N 129450 at 4 figures is `SU 47 29`.

    Truncates and never rounds. With `quadrant` the quarter (NE, NW, SE, SW) of that square is added. Raises ValueError
    for a place outside the grid, or a number of figures other than 2, 4, 6, 8 and 10.
    """
    if figures not in FIGURES:
        raise ValueError(f"A grid reference has 2, 4, 6, 8 or 10 figures, not {figures}.")
    if not (0 <= easting < WIDTH and 0 <= northing < HEIGHT):
        raise ValueError(f"E {easting:g} N {northing:g} is outside the National Grid, which covers Great Britain.")
    half = figures // 2
    size = 10 ** (5 - half)
    across, up = math.floor(easting), math.floor(northing)
    major = 17 - (up // 500_000) * 5 + across // 500_000
    minor = (4 - up % 500_000 // 100_000) * 5 + across % 500_000 // 100_000
    parts = [LETTERS[major] + LETTERS[minor]]
    parts += [f"{value % 100_000 // size:0{half}d}" for value in (across, up)]
    if quadrant:
        parts.append(_quarter(easting % size, northing % size, size))
    return (" " if spaced else "").join(parts)


def _quarter(across: float, up: float, size: int) -> str:
    return ("N" if up * 2 >= size else "S") + ("E" if across * 2 >= size else "W")
