"""Classes of features: by the field that the registry names, each with a name and a colour that stay the same.

The colour of a code is that of its place in the code list, not of what happens to be there: a drawing of the north and
one of the south look alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hantsmap.rendition import Description

# (colour index of AutoCAD, the same as red, green and blue): apart from each other on white and on black.
COLOURS = ((5, "#0000ff"), (1, "#ff0000"), (3, "#00a000"), (30, "#ff7f00"), (6, "#c000c0"), (140, "#0099cc"),
           (54, "#7f7f00"), (34, "#7f3f00"), (200, "#7f00ff"), (8, "#808080"))
OTHER = 8, "#808080"
NO_CLASS = "NONE"


@dataclass(frozen=True, slots=True)
class Class:
    """A class: its code, its words, and its colour."""

    code: str
    words: str
    index: int
    colour: str


def classes(description: Description) -> tuple[Class, ...]:
    """The classes of a layer, in the order of the code list; none where no field that is shown tells them."""
    name = description.class_field
    if name is None:
        return ()
    codes = description.code_lists[description.fields[name].codes or ""].values
    return tuple(Class(code, words, *COLOURS[number % len(COLOURS)])
                 for number, (code, words) in enumerate(codes.items()))


def drawing_layer(layer: str, code: str | None = None) -> str:
    """The layer of a drawing: `HM-STREET_SEGMENTS-A_ROAD`. Capitals, digits and _ only, which every program takes."""
    parts = ["HM", layer] if code is None else ["HM", layer, code]
    return "-".join(re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") or "_" for part in parts)
