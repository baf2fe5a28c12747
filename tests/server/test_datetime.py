"""The `datetime` parameter: instants and intervals, open and closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from questions import at, ids, problem
from truth import Truth

FORMS = (
    ("2016-03-21", date(2016, 3, 21), date(2016, 3, 21)),
    ("1990-01-01/2005-12-31", date(1990, 1, 1), date(2005, 12, 31)),
    ("1990-01-01/..", date(1990, 1, 1), None), ("../1990-01-01", None, date(1990, 1, 1)),
    ("1990-01-01/", date(1990, 1, 1), None), ("/1990-01-01", None, date(1990, 1, 1)),
    ("2016-03-21T00:00:00Z", date(2016, 3, 21), date(2016, 3, 21)),
    ("1990-01-01T00:00:00Z/2005-12-31T23:59:59Z", date(1990, 1, 1), date(2005, 12, 31)),
    ("2016-03-21T12:00:00.5+01:00", date(2016, 3, 21), date(2016, 3, 21)),
    ("2016-03-21T", date(2016, 3, 21), date(2016, 3, 21)), ("2016-03-21T/..", date(2016, 3, 21), None),
    ("0001-01-01/9999-12-31", date(1, 1, 1), date(9999, 12, 31)),
    ("1066-10-14", date(1066, 10, 14), date(1066, 10, 14)),
)


@pytest.mark.parametrize(("text", "start", "end"), FORMS, ids=[form[0] for form in FORMS])
def test_instants(
    client: FlaskClient, true: Callable[..., Truth], text: str, start: date | None, end: date | None
) -> None:
    """A designation holds on its day; one without a day holds always (OGC 17-069, 7.15.4)."""
    truth = true("designations")
    expected = {each for each, day in zip(truth.ids, truth.column("designation_date"), strict=True)
                if day is None or ((start is None or day >= start) and (end is None or day <= end))}
    assert set(ids(client.get(at("designations", datetime=text)).get_json())) == expected


@pytest.mark.parametrize(("text", "start", "end"), [
    ("2025-06-01", date(2025, 6, 1), date(2025, 6, 1)), ("2018-01-01/2019-01-01", date(2018, 1, 1), date(2019, 1, 1)),
    ("2028-01-01/..", date(2028, 1, 1), None), ("../2017-01-01", None, date(2017, 1, 1))])
def test_periods(client: FlaskClient, true: Callable[..., Truth], text: str, start: date | None, end: date | None
                 ) -> None:
    """A site holds from its decision to its expiry; where one of them is not known, it is open on that side."""
    truth = true("housing_sites")
    expected = {each for each, first, last in zip(
        truth.ids, truth.column("decision_date"), truth.column("expiry_date"), strict=True)
        if (end is None or first is None or first <= end) and (start is None or last is None or last >= start)}
    assert set(ids(client.get(at("housing_sites", datetime=text)).get_json())) == expected
    assert expected


def test_a_layer_without_dates_holds_always(client: FlaskClient) -> None:
    """Where features have no date every time meets them."""
    assert client.get(at("winter_routes", datetime="1066-10-14")).get_json()["numberMatched"] == 185


def test_a_layer_with_several_dates_and_no_time_says_so(staff: FlaskClient) -> None:
    """Staff's rights of way have two dates of which none is their time: the sentence says how to ask."""
    sentence = problem(staff, staff.get(at("rights_of_way", datetime="2020-01-01")), 400, "datetime")
    assert "Name one in a filter" in sentence


@pytest.mark.parametrize("text", [
    "", "..", "../..", "/", "yesterday", "2026", "2026-13-01", "2026-02-30", "2026-01-01/2026-02-01/2026-03-01",
    "2026-01-01,2026-02-01", "20260101", "2026-1-1", "2026-01-01T25:00:00Z", "٢٠٢٦-٠١-٠١", "2026-W01-1",
    "2026-01-01 / ..", "2026-01-01 09:00:00",
    "10000-01-01", "2026-01-01TZ", "TTTTTT2026"])
def test_what_is_no_time_is_refused(client: FlaskClient, text: str) -> None:
    """Anything else is 400, with a sentence that shows how it is written."""
    sentence = problem(client, client.get(at("designations", datetime=text)), 400, "datetime")
    assert sentence.startswith(f"datetime `{text}` is not a date, a time or an interval. Write 2026-11-21")


def test_an_interval_that_ends_before_it_begins_is_refused(client: FlaskClient) -> None:
    """It would match nothing, and was not meant."""
    answer = client.get(at("designations", datetime="2026-02-01/2026-01-01"))
    assert problem(client, answer, 400, "datetime") == "datetime `2026-02-01/2026-01-01` ends before it begins."


def test_the_ends_of_time(client: FlaskClient) -> None:
    """The first and the last day that can be written, with any offset from Greenwich, are no fault of the server."""
    assert client.get(at("designations", datetime="../9999-12-31")).get_json()["numberMatched"] == 23
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        problem(client, client.get(at("designations", datetime=text)), 400, "datetime")
