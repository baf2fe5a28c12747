"""The symbol of a class as a small picture on a page: SVG without a style, which the page's policy would forbid."""

from __future__ import annotations

from markupsafe import Markup

from hantsmap.symbology import Symbol
from hantsmap.symbols import Kind, pictures

WIDTH, HEIGHT = 56, 28
# Symbols are made to be seen on white, and so they are shown on dark pages too.
FRAME = Markup('<svg width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true" focusable="false">'
               '<rect x=".5" y=".5" width="{2}" height="{3}" fill="#ffffff" stroke="#808080"/>{4}</svg>')
LINE = Markup('<path d="M4 14h48" fill="none" stroke="{}" stroke-width="{:g}"{}/>')
DASH = Markup(' stroke-dasharray="{}"')
MARKER = Markup('<g transform="translate({:g} {:g})">{}</g>')
AREA = Markup('<rect x="6" y="5" width="44" height="18" fill="{}" fill-opacity="{:g}"{}/>')
OUTLINE = Markup(' stroke="{}" stroke-width="{:g}"{}')
# The id is told by the place in the table: there is one table on a page.
HATCH = Markup('<pattern id="hatch-{0}" width="8" height="8" patternUnits="userSpaceOnUse">{1}</pattern>'
               '<rect x="6" y="5" width="44" height="18" fill="url(#hatch-{0})"/>')


def swatch(kind: Kind, symbol: Symbol, number: int) -> Markup:
    """The picture of a symbol with nothing left open (`hantsmap.symbols.classes`), the one of this number on its page.

    It is decoration: the same stands beside it in words.
    """
    drawn = {"line": _line, "point": _point, "fill": _area}[kind](symbol, number)
    return FRAME.format(WIDTH, HEIGHT, WIDTH - 1, HEIGHT - 1, drawn)


def _dash(symbol: Symbol) -> Markup:
    return DASH.format(" ".join(f"{length:g}" for length in symbol.dash)) if symbol.dash else Markup("")


def _line(symbol: Symbol, number: int) -> Markup:
    width = symbol.width or 1
    line = LINE.format(symbol.colour, width, _dash(symbol))
    return LINE.format(symbol.casing, width + 2, Markup("")) + line if symbol.casing else line


def _point(symbol: Symbol, number: int) -> Markup:
    whole, shape = pictures.marker_shape(symbol)
    return MARKER.format((WIDTH - whole) / 2, (HEIGHT - whole) / 2, Markup(shape))  # noqa: S704 (escaped there)


def _area(symbol: Symbol, number: int) -> Markup:
    outline = OUTLINE.format(symbol.colour, symbol.width, _dash(symbol)) if symbol.width else Markup("")
    area = AREA.format(symbol.fill, symbol.opacity or 0, outline)
    if not symbol.hatch or symbol.hatch == "none":
        return area
    shape = pictures.hatch_shape(symbol.hatch, symbol.colour or "#000000")
    return area + HATCH.format(number, Markup(shape))  # noqa: S704 (colours are `#rrggbb`)
