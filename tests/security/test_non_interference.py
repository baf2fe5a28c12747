"""Non-interference: what an audience may not see cannot change one byte of what it is answered.

For every audience, a server over the full county and a server over a store that holds only that audience's data answer
every request with the same status, headers and body. The requests are generated from the routes of the application, so
that a new route is asked as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from callers import Answer, Asked, Callers, call
from flask import Flask
from generated import Generator, Known
from lone_store import County, without_what_is_hidden

from hantsmap.protect import protect
from hantsmap.rendition import Rendition

AUDIENCES = sorted(yaml.safe_load((Path(__file__).parents[2] / "layers.yaml").read_text(encoding="utf-8"))["audiences"])
SAMPLED = 170
NOWHERE = (-1.9, 50.6, -0.6, 51.4)


def known(county: County, layer: str, audience: str) -> Known:
    """What there is of a layer, and which part of it is an audience's."""
    curated = county.curated(layer)
    every = tuple(curated.fields)
    seen = county.protected(layer, audience) if county.grant(layer, audience) else None
    shown = tuple(seen.fields) if seen else ()
    ids = set(seen.table["id"].to_pylist()) if seen else set()
    step = max(1, len(curated.table) // 40)
    rows = curated.table.take(list(range(0, len(curated.table), step)))
    boxes = [NOWHERE]
    for rendition in {county.rendition(layer, each) for each in (audience, "planners", "highways", "ecologists")
                      if county.grant(layer, each)}:
        box = Rendition(county.store.rendition(layer, rendition)).description.extent_crs84
        boxes += [box] if box else []
    values: dict[str, tuple[Any, ...]] = {
        name: tuple(value for value in rows[name].to_pylist() if value is not None and not isinstance(value, list))
        for name in every}
    everyone = [str(each) for each in rows["id"].to_pylist()]
    return Known(shown or every, tuple(name for name in every if name not in shown),
                 tuple(each for each in everyone if _in(each, ids)),
                 tuple(each for each in everyone if not _in(each, ids)), tuple(boxes), values)


def _in(each: str, ids: set[Any]) -> bool:
    return each in ids or (each.lstrip("-").isdigit() and int(each) in ids)


def conditional(asked: Asked, answer: Answer) -> Asked | None:
    """The same request from a client that has the answer already."""
    tag = answer.header("ETag")
    return Asked(asked.address, asked.method, (*asked.headers, ("If-None-Match", tag)), asked.form) if tag else None


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_is_hidden_changes_no_answer(
    county: County, everyones: Flask, callers: Callers, opened: Callable[[Path], Flask], audience: str
) -> None:
    """All routes for all layers of the county, and a sample of all parameters: the same bytes as from a server that
    has only this audience's data."""
    who, full = callers.headers(audience), everyones.test_client()
    lone = opened(county.store_of(audience)).test_client()
    layers = {layer: known(county, layer, audience) for layer in county.registry.layers}
    generator = Generator(everyones, layers, audience)
    seen: dict[int, int] = {}
    for number, asked in enumerate(chain(generator.every_route(), generator.sample(SAMPLED))):
        ours, theirs = call(full, asked, who), call(lone, asked, who)
        assert ours == theirs, asked
        seen[ours.status] = seen.get(ours.status, 0) + 1
        again = conditional(asked, ours) if number % 9 == 0 else None
        if again:
            assert call(full, again, who) == call(lone, again, who), again
    assert seen[200] > 120 and seen[404] > 1 and seen[400] > 20, seen
    assert not any(status >= 500 for status in seen), seen


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_is_hidden_is_in_no_rendition(county: County, audience: str) -> None:
    """A rendition written from an audience's rows alone is, file by file, the one written beside everything else."""
    for layer in county.layers_of(audience):
        assert county.alone(layer, audience) == county.rendition(layer, audience), layer


@pytest.mark.parametrize("audience", AUDIENCES)
def test_taking_away_what_is_hidden_takes_nothing_from_an_audience(county: County, audience: str) -> None:
    """With the hidden rows gone, the hidden fields empty and the licensed lines elsewhere, a grant leaves the same."""
    for layer in county.layers_of(audience):
        grant = county.grant(layer, audience)
        assert grant is not None
        before = county.protected(layer, audience)
        poor = without_what_is_hidden(county.curated(layer), before, grant)
        after = protect(poor, county.registry.layers[layer], grant, county.gazetteer.area,
                        county.visible(audience))
        assert after.table.equals(before.table), layer
        assert (after.shapes is None) == (before.shapes is None)
        if after.shapes is not None and before.shapes is not None:
            assert all(one.equals_exact(other) for one, other in zip(after.shapes, before.shapes, strict=True)), layer


def test_every_get_route_is_asked(everyones: Flask) -> None:
    """No route is left out: a new one is asked by its rule, and one with an argument nobody knows fails this test."""
    generator = Generator(everyones, {"streets": Known(("usrn",), ids=("1",))}, "routes")
    addresses = [asked.address for asked in generator.every_route()]
    assert not any("<" in address for address in addresses), addresses
