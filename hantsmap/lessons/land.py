"""Lessons about land: what is far from a library, and where homes could go."""

from __future__ import annotations

import numpy as np
import shapely

from hantsmap.catalogue import Catalogue
from hantsmap.lessons.example import Example, Lacking, Table, told, view
from hantsmap.lessons.themes import Theme, theme

CATEGORY, FAR_M = "Library", 1_000.0
# Layers that speak against homes, with what counts against them (0 to 5) and how far one keeps away, in metres.
AGAINST = (("designations", 5, 0), ("ancient_woodland", 5, 50), ("sinc", 4, 0), ("flood_zones", 5, 0))
FEWEST = 2
SQUARE_M = 100.0


def far(catalogue: Catalogue) -> Example:
    """Lesson: which areas are more than a kilometre from a library?"""
    services = theme(catalogue, "services", "name", "service_type", "status", geometry="Point")
    wanted = zip(services.columns["service_type"], services.columns["status"], strict=True)
    libraries = services.where([kind == CATEGORY and status == "active" for kind, status in wanted])
    if not len(libraries):
        raise Lacking("This lesson needs a library, and there is none here.")
    wards = theme(catalogue, "wards", "gss", "name", "easting", "northing", geometry="Polygon")
    places = shapely.points(wards.columns["easting"], wards.columns["northing"])
    apart = np.array([shapely.distance(place, libraries.shapes) for place in places])
    nearest, names = apart.min(axis=1), [libraries.columns["name"][at] for at in apart.argmin(axis=1)]
    order = sorted(range(len(wards)), key=lambda i: (-nearest[i], wards.ids[i]))
    rows = tuple((wards.columns["name"][i], names[i], told(nearest[i])) for i in order)
    state = view(tuple(shapely.total_bounds(wards.shapes))) | {"on": "services,wards", "tool": "nearest"}
    beyond = [wards.columns["name"][i] for i in order if nearest[i] > FAR_M]
    return Example(
        opens=state, shows=state | {"near": f"{CATEGORY.lower()}:{FAR_M:.0f}"},
        words={"count": str(len(beyond)), "all": str(len(wards)), "libraries": str(len(libraries)),
               "farthest": rows[0][0], "distance": rows[0][2], "library": rows[0][1]},
        answers=(Table("How far each ward is from a library", ("Ward", "Nearest library", "As the crow flies"), rows),),
        figures={"beyond": beyond, "count": len(beyond), "category": CATEGORY, "metres": FAR_M})


def build(catalogue: Catalogue) -> Example:
    """Lesson: where should 500 homes go? The district with the most people's land, and what speaks against it."""
    districts = theme(catalogue, "districts", "gss", "name", geometry="Polygon")
    at = min(range(len(districts)), key=lambda i: (districts.columns["gss"][i], i))
    district = districts.shapes[at]
    found: dict[str, Theme] = {}
    for layer, *_ in AGAINST:
        if layer in catalogue.entries:
            found[layer] = theme(catalogue, layer, geometry="Polygon")
    if len(found) < FEWEST:
        raise Lacking("This lesson needs two layers at least that speak against building, such as designations.")
    used = [(layer, weight, metres) for layer, weight, metres in AGAINST if layer in found]
    covered = {layer: shapely.intersection(district, shapely.union_all(shapely.buffer(found[layer].shapes, metres)))
               for layer, _, metres in used}
    free = shapely.difference(district, shapely.union_all(list(covered.values())))
    rows = [(found[layer].title, str(weight), f"{covered[layer].area / 1e4:,.0f}",
             f"{covered[layer].area / district.area * 100:.0f} %") for layer, weight, _ in used]
    rows.append(("Nothing against it", "", f"{free.area / 1e4:,.0f}", f"{free.area / district.area * 100:.0f} %"))
    state = view(district.bounds) | {"on": ",".join((*found, "districts")), "tool": "constraints"}
    rules = ",".join(f"{layer}:{weight}:{metres}:away" for layer, weight, metres in used)
    return Example(
        opens=state, shows=state | {"cons": rules},
        words={"district": districts.columns["name"][at], "free": f"{free.area / district.area * 100:.0f}",
               "hectares": f"{free.area / 1e4:,.0f}", "needed": f"{500 / 35:.0f}", "count": str(len(used)),
               "layers": " · ".join(each.title for each in found.values())},
        answers=(Table(f"Land of {districts.columns['name'][at]}", ("What is there", "Weight", "Hectares", "Share"),
                       tuple(rows)),),
        figures={"district": districts.columns["gss"][at], "free": free.area / district.area, "layers": list(found)})
