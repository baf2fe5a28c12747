"""Symbols as a MapLibre style (style specification, version 8), which QGIS, MapLibre and ArcGIS read too.

It names no sprite and no fonts, so that who draws with it asks nobody else for anything: hatches become dashed
outlines, and letters are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hantsmap.rendition import Description
from hantsmap.symbology import Symbol
from hantsmap.symbols.drawn import Drawn, Kind, classes, kind_of

Json = dict[str, Any]
# Zoom 0 of the National Grid shows about what zoom 7 of Web Mercator does in the south of England: 6.8 there.
ZOOMS_APART = 7
GROWING = ((10, 0.35), (12, 0.5), (13, 0.7), (14, 1.0), (16, 1.6))


def maplibre(description: Description, source: Mapping[str, Any]) -> Json:
    """A style for the tiles of a layer. `source` says where they are, as the specification has it for `vector`."""
    kind, found = kind_of(description), classes(description)
    layers: list[Json] = []
    # What is drawn first lies below: the first classes of a code list come last.
    words = Counter(each.words for each in found)
    for each in reversed(found):
        # QGIS shows the id as the name of the rule.
        title = each.words if words[each.words] == 1 or each.code is None else f"{each.words} ({each.code})"
        name = description.title if len(found) == 1 else f"{description.title}: {title}"
        common = {"source": description.layer, "source-layer": description.layer,
                  **({"minzoom": each.symbol.zoom + ZOOMS_APART} if each.symbol.zoom else {}),
                  **_filter(description, each, found), "metadata": {"title": each.words, "hantsmap:label": each.words}}
        layers += [{"id": f"{name}{end}", "type": way, **common, **drawn}
                   for end, way, drawn in _ways(kind, each.symbol)]
    # Casings of all classes lie under all lines, so that roads meet without a seam.
    layers.sort(key=lambda layer: not layer["id"].endswith(" (casing)"))
    return {"version": 8, "name": description.title, "metadata": {"hantsmap:attribution": description.attribution},
            "sources": {description.layer: {"type": "vector", **source}}, "layers": layers}


def _filter(description: Description, each: Drawn, found: tuple[Drawn, ...]) -> Json:
    if description.class_field is None:
        return {}
    # The older way of filters: QGIS 3.22 understands it, and everybody else still does.
    if each.code is not None:
        return {"filter": ["==", description.class_field, each.value]}
    return {"filter": ["!in", description.class_field, *(other.value for other in found if other.code is not None)]}


def _ways(kind: Kind, symbol: Symbol) -> list[tuple[str, str, Json]]:
    """(end of the id, type of layer, layout and paint) of each layer that draws a symbol, lowest first."""
    width = symbol.width or 0
    dash = {"line-dasharray": [round(each / max(width, 0.5), 2) for each in symbol.dash]} if symbol.dash else {}
    layout = {"line-cap": "butt" if symbol.dash else "round", "line-join": "round"}
    stroke: Json = {"line-color": symbol.colour, "line-width": _growing(width), **dash}
    line = ("", "line", {"layout": layout, "paint": stroke})
    if kind == "point":
        # Without letters and shapes, a size tells classes of one colour apart.
        paint = {"circle-color": symbol.fill, "circle-radius": (symbol.size or 14) / 2, "circle-stroke-width": width,
                 "circle-stroke-color": symbol.colour}
        return [("", "circle", {"paint": paint})]
    if kind == "line":
        casing = (" (casing)", "line", {"layout": {"line-cap": "butt", "line-join": "round"}, "paint": {
            "line-color": symbol.casing, "line-width": _growing(width, 2)}})
        return [casing, line] if symbol.casing else [line]
    hatched = symbol.hatch not in (None, "none") and not symbol.dash
    edge = {**stroke, **({"line-dasharray": [4, 2]} if hatched else {})}
    fill = ("", "fill", {"paint": {"fill-color": symbol.fill, "fill-opacity": symbol.opacity}})
    outline = (" (outline)", "line", {"layout": layout, "paint": edge})
    return [*([fill] if symbol.opacity else []), *([outline] if width else [])]


def _growing(width: float, more: float = 0) -> Json:
    return {"stops": [[zoom, round(width * share + more * min(1.0, share + 0.15), 2)] for zoom, share in GROWING]}
