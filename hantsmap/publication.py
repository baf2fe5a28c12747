"""What a publication is made from: the order of its layers, and digests of their inputs."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from hantsmap.access import Grant, last_day
from hantsmap.errors import UnreadableError
from hantsmap.registry import Registry
from hantsmap.registry.named import agreements_of, code_lists_of
from hantsmap.rendition.writing import FORMAT
from hantsmap.store import Store, today
from hantsmap.tiles.making import FORMAT as TILES
from hantsmap.workshop import Workshop


def in_order(registry: Registry, store: Store, chosen: list[str]) -> list[str]:
    """The chosen layers, or all, each after those that it refers to; and published layers that refer to one of them."""
    ordered: list[str] = []

    def add(name: str) -> None:
        for other in registry.layers[name].referenced:
            add(other)
        if name not in ordered:
            ordered.append(name)

    for name in registry.layers:
        add(name)
    wanted = set(chosen or ordered)
    for name in ordered:
        if wanted & set(registry.layers[name].referenced) and _is_published(store, name):
            wanted.add(name)
    return [name for name in ordered if name in wanted]


def _is_published(store: Store, name: str) -> bool:
    try:
        current = store.current(name)
    except UnreadableError:
        return True
    return current is not None and current.edition is not None


def _digest(*parts: Any) -> str:
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def source_inputs_of(registry: Registry, name: str, *fingerprints: str) -> str:
    """Digest of all that an edition is made from: the source and what the registry says about curating it."""
    from hantsmap.curate.rules import RULES, SETTINGS

    how = registry.layers[name].model_dump(mode="json", include=set(SETTINGS))
    return _digest(RULES, fingerprints, how, registry.extent, code_lists_of(registry, name))


def grant_inputs_of(workshop: Workshop, name: str) -> str:
    """Digest of all that renditions are made from, beside the edition: grants as they hold today, and their areas."""
    registry, day = workshop.registry, today()
    layer = registry.layers[name]
    grants = {audience: (_dumped(registry.grant(name, audience, day)), last_day(registry.audiences, audience))
              for audience in registry.audiences}
    areas = workshop.gazetteer.area_fingerprint(list(layer.grants.values()))
    references = [reference for field in layer.fields.values() for reference in field.references]
    return _digest(FORMAT, TILES, layer.model_dump(mode="json", exclude={"source", "grants"}), grants, areas,
                   workshop.visible.digest(references),
                   registry.publisher, registry.contact, registry.licences[layer.licence].model_dump(),
                   code_lists_of(registry, name), agreements_of(registry, layer))


def _dumped(grant: Grant | None) -> Any:
    return grant.model_dump(mode="json") if grant else None
