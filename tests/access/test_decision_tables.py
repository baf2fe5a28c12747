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
LAYERS = sorted({case.layer for case in CASES})


@cache
def registry() -> Registry:
    """`layers.yaml`, read."""
    return read(ROOT / "layers.yaml")


def plain(rows: Any) -> dict[str, set[str]]:
    """A row filter as sets of texts, so that order makes no difference."""
    return {name: {as_text(value) for value in values} for name, values in rows.items()}


def wrong_fields(case: Case, grant: Grant) -> Iterator[str]:
    """Where the fields differ from those of the table, or hold one that it forbids."""
    says, every = case.expected["fields"], tuple(registry().layers[case.layer].fields)
    names = set(grant.field_names(every))
    expected = set(every) if says == "all" else set(says) if isinstance(says, list) else None
    if (names != expected) if expected is not None else (len(names) != says):
        yield f"fields {sorted(names)}, not {says}"
    never = set(case.expected.get("never", ()))
    if not never <= set(every) or never & names:
        yield f"forbidden fields {sorted(never & names)} are granted, or {sorted(never - set(every))} do not exist"


def wrong_rows(case: Case, grant: Grant) -> Iterator[str]:
    """Where the values, the area or the last day differ from the table."""
    if plain(grant.rows) != plain(case.expected.get("rows", {})):
        yield f"rows {plain(grant.rows)}"
    for name, values in plain(case.expected.get("without", {})).items():
        if plain(grant.rows)[name] & values:
            yield f"rows of {name} hold {sorted(plain(grant.rows)[name] & values)}"
    name, _, buffer = case.expected.get("area", "").partition(" + ")
    area = (grant.area.name, grant.area.buffer_m) if grant.area else None
    if area != ((name, float(buffer or 0)) if name else None):
        yield f"area {area}"
    if grant.until != case.expected.get("until"):
        yield f"until {grant.until}"


def wrong_geometry(case: Case, grant: Grant) -> Iterator[str]:
    """Where the detail, the choice of the open or the licensed line, or downloads differ from the table."""
    two_lines = registry().layers[case.layer].open_geometry is not None
    if grant.geometry.value != case.expected.get("detail", "exact"):
        yield f"geometry {grant.geometry.value}"
    if (grant.geometry_source if two_lines else None) != case.expected.get("source"):
        yield f"geometry source {grant.geometry_source}"
    if grant.downloads is not case.expected.get("downloads", True):
        yield f"downloads {grant.downloads}"


def wrong_counts(case: Case, grant: Grant) -> Iterator[str]:
    """Where the threshold, the rounding, or the number of counts that each kind of area keeps differ from the table."""
    counts, says = grant.counts, case.expected.get("counts")
    if says is None or counts is None:
        if (counts is None) is not (says is None):
            yield f"counts {counts}"
        return
    integers = {name for name, field in registry().layers[case.layer].fields.items()
                if field.unit == "persons" or field.count}
    kept = {kind: len(counts.keep[kind]) for kind in says["kept"]}
    if (counts.suppress_under, counts.round_to, kept) != (says["under"], says["round"], says["kept"]):
        yield f"counts under {counts.suppress_under}, rounded to {counts.round_to}, kept {kept}"
    if set(counts.fields) != integers:
        yield f"counts control {sorted(counts.fields)}, not {sorted(integers)}"


def wrong(case: Case, published: int | None) -> Iterator[str]:
    """Each difference between the table and what the registry grants and the store holds, as a sentence."""
    grant, absent = registry().grant(case.layer, case.audience), bool(case.expected.get("absent"))
    if (grant is None) is not absent or (published is None) is not absent:
        yield f"granted {grant is not None}, published {published is not None}, expected {not absent}"
    elif grant is not None and published is not None:
        if published != case.expected.get("count", published) or published <= 0:
            yield f"{published} rows are published"
        for check in (wrong_fields, wrong_rows, wrong_geometry, wrong_counts):
            yield from check(case, grant)


def test_the_tables_cover_every_layer_and_audience_once() -> None:
    """Each pair of layer and audience has one decision."""
    pairs = [(case.layer, case.audience) for case in CASES]
    assert sorted(pairs) == sorted((layer, who) for layer in registry().layers for who in registry().audiences)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_audience_has_what_the_table_says(layer: str, published: dict[tuple[str, str], int]) -> None:
    """Fields, rows, geometry, counts, downloads and published rows are those of the table, for every audience."""
    cases = [case for case in CASES if case.layer == layer]
    assert [f"{case}: {each}" for case in cases for each in wrong(case, published.get((layer, case.audience)))] == []


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
def published(county_store: Path) -> dict[tuple[str, str], int]:
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
