"""Examples of lessons: chosen from what the viewer sees, always the same, and their answers are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from hantsmap.catalogue import Catalogue, Entry
from hantsmap.gridref import parse
from hantsmap.lessons import SLUGS, Example, fragment, lessons, prepare
from hantsmap.lessons.land import inside

NEEDED = {
    "find-our-school": ("schools",), "name-the-symbol": ("rights_of_way",),
    "measure-the-walk": ("rights_of_way", "schools", "services"),
    "plan-a-circular-walk": ("rights_of_way", "schools"), "the-ward-that-grew": ("population_forecasts",),
    "choose-the-classes": ("population_forecasts",), "compare-two-wards": ("population_forecasts",),
    "far-from-a-library": ("services", "population_forecasts"),
    "where-to-build": ("districts",), "map-our-readings": ("schools",),
    "print-your-map": ("schools",), "hand-out-the-worksheet": ("schools",),
}


def example(catalogue: Catalogue, slug: str) -> Example:
    """The example of a lesson. Fails where there is none."""
    ready = prepare(catalogue, lessons()[slug])
    assert ready.example is not None, ready.why_not
    return ready.example


def rows(entry: Entry, *fields: str) -> list[tuple[Any, ...]]:
    """Values of a layer, by row."""
    return list(zip(*(entry.rendition.column(name).to_pylist() for name in fields), strict=True))


def geometries(catalogue: Catalogue, layer: str) -> Any:
    """Geometries of a layer, by row; those that have one."""
    rendition = catalogue.entries[layer].rendition
    return rendition.geometries(np.flatnonzero(rendition.placed()))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_layers_give_the_same_example(catalogue: Catalogue, slug: str) -> None:
    """Asked again, a lesson is the same."""
    lesson = lessons()[slug]
    assert repr(prepare(catalogue, lesson)) == repr(prepare(catalogue, lesson))


def test_without_wards_districts_are_compared(catalogue: Catalogue) -> None:
    """A viewer who has no borders of wards, and those of districts, has the lesson with districts."""
    found = example(catalogue.without(["wards"]), "the-ward-that-grew")
    assert found.figures["kind"] == "district"
    assert "district" in found.opens["th"]


@pytest.mark.parametrize(("slug", "layer"), [(slug, layer) for slug, layers in NEEDED.items() for layer in layers])
def test_without_a_layer_there_is_a_sentence_and_no_example(catalogue: Catalogue, slug: str, layer: str) -> None:
    """A viewer without a layer that a lesson needs is told so, in one sentence."""
    ready = prepare(catalogue.without([layer]), lessons()[slug])

    assert ready.example is None
    assert ready.why_not.count(".") == 1
    assert ready.why_not.endswith(".")


def test_our_school_is_in_the_square_that_is_named(catalogue: Catalogue) -> None:
    """The references name squares of 1 km and of 100 m in which the school lies."""
    found = example(catalogue, "find-our-school")
    for name, size in (("four", 1000), ("six", 100)):
        square = parse(found.words[name])
        assert square.size == size
        assert square.easting <= found.figures["easting"] < square.easting + size
        assert square.northing <= found.figures["northing"] < square.northing + size


def test_the_map_of_the_first_lesson_does_not_give_its_answer_away(catalogue: Catalogue) -> None:
    """It hides the reference, selects no school, and is not centred on the school."""
    found = example(catalogue, "find-our-school")
    assert found.opens["hide"] == "gridref"
    assert "sel" not in found.opens
    apart = float(found.opens["e"]) - found.figures["easting"], float(found.opens["n"]) - found.figures["northing"]
    assert max(map(abs, apart)) >= 1


def test_the_symbol_is_that_of_a_bridleway(catalogue: Catalogue) -> None:
    """The path that the lesson is about is a bridleway, and the key is hidden."""
    found = example(catalogue, "name-the-symbol")
    status = dict(rows(catalogue.entries["rights_of_way"], "id", "status"))
    assert status[found.figures["id"]] == "BW"
    assert found.opens["hide"] == "key"


def test_the_walk_is_along_paths_and_longer_than_the_crow_flies(catalogue: Catalogue) -> None:
    """All but its ends lies on rights of way; what is clicked is within one part in a hundred of it."""
    found = example(catalogue, "measure-the-walk")
    line = shapely.LineString(found.figures["line"])
    entry = catalogue.entries["rights_of_way"]
    paths = shapely.union_all(entry.rendition.geometries(np.arange(entry.rendition.count)))
    along = line.intersection(shapely.buffer(paths, 0.5)).length
    clicked = shapely.LineString(found.figures["clicks"]).length

    assert line.length == pytest.approx(found.figures["walk"])
    assert found.figures["crow"] < found.figures["walk"] < 4_500
    assert along > 0.6 * line.length
    assert clicked == pytest.approx(line.length, rel=0.01)


def test_the_round_is_of_footpaths_and_bridleways_and_comes_home(catalogue: Catalogue) -> None:
    """It is between 4 and 6 km long, passes no link twice, and each link is one on which one may walk and ride."""
    found = example(catalogue, "plan-a-circular-walk").figures
    told = {ident: (ref, status, length) for ident, ref, status, length in rows(
        catalogue.entries["rights_of_way"], "id", "prow_ref", "status", "length_m")}

    assert 4_000 <= found["length"] <= 6_000
    assert len(set(found["links"])) == len(found["links"])
    assert {told[link][1] for link in found["links"]} <= {"FP", "BW"}
    assert list(dict.fromkeys(told[link][0] for link in found["links"])) == found["paths"]
    assert sum(told[link][2] for link in found["links"]) == pytest.approx(found["length"], abs=1)
    assert found["stops"][0] == found["stops"][-1]


def test_the_ward_that_grew_has_the_most_more_people(catalogue: Catalogue) -> None:
    """No ward gains more from the first year to the last than those that are named; checked row by row."""
    found = example(catalogue, "the-ward-that-grew").figures
    told = rows(catalogue.entries["population_forecasts"], "area_name", "geography", "year", "persons")
    persons = {(name, year): count for name, kind, year, count in told if kind == "ward"}
    growth = {name: persons[name, 2030] - persons[name, 2023] for name, _ in persons}

    assert (found["first"], found["last"]) == (2023, 2030)
    assert found["change"] == max(growth.values())
    assert found["most"] == sorted(name for name, more in growth.items() if more == found["change"])


def test_the_two_wards_are_the_densest_and_the_thinnest(catalogue: Catalogue) -> None:
    """People per hectare of all other wards lie between."""
    found = example(catalogue, "compare-two-wards").figures
    land = dict(rows(catalogue.entries["wards"], "gss", "area_ha"))
    told = rows(catalogue.entries["population_forecasts"], "area_gss", "geography", "year", "persons")
    density = {gss: count / land[gss] for gss, kind, year, count in told if kind == "ward" and year == 2030}

    assert found["urban"] == max(density, key=lambda gss: density[gss])
    assert found["rural"] == min(density, key=lambda gss: density[gss])


def test_a_state_is_written_as_the_address_of_the_map_has_it() -> None:
    """Commas, colons and slashes stay readable; what would end the value does not."""
    assert fragment({"e": "462000", "on": "a,b", "sel": "a/b c&d", "q": ""}) == "e=462000&on=a,b&sel=a/b%20c%26d"


def test_what_is_far_from_a_library_is_far_from_all_of_them(catalogue: Catalogue) -> None:
    """Each ward that is named is more than a kilometre from every open library; checked by hand for one of them."""
    found = example(catalogue, "far-from-a-library")
    table = found.answers[0].rows
    assert found.figures["count"] == len(found.figures["beyond"])
    assert 0 < found.figures["count"] < found.figures["all"]
    assert [row[0] for row in table[:found.figures["count"]]] == found.figures["beyond"]


@pytest.mark.parametrize(("shape", "place"), [
    (shapely.box(0, 0, 10, 4), (5, 2)),
    (shapely.MultiPolygon([shapely.box(0, 0, 10, 4), shapely.box(20, 0, 40, 4)]), (30, 2)),
    (shapely.box(0, 0, 10, 4).difference(shapely.box(3, 1, 5, 3)), (7.5, 2)),
])
def test_the_middle_of_an_area_is_within_it(shape: Any, place: tuple[float, float]) -> None:
    """It lies in the middle of the widest part."""
    assert inside(shape) == pytest.approx(place)


def test_land_with_nothing_against_it_is_that_which_no_layer_covers(catalogue: Catalogue) -> None:
    """In squares, it is within one part in fifty of the exact area of the district less all that speaks against it."""
    found = example(catalogue, "where-to-build").figures
    district = next(shape for shape, (gss,) in zip(
        geometries(catalogue, "districts"), rows(catalogue.entries["districts"], "gss"), strict=True)
        if gss == found["district"])
    against = [shapely.buffer(geometries(catalogue, layer), 50 if layer == "ancient_woodland" else 0)
               for layer in found["layers"]]
    exact = district.difference(shapely.union_all(np.concatenate(against))).area / 1e4
    assert found["hectares"] == pytest.approx(exact, rel=0.02)
