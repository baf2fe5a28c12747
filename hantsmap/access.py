"""Who may have what: audiences form a tree, and along each path of it the grants widen.

Pure functions over frozen values. A viewer is in one audience; its grant on a layer is the nearest one declared on the
way from that audience to the root; none means that the layer does not exist for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

PUBLIC = "public"


class Value(BaseModel):
    """A frozen value that refuses unknown keys, so that a misspelt rule is an error and never silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Detail(StrEnum):
    """How exactly a grant shows geometry, least first. `grid:N` snaps to the N metre square of the National Grid."""

    NONE = "none"
    GRID_10000 = "grid:10000"
    GRID_1000 = "grid:1000"
    GRID_100 = "grid:100"
    EXACT = "exact"

    @property
    def rank(self) -> int:
        """Place in the ladder of detail; a larger rank shows more."""
        return list(Detail).index(self)

    @property
    def square(self) -> int | None:
        """Side of the grid square in metres, or None where geometry is exact or absent."""
        return int(self.value.removeprefix("grid:")) if self.value.startswith("grid:") else None


class Audience(Value):
    """A named group of people. `within` is the audience it widens; only `public` has none."""

    title: str
    within: str | None = None


class HeldBack(Value):
    """Why something is held back: an Environmental Information Regulations reason a-h and a plain sentence."""

    reason: Literal["a", "b", "c", "d", "e", "f", "g", "h"]
    sentence: str = Field(min_length=12)
    owner: str | None = None
    review: date | None = None


def _all_or_names(value: object) -> object:
    return None if value == "all" else value


class Grant(Value):
    """What one audience may have of one layer. `fields: all` is every field; `rows` keeps rows by the values of fields."""

    fields: Annotated[tuple[str, ...] | None, BeforeValidator(_all_or_names)]
    rows: Mapping[str, tuple[str | int | bool, ...]] = Field(default_factory=dict)
    geometry: Detail = Detail.EXACT
    held_back: tuple[HeldBack, ...] = ()

    def field_names(self, every: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the fields granted, in the layer's order, out of `every` field of the layer."""
        return every if self.fields is None else tuple(name for name in every if name in self.fields)


def path_to_root(audiences: Mapping[str, Audience], name: str) -> Iterator[str]:
    """The audience and its ancestors, nearest first. An unknown name, or a ring, ends the path: it gets nothing more."""
    seen: set[str] = set()
    step: str | None = name
    while step is not None and step in audiences and step not in seen:
        seen.add(step)
        yield step
        step = audiences[step].within


def grant_for(audiences: Mapping[str, Audience], grants: Mapping[str, Grant], name: str) -> Grant | None:
    """The nearest grant on the way to the root; None, which means "does not exist", when there is none."""
    return next((grants[step] for step in path_to_root(audiences, name) if step in grants), None)


def narrowings(child: Grant, parent: Grant, every: tuple[str, ...]) -> list[str]:
    """What the parent shows and the child does not, as phrases; empty when the child contains its parent."""
    found = []
    lost = [name for name in parent.field_names(every) if name not in child.field_names(every)]
    if lost:
        found.append(f"the fields {', '.join(lost)}")
    for name, values in child.rows.items():
        missing = set(parent.rows[name]) - set(values) if name in parent.rows else None
        if missing is None:
            found.append(f"all rows, whatever their {name}")
        elif missing:
            found.append(f"rows with {name} {', '.join(sorted(map(str, missing)))}")
    if child.geometry.rank < parent.geometry.rank:
        found.append(f"geometry detail {parent.geometry.value}")
    return found
