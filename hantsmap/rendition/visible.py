"""The rows of a layer that an audience sees, as values of a field: what references of other layers may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.layer import Layer
from hantsmap.rendition.reading import Rendition
from hantsmap.store import Store

TEXT = pa.large_string()
NOTHING = pa.array([], TEXT)


@dataclass(frozen=True, slots=True)
class VisibleRows:
    """Reads the values from the renditions that are current in the store; each is read once.

    A layer that is not published, or that an audience does not see, has no values: then nothing may name its rows.
    """

    store: Store
    layers: Mapping[str, Layer]
    _read: dict[tuple[str, str, str], pa.Array] = field(default_factory=dict, compare=False)

    def values(self, reference: str, audience: str, day: date) -> pa.Array:
        """The values (large_string) of `layer` or `layer.field` that an audience sees on a day.

        Raises DamagedError when the rendition cannot be read.
        """
        layer, named = self._field(reference)
        current = self.store.current(layer)
        rendition = current.seen(day).get(audience) if current else None
        return NOTHING if rendition is None else self._values(layer, rendition, named)

    def digest(self, references: Iterable[str]) -> Any:
        """Changes when values of the references change, for any audience, today or after a grant ends."""
        found = {}
        for reference in sorted(set(references)):
            layer, named = self._field(reference)
            current = self.store.current(layer)
            if current is None:
                continue
            digests = {rendition: digest_of(self._values(layer, rendition, named)) for rendition in current.named()}
            found[reference] = [
                {audience: digests[rendition] for audience, rendition in sorted(current.renditions.items())},
                {audience: [(str(change.on), digests.get(change.rendition or "")) for change in changes]
                 for audience, changes in sorted(current.later.items())}]
        return found

    def _field(self, reference: str) -> tuple[str, str]:
        layer, _, named = reference.partition(".")
        return layer, named or self.layers[layer].key[0]

    def _values(self, layer: str, rendition: str, named: str) -> pa.Array:
        key = layer, rendition, named
        if key not in self._read:
            opened = Rendition(self.store.rendition(layer, rendition))
            # A field that the rendition does not have is withheld from its viewers: they see none of its values.
            self._read[key] = distinct_texts(opened.column(named)) if named in opened.fields else NOTHING
        return self._read[key]


def distinct_texts(column: Any) -> pa.Array:
    """The values of a column as texts (large_string), each once."""
    return pc.drop_null(pc.unique(pc.cast(column, TEXT)))


def digest_of(values: pa.Array) -> str:
    """A digest of values (large_string), whatever their order."""
    digest = sha256()
    for value in sorted(values.to_pylist()):
        digest.update(f"{value}\n".encode())
    return digest.hexdigest()
