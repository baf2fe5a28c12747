"""Checks of what limits a grant beside fields and rows: its area, end, counts, geometry source, and its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hantsmap.access import PUBLIC, Grant, Part, ended
from hantsmap.agreements import Agreement
from hantsmap.layer import Area, Layer
from hantsmap.reasons import hidden_fields, parts_held_back
from hantsmap.registry.lines import Document, Place

# Fields that a grant makes: a layer cannot have them itself where a grant does.
MADE = {"context": "a grant with an area and a buffer", "suppressed": "a grant with disclosure control"}


def check_limits(document: Document, place: Place, layer: Layer, grant: Grant, areas: Mapping[str, Area]) -> None:
    """One grant of a layer."""
    if grant.area and grant.area.name not in areas:
        document.problem((*place, "area"), f"`{grant.area.name}` is not an area; there are "
                                           f"{', '.join(areas) or 'none'}.")
    if grant.area and layer.geometry == "none":
        document.problem((*place, "area"), "this layer is a table: no row of it is in an area.")
    if grant.geometry_source == "licensed" and layer.open_geometry is None:
        document.problem((*place, "geometry_source"), "this layer has one geometry only: add `open_geometry` to it, or "
                                                      "take `geometry_source` away.")
    for name, maker in MADE.items():
        if name in layer.fields and _makes(grant, name):
            document.problem(place, f"`{name}` is a field that {maker} makes: call the layer's own another name.")
    _check_counts(document, (*place, "counts"), layer, grant)
    _check_reasons(document, place, layer, grant)


def check_agreement(
    document: Document, place: Place, grantee: str, grant: Grant, agreements: Mapping[str, Agreement]
) -> None:
    """What a grant asks for can be accepted: it is there, and somebody is known who could accept it."""
    if grant.agreement is None:
        return
    if grant.agreement not in agreements:
        document.problem(place, f"`{grant.agreement}` is not an agreement; there are "
                                f"{', '.join(agreements) or 'none'}.")
    if grantee == PUBLIC:
        document.problem(place, "everybody reads without a key, and nobody can accept for everybody: give what needs "
                                "an agreement to an audience with keys.")


def check_ends(document: Document, layers: Mapping[str, Layer]) -> None:
    """Grants that ended are taken out of the registry, or renewed."""
    today = datetime.now(UTC).date()
    for name, layer in layers.items():
        for grantee, grant in layer.grants.items():
            if ended(grant, today):
                document.problem(("layers", name, "grants", grantee, "until"),
                                 f"this grant ended on {grant.until:%-d %B %Y}: take it away, or renew it.")


def _makes(grant: Grant, name: str) -> bool:
    if name == "context":
        return grant.area is not None and grant.area.buffer_m > 0
    return grant.counts is not None


def _check_counts(document: Document, place: Place, layer: Layer, grant: Grant) -> None:
    if grant.counts is None:
        return
    from hantsmap.disclosure import problems

    types = {name: field.type for name, field in layer.fields.items()}
    for sentence in problems(grant.counts, tuple(layer.fields), types):
        document.problem(place, sentence)


def _check_reasons(document: Document, place: Place, layer: Layer, grant: Grant) -> None:
    """Everything that is held back has a reason, an owner and a date on which the reason is looked at again."""
    hidden = hidden_fields(layer, grant)
    for index, held in enumerate(grant.held_back):
        here = (*place, "held_back", index)
        for name in held.fields:
            if name not in hidden:
                document.problem(here, f"`{name}` is not held back by this grant: take it out of this reason.")
        if not held.owner or not held.review:
            document.problem(here, "say who owns this reason (`owner`) and when it is looked at again (`review`).")
    if not grant.held_back:
        return  # that is a problem of its own, told once
    whole = {part for held in grant.held_back if not held.fields for part in held.of}
    for part in parts_held_back(layer, grant):
        if part is Part.FIELDS and part not in whole:
            named = {name for held in grant.held_back for name in held.fields}
            missing = [name for name in hidden if name not in named]
            if missing:
                document.problem(place, f"no reason says why {', '.join(missing)} is held back: add one to "
                                        "`held_back`.")
        elif part not in whole:
            document.problem(place, f"no reason in `held_back` says why {part.value} are held back.")
