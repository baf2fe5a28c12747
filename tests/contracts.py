"""A shop with two contracts: one layer that waits until their organisations have accepted, and keys of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shops
from flask import Flask
from flask.testing import FlaskClient

from hantsmap.accounts import Accounts

LAST, NEXT = date(2099, 3, 31), date(2099, 4, 1)
TEXT = "1. Be good.\n2. Tell <nobody> & be careful."
REGISTRY = shops.REGISTRY.replace("  staff: {title: Staff, within: public}\n", f"""\
  staff: {{title: Staff, within: public}}
  contractors: {{title: Contractors, within: public}}
  north: {{title: Contract "north", within: contractors, until: {LAST}}}
  south: {{title: Contract south, within: contractors, until: {LAST}}}
areas:
  ring: {{title: The ring, file: ring.geojson, crs: "EPSG:27700"}}
agreements:
  terms: {{title: Licence <b>for</b> contractors, version: "2026-1", purpose: To mend roads with., file: terms.txt}}
""") + """\
  works:
    title: Works
    description: Where to dig, for those who dig.
    steward: Testers
    licence: ogl
    attribution: Testers
    cadence: never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: [code]
    max_change: 1
    max_dropped: 1
    source: {file: odd.csv, geometry: {x: x, y: y}, crs: "EPSG:27700"}
    fields:
      code: {type: string, title: Code, required: true}
      name: {type: string, title: Name}
    grants:
      north:
        fields: all
        area: {name: ring}
        agreement: terms
        held_back: [{reason: e, of: [rows], sentence: For other contracts only., owner: Testers, review: 2099-01-01}]
      south: {fields: all, agreement: terms}
      staff: {fields: all}
"""
# West, south, east, north of the area: the first eight rows are in it.
RING = (439_900, 109_900, 441_900, 111_000)


@dataclass(frozen=True, slots=True)
class Contracts:
    """A shop, the application over it, and its accounts."""

    shop: shops.Shop
    app: Flask
    accounts: Accounts

    def key(self, org: str = "Acme", audience: str = "north") -> str:
        """A new key."""
        return self.accounts.issue(audience, org, f"Program of {org}", date(2100, 12, 31), by="officer").secret

    def asking(self, secret: str | None) -> FlaskClient:
        """Asks with a key in a header, as programs do."""
        client = self.app.test_client()
        if secret is not None:
            client.environ_base["HTTP_X_API_KEY"] = secret
        return client

    def accept(self, client: FlaskClient) -> Any:
        """Accept what is asked now, as a program does."""
        found = client.get("/licence").get_json()["licences"][0]
        return client.post("/licence/terms", json={name: found[name] for name in ("version", "text_sha256")})

    def say(self, old: str, new: str, file: str = "layers.yaml") -> None:
        """Change words of the registry, or of the text, publish, and let the server take it up."""
        path = self.shop.registry.with_name(file)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.look()

    def look(self) -> None:
        """Publish, and let the server take it up."""
        self.shop.publish()
        self.app.extensions["hantsmap"].look()

    def end(self, patch: pytest.MonkeyPatch) -> None:
        """Let the day after the last day of the contracts come."""
        for module in ("terms", "catalogue"):
            patch.setattr(f"hantsmap.{module}.today", lambda: NEXT)
        self.app.extensions["hantsmap"].look()


def made(folder: Path, rows: Any = shops.ROWS, **settings: Any) -> Contracts:
    """The shop, published and open."""
    shop = shops.Shop(folder / "layers.yaml", folder / "data", folder / "store")
    shop.data.mkdir(parents=True)
    shop.registry.write_text(REGISTRY, encoding="utf-8")
    (folder / "terms.txt").write_text(TEXT, encoding="utf-8")
    west, south, east, north = RING
    (shop.data / "ring.geojson").write_text(
        f'{{"type": "Polygon", "coordinates": [[[{west}, {south}], [{east}, {south}], [{east}, {north}], '
        f"[{west}, {north}], [{west}, {south}]]]}}", encoding="utf-8")
    shop.write(rows)
    shop.publish()
    app = shops.application(shop.store, **settings)
    return Contracts(shop, app, app.extensions["hantsmap-entrance"].accounts)
