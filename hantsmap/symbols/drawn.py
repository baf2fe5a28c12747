"""The classes of a layer with their symbols, nothing left open: what is not declared follows from the code list.

The symbol of a code is that of its place in the code list, not of what happens to be there: a map of the north and one
of the south look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hantsmap.layer import FieldType
from hantsmap.rendition import Description
from hantsmap.symbology import Hatch, Marker, Symbol

Kind = Literal["point", "line", "fill"]
KINDS: dict[str, Kind] = {"Point": "point", "MultiPoint": "point", "LineString": "line", "MultiLineString": "line"}
# Apart from each other for all kinds of colour vision, and dark enough to be seen on white (after Okabe and Ito).
COLOURS = ("#0060a8", "#c84b00", "#007a5a", "#a03c80", "#8a6800", "#2b7bba", "#b00020", "#3d5a00", "#5b3fa0", "#5f5f5f")
DASHES: tuple[tuple[float, ...], ...] = ((), (8, 3), (2, 3), (8, 3, 2, 3), (14, 4), (4, 6))
HATCHES: tuple[Hatch, ...] = ("none", "diagonal", "back-diagonal", "dots", "horizontal", "vertical", "cross")
MARKERS: tuple[Marker, ...] = get_args(Marker)
GREY = "#6f6f6f"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A class: its code (None for whatever has none of the list), the value that features carry, words and symbol."""

    code: str | None
    value: str | int | None
    words: str
    symbol: Symbol


def kind_of(description: Description) -> Kind:
    """Whether a layer is drawn as points, lines or areas. A layer without geometry is asked for no symbols."""
    return KINDS.get(description.geometry, "fill")


def classes(description: Description) -> tuple[Drawn, ...]:
    """Classes in the order of the code list, then one for what has no code; a single one where nothing tells them."""
    kind, declared, name = kind_of(description), description.symbols, description.class_field
    if name is None:
        return (Drawn(None, None, description.title, declared.symbol.over(_usual(kind, 0))),)
    field = description.fields[name]
    listed = description.code_lists[field.codes or ""].values
    whole = field.type is FieldType.INTEGER
    places, found = description.class_places, []
    for position, (code, words) in enumerate(listed.items()):
        number = places.get(code, position)
        # A symbol that is declared is drawn as it says, without the pattern of its place in the list.
        said = declared.classes.get(code)
        usual = _usual(kind, number) if said is None else _usual(kind, 0).model_copy(update={
            name: getattr(_usual(kind, number), name) for name in ("colour", "fill")})
        symbol = (said or Symbol()).over(declared.symbol).over(usual)
        found.append(Drawn(code, int(code) if whole else code, words, symbol))
    after = max(places.values(), default=len(listed) - 1) + 1
    other = Symbol(colour=GREY, fill=GREY).over(declared.symbol).over(_usual(kind, after))
    return (*found, Drawn(None, None, "Not stated", other))


def _usual(kind: Kind, number: int) -> Symbol:
    """The symbol of a class that nobody has declared: every tenth has the same colour, and then another pattern."""
    colour = COLOURS[number % len(COLOURS)]
    dash = DASHES[number % len(DASHES)] if kind == "line" else ()
    hatch = HATCHES[number % len(HATCHES)] if kind == "fill" else "none"
    marker = MARKERS[number % len(MARKERS)]
    return Symbol(colour=colour, width=2 if kind == "line" else 1, dash=dash, fill=colour, opacity=0.3, hatch=hatch,
                  marker=marker, letter="", size=14, zoom=0)


def ink(symbol: Symbol) -> str:
    """The colour that a line of one colour is drawn in: dark enough to be seen on white."""
    found = (each for each in (symbol.colour, symbol.casing) if each and _light(each) < 0.85)
    return next(found, GREY)


def _light(colour: str) -> float:
    red, green, blue = (int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue
