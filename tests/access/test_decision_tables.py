"""What each audience may have of each layer, held against tables that were written from the brief, not the registry.

The tables are the YAML files beside this one: a layer, and rows that say for whom (`who`, names of `groups.yaml` too)
what is expected. What a row does not say is the plain case: all rows, exact geometry, exact counts, downloads, no end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from hantsmap.access import Grant, as_text, grant_for, narrowings
from hantsmap.registry import Registry, read
from hantsmap.store import Store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GROUPS: dict[str, list[str]] = yaml.safe_load((HERE / "groups.yaml").read_text(encoding="utf-8"))
SAYS = {
    "who",
    "absent",
    "fields",
    "never",
    "rows",
    "without",
    "area",
    "until",
    "detail",
    "source",
    "counts",
    "count",
    "downloads",
}


@dataclass(frozen=True)
class Case:
    """What one audience may have of one layer."""

    layer: str
    audience: str
    expected: dict[str, Any]

    def __str__(self) -> str:
        """The case as a sentence."""
        says = self.expected
        if says.get("absent"):
            return f"for {self.audience} there is no {self.layer}"
        fields = says["fields"] if isinstance(says["fields"], (int, str)) else len(says["fields"])
        parts = [f"{self.audience} may have {fields} fields of {self.layer}"]
        parts += [f"of {' and '.join(says['rows'])} as told"] if "rows" in says else []
        parts += [f"in {says['area']}"] if "area" in says else []
        parts += [f"as {says['detail']}"] if "detail" in says else []
        parts += [f"on its {says['source']} line"] if "source" in says else []
        parts += [f"until {says['until']}"] if "until" in says else []
        return ", ".join(parts)


def tables() -> Iterator[Case]:
    """Every row of every table, once for each audience that it names."""
    for path in sorted(HERE.glob("*.yaml")):
        if path.stem != "groups":
            for layer, rows in yaml.safe_load(path.read_text(encoding="utf-8")).items():
                for row in rows:
                    assert set(row) <= SAYS, (path.name, layer, set(row) - SAYS)
                    who = [audience for name in row["who"] for audience in GROUPS.get(name, [name])]
                    yield from (Case(layer, audience, row) for audience in who)


CASES = list(tables())
PRESENT = [case for case in CASES if not case.expected.get("absent")]


@cache
def registry() -> Registry:
    """`layers.yaml`, read."""
    return read(ROOT / "layers.yaml")


def granted(case: Case) -> Grant | None:
    """The nearest grant on the way from the case's audience to the root."""
    return registry().grant(case.layer, case.audience)


def grant_of(case: Case) -> Grant:
    """The grant that a case expects to be there."""
    grant = granted(case)
    assert grant is not None, f"{case.audience} has no grant on {case.layer}"
    return grant


def names(case: Case) -> tuple[str, ...]:
    """The fields that the case's audience is granted."""
    return grant_of(case).field_names(tuple(registry().layers[case.layer].fields))


def plain(rows: Any) -> dict[str, set[str]]:
    """A row filter as sets of texts, so that order says nothing."""
    return {name: {as_text(value) for value in values} for name, values in rows.items()}


def test_the_tables_cover_every_layer_and_audience_once() -> None:
    """No pair of layer and audience is without a decision, and none has two."""
    told = [(case.layer, case.audience) for case in CASES]
    assert sorted(told) == sorted((layer, who) for layer in registry().layers for who in registry().audiences)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_there_or_it_is_not(case: Case) -> None:
    """A layer exists for an audience only where the table says so."""
    assert (granted(case) is None) is bool(case.expected.get("absent"))


@pytest.mark.parametrize("case", PRESENT, ids=str)
def test_fields_are_those_of_the_table(case: Case) -> None:
    """An audience has as many fields as the table says, or just those, and never those that it forbids."""
    says, every = case.expected["fields"], tuple(registry().layers[case.layer].fields)
    wanted = set(every) if says == "all" else set(says) if isinstance(says, list) else None
    assert set(names(case)) == wanted if wanted is not None else len(names(case)) == says
    never = set(case.expected.get("never", ()))
    assert never <= set(every) and not never & set(names(case))


@pytest.mark.parametrize("case", PRESENT, ids=str)
def test_rows_are_those_of_the_table(case: Case) -> None:
    """Rows are kept by the values and the area of the table, and the forbidden values are not among them."""
    grant = grant_of(case)
    assert plain(grant.rows) == plain(case.expected.get("rows", {}))
    for name, values in plain(case.expected.get("without", {})).items():
        assert not plain(grant.rows)[name] & values
    name, _, buffer = case.expected.get("area", "").partition(" + ")
    assert (grant.area.name, grant.area.buffer_m) == (name, float(buffer or 0)) if name else grant.area is None
    assert grant.until == case.expected.get("until")


@pytest.mark.parametrize("case", PRESENT, ids=str)
def test_geometry_and_downloads_are_those_of_the_table(case: Case) -> None:
    """Detail, and the open or the licensed line where there are two; downloads unless the table forbids them."""
    grant, two = grant_of(case), registry().layers[case.layer].open_geometry is not None
    assert grant.geometry.value == case.expected.get("detail", "exact")
    assert (grant.geometry_source if two else None) == case.expected.get("source")
    assert grant.downloads is case.expected.get("downloads", True)


@pytest.mark.parametrize("case", PRESENT, ids=str)
def test_counts_are_controlled_as_in_the_table(case: Case) -> None:
    """The threshold, the rounding, and how many counts each kind of area keeps."""
    counts, says = grant_of(case).counts, case.expected.get("counts")
    if says is None or counts is None:
        assert (counts is None) is (says is None)
        return
    assert counts.suppress_under == says["under"]
    assert {kind: len(counts.keep[kind]) for kind in says["kept"]} == says["kept"]
    integers = {name for name, field in registry().layers[case.layer].fields.items() if field.unit == "persons"}
    assert set(counts.fields) == integers
    assert counts.round_to == says["round"]


def test_grants_widen_on_every_path() -> None:
    """Nobody loses what a larger audience has: along each path of the tree nothing narrows."""
    audiences, lost = registry().audiences, []
    for name, layer in registry().layers.items():
        for audience, grant in layer.grants.items():
            above = audiences[audience].within
            parent = grant_for(audiences, layer.grants, above) if above else None
            phrases = narrowings(grant, parent, tuple(layer.fields)) if parent else []
            lost += [(name, audience, phrase) for phrase in phrases]
    assert lost == []


def test_no_grant_shows_where_a_refuge_is() -> None:
    """Rows with a secret place are in one layer only, which has neither places, nor addresses, nor names."""
    layer = registry().layers["services_without_place"]
    assert layer.geometry == "none"
    assert not {"name", "address", "town", "postcode", "uprn", "organisation"} & set(layer.fields)
    for grant in registry().layers["services"].grants.values():
        assert plain(grant.rows) == {"location_secret": {"false"}}


def test_everything_held_back_has_a_team_and_a_date() -> None:
    """Each reason has an owner that is a team and a review in 2027 or 2028."""
    for name, layer in registry().layers.items():
        for audience, grant in layer.grants.items():
            for held in grant.held_back:
                assert held.owner and held.review and held.review.year in (2027, 2028), (name, audience)
                assert "@" not in held.owner


@pytest.fixture(scope="session")
def shown(county_store: Path) -> dict[tuple[str, str], int]:
    """How many rows each audience is shown of each layer of the village county."""
    store, found = Store(county_store), {}
    for layer in store.layers():
        current = store.current(layer)
        for audience, rendition in (current.renditions if current else {}).items():
            record = json.loads((store.rendition(layer, rendition) / "rendition.json").read_text(encoding="utf-8"))
            found[layer, audience] = record["description"]["count"]
    return found


def test_no_count_of_an_msoa_is_left_out(county_store: Path) -> None:
    """MSOAs have no parent, because wards cut districts already: nothing of theirs may need to be protected by one."""
    store = Store(county_store)
    current = store.current("population_forecasts")
    assert current is not None
    for rendition in set(current.renditions.values()):
        path = store.rendition("population_forecasts", rendition) / "attributes.arrow"
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_file(file).read_all().to_pandas()
        if "suppressed" in table:
            assert not table.loc[table["geography"] == "MSOA", "suppressed"].any()
            # Control takes what is small, and not the table: the larger part of what a kind of area keeps is there.
            assert table.loc[table["geography"] == "ward", "m_30_34"].notna().all()
            assert table.loc[table["geography"] != "OA", "p_30_34"].notna().all()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_published_is_what_the_table_says(case: Case, shown: dict[tuple[str, str], int]) -> None:
    """In a store of the village county an audience has as many rows as the table says, or no rendition at all."""
    count = shown.get((case.layer, case.audience))
    assert (count is None) is bool(case.expected.get("absent"))
    if count is not None:
        assert count == case.expected.get("count", count) and count > 0
