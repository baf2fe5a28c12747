"""One client's costly requests do not hold up those of others, in whichever kind of work they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import pytest
import shops
from asking import PEER, front_of
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap import deadline, filters
from hantsmap.errors import SlowQueryError, UnavailableError
from hantsmap.query import asking
from server import dispatch, front
from server.answer import Answer
from server.charging import WEIGHTS
from server.dispatch import Dispatcher, Job
from server.doorkeeper import Viewer
from server.request import Request
from server.routes import route_kind

ITEMS = "/collections/odd/items"


def refused(fault: Exception) -> Answer:
    return Answer(503, [], str(fault).encode())


@contextmanager
def lanes(**given: tuple[int, int]) -> Iterator[Dispatcher]:
    """A dispatcher with these lanes: threads, and how many of them one client may hold."""
    made = Dispatcher(given)  # type: ignore[arg-type]
    yield made
    made.shutdown()


def job(client: str, work: Callable[[], Answer], delay: float = 0.0) -> Job:
    return Job("questions", client, work, refused, delay)


def test_each_client_gets_its_turn() -> None:
    """A client that comes after 50 jobs of another one is served second, not last."""
    with lanes(questions=(1, 1)) as made:
        go, done = threading.Event(), []

        def work(name: str) -> Callable[[], Answer]:
            return lambda: (go.wait(10), done.append(name), Answer(200))[2]

        futures = [made.submit(job("greedy", work(f"greedy {number}"))) for number in range(50)]
        futures += [made.submit(job(name, work(name))) for name in ("one", "two")]
        go.set()
        assert {future.result(10).status for future in futures} == {200}
    assert done[:4] == ["greedy 0", "greedy 1", "one", "two"] or done[:4] == ["greedy 0", "one", "two", "greedy 1"]
    assert [name for name in done if name.startswith("greedy")] == [f"greedy {number}" for number in range(50)]


def test_one_client_never_holds_every_thread() -> None:
    """However many jobs a client has, threads are left for others; when nobody else comes it has its share."""
    with lanes(questions=(4, 2)) as made:
        go, lock, most, now = threading.Event(), threading.Lock(), [0], [0]

        def work() -> Answer:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            go.wait(10)
            with lock:
                now[0] -= 1
            return Answer(200)

        futures = [made.submit(job("greedy", work)) for _ in range(20)]
        assert made.submit(job("other", lambda: Answer(204))).result(5).status == 204
        until = time.monotonic() + 5
        while most[0] < 2:
            assert time.monotonic() < until
            time.sleep(0.005)
        go.set()
        assert all(future.result(10).status == 200 for future in futures) and most == [2]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0.0, 0.0, 0.01]), st.booleans()), max_size=40),
       st.integers(1, 4), st.integers(1, 4))
def test_every_job_is_done_once(jobs: list[tuple[str, float, bool]], threads: int, share: int) -> None:
    """Whatever is submitted, delayed or goes on as another job: each is done once, and what it raises is told."""
    with lanes(questions=(threads, share), documents=(1, 1)) as made:
        done: list[int] = []

        def work(number: int, fails: bool) -> Answer | Job:
            if fails:
                raise ValueError(number)
            return Job("documents", "x", lambda: (done.append(number), Answer(200))[1], refused)

        futures = [made.submit(job(client, lambda number=number, fails=fails: work(number, fails), delay))  # type: ignore[misc]
                   for number, (client, delay, fails) in enumerate(jobs)]
        for future, (_, _, fails) in zip(futures, jobs, strict=True):
            assert isinstance(future.exception(10), ValueError) is fails
        assert sorted(done) == [number for number, each in enumerate(jobs) if not each[2]]


def test_what_nobody_waits_for_is_not_begun() -> None:
    """A job whose client has gone is not done; too many that wait are refused at once."""
    with lanes(questions=(1, 1)) as made:
        go, done = threading.Event(), []
        first = made.submit(job("a", lambda: (go.wait(10), Answer(200))[1]))
        gone: Future[Answer] = made.submit(job("a", lambda: (done.append(1), Answer(200))[1]))
        assert gone.cancel()
        waiting = [made.submit(job("b", lambda: Answer(200))) for _ in range(dispatch.MOST_OF_CLIENT)]
        full = made.submit(job("b", lambda: Answer(200))).result(1)
        assert (full.status, full.body) == (503, b"Too many requests are waiting to be answered. Try again in 5 s.")
        go.set()
        assert first.result(10).status == 200 and {each.result(10).status for each in waiting} == {200} and done == []


def test_a_delayed_job_waits_without_a_thread() -> None:
    """While a job is held back, the only thread of its lane does others."""
    with lanes(questions=(1, 1)) as made:
        begin = time.monotonic()
        late = made.submit(job("a", lambda: Answer(200), delay=0.3))
        assert made.submit(job("a", lambda: Answer(200))).result(5) and time.monotonic() - begin < 0.25
        assert late.result(5).status == 200 and time.monotonic() - begin >= 0.3


def test_delayed_jobs_count_for_their_client_only() -> None:
    """Delayed jobs count towards the limit of their own client: it gets 503 beyond that, and others are answered."""
    with lanes(questions=(1, 1)) as made:
        later = [made.submit(job("greedy", lambda: Answer(200), delay=60)) for _ in range(2_000)]
        refused_jobs = [each for each in later if each.done()]
        assert len(refused_jobs) == 2_000 - dispatch.MOST_OF_CLIENT
        assert {each.result().status for each in refused_jobs} == {503}
        assert made.submit(job("greedy", lambda: Answer(200))).result(5).status == 503
        assert made.submit(job("other", lambda: Answer(200))).result(5).status == 200


def test_a_delayed_job_is_counted_until_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may send again as soon as its delayed jobs were begun, and not before."""
    monkeypatch.setattr(dispatch, "MOST_OF_CLIENT", 2)
    with lanes(questions=(1, 1)) as made:
        first = [made.submit(job("a", lambda: Answer(200), delay=0.2)) for _ in range(3)]
        assert first[2].result(5).status == 503
        assert [each.result(5).status for each in first[:2]] == [200, 200]
        assert made.submit(job("a", lambda: Answer(200))).result(5).status == 200
        assert not made._lanes["questions"]._waiting


def test_a_question_is_stopped_after_its_time(odd_shop: shops.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that takes longer than it may is answered with 503, what to do, and when to try again."""
    monkeypatch.setattr(front, "QUERY_S", 0.0)
    with front_of(shops.application(odd_shop.store)) as made:
        heard = made.ask(f"{ITEMS}?filter=rank=2")
        assert (heard.status, heard.headers["retry-after"]) == (503, "30")
        assert b"This question took longer than 0 s and was stopped. Ask for less: a smaller bbox" in heard.body
        assert made.ask(ITEMS).status == made.ask("/collections").status == 200
    with pytest.raises(SlowQueryError), deadline.within(-1):
        deadline.check()
    deadline.check()


def test_costly_questions_are_charged_by_their_time(odd_shop: shops.Shop) -> None:
    """Whoever has used up its processor time is refused the next costly question, and nothing else; a walk through
    pages goes on, held back; another client is not concerned."""
    seconds = [1_000.0]
    app = shops.application(odd_shop.store, address_rate=600)
    with front_of(app, now=lambda: seconds[0]) as made:
        made.entrance.processor_time._now = lambda: seconds[0]
        walk = f"{ITEMS}?filter=rank=2&limit=1&crs=http://www.opengis.net/def/crs/EPSG/0/3857"
        assert made.ask(walk).status == 200
        spent = made.entrance.processor_time._balances[f"address {PEER}"][0]
        assert 0 < 5 - spent < 1
        made.entrance.processor_time.spend(PEER, "address", 8)
        heard = made.ask(f"{ITEMS}?filter=rank=3")
        assert heard.status == 429 and 15 <= int(heard.headers["retry-after"]) <= 30
        assert b"more processor time than one client may use" in heard.body
        for address in (ITEMS, f"{ITEMS}?bbox=-2,50,0,52", "/collections", f"{ITEMS}/plus"):
            assert made.ask(address).status == 200
        assert made.ask(f"{ITEMS}?filter=rank=3", peer="192.0.2.2").status == 200
        begin = time.monotonic()
        assert made.ask(f"{walk}&offset=1").status == 200
        assert time.monotonic() - begin >= 1.9
        seconds[0] += 60
        assert made.ask(f"{ITEMS}?filter=rank=3&limit=2").status == 200


def test_a_walk_is_slowed_and_never_refused(odd_shop: shops.Shop) -> None:
    """Later pages of a client that has overdrawn come, each after a delay; a first page is refused meanwhile."""
    with front_of(shops.application(odd_shop.store, address_rate=60)) as made:
        page = f"{ITEMS}?limit=1&offset="
        assert made.ask(f"{page}0").status == 200
        for number in range(29):
            assert made.ask("/collections/odd/items/plus").status == 200, number
        assert made.ask("/collections/odd").status == 429
        begin = time.monotonic()
        assert [made.ask(f"{page}{offset}").status for offset in (1, 2)] == [200, 200]
        assert 1.0 <= time.monotonic() - begin < 10


def test_health_is_answered_whatever_was_asked_before(odd_shop: shops.Shop) -> None:
    """/health is not charged, and has a thread of its own while all others are taken."""
    with front_of(shops.application(odd_shop.store, address_rate=60)) as made:
        while made.ask("/collections").status == 200:
            pass
        go = threading.Event()
        blocked = [made.threads.submit(Job(lane, f"c{number}", lambda: (go.wait(10), Answer(200))[1], refused))
                   for lane in ("documents", "questions", "files", "lookups") for number in range(40)]
        assert made.ask("/health").status == 200
        go.set()
        assert {each.result(10).status for each in blocked} == {200}


def test_guesses_are_not_looked_up(odd_shop: shops.Shop, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After too many credentials that do not hold, 429 comes before anything is looked up or logged; a key that held
    before goes on."""
    from datetime import date

    app = shops.application(odd_shop.store, address_rate=60, accounts=f"sqlite:///{tmp_path / 'accounts.sqlite'}")
    with front_of(app) as made:
        secret = made.entrance.accounts.issue("staff", "County", "tests", date(2100, 12, 31), by="officer").secret
        other = made.entrance.accounts.issue("staff", "County", "tests", date(2100, 12, 31), by="officer").secret
        assert made.ask("/collections", f"X-API-Key: {secret}").status == 200
        statuses = [made.ask("/collections", f"X-API-Key: guess{number}").status for number in range(20)]
        assert statuses[:3] == [401, 401, 401] and statuses[3:] == [429] * 17
        caplog.clear()
        assert made.ask("/collections", "X-API-Key: guess").status == 429
        assert made.ask("/collections", f"X-API-Key: {other}").status == 429
        assert caplog.text == ""
        assert made.ask("/collections", f"X-API-Key: {secret}").status == 200
        assert made.ask("/collections", f"X-API-Key: {other}", peer="192.0.2.2").status == 200


@pytest.mark.parametrize(("path", "kind"), [
    ("/health", "health"), ("/health/", "health"), ("/static/map/app.js", "static"), ("/static", "document"),
    ("/collections/streets/items", "items"), ("/collections/streets/items/", "items"),
    ("/collections/streets/items/x/tiles/y", "item"), ("/collections/a/items/downloads/b", "item"),
    ("/collections/tiles/items", "items"), ("/collections/a/downloads/a.csv", "download"),
    ("/collections/a/downloads", "document"), ("/collections/a/x/downloads/b", "document"),
    ("/collections/a/tiles/WebMercatorQuad/1/2/3", "tile"), ("/tiles/WebMercatorQuad/1/2/3", "tile"),
    ("/collections/a/tiles/WebMercatorQuad", "document"), ("/nothing/tiles/at/all", "document"),
    ("/collections/a/changes", "changes"), ("/collections/a/search", "search"), ("/", "document")])
def test_charged_by_route(path: str, kind: str) -> None:
    """What a request costs follows from where it leads, not from words in its path."""
    assert route_kind(path) == kind


def test_lanes(odd_shop: shops.Shop) -> None:
    """Costly questions, files, documents and those who are known each have threads of their own."""
    with front_of(shops.application(odd_shop.store)) as made:
        def lane(address: str, **headers: str) -> str:
            path, _, query = address.partition("?")
            found = made.answer(Request("GET", path, query, headers, "127.0.0.1", "http", "a"), b"")
            return found.lane if isinstance(found, Job) else "at hand"

        assert lane("/health") == "health" and lane("/collections") == "documents"
        assert lane(f"{ITEMS}?filter=rank=1") == lane(f"{ITEMS}?sortby=name") == "questions"
        assert lane(f"{ITEMS}?limit=5000&f=csv") == "questions" and lane(f"{ITEMS}?bbox=-2,50,0,52") == "documents"
        assert lane("/collections/odd/changes?since=0") == "files" and lane(ITEMS) == "at hand"
        assert lane("/collections/odd/downloads/odd.csv?filter=rank=1") == "files"
        assert lane("/collections", **{"x-api-key": "k"}) == "lookups"


def test_known_clients_have_lanes_of_their_own(odd_shop: shops.Shop) -> None:
    """Files, change feeds, documents and costly questions of clients with a key do not wait behind anonymous ones."""
    with front_of(shops.application(odd_shop.store)) as made:
        def lane(address: str, who: str) -> str:
            path, _, query = address.partition("?")
            visit = made.entrance.visit(Request("GET", path, query, {}, "127.0.0.1", "http", "a"))
            visit.viewer = Viewer("public", who or None)
            return front.lane_of(visit, route_kind(path))

        for address, name in (("/collections/odd/changes?since=0", "files"), (f"{ITEMS}?sortby=name", "questions"),
                              ("/collections/odd/downloads/odd.csv", "files"), ("/collections", "documents")):
            assert lane(address, "key 1") == f"known {name}" and lane(address, "") == name
        assert set(dispatch.LANES) == set(get_args(dispatch.LaneName))


SHAPE = "POINT(-1.3 51.1)"


@pytest.mark.parametrize("query", [
    f"filter=S_INTERSECTS(geometry,{SHAPE})", f"filter=S%5FINTERSECTS(geometry,{SHAPE})",
    f"%66ilter=S%5fINTERSECTS(geometry,{SHAPE})", f"filter=%53%5FINTERSECTS%28geometry,{SHAPE}%29",
    'filter-lang=cql2-json&filter={"op":"s\\u005fintersects","args":[{"property":"geometry"},'
    '{"type":"Point","coordinates":[-1.3,51.1]}]}', "filter=rank=7"])
def test_no_filter_is_parsed_on_the_event_loop(odd_shop: shops.Shop, query: str,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """However its parameters are encoded, a new filter is parsed in the lane for costly questions; a client that has
    used its processor time gets 429 before the filter is parsed; a repeated request comes from memory."""
    parsed: list[str] = []

    def parse(*given: object) -> object:
        parsed.append(threading.current_thread().name)
        return filters.parse(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(asking, "parse", parse)
    address = f"{ITEMS}?{quote(query, safe='=&%(),')}"
    with front_of(shops.application(odd_shop.store, address_rate=600)) as made:
        made.entrance.processor_time.spend("192.0.2.2", "address", 1_000)
        assert made.ask(address, peer="192.0.2.2").status == 429 and parsed == []
        first = made.ask(address)
        assert first.status == 200 and parsed == ["hantsmap-questions"]
        assert made.ask(address) == first and made.ask(address).remembered and len(parsed) == 1


def test_change_feeds_are_charged_and_limited(odd_shop: shops.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change feed counts as five requests, is charged for its processor time, is refused when its client has used
    too much, and is stopped after its time with advice; a whole file is charged and never refused for this."""
    changes, file = "/collections/odd/changes?since=0&crs=EPSG:3857", "/collections/odd/downloads/odd.csv"
    assert WEIGHTS["changes"] == 5
    with front_of(shops.application(odd_shop.store, address_rate=600)) as made:
        balances = made.entrance.processor_time._balances
        assert made.ask(changes).status == 200
        spent = balances[f"address {PEER}"][0]
        assert 0 < 5 - spent < 5
        made.entrance.processor_time.spend(PEER, "address", 1_000)
        assert made.ask(changes).status == made.ask(f"{file}?filter=rank=1").status == 429
        whole = Request("GET", file, "", {}, PEER, "http", "a")
        assert isinstance(made.answer(whole, b""), Job)
        assert made.ask(changes, peer="192.0.2.2").status == 200
        monkeypatch.setattr(front, "CHANGES_S", 0.0)
        stopped = made.ask("/collections/odd/changes?since=0&crs=EPSG:27700", peer="192.0.2.3")
        assert (stopped.status, stopped.headers["retry-after"]) == (503, "30")
        assert b"Ask for fewer changes, with a later `since`, or without `crs`; or download the layer." in stopped.body


def test_a_full_lane_is_a_503(odd_shop: shops.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where too much waits, a request is told at once to come again."""
    monkeypatch.setattr(dispatch, "MOST_OF_CLIENT", 0)
    with front_of(shops.application(odd_shop.store)) as made:
        heard = made.ask("/collections")
        assert (heard.status, heard.headers["retry-after"]) == (503, "5")
    with pytest.raises(UnavailableError, match="Try again in 5 s"):
        dispatch.Lane("x", 1, 1, lambda _job, _future: None).put(job("a", lambda: Answer(200)), Future())
