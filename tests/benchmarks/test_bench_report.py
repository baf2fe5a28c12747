"""Ratios, verdicts and tables say what was measured, and nothing that was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import report
from benchmarks.figures import best, figures, number
from benchmarks.growth import Grown
from benchmarks.layers import cut
from benchmarks.measure import Result
from benchmarks.memory import Kept
from benchmarks.peers.peer import Cannot
from benchmarks.publishing import Published
from benchmarks.results import Results, add, keep, kept
from benchmarks.starting import Started
from hantsmap.registry import read

ROOT = Path(__file__).parents[2]


def done(rate: float) -> Result:
    return Result(rate, rate * 1_000, 1_000 / rate, 3)


@pytest.fixture
def results() -> Results:
    """A run that reached some figures, missed some, and left some out."""
    return Results(
        "make bench", 1_000, "medians", "today", "abc", "a machine",
        peers={"ours": "HantsMap", "nginx": "nginx", "pygeoapi": "pygeoapi", "tipg": "tipg", "qgis": "QGIS Server",
               "mapserver": "MapServer"},
        versions={"HantsMap": "1"}, notes={"qgis": ("Six decimals.",)}, titles={"page": "page", "ten": "ten"},
        rates={"page": {"ours": done(3_000), "nginx": done(4_500), "pygeoapi": done(5), "tipg": done(20),
                        "qgis": Cannot("no page"), "mapserver": done(100)},
               "page+gzip": {"ours": done(700)},
               "ten": {"ours": done(9_000), "nginx": done(40_000)}, "unchanged": {"ours": done(13_500)}},
        published=[Published(120_000, 12.0, 2**30, 4.0, 2**29)],
        started=Started(20, 1.2, 0.8, ()), kept=[Kept(10_000, 100, 1, 5), Kept(1_000_000, 125, 9, 5)],
        grown=[Grown("page", {10_000: 3_100.0, 1_000_000: 2_900.0})])


def found(results: Results) -> dict[tuple[str, str], tuple[str, str]]:
    return {(each.work, each.against): (each.shown, each.verdict) for each in figures(results)}


def test_figures_are_ratios_of_one_run(results: Results) -> None:
    """Each promise is a ratio of two medians of this run, and reached or not."""
    told = found(results)

    assert told["1,000-feature page", "nginx, same bytes"] == ("0.67 x", "reached")
    assert told["10 features", "nginx, same bytes"] == ("0.23 x", "not reached")
    assert told["1,000-feature page", "best of pygeoapi, tipg, QGIS Server"] == ("150 x", "not reached")
    assert told["conditional request (304)", "our own 10 features"] == ("1.50 x", "reached")
    assert told["gzip page", "our plain page"] == ("0.23 x", "not reached")
    assert told["publish 120,000 features, three renditions", "ogr2ogr, GeoPackage to GeoJSON"] == ("3.00 x", "reached")
    assert told["private memory of a worker, 1,000,000 features", "10,000 features"] == ("1.25 x", "not reached")
    assert told["server start, 20 layers, to the first answer", ""] == ("1.20 s, no pandas", "reached")


def test_what_was_not_measured_is_not_judged(results: Results) -> None:
    """Without a measurement there is no verdict, and no row in the table."""
    told = found(results)

    assert told["CQL2 attribute filter, 100 features", "best of pygeoapi, tipg, QGIS Server"] == ("", "not measured")
    assert "CQL2 attribute filter" not in report.page(results).partition("## Where the time goes")[0]


def test_pandas_in_a_server_is_a_figure_missed(results: Results) -> None:
    """A fast start with pandas in it is not what was promised."""
    results.started = replace(results.started, heavy=("pandas",)) if results.started else None

    assert found(results)["server start, 20 layers, to the first answer", ""] == ("1.20 s, with pandas", "not reached")


def test_the_best_peer_is_the_fastest_that_can(results: Results) -> None:
    """Who cannot do a work is no rival in it; where nobody can, there is no ratio."""
    assert best(results, "page") == 20
    assert best(results, "page", ("qgis",)) is None
    assert best(results, "ten") is None


def test_the_page_has_every_table(results: Results) -> None:
    """docs/performance.md says how it came about, has every table, the reasons, and the part written by hand."""
    page = report.page(results)

    for sentence in ("commit abc", "a machine", "- QGIS Server: Six decimals.",
                     "| page | 3,000 | 0.33 | 4,500 | 5.00 | 20.0 | no page | 100 | 0.67 | 30.0 |",
                     "| page, gzip | 700 | 1.43 |", "| 120,000 | 12.0 | 10,000 | 1,024 |", "| page | 3,100 | 2,900 |",
                     "takes 0.80 s of the start"):
        assert sentence in page
    assert page.endswith(report.WHERE.read_text().strip() + "\n")


def test_results_are_read_as_they_were_kept(results: Results, tmp_path: Path) -> None:
    """The report can be written again from what a run kept."""
    keep(results, tmp_path / "results.json")

    assert kept(tmp_path / "results.json") == results


def test_what_is_added_is_told_apart(results: Results) -> None:
    """What another run found takes the place of what was there, and the page says that it was another run."""
    more = Results("python -m benchmarks --only start", made_at="tomorrow", commit="def", load="0.1",
                   started=Started(20, 1.7, 0.9, ()), rates={"ten": {"ours": done(20_000)}})
    add(results, more)

    assert (results.rate("ten"), results.rate("ten", "nginx"), results.rate("page")) == (20_000, 40_000, 3_000)
    assert found(results)["server start, 20 layers, to the first answer", ""] == ("1.70 s, no pandas", "not reached")
    assert len(results.published) == 1
    later = "| measured later | python -m benchmarks --only start: tomorrow, commit def, load 0.1 |"
    assert later in report.page(results)


@given(st.floats(0.01, 1e7))
def test_numbers_have_the_digits_that_mean_something(value: float) -> None:
    """A number is shown to half a percent, or to the hundredth."""
    assert abs(float(number(value).replace(",", "")) - value) <= max(value * 0.0051, 0.0051)


def test_the_registry_of_the_bench_is_valid(tmp_path: Path) -> None:
    """What is cut from layers.yaml is a registry: one layer, three audiences, each with a grant of its own."""
    import yaml

    file = tmp_path / "layers.yaml"
    file.write_text(yaml.safe_dump(cut(yaml.safe_load((ROOT / "layers.yaml").read_text())), sort_keys=False))
    registry = read(file)
    grants: list[Any] = [registry.grant("street_segments", audience) for audience in registry.audiences]

    assert list(registry.layers) == ["street_segments"]
    assert len({grant.model_dump_json() for grant in grants}) == 3
