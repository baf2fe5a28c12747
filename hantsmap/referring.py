"""Layers that refer to others, kept right without their source: values that name rows nobody may see are taken out.

A layer is rendered anew when rows of a layer that it refers to go. Where that is not possible, because its source
cannot be read or a finding blocks it, and after an erasure, its current renditions are written again from themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from hantsmap.errors import DamagedError
from hantsmap.fields import Field
from hantsmap.references import without_hidden
from hantsmap.rendition import Rendition
from hantsmap.rendition.rewritten import plain_table, rewritten
from hantsmap.rendition.visible import NOTHING, distinct_texts
from hantsmap.store import Promotion, Store, now, read_visibility, today

log = logging.getLogger("hantsmap")
Action = Literal["published", "erased"]
Narrowing = Literal["unchanged", "narrowed", "closed"]


@dataclass(frozen=True, slots=True)
class _Referring:
    """The fields of a rendition with what they refer to, and its key."""

    fields: Mapping[str, Field]
    key: tuple[str, ...]


def narrow(store: Store, layer: str, action: Action) -> Narrowing:
    """Take the values that name hidden rows of other layers out of the current renditions of a layer, and promote them.

    What cannot be narrowed, because something that it needs cannot be read, is closed: the layer is served to nobody
    until it is published. Call it with the store held for publishing. Raises StoreError when the store cannot be
    written, DamagedError when the newest promotion cannot be read: then nothing of the layer is served.
    """
    current = store.current(layer)
    if current is None or not current.named():
        return "unchanged"
    try:
        made = _Narrowed(store, layer)
        renditions = {audience: made.of(name, current.visibility.get(audience), audience, today())
                      for audience, name in current.renditions.items()}
        later = {audience: tuple(
            change if change.rendition is None else change.model_copy(update={"rendition": made.of(
                change.rendition, change.visibility, audience, max(change.on, today()))})
            for change in changes) for audience, changes in current.later.items()}
    except (DamagedError, OSError, ValueError, KeyError) as fault:
        log.warning("%s is closed until it is published: what it may name is not known. %s", layer, fault)
        _promote(store, current, {"action": "withdrawn", "edition": None, "renditions": {}, "later": {},
                                  "agreements": {}, "visibility": {}, "history": {}, "source_inputs": ""})
        return "closed"
    if (renditions, later) == (current.renditions, current.later):
        return "unchanged"
    _promote(store, current, {"action": action, "renditions": renditions, "later": later})
    return "narrowed"


def narrow_all(store: Store, layers: list[str], action: Action) -> dict[str, Narrowing]:
    """Narrow layers until no more changes: a row that goes may be named by another layer. What became of each that
    changed."""
    found: dict[str, Narrowing] = {}
    changed = True
    while changed:
        changed = False
        for layer in layers:
            try:
                became = narrow(store, layer, action)
            except DamagedError as fault:
                log.warning("%s is not served: its newest promotion cannot be read. %s", layer, fault)
                continue
            if became != "unchanged":
                found[layer], changed = became, True
    return found


def _promote(store: Store, current: Promotion, told: dict[str, Any]) -> None:
    # Without digests of what it is made from, the next publication makes the layer anew.
    store.promote(current.model_copy(update={
        "sequence": store.next_sequence(current.layer), "made_at": now(), "grant_inputs": "", **told}))


@dataclass(slots=True)
class _Narrowed:
    """Writes each rendition of a layer once for each choice of values that its references may have."""

    store: Store
    layer: str
    made: list[tuple[str, dict[str, pa.Array], str]] = field(default_factory=list)
    opened: dict[tuple[str, str], Rendition] = field(default_factory=dict)

    def of(self, name: str, visibility: str | None, audience: str, day: date) -> str:
        """The id of a rendition without the values that an audience may not see on a day; the same one if there are
        none."""
        seen = read_visibility(self.store, self.layer, visibility)
        if seen is None:
            raise DamagedError(f"what {audience} may see of {self.layer} is not recorded")
        references = {each: tuple(said["references"]) for each, said in seen.fields.items() if said.get("references")}
        if not references:
            return name
        values = {reference: self._values(reference, audience, day)
                  for found in references.values() for reference in found}
        for other, known, made in self.made:
            if other == name and all(known[each].equals(values[each]) for each in values):
                return made
        made = self._write(name, references, values)
        self.made.append((name, values, made))
        return made

    def _write(self, name: str, references: Mapping[str, tuple[str, ...]], values: dict[str, pa.Array]) -> str:
        rendition = self._open(self.layer, name)
        rendition.verify()
        fields = {each: said.model_copy(update={"references": references.get(each, ())})
                  for each, said in rendition.fields.items()}
        before = plain_table(rendition)
        table, left = without_hidden(before, _Referring(fields, rendition.description.key), list(fields),
                                     values.__getitem__)
        if left.all() and table.equals(before):
            return name
        return rewritten(self.store, self.layer, rendition, table, np.flatnonzero(left))

    def _values(self, reference: str, audience: str, day: date) -> pa.Array:
        layer, _, named = reference.partition(".")
        current = self.store.current(layer)
        name = current.seen(day).get(audience) if current else None
        if name is None:
            return NOTHING
        rendition = self._open(layer, name)
        named = named or rendition.description.key[0]
        return distinct_texts(rendition.column(named)) if named in rendition.fields else NOTHING

    def _open(self, layer: str, name: str) -> Rendition:
        key = layer, name
        if key not in self.opened:
            self.opened[key] = Rendition(self.store.rendition(layer, name))
        return self.opened[key]
