"""Declarations that cannot be meant are said, all at once, a sentence each."""

from __future__ import annotations

from typing import Any

import pytest

from hantsmap.access import Counts
from hantsmap.disclosure import problems
from hantsmap.disclosure.declared import every_sum

NAMES = ("area", "parent", "year", "level", "persons", "a", "b", "c")
TYPES = {"area": "string", "parent": "string", "year": "integer", "level": "string", "persons": "integer",
         "a": "integer", "b": "number", "c": "integer"}
SOUND: dict[str, Any] = {
    "fields": ("persons", "a", "b", "c"), "sums": {"persons": ("a", "b", "c")}, "by": "level",
    "keep": {"OA": ("persons",), "LSOA": ("persons", "a", "b", "c")}, "area": "area", "parent": "parent",
    "period": "year"}


def said(**changes: Any) -> list[str]:
    """Problems of the sound declaration with changes."""
    return problems(Counts(**SOUND | changes), NAMES, TYPES)


def test_a_sound_declaration_has_no_problems() -> None:
    """What the documentation shows is accepted."""
    assert said() == []


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"fields": ("persons", "a", "b", "c", "d")}, "`d` is not a field of the layer"),
    ({"fields": ("persons", "a", "b", "c", "area"), "area": None, "parent": None}, "`area` is of type string"),
    ({"fields": ("persons", "a", "b", "c", "c")}, "`c` stands twice"),
    ({"fields": ("persons", "a", "b", "c", "suppressed")}, "`suppressed` cannot be a count"),
    ({"by": None}, "`keep` needs `by`"),
    ({"keep": {}}, "`keep` says nothing"),
    ({"keep": {"OA": ("people",)}}, "`keep` of OA names `people`"),
    ({"keep": {"OA": ("persons", "a", "b")}}, "all of its parts but c"),
    ({"sums": {"people": ("a", "b")}}, "names `people`, which is not among"),
    ({"sums": {"persons": ("a", "d")}}, "names `d`, which is not among"),
    ({"sums": {"persons": ()}}, "has no parts"),
    ({"sums": {"persons": ("a", "a")}}, "names a part twice"),
    ({"sums": {"persons": ("persons", "a")}}, "persons is among its own parts"),
    ({"sums": {"persons": ("a", "b"), "a": ("persons", "c")}}, "persons is a part of one of its own parts"),
    ({"sums": {"persons": ("a", "b"), "a": ("b", "c")}}, "The parts of persons overlap: b"),
    ({"area": None}, "`parent` needs `area`"),
    ({"parent": "area"}, "not part of itself"),
    ({"period": "month"}, "`period` is `month`, which is not a field"),
    ({"by": "a"}, "`by` is `a`, which is a count"),
])
def test_what_cannot_be_meant_is_said(changes: dict[str, Any], sentence: str) -> None:
    """Each fault has a sentence that names what is at fault."""
    assert any(sentence in problem for problem in said(**changes)), said(**changes)


def test_all_problems_are_said_at_once() -> None:
    """A steward mends a declaration in one go."""
    assert len(said(area=None, period="month", sums={"persons": ("persons", "d")})) == 4


def test_sums_that_follow_from_two_cuts_are_made() -> None:
    """Persons by age and by sex: persons are women and men, though only the parts say so."""
    counts = Counts(fields=("persons", "young", "old", "women", "men", "yf", "ym", "of", "om"),
                    sums={"persons": ("young", "old"), "young": ("yf", "ym"), "old": ("of", "om"),
                          "women": ("yf", "of"), "men": ("ym", "om")})

    assert every_sum(counts)[5:] == [("persons", ("women", "men"))]


def test_sums_that_only_nest_bring_no_others() -> None:
    """Where no two sums cut the same people differently, nothing is added."""
    counts = Counts(fields=("all", "f", "m", "f1", "f2"), sums={"all": ("f", "m"), "f": ("f1", "f2")})

    assert len(every_sum(counts)) == 2
