"""Checks of what an audience could work out: withheld fields from granted ones, references, counts without a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hantsmap.access import Audience, Detail, Grant, path_to_root
from hantsmap.fields import FieldType
from hantsmap.layer import Layer
from hantsmap.registry.lines import Document, Place

GEOMETRY = "geometry"
NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)
NO_REFERENCE = (FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME, FieldType.OBJECT, FieldType.NUMBER)


@dataclass(frozen=True, slots=True)
class Access:
    """Who is granted what, by field: the nearest grant on the way from an audience to the root decides."""

    audiences: Mapping[str, Audience]
    layers: Mapping[str, Layer]

    def grantee(self, layer: str, audience: str) -> str | None:
        """The audience whose grant decides what this one has of a layer; None where it has nothing of it."""
        steps = path_to_root(self.audiences, audience)
        return next((step for step in steps if step in self.layers[layer].grants), None)

    def shows(self, layer: str, audience: str, name: str) -> bool:
        """Whether an audience is granted a field, or the exact geometry, of a layer."""
        grantee = self.grantee(layer, audience)
        if grantee is None:
            return False
        grant = self.layers[layer].grants[grantee]
        if name == GEOMETRY:
            return shows_exact_geometry(self.layers[layer], grant)
        return grant.fields is None or name in grant.fields


def shows_exact_geometry(layer: Layer, grant: Grant) -> bool:
    """Whether a grant gives the geometry that the source has: neither a square, nor the open line instead of it."""
    licensed = layer.open_geometry is None or grant.geometry_source == "licensed"
    return layer.geometry != "none" and grant.geometry is Detail.EXACT and licensed


def check_inference(document: Document, layers: Mapping[str, Layer], audiences: Mapping[str, Audience]) -> None:
    """All layers together: what one layer shows may be the input of what another holds back."""
    access = Access(audiences, layers)
    for name, layer in layers.items():
        place: Place = ("layers", name)
        for target, alternatives, where in _derivations(place, layer):
            if _known_inputs(document, where, access, name, target, alternatives):
                _check_derivation(document, access, name, target, alternatives)
        for field, spec in layer.fields.items():
            for reference in spec.references:
                _check_reference(document, (*place, "fields", field, "references"), access, name, field, reference)
        _check_counts(document, place, layer)
    for ring in _rings(layers):
        document.problem(("layers", ring[0]), f"the references {' -> '.join(ring)} lead back to where they began: a "
                                              "layer is published after those that it refers to. Take one away.")


def _derivations(place: Place, layer: Layer) -> Iterator[tuple[str, tuple[tuple[str, ...], ...], Place]]:
    for name, field in layer.fields.items():
        if field.derived_from:
            yield name, field.derived_from, (*place, "fields", name, "derived_from")
    if layer.geometry_derived_from:
        yield GEOMETRY, layer.geometry_derived_from, (*place, "geometry_derived_from")


def _known_inputs(document: Document, where: Place, access: Access, layer: str, target: str,
                  alternatives: tuple[tuple[str, ...], ...]) -> bool:
    sound = True
    for name in sorted({name for inputs in alternatives for name in inputs}):
        owner, field = _owner(layer, name)
        if owner not in access.layers:
            document.problem(where, f"`{owner}` is not a layer: name a field, or LAYER.FIELD of another layer.")
        elif field != GEOMETRY and field not in access.layers[owner].fields:
            document.problem(where, f"`{field}` is not a field of {owner}.")
        elif (owner, field) == (layer, target):
            document.problem(where, f"`{target}` cannot be derived from itself: take it out of the list.")
        else:
            continue
        sound = False
    return sound


def _owner(layer: str, name: str) -> tuple[str, str]:
    owner, dot, field = name.partition(".")
    return (owner, field) if dot else (layer, name)


def _check_derivation(document: Document, access: Access, layer: str, target: str,
                      alternatives: tuple[tuple[str, ...], ...]) -> None:
    """No audience has all inputs of an alternative without what follows from them. Each grant is told once."""
    told = set()
    for audience in access.audiences:
        if access.shows(layer, audience, target):
            continue
        for inputs in alternatives:
            owners = [_owner(layer, name) for name in inputs]
            if not all(access.shows(owner, audience, field) for owner, field in owners):
                continue
            grantee, where = access.grantee(layer, audience), layer
            if grantee is None:
                where = owners[0][0]
                grantee = access.grantee(where, audience) or audience
            if (where, grantee, inputs) not in told:
                told.add((where, grantee, inputs))
                what = "the exact geometry" if target == GEOMETRY else f"`{target}`"
                listed = " and ".join(f"`{name}`" for name in inputs)
                document.problem(("layers", where, "grants", grantee, "fields"), (
                    f"`{audience}` is not granted {what} of {layer} and could work it out from {listed}: grant it, or "
                    f"hold back {'one of them' if len(inputs) > 1 else listed}."))


def _check_reference(document: Document, place: Place, access: Access, layer: str, field: str, reference: str) -> None:
    name, _, wanted = reference.partition(".")
    spec = access.layers[layer].fields[field]
    other = access.layers.get(name)
    if other is None:
        document.problem(place, f"`{name}` is not a layer: `references` names the layer whose rows the values name.")
        return
    if name == layer:
        document.problem(place, "a layer cannot refer to itself: its rows are chosen by its own grants.")
    elif not wanted and len(other.key) > 1:
        document.problem(place, f"the key of {name} has several fields: say which is meant, as {name}.{other.key[0]}.")
    elif wanted and wanted not in other.fields:
        document.problem(place, f"`{wanted}` is not a field of {name}.")
    if spec.type in NO_REFERENCE:
        document.problem(place, f"`{field}` is a {spec.type.value}: what names a row is a string or an integer.")


def _rings(layers: Mapping[str, Layer]) -> list[list[str]]:
    """Rings of references, each told once, from its first layer back to it."""
    found: list[list[str]] = []

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            ring = way[way.index(name):]
            if len(ring) > 1 and not any(set(ring) <= set(known) for known in found):
                found.append([*ring, name])
            return
        for other in layers[name].referenced if name in layers else ():
            walk(other, [*way, name])

    for name in layers:
        walk(name, [])
    return found


def _check_counts(document: Document, place: Place, layer: Layer) -> None:
    """Each count that a grant shows has a rule for small ones, or a reason why it needs none."""
    ruled = {name for grant in layer.grants.values() if grant.counts for name in grant.counts.fields}
    for name, field in layer.fields.items():
        if field.count and field.type not in NUMBERS:
            document.problem((*place, "fields", name, "count"),
                             f"`{name}` is a {field.type.value}: a count is a number.")
    counts = [name for name, field in layer.fields.items()
              if field.count or (name in ruled and field.count is None)]
    for grantee, grant in layer.grants.items():
        rule: Any = grant.counts.fields if grant.counts else ()
        exact = [name for name in counts if (grant.fields is None or name in grant.fields) and name not in rule]
        if exact and grant.exact_counts is None:
            document.problem((*place, "grants", grantee), (
                f"the counts {_few(exact)} go out exactly, however small: add them to `counts`, or say in "
                "`exact_counts` why small ones tell of nobody."))
        elif grant.exact_counts is not None and not exact:
            document.problem((*place, "grants", grantee, "exact_counts"),
                             "this grant shows no count exactly: take `exact_counts` away.")


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
