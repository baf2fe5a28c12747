"""Whether a peer answers what we answer: feature by feature, before anything is timed."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.errors import UnequalError
from benchmarks.habits import Habits
from benchmarks.load import TIMEOUT_S, Request
from benchmarks.peers.peer import Cannot, Peer
from benchmarks.questions import SYSTEMS, Question, System
from benchmarks.work import Work
from hantsmap import crs
from hantsmap.rendition import Rendition

SAMPLE = 3
"""How many questions of each kind are compared, and the last one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, whether it was compressed, and the body as it was before that."""

    status: int
    compressed: bool
    body: bytes


def ask(port: int, request: Request) -> Answer:
    """Ask once, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", request.path, headers=dict(request.headers))
        answer = connection.getresponse()
        body = answer.read()
        compressed = answer.headers.get("Content-Encoding") == "gzip"
        return Answer(answer.status, compressed, gzip.decompress(body) if compressed else body)
    finally:
        connection.close()


class Known:
    """What we serve, as the peers number it: a feature's number is its position from 1 on."""

    def __init__(self, rendition: Rendition) -> None:
        self._rendition = rendition
        self._bounds: dict[System, NDArray[np.float64]] = {}

    def number(self, feature_id: str) -> int:
        """The number of one of our features."""
        position = self._rendition.position(str(feature_id))
        if position is None:
            raise UnequalError(f"We serve {feature_id}, which is not in our rendition.")
        return position + 1

    def feature(self, number: int, question: Question) -> dict[str, Any]:
        """The GeoJSON feature with this number, in the reference system of a question."""
        positions = np.array([number - 1])
        found: dict[str, Any] = json.loads(b"".join(self._rendition.slices(SYSTEMS[question.system].uri, positions)))
        return found

    def near(self, question: Question, slack: float) -> set[int]:
        """Numbers of the features whose bounds, in the reference system of a question, meet its bbox, or nearly."""
        bounds = self._bounds_in(question.system)
        west, south, east, north = np.array(question.bbox) + np.array([-1, -1, 1, 1]) * slack
        meet = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        return {int(position) + 1 for position in np.flatnonzero(meet)}

    def _bounds_in(self, system: System) -> NDArray[np.float64]:
        if system not in self._bounds:
            shapes = self._rendition.geometries(np.arange(self._rendition.count))
            self._bounds[system] = shapely.bounds(crs.served(shapes, SYSTEMS[system]))
        return self._bounds[system]


def check(work: Work, ours: tuple[Peer, int], theirs: tuple[Peer, int], known: Known) -> None:
    """Compare a sample of a work's answers, if the peer can do this work.

    Raises UnequalError at the first difference, naming the question.
    """
    sample = (*work.questions[:SAMPLE], work.questions[-1])
    if any(isinstance(theirs[0].ask(question), Cannot) for question in sample):
        return
    for question in sample:
        asked = _request(theirs[0], question)
        mine, other = ask(ours[1], _request(ours[0], question)), ask(theirs[1], asked)
        try:
            _compare(question, mine, other, theirs[0], known)
        except UnequalError as fault:
            raise UnequalError(f"{theirs[0].title} answers {work.name} otherwise than we do. {fault}\n"
                               f"  asked: {asked.path}\n  ours:  {_request(ours[0], question).path}") from None


def _request(peer: Peer, question: Question) -> Request:
    asked = peer.ask(question)
    assert isinstance(asked, Request)
    return asked


def _compare(question: Question, mine: Answer, other: Answer, peer: Peer, known: Known) -> None:
    wanted = 304 if question.unless else 200
    for who, answer in (("We", mine), (peer.title, other)):
        if answer.status != wanted:
            raise UnequalError(f"{who} answered {answer.status} and not {wanted}: {answer.body[:300]!r}")
        if question.gzip and not answer.compressed:
            raise UnequalError(f"{who} did not compress.")
    if peer.habits is None:
        if mine.body != other.body:
            raise UnequalError("The bytes differ.")
        return
    same(json.loads(mine.body), json.loads(other.body), question, peer.habits, known)


def same(mine: dict[str, Any], other: dict[str, Any], question: Question, habits: Habits,
         known: Known) -> None:
    """Compare two GeoJSON answers to one question: a feature each, or a page of them, in the same order.

    Raises UnequalError with a sentence that names the first difference.
    """
    if question.position is not None:
        _same_feature(mine, other, question, habits, known)
        return
    ours, theirs = mine["features"], other["features"]
    if question.bbox and habits.boxes:
        _same_box(mine, other, question, habits, known)
        return
    if "numberMatched" in other and other["numberMatched"] != mine["numberMatched"]:
        raise UnequalError(f"{other['numberMatched']} features match there, {mine['numberMatched']} here.")
    if len(ours) != len(theirs):
        raise UnequalError(f"{len(theirs)} features there, {len(ours)} here.")
    for each, like in zip(ours, theirs, strict=True):
        _same_feature(each, like, question, habits, known)


def _same_box(mine: dict[str, Any], other: dict[str, Any], question: Question, habits: Habits, known: Known) -> None:
    """A bbox page of a peer that gives what it finds first: any features will do that match, if they are ours."""
    theirs, matched = other["features"], other["numberMatched"]
    numbers = [int(feature["id"]) for feature in theirs]
    near = known.near(question, habits.slack if question.system == "crs84" else 0.0)
    strays = sorted(set(numbers) - near)
    if strays or len(set(numbers)) != len(numbers):
        raise UnequalError(f"Features {strays or numbers} come twice, or are not in the box, not even by their bounds.")
    if not mine["numberMatched"] <= matched <= len(near):
        raise UnequalError(f"{matched} match there, {mine['numberMatched']} here, by their bounds {len(near)}.")
    if len(theirs) != max(0, min(question.limit, matched - question.offset)):
        raise UnequalError(f"{len(theirs)} of {matched} features are there.")
    for number, feature in zip(numbers, theirs, strict=True):
        _same_feature(known.feature(number, question), feature, question, habits, known)


def _same_feature(mine: dict[str, Any], other: dict[str, Any], question: Question, habits: Habits,
                  known: Known) -> None:
    number = known.number(mine["id"])
    if str(other["id"]) != str(number):
        raise UnequalError(f"Feature {other['id']} is there where {number} is here.")
    _same_properties(mine["properties"], other["properties"], habits.texts, number)
    _same_geometry(mine["geometry"], other["geometry"],
                   habits.degrees if question.system == "crs84" else habits.metres, number)


def _same_properties(mine: Mapping[str, Any], other: Mapping[str, Any], texts: bool, number: int) -> None:
    more, fewer = other.keys() - mine.keys() - {"fid"}, mine.keys() - other.keys()
    if more or fewer:
        raise UnequalError(f"Feature {number} has the fields {sorted(more)} there and {sorted(fewer)} here only.")
    for name, value in mine.items():
        if not same_value(value, other[name], texts):
            raise UnequalError(f"{name} of feature {number} is {other[name]!r} there, {value!r} here.")


def same_value(mine: Any, other: Any, texts: bool = False) -> bool:
    """Whether two values are one: dates may have an empty time; where a peer knows `texts` only, their text counts."""
    if mine == other:
        return not (isinstance(mine, bool) ^ isinstance(other, bool))
    if not isinstance(other, str):
        return False
    if isinstance(mine, str):
        return other in (f"{mine}T00:00:00", f"{mine}T00:00:00Z")
    if not texts:
        return False
    if mine is None:
        return other == ""
    if isinstance(mine, bool):
        return other.lower() in (("true", "t", "1") if mine else ("false", "f", "0"))
    if isinstance(mine, list):
        return other.strip("{}[]()").replace(" ", "").replace('"', "") in (",".join(map(str, mine)),
                                                                          f"{len(mine)}:{','.join(map(str, mine))}")
    try:
        return float(other) == float(mine)
    except ValueError:
        return False


def _same_geometry(mine: Any, other: Any, off: float, number: int) -> None:
    if mine["type"] != other["type"]:
        raise UnequalError(f"Feature {number} is a {other['type']} there, a {mine['type']} here.")
    here, there = np.array(mine["coordinates"]), np.array(other["coordinates"])
    if here.shape != there.shape:
        raise UnequalError(f"Feature {number} has {len(there)} points there, {len(here)} here.")
    furthest = float(np.abs(here - there).max(initial=0.0))
    # Half a last digit of ours and of theirs; and what binary fractions make of it.
    if furthest > off * 1.001:
        raise UnequalError(f"Feature {number} lies {furthest:.9f} off.")
