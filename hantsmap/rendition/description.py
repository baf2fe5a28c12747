"""What a rendition says of itself: the layer as one grant shows it. It knows nothing of what the grant holds back."""

from __future__ import annotations

from collections.abc import Mapping

from hantsmap.access import Value
from hantsmap.layer import CodeList, Field, Licence, Temporal
from hantsmap.on_map import Named, OnMap, Series
from hantsmap.reasons import Told
from hantsmap.symbology import Symbology, Tiling

Box = tuple[float, float, float, float]


class Description(Value):
    """Layer, fields and extent of a rendition.

    `extent` is (west, south, east, north) in EPSG:27700 metres, `extent_crs84` the same in degrees, both None where
    there is no geometry; `code_lists` hold only the codes that occur; `class_places` are the places of the classes in
    the registry's code list; `interval` is the first and last date of the temporal fields, None for an open end.
    """

    layer: str
    title: str
    description: str
    keywords: tuple[str, ...]
    publisher: str
    steward: str
    contact: str
    licence: Licence
    attribution: str
    cadence: str
    capture_scale: int | None
    source_name: str
    lineage: str
    notice: str | None
    synthetic: bool
    geometry: str
    key: tuple[str, ...]
    temporal: Temporal | None
    display: str | None
    class_field: str | None = None
    class_places: Mapping[str, int] = {}
    map: OnMap = OnMap()
    names: tuple[Named, ...] = ()
    series: Series | None = None
    symbols: Symbology = Symbology()
    tiles: Tiling | None = None
    fields: Mapping[str, Field]
    code_lists: Mapping[str, CodeList]
    held_back: tuple[Told, ...]
    downloads: bool
    count: int
    extent: Box | None
    extent_crs84: Box | None
    interval: tuple[str | None, str | None] | None
