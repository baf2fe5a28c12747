"""What a declaration of counts must say to be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hantsmap.access import Counts

SUPPRESSED = "suppressed"
"""The column that is added: true where a count of the row was suppressed."""

_NUMBERS = ("integer", "number")


def problems(counts: Counts, field_names: Sequence[str], field_types: Mapping[str, str]) -> list[str]:
    """Everything in a declaration that cannot be meant, a sentence each; empty when it is sound.

    `field_names` are the layer's fields; `field_types` their types, in the registry's words (a field without one is not
    looked at for its type).
    """
    sums = list(_sums(counts))
    return [*_fields(counts, field_names, field_types), *sums, *_keep(counts),
            *(() if sums else (*_overlaps(counts), *_told_by_keep(counts))), *_areas(counts, field_names)]


def every_sum(counts: Counts) -> list[tuple[str, tuple[str, ...]]]:
    """The declared sums, and those that follow where two of them cut the same people differently.

    persons = young + old and women = young women + old women say, with what young and old are made of, that persons =
    women + young men + old men. Nobody declares that, and any reader can use it.
    """
    sums = [(total, tuple(sorted(parts, key=counts.fields.index))) for total, parts in counts.sums.items()]
    people = {name: _leaves(counts.sums, name) for name in counts.fields}
    for total in counts.sums:
        for other in counts.sums:
            inside = people[other] <= people[total] and other != total
            if inside and other not in _below(counts.sums, total) and total not in _below(counts.sums, other):
                rest = _named(people[total] - people[other], people, counts.fields)
                parts = tuple(sorted((other, *rest), key=counts.fields.index))
                sums += [] if (total, parts) in sums else [(total, parts)]
    return sums


def _leaves(sums: Mapping[str, tuple[str, ...]], name: str) -> frozenset[str]:
    """The counts that have no parts, of which a count is the sum."""
    return frozenset(below for below in {name, *_below(sums, name)} if below not in sums)


def _named(people: frozenset[str], known: Mapping[str, frozenset[str]], fields: Sequence[str]) -> Iterator[str]:
    """Few counts that are these people together, the widest first."""
    for name in sorted(fields, key=lambda field: -len(known[field])):
        if people and known[name] <= people:
            yield name
            people -= known[name]


def _fields(counts: Counts, names: Sequence[str], types: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys(counts.fields):
        if name == SUPPRESSED:
            yield f"`{SUPPRESSED}` cannot be a count: it is the name of the column that says what was suppressed."
        elif name not in names:
            yield f"`{name}` is not a field of the layer: `fields` names counts that it has."
        elif types.get(name, "number") not in _NUMBERS:
            yield f"`{name}` is of type {types[name]}: a count is an integer or a number."
        if counts.fields.count(name) > 1:
            yield f"`{name}` stands twice in `fields`: name it once."


def _keep(counts: Counts) -> Iterator[str]:
    if counts.keep and counts.by is None:
        yield "`keep` needs `by`: name the field whose value says how coarse a row is."
    if counts.by is not None and not counts.keep:
        yield f"`by` is {counts.by}, but `keep` says nothing: name the counts that rows keep, for each of its values."
    for value, kept in counts.keep.items():
        for name in kept:
            if name not in counts.fields:
                yield f"`keep` of {value} names `{name}`, which is not among `fields`."


def _overlaps(counts: Counts) -> Iterator[str]:
    for total, parts in counts.sums.items():
        people = [name for part in parts for name in _leaves(counts.sums, part)]
        twice = sorted({name for name in people if people.count(name) > 1})
        if twice:
            yield f"The parts of {total} overlap: {', '.join(twice)} would be counted more than once."


def _told_by_keep(counts: Counts) -> Iterator[str]:
    for value, kept in counts.keep.items():
        for total, parts in every_sum(counts):
            left = [part for part in parts if part not in kept]
            if total in kept and len(left) == 1 < len(parts):
                yield (f"`keep` of {value} has {total} and all of its parts but {left[0]}, which can be had by "
                       "subtraction: keep it too, or leave another one out.")


def _sums(counts: Counts) -> Iterator[str]:
    for total, parts in counts.sums.items():
        for name in dict.fromkeys((total, *parts)):
            if name not in counts.fields:
                yield f"`sums` of {total} names `{name}`, which is not among `fields`."
        if not parts:
            yield f"`sums` of {total} has no parts: name them, or leave it out."
        if len(set(parts)) < len(parts):
            yield f"`sums` of {total} names a part twice."
        if total in parts:
            yield f"{total} is among its own parts."
        elif total in _below(counts.sums, total):
            yield f"{total} is a part of one of its own parts."


def _below(sums: Mapping[str, tuple[str, ...]], total: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(sums.get(total, ()))
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(sums.get(name, ()))
    return seen


def _areas(counts: Counts, names: Sequence[str]) -> Iterator[str]:
    if counts.parent is not None and counts.area is None:
        yield "`parent` needs `area`: name the field with the area's own key."
    if counts.parent is not None and counts.parent == counts.area:
        yield f"`area` and `parent` are both {counts.area}: an area is not part of itself."
    for role in ("by", "area", "parent", "period"):
        name = getattr(counts, role)
        if name is not None and name not in names:
            yield f"`{role}` is `{name}`, which is not a field of the layer."
        if name is not None and name in counts.fields:
            yield f"`{role}` is `{name}`, which is a count: it must say what the row is about."
