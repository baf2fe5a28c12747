"""Two records of what an audience may see are compared: the wider one provably shows all that the other shows."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given

from hantsmap.access import Counts, Detail, Grant, Within
from hantsmap.agreements import Agreement
from hantsmap.curate import Curated
from hantsmap.layer import Field, FieldType, Layer, Source
from hantsmap.protect import protect
from hantsmap.visibility import Visibility, visibility

FIELDS = ("code", "state", "kind")
LAYER = Layer(title="Trees", description="", steward="", licence="", attribution="", cadence="", source_name="",
              lineage="", geometry="Point", key=("code",), source=Source(file="trees.csv"),
              grants={"public": Grant(fields=None)},
              fields={name: Field(type=FieldType.STRING, title=name) for name in FIELDS})
PLACES = (100.0, 950.0, 1_050.0, 5_000.0)
ROWS = [(state, kind, x) for state in ("open", "shut") for kind in ("oak", "elm") for x in PLACES]
CURATED = Curated(
    LAYER.fields, pa.table({"id": [f"t{n}" for n in range(len(ROWS))], "code": [f"t{n}" for n in range(len(ROWS))],
                            "state": [state for state, _, _ in ROWS], "kind": [kind for _, kind, _ in ROWS]}),
    np.array([shapely.Point(x, 100.0) for _, _, x in ROWS], dtype=object), ())
AREAS = {"west": shapely.box(0, 0, 1_000, 1_000), "all": shapely.box(0, 0, 9_000, 1_000)}
GRANTS = st.builds(
    Grant, fields=st.one_of(st.none(), st.lists(st.sampled_from(FIELDS), min_size=1, unique=True).map(tuple)),
    rows=st.fixed_dictionaries({}, optional={
        "state": st.lists(st.sampled_from(["open", "shut"]), min_size=1, unique=True).map(tuple),
        "kind": st.lists(st.sampled_from(["oak", "elm"]), min_size=1, unique=True).map(tuple)}),
    area=st.one_of(st.none(), st.builds(Within, name=st.sampled_from(sorted(AREAS)),
                                        buffer_m=st.sampled_from([0, 100]))),
    geometry=st.sampled_from([Detail.NONE, Detail.GRID_1000, Detail.EXACT]))


def seen(grant: Grant) -> Visibility:
    """What a grant on the trees lets an audience see."""
    return visibility(LAYER, grant, AREAS[grant.area.name] if grant.area else None)


def shown(grant: Grant) -> tuple[set[str], set[str], float]:
    """What protect leaves: ids, fields, and the size of what a place is shown as (0 a point, infinite without)."""
    left = protect(CURATED, LAYER, grant, AREAS.__getitem__)
    size = float("inf") if left.shapes is None else max((shape.area for shape in left.shapes), default=0.0)
    return set(left.table["id"].to_pylist()), set(left.fields), size


@given(GRANTS, GRANTS)
def test_what_is_contained_shows_no_more(newer: Grant, older: Grant) -> None:
    """By protect, which knows nothing of the comparison: every row, field and place shown under a contained record is
    shown under the other too. Each record contains itself, also after it was written and read."""
    wide, narrow = seen(newer), seen(older)
    assert wide.contains(wide) and Visibility.model_validate_json(wide.model_dump_json()) == wide
    if wide.contains(narrow):
        (ids, fields, size), (older_ids, older_fields, older_size) = shown(newer), shown(older)
        assert older_ids <= ids and older_fields <= fields
        assert not (ids and older_ids) or size <= older_size


BASE: dict[str, Any] = {"fields": ("code", "state"), "rows": {"state": ("open",)}, "geometry": "grid:1000"}
COUNTS = Counts(fields=("kind",))


@pytest.mark.parametrize(("newer", "contained"), [
    (BASE, True), ({**BASE, "fields": None}, True), ({**BASE, "fields": ("code",)}, False),
    ({**BASE, "rows": {}}, True), ({**BASE, "rows": {"state": ("shut", "open")}}, True),
    ({**BASE, "rows": {"state": ("shut",)}}, False), ({**BASE, "rows": {"state": ("open",), "kind": ("oak",)}}, False),
    ({**BASE, "geometry": "exact"}, True), ({**BASE, "geometry": "grid:10000"}, False),
    ({**BASE, "area": {"name": "all"}}, False), ({**BASE, "counts": COUNTS}, False),
    ({**BASE, "agreement": "terms"}, False), ({**BASE, "downloads": False}, True),
])
def test_one_change_at_a_time(newer: dict[str, Any], contained: bool) -> None:
    """Of an audience with two fields, open rows and squares of 1 km: which new grants let its history go on."""
    assert seen(Grant.model_validate(newer)).contains(seen(Grant.model_validate(BASE))) is contained


def test_what_stands_beside_the_grant() -> None:
    """Another boundary of the same area, another key, another text of an agreement, and a setting of a field that is
    not a description of it, are not contained in one another; a new title is no change."""
    inside = Grant(fields=None, area=Within(name="west"))
    assert not visibility(LAYER, inside, AREAS["all"]).contains(visibility(LAYER, inside, AREAS["west"]))
    for other in ({"key": ("code", "state")}, {"geometry": "none"},
                  {"fields": {**LAYER.fields, "kind": Field(type=FieldType.INTEGER, title="kind")}}):
        assert not visibility(LAYER.model_copy(update=other), Grant(fields=None)).contains(seen(Grant(fields=None)))
    titled = LAYER.model_copy(update={"fields": {**LAYER.fields, "kind": Field(type=FieldType.STRING, title="Kind")}})
    assert visibility(titled, Grant(fields=None)) == seen(Grant(fields=None))

    asked = Grant(fields=None, agreement="terms")
    one, two = (visibility(LAYER, asked, agreement=Agreement(
        title="Terms", version="1", purpose="To read the trees.", text=text)) for text in ("One.", "Two."))
    assert one.contains(one) and not two.contains(one)
