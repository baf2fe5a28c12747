"""The kinds of work ask for what they say, and every peer is asked for the same."""

from __future__ import annotations

import random
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from benchmarks.drawing import around, matching, touching, wheres
from benchmarks.errors import BenchError
from benchmarks.load import Request, write_list
from benchmarks.peers.ours import Ours, cql2
from benchmarks.peers.peer import Cannot
from benchmarks.questions import Box, Comparison, Question, put_in
from benchmarks.work import TASKS, VARIANTS, VARIED, draw
from hantsmap import crs
from hantsmap.query import ask
from hantsmap.query.selecting import select
from hantsmap.rendition import Rendition

SMALL = ("page*", "bbox*", "ten*", "one*", "first", "deep", "same", "whole", "mixed")
DEGREES, METRES = (-1.5, 50.9, -1.25, 51.0), (440_000, 110_000, 442_000, 112_000)
WHERE = (Comparison("road_class", "=", "A Road"), Comparison("esu_id", "<", "50000000000000"))
COMPARED = (
    Question("crs84", offset=7, limit=10), Question("27700", limit=1_000), Question("crs84", bbox=DEGREES),
    Question("27700", bbox=METRES), Question("crs84", limit=100, where=WHERE),
    Question("crs84", limit=100, within=DEGREES, where=WHERE), Question("crs84", position=11),
    Question("27700", position=11), Question("crs84", gzip=True))


def asked(peer: Any, question: Question) -> tuple[Request, dict[str, str]]:
    """The request of a peer, and its parameters."""
    request = peer.ask(question)
    assert isinstance(request, Request)
    return request, {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]


@pytest.mark.parametrize("question", COMPARED, ids=str)
def test_every_peer_is_asked_for_the_same(ours: Ours, peers: list[Any], question: Question) -> None:
    """Limit, offset, box, filter, reference system, id and compression are the same in everybody's words."""
    mine, meant = asked(ours, question)
    for peer in peers:
        if isinstance(peer.ask(question), Cannot):
            continue
        theirs, given = asked(peer, question)
        if question.position is None:
            assert int(given["limit"]) == int(meant.get("limit", 1_000)) == question.limit
            assert int(given.get("offset", 0)) == int(meant.get("offset", 0)) == question.offset
        else:
            assert re.search(r"/items/12(\.json)?\b", theirs.path)
        assert numbers(given.get("bbox", "")) == numbers(meant.get("bbox", "")) == list(question.bbox or ())
        assert re.sub(r"\bINTERSECTS", "S_INTERSECTS", given.get("filter", "")) == meant.get("filter", "")
        assert ("27700" in urlsplit(theirs.path).query + theirs.path) == (question.system == "27700")
        assert (theirs.headers.get("Accept-Encoding") == "gzip") == (mine.headers.get("Accept-Encoding") == "gzip")


def test_what_a_peer_cannot_do_has_a_reason(peers: list[Any]) -> None:
    """A question that a peer cannot be asked is refused with words for the table."""
    refused = {(peer.name, peer.ask(question).reason) for peer in peers for question in (
        Question("27700"), Question("crs84", where=(Comparison("a", "=", 1),)), Question("crs84", offset=5),
        Question("crs84", unless=True), Question("27700", position=1)) if isinstance(peer.ask(question), Cannot)}

    assert refused == {
        ("tipg", "CRS84 only"), ("qgis", "no CQL2"), ("qgis", "one feature in CRS84 only"), ("mapserver", "no CQL2"),
        ("mapserver", "ignores offset"), ("mapserver", "CRS84 only"),
        *((name, "no ETag") for name in ("pygeoapi", "tipg", "qgis", "mapserver"))}


def test_our_own_words_are_understood_by_us(ours: Ours, rendition: Rendition) -> None:
    """Each question that can be drawn from the village is one that our own parser reads, and means the same by."""
    for work in draw(rendition, SMALL):
        for question in work.questions[:5]:
            if question.position is None:
                query = ask(rendition, asked(ours, question)[1])
                assert (query.limit, query.offset) == (question.limit, question.offset)
                assert query.crs is (crs.CRS84 if question.system == "crs84" else crs.EPSG27700)
                assert bool(query.filters) == bool(question.bbox)


def test_the_same_layer_gives_the_same_questions(rendition: Rendition) -> None:
    """Two runs ask the same, so that they can be compared."""
    assert draw(rendition, SMALL) == draw(rendition, SMALL)


def test_variants_ask_the_same_in_another_form(rendition: Rendition) -> None:
    """A variant differs in reference system and compression, and in nothing else."""
    plain, grid, packed, both = draw(rendition, ("page*",))

    assert [work.name for work in (plain, grid, packed, both)] == ["page", *(f"page{variant}" for variant in VARIANTS)]
    assert [(work.questions[0].system, work.questions[0].gzip) for work in (plain, grid, packed, both)] == [
        ("crs84", False), ("27700", False), ("crs84", True), ("27700", True)]
    assert {work.questions[3].offset for work in (plain, grid, packed, both)} == {plain.questions[3].offset}


def test_work_that_is_not_there_is_named(rendition: Rendition) -> None:
    """A name on the command line that is no work is refused, with those that are."""
    with pytest.raises(BenchError, match=r"no work called pages\. There is bbox, bbox\*, bbox\+27700"):
        draw(rendition, ("pages",))


def test_kinds_have_names_of_their_own() -> None:
    """Every kind is called by one name, and all that vary are kinds."""
    names = [task.name for task in TASKS]

    assert len(set(names)) == len(names) and set(VARIED) <= set(names)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 2**32), st.integers(5, 400))
def test_a_box_holds_about_what_it_was_drawn_for(rendition: Rendition, seed: int, features: int) -> None:
    """At least so many features meet a box as it was drawn for."""
    assert touching(rendition, around(rendition, random.Random(seed), features)) >= features


@pytest.mark.parametrize("seed", range(5))
def test_filters_match_enough(rendition: Rendition, seed: int) -> None:
    """Every filter is different, and met by as many features as was asked; our own evaluator counts the same."""
    columns = {name: rendition.column(name) for name in ("road_class", "speed_limit_mph", "esu_id")}
    drawn = wheres(rendition, random.Random(seed), 5, least=20)

    assert len(set(drawn)) == 5
    for where in drawn:
        query = ask(rendition, {"filter": cql2(Question(where=where))})
        assert matching(columns, where) == len(select(rendition, query)) >= 20


BOX: Box = (440_000, 110_000, 442_000, 113_000)


def test_a_box_keeps_its_place_in_degrees() -> None:
    """A box of the National Grid put in degrees has the same middle, to a metre."""
    moved = put_in(Question(bbox=BOX), "crs84").bbox
    assert moved is not None
    x, y = crs.to_grid(np.array(moved[0::2]), np.array(moved[1::2]))

    assert shapely.box(x[0], y[0], x[1], y[1]).centroid.distance(shapely.box(*BOX).centroid) < 1


def test_requests_are_written_for_wrk(tmp_path: Any) -> None:
    """One line a request: its path, then its headers, with tabs between."""
    file = write_list([Request("/a?b=c%20d"), Request("/e", {"Accept-Encoding": "gzip", "If-None-Match": '"x"'})],
                      tmp_path / "list")

    assert file.read_text() == '/a?b=c%20d\n/e\tAccept-Encoding: gzip\tIf-None-Match: "x"\n'
