"""Nobody can wear the server out, and nobody is turned away for standing behind the same address as others."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from callers import at
from flask.testing import FlaskClient
from shops import Shop, application

from hantsmap.accounts import Accounts

# A generous bound, for machines with other things to do: what is not bounded takes minutes.
SECONDS, BYTES = 20.0, 60_000_000


def ring(vertices: int) -> str:
    """A polygon with so many corners, as a saw."""
    points = [f"{-1.9 + number / vertices:.5f} {50.8 + (number % 2) / 10}" for number in range(vertices)]
    return f"POLYGON(({','.join(points)},{points[-1].split()[0]} 50,-1.9 50,{points[0]}))"


def zigzag(number: int) -> str:
    """A line of 60 long edges, which are cut into some 30,000 pieces on the way to the National Grid."""
    return f"LINESTRING({','.join(f'-1.{each % 2 * 8}{number:02} 51.{each:02}' for each in range(60))})"


QUESTIONS: dict[str, tuple[tuple[int, ...], dict[str, str]]] = {
    "a huge limit": ((200,), {"limit": "9" * 4_000}),
    "a deep offset": ((200,), {"offset": str(10**12)}),
    "a deeper offset": ((200,), {"offset": "9" * 5_000}),
    "twenty thousand corners": ((400,), {"filter": f"S_INTERSECTS(geometry, {ring(20_000)})"}),
    "five thousand corners": ((200, 400), {"filter": f"S_WITHIN(geometry, {ring(5_000)})"}),
    "deep nesting": ((400,), {"filter": "(" * 5_000 + "usrn = 1" + ")" * 5_000}),
    "deep negation": ((400,), {"filter": "NOT " * 5_000 + "usrn = 1"}),
    "deep JSON": ((400,), {"filter": '{"op":"not","args":[' * 5_000, "filter-lang": "cql2-json"}),
    "many conditions": ((400,), {"filter": " OR ".join(f"usrn = {number}" for number in range(5_000))}),
    "a long list": ((200, 400), {"filter": f"usrn IN ({','.join(map(str, range(20_000)))})"}),
    "a greedy pattern": ((200, 400), {"filter": f"street_descriptor LIKE '{'%a' * 400}'"}),
    "a long text": ((400,), {"filter": "x" * 400_000}),
    "a box of the world": ((200,), {"bbox": "-180,-90,180,90", "limit": "1"}),
    "a box of nowhere": ((200, 400), {"bbox": "1e308,1e308,1e309,1e309"}),
    "an extreme box": ((200, 400), {"bbox": "-1e300,-1e300,1e300,1e300"}),
    "a long sort": ((400,), {"sortby": ",".join(["usrn"] * 2_000), "limit": "1"}),
    "a field sorted by twice": ((400,), {"sortby": "usrn,length_m,-usrn", "limit": "1"}),
    "nine fields to sort by": ((400,), {"sortby": "usrn,length_m,street_descriptor,last_update_date,synthetic,"
                                                  "surface_text,a,b,c"}),
    "half a surrogate pair": ((400,), {"filter": '{"op":"=","args":[{"property":"street_descriptor"},"\\ud800"]}',
                                       "filter-lang": "cql2-json"}),
    "many zigzags": ((400,), {"filter": " OR ".join(f"S_INTERSECTS(geometry,{zigzag(number)})" for number in range(90)),
                              "limit": "1"}),
    "many properties": ((400,), {"properties": ",".join(["usrn"] * 5_000), "limit": "1"}),
    "a thousand parameters": ((400,), {f"p{number}": "1" for number in range(1_000)}),
    "a long number": ((200, 400), {"filter": f"usrn = {'9' * 50_000}"}),
    "a long exponent": ((200, 400), {"filter": "usrn < 1e99999999"}),
    "a long reference system": ((400,), {"crs": "x" * 50_000}),
    "a long date": ((400,), {"datetime": "2" * 50_000}),
    "long division": ((200, 400), {"filter": "usrn = " + "/".join(["1"] * 2_000)}),
    "high powers": ((200, 400), {"filter": "usrn = 9^9^9^9^9"}),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_question_that_asks_too_much_is_answered_soon(client: FlaskClient, what: str) -> None:
    """Answered or refused within seconds, in bounded memory, with a short answer to a long question."""
    statuses, asked = QUESTIONS[what]
    client.get(at("streets", limit=1))
    tracemalloc.start()
    begin = perf_counter()
    answer = client.get("/collections/streets/items", query_string=asked)
    took, (_, most) = perf_counter() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code in (*statuses, 414), answer.text[:300]
    assert took < SECONDS
    assert most < BYTES
    assert answer.status_code == 200 or len(answer.data) < 10_000


def page(client: FlaskClient, offset: int, **headers: str) -> Any:
    """A page of the odd things; at 0 the first one."""
    return client.get(at("odd", limit=2, offset=offset), headers=headers)


def spent(client: FlaskClient, **headers: str) -> Any:
    """Ask for first pages until that is too much; the refusal."""
    for number in range(80):
        answer = client.get(at("odd", limit=1, rank=number), headers=headers)
        if answer.status_code == 429:
            return answer
        assert answer.status_code == 200
    raise AssertionError("nothing was ever too much")


@pytest.mark.parametrize("known", [True, False])
def test_too_much_is_told_on_a_first_page_and_never_in_the_middle(odd_shop: Shop, tmp_path: Path, known: bool) -> None:
    """Whoever asks too much waits before the next layer, and is told how long; a layer that was begun is finished."""
    url = f"sqlite:///{tmp_path / 'accounts.sqlite'}"
    with Accounts(url) as accounts:
        until = (datetime.now(UTC) + timedelta(days=1)).date()
        secret = accounts.issue("staff", "Testers", "tests", until, "tests").secret
        client = application(odd_shop.store, accounts=url, key_rate=20, address_rate=40).test_client()
        who = {"X-API-Key": secret} if known else {}
        assert page(client, 0, **who).status_code == 200
        refused = spent(client, **who)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.content_type == "application/problem+json"
        for offset in range(2, 18, 2):
            answer = page(client, offset, **who)
            assert answer.status_code == 200 and answer.get_json()["numberReturned"] == 2
        assert spent(client, **who).status_code == 429
        assert client.get("/collections", headers={"X-API-Key": secret} if not known else {}).status_code == 200


def test_another_address_in_a_header_is_no_other_address(odd_shop: Shop) -> None:
    """Who asks too much cannot get away with saying to be somebody else, unless a proxy of ours says so."""
    client = application(odd_shop.store, address_rate=40).test_client()
    spent(client)
    for claimed in ({"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "203.0.113.9"},
                    {"X-Client-IP": "203.0.113.9"}, {"True-Client-IP": "203.0.113.9"}):
        assert client.get(at("odd"), headers=claimed).status_code == 429


def test_a_class_behind_one_address_is_answered(odd_shop: Shop) -> None:
    """Thirty pupils open their maps at once, twenty requests each, from one address: nobody is turned away."""
    app = application(odd_shop.store)
    pages = [at("odd", limit=2, offset=2 * number) for number in range(16)]
    addresses = ["/", "/collections", "/collections/odd", "/static/hantsmap.css", *pages]

    def pupil(_: int) -> list[int]:
        client = app.test_client()
        return [client.get(address).status_code for address in addresses]

    with ThreadPoolExecutor(30) as school:
        answered = [status for statuses in school.map(pupil, range(30)) for status in statuses]
    assert len(answered) == 600
    assert set(answered) == {200}
