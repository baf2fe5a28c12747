"""A small frame, curated as a layer whose settings are those under test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from hantsmap.curate import Curated, curate
from hantsmap.layer import CodeList, Layer

COUNTY = (403000.0, 89500.0, 490000.0, 166000.0)
CODES = {
    "kind": CodeList(title="Kind", source="Tests", values={"O": "Oak", "B": "Beech"}),
    "authority": CodeList(title="Authority", source="Tests", values={"0010": "One", "1770": "Other"}),
    "plain": CodeList(title="Plain", source="Tests", values=["1A", "2B"]),
}


def layer(geometry: str, fields: Mapping[str, Any], **more: Any) -> Layer:
    """A layer `things` with the key `code`."""
    said = {"code": "string"} | dict(fields)
    words = {name: {"type": spec} if isinstance(spec, str) else spec for name, spec in said.items()}
    return Layer.model_validate({
        "title": "Things", "description": "Things.", "steward": "Tester", "licence": "ogl", "attribution": "None",
        "cadence": "Never", "source_name": "Tests", "lineage": "Made up.", "geometry": geometry, "key": "code",
        "source": {"file": "things.csv"}, "grants": {"public": {"fields": "all"}}, "max_dropped": 1,
        "max_lost": 1,
        "fields": {name: {"title": name} | spec for name, spec in words.items()},
    } | more)  # fmt: skip


class Bench:
    """Curates columns, or geometries, and remembers nothing."""

    def columns(self, columns: Mapping[str, Any], fields: Mapping[str, Any], **more: Any) -> Curated:
        """A table without geometry; codes c1, c2 ... are given to its rows."""
        length = len(next(iter(columns.values())))
        whole = {"code": [f"c{number}" for number in range(1, length + 1)]} | dict(columns)
        frame = gpd.GeoDataFrame(whole, geometry=gpd.GeoSeries([None] * length, crs=27700))
        return curate("things", layer("none", fields, **more), frame, COUNTY, CODES)

    def column(self, values: Any, **field: Any) -> tuple[list[Any], Curated]:
        """One column `value`: what it became, and all that was said."""
        made = self.columns({"value": values}, {"value": field})
        return made.table["value"].to_pylist(), made

    def shapes(self, shapes: list[Any], geometry: str, crs: Any = 27700, **more: Any) -> Curated:
        """Geometries; codes c1, c2 ... are given to them."""
        codes = [f"c{number}" for number in range(1, len(shapes) + 1)]
        held = np.empty(len(shapes), dtype=object)
        held[:] = shapes
        frame = gpd.GeoDataFrame({"code": codes}, geometry=gpd.array.from_shapely(held, crs=crs))
        return curate("things", layer(geometry, {}, **more), frame, COUNTY, CODES)

    @staticmethod
    def said(made: Curated) -> list[tuple[str, str, str | None, str | None, str]]:
        """(rule, kind, row, field, sentence) of each finding."""
        return [(found.rule, found.kind.value, found.row, found.field, found.sentence) for found in made.findings]

    @staticmethod
    def counts(made: Curated) -> dict[tuple[str, str], int]:
        """(rule, kind) -> how many."""
        return dict(Counter((found.rule, found.kind.value) for found in made.findings))

    @staticmethod
    def wkt(made: Curated) -> dict[str, str]:
        """Geometry by id, in words."""
        texts = shapely.to_wkt(made.shapes, rounding_precision=2, trim=True)
        return dict(zip(made.table["id"].to_pylist(), texts, strict=True))
