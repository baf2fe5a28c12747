"""What a layer names elsewhere in the registry, as plain values: for digests of what it is made from."""

from __future__ import annotations

from typing import Any

from hantsmap.layer import Layer
from hantsmap.registry.reading import Registry


def agreements_of(registry: Registry, layer: Layer) -> dict[str, tuple[str, str]]:
    """Version and digest of the text of each agreement that a grant asks for: with another one, the history starts
    anew."""
    named = {grant.agreement for grant in layer.grants.values() if grant.agreement}
    return {name: (registry.agreements[name].version, registry.agreements[name].digest)
            for name in sorted(named & registry.agreements.keys())}


def code_lists_of(registry: Registry, name: str) -> dict[str, Any]:
    """The code lists that fields of a layer use."""
    used = {field.codes for field in registry.layers[name].fields.values() if field.codes}
    return {code_list: registry.code_lists[code_list].model_dump() for code_list in sorted(used)}
