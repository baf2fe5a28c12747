"""One declaration, many outputs: OpenLayers, MapLibre, QGIS, drawings and the key in words say the same."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from hantsmap import symbols
from hantsmap.downloads.classes import drawing_layers
from hantsmap.layer import Layer
from hantsmap.registry import Registry, read
from hantsmap.rendition import Description
from hantsmap.symbols.drawn import Drawn

ROOT = Path(__file__).parents[2]
REGISTRY = read(ROOT / "layers.yaml")
DRAWN = [name for name, layer in REGISTRY.layers.items() if layer.geometry != "none"]


def described(name: str, without: tuple[str, ...] = (), registry: Registry = REGISTRY) -> Description:
    """The description of a layer as somebody sees it who sees all rows, and all fields but some."""
    layer: Layer = registry.layers[name]
    fields = {field: spec for field, spec in layer.served_fields(registry.code_lists).items() if field not in without}
    codes = registry.code_lists[layer.fields[layer.class_field].codes or ""].values if layer.class_field else {}
    return Description(
        layer=name, title=layer.title, description=layer.description, keywords=(), publisher="", steward="", contact="",
        licence=registry.licences[layer.licence], attribution=layer.attribution, cadence="", capture_scale=None,
        source_name="", lineage="", notice=None, synthetic=True, geometry=layer.geometry, key=layer.key, temporal=None,
        display=None, class_field=layer.class_field if layer.class_field in fields else None,
        symbols=layer.symbols.left(fields, layer.class_field, codes), fields=fields,
        code_lists={spec.codes: registry.code_lists[spec.codes] for spec in fields.values() if spec.codes},
        held_back=(), downloads=True, count=0, extent=None, extent_crs84=None, interval=None)


def without_colour(each: Drawn) -> tuple[object, ...]:
    """What of a symbol is left to somebody who sees no colours."""
    told = each.symbol
    return (told.width, told.dash, bool(told.casing), told.hatch, told.marker, told.letter, told.size, told.opacity)


@pytest.mark.parametrize("name", DRAWN)
def test_a_class_is_never_told_by_its_colour_alone(name: str) -> None:
    """Any two classes of a layer differ in width, dash, hatch, shape or letter: on a black-and-white printer too."""
    found = [each for each in symbols.classes(described(name)) if each.code is not None]
    assert len({without_colour(each) for each in found}) == len(found)


@pytest.mark.parametrize("name", DRAWN)
def test_the_key_tells_every_class_in_words_of_its_own(name: str) -> None:
    """Each class of the code list is in the key, with its words, its symbol, and words for its symbol."""
    description = described(name)
    key = symbols.key(description)
    coded = [each for each in key if each["code"] is not None]
    if description.class_field:
        codes = description.code_lists[description.fields[description.class_field].codes or ""].values
        assert {each["code"]: each["label"] for each in coded} == dict(codes)
        assert len({each["words"] for each in coded}) == len(coded)
    else:
        assert [each["label"] for each in key] == [description.title]
    assert {each["symbol"]["kind"] for each in key} == {symbols.kind_of(description)}
    json.dumps(key)


@pytest.mark.parametrize("name", DRAWN)
def test_all_outputs_have_the_same_classes(name: str) -> None:
    """OpenLayers, MapLibre, QGIS and a drawing know the classes of the key: no more, no fewer."""
    description = described(name)
    found = symbols.classes(description)
    field = description.class_field
    rules = [rule for rule in symbols.openlayers(description) if "text-value" not in rule["style"][0]]
    assert len(rules) == len(found)
    document = symbols.maplibre(description, {"tiles": ["https://example.org/{z}/{y}/{x}"]})
    assert document["version"] == 8 and len({layer["id"] for layer in document["layers"]}) == len(document["layers"])
    root = Xml.fromstring(symbols.qml(description).partition("\n")[2])
    assert len(root.findall("renderer-v2/symbols/symbol")) == len(found)
    assert len(drawing_layers(description)) == len(found)
    if field:
        named = [rule["filter"] for rule in rules if "==" in json.dumps(rule["filter"])]
        assert len(named) == len(found) - 1
        told = {layer["filter"][2] for layer in document["layers"] if layer["filter"][0] == "=="}
        assert told == {each.value for each in found if each.code is not None}
        categories = root.findall("renderer-v2/categories/category")
        assert [each.get("value") for each in categories] == [each.code or "" for each in found]


@pytest.mark.parametrize("name", DRAWN)
def test_rules_have_titles(name: str) -> None:
    """Each rule says in words what it draws, as the key does: as a title for OpenLayers and MapLibre, as a label for
    QGIS. QGIS shows the id of a MapLibre layer, so that it has the words too."""
    description = described(name)
    words = [each.words for each in symbols.classes(description)]
    rules = [rule["title"] for rule in symbols.openlayers(description)]
    assert rules[:len(words)] == words and all(title.startswith("Names") for title in rules[len(words):])
    for layer in symbols.maplibre(description, {})["layers"]:
        assert layer["metadata"]["title"] in words
        assert layer["id"].startswith(description.title)
        assert len(words) == 1 or layer["metadata"]["title"] in layer["id"]
    root = Xml.fromstring(symbols.qml(description).partition("\n")[2])
    labels = [each.get("label") for each in root.findall("renderer-v2/categories/category")]
    assert labels == (words if description.class_field else [])


def test_a_way_for_feet_has_short_dashes_and_one_for_horses_long_ones() -> None:
    """Rights of way are drawn as walkers know them: green, short dashes, long dashes, and patterns for byways."""
    words = {each["code"]: each["words"] for each in symbols.key(described("rights_of_way"))}
    assert words == {"FP": "short dashes, green", "BW": "long dashes, green", "RB": "dashes and dots, green",
                     "BOAT": "dashes and pairs of dots, green"}


def test_who_does_not_see_the_class_field_sees_one_class() -> None:
    """Without the field that tells classes, or the one of the label, no output names a code or that field."""
    description = described("rights_of_way", without=("status", "status_text", "name"))
    written = json.dumps([symbols.openlayers(description), symbols.maplibre(description, {}), symbols.key(description)])
    assert len(symbols.classes(description)) == 1
    for hidden in ("BOAT", "status", '"name"]'):
        assert hidden not in written


def test_codes_that_are_numbers_stay_numbers() -> None:
    """Tiles carry an integer code as a number: a rule that asked for a text would never meet it."""
    rules = symbols.openlayers(described("schools"))
    assert rules[0]["filter"] == ["==", ["get", "phase"], 0]


def test_roads_meet_without_a_seam() -> None:
    """All casings of a layer lie under all of its lines, in OpenLayers and in MapLibre."""
    description = described("street_segments")
    styles = [style for rule in symbols.openlayers(description) for style in rule["style"] if "stroke-width" in style]
    casings = [style["z-index"] for style in styles if style["stroke-color"] in ("#1d3f72", "#7c1c2e", "#8a5310")]
    lines = [style["z-index"] for style in styles if style["stroke-color"] in ("#4a86c8", "#d9536b", "#f2a65a")]
    assert len(casings) == len(lines) == 3 and max(casings) < min(lines)
    ids = [layer["id"] for layer in symbols.maplibre(description, {})["layers"]]
    beneath = [each.endswith("(casing)") for each in ids]
    assert beneath == sorted(beneath, reverse=True)
    assert ids[-1] == f"{description.title}: Motorway"


def test_a_layer_without_a_declaration_is_drawn_all_the_same() -> None:
    """Where the registry says nothing of symbols, those of the code list's places are taken."""
    description = described("rights_of_way").model_copy(update={"symbols": type(described("streets").symbols)()})
    found = symbols.classes(description)
    assert len({without_colour(each) for each in found}) == len(found) == 5
    assert next(each["words"] for each in symbols.key(description)) == "line, blue"


def test_a_table_is_not_drawn() -> None:
    """A layer without geometry has no rules and no key."""
    description = described("plans")
    assert symbols.openlayers(description) == [] and symbols.key(description) == []


def test_towns_are_named_larger_and_earlier_than_hamlets() -> None:
    """Labels have the size and the zoom of their class; who does not see the class sees one size."""
    rules = [rule for rule in symbols.openlayers(described("named_places")) if "text-value" in rule["style"][0]]
    told = {rule["filter"][2][2]: (rule["style"][0]["text-font"].split()[0], rule["filter"][3:]) for rule in rules[:-1]}
    assert told["City"] == ("20px", []) and told["Hamlet"] == ("11px", [["<=", ["resolution"], 14.14]])
    hidden = described("named_places", without=("local_type", "local_type_text"))
    plain = [rule for rule in symbols.openlayers(hidden) if "text-value" in rule["style"][0]]
    assert len(plain) == 1 and "local_type" not in json.dumps(plain)
