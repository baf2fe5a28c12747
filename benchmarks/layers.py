"""Street segments at several sizes: the county's own, fewer of them, or more, each published in a store of its own.

The registry is cut from `layers.yaml`: the one layer, with its three audiences, each with a grant of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
import yaml
from numpy.typing import NDArray

from benchmarks.errors import BenchError
from benchmarks.folders import COUNTY, COUNTY_SIZE, LAYER, REGISTRY, ROOT, made
from hantsmap.rendition import Rendition
from hantsmap.store import Store

SEED = 2026
AUDIENCES = ("public", "partners", "staff")
SOURCE, OPEN_SOURCE = ("highways.gpkg", "street_segments"), ("highways_open.gpkg", "open_segments")
# Copies of the county's segments lie this far from each other: no two lines are one.
SHIFT_M = 0.37
# What the registry says of a layer's tiles, and of its place on the map that they are for.
OF_TILES = ("tiles", "map")
# The county's own ids all begin with 4.
FIRST_DIGITS = "4123567890"


@dataclass(frozen=True, slots=True)
class Sized:
    """Street segments in some number: data, registry, and a store to publish to."""

    size: int

    @property
    def folder(self) -> Path:
        """All that is kept of this size."""
        return made(f"layer-{self.size}")

    @property
    def data(self) -> Path:
        """The folder of its source files."""
        return COUNTY if self.size == COUNTY_SIZE else self.folder / "data"

    @property
    def registry(self) -> Path:
        """Its registry."""
        return self.folder / "layers.yaml"

    @property
    def store(self) -> Path:
        """Its store."""
        return self.folder / "store"

    def environment(self) -> dict[str, str]:
        """What `hantsmap` reads it from."""
        return {"HANTSMAP_REGISTRY": str(self.registry), "HANTSMAP_STORE": str(self.store),
                "HANTSMAP_DATA": str(self.data), "HANTSMAP_ACCOUNTS": f"sqlite:///{self.folder}/accounts.sqlite"}

    def rendition(self) -> Rendition:
        """What the public gets of it."""
        store = Store(self.store)
        current = store.current(LAYER)
        if current is None:
            raise BenchError(f"{self.store} holds no {LAYER}.")
        return Rendition(store.rendition(LAYER, current.renditions["public"]))


def ready(size: int) -> Sized:
    """A layer of this size, published; made and published now where it is not."""
    sized = source(size)
    publish(sized)
    return sized


def source(size: int) -> Sized:
    """The source files and the registry of a layer of this size; made now where they are not."""
    sized = Sized(size)
    if not (COUNTY / "county.json").exists():
        made_by = [sys.executable, "-m", "datasets.county", "--scale", "county", "--seed", str(SEED)]
        subprocess.run([*made_by, "--out", str(COUNTY)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    if sized.data != COUNTY:
        _repeat(size, sized.data)
    sized.registry.write_text(yaml.safe_dump(cut(yaml.safe_load(REGISTRY.read_text())), sort_keys=False,
                                             allow_unicode=True))
    return sized


def publish(sized: Sized) -> None:
    """Publish it, if anything changed. Raises BenchError with what `hantsmap publish` said."""
    done = subprocess.run([sys.executable, "-m", "hantsmap", "publish"], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, **sized.environment()}, check=False)
    if done.returncode:
        raise BenchError(f"hantsmap publish failed for {sized.size:,} segments: {done.stderr or done.stdout}")


def cut(registry: dict[str, Any]) -> dict[str, Any]:
    """The registry with nothing in it but the one layer, without tiles, which no peer makes, and three grants that
    differ: partners get fewer rows."""
    layer = {name: said for name, said in registry["layers"][LAYER].items() if name not in OF_TILES}
    # The layers that it refers to are not there.
    layer["fields"] = {name: {key: each for key, each in field.items() if key != "references"}
                       for name, field in layer["fields"].items()}
    grants = layer["grants"]
    reason = next(held for held in grants["public"]["held_back"] if "rows" in held["of"])
    grants["partners"] = {**grants["partners"], "rows": grants["public"]["rows"], "held_back": [reason]}
    used = {field["codes"] for field in layer["fields"].values() if "codes" in field}
    return {
        **{name: registry[name] for name in ("title", "description", "publisher", "contact", "extent")},
        "audiences": {name: registry["audiences"][name] for name in AUDIENCES},
        "licences": {layer["licence"]: registry["licences"][layer["licence"]]},
        "code_lists": {name: values for name, values in registry["code_lists"].items() if name in used},
        "layers": {LAYER: layer},
    }


def _repeat(size: int, folder: Path) -> None:
    """The county's segments: fewer of them, from all over it, or repeated a little aside under ids of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "made"
    if stamp.exists():
        return
    segments = pyogrio.read_dataframe(COUNTY / SOURCE[0], layer=SOURCE[1])
    count = len(segments)
    rows = np.arange(size) % count if size > count else np.arange(size) * count // size
    copy = np.arange(size) // count
    opened = pyogrio.read_dataframe(COUNTY / OPEN_SOURCE[0], layer=OPEN_SOURCE[1])
    # Few segments have no open line: they have none in any copy.
    by_id = {identifier: row for row, identifier in enumerate(opened["esu_id"])}
    open_rows = np.array([by_id.get(identifier, -1) for identifier in segments["esuid"].to_numpy()[rows]])
    there = open_rows >= 0
    for frame, (file, layer), key, chosen, copies in ((segments, SOURCE, "esuid", rows, copy),
                                                      (opened, OPEN_SOURCE, "esu_id", open_rows[there], copy[there])):
        repeated = frame.iloc[chosen].reset_index(drop=True)
        repeated[key] = _other_ids(repeated[key].to_numpy(dtype=object), copies)
        repeated = repeated.set_geometry(_aside(repeated.geometry.to_numpy(), copies), crs=frame.crs)
        pyogrio.write_dataframe(repeated, folder / file, layer=layer, driver="GPKG")
    stamp.write_text("")


def _other_ids(ids: NDArray[Any], copy: NDArray[np.intp]) -> NDArray[Any]:
    """Of each copy the ids begin with another digit; those of the first are as they were."""
    return np.array([f"{FIRST_DIGITS[number]}{str(identifier)[1:]}"
                     for identifier, number in zip(ids, copy.tolist(), strict=True)], dtype=object)


def _aside(shapes: NDArray[Any], copy: NDArray[np.intp]) -> NDArray[Any]:
    counts = shapely.get_num_coordinates(shapes)
    shift = np.repeat(copy * SHIFT_M, counts)
    return np.asarray(shapely.set_coordinates(shapes.copy(), shapely.get_coordinates(shapes) + shift[:, None]))
