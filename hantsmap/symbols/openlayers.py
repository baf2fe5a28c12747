"""Symbols as OpenLayers reads them: rules of flat styles (`ol/style/flat`), for tiles drawn on a canvas.

A rule's zoom is asked as a resolution in metres to a pixel, so that it holds for a map of the National Grid.
"""

from __future__ import annotations

from typing import Any

from hantsmap.rendition import Description
from hantsmap.symbology import Label, Symbol
from hantsmap.symbols import pictures
from hantsmap.symbols.drawn import Drawn, Kind, classes, kind_of

Rule = dict[str, Any]
# Metres to a pixel at zoom 0. The little more is for maps that stand at a zoom, give or take a rounding.
FIRST_RESOLUTION, ALMOST = 896.0, 1.01
# Lengths are those at 7 m to a pixel (1:25,000); lines and markers are thinner on an overview.
GROWING = ((1.75, 1.6), (7.0, 1.0), (14.0, 0.7), (28.0, 0.5), (112.0, 0.35))
MARKER_GROWING = ((7.0, 1.0), (28.0, 0.7), (112.0, 0.45))
FONT = "Arial, Helvetica, sans-serif"


def openlayers(description: Description) -> list[Rule]:
    """Rules for the features of a layer; none for a layer without geometry. Colours and sizes lie in z-index order."""
    if description.geometry == "none":
        return []
    kind, found = kind_of(description), classes(description)
    depth = description.map.order * 100
    rules = []
    for number, each in enumerate(found):
        # The first classes of a code list lie above the later ones: motorways above lanes.
        rules.append(_rule(description, each, found, _styles(kind, each.symbol, depth, len(found) - number)))
    return [*rules, *_labels(description, found, depth)]


def _rule(description: Description, each: Drawn, found: tuple[Drawn, ...], styles: list[Rule]) -> Rule:
    field = description.class_field
    conditions: list[Any] = []
    if field is not None and each.code is not None:
        conditions.append(["==", ["get", field], each.value])
    elif field is not None:
        codes = [other.value for other in found if other.code is not None]
        conditions.append(["!", ["in", ["get", field], ["literal", codes]]])
    conditions += _from(each.symbol.zoom)
    # OpenLayers reads no titles; a legend that is made from the rules does.
    return {"title": each.words, **_filter(conditions), "style": styles}


def _from(zoom: int | None) -> list[Any]:
    return [["<=", ["resolution"], round(FIRST_RESOLUTION / 2 ** zoom * ALMOST, 4)]] if zoom else []


def _filter(conditions: list[Any]) -> Rule:
    if not conditions:
        return {}
    return {"filter": conditions[0] if len(conditions) == 1 else ["all", *conditions]}


def _styles(kind: Kind, symbol: Symbol, depth: int, rank: int) -> list[Rule]:
    if kind == "point":
        scale = _growing(1, MARKER_GROWING)
        return [{"icon-src": pictures.marker(symbol), "icon-scale": scale, "z-index": depth + rank}]
    if kind == "line":
        return _lines(symbol, depth, rank)
    return _areas(symbol, depth + rank)


def _lines(symbol: Symbol, depth: int, rank: int) -> list[Rule]:
    width = symbol.width or 1
    # Line ends that are round would fill the gaps between dashes.
    caps = {"stroke-line-cap": "butt" if symbol.dash else "round", "stroke-line-join": "round"}
    line: Rule = {"stroke-color": symbol.colour, "stroke-width": _growing(width), **caps, "z-index": depth + 50 + rank}
    if symbol.dash:
        line["stroke-line-dash"] = list(symbol.dash)
    if not symbol.casing:
        return [line]
    # All casings of a layer lie under all of its lines, so that roads meet without a seam.
    beneath = {"stroke-color": symbol.casing, "stroke-width": _growing(width, more=2), "stroke-line-cap": "butt",
               "stroke-line-join": "round", "z-index": depth + rank}
    return [beneath, line]


def _areas(symbol: Symbol, depth: int) -> list[Rule]:
    outline: Rule = {"stroke-color": symbol.colour, "stroke-width": symbol.width or 0}
    if symbol.dash:
        outline["stroke-line-dash"] = list(symbol.dash)
    # An area of which the outline alone is seen can be pointed at all the same.
    styles: list[Rule] = [{"fill-color": _rgba(symbol.fill or "#ffffff", symbol.opacity or 0), "z-index": depth}]
    if symbol.hatch and symbol.hatch != "none":
        styles.append({"fill-pattern-src": pictures.hatch(symbol.hatch, symbol.colour or "#000000"), "z-index": depth})
    if symbol.width:
        styles.append({**outline, "z-index": depth})
    return styles


def _labels(description: Description, found: tuple[Drawn, ...], depth: int) -> list[Rule]:
    """One rule for all names, or one for each class whose names have a size or a zoom of their own."""
    label = description.symbols.label
    if label is None:
        return []
    own = [each for each in found if each.code in label.sizes or each.code in label.zooms]
    rules = []
    for number, each in enumerate(own):
        code = each.code or ""
        here = [["==", ["get", description.class_field], each.value], *_from(label.zooms.get(code, label.zoom))]
        style = _text(description, label, label.sizes.get(code, label.size), depth + 99 - number)
        rules.append({"title": f"Names: {each.words}", **_filter([["has", label.field], *here]), "style": [style]})
    others = [["!", ["in", ["get", description.class_field], ["literal", [each.value for each in own]]]]] if own else []
    rest = _filter([["has", label.field], *others, *_from(label.zoom)])
    return [*rules, {"title": "Names", **rest, "style": [_text(description, label, label.size, depth + 99 - len(own))]}]


def _text(description: Description, label: Label, size: float, depth: int) -> Rule:
    kind = kind_of(description)
    style: Rule = {
        "text-value": ["coalesce", ["get", label.field], ""], "text-font": f"{size:g}px {FONT}",
        "text-fill-color": label.colour, "text-stroke-color": "#ffffff", "text-stroke-width": 3, "z-index": depth}
    if kind == "line":
        style |= {"text-placement": "line", "text-max-angle": 0.6}
    elif kind == "point":
        style |= {"text-offset-y": -14}
    return style


def _growing(length: float, stops: tuple[tuple[float, float], ...] = GROWING, more: float = 0) -> list[Any]:
    told: list[Any] = ["interpolate", ["linear"], ["resolution"]]
    for resolution, share in stops:
        told += [resolution, round(length * share + more * min(1.0, share + 0.15), 2)]
    return told


def _rgba(colour: str, opacity: float) -> list[float]:
    return [*(int(colour[at:at + 2], 16) for at in (1, 3, 5)), opacity]
