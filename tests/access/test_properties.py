"""The ladder of access as properties: default deny, order is nothing, wider sees no less, nothing shown ungranted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.access import Audience, Detail, Grant, as_text, grant_for, narrowings, path_to_root
from hantsmap.curate import Curated
from hantsmap.layer import Layer
from hantsmap.protect import protect

FIELDS = ("code", "kind", "size", "open", "note")
VALUES: Mapping[str, tuple[Any, ...]] = {"kind": ("O", "B", "X"), "size": (1, 2, 3), "open": (True, False)}
LAYER = Layer.model_validate({
    "title": "Trees", "description": "Trees.", "steward": "Tester", "licence": "ogl", "attribution": "None",
    "cadence": "Never", "source_name": "Tests", "lineage": "Made up.", "geometry": "LineString", "key": "code",
    "source": {"file": "trees.csv"}, "grants": {"public": {"fields": "all"}},
    "fields": {name: {"type": kind, "title": name} for name, kind in zip(
        FIELDS, ("string", "string", "integer", "boolean", "string"), strict=True)},
})  # fmt: skip

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
fields = st.one_of(st.just("all"), st.lists(st.sampled_from(FIELDS[1:]), unique=True).map(lambda some: ["code", *some]))
rows = st.fixed_dictionaries({}, optional={
    name: st.lists(st.sampled_from(values), unique_by=as_text, min_size=1) for name, values in VALUES.items()})
grants = st.builds(lambda fields, rows, geometry: Grant(fields=fields, rows=rows, geometry=geometry),
                   fields, rows, st.sampled_from(list(Detail)))
features = st.lists(st.fixed_dictionaries({
    "kind": st.sampled_from([*VALUES["kind"], None]), "size": st.sampled_from([*VALUES["size"], None]),
    "open": st.sampled_from([True, False, None]), "note": st.text("ab", max_size=2),
    "at": st.tuples(st.integers(430000, 431500), st.integers(110000, 111500)),
    "to": st.tuples(st.integers(-900, 900), st.integers(1, 900))}), max_size=6)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Audience]:
    """Audiences that form a tree with `public` at its root."""
    found = {"public": Audience(title="Everybody")}
    for name in draw(st.lists(names, unique=True, max_size=6)):
        found[name] = Audience(title=name, within=draw(st.sampled_from(list(found))))
    return found


def curated(drawn: list[dict[str, Any]]) -> Curated:
    """A curated layer of the features drawn."""
    codes = [f"t{number}" for number in range(len(drawn))]
    columns = {"id": codes, "code": codes} | {name: [row[name] for row in drawn] for name in FIELDS[1:]}
    types = [pa.string(), pa.string(), pa.string(), pa.int64(), pa.bool_(), pa.string()]
    shapes = np.array([shapely.LineString([row["at"], np.add(row["at"], row["to"])]) for row in drawn], dtype=object)
    typed = zip(columns.items(), types, strict=True)
    table = pa.table({name: pa.array(values, kind) for (name, values), kind in typed})
    return Curated(LAYER.fields, table, shapes, ())


def cells(shown: Any) -> dict[str, dict[str, Any]]:
    """What is shown: id -> field -> value."""
    return {row["id"]: {name: row[name] for name in shown.fields} for row in shown.table.to_pylist()}


@given(trees(), st.dictionaries(names, grants), st.text(max_size=8))
def test_default_is_nothing(audiences: dict[str, Audience], given_to: dict[str, Grant], stranger: str) -> None:
    """Who is in no audience, or has no grant on the way to the root, gets no grant: the layer does not exist."""
    for name in [*audiences, stranger, "", "root", "PUBLIC"]:
        found = grant_for(audiences, given_to, name)
        above = list(path_to_root(audiences, name))
        assert (found is None) == (not set(above) & set(given_to))
        assert above == [] or name in audiences
    assert grant_for(audiences, {}, "public") is None


@given(trees(), st.dictionaries(st.one_of(names, st.just("public")), grants), st.randoms())
def test_order_is_nothing(audiences: dict[str, Audience], given_to: dict[str, Grant], chance: random.Random) -> None:
    """Audiences and grants written in another order give every audience the same grant."""
    def shuffled(entries: dict[str, Any]) -> dict[str, Any]:
        return dict(chance.sample(list(entries.items()), len(entries)))

    for name in audiences:
        assert grant_for(audiences, given_to, name) == grant_for(shuffled(audiences), shuffled(given_to), name)


@given(st.dictionaries(names, st.builds(Audience, title=st.just("x"), within=st.one_of(st.none(), names))), names)
def test_rings_and_unknown_words_end(audiences: dict[str, Audience], name: str) -> None:
    """A ring of audiences, or one within nobody, ends: each is passed once, and what is unknown gives nothing more."""
    path = list(path_to_root(audiences, name))
    assert len(path) == len(set(path)) <= len(audiences) and set(path) <= set(audiences)


@settings(max_examples=examples(150), deadline=None)
@given(grants, grants, features)
def test_wider_sees_no_less(child: Grant, parent: Grant, drawn: list[dict[str, Any]]) -> None:
    """Where no narrowing is reported, the child sees every row, field, value and place that its parent sees."""
    if narrowings(child, parent, FIELDS):
        return
    layer = curated(drawn)
    wide, narrow = protect(layer, LAYER, child), protect(layer, LAYER, parent)
    seen, before = cells(wide), cells(narrow)
    assert before.keys() <= seen.keys()
    assert all(before[row].items() <= seen[row].items() for row in before)
    if narrow.shapes is not None:
        assert wide.shapes is not None
        at = dict(zip(wide.table["id"].to_pylist(), wide.shapes, strict=True))
        for row, shape in zip(narrow.table["id"].to_pylist(), narrow.shapes, strict=True):
            assert shape.equals(at[row]) or shape.covers(at[row]), "a finer place lies within the coarser one"


@settings(max_examples=examples(150), deadline=None)
@given(grants, grants, features)
def test_narrowing_is_reported(child: Grant, parent: Grant, drawn: list[dict[str, Any]]) -> None:
    """Whenever a child would see less than its parent, that is reported."""
    layer = curated(drawn)
    seen, before = cells(protect(layer, LAYER, child)), cells(protect(layer, LAYER, parent))
    if any(row not in seen or not before[row].items() <= seen[row].items() for row in before):
        assert narrowings(child, parent, FIELDS)


@settings(max_examples=examples(150), deadline=None)
@given(trees(), st.dictionaries(st.one_of(names, st.just("public")), grants), features)
def test_nothing_is_shown_that_no_grant_shows(
    audiences: dict[str, Audience], given_to: dict[str, Grant], drawn: list[dict[str, Any]]
) -> None:
    """Each cell and each place that an audience sees is one that its nearest grant gives, and all of those it sees."""
    layer = curated(drawn)
    for name in audiences:
        nearest = next((given_to[step] for step in path_to_root(audiences, name) if step in given_to), None)
        if nearest is None:
            continue
        shown = protect(layer, LAYER, nearest)
        granted = set(FIELDS if nearest.fields is None else nearest.fields)
        kept = {f"t{number}": row for number, row in enumerate(drawn) if all(
            row[field] in values for field, values in nearest.rows.items())}
        assert set(shown.fields) == granted and set(shown.table.column_names) == granted | {"id"}
        assert cells(shown) == {row: {field: (kept[row] | {"code": row})[field] for field in granted} for row in kept}
        if nearest.geometry is Detail.NONE:
            assert shown.shapes is None and shown.geometry == "none"
        elif nearest.geometry.square:
            corners = shapely.get_coordinates(shown.shapes)
            assert (corners % nearest.geometry.square == 0).all(), "nothing finer than the grid is left"


@given(grants)
def test_a_grant_contains_itself(grant: Grant) -> None:
    """A grant never narrows itself, and `all` contains every other choice of fields."""
    assert narrowings(grant, grant, FIELDS) == []
    assert not any("fields" in phrase for phrase in narrowings(Grant(fields="all"), grant, FIELDS))
