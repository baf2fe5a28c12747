"""From a catalogue to lessons that are ready: each with its example, or with the sentence why it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hantsmap.catalogue import Catalogue
from hantsmap.lessons import land, our_school, people, signs, walking
from hantsmap.lessons.example import Example, Lacking
from hantsmap.lessons.lesson import Lesson, Prepared, filled

# By the last part of a lesson's address. The order is that of the words.
EXAMPLES: Mapping[str, Callable[[Catalogue], Example]] = {
    "find-our-school": our_school.find,
    "name-the-symbol": signs.name,
    "measure-the-walk": walking.measure,
    "plan-a-circular-walk": walking.circular,
    "the-ward-that-grew": people.grew,
    "choose-the-classes": people.classes,
    "compare-two-wards": people.two,
    "far-from-a-library": land.far,
    "where-to-build": land.build,
    "map-our-readings": our_school.readings,
    "print-your-map": our_school.print_out,
    "hand-out-the-worksheet": our_school.hand_out,
}


SLUGS = tuple(EXAMPLES)
"""The last parts of the lessons' addresses, in their order: a lesson's number is its place."""


def prepare(catalogue: Catalogue, lesson: Lesson) -> Prepared:
    """A lesson with the example that this catalogue gives, or with one sentence why it gives none."""
    number = 1 + SLUGS.index(lesson.slug)
    try:
        example = EXAMPLES[lesson.slug](catalogue)
    except Lacking as lacking:
        return Prepared(number, lesson, None, str(lacking))
    opens = {**example.opens, "lesson": str(number)}
    shows = {**example.shows, "lesson": str(number)} if example.shows else {}
    ready = Example(opens, example.words, shows, example.answers, example.figures, example.paste)
    return Prepared(number, filled(lesson, example.words), ready)
