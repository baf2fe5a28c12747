"""Rate limits: how much is admitted, and that paging is never broken off."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from server.limits import PER_ADDRESS, RUN_PAGES, Kind, Limits, Rate, Runs, selection

ROOT = Path(__file__).parents[2]


@dataclass
class Clock:
    """Seconds that pass when they are told to."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


SLOW = Rate(60, 10)


def limits(clock: Clock, rate: Rate = SLOW, **given: object) -> Limits:
    return Limits(rate, rate, clock, **given)  # type: ignore[arg-type]


STEP = st.tuples(st.floats(0, 30), st.sampled_from("ab"), st.floats(0.1, 20),
                 st.sampled_from(["one", "first", "later"]), st.sampled_from("xyz"))


@settings(max_examples=examples(300))
@given(st.lists(STEP, max_size=150), st.floats(1, 600), st.floats(1, 50))
def test_no_more_than_the_allowance(steps: list[tuple[float, str, float, str, str]], per_minute: float,
                                    burst: float) -> None:
    """In every window, first pages cost no more than the burst and what the window adds, whatever is asked between."""
    clock, admitted, begun = Clock(), [], set()
    tested = Limits(Rate(per_minute, burst), Rate(1, 1), clock)
    for wait, client, weight, page, what in steps:
        clock.seconds += wait
        goes_on = page == "later" and (client, what) in begun
        verdict = tested.admit(client, "key", weight, what if page == "later" else None,
                               begins=what if page == "first" else None)
        if verdict.allowed and page != "one":
            begun.add((client, what))
        if verdict.allowed and not goes_on and client == "a":
            admitted.append((clock.seconds, min(weight, burst)))

    for first, (start, _) in enumerate(admitted):
        cost = 0.0
        for end, weight in admitted[first:]:
            cost += weight
            assert cost <= burst + (end - start) * per_minute / 60 + 1e-6


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(st.floats(0, 599), st.floats(0, 50), st.booleans(), st.booleans()), max_size=100))
def test_paging_is_never_refused(pages: list[tuple[float, float, bool, bool]]) -> None:
    """A run of pages that has begun goes on, however much its client has overdrawn and whatever else it asks for."""
    clock = Clock()
    tested = limits(clock, Rate(1, 1))
    assert tested.admit("a", "key", 1, begins="run").allowed

    for wait, weight, other, first in pages:
        clock.seconds += wait
        if other:
            tested.admit("a", "key", weight, None if first else "another", begins="another" if first else None)
        assert tested.admit("a", "key", weight, "run").allowed


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["key", "address"])), max_size=300))
def test_memory_is_bounded(clients: list[tuple[int, Kind]]) -> None:
    """No more clients are kept than were said, and the one that asked last is always among them."""
    tested = limits(Clock(), clients=20)
    for client, kind in clients:
        left = tested.admit(str(client), kind, 3).remaining

        assert len(tested) <= 20
        assert tested.admit(str(client), kind, 0).remaining == left


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 30), st.booleans()), min_size=1, max_size=60),
       st.floats(1, 600), st.floats(1, 50))
def test_waiting_as_long_as_was_said_is_enough(steps: list[tuple[float, float, bool]], per_minute: float,
                                               burst: float) -> None:
    """Whoever was refused and waits for `retry_after` seconds is admitted; a second less would not have been enough."""
    clock = Clock()
    tested = Limits(Rate(per_minute, burst), PER_ADDRESS, clock)
    for wait, weight, later in steps:
        clock.seconds += wait
        verdict = tested.admit("a", "key", weight, "run" if later else None, begins="run")
        if not verdict.allowed:
            assert verdict.retry_after >= 1
            clock.seconds += verdict.retry_after - 1.001
            assert verdict.retry_after == 1 or not tested.admit("a", "key", weight).allowed
            clock.seconds += 1.002
            assert tested.admit("a", "key", weight, begins="run").allowed


def test_a_later_first_page_waits() -> None:
    """Pages of a run are charged: after them a first page waits, for no longer than two buckets take to fill."""
    clock = Clock()
    tested = limits(clock)
    tested.admit("a", "key", begins="run")
    for _ in range(1_000):
        assert tested.admit("a", "key", 1, "run").allowed

    refused = tested.admit("a", "key", begins="another")

    assert (refused.allowed, refused.retry_after, refused.remaining) == (False, 11, 0)
    clock.seconds += 11
    assert tested.admit("a", "key", begins="another").allowed


def test_a_run_that_never_began_is_a_first_page() -> None:
    """An offset above 0 opens no door: without an admitted first page of the same selection and client it counts as
    one."""
    tested = limits(Clock(), Rate(60, 2))
    tested.admit("a", "key", 1, begins="mine")
    tested.admit("a", "key", 1)

    assert not tested.admit("a", "key", 1, "other selection").allowed
    assert tested.admit("a", "key", 1, "mine").allowed
    tested.admit("b", "key", 2)
    assert not tested.admit("b", "key", 1, "mine").allowed


def test_a_refused_first_page_begins_nothing() -> None:
    """A first page that was refused lets no later page through."""
    tested = limits(Clock(), Rate(60, 1))
    tested.admit("a", "key")

    assert not tested.admit("a", "key", begins="run").allowed
    assert not tested.admit("a", "key", 1, "run").allowed


def test_an_admitted_later_page_begins_a_run() -> None:
    """A client that starts in the middle, and is admitted, is not broken off either."""
    tested = limits(Clock(), Rate(60, 1))

    assert [tested.admit("a", "key", 1, "run").allowed for _ in range(50)] == [True] * 50


@pytest.mark.parametrize(("silence", "goes_on"), [(599.0, True), (600.0, True), (601.0, False)])
def test_a_run_goes_on_for_ten_minutes(silence: float, goes_on: bool) -> None:
    """A run is remembered for ten minutes after its last page: a slow line does not break off a long layer."""
    clock = Clock()
    tested = limits(clock, Rate(0.001, 1))
    tested.admit("a", "key", begins="run")
    for _ in range(20):
        clock.seconds += 300
        assert tested.admit("a", "key", 1, "run").allowed

    clock.seconds += silence
    assert tested.admit("a", "key", 1, "run").allowed is goes_on


def test_a_run_has_an_end() -> None:
    """Nobody pages for ever on one admitted page."""
    tested = limits(Clock(), Rate(1, 1))
    tested.admit("a", "key", begins="run")

    assert sum(tested.admit("a", "key", 1, "run").allowed for _ in range(RUN_PAGES + 10)) == RUN_PAGES - 1


def test_thirty_pupils_behind_one_address() -> None:
    """A class of thirty that opens its maps at once, fifty requests each, is admitted; so is it a minute later."""
    clock = Clock()
    tested = Limits(now=clock)

    for _ in range(3):
        assert all(tested.admit("192.0.2.1", "address").allowed for _ in range(30 * 50))
        clock.seconds += 60


def test_a_key_and_an_address_are_two_clients() -> None:
    """Whoever calls himself like somebody's address, or key, does not use up what is theirs."""
    tested = limits(Clock(), Rate(60, 1))

    assert tested.admit("a", "key").allowed and tested.admit("a", "address").allowed
    assert not tested.admit("a", "key").allowed


def test_what_is_heavier_than_a_bucket() -> None:
    """A request heavier than the whole burst is had with a full bucket, instead of never."""
    clock = Clock()
    tested = limits(clock)

    assert tested.admit("a", "key", 1e9).allowed
    assert tested.admit("a", "key", 1e9).retry_after == 10
    clock.seconds += 10
    assert tested.admit("a", "key", float("inf")).allowed


@pytest.mark.parametrize("weight", [0.0, -5.0, float("nan")])
def test_no_request_gives_anything_back(weight: float) -> None:
    """A weight below 0, or that is no number, costs nothing and adds nothing."""
    tested = limits(Clock())
    tested.admit("a", "key", 4)

    assert tested.admit("a", "key", weight).remaining == 6


def test_a_clock_that_goes_back() -> None:
    """When the clock goes back, nobody is given more and nobody waits for the time to come again."""
    clock = Clock()
    tested = limits(clock)
    tested.admit("a", "key", 10)
    clock.seconds -= 500_000

    assert not tested.admit("a", "key").allowed
    clock.seconds += 1
    assert tested.admit("a", "key").allowed


def test_threads_share_one_allowance() -> None:
    """Eight threads that ask at once get together exactly the burst."""
    tested, admitted = limits(Clock(), Rate(1, 500)), []

    def ask() -> None:
        admitted.append(sum(tested.admit("a", "key").allowed for _ in range(200)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(admitted) == 500


def test_workers_tell_each_other(tmp_path: Path) -> None:
    """A run that began in one worker process goes on in another, over a file that both map."""
    file, code = tmp_path / "runs", """
import sys; from pathlib import Path; from server.limits import *
for run in sys.argv[2:]:
    limits = Limits(Rate(1, 1), Rate(1, 1), runs=Runs(Path(sys.argv[1])))
    limits.admit("a", "key")
    print(limits.admit("a", "key", 1, run).allowed, limits.admit("a", "key", begins="new").allowed)
"""
    here = Limits(runs=Runs(file))
    here.admit("a", "key", begins="run")

    told = subprocess.run([sys.executable, "-c", code, str(file), "run", "run", "another"], cwd=ROOT, text=True,
                          capture_output=True, check=True).stdout

    assert told.splitlines() == ["True False", "True False", "False False"]


def test_many_runs_in_little_memory() -> None:
    """Ten thousand runs at once are all remembered, in a table that never grows."""
    runs = Runs()
    size = len(runs._table)
    for number in range(10_000):
        runs.begin(f"key k{number % 300} {number}", 1.0)

    assert sum(runs.goes_on(f"key k{number % 300} {number}", 2.0) for number in range(10_000)) >= 9_999
    assert len(runs._table) == size < 2_000_000


def test_a_table_from_before_a_restart(tmp_path: Path) -> None:
    """A file left over from before the machine was started again, when its clock began anew, holds no run."""
    Runs(tmp_path / "runs").begin("run", 1_000_000.0)

    assert not Runs(tmp_path / "runs").goes_on("run", 5.0)


def test_what_a_page_is_a_page_of() -> None:
    """Pages of one selection differ in `offset` only; order does not count; everything else makes another selection."""
    one = selection("streets", [("limit", "10"), ("bbox", "1,2,3,4")])

    assert one == selection("streets", [("bbox", "1,2,3,4"), ("offset", "10"), ("limit", "10")])
    others = [selection("paths", [("limit", "10"), ("bbox", "1,2,3,4")]), selection("streets", [("limit", "10")]),
              selection("streets", [("limit", "10"), ("bbox", "1,2,3,4"), ("name", "x")]),
              selection("streets", [("limit", "10"), ("bbox", "1,2,3,5")]), selection("streets\ud800", [])]
    assert len({one, *others}) == 6


@pytest.mark.parametrize(("per_minute", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1), (1, float("inf"))])
def test_a_rate_makes_sense(per_minute: float, burst: float) -> None:
    """An allowance that admits nobody, or has no end, is refused when it is made."""
    with pytest.raises(ValueError, match="a rate needs"):
        Rate(per_minute, burst)
