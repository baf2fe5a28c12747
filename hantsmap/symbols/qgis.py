"""A QGIS style (QML): symbols by class, names of fields as people know them, codes shown in words."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as Xml

from hantsmap.layer import FieldType
from hantsmap.rendition import Description
from hantsmap.symbology import Symbol
from hantsmap.symbols.drawn import Kind, classes, kind_of

TYPES: dict[Kind, str] = {"point": "marker", "line": "line", "fill": "fill"}
HATCHES = {"diagonal": "b_diagonal", "back-diagonal": "f_diagonal", "cross": "cross", "horizontal": "horizontal",
           "vertical": "vertical", "dots": "dense6"}
SHAPES = {"cross": "cross_fill"}
Layers = list[tuple[str, dict[str, str]]]


def qml(description: Description) -> str:
    """The style of a rendition, as QGIS 3.22 and later read it."""
    parts = "Symbology|Fields|Forms|AttributeTable|MapTips"
    root = Xml.Element("qgis", {"version": "3.22.0", "styleCategories": parts})
    if description.geometry != "none":
        _renderer(root, description)
    _widgets(root, description)
    aliases = Xml.SubElement(root, "aliases")
    for number, (name, field) in enumerate(description.fields.items(), start=2):
        unit = f" ({field.unit})" if field.unit else ""
        Xml.SubElement(aliases, "alias", {"index": str(number), "field": name, "name": f"{field.title}{unit}"})
    if description.display:
        Xml.SubElement(root, "previewExpression").text = f'"{description.display}"'
    Xml.indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + Xml.tostring(root, encoding="unicode")


def _renderer(root: Xml.Element, description: Description) -> None:
    found, kind = classes(description), kind_of(description)
    # Casings lie under all lines only where levels are drawn one after another.
    levels = "1" if any(each.symbol.casing for each in found) else "0"
    if description.class_field is None:
        renderer = Xml.SubElement(root, "renderer-v2", {"type": "singleSymbol", "symbollevels": levels})
        _symbol(Xml.SubElement(renderer, "symbols"), kind, "0", found[0].symbol)
        return
    renderer = Xml.SubElement(root, "renderer-v2", {
        "type": "categorizedSymbol", "attr": description.class_field, "symbollevels": levels})
    categories, symbols = Xml.SubElement(renderer, "categories"), Xml.SubElement(renderer, "symbols")
    for number, each in enumerate(found):
        Xml.SubElement(categories, "category", {"render": "true", "symbol": str(number), "value": each.code or "",
                                                "label": each.words})
        _symbol(symbols, kind, str(number), each.symbol)


def _symbol(symbols: Xml.Element, kind: Kind, name: str, symbol: Symbol) -> None:
    drawn = Xml.SubElement(symbols, "symbol", {"type": TYPES[kind], "name": name, "alpha": "1"})
    layers = {"point": _marker, "line": _line, "fill": _fill}[kind](symbol)
    for level, (kind_of_layer, told) in enumerate(layers):
        layer = Xml.SubElement(drawn, "layer", {
            "class": kind_of_layer, "enabled": "1", "pass": str(level), "locked": "0"})
        options = Xml.SubElement(layer, "Option", {"type": "Map"})
        for key, value in told.items():
            # QGIS 3.22 reads the one, older ones the other.
            Xml.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
            Xml.SubElement(layer, "prop", {"k": key, "v": value})


def _marker(symbol: Symbol) -> Layers:
    shape = symbol.marker or "circle"
    told = {"name": SHAPES.get(shape, shape), "color": _colour(symbol.fill), "outline_color": _colour(symbol.colour),
            "size": _pixels(symbol.size), "size_unit": "Pixel", "outline_width": _pixels(symbol.width),
            "outline_width_unit": "Pixel"}
    if not symbol.letter:
        return [("SimpleMarker", told)]
    letter = {"font": "Arial", "chr": symbol.letter, "color": _colour(symbol.colour), "size_unit": "Pixel",
              "size": _pixels((symbol.size or 14) * 0.7)}
    return [("SimpleMarker", told), ("FontMarker", letter)]


def _line(symbol: Symbol) -> Layers:
    join = {"line_width_unit": "Pixel", "joinstyle": "round"}
    line = {"line_color": _colour(symbol.colour), "line_width": _pixels(symbol.width), **join,
            "capstyle": "flat" if symbol.dash else "round", **_dashes(symbol)}
    if not symbol.casing:
        return [("SimpleLine", line)]
    casing = {"line_color": _colour(symbol.casing), "line_width": _pixels((symbol.width or 0) + 2), **join,
              "capstyle": "flat"}
    return [("SimpleLine", casing), ("SimpleLine", line)]


def _fill(symbol: Symbol) -> Layers:
    layers: Layers = []
    if symbol.opacity:
        layers.append(("SimpleFill", {"color": _colour(symbol.fill, symbol.opacity), "style": "solid",
                                      "outline_style": "no"}))
    if symbol.hatch and symbol.hatch != "none":
        layers.append(("SimpleFill", {"color": _colour(symbol.colour), "style": HATCHES[symbol.hatch],
                                      "outline_style": "no"}))
    outline = {"line_color": _colour(symbol.colour), "line_width": _pixels(symbol.width), "line_width_unit": "Pixel",
               "joinstyle": "round", **_dashes(symbol)}
    return [*layers, ("SimpleLine", outline)] if symbol.width or not layers else layers


def _dashes(symbol: Symbol) -> Mapping[str, str]:
    if not symbol.dash:
        return {}
    return {"use_custom_dash": "1", "customdash": ";".join(f"{each:g}" for each in symbol.dash),
            "customdash_unit": "Pixel"}


def _colour(colour: str | None, opacity: float = 1.0) -> str:
    written = colour or "#000000"
    return ",".join(str(int(written[at:at + 2], 16)) for at in (1, 3, 5)) + f",{round(opacity * 255)}"


def _pixels(length: float | None) -> str:
    return f"{length or 0:g}"


def _widgets(root: Xml.Element, description: Description) -> None:
    configuration = Xml.SubElement(root, "fieldConfiguration")
    for name, field in description.fields.items():
        codes = description.code_lists[field.codes].values if field.codes else {}
        listed = bool(codes) and field.type in (FieldType.STRING, FieldType.INTEGER)
        widget = Xml.SubElement(Xml.SubElement(configuration, "field", {"name": name}), "editWidget",
                                {"type": "ValueMap" if listed else ""})
        if not listed:
            continue
        config = Xml.SubElement(Xml.SubElement(widget, "config"), "Option", {"type": "Map"})
        values = Xml.SubElement(config, "Option", {"type": "List", "name": "map"})
        for code, words in codes.items():
            entry = Xml.SubElement(values, "Option", {"type": "Map"})
            Xml.SubElement(entry, "Option", {"type": "QString", "name": words, "value": code})
