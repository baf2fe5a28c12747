"""What is hidden is absent: to the byte, on every route, and by the clock."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import yaml
from callers import BROWSER, Asked, Callers, call
from flask import Flask
from flask.testing import FlaskClient
from generated import get_rules
from lone_store import County

AUDIENCES = sorted(yaml.safe_load((Path(__file__).parents[2] / "layers.yaml").read_text(encoding="utf-8"))["audiences"])
WAYS = ("", "f=html", "f=csv", "f=xml", "nothing=1", "limit=0", "filter=usrn=1", "crs=x", "bbox=1,2,3,4")
HEADERS = ((), (("Accept", BROWSER),), (("If-None-Match", "*"),), (("Accept-Encoding", "gzip"),))
PAIRS, SLOWER, FASTER = 300, 1.4, 0.7


def never(name: str) -> str:
    """The name of a layer that there never was, as long as this one."""
    return "z" * len(name)


def hidden_from(county: County, audience: str) -> list[str]:
    """Layers that are there, and not for this audience."""
    seen = county.layers_of(audience)
    return [layer for layer in county.registry.layers if layer not in seen]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_hidden_layer_answers_as_one_that_never_was(
    county: County, everyones: Flask, callers: Callers, audience: str
) -> None:
    """On every route, with right and wrong parameters, in every method: the same status, headers and bytes, but for
    the name that was asked for."""
    who, client = callers.headers(audience), everyones.test_client()
    hidden = hidden_from(county, audience)
    assert hidden
    rules = [rule.rule for rule in get_rules(everyones) if "<layer>" in rule.rule]
    assert len(rules) >= 5
    for number, layer in enumerate(hidden):
        for place, rule in enumerate(rules):
            address = rule.replace("<layer>", layer).replace("<id:feature_id>", "1")
            for turn, way in enumerate(WAYS):
                asked = Asked(f"{address}?{way}" if way else address, ("GET", "HEAD", "POST")[(number + turn) % 3],
                              HEADERS[(number + place + turn) % len(HEADERS)])
                real = call(client, asked, who)
                other = call(client, asked.renamed(layer, never(layer)), who)
                assert real.status in (404, 405), asked
                assert real.renamed(layer, never(layer)) == other, asked


def test_a_hidden_row_answers_as_one_that_never_was(county: County, everyones: Flask, callers: Callers) -> None:
    """An id that is there for others, and one that nobody has: the same answer, but for the id that was asked for."""
    client, looked = everyones.test_client(), 0
    for audience in ("public", "contract_north", "partners"):
        who = callers.headers(audience)
        for layer in county.layers_of(audience):
            seen = set(county.protected(layer, audience).table["id"].to_pylist())
            hidden = [str(each) for each in county.curated(layer).table["id"].to_pylist() if each not in seen]
            for each in hidden[:4]:
                if not each.isalnum():
                    continue
                address, other = f"/collections/{layer}/items/{each}", "Z" * len(each)
                real = call(client, Asked(address), who)
                assert real.status == 404
                looked += 1
                assert real.renamed(each, other) == call(client, Asked(address.replace(each, other)), who), address
    assert looked > 20


def ratio(client: FlaskClient, real: str, never_was: str) -> float:
    """How much longer the one takes than the other: medians of interleaved pairs, each in both orders."""
    times: dict[str, list[float]] = {real: [], never_was: []}
    for number in range(PAIRS):
        for address in (real, never_was) if number % 2 else (never_was, real):
            begin = perf_counter()
            client.get(address)
            times[address].append(perf_counter() - begin)
    return median(times[real]) / median(times[never_was])


@pytest.mark.parametrize(("real", "never_was"), [
    ("/collections/species_records", "/collections/zpecies_records"),
    ("/collections/species_records/items?filter=taxon='x'", "/collections/zpecies_records/items?filter=taxon='x'"),
    ("/collections/people_directory/items/1", "/collections/zeople_directory/items/1"),
    ("/collections/housing_sites/items/{hidden}", "/collections/housing_sites/items/{never}"),
])
def test_the_clock_does_not_tell_either(county: County, everyones: Flask, real: str, never_was: str) -> None:
    """A hidden layer or row takes as long to be refused as one that never was."""
    shown = set(county.protected("housing_sites", "public").table["id"].to_pylist())
    hidden = next(str(each) for each in county.curated("housing_sites").table["id"].to_pylist() if each not in shown)
    names = {"hidden": hidden, "never": "Z" * len(hidden)}
    client = everyones.test_client()
    asked = real.format(**names), never_was.format(**names)
    assert all(client.get(address).status_code == 404 for address in asked)
    tries = (ratio(client, *asked) for _ in range(3))
    assert any(FASTER < found < SLOWER for found in tries)
