"""Over generated histories, for each audience: what it held, and what changed, is what it would fetch now."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from kinds import examples
from orchard import GRANTS, VIEWS, Orchard, applied, digest, tree

from hantsmap.crs import EPSG27700
from hantsmap.errors import PrunedError
from hantsmap.store.timeline import history_start

NUMBERS = st.integers(1, 16)
Deed = Callable[[Orchard], None]


def edit(name: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[Deed]:
    """Sets a value of a tree that is there."""

    def deed(number: int, value: object) -> Deed:
        return lambda orchard: orchard.rows.get(number, {}).update({name: value})

    return st.builds(deed, NUMBERS, values)


def plant(number: int) -> Deed:
    """Plants a tree, or plants it again."""
    return lambda orchard: orchard.rows.setdefault(number, tree(number)) and None


def fell(number: int) -> Deed:
    """Takes a tree away."""
    return lambda orchard: orchard.rows.pop(number, None) and None


def grant(name: str) -> Deed:
    """Changes what the public and the crew are granted; with "staff only", they see no layer."""
    return lambda orchard: setattr(orchard, "grants", name)


def withdraw(layered: bool) -> Deed:
    """Takes the layer out of the registry, or puts it back."""
    return lambda orchard: setattr(orchard, "layered", layered)


EDITS = st.one_of(
    st.builds(plant, NUMBERS), st.builds(fell, NUMBERS), edit("name", st.sampled_from(["Oak", "Elm", "Süß <b>"])),
    # The west half ends at 440000: a move out of the crew's area, into it, or within it.
    edit("x", st.sampled_from([439_100, 439_900.25, 440_100, 441_500, 444_000])),
    edit("state", st.sampled_from(["open", "shut"])), edit("note", st.sampled_from(["seen by staff", "only"])),
    edit("height", st.sampled_from([1, 2.25, ""])), edit("felled", st.sampled_from(["2025-03-01", ""])))
STEPS = st.lists(st.one_of(
    st.tuples(st.just("edit"), st.lists(EDITS, min_size=1, max_size=4)),
    st.tuples(st.just("edit"), st.lists(EDITS, min_size=1, max_size=4)),
    st.tuples(st.just("grant"), st.lists(st.builds(grant, st.sampled_from(sorted(GRANTS))), min_size=1, max_size=1)),
    st.tuples(st.just("layer"), st.lists(st.builds(withdraw, st.booleans()), min_size=1, max_size=1)),
    st.tuples(st.just("restore"), st.integers(0, 5))), min_size=1, max_size=6)


def live(orchard: Orchard, steps: list[tuple[str, object]]) -> None:
    """Publish after each step."""
    for kind, what in steps:
        if kind == "restore":
            if orchard.layered:
                orchard.restore(int(str(what)))
            continue
        for deed in what:  # type: ignore[attr-defined]
            deed(orchard)
        # A layer without a row is a finding that blocks.
        orchard.rows.setdefault(99, tree(9, code="t99"))
        orchard.publish()


def check_nothing_withheld(texts: list[bytes], now: dict[str, bytes], *, whole: bool) -> None:
    """Features that are told are among those seen now, and one that is not there any more is deleted once."""
    lines = [json.loads(line) for line in b"".join(texts).splitlines()]
    assert all(str(line["id"]) in now for line in lines if line["op"] != "delete")
    gone = [line["id"] for line in lines if line["op"] == "delete" and str(line["id"]) not in now]
    assert len(gone) == len(set(gone))
    assert whole is False or len({line["id"] for line in lines}) == len(lines)


@settings(max_examples=examples(25), deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(STEPS)
def test_what_was_held_and_what_changed_is_what_there_is(steps: list[tuple[str, object]]) -> None:
    """From every state of its history, the net changes and the whole history lead an audience, byte for byte, to what
    it sees now, and the digest is that of what it then holds. Older states are refused, with the oldest sequence."""
    with tempfile.TemporaryDirectory() as folder:
        orchard = Orchard(Path(folder) / "orchard")
        orchard.publish()
        live(orchard, steps)
        for audience, layer in VIEWS:
            entry = orchard.entry(audience, layer)
            if entry is None:
                continue
            now, stated = orchard.seen[audience, layer, entry.sequence]
            start = history_start(entry.timeline)
            for since in range(entry.sequence + 1):
                held = orchard.seen.get((audience, layer, since), ({}, ""))[0]
                for history in (False, True):
                    if 0 < since < start:
                        with pytest.raises(PrunedError) as gone:
                            orchard.feed(audience, since, layer=layer, history=history)
                        assert gone.value.oldest == start
                        continue
                    feed = orchard.feed(audience, since, layer=layer, history=history)
                    texts = list(map(bytes, feed.ndjson(EPSG27700)))
                    got = applied(held, texts, whole=not history)
                    check_nothing_withheld(texts, now, whole=not history)
                    assert got == now, (audience, layer, since, history)
                    assert digest(got) == stated
                    assert feed.count == len(b"".join(texts).splitlines())
