"""Checks of how a layer is drawn and tiled: the fields and codes that `symbols` and `tiles` name are there."""

from __future__ import annotations

from collections.abc import Mapping

from hantsmap.layer import CodeList, FieldType, Layer
from hantsmap.registry.lines import Document, Place
from hantsmap.symbology import LAST_ZOOM, Symbology


def check_drawing(document: Document, place: Place, layer: Layer, code_lists: Mapping[str, CodeList]) -> None:
    """One layer's symbols and tiles."""
    field = layer.fields.get(layer.class_field or "")
    codes = code_lists.get(field.codes or "") if field else None
    zooms = layer.tiles.zooms if layer.tiles else {}
    named: dict[tuple[str, ...], Mapping[str, object]] = {
        ("symbols", "classes"): layer.symbols.classes, ("tiles", "zooms"): zooms}
    if layer.symbols.label:
        named["symbols", "label", "sizes"] = layer.symbols.label.sizes
        named["symbols", "label", "zooms"] = layer.symbols.label.zooms
    for where, classes in named.items():
        for code in classes:
            here = (*place, *where, code)
            if field is None:
                document.problem(here, "this layer has no `class_field` that tells its classes: add it.")
            elif codes is not None and code not in codes.values:
                document.problem(here, f"`{code}` is not in the code list `{field.codes}`.")
    if layer.geometry == "none":
        _check_table(document, place, layer)
    _check_label(document, place, layer)
    _check_tiles(document, (*place, "tiles"), layer)


def _check_table(document: Document, place: Place, layer: Layer) -> None:
    for key, said in (("symbols", layer.symbols != Symbology()), ("tiles", layer.tiles is not None)):
        if said:
            document.problem((*place, key), f"this layer is a table, and nothing of it is drawn: take `{key}` away.")


def _check_label(document: Document, place: Place, layer: Layer) -> None:
    label = layer.symbols.label
    if label is None:
        return
    here, field = (*place, "symbols", "label", "field"), layer.fields.get(label.field)
    if field is None:
        document.problem(here, f"`{label.field}` is not a field of this layer.")
    elif field.type is not FieldType.STRING:
        document.problem(here, f"`{label.field}` is a {field.type.value}: a label is a string.")


def _check_tiles(document: Document, place: Place, layer: Layer) -> None:
    tiles = layer.tiles
    if tiles is None:
        return
    for index, name in enumerate(tiles.fields or ()):
        if name not in layer.fields:
            document.problem((*place, "fields", index), f"`{name}` is not a field of this layer.")
    label = layer.symbols.label.field if layer.symbols.label else None
    drawn_by = {"class_field": layer.class_field, "label": label}
    for wanted, drawing in drawn_by.items():
        if drawing and tiles.fields is not None and drawing not in tiles.fields:
            document.problem((*place, "fields"), f"`{drawing}` is the {wanted} of this layer: tiles without it cannot "
                                                 "be drawn.")
    if layer.map.base and tiles.last < LAST_ZOOM:
        # The map asks for the base map in one request a tile; beyond the last zoom of a layer there is no such tile.
        document.problem((*place, "last"), f"the tiles of the base map go to zoom {LAST_ZOOM}, and these end at "
                                           f"{tiles.last}: take `last` away here, or `base` out of `map`.")
    for where, zoom in ((("zoom",), tiles.zoom), *((("zooms", code), zoom) for code, zoom in tiles.zooms.items())):
        if zoom > tiles.last:
            document.problem((*place, *where), f"zoom {zoom} is beyond the last one, {tiles.last}: features would be "
                                               "in no tile.")
    for code, symbol in layer.symbols.classes.items():
        first = tiles.zooms.get(code, tiles.zoom)
        if symbol.zoom is not None and symbol.zoom < first:
            document.problem((*place[:-1], "symbols", "classes", code, "zoom"),
                             f"drawn from zoom {symbol.zoom}, and in tiles only from {first}: give one of the two.")

