"""A small county on a workbench: two layers of a few rows, a store, and the command to publish them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hantsmap.publish import Outcome, Workshop, publish, restore
from hantsmap.registry import read
from hantsmap.store import Store

ROOT = Path(__file__).parents[2]
REGISTRY = """\
title: Small county
description: Two small layers to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://example.org/ogl"}
code_lists:
  kind: {title: Kind of tree, source: Tests, values: {O: Oak, B: Beech}}
layers:
  trees: &tree
    title: Trees
    description: Trees to test with.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: code
    max_change: 1
    max_lost: 1
    display: name
    source: {file: trees.csv, crs: "EPSG:27700", geometry: {x: x, y: y}}
    fields:
      code: {type: string, title: Code, required: true}
      name: {type: string, title: Name}
      kind: {type: string, title: Kind, codes: kind}
      height: {type: number, title: Height, unit: m}
      note: {type: string, title: Note}
    grants:
      public:
        fields: [code, name, kind, height]
        held_back: [{reason: f, sentence: Notes are for the staff., owner: Tester, review: 2099-01-01}]
      staff: {fields: all}
  benches:
    title: Benches
    description: Benches to test with.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Never
    source_name: Tests
    lineage: Made up.
    geometry: none
    key: number
    max_change: 1
    source: {file: benches.csv}
    fields:
      number: {type: integer, title: Number, required: true}
      name: {type: string, title: Name}
    grants: {public: {fields: all}}
"""


def tree(number: int, **more: Any) -> dict[str, Any]:
    """A row of trees.csv."""
    row = {"code": f"t{number:04d}", "name": f"Tree {number}", "kind": "OB"[number % 2], "height": number % 30 + 0.5,
           "note": f"note {number}", "x": 440000 + 37 * (number % 1000), "y": 110000 + 53 * (number % 700)}
    return row | more


class Workbench:
    """A folder with a registry, data and a store."""

    def __init__(self, root: Path, store: Path | None = None, *, fresh: bool = True) -> None:
        self.root, self.data, self.registry = root, root / "data", root / "layers.yaml"
        self.store = Store(store or root / "store")
        if not fresh:
            return
        self.data.mkdir(parents=True)
        self.registry.write_text(REGISTRY)
        self.trees([tree(number) for number in range(1, 31)])
        self.rows("benches.csv", [{"number": number, "name": f"Bench {number}"} for number in range(1, 6)])

    def rows(self, file: str, rows: list[dict[str, Any]]) -> None:
        """Write a CSV file of the data folder."""
        lines = [",".join(rows[0])] + [",".join(str(value) for value in row.values()) for row in rows]
        (self.data / file).write_text("\n".join(lines) + "\n")

    def trees(self, rows: list[dict[str, Any]]) -> None:
        """Write the trees."""
        self.rows("trees.csv", rows)

    def say(self, old: str, new: str) -> None:
        """Change words of the registry."""
        text = self.registry.read_text()
        assert old in text
        self.registry.write_text(text.replace(old, new))

    @property
    def workshop(self) -> Workshop:
        """The registry as it now stands, with the store and the data."""
        return Workshop(read(self.registry), self.store, self.data)

    def publish(self, *names: str) -> dict[str, Outcome]:
        """Publish here and now; outcomes by layer."""
        return {outcome.layer: outcome for outcome in publish(self.workshop, names, withdraw=True)}

    def restore(self, layer: str, edition: str) -> Outcome:
        """Make an older edition current."""
        return restore(self.workshop, layer, edition)

    @property
    def options(self) -> list[str]:
        """Options of the command that lead here."""
        return ["--registry", str(self.registry), "--store", str(self.store.root), "--data", str(self.data)]

    def command(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run `hantsmap` as a process of its own."""
        return subprocess.run([sys.executable, "-m", "hantsmap", *self.options, *words], cwd=ROOT, text=True,
                              capture_output=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more)

    def files(self, *kinds: str) -> list[Path]:
        """All files of these folders of the store."""
        return sorted(path for kind in kinds for path in (self.store.root / kind).rglob("*") if path.is_file())

    def rendition(self, layer: str, audience: str) -> Path:
        """Folder of the current rendition of an audience."""
        current = self.store.current(layer)
        assert current is not None
        return self.store.rendition(layer, current.renditions[audience])

    def edition(self, layer: str) -> str:
        """Id of the current edition."""
        current = self.store.current(layer)
        assert current is not None and current.edition is not None
        return current.edition
