"""Renders an edition for every audience: one rendition for each distinct grant, and who sees which."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.compute as pc

from hantsmap.access import Grant
from hantsmap.editions import Edition
from hantsmap.layer import FieldType, Layer, Temporal
from hantsmap.protect import Protected, counted, no_areas, protect
from hantsmap.reasons import told
from hantsmap.registry import Registry
from hantsmap.rendition import occurring, tiling, writing
from hantsmap.rendition.description import Box, Description
from hantsmap.rendition.rendered import Rendered
from hantsmap.rendition.visible import VisibleRows
from hantsmap.store import Change, Store, files, today
from hantsmap.symbology import Tiling
from hantsmap.tiles import Making
from hantsmap.visibility import Visibility, visibility

if TYPE_CHECKING:
    from hantsmap.disclosure import Together


def render(
    registry: Registry, store: Store, name: str, edition: Edition, area: Callable[[str], Any] = no_areas,
    visible: VisibleRows | None = None,
) -> Rendered:
    """Write the renditions of an edition: one for each distinct grant that holds today, or from the day one ends.

    An audience without a grant is not named: for it the layer does not exist. `area` gives an area by its name;
    `visible` knows which rows of other layers each audience sees, read from the store unless it is given.
    """
    press = _Press(registry, store, name, edition, area, visible or VisibleRows(store, registry.layers))
    if any(grant.counts for grant in registry.layers[name].grants.values()):
        press.together = counted(edition.curated, registry.layers[name], area)
        press.together.check()
    found = by_day(registry, name, press.seen_on)
    return replace(found, visibilities=tuple(press.visibilities))


def by_day(registry: Registry, name: str, seen_on: Callable[[date], dict[str, Shown]], days: Collection[date] = ()
           ) -> Rendered:
    """What `seen_on` says for today, and for each later day on which it says something else because a grant ends.

    `days` are days to ask for beside those of the registry.
    """
    this_day = today()
    concerned = (registry.layers[name], *(registry.layers[other] for other in registry.layers[name].referenced))
    untils = {grant.until for layer in concerned for grant in layer.grants.values()}
    untils |= {audience.until for audience in registry.audiences.values()}
    ends = {until + timedelta(days=1) for until in untils if until and until >= this_day}
    now = last = seen_on(this_day)
    later: dict[str, list[Change]] = {}
    for day in sorted(ends | {day for day in days if day > this_day}):
        seen = seen_on(day)
        for audience in registry.audiences:
            if seen.get(audience) != last.get(audience):
                later.setdefault(audience, []).append(_change(day, seen.get(audience), last.get(audience)))
        last = seen
    return Rendered({audience: each.rendition for audience, each in now.items()},
                    {audience: each.agreement for audience, each in now.items() if each.agreement},
                    {audience: tuple(changes) for audience, changes in later.items()},
                    {audience: each.visibility for audience, each in now.items()})


class Shown(NamedTuple):
    """What one audience sees of an edition, what it has to accept first, and what it was made under."""

    rendition: str
    agreement: str | None
    visibility: Visibility


def _change(day: date, after: Shown | None, before: Shown | None) -> Change:
    """What is seen from a day on, when a grant has ended."""
    if after is None:
        return Change(on=day, rendition=None)
    narrows = before is None or not after.visibility.contains(before.visibility)
    return Change(on=day, rendition=after.rendition, agreement=after.agreement, visibility=after.visibility.digest,
                  narrows=narrows)


@dataclass(slots=True)
class _Press:
    """Writes each distinct grant of one edition once."""

    registry: Registry
    store: Store
    name: str
    edition: Edition
    area: Callable[[str], Any]
    visible: VisibleRows
    together: Together | None = None
    made: list[tuple[Grant, dict[str, Any], str]] = field(default_factory=list)
    visibilities: list[Visibility] = field(default_factory=list)

    def seen_on(self, day: date) -> dict[str, Shown]:
        seen = {}
        for audience in self.registry.audiences:
            grant = self.registry.grant(self.name, audience, day)
            if grant is not None:
                visible = self._visible_to(audience, day)
                seen[audience] = Shown(self._rendition(grant, visible), grant.agreement,
                                        self._visibility(grant))
        return seen

    def _visible_to(self, audience: str, day: date) -> dict[str, Any]:
        """For each reference of the layer, the values that it may have for an audience."""
        fields = self.registry.layers[self.name].fields.values()
        return {reference: self.visible.values(reference, audience, day)
                for each in fields for reference in each.references}

    def _visibility(self, grant: Grant) -> Visibility:
        made = visibility(self.registry.layers[self.name], grant, self.area(grant.area.name) if grant.area else None,
                          self.registry.agreements.get(grant.agreement or ""))
        known = next((each for each in self.visibilities if each == made), None)
        if known is None:
            self.visibilities.append(made)
        return known or made

    def _rendition(self, grant: Grant, visible: dict[str, Any]) -> str:
        for other, rows, rendition in self.made:
            if other == grant and all(rows[reference].equals(values) for reference, values in visible.items()):
                return rendition
        rendition = self._write(grant, visible)
        self.made.append((grant, visible, rendition))
        return rendition

    def _write(self, grant: Grant, visible: dict[str, Any]) -> str:
        layer = self.registry.layers[self.name]
        protected = writing.ordered(protect(self.edition.curated, layer, grant, self.area, visible.__getitem__,
                                            self.together), self.registry.extent)
        with files.saying_why(f"rendering {self.name}", files.keeps(self.name)), self.store.making() as making:
            codes = occurring.places(protected, layer.class_field, self.registry.code_lists)
            tiled = tiling.features(self.name, protected, _tiles(layer, protected, codes), layer.class_field)
            tiles = Making(making, tiled, tiling.known(self.store, self.name)) if tiled else None
            rendition = writing.write(
                making, protected, lambda grid, lonlat: _describe(
                    self.registry, self.name, protected, grant, grid, lonlat), tiles)
            files.settle(making, self.store.rendition(self.name, rendition), "rendition.json")
        return rendition


def _describe(registry: Registry, name: str, protected: Protected, grant: Grant, grid: Box | None,
              lonlat: Box | None) -> Description:
    layer = registry.layers[name]
    temporal = _temporal(layer.temporal, protected)
    places = occurring.places(protected, layer.class_field, registry.code_lists)
    return Description(
        layer=name, title=layer.title, description=layer.description, keywords=layer.keywords,
        publisher=registry.publisher, steward=layer.steward, contact=registry.contact,
        licence=registry.licences[layer.licence], attribution=layer.attribution, cadence=layer.cadence,
        capture_scale=layer.capture_scale, source_name=layer.source_name, lineage=layer.lineage, notice=layer.notice,
        synthetic=layer.synthetic, geometry=protected.geometry, key=layer.key, temporal=temporal,
        display=layer.display if layer.display in protected.fields else None,
        class_field=layer.class_field if layer.class_field in protected.fields else None, map=layer.map,
        class_places=places, symbols=layer.symbols.left(protected.fields, layer.class_field, places),
        tiles=_tiles(layer, protected, places),
        names=tuple(left for named in layer.names if (left := named.left(protected.fields))),
        series=layer.series.left(protected.fields) if layer.series else None, fields=protected.fields,
        code_lists=occurring.occurring(protected, registry.code_lists),
        held_back=told(layer, grant), downloads=grant.downloads, count=len(protected.table),
        extent=grid, extent_crs84=lonlat, interval=interval(protected.table, temporal),
    )


def _tiles(layer: Layer, protected: Protected, codes: Collection[str]) -> Tiling | None:
    """What the grant leaves of the declared tiles; None where there is nothing to draw."""
    if layer.tiles is None or protected.shapes is None:
        return None
    # A code's words are in the key: tiles do not carry them once more.
    return layer.tiles.left([name for name in layer.fields if name in protected.fields], layer.class_field, codes)


def _temporal(declared: Temporal | None, protected: Protected) -> Temporal | None:
    """The declared fields as far as they are granted; else the only date that there is: clients ask by it."""
    if declared and declared.start in protected.fields:
        return declared if declared.end in protected.fields else Temporal(start=declared.start)
    dates = [name for name, field in protected.fields.items() if field.type in (FieldType.DATE, FieldType.DATETIME)]
    return Temporal(start=dates[0]) if len(dates) == 1 else None


def interval(table: Any, temporal: Temporal | None) -> tuple[str | None, str | None] | None:
    """First and last date of the temporal fields as texts, None for an open end; None without such fields."""
    if temporal is None:
        return None
    first = pc.min(table[temporal.start])
    last = pc.max(table[temporal.end or temporal.start])
    # A period without an end has not ended.
    open_end = temporal.end is not None and table[temporal.end].null_count > 0
    return _written(first), None if open_end else _written(last)


def _written(value: Any) -> str | None:
    plain = value.as_py()
    return None if plain is None else plain.isoformat().replace("+00:00", "Z")


