"""The key of a map: each class with its words, its symbol, and the symbol told in words."""

from __future__ import annotations

from typing import Any

from hantsmap.rendition import Description
from hantsmap.symbology import Symbol
from hantsmap.symbols import pictures
from hantsmap.symbols.drawn import Kind, classes, kind_of

# Colours as people call them; a symbol is told by the nearest.
NAMES = {
    "#000000": "black", "#ffffff": "white", "#808080": "grey", "#d9d9d9": "light grey", "#c8102e": "red",
    "#d9536b": "red", "#8c1020": "dark red", "#f7c9ce": "pink", "#e1bee7": "pink", "#f28c28": "orange",
    "#f2a65a": "orange", "#ffcc80": "light orange", "#fde047": "yellow", "#ffe08a": "yellow",
    "#fff0b8": "light yellow", "#f8e27a": "yellow", "#8b5a2b": "brown", "#7a3b00": "brown", "#bc9c8a": "light brown",
    "#2e8b57": "green", "#23822f": "green", "#8bc34a": "light green", "#cfe8c0": "light green",
    "#1d5c3a": "dark green", "#2a6fbb": "blue", "#4a86c8": "blue", "#b5d9ee": "light blue", "#123f74": "dark blue",
    "#7b3f9d": "purple", "#eadcf5": "light purple", "#a03c80": "purple", "#007a7a": "teal", "#4a4a4a": "dark grey"}
HATCHES = {"diagonal": "diagonal stripes", "back-diagonal": "stripes that fall to the right", "cross": "a grid",
           "horizontal": "level stripes", "vertical": "upright stripes", "dots": "dots"}


def key(description: Description) -> list[dict[str, Any]]:
    """`label`, `code`, `symbol` and `words` of each class; empty for a layer without geometry.

    What has no code is left out where every feature has one.
    """
    if description.geometry == "none":
        return []
    kind, name = kind_of(description), description.class_field
    always = name is not None and description.fields[name].required
    return [{"label": each.words, "code": each.code, "symbol": _symbol(kind, each.symbol),
             "words": in_words(kind, each.symbol)}
            for each in classes(description) if each.code is not None or not always]


def _symbol(kind: Kind, symbol: Symbol) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": kind, "colour": symbol.colour, "width": symbol.width, "zoom": symbol.zoom,
                            "dash": list(symbol.dash or ())}
    if kind == "line":
        return told | {"casing": symbol.casing}
    if kind == "point":
        return told | {"fill": symbol.fill, "icon": pictures.marker(symbol), "size": symbol.size,
                       "marker": symbol.marker, "letter": symbol.letter}
    hatched = symbol.hatch and symbol.hatch != "none"
    pattern = pictures.hatch(symbol.hatch, symbol.colour or "#000000") if hatched and symbol.hatch else None
    return told | {"colour": symbol.fill, "opacity": symbol.opacity, "outline": symbol.colour, "pattern": pattern}


def in_words(kind: Kind, symbol: Symbol) -> str:
    """A symbol as somebody would tell it who cannot show it: `short dashes, green`."""
    if kind == "point":
        letter = f" with the letter {symbol.letter}" if symbol.letter else ""
        return f"{colour_name(symbol.fill or '#ffffff')} {symbol.marker}{letter}"
    if kind == "line":
        return f"{_stroke(symbol)}, {colour_name(symbol.colour or '#000000')}" + (
            f" with {colour_name(symbol.casing)} edges" if symbol.casing else "")
    inside = [f"{colour_name(symbol.fill or '#ffffff')} area"] if symbol.opacity else ["area"]
    if symbol.hatch and symbol.hatch != "none":
        inside.append(f"with {HATCHES[symbol.hatch]}")
    if symbol.width:
        inside.append(f"{'and' if len(inside) > 1 else 'with'} a {colour_name(symbol.colour or '#000000')} outline"
                      + (" of dashes" if symbol.dash else ""))
    return " ".join(inside)


def _stroke(symbol: Symbol) -> str:
    thick = "thick line" if (symbol.width or 1) >= 4 else "thin line" if (symbol.width or 1) < 1.5 else "line"
    dash = symbol.dash or ()
    if not dash:
        return thick
    if len(dash) > 2:
        return "dashes and dots" if len(dash) == 4 else "dashes and pairs of dots"
    return "dots" if dash[0] <= 2 else "short dashes" if dash[0] < 7 else "long dashes"


def colour_name(colour: str) -> str:
    """What people call a colour: the nearest of a few that everybody knows."""
    def apart(other: str) -> float:
        ours, theirs = ([int(each[at:at + 2], 16) for at in (1, 3, 5)] for each in (colour, other))
        mean = (ours[0] + theirs[0]) / 2
        red, green, blue = ((a - b) ** 2 for a, b in zip(ours, theirs, strict=True))
        # Near enough to what an eye sees (the "redmean" of Riemersma).
        return (2 + mean / 256) * red + 4 * green + (2 + (255 - mean) / 256) * blue

    return NAMES[min(NAMES, key=apart)]
