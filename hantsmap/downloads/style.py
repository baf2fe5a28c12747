"""A QGIS style (QML): colours by class, names of fields as people know them, codes shown in words."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from hantsmap.downloads.classes import Class, classes
from hantsmap.layer import FieldType
from hantsmap.rendition import Description

SYMBOLS = {"Point": "marker", "MultiPoint": "marker", "LineString": "line", "MultiLineString": "line"}
PLAIN = Class("", "", 5, "#1f5fa8")


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
    found = classes(description)
    kind = SYMBOLS.get(description.geometry, "fill")
    if not found:
        renderer = Xml.SubElement(root, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0"})
        _symbol(Xml.SubElement(renderer, "symbols"), kind, "0", PLAIN)
        return
    renderer = Xml.SubElement(root, "renderer-v2", {
        "type": "categorizedSymbol", "attr": description.class_field or "", "symbollevels": "0"})
    categories, symbols = Xml.SubElement(renderer, "categories"), Xml.SubElement(renderer, "symbols")
    for number, each in enumerate((*found, Class("", "Other", 8, "#808080"))):
        Xml.SubElement(categories, "category", {"render": "true", "symbol": str(number), "value": each.code,
                                                "label": each.words})
        _symbol(symbols, kind, str(number), each)


def _symbol(symbols: Xml.Element, kind: str, name: str, each: Class) -> None:
    symbol = Xml.SubElement(symbols, "symbol", {"type": kind, "name": name, "alpha": "1" if kind != "fill" else "0.7"})
    classes_of = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    layer = Xml.SubElement(symbol, "layer", {"class": classes_of[kind], "enabled": "1", "pass": "0", "locked": "0"})
    colour = ",".join(str(int(each.colour[at:at + 2], 16)) for at in (1, 3, 5)) + ",255"
    told = {"marker": {"name": "circle", "color": colour, "size": "2.2", "outline_color": "255,255,255,255"},
            "line": {"line_color": colour, "line_width": "0.5", "capstyle": "round", "joinstyle": "round"},
            "fill": {"color": colour, "outline_color": "60,60,60,255", "outline_width": "0.26", "style": "solid"}}[kind]
    options = Xml.SubElement(layer, "Option", {"type": "Map"})
    for key, value in told.items():
        # QGIS 3.22 reads the one, older ones the other.
        Xml.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
        Xml.SubElement(layer, "prop", {"k": key, "v": value})


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
