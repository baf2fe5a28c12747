"""The words of the registry: a Layer, its Fields and code lists, and the Source its raw data comes from.

Every value is frozen and refuses unknown keys. Coordinates are EPSG:27700 metres, easting then northing, unless a
source says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Setting

from hantsmap.access import Grant, Value
from hantsmap.fields import NAME as NAME
from hantsmap.fields import Alternatives, one_or_more, time_zone
from hantsmap.fields import CodeList as CodeList
from hantsmap.fields import Field as Field
from hantsmap.fields import FieldType as FieldType
from hantsmap.fields import Name as Name
from hantsmap.on_map import Named, OnMap, Series
from hantsmap.symbology import Symbology, Tiling


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00-\x1f]", text):
        raise ValueError("this becomes a link on pages: give an address that begins with https:// or http://")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
GeometryType = Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "none"]


class Licence(Value):
    """Terms under which a layer is shared: a title and a link to the text, an http or https address."""

    title: str
    url: WebAddress


class Temporal(Value):
    """Which fields say when a feature holds: one instant (`start` alone) or a period (`start` and `end`)."""

    start: str
    end: str | None = None


class TableGeometry(Value):
    """Where a table keeps its geometry: x and y columns, a WKT column, or National Grid references (SU 42 12)."""

    x: str | None = None
    y: str | None = None
    wkt: str | None = None
    grid_reference: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("`x` and `y` go together: name both columns")
        if sum(way is not None for way in (self.x, self.wkt, self.grid_reference)) != 1:
            raise ValueError("name one of `x` and `y`, `wkt`, or `grid_reference`")
        return self


class Pivot(Value):
    """Turns a long table into a wide one: each value of `names` listed in `columns` becomes a column of `values`."""

    index: str
    names: str
    values: str
    columns: Mapping[str, str]


class Join(Value):
    """A table joined to the geometry by key: rows of `file` whose `key` equals the geometry's `to`.

    `shape: each` keeps one feature per row of the table (small areas x years); `shape: one` one per geometry.
    """

    file: str
    sheet: str | None = None
    encoding: str | None = None
    key: str
    to: str
    pivot: Pivot | None = None
    shape: Literal["one", "each"] = "one"


class Source(Value):
    """Where the raw data is and how to read it: exactly one of `file`, `url` and `postgis`.

    `file` is relative to the data folder. `url` is fetched once, checked against `sha256` where given, cached, and
    re-fetched only when the server says that it changed; `allow_private` lets it, and what it redirects to, be inside a
    private network. `postgis` names an environment variable that holds a connection URL, so that no password is ever in
    the registry. `timezone` is that of times that name none.
    """

    file: str | None = None
    url: str | None = None
    sha256: str | None = Setting(default=None, pattern="^[0-9a-f]{64}$")
    allow_private: bool = False
    postgis: str | None = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    geometry: TableGeometry | None = None
    join: Join | None = None
    where: Mapping[str, tuple[str | int | bool, ...]] = Setting(default_factory=dict)
    clip: bool = False
    timezone: Annotated[str, AfterValidator(time_zone)] = "Europe/London"
    aliases: Mapping[str, str] = Setting(default_factory=dict)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.url, self.postgis)) != 1:
            raise ValueError("say where the data is with exactly one of `file`, `url` and `postgis`")
        if self.sha256 and not self.url:
            raise ValueError("`sha256` belongs to a `url`")
        if self.allow_private and not self.url:
            raise ValueError("`allow_private` belongs to a `url`")
        return self


class OpenGeometry(Value):
    """The open line of each feature, beside the licensed one of the layer's source: rows of a file, by the key.

    Simplifying a licensed line does not make it open: this one is from another source (docs/registry.md).
    """

    file: str
    layer: str | None = None
    key: str
    crs: str | None = None


class Area(Value):
    """A place that grants can speak of, such as a contract's: the polygons of a file, chosen by `where`."""

    title: str
    file: str
    layer: str | None = None
    crs: str | None = None
    where: Mapping[str, tuple[str | int | bool, ...]] = Setting(default_factory=dict)


class SignIn(Value):
    """How claims of the council's identity provider become audiences: the claim, and its values."""

    claim: str
    map: Mapping[str, str]
    organisation_claim: str | None = None


class Together(Value):
    """A doubt to raise: a row that lies farther than `within_m` metres from every other row with the same `field`."""

    field: str
    within_m: float = Setting(gt=0)


class Layer(Value):
    """A theme that the council shares; one entry of `layers.yaml`.

    `display` is the field that names a feature to people; `class_field` the one by whose codes it is drawn. `symbols`
    says how, and `tiles` that there are tiles of it. Publication is blocked beyond these shares: `max_dropped` of the
    rows dropped, `max_lost` of a column's values lost, `max_repair` of a polygon's area changed by a repair,
    `max_change` of the rows or values gone that are published now. Parts smaller than `sliver_m2` that a repair makes
    are left out.
    """

    title: str = Setting(max_length=65)
    description: str
    keywords: tuple[str, ...] = ()
    steward: str
    licence: str
    attribution: str
    cadence: str
    capture_scale: int | None = Setting(default=None, gt=0)
    source_name: str
    lineage: str
    notice: str | None = None
    synthetic: bool = False
    geometry: GeometryType
    key: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = Setting(min_length=1)
    temporal: Temporal | None = None
    display: str | None = None
    class_field: str | None = None
    map: OnMap = OnMap()
    names: tuple[Named, ...] = ()
    series: Series | None = None
    symbols: Symbology = Symbology()
    tiles: Tiling | None = None
    max_dropped: float = Setting(default=0.05, ge=0, le=1)
    max_lost: float = Setting(default=0.05, ge=0, le=1)
    max_repair: float = Setting(default=0.05, ge=0)
    sliver_m2: float = Setting(default=1.0, ge=0)
    max_change: float = Setting(default=0.2, ge=0, le=1)
    may_be_empty: bool = False
    together: Together | None = None
    source: Source
    open_geometry: OpenGeometry | None = None
    fields: Mapping[Name, Field] = Setting(min_length=1)
    grants: Mapping[str, Grant] = Setting(min_length=1)
    geometry_derived_from: Alternatives = ()

    @property
    def referenced(self) -> tuple[str, ...]:
        """Names of the layers that fields of this one refer to, each once."""
        found = (reference.partition(".")[0] for field in self.fields.values() for reference in field.references)
        return tuple(dict.fromkeys(found))

    def drops_without(self, name: str) -> bool:
        """Whether a row without a value in this field is left out: it is part of the key, or required."""
        return name in self.key or self.fields[name].required

    def served_fields(self, code_lists: Mapping[str, CodeList]) -> dict[str, Field]:
        """Fields as published: each coded field with words is followed by its `_text` twin, made from the code list."""
        served: dict[str, Field] = {}
        for name, field in self.fields.items():
            served[name] = field
            if field.codes and code_lists[field.codes].worded:
                served[f"{name}_text"] = Field(
                    type=FieldType.STRING, title=f"{field.title} (in words)", description=field.description
                )
        return served
