"""What the registry says of a layer on the map: its place there, the names it gives to the search, and its series.

Each says, with `left`, what a grant leaves of it: a field that is held back is not named to anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Self

from pydantic import Field

from hantsmap.access import Value

Kind = Literal["place", "postcode", "school", "service", "street", "path", "area", "site", "water", "wood", "green"]
KINDS: tuple[Kind, ...] = (
    "place", "postcode", "school", "service", "street", "path", "area", "site", "water", "wood", "green")  # fmt: skip


class OnMap(Value):
    """Where a layer stands: its `group` in the list of layers, and the `order` it is drawn in, the lowest first.

    A `base` layer is a part of the base map: it is there before anybody chooses a layer.
    """

    group: str = "More layers"
    order: int = 500
    base: bool = False


class Named(Value):
    """A field whose values people search for: what kind of thing has the name, and fields that tell one from another.

    Of the kind `postcode`, the districts are named and never a whole postcode.
    """

    field: str
    kind: Kind
    where: tuple[str, ...] = ()

    def left(self, fields: Collection[str]) -> Self | None:
        """With these fields alone; None where the name itself is not among them."""
        kept = tuple(name for name in self.where if name in fields)
        return self.model_copy(update={"where": kept}) if self.field in fields else None


class Series(Value):
    """A layer in which each area has a row for each `period`: its fields over time make a thematic map.

    `group` is the field that tells kinds of area from each other, `parent` the one with the area that it is counted in,
    `base` the one with the first period; `values` are the fields to show, all numbers with a unit unless named.
    """

    area: str
    name: str
    period: str
    group: str
    parent: str | None = None
    base: str | None = None
    values: tuple[str, ...] = Field(default=())

    @property
    def named(self) -> tuple[str, ...]:
        """All fields that it names."""
        told = (self.area, self.name, self.period, self.group, self.parent, self.base, *self.values)
        return tuple(name for name in told if name)

    def left(self, fields: Collection[str]) -> Self | None:
        """With these fields alone; None where areas, periods or kinds could not be told apart."""
        if not {self.area, self.name, self.period, self.group} <= set(fields):
            return None
        return self.model_copy(update={
            "parent": self.parent if self.parent in fields else None,
            "base": self.base if self.base in fields else None,
            "values": tuple(name for name in self.values if name in fields)})
