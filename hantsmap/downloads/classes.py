"""Classes of features as a drawing has them: each a layer with a name and a colour that stay the same."""

from __future__ import annotations

import re
from functools import cache

from hantsmap import symbols
from hantsmap.rendition import Description
from hantsmap.symbols.drawn import ink

NO_CLASS = "NONE"
WHITE, OTHER = 7, 8


def drawing_layers(description: Description) -> list[tuple[str | None, str, int]]:
    """(code, layer of the drawing, colour index of AutoCAD) for each class, whether something is in it or not."""
    alone, made, taken = description.class_field is None, [], set[int]()
    for each in symbols.classes(description):
        name = drawing_layer(description.layer, None if alone else each.code or NO_CLASS)
        # Lines of a drawing are told apart by colour alone: no two classes have the same.
        index = next((index for index in nearest(ink(each.symbol)) if index not in taken), OTHER)
        taken.add(index)
        made.append((each.code, name, index))
    return made


def drawing_layer(layer: str, code: str | None = None) -> str:
    """The layer of a drawing: `HM-STREET_SEGMENTS-A_ROAD`. Capitals, digits and _ only, which every program takes."""
    parts = ["HM", layer] if code is None else ["HM", layer, code]
    return "-".join(re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") or "_" for part in parts)


@cache
def nearest(colour: str) -> tuple[int, ...]:
    """AutoCAD's colours, that nearest to `#rrggbb` first. White is not among them: on paper it is black."""
    from ezdxf.colors import aci2rgb

    wanted = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    return tuple(sorted((index for index in range(1, 250) if index != WHITE), key=lambda index: sum(
        (a - b) ** 2 for a, b in zip(wanted, aci2rgb(index), strict=True))))
