"""A small county in which every word, number, date and place is a canary: who may hear each is written here by hand.

The rules of the registry are in the text below; `HEARD` says the same again without the library, so that a fault of the
library cannot hide in both.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import shapely
from shops import publish_all

from hantsmap import crs

AUDIENCES = ("public", "partners", "crew", "officers", "ecologists")
FIELDS = {
    "burrows": ("code", "kind", "keeper", "visits", "seen_on"), "lanes": ("code", "name", "depth"),
    "fences": ("code", "note"), "archive": ("code", "note"), "heads": ("code",),
}
# layer: audience: (fields, states of rows, side of the squares; 0 is exact, None is no place)
HEARD: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...], int | None]]] = {
    "burrows": {
        "public": (("code", "kind"), ("open",), 10_000), "crew": (("code", "kind"), ("open",), 10_000),
        "partners": (("code", "kind", "visits"), ("open", "shut"), 1_000),
        "officers": (("code", "kind", "visits", "seen_on"), ("open", "shut", "gone"), 100),
        "ecologists": (FIELDS["burrows"], ("open", "shut", "gone"), 0)},
    "lanes": {
        "public": (("code", "name"), ("open",), None), "crew": (("code", "name"), ("open",), None),
        "partners": (("code", "name"), ("open",), 0), "officers": (FIELDS["lanes"], ("open", "shut", "gone"), 0),
        "ecologists": (FIELDS["lanes"], ("open", "shut", "gone"), 0)},
    "fences": {
        "crew": (("code", "note"), ("open",), 0), "officers": (("code", "note"), ("open", "shut", "gone"), 0),
        "ecologists": (("code", "note"), ("open", "shut", "gone"), 0)},
    "archive": {"ecologists": (("code", "note"), ("open", "shut", "gone"), 0)},
    "heads": dict.fromkeys(AUDIENCES, (("code",), ("open", "shut", "gone"), None)),
}
HEAD = """
title: Canaries
description: A county to be overheard.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  partners: {title: Partners, within: public}
  crew: {title: A crew, within: public}
  officers: {title: Officers, within: partners}
  ecologists: {title: Ecologists, within: officers}
areas:
  yard: {title: The yard, file: yard.geojson, crs: "EPSG:27700"}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"}
layers:
"""
WORDS = """    steward: Testers
    licence: ogl
    attribution: Testers
    cadence: never
    source_name: Tests
    lineage: Made up.
    max_dropped: 1
    key: [code]
    max_change: 1
"""
WHY = "held_back: [{reason: f, sentence: It is not for everybody., owner: Archive, review: 2099-01-01}]"
POINTS = 'source: {file: %s.csv, geometry: {x: x, y: y}, crs: "EPSG:27700"}'
LAYERS = f"""
  burrows:
    title: Burrows
    description: Where they live.
    geometry: Point
    tiles: {{fields: all}}
{WORDS}    {POINTS % "burrows"}
    fields:
      code: {{type: string, title: Code, required: true}}
      kind: {{type: string, title: Kind}}
      keeper: {{type: string, title: Zqtitleburrowskeeper, description: Zqtellburrowskeeper}}
      visits: {{type: integer, title: Zqtitleburrowsvisits}}
      seen_on: {{type: date, title: Zqtitleburrowsseen}}
      state: {{type: string, title: State}}
    grants:
      public: {{fields: [code, kind], rows: {{state: [open]}}, geometry: "grid:10000", {WHY}}}
      partners: {{fields: [code, kind, visits], rows: {{state: [open, shut]}}, geometry: "grid:1000", {WHY}}}
      officers: {{fields: [code, kind, visits, seen_on, state], geometry: "grid:100", {WHY}}}
      ecologists: {{fields: all}}
  lanes:
    title: Lanes
    description: Where they go.
    geometry: LineString
    tiles: {{fields: all}}
{WORDS}    source: {{file: lanes.csv, geometry: {{wkt: line}}, crs: "EPSG:27700"}}
    open_geometry: {{file: lanes_open.geojson, key: code, crs: "EPSG:27700"}}
    fields:
      code: {{type: string, title: Code, required: true}}
      name: {{type: string, title: Name}}
      depth: {{type: number, title: Zqtitlelanesdepth}}
      state: {{type: string, title: State}}
    grants:
      public: {{fields: [code, name], rows: {{state: [open]}}, geometry_source: open, {WHY}}}
      partners: {{fields: [code, name], rows: {{state: [open]}}, geometry_source: licensed, {WHY}}}
      officers: {{fields: all, geometry_source: licensed}}
  fences:
    title: Zqtitlefences
    description: Zqtellfences
    geometry: Point
    tiles: {{fields: all}}
{WORDS}    {POINTS % "fences"}
    fields:
      code: {{type: string, title: Code, required: true}}
      note: {{type: string, title: Note}}
      state: {{type: string, title: State}}
    grants:
      crew: {{fields: [code, note], area: {{name: yard, buffer_m: 50}}, until: 2099-01-01, {WHY}}}
      officers: {{fields: all}}
  archive:
    title: Zqtitlearchive
    description: Zqtellarchive
    geometry: Point
    tiles: {{fields: all}}
{WORDS}    {POINTS % "archive"}
    fields:
      code: {{type: string, title: Code, required: true}}
      note: {{type: string, title: Note}}
    grants:
      crew: {{fields: all, until: 2020-01-01}}
      ecologists: {{fields: all}}
  heads:
    title: Heads
    description: How many they are.
    geometry: none
{WORDS}    source: {{file: heads.csv}}
    fields:
      code: {{type: string, title: Code, required: true}}
      total: {{type: integer, title: All}}
      young: {{type: integer, title: Young}}
      old: {{type: integer, title: Old}}
    grants:
      public: {{fields: all, counts: &c {{fields: [total, young, old], suppress_under: 10, round_to: 10,
        sums: {{total: [young, old]}}}}, {WHY}}}
      officers: {{fields: all, exact_counts: Officers have counted the heads themselves.}}
"""
STATES = ("open", "shut", "gone")
COUNTS = ((60, 4, 56), (80, 35, 45), (120, 7, 113), (90, 90, 0), (200, 100, 100))


@dataclass
class Row:
    """A row of a layer as its publisher has it: words, state, and a place in metres."""

    state: str
    values: dict[str, Any]
    place: tuple[float, float] = (0.0, 0.0)
    open_place: tuple[float, float] = (0.0, 0.0)


@dataclass
class Canaries:
    """All rows of the county."""

    layers: dict[str, list[Row]] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """The data folder of this county, and its registry."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "layers.yaml").write_text(HEAD + LAYERS, encoding="utf-8")
        for layer in ("burrows", "fences", "archive"):
            _table(folder / f"{layer}.csv", [{**row.values, "state": row.state, "x": row.place[0], "y": row.place[1]}
                                             for row in self.layers[layer]])
        _table(folder / "heads.csv", [row.values for row in self.layers["heads"]])
        lanes = self.layers["lanes"]
        _table(folder / "lanes.csv", [{**row.values, "state": row.state, "line": _line(row.place).wkt}
                                      for row in lanes])
        _geojson(folder / "lanes_open.geojson", [({"code": row.values["code"]}, _line(row.open_place))
                                                 for row in lanes])
        _geojson(folder / "yard.geojson", [({}, shapely.box(450_000, 120_000, 451_000, 121_000))])

    def publish(self, folder: Path) -> Path:
        """The store of this county."""
        self.write(folder / "data")
        publish_all(folder / "data" / "layers.yaml", folder / "data", folder / "store")
        return folder / "store"


def county() -> Canaries:
    """The county as it is."""
    made = Canaries()
    number = 0
    for layer, names in FIELDS.items():
        rows = made.layers.setdefault(layer, [])
        for index in range(len(COUNTS) if layer == "heads" else 6):
            number += 1
            values = {name: value_of(layer, name, number) for name in names}
            row = Row(STATES[index // 2 % 3], values, _place(layer, index, number),
                      (430_017.0 + 91.43 * number, 130_011.0 + 71.29 * number))
            if layer == "heads":
                row.values |= dict(zip(("total", "young", "old"), COUNTS[index], strict=True))
            rows.append(row)
    return made


def value_of(layer: str, name: str, number: int) -> Any:
    """A canary: no other value of the county is like it."""
    if name == "visits":
        return 71_300_000 + number * 1_117
    if name == "depth":
        return round(-7_301.0 - number * 0.137, 3)
    if name == "seen_on":
        return date(1931, 1, 1) + timedelta(days=17 * number)
    return f"zq{layer}{name.replace('_', '')}{number:03d}"


def _place(layer: str, index: int, number: int) -> tuple[float, float]:
    if layer == "fences":  # in the yard, beside it, and far away
        return (450_500.13, 451_030.37, 460_000.71)[index // 2] + 3.17 * index, 120_500.29 + 5.31 * index
    east, north = (441_211.13, 112_317.19) if layer == "burrows" else (451_219.31 + number, 122_317.19)
    return east + 613.37 * index, north + 417.29 * index


def hears(audience: str, layer: str, row: Row, name: str) -> bool:
    """Whether an audience may hear a value."""
    names, states, _ = HEARD[layer].get(audience, ((), (), None))
    if layer == "fences" and audience == "crew":
        return name in names and row.place[0] < 455_000
    return name in names and row.state in states


def sees(audience: str, layer: str, row: Row) -> bool:
    """Whether a row is there for an audience."""
    return hears(audience, layer, row, "code")


def side_of(audience: str, layer: str) -> int | None:
    """Side of the squares in which an audience sees the source's places; 0 exactly, None not at all."""
    return HEARD[layer][audience][2] if audience in HEARD[layer] else None


def words(made: Canaries) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(what it is, how it is written, who may hear it) for every value and exact place."""
    for layer, rows in made.layers.items():
        for row in rows:
            for name in FIELDS[layer]:
                heard = frozenset(audience for audience in AUDIENCES if hears(audience, layer, row, name))
                yield f"{layer}.{name}", str(row.values[name]), heard
            if layer != "heads":
                exact = frozenset(audience for audience in AUDIENCES
                                  if sees(audience, layer, row) and side_of(audience, layer) == 0)
                for text in written_places(row.place):
                    yield f"{layer} place", text, exact
    for name, layer in (("keeper", "burrows"), ("visits", "burrows"), ("depth", "lanes")):
        yield f"title of {name}", f"Zqtitle{layer}{name}", frozenset(
            audience for audience in HEARD[layer] if name in HEARD[layer][audience][0])
    for layer in ("fences", "archive"):
        yield f"title of {layer}", f"Zqtitle{layer}", frozenset(HEARD[layer])
        yield f"name of {layer}", f"collections/{layer}", frozenset(HEARD[layer])


def written_places(place: tuple[float, float]) -> list[str]:
    """How an exact place is written: in metres, and in degrees to a metre or so."""
    degrees = crs.served(shapely.Point(*place), crs.CRS84)
    return [repr(round(place[0], 2)), f"{degrees.x:.7f}"[:-2]]


def _line(place: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([place, (place[0] + 20.07, place[1] + 30.03)])


def _table(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _geojson(path: Path, found: list[tuple[dict[str, Any], Any]]) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": plain, "geometry": shapely.geometry.mapping(shape)}
        for plain, shape in found]}))
