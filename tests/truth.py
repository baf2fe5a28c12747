"""What is true of the county: rows of an edition that an audience may see, read with pyarrow and shapely alone.

The grants are read from `layers.yaml` as it is written, not through the library: a fault there must not hide here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import yaml

from hantsmap import crs

ROOT = Path(__file__).parents[1]
AXES = {"CRS84": crs.CRS84, "27700": crs.EPSG27700, "4326": crs.EPSG4326, "3857": crs.EPSG3857}
URIS = {name: system.uri for name, system in AXES.items()}


@cache
def registry() -> Any:
    """`layers.yaml` as it is written."""
    return yaml.safe_load((ROOT / "layers.yaml").read_text(encoding="utf-8"))


def grant(layer: str, audience: str) -> Any:
    """What the registry grants an audience: the nearest grant on the way to everybody; None where there is none."""
    grants, step = registry()["layers"][layer]["grants"], audience
    while step not in grants and step in registry()["audiences"] and step != "public":
        step = registry()["audiences"][step]["within"]
    return grants.get(step)


def layers_of(audience: str) -> list[str]:
    """Names of the layers that an audience may see."""
    return sorted(layer for layer in registry()["layers"] if grant(layer, audience))


@dataclass(frozen=True)
class Truth:
    """Rows of a layer's current edition that one audience may see."""

    layer: str
    table: pa.Table
    fields: tuple[str, ...]
    hidden_fields: tuple[str, ...]
    hidden_ids: tuple[Any, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.table)

    @property
    def ids(self) -> list[Any]:
        """Ids, in the order of the edition."""
        return list(self.table["id"].to_pylist())

    def column(self, name: str) -> list[Any]:
        """Values of a field, in the order of the ids."""
        return list(self.table[name].to_pylist())

    @cached_property
    def shapes(self) -> Any:
        """Geometries in EPSG:27700, in the order of the ids."""
        return shapely.force_2d(shapely.from_wkb(self.table["geometry"].to_numpy(zero_copy_only=False)))

    def shapes_in(self, system: str) -> Any:
        """Geometries in one of AXES, always x, y."""
        def move(xy: Any) -> Any:
            return np.column_stack(crs.from_grid_xy(xy[:, 0], xy[:, 1], AXES[system]))

        return shapely.transform(self.shapes, move)

    def meeting(self, box: tuple[float, ...], system: str = "27700") -> set[Any]:
        """Ids of the features whose geometry (not its box) meets a box, both in one of AXES, x, y."""
        met = shapely.intersects(self.shapes_in(system), shapely.box(*box))
        return {each for each, yes in zip(self.ids, met, strict=True) if yes}

    def middle(self, system: str = "27700", share: float = 0.3) -> tuple[float, ...]:
        """A box in the middle of the layer, `share` of its width and height."""
        west, south, east, north = shapely.total_bounds(self.shapes_in(system))
        across, up = (east - west) * (1 - share) / 2, (north - south) * (1 - share) / 2
        return float(west + across), float(south + up), float(east - across), float(north - up)


def _named(store: Path, audience: str, references: str | list[str], values: list[Any]) -> list[Any]:
    """Values, or lists of them, without those that name no row of the layers referred to that an audience may see."""
    seen: set[Any] = set()
    for other in [references] if isinstance(references, str) else references:
        if grant(other, audience):
            seen |= set(truth(store, other, audience).column(registry()["layers"][other]["key"][0]))
    return [([each for each in value if each in seen] or None) if isinstance(value, list)
            else value if value in seen else None for value in values]


def truth(store: Path, layer: str, audience: str = "public") -> Truth:
    """The truth about a layer of a store, for an audience."""
    promoted = sorted((store / "promotions" / layer).glob("*.json"))[-1]
    edition = json.loads(promoted.read_text())["edition"]
    table = pq.read_table(store / "editions" / layer / edition / "curated.parquet")
    given = grant(layer, audience)
    every = [name for name in table.column_names if name != "id" and not name.endswith("geometry")]
    shown = [name for name in every if given["fields"] == "all" or name in given["fields"]
             or name.removesuffix("_text") in given["fields"]]
    if given.get("counts"):
        # A row of controlled counts says whether something in it was too small to be shown.
        table = table.append_column("suppressed", pa.nulls(len(table), pa.bool_()))
        shown.append("suppressed")
    if given.get("geometry_source", "open") == "open" and "open_geometry" in table.column_names:
        table = table.drop_columns("geometry").rename_columns({"open_geometry": "geometry"})
    keep = np.ones(len(table), dtype=bool)
    for name, values in given.get("rows", {}).items():
        keep &= np.array([value in values for value in table[name].to_pylist()], dtype=bool)
    for name, field in registry()["layers"][layer]["fields"].items():
        if name in shown and "references" in field:
            place = table.column_names.index(name)
            values = _named(store, audience, field["references"], table[name].to_pylist())
            table = table.set_column(place, name, pa.array(values, table[name].type))
            keep &= np.array([value is not None or not field.get("required") for value in values], dtype=bool)
    hidden = table["id"].filter(pa.array(~keep)).to_pylist()
    return Truth(layer, table.filter(pa.array(keep)), tuple(shown), tuple(name for name in every if name not in shown),
                 tuple(hidden))
