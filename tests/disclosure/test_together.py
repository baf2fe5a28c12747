"""Two audiences put their tables together: what is suppressed for one is suppressed for the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hierarchies import FIELDS, KEEP, counties, declared, table
from hypothesis import given, settings

from hantsmap.access import Grant
from hantsmap.disclosure import Together, control, exposed
from hantsmap.errors import BlockedError

LEVELS = {"public": ["MSOA"], "parties": ["LSOA", "MSOA"], "partners": ["OA", "LSOA", "MSOA"]}


def grant(*levels: str, **more: Any) -> Grant:
    """A grant of rows of some levels, with the rule of the invented counties."""
    return Grant(fields=None, rows={"level": levels}, counts=declared(by="level", keep=KEEP, **more))


def together(county: pa.Table, grants: dict[str, Grant]) -> Together:
    """The counts of a county for several grants."""
    return Together.of(county, grants.values(), lambda one: pc.is_in(
        county["level"], value_set=pa.array(one.rows["level"])).to_numpy())


def shown(published: pa.Table) -> dict[tuple[str, int, str], Any]:
    """(area, year, name) -> the count that is shown, or None."""
    return {(row["area"], row["year"], name): row[name] for row in published.to_pylist() for name in FIELDS}


@given(counties())
@settings(max_examples=60, deadline=None)
def test_no_two_audiences_see_what_one_of_them_has_suppressed(county: pa.Table) -> None:
    """A cell that both publish is shown to both or to none, whoever of the three puts their tables together; and the
    union of all three tables withstands the attacker."""
    grants = {name: grant(*levels, round_to=10 if name == "public" else 5) for name, levels in LEVELS.items()}
    made = together(county, grants)
    tables = {name: shown(made.controlled(one)) for name, one in grants.items()}
    for less, more in (("public", "parties"), ("public", "partners"), ("parties", "partners")):
        differ = [cell for cell, value in tables[less].items()
                  if (value is None) != (tables[more][cell] is None)]
        assert not differ, (less, more, differ)
    made.check()
    assert not exposed(county, made.controlled(grants["partners"]), grants["partners"].counts or declared())


@given(counties())
@settings(max_examples=30, deadline=None)
def test_who_sees_less_is_decided_without_the_rest(county: pa.Table) -> None:
    """What is hidden from an audience cannot change its table: it is that which it would have alone."""
    grants = {name: grant(*levels) for name, levels in LEVELS.items()}
    mine = together(county, grants).controlled(grants["public"])
    alone = county.filter(pc.equal(county["level"], "MSOA"))
    assert mine.equals(control(alone, grants["public"].counts or declared()))


def test_separate_choices_would_tell() -> None:
    """Here each table by itself suppresses another cell beside the small one: together the two show all of them."""
    base = {"year": 2023, "women": None, "young_f": None, "young_m": None, "old_f": None, "old_m": None}
    rows = [{**base, "area": "M", "parent": None, "level": "MSOA", "persons": 105, "young": 45, "old": 60},
            {**base, "area": "L1", "parent": "M", "level": "LSOA", "persons": 50, "young": 5, "old": 45},
            {**base, "area": "L2", "parent": "M", "level": "LSOA", "persons": 55, "young": 40, "old": 15}]
    county, fields = table(rows), ("persons", "young", "old")
    rule = {"fields": fields, "sums": {"persons": ("young", "old")}, "keep": {}, "by": None}
    one = Grant(fields=None, rows={"level": ("LSOA",)}, counts=declared(**rule))
    other = Grant(fields=None, rows={"level": ("LSOA", "MSOA")}, counts=declared(**rule))
    made = together(county, {"one": one, "other": other})
    first, second = shown(made.controlled(one)), shown(made.controlled(other))
    assert {cell for cell in first if first[cell] is None and cell[2] in fields} == {
        cell for cell in second if second[cell] is None and cell[0] != "M" and cell[2] in fields}


def test_grants_of_which_neither_sees_all_are_refused_where_they_differ() -> None:
    """The choice for each depends on rows that the other does not see: the layer is blocked, and it is said why."""
    base = {"year": 2023, "women": None, "young_f": None, "young_m": None, "old_f": None, "old_m": None,
            "level": "LSOA", "young": None, "old": None}
    rows = [{**base, "area": "M", "parent": None, "persons": 165}, {**base, "area": "A", "parent": "M", "persons": 5},
            {**base, "area": "B", "parent": "M", "persons": 60}, {**base, "area": "C", "parent": "M", "persons": 100}]
    county = table(rows)
    rule = declared(fields=("persons",), sums={})
    keeps = {"one": ("M", "A", "B"), "other": ("M", "B", "C")}
    grants = {name: Grant(fields=None, rows={"area": areas}, counts=rule) for name, areas in keeps.items()}
    made = Together.of(county, grants.values(), lambda one: np.isin(county["area"].to_pylist(), one.rows["area"]))
    with pytest.raises(BlockedError, match="Two audiences together would see 1 counts"):
        made.check()
    keeps["other"] = ("M", "A", "B", "C")
    grants["other"] = Grant(fields=None, rows={"area": keeps["other"]}, counts=rule)
    Together.of(county, grants.values(), lambda one: np.isin(county["area"].to_pylist(), one.rows["area"])).check()
