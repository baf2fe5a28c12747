"""Stores that hold one audience's data and nothing else: what a server over them answers, is all that it may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap.access import Grant
from hantsmap.curate import Curated
from hantsmap.editions import edition_of
from hantsmap.places import Gazetteer
from hantsmap.protect import Protected, protect
from hantsmap.registry import Registry, read
from hantsmap.rendition import Description, Rendition, tiling, writing
from hantsmap.rendition.visible import VisibleRows
from hantsmap.store import Promotion, Store, files, today
from hantsmap.tiles import Making

MEASURED = ("count", "extent", "extent_crs84", "interval", "fields", "code_lists")


@dataclass(repr=False)
class County:
    """The full county: its registry, its store, and what each audience may have of it."""

    file: Path
    data: Path
    store: Store
    lone: Path
    _protected: dict[tuple[str, str], Protected] = field(default_factory=dict)
    _curated: dict[str, Curated] = field(default_factory=dict)

    @cached_property
    def registry(self) -> Registry:
        """The registry that the store was published under."""
        return read(self.file)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Areas that grants name."""
        return Gazetteer(self.registry.areas, self.registry.extent, self.data, self.store.root / "cache")

    def grant(self, layer: str, audience: str) -> Grant | None:
        """What an audience is granted of a layer today."""
        return self.registry.grant(layer, audience, today())

    def layers_of(self, audience: str) -> list[str]:
        """Layers that exist for an audience."""
        return [name for name in sorted(self.registry.layers) if self.grant(name, audience)]

    def curated(self, layer: str) -> Curated:
        """Everything that there is of a layer."""
        if layer not in self._curated:
            current = self.store.current(layer)
            made = edition_of(self.store, layer, (current and current.edition) or "")
            assert made is not None
            self._curated[layer] = replace(made.curated, table=_as_curated(made.curated.table))
        return self._curated[layer]

    def protected(self, layer: str, audience: str) -> Protected:
        """What an audience may have of a layer, in the order of the edition."""
        key = layer, self.rendition(layer, audience)
        if key not in self._protected:
            grant = self.grant(layer, audience)
            assert grant is not None
            self._protected[key] = protect(self.curated(layer), self.registry.layers[layer], grant, self.gazetteer.area,
                                           self.visible(audience))
        return self._protected[key]

    def visible(self, audience: str) -> Callable[[str], pa.Array]:
        """Gives the values that references of an audience's layers may have."""
        rows = VisibleRows(self.store, self.registry.layers)
        return lambda reference: rows.values(reference, audience, today())

    def rendition(self, layer: str, audience: str) -> str:
        """Id of the rendition that the full store has for an audience."""
        current = self.store.current(layer)
        assert current is not None
        return current.seen(today())[audience]

    def alone(self, layer: str, audience: str) -> str:
        """The rendition made again from what the audience may have, with nothing else at hand; its id."""
        theirs = self.rendition(layer, audience)
        place = self.lone / "renditions" / layer
        known = place / f"as-{theirs}"
        if not known.exists():
            protected = self.protected(layer, audience)
            place.mkdir(parents=True, exist_ok=True)
            making = place / f"making-{theirs}"
            making.mkdir()
            words = Rendition(self.store.rendition(layer, theirs)).description
            ordered = writing.ordered(protected, self.registry.extent)
            drawn = tiling.features(layer, ordered, words.tiles, words.class_field)
            made = writing.write(making, ordered, lambda grid, lonlat: measured(words, protected, grid, lonlat),
                                 Making(making, drawn, lambda key: None) if drawn else None)
            making.rename(place / made)
            known.write_text(made)
        return known.read_text()

    def store_of(self, audience: str) -> Path:
        """A store of one audience's data: each layer has one rendition and one promotion, with the same time."""
        root = self.lone / "stores" / audience
        store = Store(root)
        with store.publishing():
            store.keep_site(self.store.site())
            for layer in self.layers_of(audience):
                made = self.alone(layer, audience)
                place = store.rendition(layer, made)
                place.parent.mkdir(parents=True)
                place.symlink_to(self.lone / "renditions" / layer / made)
                _promote(store, layer, audience, made, self._current(layer))
        return root

    def _current(self, layer: str) -> Promotion:
        current = self.store.current(layer)
        assert current is not None
        return current


def _as_curated(table: pa.Table) -> pa.Table:
    """Parquet calls the items of a list otherwise than arrow does."""
    for at, spec in enumerate(table.schema):
        if pa.types.is_list(spec.type):
            table = table.set_column(at, spec.name, table[spec.name].cast(pa.list_(spec.type.value_type)))
    return table


def _promote(store: Store, layer: str, audience: str, made: str, current: Promotion) -> None:
    asked = {name: agreement for name, agreement in current.asked(today()).items() if name == audience}
    promotion = Promotion(layer=layer, sequence=1, action="published", made_at=current.made_at, edition=None,
                          renditions={audience: made}, agreements=asked, source_inputs="", grant_inputs="")
    folder = store.root / "promotions" / layer
    folder.mkdir(parents=True)
    files.write_record(folder / "00000001.json", promotion.model_dump(mode="json"))


def measured(words: Description, protected: Protected, grid: Any, lonlat: Any) -> Description:
    """The words of a description, with all that is measured in it measured again."""
    lists = {spec.codes: words.code_lists[spec.codes] for spec in protected.fields.values() if spec.codes}
    plain = {name: value for name, value in words if name not in MEASURED}
    return Description(**plain, count=len(protected.table), extent=grid, extent_crs84=lonlat, fields=protected.fields,
                       code_lists=lists, interval=_interval(words, protected.table))


def _interval(words: Description, table: pa.Table) -> Any:
    if words.temporal is None:
        return None
    ends = table[words.temporal.end or words.temporal.start].to_pylist()
    known = [each for each in ends if each is not None]
    starts = [each for each in table[words.temporal.start].to_pylist() if each is not None]
    is_open = words.temporal.end is not None and len(known) < len(ends)
    return (_text(min(starts)) if starts else None, None if is_open or not known else _text(max(known)))


def _text(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def without_what_is_hidden(curated: Curated, kept: Protected, grant: Grant) -> Curated:
    """A curated layer with its hidden rows gone, and its hidden fields emptied where no rule of the grant asks them."""
    rows = pc.index_in(kept.table["id"], value_set=curated.table["id"].combine_chunks())
    positions = np.sort(rows.to_numpy(zero_copy_only=False))
    table = curated.table.take(pa.array(positions))
    for name in table.column_names:
        if name not in kept.table.column_names and name not in grant.rows and not _counted(grant, name):
            at = table.column_names.index(name)
            table = table.set_column(at, table.schema.field(name), pa.nulls(len(table), table.schema.field(name).type))
    shapes = None if curated.shapes is None else curated.shapes[positions]
    lines = None if curated.open_shapes is None else curated.open_shapes[positions]
    if lines is not None and grant.geometry_source == "open" and grant.area is None:
        shapes = shapely.points(np.full((len(positions), 2), 400_000.0))
    return Curated(curated.fields, table, shapes, (), lines)


def _counted(grant: Grant, name: str) -> bool:
    counts = grant.counts
    return counts is not None and name in (*counts.fields, counts.by, counts.area, counts.parent, counts.period)


def seen_by(registry: Registry) -> Mapping[str, tuple[str, ...]]:
    """Names of all layers that each audience sees."""
    return {audience: tuple(name for name in registry.layers if registry.grant(name, audience, today()))
            for audience in registry.audiences}
