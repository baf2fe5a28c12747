"""The words of the lessons: complete, filled in from the example, and an operator's own are read with care."""

from __future__ import annotations

from pathlib import Path

import pytest

from hantsmap.catalogue import Catalogue
from hantsmap.errors import LessonsError
from hantsmap.lessons import SLUGS, lessons, prepare
from hantsmap.lessons.lesson import WORDS, named


def test_there_are_words_for_every_example() -> None:
    """Twelve lessons, in the order of their numbers."""
    assert tuple(lessons()) == SLUGS
    assert len(SLUGS) == 12


@pytest.mark.parametrize("slug", SLUGS)
def test_every_name_in_braces_is_filled_in(catalogue: Catalogue, slug: str) -> None:
    """The village county has an example for every lesson, and no name in braces is left in the texts."""
    ready = prepare(catalogue, lessons()[slug])
    assert ready.why_not == ""
    assert ready.example is not None
    assert named(ready.lesson) == set()


def test_an_operators_words_are_read_in_the_place_of_ours(tmp_path: Path) -> None:
    """A file with other texts gives those; the lessons are the same."""
    file = tmp_path / "words.yaml"
    file.write_text(WORDS.read_text().replace("Find our school", "Where is our school?"))

    found = lessons(file)

    assert found["find-our-school"].title == "Where is our school?"
    assert tuple(found) == SLUGS


@pytest.mark.parametrize(("before", "after", "told"), [
    ("find-our-school:", "find-my-school:", "the lessons are find-our-school"),
    ("  minutes: 30\n", "  minutes: soon\n", "find-our-school: minutes"),
    ("  title: Find our school", "  titel: Find our school", "find-our-school: titel"),
    ("find-our-school:", "find-our-school: [", "cannot be read"),
])
def test_words_that_cannot_be_meant_are_refused(tmp_path: Path, before: str, after: str, told: str) -> None:
    """A file with a fault gives an error that names the file and the place."""
    file = tmp_path / "words.yaml"
    file.write_text(WORDS.read_text().replace(before, after, 1))

    with pytest.raises(LessonsError, match=told) as raised:
        lessons(file)
    assert str(file) in str(raised.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Two faults, one error."""
    file = tmp_path / "words.yaml"
    file.write_text(WORDS.read_text().replace("minutes: 30", "minutes: soon", 2))

    with pytest.raises(LessonsError, match=r"find-our-school: minutes.*name-the-symbol: minutes"):
        lessons(file)
