"""Canaries: every word, number, date and place of a small county is heard by exactly those who may hear it.

The first tests listen to all that is said; the twins ask whether anything could be worked out: the county is published
again with everything changed that an audience may not know, and the audience must not notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from callers import Asked, at, call
from canary_county import AUDIENCES, FIELDS, Canaries, Row, county, sees, side_of, words
from flask import Flask
from flask.testing import FlaskClient
from generated import CRS, FORMS, Generator, Known, get_rules
from shops import application
from twin_county import twin

from hantsmap import crs
from hantsmap.store import now

METRES = crs.EPSG27700.uri
BURROW_SIDES = {"public": 10_000, "partners": 1_000, "officers": 100}


@pytest.fixture(scope="module")
def made() -> Canaries:
    """The county in which everything is a canary."""
    return county()


@pytest.fixture(scope="module")
def clock() -> Iterator[None]:
    """All of these counties are published in one second."""
    moment = now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hantsmap.promoting.now", lambda: moment)
        patch.setattr("server.shelf.Served.watch", lambda self: None)
        yield


@pytest.fixture(scope="module")
def store(made: Canaries, clock: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county's store."""
    return made.publish(tmp_path_factory.mktemp("canaries"))


@pytest.fixture(scope="module")
def ask_as(store: Path) -> Callable[[str], FlaskClient]:
    """`ask_as(audience)`: a client of that audience."""
    apps = {audience: application(store, audience=audience, address_rate=10**9) for audience in AUDIENCES}
    return lambda audience: apps[audience].test_client()


def known(made: Canaries, audience: str, other: Canaries) -> dict[str, Known]:
    """All that a prober may try: names and ids of both counties, and ever smaller boxes about the true places."""
    return {layer: _known(layer, rows, audience, other.layers[layer]) for layer, rows in made.layers.items()}


def _known(layer: str, rows: list[Row], audience: str, others: list[Row]) -> Known:
    ids = {sees(audience, layer, row): [] for row in rows}
    boxes = []
    for row in (*rows, *others):
        ids.setdefault(sees(audience, layer, row), []).append(row.values["code"])
        point = crs.served(shapely.Point(*row.place), crs.CRS84)
        boxes += [point.buffer(size).bounds for size in (0.05, 0.005, 0.0005, 0.00001)] if layer != "heads" else []
    values = {name: tuple(row.values[name] for row in (*rows, *others)) for name in FIELDS[layer]}
    values |= dict.fromkeys(("total", "young", "old"), (0, 3, 4, 7, 10, 60, 113)) | {"state": ("open", "gone")}
    extra = ("total", "young", "old") if layer == "heads" else ("state",)
    return Known((*FIELDS[layer], *extra), ids=tuple(ids.get(True, ())), hidden_ids=tuple(ids.get(False, ())),
                 boxes=tuple(boxes), values=values)


def everything(app: Flask, client: FlaskClient, made: Canaries, audience: str) -> str:
    """All that is said to somebody who asks every route, in every form and reference system, and asks wrongly too."""
    said, layers = [], list(made.layers)
    for rule in get_rules(app):
        for layer in layers if "<layer>" in rule.rule else [""]:
            if layer and client.get(f"/collections/{layer}").status_code == 404:
                continue
            ids = [row.values["code"] for row in made.layers.get(layer, ()) if sees(audience, layer, row)]
            for each in ids if "feature_id" in rule.rule else [""]:
                address = rule.rule.replace("<layer>", layer).replace("<id:feature_id>", each).replace(
                    "<path:name>", "hantsmap.css").replace("<style>", "openlayers").replace(
                    # The one tile that all of this county is in.
                    "<zoom>/<row>/<column>", "0/5/2").replace("<matrix>", "BritishNationalGrid")
                ways = [*dict.fromkeys(FORMS), *(f"crs={system}" for system in CRS)]
                if address.endswith("/items"):
                    ways += [f"f=csv&crs={METRES}", f"f=html&crs={METRES}", "limit=2", "limit=2&offset=2", "bbox=1"]
                said += [call(client, Asked(f"{address}?{way}")).heard for way in ways]
                said += [call(client, Asked(f"{address}?{way}")).heard for way in (
                    "nothing=1", "filter=nothing=1", "sortby=nothing", "properties=nothing", "filter=(", "datetime=x")]
    return "\n".join(said)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_canary_is_heard_by_those_who_may_and_by_nobody_else(
    ask_as: Callable[[str], FlaskClient], made: Canaries, audience: str
) -> None:
    """In every document, page, table, header, drawing and refusal: all that an audience may have, and nothing more."""
    client = ask_as(audience)
    said = everything(client.application, client, made, audience)
    canaries = list(words(made))
    leaked = [(what, text) for what, text, who in canaries if audience not in who and text in said]
    silent = [(what, text) for what, text, who in canaries if audience in who and text not in said]
    assert not leaked
    assert not silent
    assert len(canaries) > 90 and all(who for _, _, who in canaries)


@pytest.fixture(scope="module")
def twins(made: Canaries, clock: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`twins(audience)`: the store of a county that is another one in all that the audience may not know."""
    return lambda audience: twin(made, audience).publish(tmp_path_factory.mktemp(f"twin-{audience}"))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_nobody_can_tell_the_county_from_its_twin(
    ask_as: Callable[[str], FlaskClient], twins: Callable[[str], Path], made: Canaries, audience: str
) -> None:
    """Hidden fields, rows, places, licensed lines and suppressed counts are changed, and hidden rows are added: each of
    many questions, boxes around the true places among them, is answered with the same bytes."""
    client = ask_as(audience)
    other = application(twins(audience), audience=audience, address_rate=10**9).test_client()
    generator = Generator(client.application, known(made, audience, twin(made, audience)), f"twin {audience}")
    found = 0
    for asked in (*generator.every_route(), *generator.sample(260)):
        one = call(client, asked)
        assert one == call(other, asked), asked
        found += one.status == 200
    assert found > 50


def test_a_twin_is_noticed_by_who_may_know(ask_as: Callable[[str], FlaskClient], twins: Callable[[str], Path]) -> None:
    """The check of the check: to the ecologists, who know all, the twin of the public is another county."""
    other = application(twins("public"), audience="ecologists", address_rate=10**9).test_client()
    for layer in ("burrows", "lanes", "fences", "heads"):
        assert ask_as("ecologists").get(at(layer)).data != other.get(at(layer)).data, layer


def matched(client: FlaskClient, layer: str, **asked: Any) -> int:
    """How many features match a question."""
    answer = client.get(at(layer, limit=1, **asked))
    assert answer.status_code == 200, answer.text
    count: int = answer.get_json()["numberMatched"]
    return count


@pytest.mark.parametrize("audience", BURROW_SIDES)
@pytest.mark.parametrize("way", ["bbox", "S_INTERSECTS", "S_WITHIN"])
def test_halving_a_box_ends_at_the_square(
    ask_as: Callable[[str], FlaskClient], made: Canaries, audience: str, way: str
) -> None:
    """Who halves a box again and again, keeping the half that matches, learns the edges of the square and no more."""
    client, side = ask_as(audience), BURROW_SIDES[audience]
    row = next(row for row in made.layers["burrows"] if sees(audience, "burrows", row))
    assert side_of(audience, "burrows") == side
    edge = [axis // side * side for axis in row.place]

    def is_in(west: float, south: float, east: float, north: float) -> bool:
        if way == "bbox":
            box = f"{west},{south},{east},{north}"
            return matched(client, "burrows", bbox=box, bbox_crs="27700", code=row.values["code"]) == 1
        test = f"{way}(geometry, BBOX({west},{south},{east},{north})) AND code = '{row.values['code']}'"
        return matched(client, "burrows", filter=test, filter_crs="27700") == 1

    if way == "S_WITHIN":
        assert is_in(edge[0], edge[1], edge[0] + side, edge[1] + side)
        for share in (0.999, 0.5, 0.1):
            x, y = row.place
            assert not is_in(x - side * share / 2, y - side * share / 2, x + side * share / 2, y + side * share / 2)
        return
    for east in (0.01, 0.2, 0.5, 0.9, 0.99):
        for north in (0.01, 0.5, 0.99):
            x, y = edge[0] + side * east, edge[1] + side * north
            assert is_in(x, y, x + 0.01, y + 0.01), "every place of the square is as likely as any other"
    assert not is_in(edge[0] - side / 2, edge[1], edge[0] - 0.02, edge[1] + side)
    assert not is_in(edge[0] + side + 0.02, edge[1], edge[0] + 1.5 * side, edge[1] + side)


@pytest.mark.parametrize("audience", ["public", "partners", "crew"])
def test_no_question_tells_a_suppressed_count(
    ask_as: Callable[[str], FlaskClient], made: Canaries, audience: str
) -> None:
    """Equal to, under, between, sorted and listed: a count that is suppressed answers as no number at all."""
    client = ask_as(audience)
    small = [row.values["code"] for row in made.layers["heads"] if min(row.values["young"], row.values["old"]) < 10]
    for code in small:
        here = f"code = '{code}' AND "
        for name in ("young", "old"):
            for test in (f"{name} = {{}}", f"{name} <= {{}}", f"NOT {name} > {{}}", f"{name} BETWEEN 0 AND {{}}",
                         f"{name} IN ({{}})", f"total - {name} > {{}}"):
                answers = {client.get(at("heads", filter=here + test.format(count))).get_json().get("numberMatched")
                           for count in range(0, 121, 3)}
                assert answers in ({0}, {None}), (code, test, answers)
    shown = client.get(at("heads")).get_json()["features"]
    assert {each["id"] for each in shown if each["properties"]["suppressed"]} == set(small)
    exact = ask_as("officers")
    assert all(matched(exact, "heads", filter=f"code = '{code}' AND (young < 10 OR old < 10)") == 1 for code in small)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_hidden_row_counts_nowhere(ask_as: Callable[[str], FlaskClient], made: Canaries, audience: str) -> None:
    """In no count, no sum of pages, no list of values and no box does a row stand that is not there for the viewer."""
    client = ask_as(audience)
    for layer, rows in made.layers.items():
        there = [row for row in rows if sees(audience, layer, row)]
        if not there:
            assert client.get(at(layer)).status_code == 404
            continue
        assert matched(client, layer) == len(there)
        assert client.get(f"/collections/{layer}").get_json()["numberOfFeatures"] == len(there)
        for row in rows:
            code = row.values["code"]
            expected = int(row in there)
            for test in (f"code = '{code}'", f"code LIKE '%{code[-3:]}'", f"code IN ('{code}', 'x')"):
                assert matched(client, layer, filter=test) == expected, (layer, test)
            assert matched(client, layer, code=code) == expected
            assert client.get(f"/collections/{layer}/items/{code}").status_code == (200 if expected else 404)
