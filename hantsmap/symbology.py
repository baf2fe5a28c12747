"""How a layer is drawn and tiled, as the registry declares it: one declaration for every output.

Lengths are in pixels of 0.28 mm, and colours are `#rrggbb`. Zooms are those of Ordnance Survey's tiles of the National
Grid: 896 m to a pixel at zoom 0, half of it at each further one, 1.75 m at zoom 9. `hantsmap.symbols` reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from hantsmap.access import Value, all_or_names, as_text

LAST_ZOOM = 9
ByCode = TypeVar("ByCode")
Colour = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
Zoom = Annotated[int, Field(ge=0, le=LAST_ZOOM)]
Length = Annotated[float, Field(ge=0, le=64)]
TextSize = Annotated[float, Field(ge=8, le=24)]
Hatch = Literal["diagonal", "back-diagonal", "cross", "horizontal", "vertical", "dots", "none"]
Marker = Literal["circle", "square", "triangle", "diamond", "pentagon", "star", "cross"]


def _with_text_codes(value: object) -> object:
    """Codes are text: YAML's numbers become their digits."""
    return {as_text(code): each for code, each in value.items()} if isinstance(value, Mapping) else value


def _dashes(value: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if value and len(value) % 2:
        raise ValueError("dashes and gaps take turns: write an even number of lengths")
    return value


def _of(codes: Collection[str], by_code: Mapping[str, ByCode]) -> dict[str, ByCode]:
    return {code: each for code, each in by_code.items() if code in codes}


class Symbol(Value):
    """How features are drawn. What is not said is as with the symbol of the whole layer, or else the usual.

    `colour` is that of a line, an outline or a marker's edge; `casing` lies beneath a line, 1 px wider on each side;
    `fill` is that of an area or a marker, as strong as `opacity` says; `zoom` is the first at which it is drawn.
    """

    colour: Colour | None = None
    width: Length | None = None
    dash: Annotated[tuple[float, ...] | None, AfterValidator(_dashes)] = None
    casing: Colour | None = None
    fill: Colour | None = None
    opacity: Annotated[float, Field(ge=0, le=1)] | None = None
    hatch: Hatch | None = None
    marker: Marker | None = None
    letter: Annotated[str, Field(max_length=2)] | None = None
    size: Length | None = None
    zoom: Zoom | None = None

    def over(self, other: Symbol) -> Symbol:
        """This symbol, and of the other what this one does not say."""
        said = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        return other.model_copy(update=said)


class Label(Value):
    """The field whose text names features on the map, from a zoom on.

    `sizes` and `zooms` are by the codes of the layer's `class_field`: towns are named larger than hamlets, and earlier.
    """

    field: str
    zoom: Zoom = 6
    size: TextSize = 12
    colour: Colour = "#222222"
    sizes: Annotated[Mapping[str, TextSize], BeforeValidator(_with_text_codes)] = Field(default_factory=dict)
    zooms: Annotated[Mapping[str, Zoom], BeforeValidator(_with_text_codes)] = Field(default_factory=dict)


class Symbology(Value):
    """How a layer is drawn: `symbol` holds for every feature, `classes` for those with a code of its `class_field`."""

    symbol: Symbol = Symbol()
    classes: Annotated[Mapping[str, Symbol], BeforeValidator(_with_text_codes)] = Field(default_factory=dict)
    label: Label | None = None

    def left(self, fields: Collection[str], class_field: str | None, codes: Collection[str]) -> Self:
        """What a grant of these fields leaves of it, where these codes of the class field occur."""
        label = self.label if self.label and self.label.field in fields else None
        if class_field in fields:
            label = label and label.model_copy(update={
                "sizes": _of(codes, label.sizes), "zooms": _of(codes, label.zooms)})
            return self.model_copy(update={"label": label, "classes": _of(codes, self.classes)})
        plain = label and label.model_copy(update={"sizes": {}, "zooms": {}})
        return self.model_copy(update={"classes": {}, "label": plain})


class Tiling(Value):
    """What tiles of a layer carry, and from which zoom on: `zooms` by the codes of its `class_field`, `zoom` the rest.

    At the zoom `last`, and so at all beyond it, there is every feature.
    """

    fields: Annotated[tuple[str, ...] | None, BeforeValidator(all_or_names)]
    zoom: Zoom = 0
    zooms: Annotated[Mapping[str, Zoom], BeforeValidator(_with_text_codes)] = Field(default_factory=dict)
    last: Zoom = LAST_ZOOM

    def left(self, fields: Collection[str], class_field: str | None, codes: Collection[str]) -> Self:
        """What a grant of these fields of the layer leaves of it, where these codes of the class field occur."""
        carried = tuple(name for name in fields if self.fields is None or name in self.fields)
        return self.model_copy(update={"fields": carried,
                                       "zooms": _of(codes, self.zooms) if class_field in fields else {}})
