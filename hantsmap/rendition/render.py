"""Renders an edition for every audience: one rendition for each distinct grant, and who sees which."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from hantsmap.access import Grant
from hantsmap.editions import Edition
from hantsmap.layer import FieldType, Temporal
from hantsmap.protect import Protected, protect
from hantsmap.registry import Registry
from hantsmap.rendition import writing
from hantsmap.rendition.description import Box, Description
from hantsmap.store import Store, files


def render(registry: Registry, store: Store, name: str, edition: Edition) -> dict[str, str]:
    """Write the renditions of an edition; the result leads from audience to rendition id.

    An audience without a grant is not named: for it the layer does not exist.
    """
    made: list[tuple[Grant, str]] = []
    renditions: dict[str, str] = {}
    for audience in registry.audiences:
        grant = registry.grant(name, audience)
        if grant is None:
            continue
        known: str | None = next((rendition for other, rendition in made if other == grant), None)
        if known is None:
            known = _write(registry, store, name, edition, grant)
            made.append((grant, known))
        renditions[audience] = known
    return renditions


def _write(registry: Registry, store: Store, name: str, edition: Edition, grant: Grant) -> str:
    layer = registry.layers[name]
    protected = writing.ordered(protect(edition.curated, layer, grant), registry.extent)
    with files.saying_why(f"rendering {name}"), store.making() as making:
        rendition = writing.write(making, protected, lambda grid, lonlat: _describe(
            registry, name, protected, grant, grid, lonlat))
        files.settle(making, store.rendition(name, rendition), "rendition.json")
    return rendition


def _describe(registry: Registry, name: str, protected: Protected, grant: Grant, grid: Box | None,
              lonlat: Box | None) -> Description:
    layer = registry.layers[name]
    temporal = _temporal(layer.temporal, protected)
    return Description(
        layer=name, title=layer.title, description=layer.description, keywords=layer.keywords,
        publisher=registry.publisher, steward=layer.steward, contact=registry.contact,
        licence=registry.licences[layer.licence], attribution=layer.attribution, cadence=layer.cadence,
        capture_scale=layer.capture_scale, source_name=layer.source_name, lineage=layer.lineage, notice=layer.notice,
        synthetic=layer.synthetic, geometry=protected.geometry, key=layer.key, temporal=temporal,
        display=layer.display if layer.display in protected.fields else None, fields=protected.fields,
        code_lists={field.codes: registry.code_lists[field.codes] for field in protected.fields.values() if field.codes},
        held_back=grant.held_back, count=len(protected.table), extent=grid, extent_crs84=lonlat,
        interval=_interval(protected.table, temporal),
    )


def _temporal(declared: Temporal | None, protected: Protected) -> Temporal | None:
    """The declared fields as far as they are granted; else the only date that there is: clients ask by it."""
    if declared and declared.start in protected.fields:
        return declared if declared.end in protected.fields else Temporal(start=declared.start)
    dates = [name for name, field in protected.fields.items() if field.type in (FieldType.DATE, FieldType.DATETIME)]
    return Temporal(start=dates[0]) if len(dates) == 1 else None


def _interval(table: Any, temporal: Temporal | None) -> tuple[str | None, str | None] | None:
    if temporal is None:
        return None
    first = pc.min(table[temporal.start])
    last = pc.max(table[temporal.end or temporal.start])
    # A period without an end has not ended.
    open_end = temporal.end is not None and table[temporal.end].null_count > 0
    return _written(first), None if open_end else _written(last)


def _written(value: Any) -> str | None:
    plain = value.as_py()
    return None if plain is None else plain.isoformat().replace("+00:00", "Z")


