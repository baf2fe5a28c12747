"""What must hold between the entries of a registry: names that meet, grants that widen, reasons that are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hantsmap.access import PUBLIC, Audience, Detail, Grant, as_text, grant_for, narrowings, path_to_root
from hantsmap.agreements import Agreement
from hantsmap.layer import Area, CodeList, FieldType, Layer, Licence, SignIn
from hantsmap.registry.drawing import check_drawing
from hantsmap.registry.limits import check_agreement, check_limits
from hantsmap.registry.lines import Document, Place

# Codes go with values that stand for themselves; a date or a list has no code.
CODED = (FieldType.STRING, FieldType.INTEGER, FieldType.STRINGS, FieldType.INTEGERS)
# Names that a feature or a request already uses for something else.
RESERVED = (
    "id", "type", "geometry", "f", "limit", "offset", "bbox", "crs", "datetime", "filter", "properties", "sortby",
    "ids", "version", "after", "shift",
)  # fmt: skip
# Names of tables that a GeoPackage, or our copy of one, has for itself.
RESERVED_LAYERS = re.compile(r"(gpkg|rtree|sqlite)_.*|layer_styles|qgis_projects|hantsmap_pull")
LISTS = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)
DATES = (FieldType.DATE, FieldType.DATETIME)
NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
# Fields whose values `rows` can name, and what YAML has to write for each.
NAMED_BY_ROWS: dict[FieldType, type] = {FieldType.STRING: object, FieldType.INTEGER: int, FieldType.BOOLEAN: bool}


def check_audiences(document: Document, audiences: Mapping[str, Audience]) -> None:
    """Audiences form one tree with `public` at its root."""
    for name, audience in audiences.items():
        place: Place = ("audiences", name, "within")
        if name == PUBLIC:
            if audience.within is not None:
                document.problem(place, "`public` is the root of the audiences: take `within` away.")
            if audience.until is not None:
                document.problem(("audiences", name, "until"), "`public` never ends: take `until` away.")
        elif audience.within is None:
            document.problem(("audiences", name), f"`{name}` is in no audience: say `within: {PUBLIC}`, or another.")
        elif audience.within not in audiences:
            document.problem(place, f"`{audience.within}` is not an audience; {there_are(audiences)}.")
        elif list(path_to_root(audiences, name))[-1] != PUBLIC:
            document.problem(place, f"`{name}` never reaches `{PUBLIC}` by its `within`: audiences form a tree.")
    if audiences and PUBLIC not in audiences:
        document.problem(("audiences",), f"there is no audience `{PUBLIC}`: it is the root of the others.")


@dataclass(frozen=True, slots=True)
class Known:
    """The valid entries of a registry, by which the others are checked."""

    audiences: Mapping[str, Audience]
    code_lists: Mapping[str, CodeList]
    licences: Mapping[str, Licence]
    areas: Mapping[str, Area]
    agreements: Mapping[str, Agreement]


def check_sign_in(document: Document, sign_in: SignIn, audiences: Mapping[str, Audience]) -> None:
    """Claims lead to audiences that there are."""
    for value, audience in sign_in.map.items():
        if audience not in audiences:
            document.problem(("sign_in", "map", value), f"`{audience}` is not an audience; there are "
                                                        f"{', '.join(audiences)}.")


def check_layer(document: Document, name: str, layer: Layer, known: Known) -> None:
    """One layer against the rest of the registry."""
    place: Place = ("layers", name)
    if RESERVED_LAYERS.fullmatch(name):
        document.problem(place, f"`{name}` is a name that GeoPackages use for their own tables: choose another.")
    audiences, code_lists, licences = known.audiences, known.code_lists, known.licences
    if layer.licence not in licences:
        document.problem((*place, "licence"), f"`{layer.licence}` is not a licence; {there_are(licences)}.")
    _check_fields(document, place, layer, code_lists)
    check_drawing(document, place, layer, code_lists)
    for grantee, grant in layer.grants.items():
        _check_grant(document, (*place, "grants", grantee), layer, grantee, grant, audiences, code_lists)
        check_limits(document, (*place, "grants", grantee), layer, grant, known.areas)
        check_agreement(document, (*place, "grants", grantee, "agreement"), grantee, grant, known.agreements)


def there_are(names: Iterable[str]) -> str:
    """The end of a sentence about a name that the registry does not have: the names that it has."""
    listed = ", ".join(names)
    return f"there are {listed}" if listed else "the registry has none: add it"


def _check_fields(document: Document, place: Place, layer: Layer, code_lists: Mapping[str, CodeList]) -> None:
    for name, field in layer.fields.items():
        here = (*place, "fields", name)
        if field.codes and field.codes not in code_lists:
            document.problem((*here, "codes"), f"`{field.codes}` is not a code list; {there_are(code_lists)}.")
        elif field.codes and field.type not in CODED:
            document.problem((*here, "codes"), f"a {field.type.value} has no codes: take `codes` away.")
        elif field.codes and code_lists[field.codes].worded and f"{name}_text" in layer.fields:
            document.problem(here, f"`{name}_text` is made from the code list of `{name}`: do not declare it.")
        if field.sentinels and field.type not in DATES:
            document.problem((*here, "sentinels"), "only dates have sentinels.")
        for edge in ("minimum", "maximum"):
            if getattr(field, edge) is not None and field.type not in NUMBERS:
                document.problem((*here, edge), f"only numbers have a `{edge}`.")
        if name in RESERVED:
            document.problem(here, f"`{name}` is a word of GeoJSON or of the API itself: choose another.")
    _check_named(document, place, layer)


def _check_named(document: Document, place: Place, layer: Layer) -> None:
    """Fields that other settings of the layer name: they are there, and of a type that can serve."""
    named = [("key", name) for name in layer.key] + [
        (key, name) for key, name in (("display", layer.display), ("class_field", layer.class_field)) if name]
    if layer.temporal:
        named += [("temporal", name) for name in (layer.temporal.start, layer.temporal.end) if name]
    if layer.together:
        named.append(("together", layer.together.field))
    named += [("names", name) for each in layer.names for name in (each.field, *each.where)]
    named += [("series", name) for name in (layer.series.named if layer.series else ())]
    for key, name in named:
        field = layer.fields.get(name)
        if field is None:
            document.problem((*place, key), f"`{name}` is not a field of this layer.")
        elif key == "temporal" and field.type not in DATES:
            document.problem((*place, key), f"`{name}` is a {field.type.value}, not a date.")
        elif key in ("key", "together", "names", "series") and field.type in LISTS:
            document.problem((*place, key), f"`{name}` is {field.type.value}: `{key}` takes one value a row.")
        elif key == "series" and layer.series and name in layer.series.values and field.type not in NUMBERS:
            document.problem((*place, key), f"`{name}` is a {field.type.value}: the values of a series are numbers.")
        elif key == "class_field" and (not field.codes or field.type in LISTS):
            document.problem((*place, key), f"`{name}` has no codes, or several a row: a class is one code of a list.")


def _check_grant(
    document: Document,
    place: Place,
    layer: Layer,
    grantee: str,
    grant: Grant,
    audiences: Mapping[str, Audience],
    code_lists: Mapping[str, CodeList],
) -> None:
    every = tuple(layer.fields)
    if grantee not in audiences:
        document.problem(place, f"`{grantee}` is not an audience; {there_are(audiences)}.")
    for index, name in enumerate(grant.fields or ()):
        if name not in every:
            document.problem((*place, "fields", index), f"`{name}` is not a field of this layer.")
    for name in layer.key:
        if name in every and name not in grant.field_names(every):
            document.problem((*place, "fields"), f"`{name}` is the key of this layer: a grant cannot leave it out.")
    _check_rows(document, place, layer, grant, code_lists)
    if _holds_back(layer, grant) and not grant.held_back:
        document.problem(place, "this grant holds something back and gives no reason: add `held_back` with a reason "
                                "code a-h and a sentence.")
    _check_ladder(document, place, layer, grantee, grant, audiences)


def _check_rows(
    document: Document, place: Place, layer: Layer, grant: Grant, code_lists: Mapping[str, CodeList]
) -> None:
    for name, values in grant.rows.items():
        here = (*place, "rows", name)
        field = layer.fields.get(name)
        if field is None:
            document.problem(here, f"`{name}` is not a field of this layer.")
            continue
        if field.type not in NAMED_BY_ROWS:
            document.problem(here, f"`{name}` is a {field.type.value}: rows are kept by a string, integer or boolean.")
            continue
        for value in values:
            if field.codes and field.codes in code_lists and as_text(value) not in code_lists[field.codes].values:
                document.problem(here, f"`{value}` is not in the code list `{field.codes}`.")
            elif not _is_a(value, field.type):
                document.problem(here, f"`{as_text(value)}` is no {field.type.value}, as `{name}` is.")


def _is_a(value: str | int | bool, wanted: FieldType) -> bool:
    return isinstance(value, NAMED_BY_ROWS[wanted]) and (wanted is FieldType.BOOLEAN or not isinstance(value, bool))


def _holds_back(layer: Layer, grant: Grant) -> bool:
    every = tuple(layer.fields)
    return bool(grant.rows) or grant.field_names(every) != every or grant.geometry is not Detail.EXACT


def _check_ladder(
    document: Document, place: Place, layer: Layer, grantee: str, grant: Grant, audiences: Mapping[str, Audience]
) -> None:
    above = audiences[grantee].within if grantee in audiences else None
    parent = grant_for(audiences, layer.grants, above) if above else None
    if parent is None:
        return
    for phrase in narrowings(grant, parent, tuple(layer.fields)):
        document.problem(place, f"`{grantee}` would lose {phrase} that it has as part of `{above}`: grants widen on "
                                "the way down; give it, or split the layer.")
