"""Small pictures as data addresses (RFC 2397): markers and hatches, drawn as SVG, so that no output needs a file."""

from __future__ import annotations

import math
from functools import lru_cache
from urllib.parse import quote
from xml.sax.saxutils import escape

from hantsmap.symbology import Hatch, Marker, Symbol

# Corners of a marker in a circle of radius 1, with y down; a circle has none.
TURNED: dict[str, tuple[int, float]] = {
    "square": (4, math.pi / 4), "triangle": (3, 0), "diamond": (4, 0), "pentagon": (5, 0)}
STRIPES: dict[str, str] = {
    "diagonal": "M-2,2l4,-4M0,8l8,-8M6,10l4,-4", "back-diagonal": "M-2,6l4,4M0,0l8,8M6,-2l4,4",
    "horizontal": "M0,4h8", "vertical": "M4,0v8", "cross": "M0,4h8M4,0v8"}


def _address(width: float, height: float, inside: str) -> str:
    text = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}">{inside}</svg>')
    return "data:image/svg+xml;charset=utf-8," + quote(text, safe=" '/:=,;<>\"").replace('"', "%22").replace(
        "<", "%3C").replace(">", "%3E").replace(" ", "%20")


@lru_cache(1_024)
def marker(symbol: Symbol) -> str:
    """A marker with its letter, `size` px wide and high beside its edge."""
    whole, inside = marker_shape(symbol)
    return _address(whole, whole, inside)


def marker_shape(symbol: Symbol) -> tuple[float, str]:
    """How wide and high a marker is with its edge, in px, and its elements of SVG, to stand in a picture."""
    size, width = symbol.size or 14, symbol.width or 1
    radius, whole = size / 2, size + 2 * width
    middle = whole / 2
    edge = f'stroke="{symbol.colour}" stroke-width="{width:g}" fill="{symbol.fill}" stroke-linejoin="round"'
    if symbol.marker == "circle":
        shape = f'<circle cx="{middle:g}" cy="{middle:g}" r="{radius:g}" {edge}/>'
    else:
        points = " ".join(f"{middle + x * radius:.2f},{middle + y * radius:.2f}" for x, y in corners(
            symbol.marker or "square"))
        shape = f'<polygon points="{points}" {edge}/>'
    letter = "" if not symbol.letter else (
        f'<text x="{middle:g}" y="{middle + size * 0.25:.2f}" font-family="Arial, Helvetica, sans-serif" '
        f'font-size="{size * 0.7:.1f}" font-weight="bold" text-anchor="middle" fill="{symbol.colour}">'
        f"{escape(symbol.letter)}</text>")
    return whole, shape + letter


def corners(name: Marker) -> list[tuple[float, float]]:
    """Corners of a marker that is no circle, in a circle of radius 1, with y down."""
    if name == "star":
        return [_on_circle(number * math.pi / 5, 0.45 if number % 2 else 1) for number in range(10)]
    if name == "cross":
        arm = 0.35
        return [(-arm, -1), (arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm), (arm, 1), (-arm, 1), (-arm, arm),
                (-1, arm), (-1, -arm), (-arm, -arm)]
    count, turn = TURNED[name]
    # A square as wide as the circle that it stands beside would look larger than it.
    reach = 1.2 if name == "square" else 1.0
    return [_on_circle(turn + number * 2 * math.pi / count, reach) for number in range(count)]


def _on_circle(angle: float, reach: float) -> tuple[float, float]:
    return reach * math.sin(angle), -reach * math.cos(angle)


@lru_cache(1_024)
def hatch(name: Hatch, colour: str) -> str:
    """A tile of 8 px that fills an area with stripes or dots."""
    return _address(8, 8, hatch_shape(name, colour))


def hatch_shape(name: Hatch, colour: str) -> str:
    """The elements of SVG in a tile of 8 px, to stand in a pattern."""
    if name == "dots":
        return (f'<circle cx="2" cy="2" r="1.1" fill="{colour}"/><circle cx="6" cy="6" r="1.1" '
                f'fill="{colour}"/>')
    return f'<path d="{STRIPES[name]}" stroke="{colour}" stroke-width="1" fill="none"/>'
