"""What must hold between the entries of a registry: names that meet, grants that widen, reasons that are given."""

from __future__ import annotations

from collections.abc import Mapping

from hantsmap.access import PUBLIC, Audience, Detail, Grant, grant_for, narrowings, path_to_root
from hantsmap.layer import CodeList, FieldType, Layer, Licence
from hantsmap.registry.lines import Document, Place

# Codes go with values that stand for themselves; a date or a list has no code.
CODED = (FieldType.STRING, FieldType.INTEGER, FieldType.STRINGS, FieldType.INTEGERS)
# Names that a feature or a request already uses for something else.
RESERVED = ("id", "type", "geometry", "f", "limit", "offset", "bbox", "crs", "datetime", "filter", "properties", "sortby")


def check_audiences(document: Document, audiences: Mapping[str, Audience]) -> None:
    """Audiences form one tree with `public` at its root."""
    for name, audience in audiences.items():
        place: Place = ("audiences", name, "within")
        if name == PUBLIC:
            if audience.within is not None:
                document.problem(place, "`public` is the root of the audiences: take `within` away.")
        elif audience.within is None:
            document.problem(("audiences", name), f"`{name}` is in no audience: say `within: {PUBLIC}`, or another.")
        elif audience.within not in audiences:
            document.problem(place, f"`{audience.within}` is not an audience; there are {', '.join(audiences)}.")
        elif list(path_to_root(audiences, name))[-1] != PUBLIC:
            document.problem(place, f"`{name}` never reaches `{PUBLIC}` by its `within`: audiences form a tree.")
    if audiences and PUBLIC not in audiences:
        document.problem(("audiences",), f"there is no audience `{PUBLIC}`: it is the root of the others.")


def check_layer(
    document: Document,
    name: str,
    layer: Layer,
    audiences: Mapping[str, Audience],
    code_lists: Mapping[str, CodeList],
    licences: Mapping[str, Licence],
) -> None:
    """One layer against the rest of the registry."""
    place: Place = ("layers", name)
    if layer.licence not in licences:
        document.problem((*place, "licence"), f"`{layer.licence}` is not a licence; there are {', '.join(licences)}.")
    _check_fields(document, place, layer, code_lists)
    for grantee, grant in layer.grants.items():
        _check_grant(document, (*place, "grants", grantee), layer, grantee, grant, audiences, code_lists)


def _check_fields(document: Document, place: Place, layer: Layer, code_lists: Mapping[str, CodeList]) -> None:
    for name, field in layer.fields.items():
        here = (*place, "fields", name)
        if field.codes and field.codes not in code_lists:
            document.problem((*here, "codes"), f"`{field.codes}` is not a code list; there are {', '.join(code_lists)}.")
        elif field.codes and field.type not in CODED:
            document.problem((*here, "codes"), f"a {field.type.value} has no codes: take `codes` away.")
        elif field.codes and code_lists[field.codes].worded and f"{name}_text" in layer.fields:
            document.problem(here, f"`{name}_text` is made from the code list of `{name}`: do not declare it.")
        if field.sentinels and field.type not in (FieldType.DATE, FieldType.DATETIME):
            document.problem((*here, "sentinels"), "only dates have sentinels.")
        if name in RESERVED:
            document.problem(here, f"`{name}` is a word of GeoJSON or of the API itself: choose another.")
    named = [("key", name) for name in layer.key] + ([("display", layer.display)] if layer.display else [])
    if layer.temporal:
        named += [("temporal", layer.temporal.start)] + ([("temporal", layer.temporal.end)] if layer.temporal.end else [])
    if layer.together:
        named.append(("together", layer.together.field))
    for key, name in named:
        if name not in layer.fields:
            document.problem((*place, key), f"`{name}` is not a field of this layer.")
        elif key == "temporal" and layer.fields[name].type not in (FieldType.DATE, FieldType.DATETIME):
            document.problem((*place, key), f"`{name}` is a {layer.fields[name].type.value}, not a date.")


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
        document.problem(place, f"`{grantee}` is not an audience; there are {', '.join(audiences)}.")
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
        elif field.codes in code_lists:
            for value in values:
                if str(value) not in code_lists[field.codes].values:
                    document.problem(here, f"`{value}` is not in the code list `{field.codes}`.")


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
        document.problem(place, f"`{grantee}` would lose {phrase} that it has as part of `{above}`: grants widen on the "
                                "way down; give it, or split the layer.")
