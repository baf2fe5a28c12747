"""Stores for the tests: the county's, and that of one small layer whose rows are written here."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from hantsmap.downloads import Counter
from hantsmap.downloads.kept import Kept
from hantsmap.downloads.maker import work
from hantsmap.publish import Workshop, publish
from hantsmap.registry import read
from hantsmap.store import Store
from server import create_app
from server.settings import Settings

COLUMNS = ("code", "name", "rank", "day", "moment", "on", "share", "shown", "secret", "x", "y")
PLENTY = 10_000_000
SCRIPT = "<script>alert(1)</script>"
# (code, name, rank, day, moment, on, share): what a publisher's table may really hold, and what one may try.
ROWS: tuple[tuple[Any, ...], ...] = (
    ("a/b", "A slash", 3, "2024-02-29", "2024-02-29T09:30:00Z", "true", 0.5),
    ("a//b", "Two slashes", 1, "2024-03-01", "2024-03-01T00:00:00Z", "false", 1.5),
    ("a%2Fb", "A slash already escaped", 2, "", "2024-03-01T23:59:59Z", "true", ""),
    ("/a", "A slash in front", "", "2025-01-01", "", "", 2.0),
    ("a/", "A slash at the end", 2, "2025-01-02", "2025-01-02T12:00:00Z", "true", -1.25),
    ("two words", "A space", 2, "", "", "false", 1000000.0),
    ("it's \"quoted\"", "Quotes", "", "1999-12-31", "1999-12-31T23:59:59Z", "true", 0.0),
    ("what?&x=1#y;z+", "Marks of an address", 5, "2024-02-29", "", "true", 3.0),
    ("Ünïcödé-名", "Zoë's 名", 1, "2026-11-21", "2026-11-21T09:00:00Z", "false", 0.1),
    ("..", "Two dots", 4, "2024-02-28", "2024-02-28T10:00:00Z", "true", 7.0),
    ("hostile", f"{SCRIPT}\"'><img src=x onerror=alert(2)>", 9, "", "", "", ""),
    ("formula", '=HYPERLINK("http://evil.example","x")', 8, "", "", "", ""),
    ("plus", "+1+1", 8, "", "", "", ""),
    ("minus", "-1+1", 8, "", "", "", ""),
    ("at", "@SUM(A1)", 8, "", "", "", ""),
    ("wide", "＝1+1", 8, "", "", "", ""),
    ("link", "javascript:alert(3)", 7, "", "", "", ""),
    ("like", "100% of a_b \\ it", 6, "", "", "", ""),
)
HIDDEN = ("hidden", "Nobody may know", 1, "2024-01-01", "2024-01-01T00:00:00Z", "true", 9.75)
SECRET = "canary-in-a-hidden-field"

REGISTRY = """
title: Odd things
description: Things to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"}
code_lists:
  grades: {title: Grades, source: Tests, values: {"1": Good, "2": Fair}}
layers:
  odd:
    title: "Odd <b>things</b> & more"
    description: "Things with odd ids. \\"Quoted\\" <i>too</i>."
    keywords: [odd, "<script>"]
    steward: Testers
    licence: ogl
    attribution: "© Testers & <friends>"
    cadence: never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: [code]
    max_change: 1
    temporal: {start: day}
    display: name
    max_dropped: 1
    source: {file: odd.csv, geometry: {x: x, y: y}, crs: "EPSG:27700"}
    fields:
      code: {type: string, title: Code, required: true}
      name: {type: string, title: Name, description: "What <it> is called."}
      rank: {type: integer, title: Rank}
      day: {type: date, title: Day}
      moment: {type: datetime, title: Moment}
      "on": {type: boolean, title: "On"}
      share: {type: number, title: Share, unit: "%"}
      shown: {type: boolean, title: Shown}
      secret: {type: string, title: Secret}
    grants:
      public:
        fields: [code, name, rank, day, moment, "on", share]
        rows: {shown: [true]}
        held_back: [{reason: f, sentence: "The secret is not told to anybody.", owner: Archive, review: 2027-09-01}]
      staff: {fields: all}
  hidden_layer:
    title: Hidden
    description: Nobody but staff may know of it.
    steward: Testers
    licence: ogl
    attribution: Testers
    cadence: never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: [code]
    max_change: 1
    source: {file: odd.csv, geometry: {x: x, y: y}, crs: "EPSG:27700"}
    fields:
      code: {type: string, title: Code, required: true}
      secret: {type: string, title: Secret}
    grants:
      staff: {fields: all}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A registry file, a data folder and a store that is published from them."""

    registry: Path
    data: Path
    store: Path

    def write(self, rows: Iterable[tuple[Any, ...]], hidden: tuple[Any, ...] = HIDDEN) -> None:
        """Put other rows into the table; the last one is the hidden one."""
        with (self.data / "odd.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            every = [(*row, "true", SECRET) for row in rows] + [(*hidden, "false", SECRET)]
            writer.writerows((*row, 440000 + 250 * number, 110000 + 130 * number) for number, row in enumerate(every))

    def publish(self) -> None:
        """Publish what the table holds now."""
        publish_all(self.registry, self.data, self.store)


def publish_all(registry: Path, data: Path, store: Path) -> Mapping[str, int | None]:
    """Publish every layer of a registry; the rows of each. Fails when a layer fails."""
    outcomes = publish(Workshop(read(registry), Store(store), data))
    failed = [outcome for outcome in outcomes if outcome.exit_code]
    assert not failed, failed
    return {outcome.layer: outcome.rows for outcome in outcomes}


def application(store: Path, downloads: Path | None = None, **settings: Any) -> Flask:
    """The application over a store, which keeps its files in `downloads`, or in the store as ever.

    Tests ask faster than people do: limits have tests of their own.
    """
    made = create_app(Settings(store, **{"key_rate": PLENTY, "address_rate": PLENTY, **settings}))
    made.testing = False
    served = made.extensions["hantsmap"]
    served.counter = AtOnce(served.counter.store, Kept(downloads) if downloads else served.counter.kept, seats=100)
    return made


class AtOnce(Counter):
    """Makes files in this very process, so that no test has to wait for another one; tests/downloads has the others."""

    def _start(self) -> None:
        work(Store(self.store), self.kept)


def odd(folder: Path) -> Shop:
    """A shop of odd things, open for business."""
    shop = Shop(folder / "layers.yaml", folder / "data", folder / "store")
    shop.data.mkdir()
    shop.registry.write_text(REGISTRY, encoding="utf-8")
    shop.write(ROWS)
    shop.publish()
    return shop
