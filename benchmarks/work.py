"""The kinds of work: questions in nobody's words, which each peer puts in its own.

Drawn from what the public is served of the layer, always alike: the same layer gives the same questions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from benchmarks.drawing import around, touching, wheres
from benchmarks.errors import BenchError
from benchmarks.questions import Question, System, put_in
from hantsmap.rendition import Rendition

SEED = 2026
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work: `name` on the command line, `title` in the table, and how its questions are drawn.

    Questions are drawn in the National Grid, and put in CRS84 unless the kind is of the `grid`. Of a `whole` kind all
    questions together are one piece of work: the twelve pages of a layer.
    """

    name: str
    title: str
    draw: Callable[[Rendition, random.Random], list[Question]]
    grid: bool = False
    whole: bool = False


def pages(rendition: Rendition, chance: random.Random) -> list[Question]:
    """200 pages of 1,000, among the first 20,000 features: servers that count their way to an offset pay little."""
    most = max(1, min(20_000, rendition.count - 1_000))
    return [Question(offset=offset) for offset in chance.sample(range(most), k=min(200, most))]


def ten(rendition: Rendition, chance: random.Random) -> list[Question]:
    """200 times ten features, among the first 20,000."""
    return [replace(question, limit=10) for question in pages(rendition, chance)]


def one(rendition: Rendition, chance: random.Random) -> list[Question]:
    """500 features, each by its id."""
    return [Question(position=position) for position in chance.sample(range(rendition.count), k=500)]


def boxes(rendition: Rendition, chance: random.Random) -> list[Question]:
    """200 boxes, each with 1,000 features or more in it: the first 1,000 are asked for."""
    return [Question(bbox=around(rendition, chance, 1_200)) for _ in range(200)]


def filters(rendition: Rendition, chance: random.Random) -> list[Question]:
    """50 filters, each with 100 matches or more: the first 100 are asked for."""
    return [Question(limit=100, where=where) for where in wheres(rendition, chance, 50)]


def new_filters(rendition: Rendition, chance: random.Random) -> list[Question]:
    """2,000 filters, more than a server remembers: each is as good as new when it comes round again."""
    return [Question(limit=100, where=where) for where in wheres(rendition, chance, 2_000)]


def spatial(rendition: Rendition, chance: random.Random) -> list[Question]:
    """50 filters of a polygon with some 12,000 features and comparisons: the first 100 are asked for."""
    return [Question(limit=100, within=around(rendition, chance, 12_000), where=where)
            for where in wheres(rendition, chance, 50, least=min(20_000, rendition.count // 6))]


def new_ten(rendition: Rendition, chance: random.Random) -> list[Question]:
    """10,000 times ten features, more than a server remembers."""
    most = max(1, min(20_000, rendition.count - 10))
    return [Question(limit=10, offset=offset) for offset in chance.sample(range(most), k=min(10_000, most))]


def new_one(rendition: Rendition, chance: random.Random) -> list[Question]:
    """10,000 features by their ids, more than a server remembers."""
    count = rendition.count
    return [Question(position=position) for position in chance.sample(range(count), k=min(10_000, count))]


def first(rendition: Rendition, chance: random.Random) -> list[Question]:
    """The page at offset 0, one address."""
    return [Question()]


def deep(rendition: Rendition, chance: random.Random) -> list[Question]:
    """The page at offset 100,000, one address."""
    return [Question(offset=100_000)]


def first_ten(rendition: Rendition, chance: random.Random) -> list[Question]:
    """Ten features, one address."""
    return [Question(limit=10)]


def unchanged(rendition: Rendition, chance: random.Random) -> list[Question]:
    """200 times ten features that the client has already: 304."""
    return [replace(question, unless=True) for question in ten(rendition, chance)]


def whole(rendition: Rendition, chance: random.Random) -> list[Question]:
    """The whole layer, in pages of 10,000."""
    return [Question(limit=MOST, offset=offset) for offset in range(0, rendition.count, MOST)]


def mixed(rendition: Rendition, chance: random.Random) -> list[Question]:
    """40 views of a map that is panned and zoomed, in the National Grid, each with all its pages, as QGIS asks."""
    questions = []
    for features in chance.choices((100, 400, 1_500, 3_000), weights=(4, 4, 2, 1), k=40):
        box = around(rendition, chance, features)
        inside = touching(rendition, box)
        questions += [Question(bbox=box, offset=offset) for offset in range(0, max(inside, 1), 1_000)]
    return questions


TASKS: tuple[Task, ...] = (
    Task("page", "1,000-feature page", pages),
    Task("bbox", "1,000-feature bbox page", boxes),
    Task("ten", "10 features", ten),
    Task("one", "one feature by id", one),
    Task("filter", "CQL2 attribute filter, 100 features", filters),
    Task("spatial", "CQL2 spatial and attribute filter, 100 features", spatial),
    Task("new", "CQL2 attribute filter never asked before", new_filters),
    Task("new-ten", "10 features never asked before", new_ten),
    Task("new-one", "one feature by id never asked before", new_one),
    Task("first", "page at offset 0, one address", first),
    Task("deep", "page at offset 100,000, one address", deep),
    Task("same", "10 features, one address", first_ten),
    Task("unchanged", "conditional request, 10 features (304)", unchanged),
    Task("whole", "whole layer, in pages of 10,000", whole, whole=True),
    Task("mixed", "panning and zooming in QGIS (27700)", mixed, grid=True),
)
VARIANTS: Mapping[str, tuple[System, bool]] = {
    "+27700": ("27700", False), "+gzip": ("crs84", True), "+27700+gzip": ("27700", True)}
VARIED = ("page", "bbox", "ten", "one", "filter", "spatial")
"""The kinds that are also measured in EPSG:27700, with gzip, and with both."""


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work in one reference system, plain or compressed, with its questions."""

    task: Task
    questions: tuple[Question, ...]
    variant: str = ""

    @property
    def name(self) -> str:
        """As on the command line and in the table: `page`, `page+27700`, `page+27700+gzip`."""
        return self.task.name + self.variant

    @property
    def plain(self) -> bool:
        """Whether it is the kind as such, and no variant of it."""
        return not self.variant


def draw(rendition: Rendition, only: tuple[str, ...] = ()) -> list[Work]:
    """The work of a bench: every kind, and its variants; or only those that are named.

    `page` and `page+gzip` name one each, `page*` the kind with its variants. Raises BenchError for a name that is none.
    """
    known = {name for task in TASKS for name in (task.name, *_variants(task))} | {f"{name}*" for name in VARIED}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise BenchError(f"There is no work called {', '.join(unknown)}. There is {', '.join(sorted(known))}.")
    works = []
    for task in TASKS:
        names = [task.name, *_variants(task)]
        wanted = [name for name in names if not only or name in only or f"{task.name}*" in only]
        drawn = task.draw(rendition, random.Random(f"{SEED} {task.name}")) if wanted else []
        works += [_put(task, name, drawn) for name in wanted]
    return works


def _variants(task: Task) -> list[str]:
    return [task.name + variant for variant in VARIANTS] if task.name in VARIED else []


def _put(task: Task, name: str, drawn: list[Question]) -> Work:
    """The drawn questions as the work of this name asks them."""
    variant = name.removeprefix(task.name)
    system, gzip = VARIANTS.get(variant, ("27700" if task.grid else "crs84", False))
    return Work(task, tuple(replace(put_in(question, system), gzip=gzip) for question in drawn), variant)
