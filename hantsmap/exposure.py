"""What a change of the registry newly reveals, and to whom: counted on the current editions before it is published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap.access import PUBLIC, Grant
from hantsmap.editions import Edition, edition_of
from hantsmap.places import Gazetteer
from hantsmap.protect import Protected, protect
from hantsmap.registry import Registry
from hantsmap.store import Store, today


@dataclass(frozen=True, slots=True)
class Revealed:
    """What one audience would newly see of one layer. Counts are of the current edition; None where there is none.

    `cells` are values that are not null, of rows or fields that the audience does not see today.
    """

    layer: str
    audience: str
    fields: tuple[str, ...]
    rows: int | None
    cells: int | None
    geometry: str | None

    @property
    def to_public(self) -> bool:
        """Whether everybody would see it."""
        return self.audience == PUBLIC

    def __str__(self) -> str:
        said = []
        if self.fields:
            said.append(f"{len(self.fields)} field{'' if len(self.fields) == 1 else 's'} ({', '.join(self.fields)})")
        if self.rows:
            said.append(f"{self.rows:,} row{'' if self.rows == 1 else 's'}")
        if self.geometry:
            said.append(self.geometry)
        if self.cells:
            said.append(f"{self.cells:,} values in all")
        if self.rows is None:
            said.append("not counted: the layer has no edition in this store")
        return f"{self.layer} to {self.audience}: {'; '.join(said)}"


def exposure(old: Registry, new: Registry, store: Store, gazetteers: tuple[Gazetteer, Gazetteer]) -> list[Revealed]:
    """All that `new` reveals and `old` does not, layer by layer and audience by audience, in the registry's order."""
    return [found for layer in new.layers for found in _of_layer(old, new, store, gazetteers, layer)]


def _of_layer(
    old: Registry, new: Registry, store: Store, gazetteers: tuple[Gazetteer, Gazetteer], layer: str
) -> Iterator[Revealed]:
    current = store.current(layer)
    edition = edition_of(store, layer, current.edition) if current and current.edition else None
    for audience in new.audiences:
        after = new.grant(layer, audience, today())
        before = old.grant(layer, audience, today()) if layer in old.layers and audience in old.audiences else None
        same = after == before and old.layers[layer].fields == new.layers[layer].fields
        if after is None or (same and _reach(old, layer, audience) == _reach(new, layer, audience)):
            continue
        found = _compare(old, new, store, edition, gazetteers, layer, audience, before, after)
        if found is not None:
            yield found


def _reach(registry: Registry, layer: str, audience: str) -> list[tuple[str, Grant | None]]:
    """The grants of an audience on the layers that a layer refers to, and on those that these refer to."""
    named = registry.layers[layer].referenced if layer in registry.layers else ()
    return [step for name in named
            for step in ((name, registry.grant(name, audience, today())), *_reach(registry, name, audience))]


def _visible(registry: Registry, store: Store, gazetteer: Gazetteer, audience: str) -> Callable[[str], pa.Array]:
    """Gives the values of rows that an audience sees of a referenced layer, worked out from its current edition."""

    def values(reference: str) -> pa.Array:
        layer, _, named = reference.partition(".")
        grant, current = registry.grant(layer, audience, today()), store.current(layer)
        edition = edition_of(store, layer, current.edition) if current and current.edition else None
        if grant is None or edition is None:
            return pa.array([], pa.large_string())
        shown = protect(edition.curated, registry.layers[layer], grant, gazetteer.area, values)
        named = named or registry.layers[layer].key[0]
        there = shown.table[named] if named in shown.fields else pa.array([], pa.string())
        return pc.unique(pc.cast(there, pa.large_string()))

    return values


def _compare(
    old: Registry, new: Registry, store: Store, edition: Edition | None, gazetteers: tuple[Gazetteer, Gazetteer],
    layer: str, audience: str, before: Grant | None, after: Grant,
) -> Revealed | None:
    every, known = tuple(new.layers[layer].fields), tuple(old.layers[layer].fields) if layer in old.layers else ()
    had = set(before.field_names(known)) if before else set()
    fields = tuple(name for name in after.field_names(every) if name not in had)
    sharper = _sharper(before, after)
    if edition is None:
        return Revealed(layer, audience, fields, None, None, sharper)
    shown = protect(edition.curated, new.layers[layer], after, gazetteers[1].area,
                    _visible(new, store, gazetteers[1], audience))
    hidden = protect(edition.curated, old.layers[layer], before, gazetteers[0].area,
                     _visible(old, store, gazetteers[0], audience)) if before else None
    rows, cells, moved = _counted(hidden, shown)
    sharper = sharper or (f"other geometry of {moved:,} rows" if moved else None)
    if not (fields or rows or cells or sharper):
        return None
    return Revealed(layer, audience, fields, rows, cells, sharper)


def _sharper(before: Grant | None, after: Grant) -> str | None:
    if before is None:
        return None
    if after.geometry.rank > before.geometry.rank:
        return f"geometry {after.geometry.value} instead of {before.geometry.value}"
    return "the licensed line" if after.geometry_source == "licensed" != before.geometry_source else None


def _counted(before: Protected | None, after: Protected) -> tuple[int, int, int]:
    """Rows, values and geometries that are in `after` and not in `before`, compared by id."""
    ids = after.table["id"]
    if before is None:
        values = sum(len(column) - column.null_count for column in after.table.columns)
        return len(ids), values - len(ids), 0
    at = pc.index_in(ids, value_set=before.table["id"].combine_chunks())
    rows = at.null_count
    cells = 0
    for name in after.fields:
        now = after.table[name]
        if name not in before.fields:
            cells += len(now) - now.null_count
            continue
        then = before.table[name].take(at)
        cells += pc.sum(pc.and_(pc.is_valid(now), _differs(now, then))).as_py() or 0
    return rows, cells, _moved(before, after, at)


def _differs(now: Any, then: Any) -> Any:
    if pa.types.is_list(now.type):
        return pa.array([a != b for a, b in zip(now.to_pylist(), then.to_pylist(), strict=True)], pa.bool_())
    return pc.fill_null(pc.not_equal(now, then), True)


def _moved(before: Protected, after: Protected, at: Any) -> int:
    if before.shapes is None or after.shapes is None:
        return 0 if after.shapes is None else len(after.shapes) - at.null_count
    there = at.to_numpy(zero_copy_only=False)
    both = [row for row, position in enumerate(there) if position == position]
    was = before.shapes[[int(there[row]) for row in both]]
    return int((~shapely.equals_exact(after.shapes[both], was)).sum())
