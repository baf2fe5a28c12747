"""The words of the lessons: read from `words.yaml`, where names in braces stand for what an example says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from hantsmap.access import Value
from hantsmap.errors import LessonsError
from hantsmap.lessons.example import Example

WORDS = Path(__file__).with_name("words.yaml")
NAME = re.compile(r"\{([a-z0-9_]+)\}")


class Note(Value):
    """What a teacher wants to know: the aim, words to know, what goes wrong, and how to make it easier and harder."""

    aim: str
    words: Mapping[str, str]
    pitfalls: tuple[str, ...]
    easier: str
    harder: str


class Question(Value):
    """A question of the worksheet: how many lines to write on, or boxes to put figures in, and its answer.

    Without an answer of its own, the question has none that is the only right one.
    """

    ask: str
    lines: int = Field(default=1, ge=0, le=12)
    boxes: int = Field(default=0, ge=0, le=12)
    answer: str = ""


class Lesson(Value):
    """One lesson in words. `steps` are for a mouse or a finger, `keys` are the same by keyboard only."""

    slug: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    title: str
    years: str
    curriculum: str
    minutes: int = Field(gt=0)
    task: str
    steps: tuple[str, ...] = Field(min_length=1)
    keys: tuple[str, ...] = Field(min_length=1)
    note: Note
    questions: tuple[Question, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lesson for one catalogue: its words filled in, with its example; or, without one, the sentence why not."""

    number: int
    lesson: Lesson
    example: Example | None
    why_not: str = ""


@cache
def lessons(file: Path | None = None) -> Mapping[str, Lesson]:
    """All lessons by the last part of their address, in their order: our words, or those of a file.

    Raises LessonsError with every problem of that file.
    """
    return {lesson.slug: lesson for lesson in _read(file or WORDS)}


def _read(file: Path) -> tuple[Lesson, ...]:
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise LessonsError(f"{file} cannot be read: {fault}") from fault
    ours = [] if file == WORDS else list(lessons())
    if not isinstance(document, dict):
        raise LessonsError(f"{file} is not a list of lessons: begin it as docs/schools.md shows.")
    problems: list[str] = []
    found: list[Lesson] = []
    for slug, words in document.items():
        try:
            found.append(Lesson.model_validate({"slug": slug, **words} if isinstance(words, dict) else {"slug": slug}))
        except ValidationError as fault:
            problems += [f"{slug}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in fault.errors()]
    if ours and sorted(document) != sorted(ours):
        problems.append(f"the lessons are {', '.join(ours)}; each stands there once, and no other")
    if problems:
        raise LessonsError(f"{file}: {'; '.join(problems)}.")
    return tuple(found)


def named(lesson: Lesson) -> set[str]:
    """Names that stand in braces in the texts of a lesson."""
    return {name for text in _texts(lesson.model_dump()) for name in NAME.findall(text)}


def filled(lesson: Lesson, words: Mapping[str, str]) -> Lesson:
    """The lesson with words in the place of names. A name that has no word is left as it is written."""
    return Lesson.model_validate(_filled(lesson.model_dump(), words))


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return NAME.sub(lambda found: words.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {_filled(name, words): _filled(each, words) for name, each in value.items()}
    return [_filled(each, words) for each in value] if isinstance(value, (list, tuple)) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (name, *_texts(each))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
