"""What a store says of itself as a whole, made from the registry that it is published from."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import shapely

from hantsmap.access import PUBLIC
from hantsmap.errors import HantsMapError
from hantsmap.places import Gazetteer
from hantsmap.registry import Registry
from hantsmap.store import Outline, Site, today

log = logging.getLogger("hantsmap")
# An outline is for a sketch: this many corners are more than can be told apart on one.
MOST_CORNERS = 400
FIRST_TOLERANCE_M = 5.0


def site(registry: Registry, gazetteer: Gazetteer, before: Site) -> Site:
    """The head of a registry. Of its layers it tells only whether one that everybody sees is invented.

    An area that cannot be read just now keeps the outline that it had `before`; the layers that need it say why.
    """
    seen = [layer for name, layer in registry.layers.items() if registry.grant(name, PUBLIC)]
    areas = {audience: _areas(registry, audience) for audience in registry.audiences}
    return Site(title=registry.title, description=registry.description, publisher=registry.publisher,
                contact=registry.contact, synthetic=any(layer.synthetic for layer in seen),
                audiences=registry.audiences, sign_in=registry.sign_in, agreements=registry.agreements,
                areas={audience: names for audience, names in areas.items() if names},
                outlines=_outlines(registry, gazetteer, before.outlines, sorted({*sum(areas.values(), ())})))


def _areas(registry: Registry, audience: str) -> tuple[str, ...]:
    """Areas that the grants of an audience are limited to; after its last day too: it is asked what was returned."""
    day = None if registry.audiences[audience].until else today()
    grants = [registry.grant(layer, audience, day) for layer in registry.layers]
    return tuple(dict.fromkeys(grant.area.name for grant in grants if grant and grant.area))


def _outlines(
    registry: Registry, gazetteer: Gazetteer, before: Mapping[str, Outline], names: list[str]
) -> dict[str, Outline]:
    outlines = {}
    for name in names:
        if name not in registry.areas:
            continue
        try:
            outlines[name] = Outline(title=registry.areas[name].title, wkt=_simple(gazetteer.area(name)))
        except HantsMapError as fault:
            log.warning("The outline of the area %s is not to be had: %s", name, fault)
            if name in before:
                outlines[name] = before[name]
    return outlines


def _simple(area: shapely.Geometry) -> str:
    """The area with few corners, in whole metres."""
    tolerance, simple = FIRST_TOLERANCE_M, area
    while shapely.get_num_coordinates(simple) > MOST_CORNERS and tolerance < 5_000:
        simple, tolerance = shapely.simplify(area, tolerance), tolerance * 2
    return str(shapely.to_wkt(simple, rounding_precision=0))
