"""An orchard that is edited: one layer, three audiences that see parts of it, and what each saw in every state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hantsmap import crs
from hantsmap.catalogue import Entry, Shelf
from hantsmap.changes import Feed, feed
from hantsmap.publish import Workshop, publish, restore
from hantsmap.registry import read
from hantsmap.rendition import Rendition
from hantsmap.store import Store

LAYER = "trees"
HEAD = """\
title: Orchard
description: An orchard to edit.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  crew: {title: A crew, within: public}
  staff: {title: Staff, within: crew}
areas:
  west: {title: The west half, file: west.geojson, crs: "EPSG:27700"}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://example.org/ogl"}
layers:
"""
TREES = """\
  {layer}:
    title: Trees
    description: Trees to edit.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Daily
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: code
    max_change: 1
    source: {{file: trees.csv, crs: "EPSG:27700", geometry: {{x: x, y: y}}}}
    fields:
      code: {{type: string, title: Code, required: true}}
      name: {{type: string, title: Name}}
      height: {{type: number, title: Height}}
      felled: {{type: date, title: Felled}}
      state: {{type: string, title: State}}
      note: {{type: string, title: Note}}
    grants:
"""
SEEN = "state: [open]"
REASON = "held_back: [{reason: f, sentence: The rest is for the staff., owner: Tester, review: 2099-01-01}]"
# What the grants of the public on `trees`, and of the crew on `contract_trees`, can be.
GRANTS: dict[str, tuple[str, str]] = {
    "usual": (f"      public: {{fields: [code, name, state], rows: {{{SEEN}}}, geometry: 'grid:1000', {REASON}}}\n",
              f"      crew: {{fields: [code, name, state, height, felled], area: {{name: west}}, {REASON}}}\n"),
    "wide": (f"      public: {{fields: [code, name, state, height], geometry: 'grid:1000', {REASON}}}\n",
             "      crew: {fields: [code, name, state, height, felled], area: {name: west, buffer_m: 900}, "
             f"{REASON}}}\n"),
    "heights": (f"      public: {{fields: [code, name, state, height], rows: {{{SEEN}}}, geometry: exact, {REASON}}}\n",
                f"      crew: {{fields: [code, name, state, height, felled], area: {{name: west}}, {REASON}}}\n"),
    "nameless": (f"      public: {{fields: [code, state], rows: {{{SEEN}}}, geometry: 'grid:1000', {REASON}}}\n",
                 f"      crew: {{fields: [code, name, state, height, felled], area: {{name: west}}, {REASON}}}\n"),
    "staff only": ("", ""),
}
STAFF = "      staff: {fields: all}\n"
VIEWS = [("public", "trees"), ("staff", "trees"), ("crew", "contract_trees")]
Snapshot = dict[str, bytes]


def tree(number: int, **more: Any) -> dict[str, Any]:
    """A row of trees.csv; the west half ends at easting 440000."""
    return {"code": f"t{number:02d}", "name": f"Tree {number}", "height": number + 0.5, "felled": "", "state": "open",
            "note": f"note {number}", "x": 439_000 + 200 * number, "y": 110_000} | more


@dataclass
class Orchard:
    """A registry, its data and a store; `seen` has what each audience saw of each layer, by sequence."""

    root: Path
    rows: dict[int, dict[str, Any]] = field(default_factory=lambda: {number: tree(number) for number in range(1, 13)})
    grants: str = "usual"
    layered: bool = True
    seen: dict[tuple[str, str, int], tuple[Snapshot, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.root / "data").mkdir(parents=True)
        half = shapely.box(430_000, 100_000, 440_000, 120_000)
        (self.root / "data/west.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(half))}]}))
        self.store = Store(self.root / "store")

    @property
    def workshop(self) -> Workshop:
        """The registry as it now stands, with the store and the data."""
        file = self.root / "layers.yaml"
        public, crew = GRANTS[self.grants]
        layers = [("contract_trees", crew), *([("trees", public)] if self.layered else [])]
        file.write_text(HEAD + "".join(TREES.format(layer=layer) + grants + STAFF for layer, grants in layers))
        return Workshop(read(file), self.store, self.root / "data")

    def publish(self) -> None:
        """Publish what stands, and note what each audience sees."""
        names = list(tree(0))
        lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in self.rows.values())]
        (self.root / "data/trees.csv").write_text("\n".join(lines) + "\n")
        outcomes = publish(self.workshop, withdraw=True)
        assert not any(outcome.exit_code for outcome in outcomes), outcomes
        self.note()

    def editions(self, layer: str = LAYER) -> list[str]:
        """Ids of the editions there ever were, oldest first."""
        known = [promotion.edition for promotion in self.store.history(layer)[::-1] if promotion.edition]
        return list(dict.fromkeys(known))

    def restore(self, number: int) -> None:
        """Make an older edition of both layers current."""
        for layer in ("trees", "contract_trees"):
            known = self.editions(layer)
            kept = [name for name in known if self.store.edition(layer, name).is_dir()]
            wanted = known[number % len(known)]
            restore(self.workshop, layer, wanted if wanted in kept else kept[number % len(kept)])
        self.note()

    def entry(self, audience: str, layer: str = LAYER) -> Entry | None:
        """What an audience sees of a layer."""
        shelf = Shelf(self.store)
        shelf.refresh()
        return shelf.catalogue(audience).entries.get(layer)

    def note(self) -> None:
        """Note what each audience sees now."""
        shelf = Shelf(self.store)
        shelf.refresh()
        for audience, layer in VIEWS:
            entry = shelf.catalogue(audience).entries.get(layer)
            if entry is not None:
                self.seen[audience, layer, entry.sequence] = snapshot(entry.rendition), entry.rendition.digest

    def feed(self, audience: str, since: int, *, layer: str = LAYER, history: bool = False) -> Feed:
        """Changes for an audience."""
        entry = self.entry(audience, layer)
        assert entry is not None
        return feed(self.store, entry, since, history=history)

    def changes(self, audience: str, since: int, *, layer: str = LAYER, history: bool = False) -> list[dict[str, Any]]:
        """Changes for an audience, as JSON."""
        return lines_of(self.feed(audience, since, layer=layer, history=history))


def snapshot(rendition: Rendition, system: crs.Crs = crs.EPSG27700) -> Snapshot:
    """Texts of the features of a rendition, byte for byte, by id."""
    names = [str(name) for name in rendition.ids.to_pylist()]
    return {name: b"".join(bytes(part) for part in rendition.slices(system.uri, np.array([position])))
            for position, name in enumerate(names)}


def lines_of(changes: Feed, system: crs.Crs = crs.EPSG27700) -> list[dict[str, Any]]:
    """The lines of an answer, as JSON."""
    return [json.loads(line) for line in b"".join(changes.ndjson(system)).splitlines()]


def applied(held: Snapshot, text: Iterable[bytes | memoryview], *, whole: bool = True) -> Snapshot:
    """What a reader has who applies an answer to what it holds: it takes the bytes of the features as they are.

    A history leaves out what is withheld since, so that a delete or an update may be all that it says of a feature:
    such an answer is not `whole`.
    """
    held = dict(held)
    for line in b"".join(text).splitlines():
        change = json.loads(line)
        name = str(change["id"])
        assert not whole or (change["op"] == "insert") == (name not in held), change
        if change["op"] == "delete":
            assert change["feature"] is None and change["changetype"] == "End Of Life"
            held.pop(name, None)
        else:
            held[name] = line.split(b',"feature":', 1)[1].removesuffix(b"}")
    return held


def digest(held: Snapshot) -> str:
    """The digest of a state, made by a reader from what it holds."""
    lines = (f"{name}\t{hashlib.sha256(text).hexdigest()}\n" for name, text in
             sorted(held.items(), key=lambda item: item[0].encode()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
