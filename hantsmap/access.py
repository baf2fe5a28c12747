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
    """A named group of people. `within` is the audience it widens; only `public` has none.

    `until` is the last day of a contract: after it, nothing is there for the audience or for any within it.
    """

    title: str
    within: str | None = None
    until: date | None = None


class Part(StrEnum):
    """A part of a layer that a grant may hold back."""

    FIELDS = "fields"
    ROWS = "rows"
    GEOMETRY = "geometry"
    COUNTS = "counts"


class HeldBack(Value):
    """Why something is held back: an Environmental Information Regulations reason a-h and a plain sentence.

    It speaks of the `fields` it names or, where it names none, of all that is held back of the parts in `of`.
    """

    reason: Literal["a", "b", "c", "d", "e", "f", "g", "h"]
    sentence: str = Field(min_length=12)
    owner: str | None = None
    review: date | None = None
    of: tuple[Part, ...] = tuple(Part)
    fields: tuple[str, ...] = ()


class Within(Value):
    """Rows that meet an area of the registry. `buffer_m` adds rows this near to it, marked `context: true`.

    Rows are shown whole, also where they leave the area; with `clip`, only what lies in the area and its buffer.
    """

    name: str
    buffer_m: float = Field(default=0, ge=0, le=5_000)
    clip: bool = False


class Counts(Value):
    """Statistical disclosure control of counts of people (ONS 10-5 rule; the same every time it is asked).

    `fields` are the counts. `by` names a field whose value says how coarse a row is, and `keep` which counts such rows
    keep (band collapse). Counts under `suppress_under` become null, with `suppressed: true`; others are rounded to
    `round_to`. `sums` are totals and their parts, and `parent` the field with the key of the area that a row is part
    of: where exactly one part of a shown total is suppressed, another one is too.
    """

    fields: tuple[str, ...] = Field(min_length=1)
    by: str | None = None
    keep: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    suppress_under: int = Field(default=10, ge=0)
    round_to: int = Field(default=5, ge=1)
    sums: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    area: str | None = None
    parent: str | None = None
    period: str | None = None


def as_text(value: object) -> str:
    """A value as it is compared with others: YAML's true is the text `true`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def all_or_names(value: object) -> object:
    """The word `all` for names is None: whatever there is."""
    return None if value == "all" else value


class Grant(Value):
    """What one audience may have of one layer. `fields: all` is every field; `rows` keeps rows by the values of fields.

    `area` keeps rows by place. `geometry_source` chooses between the open and the licensed line of a layer that has
    both; the open one unless said otherwise. From the day after `until` the grant is as if it had not been given.
    `exact_counts` says why counts that no rule of `counts` covers may be shown however small they are.
    `agreement` names what an organisation has to accept before it reads: it asks for something, and narrows nothing.
    """

    fields: Annotated[tuple[str, ...] | None, BeforeValidator(all_or_names)]
    rows: Mapping[str, tuple[str | int | bool, ...]] = Field(default_factory=dict)
    area: Within | None = None
    geometry: Detail = Detail.EXACT
    geometry_source: Literal["open", "licensed"] = "open"
    counts: Counts | None = None
    exact_counts: Annotated[str, Field(min_length=12)] | None = None
    downloads: bool = True
    until: date | None = None
    agreement: str | None = None
    held_back: tuple[HeldBack, ...] = ()

    def field_names(self, every: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the fields granted, in the layer's order, out of `every` field of the layer."""
        return every if self.fields is None else tuple(name for name in every if name in self.fields)


def path_to_root(audiences: Mapping[str, Audience], name: str) -> Iterator[str]:
    """The audience and its ancestors, nearest first. An unknown name, or a ring, ends the path: nothing more is got."""
    seen: set[str] = set()
    step: str | None = name
    while step is not None and step in audiences and step not in seen:
        seen.add(step)
        yield step
        step = audiences[step].within


def grant_for(
    audiences: Mapping[str, Audience], grants: Mapping[str, Grant], name: str, on: date | None = None
) -> Grant | None:
    """The nearest grant on the way to the root; None, which means "does not exist", when there is none.

    A grant that ended before the day `on` is as if it had not been given, and an audience that ended has none; without
    a day, none has ended.
    """
    if on and last_day(audiences, name, before=on):
        return None
    return next((grants[step] for step in path_to_root(audiences, name)
                 if step in grants and not (on and ended(grants[step], on))), None)


def ended(grant: Grant, on: date) -> bool:
    """Whether a grant no longer holds on a day: it holds on the day `until` itself."""
    return grant.until is not None and grant.until < on


def last_day(audiences: Mapping[str, Audience], name: str, before: date = date.max) -> date | None:
    """The last day of an audience: the earliest `until` on its way to the root, if that was before a day."""
    ends = [until for step in path_to_root(audiences, name) if (until := audiences[step].until)]
    return min((until for until in ends if until < before), default=None)


def narrowings(child: Grant, parent: Grant, every: tuple[str, ...]) -> list[str]:
    """What the parent shows and the child does not, as phrases; empty when the child contains its parent."""
    found = []
    lost = [name for name in parent.field_names(every) if name not in child.field_names(every)]
    if lost:
        found.append(f"the fields {', '.join(lost)}")
    for name, values in child.rows.items():
        missing = set(map(as_text, parent.rows[name])) - set(map(as_text, values)) if name in parent.rows else None
        if missing is None:
            found.append(f"all rows, whatever their {name}")
        elif missing:
            found.append(f"rows with {name} {', '.join(sorted(missing))}")
    if child.geometry.rank < parent.geometry.rank:
        found.append(f"geometry detail {parent.geometry.value}")
    if child.geometry_source == "open" != parent.geometry_source:
        found.append("the licensed geometry")
    if child.area and not (parent.area and _covers(child.area, parent.area)):
        found.append(f"rows outside the area {child.area.name}")
    if child.area and child.area.clip and not (parent.area and parent.area.clip):
        found.append(f"what of its features lies outside the area {child.area.name}")
    if parent.downloads and not child.downloads:
        found.append("downloads")
    return found + _narrowed_counts(child.counts, parent.counts)


def _covers(wide: Within, narrow: Within) -> bool:
    return wide.name == narrow.name and wide.buffer_m >= narrow.buffer_m


def _narrowed_counts(child: Counts | None, parent: Counts | None) -> list[str]:
    if child is None:
        return []
    if parent is None:
        return [f"the exact counts {', '.join(child.fields)}"]
    found = [f"the exact count {name}" for name in child.fields if name not in parent.fields]
    if child.suppress_under > parent.suppress_under:
        found.append(f"counts from {parent.suppress_under} up")
    if parent.round_to % child.round_to:
        found.append(f"counts rounded to {parent.round_to}")
    for value, kept in child.keep.items():
        lost = [name for name in parent.keep.get(value, parent.fields) if name not in kept]
        if lost:
            found.append(f"the counts {', '.join(lost)} of {child.by} {value}")
    return found
