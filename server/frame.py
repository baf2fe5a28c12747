"""The frame of a sketch map: the area it shows, its National Grid squares, and its scale bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from hantsmap import gridref

Box = tuple[float, float, float, float]

TALLEST, FLATTEST = 1.0, 0.5  # height of the map as a share of its width
GRIDS = (100, 1_000, 10_000, 100_000)  # metres: a square of each has a name of its own
SQUARE, LETTER = 72, 6.3  # pixels that a grid square needs for its name, and each letter of it
SHARPNESS = 2  # coordinates are whole numbers of half pixels
FOOT = 46  # pixels under the map for the scale bar


@dataclass(frozen=True, slots=True)
class Frame:
    """The area shown, `scale` metres to a pixel in both directions."""

    west: float
    south: float
    scale: float
    width: int
    height: int

    @property
    def east(self) -> float:
        """Easting of the right edge."""
        return self.west + self.width * self.scale

    @property
    def north(self) -> float:
        """Northing of the top edge."""
        return self.south + self.height * self.scale

    @classmethod
    def around(cls, box: Box, width: int) -> Frame:
        """The smallest frame of this width that holds the box in its middle."""
        across, up = max(box[2] - box[0], 1e-3), max(box[3] - box[1], 1e-3)
        height = round(width * min(max(up / across, FLATTEST), TALLEST))
        scale = max(across / width, up / height)
        west, south = (box[0] + box[2] - scale * width) / 2, (box[1] + box[3] - scale * height) / 2
        return cls(west, south, scale, width, height)

    def pixels(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates on the picture, y downwards, in units of half a pixel."""
        return np.column_stack((metres[:, 0] - self.west, self.north - metres[:, 1])) * (SHARPNESS / self.scale)


def grid_square(easting: float, northing: float, size: int) -> str:
    """Name of the National Grid square of `size` metres that holds the point: `SU 42 12`. Empty off the grid."""
    try:
        plain = gridref.reference(easting, northing, figures=10, spaced=False)
    except ValueError:
        return ""
    digits = 5 - round(log10(size))
    figures = plain[2 : 2 + digits], plain[7 : 7 + digits]
    return f"{plain[:2]} {(' ' if digits > 1 else '').join(figures)}".strip()


def metres(length: float) -> str:
    """A length in words: `500 m`, `2 km`, `1.5 km`."""
    return f"{length:,.0f} m" if length < 1_000 else f"{length / 1_000:,.1f}".removesuffix(".0") + " km"


def _interval(frame: Frame) -> int:
    return next((size for size in GRIDS if size / frame.scale >= SQUARE), GRIDS[-1])


def _between(low: float, high: float, step: int) -> range:
    return range(ceil(low / step) * step, floor(high / step) * step + 1, step)


def grid_lines(frame: Frame) -> Iterator[str]:
    step, scale = _interval(frame), frame.scale
    upright = (f"M{(x - frame.west) / scale:.1f} 0v{frame.height}" for x in _between(frame.west, frame.east, step))
    level = (f"M0 {(frame.north - y) / scale:.1f}h{frame.width}" for y in _between(frame.south, frame.north, step))
    yield f'<path class="grid" d="{"".join((*upright, *level))}"/>'


def grid_names(frame: Frame) -> Iterator[str]:
    """The name of each square in its bottom left corner, where the square shows enough of itself."""
    step, scale = _interval(frame), frame.scale
    yield '<g class="names">'
    for east in range(floor(frame.west / step) * step, ceil(frame.east / step) * step, step):
        left, right = max((east - frame.west) / scale, 0), min((east + step - frame.west) / scale, frame.width)
        for north in range(floor(frame.south / step) * step, ceil(frame.north / step) * step, step):
            top = max((frame.north - north - step) / scale, 0)
            foot = min((frame.north - north) / scale, frame.height)
            square = grid_square(east, north, step)
            if square and right - left >= LETTER * len(square) + 9 and foot - top >= 34:
                # On a small screen letters are larger: the style sheet leaves out every other name, and cut ones.
                large, next_free = 2.2 * LETTER * len(square), not east // step % 2
                room = right - left + (step / scale if next_free and step / scale < large else 0)
                spare = ' class="spare"' if min(room, frame.width - left) < large else ""
                yield f'<text x="{left + 5:.1f}" y="{foot - 6:.1f}"{spare}>{square}</text>'
    yield "</g>"


def _bar_length(frame: Frame) -> int:
    """The longest round length (1, 2 or 5 times a power of ten) that fits in 30 % of the width."""
    room = 0.3 * frame.width * frame.scale
    power: int = 10 ** max(floor(log10(room)), 0)
    return next((times * power for times in (5, 2) if times * power <= room), power)


def foot(frame: Frame) -> Iterator[str]:
    length, step = _bar_length(frame), _interval(frame)
    pixels, y = length / frame.scale, frame.height + 18
    yield f'<g class="foot" transform="translate(1 {y})">'
    yield f'<rect class="bar" data-metres="{length}" width="{pixels:.4f}" height="10"/>'
    yield f'<rect class="half" width="{pixels / 2:.4f}" height="10"/>'
    yield f'<text x="{pixels + 10:.1f}" y="12">{metres(length)}</text>'
    yield f'<text text-anchor="end" x="{frame.width - 2}" y="12">{metres(step)} squares, north up</text></g>'
