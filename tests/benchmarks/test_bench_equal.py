"""The bench compares answers feature by feature, and stops at the first difference."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.equal import Known, same, same_value
from benchmarks.errors import UnequalError
from benchmarks.habits import Habits
from benchmarks.questions import Question
from hantsmap import crs
from hantsmap.rendition import Rendition

STRICT = Habits()
Page = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture
def page(rendition: Rendition) -> Page:
    """Our first ten features, and the same as a peer with its own ids would give them."""
    features = json.loads(b"[" + b"".join(rendition.slices(crs.CRS84.uri, np.arange(10))) + b"]")
    mine = {"numberMatched": rendition.count, "features": features}
    other = copy.deepcopy(mine)
    for number, feature in enumerate(other["features"], 1):
        feature["id"] = number
        feature["properties"]["fid"] = number
    return mine, other


def test_equal_pages_are_equal(page: Page, rendition: Rendition) -> None:
    """Ids of the peer's own and an `fid` beside our fields are no difference."""
    same(*page, Question("crs84", limit=10), STRICT, Known(rendition))


def _swap(page: dict[str, Any]) -> None:
    features = page["features"]
    features[3], features[4] = features[4], features[3]


def _shift(page: dict[str, Any]) -> None:
    page["features"][7]["geometry"]["coordinates"][1][0] += 2e-7


DIFFERENCES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "Feature 5 is there where 4 is here": _swap,
    "Feature 8 lies 0.000000200 off": _shift,
    "9 features there, 10 here": lambda page: page["features"].pop(),
    "3 features match there": lambda page: page.update(numberMatched=3),
    "speed_limit_mph of feature 1 is -1": lambda page: page["features"][0]["properties"].update(speed_limit_mph=-1),
    "has the fields ['more'] there and [] here only": lambda page: page["features"][0]["properties"].update(more=1),
    "has the fields [] there and ['esu_id'] here only": lambda page: page["features"][2]["properties"].pop("esu_id"),
    "points there": lambda page: page["features"][6]["geometry"]["coordinates"].pop(),
    "is a Point there, a LineString here": lambda page: page["features"][5]["geometry"].update(type="Point"),
}


@pytest.mark.parametrize("sentence", DIFFERENCES)
def test_a_difference_is_named(page: Page, rendition: Rendition, sentence: str) -> None:
    """Order, place, number, count, value, fields, points and type: each difference is found, and said."""
    mine, other = page
    DIFFERENCES[sentence](other)

    with pytest.raises(UnequalError) as fault:
        same(mine, other, Question("crs84", limit=10), STRICT, Known(rendition))

    assert sentence in str(fault.value)


def test_one_feature_is_compared_too(page: Page, rendition: Rendition) -> None:
    """A feature by its id is compared like one on a page."""
    mine, other = page[0]["features"][4], page[1]["features"][4]
    same(mine, other, Question("crs84", position=4), STRICT, Known(rendition))
    other["properties"]["road_class"] = "Motorway"

    with pytest.raises(UnequalError, match="road_class of feature 5"):
        same(mine, other, Question("crs84", position=4), STRICT, Known(rendition))


def test_last_digits_count_in_the_system_that_was_asked_for(page: Page, rendition: Rendition) -> None:
    """A centimetre in the National Grid, a seventh decimal of a degree; a peer that rounds gets what it declares."""
    mine, other = page
    _shift(other)

    same(mine, other, Question("crs84", limit=10), Habits(degrees=1e-6), Known(rendition))
    same(mine, other, Question("27700", limit=10), STRICT, Known(rendition))


@pytest.mark.parametrize(("mine", "other", "texts", "equal"), [
    (30, 30, False, True), (30, 31, False, False), (30, "30", False, False), (30, "30", True, True),
    (30, "31", True, False), (1, True, False, False), (True, "true", True, True), (True, "false", True, False),
    (None, None, False, True), (None, "", False, False), (None, "", True, True), (None, "x", True, False),
    ("2026-01-31", "2026-01-31T00:00:00", False, True), ("2026-01-31", "2026-02-01T00:00:00", False, False),
    ([1, 2], [1, 2], False, True), ([1, 2], [2, 1], False, False), ([1, 2], "{1,2}", True, True),
    ([1, 2], "{1,3}", True, False), (12.5, "12.50", True, True), (12.5, "far", True, False),
])
def test_values(mine: Any, other: Any, texts: bool, equal: bool) -> None:
    """Values are one when they mean one thing; text stands for a number only where a peer knows text alone."""
    assert same_value(mine, other, texts) is equal


def test_a_box_may_be_answered_in_any_order_only_where_that_is_said(page: Page, rendition: Rendition) -> None:
    """A peer without an order may give any features in the box, once each, and as many as it counts."""
    mine, other = page
    bounds = np.array(mine["features"][0]["geometry"]["coordinates"])
    west, south, east, north = *bounds.min(axis=0), *bounds.max(axis=0)
    question = Question("crs84", limit=1_000, bbox=(west, south, east, north))
    known = Known(rendition)
    near = sorted(known.near(question, 0.0), reverse=True)
    given = [{**known.feature(number, question), "id": number} for number in near]
    mine, other = {"numberMatched": len(near)}, {"numberMatched": len(near), "features": given}

    same({**mine, "features": []}, other, question, Habits(boxes=True), known)
    stray = next(number for number in range(1, rendition.count) if number not in near)
    given[0] = {**known.feature(stray, question), "id": stray}
    with pytest.raises(UnequalError, match="are not in the box"):
        same({**mine, "features": []}, other, question, Habits(boxes=True), known)
