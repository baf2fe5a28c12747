"""A place where all kinds of rights of way can be seen, to learn their symbols."""

from __future__ import annotations

import numpy as np
import shapely

from hantsmap.catalogue import Catalogue
from hantsmap.gridref import reference
from hantsmap.lessons.example import Example, Lacking, Table, around, view
from hantsmap.lessons.themes import optional, theme

REACHES = (400.0, 600.0, 900.0, 1_400.0, 2_000.0)
USERS = {"FP": "people on foot", "BW": "people on foot, on horses and on bicycles",
         "RB": "people on foot, on horses and on bicycles, and carriages", "BOAT": "everybody, also with motors"}


def name(catalogue: Catalogue) -> Example:
    """Lesson: name the symbols. The example is about a bridleway that has the most kinds of paths near it."""
    worded = optional(catalogue, "rights_of_way", "status_text")
    found = theme(catalogue, "rights_of_way", "prow_ref", "status", *worded, geometry="LineString")
    status = np.array(found.columns["status"], dtype=object)
    if not {"FP", "BW"} <= set(status):
        raise Lacking("This lesson needs footpaths and bridleways, and they are not both here.")
    middles = shapely.line_interpolate_point(found.shapes, 0.5, normalized=True)
    tree = shapely.STRtree(found.shapes)
    best: tuple[int, float, str] | None = None
    chosen = 0
    for reach in REACHES:
        for at in np.flatnonzero(status == "BW"):
            near = tree.query(middles[at], predicate="dwithin", distance=reach)
            kinds = len(set(status[near]))
            worth = (-kinds, reach, found.ids[at])
            if best is None or worth < best:
                best, chosen = worth, int(at)
        if best is not None and best[0] == -len(set(status)):
            break
    middle = middles[chosen]
    here = found.where([shape.dwithin(middle, best[1]) for shape in found.shapes]) if best else found
    words = found.columns.get("status_text", found.columns["status"])
    kinds_here = list(dict.fromkeys(code for code in USERS if code in here.columns["status"]))
    named = {code: text for code, text in zip(found.columns["status"], words, strict=True) if text}
    box = view(around(middle.x, middle.y, best[1] if best else 900), nearest=9) | {"on": "rights_of_way"}
    rows = tuple((named[code], USERS[code], str(here.columns["status"].count(code))) for code in kinds_here)
    return Example(
        opens=box | {"tool": "layers", "hide": "key"},
        shows=box | {"tool": "details", "sel": f"rights_of_way/{found.ids[chosen]}"},
        words={"bridleway": found.columns["prow_ref"][chosen], "four": reference(middle.x, middle.y, 4),
               "six": reference(middle.x, middle.y, 6), "kinds": str(len(kinds_here))},
        answers=(Table("Who may use which path", ("Path", "For", "Pieces in sight"), rows),),
        figures={"id": found.ids[chosen], "easting": middle.x, "northing": middle.y, "kinds": kinds_here})
