"""Layers of a catalogue as a lesson reads them: some columns, and geometries, of what the viewer sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hantsmap.catalogue import Catalogue
from hantsmap.lessons.example import Lacking

Shapes = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Theme:
    """Features of a layer by position: ids, columns, and geometries (shapely, EPSG:27700, x, y) where asked for."""

    title: str
    ids: list[str]
    columns: Mapping[str, list[Any]]
    shapes: Shapes

    def where(self, kept: Sequence[bool] | NDArray[np.bool_]) -> Theme:
        """The features for which `kept` is true."""
        at = np.flatnonzero(kept)
        return Theme(self.title, [self.ids[i] for i in at],
                     {name: [values[i] for i in at] for name, values in self.columns.items()}, self.shapes[at])

    def __len__(self) -> int:
        return len(self.ids)


def theme(catalogue: Catalogue, layer: str, *fields: str, geometry: str = "") -> Theme:
    """A layer with these fields, and, where `geometry` is given, with geometries whose type has that in its name.

    Raises Lacking when the viewer has no such layer, or has it without these, or it is empty. Features without a
    geometry are left out where one is asked for.
    """
    entry = catalogue.entries.get(layer)
    if entry is None:
        raise Lacking(f"This lesson needs the layer “{layer.replace('_', ' ')}”, and there is none here.")
    rendition = entry.rendition
    title = rendition.description.title
    missing = [name for name in fields if name not in rendition.fields]
    if missing:
        raise Lacking(f"This lesson needs {listed_fields(missing)} of the layer “{title}”, which are not given here.")
    if geometry and geometry not in rendition.geometry_type:
        raise Lacking(f"This lesson needs places of the layer “{title}” that are as exact as they can be drawn.")
    positions = np.arange(rendition.count) if not geometry else np.flatnonzero(rendition.placed())
    if not len(positions):
        raise Lacking(f"This lesson needs the layer “{title}”, and there is nothing in it.")
    shapes = rendition.geometries(positions) if geometry else np.full(len(positions), None, dtype=object)
    columns = {name: rendition.column(name).take(positions).to_pylist() for name in fields}
    ids = [str(each) for each in rendition.ids.take(positions).to_pylist()]
    return Theme(title, ids, columns, np.asarray(shapes, dtype=object))


def listed_fields(names: Sequence[str]) -> str:
    """Names of fields in a sentence."""
    return " and ".join(f"`{name}`" for name in names)


def optional(catalogue: Catalogue, layer: str, *fields: str) -> tuple[str, ...]:
    """Those of the fields that the viewer is given; none where there is no such layer."""
    entry = catalogue.entries.get(layer)
    return () if entry is None else tuple(name for name in fields if name in entry.rendition.fields)
