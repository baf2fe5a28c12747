"""The school that lessons speak of: one near the middle of the town with the most schools."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from hantsmap.catalogue import Catalogue
from hantsmap.gridref import reference
from hantsmap.lessons.example import Example, Lacking, Table, around, place, view
from hantsmap.lessons.themes import Theme, optional, theme

OPEN, PRIMARY = (1, 3), 2
"""Codes of GIAS: open, and open but proposed to close; primary."""
OTHERS = 12


@dataclass(frozen=True, slots=True)
class School:
    """A school, its town and the other schools of that town. Metres in EPSG:27700."""

    id: str
    name: str
    town: str
    easting: float
    northing: float
    middle: tuple[float, float]
    town_schools: Theme

    @property
    def four(self) -> str:
        """Four-figure grid reference."""
        return reference(self.easting, self.northing, 4)

    @property
    def six(self) -> str:
        """Six-figure grid reference."""
        return reference(self.easting, self.northing, 6)

    @property
    def words(self) -> dict[str, str]:
        """What texts say of it."""
        return {"school": self.name, "town": self.town, "four": self.four, "six": self.six}


def open_schools(catalogue: Catalogue) -> Theme:
    """Schools that have a place and are not closed. Raises Lacking when there is none."""
    known = optional(catalogue, "schools", "town", "status", "phase")
    found = theme(catalogue, "schools", "name", *known, geometry="Point")
    if "status" in found.columns:
        found = found.where([code in OPEN for code in found.columns["status"]])
    if not len(found):
        raise Lacking("This lesson needs a school that is open, and there is none here.")
    return found


def our_school(catalogue: Catalogue) -> School:
    """The primary school (or, without one, the school) nearest to the middle of all schools of its town."""
    found = open_schools(catalogue)
    towns = [town or "" for town in found.columns.get("town", [""] * len(found))]
    town = min(Counter(filter(None, towns)).items(), key=lambda each: (-each[1], each[0]), default=("", 0))[0]
    there = found.where([each == town for each in towns])
    places = shapely.get_coordinates(there.shapes)
    middle = np.median(places, axis=0)
    primary = [code == PRIMARY for code in there.columns.get("phase", [])]
    apart = np.hypot(*(places - middle).T) + (~np.array(primary) * 1e6 if any(primary) else 0)
    at = min(range(len(there)), key=lambda i: (apart[i], there.ids[i]))
    return School(there.ids[at], there.columns["name"][at], town or "the county", float(places[at][0]),
                  float(places[at][1]), (float(middle[0]), float(middle[1])), there)


def find(catalogue: Catalogue) -> Example:
    """Lesson: find our school and write its grid references."""
    school = our_school(catalogue)
    here = school.town_schools
    reach = max(1200.0, float(np.abs(shapely.get_coordinates(here.shapes) - school.middle).max()))
    # Not centred on the school: that would be half of the answer.
    return Example(
        opens=view(around(*school.middle, reach)) | {"on": "schools", "tool": "search", "hide": "gridref"},
        shows=view(around(school.easting, school.northing, 400)) | {"on": "schools", "tool": "details",
                                                                       "sel": f"schools/{school.id}"},
        words=school.words | {"east2": f"{int(school.easting) % 100_000 // 1000:02d}",
                              "north2": f"{int(school.northing) % 100_000 // 1000:02d}"},
        answers=(_references(here),),
        figures={"easting": school.easting, "northing": school.northing, "four": school.four, "six": school.six,
                 "id": school.id})


def _references(schools: Theme) -> Table:
    rows = [(name, reference(shape.x, shape.y, 4), reference(shape.x, shape.y, 6))
            for name, shape in zip(schools.columns["name"], schools.shapes, strict=True)]
    return Table("Schools of the same town", ("School", "Four figures", "Six figures"), tuple(sorted(rows)[:OTHERS]))


def readings(catalogue: Catalogue) -> Example:
    """Lesson: map our own readings. The readings to practise with are places about the school, with made-up values."""
    school = our_school(catalogue)
    lines = ["place,gridref,decibels"]
    for number, (across, up) in enumerate(((0, 0), (90, 40), (-120, 60), (150, -110), (-60, -170), (220, 190))):
        where = reference(school.easting + across, school.northing + up, 8)
        # Louder the farther from the school: a rule, so that pupils can find it.
        lines.append(f"Stop {number + 1},{where},{round(48 + float(np.hypot(across, up)) / 12)}")
    loudest = max(lines[1:], key=lambda line: int(line.rpartition(",")[2])).split(",")
    return Example(
        opens=view(around(school.easting, school.northing, 450)) | {"on": "schools", "tool": "readings"},
        words=school.words | {"count": str(len(lines) - 1), "loudest": loudest[0], "decibels": loudest[2]},
        figures={"count": len(lines) - 1, "loudest": loudest[0]}, paste="\n".join(lines) + "\n")


def print_out(catalogue: Catalogue) -> Example:
    """Lesson: print a map at a true scale."""
    school = our_school(catalogue)
    state = view(around(school.easting, school.northing, 1500)) | {"on": "schools", "tool": "print"}
    return Example(opens=state, shows=state | {"print": "25000:portrait"}, words=school.words,
                   figures={"scale": 25_000, "millimetres_to_a_kilometre": 40.0})


def hand_out(catalogue: Catalogue) -> Example:
    """Lesson: hand out a worksheet whose link opens the same map everywhere."""
    school = our_school(catalogue)
    shown = [layer for layer in ("schools", "rights_of_way", "services") if layer in catalogue.entries]
    state = view(around(school.easting, school.northing, 700)) | {"on": ",".join(shown)}
    return Example(opens=state | {"tool": "details", "sel": f"schools/{school.id}"}, words=school.words | {
        "place": place(school.easting, school.northing)}, figures={"id": school.id})
