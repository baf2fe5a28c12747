"""Places that rules speak of: areas such as a contract's, and the open lines of layers that have a licensed one too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hantsmap import sources
from hantsmap.access import Grant
from hantsmap.curate import shapes
from hantsmap.curate.log import Log
from hantsmap.errors import SourceError
from hantsmap.findings import blocking
from hantsmap.layer import Area, Field, FieldType, GeometryType, Layer, OpenGeometry, Source


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Reads the areas of a registry, each once. `data` and `cache` are as for `sources.read`."""

    areas: Mapping[str, Area]
    extent: tuple[float, float, float, float]
    data: Path
    cache: Path
    _read: dict[str, Any] = field(default_factory=dict, compare=False)

    def area(self, name: str) -> Any:
        """An area as one geometry in EPSG:27700 metres. Raises SourceError when it cannot be read or is empty."""
        if name not in self._read:
            self._read[name] = self._area(name)
        return self._read[name]

    def _area(self, name: str) -> Any:
        area = self.areas[name]
        found = self._shapes(f"area {name}", _standing_in(area.title, _source(area), "MultiPolygon"))[1]
        whole = shapely.union_all(found[~shapely.is_missing(found)])
        if whole.is_empty:
            raise SourceError(f"The area {name} is empty: no polygon of {area.file} is chosen by its `where`.")
        shapely.prepare(whole)
        return whole

    def open_lines(self, name: str, layer: Layer, ids: Sequence[str]) -> shapes.Shapes:
        """The open geometry of each feature, by id (text), in the order of `ids`; None where there is none.

        Raises SourceError when the file cannot be read, or a key stands twice in it.
        """
        if layer.open_geometry is None:
            raise ValueError(f"{name} has no open geometry")
        stand_in = _standing_in(layer.title, _source(layer.open_geometry), layer.geometry)
        keys, found = self._shapes(f"{name} (open geometry)", stand_in, layer.open_geometry.key)
        by_key = dict(zip(keys, found, strict=True))
        if len(by_key) != len(keys):
            raise SourceError(f"{layer.open_geometry.file}, for {name}: a {layer.open_geometry.key} stands twice. Give "
                              "each feature one open geometry.")
        return np.array([by_key.get(feature_id) for feature_id in ids] + [None], dtype=object)[:-1]

    def area_fingerprint(self, grants: Sequence[Grant]) -> str:
        """Changes when an area that one of the grants names may have changed: its file, or which of it is chosen."""
        named = sorted({grant.area.name for grant in grants if grant.area})
        stand_ins = {name: _standing_in(name, _source(self.areas[name]), "MultiPolygon") for name in named}
        return " ".join(f"{each.source.model_dump_json()} {self._fingerprint(each)}" for each in stand_ins.values())

    def open_fingerprint(self, layer: Layer) -> str:
        """Changes when the file of a layer's open geometry may have changed; empty where it has none."""
        if layer.open_geometry is None:
            return ""
        return self._fingerprint(_standing_in(layer.title, _source(layer.open_geometry), layer.geometry))

    def _fingerprint(self, stand_in: Layer) -> str:
        return sources.fingerprint(stand_in, data=self.data, cache=self.cache)

    def _shapes(self, name: str, stand_in: Layer, key: str | None = None) -> tuple[list[str], shapes.Shapes]:
        """Keys (texts of the column `key`) and geometries of a file, curated as a layer's are.

        Raises SourceError for a geometry that would block a layer.
        """
        raw = sources.read(name, stand_in, data=self.data, cache=self.cache, extent=self.extent)
        frame = raw.frame
        if key is not None and key not in frame:
            raise SourceError(f"{name}: {stand_in.source.file} has no column {key}. It has "
                              f"{', '.join(str(column) for column in frame.columns)}.")
        keys = [str(number).strip() for number in (range(len(frame)) if key is None else frame[key].tolist())]
        found = np.array(frame.geometry.values, dtype=object)
        log = Log(name, names=keys)
        made = shapes.curated(log, found, frame.crs, stand_in, self.extent, raw.notes)
        if stops := blocking(log.findings):
            raise SourceError(f"{name}: {stand_in.source.file}: {stops[0]}")
        return keys, made


def _source(place: Area | OpenGeometry) -> Source:
    where = place.where if isinstance(place, Area) else {}
    return Source(file=place.file, layer=place.layer, crs=place.crs, where=where)


def _standing_in(title: str, source: Source, geometry: GeometryType) -> Layer:
    """A layer of nothing but geometry, so that a place is read by the readers that layers are read by."""
    return Layer(title=title[:65], description=title, steward="", licence="", attribution="", cadence="",
                 source_name="", lineage="", geometry=geometry, key=("place",), source=source,
                 fields={"place": Field(type=FieldType.STRING, title="Place")}, grants={"public": Grant(fields=None)})
