"""The journal of reads: in batches, soon, and never lost in silence."""

from __future__ import annotations

import inspect
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from account_places import Clock, Place

from hantsmap.accounts import Accounts, Read, journal, schema
from hantsmap.accounts.journal import Journal

LAST = date(2100, 12, 31)
PREPARE = """
import sys, time; from datetime import datetime, UTC; from hantsmap.accounts import Accounts, Read
accounts = Accounts(sys.argv[1])
def record(n=1):
    accounts.record(Read("key:abc", "staff", "streets", "e1", "r1", n, 100, datetime.now(UTC), "items"))
"""
ENDS = {
    "falls off its end": "record(); record()",
    "calls exit": "record(); record(); sys.exit(3)",
    "raises": "record(); record(); raise ValueError('x')",
    "is interrupted": "import os, signal; record(); record(); os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
    "is forked": "import multiprocessing as m; p = m.get_context('fork').Process(target=lambda: (record(), record()));"
                 "p.start(); p.join()",
    "forks with reads waiting": "import multiprocessing as m; record(); "
                                "p = m.get_context('fork').Process(target=record); p.start(); p.join()",
    "closes and goes on": "record(); accounts.close(); record()",
}
FOREVER = """
print("ready", flush=True)
while True:
    record(); print(time.monotonic(), flush=True); time.sleep(0.003)
"""


def read(clock: Clock | None = None, **said: object) -> Read:
    given: dict[str, object] = {"who": "key:abc", "audience": "staff", "layer": "streets", "rendition": "e1",
                                "rule_version": "r1", "rows": 10, "bytes": 1_000, "path_kind": "items",
                                "when": clock() if clock else datetime.now(UTC)} | said
    return Read(**given)  # type: ignore[arg-type]


def stored(accounts: Accounts) -> int:
    """How many reads are in the database, without writing those that wait."""
    return len(accounts._database.read(schema.READS.select()))


def test_a_read_is_written_within_a_second(place: Place) -> None:
    """A read is soon in the database without being asked for, as it was recorded."""
    accounts = place.accounts()
    recorded = read()
    start = time.monotonic()
    accounts.record(recorded)
    accounts.count_anonymous("streets", 7, 700)

    while not stored(accounts):
        time.sleep(0.02)

    assert time.monotonic() - start < 20
    row = accounts._database.read(schema.READS.select())[0]
    assert Read(row.who, row.audience, row.layer, row.rendition, row.rule_version, row.row_count, row.byte_count,
                row.read_at, row.path_kind) == recorded
    assert accounts.usage("streets").anonymous[0].rows == 7


def test_recording_waits_for_nobody(place: Place) -> None:
    """Recording goes on while somebody else holds the database: it is done before the database is given back."""
    accounts = place.accounts()
    accounts.record(read())
    accounts.flush()
    with accounts._database.writing():
        for _ in range(1_000):
            accounts.record(read())
            accounts.count_anonymous("streets", 1, 1)

    accounts.flush()
    assert stored(accounts) == 1_001


@pytest.mark.parametrize("end", ENDS)
def test_a_process_that_ends_writes_what_it_holds(place: Place, end: str) -> None:
    """However a process ends by itself, what it had recorded is written, once."""
    done = place.run(PREPARE + ENDS[end])

    assert stored(place.accounts()) == 2, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_a_process_that_is_killed_loses_a_second(place: Place) -> None:
    """After kill -9, every read that was recorded more than a second before is there."""
    process = place.start(PREPARE + FOREVER)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(2.3)
    killed = time.monotonic()
    os.kill(process.pid, signal.SIGKILL)
    moments = [float(line) for line in process.communicate()[0].splitlines() if line.count(".") == 1]

    there = stored(place.accounts())

    assert there >= sum(moment < killed - 1 for moment in moments) > 50
    assert there <= len(moments) + 1


def test_a_database_that_is_down(place: Place, refusals: Callable[[], list[str]]) -> None:
    """While the database cannot be written, reads wait and the log says so once; afterwards all are there."""
    accounts = place.accounts()
    place.sql("ALTER TABLE writers RENAME TO away")
    for _ in range(30):
        accounts.record(read())
    accounts.count_anonymous("streets", 5, 50)

    assert [accounts.flush() for _ in range(3)] == [False] * 3
    for _ in range(5):
        accounts.record(read())
    place.sql("ALTER TABLE away RENAME TO writers")
    assert accounts.flush()

    seen = accounts.usage("streets")
    assert (seen.readers[0].reads, seen.anonymous[0].reads, seen.anonymous[0].rows) == (35, 1, 5)
    said = refusals()
    assert len(said) == 2
    assert said[0].startswith("Reads cannot be recorded; 30 wait in memory, 0 are lost. The accounts at ")
    assert said[1] == "Reads are recorded again; 0 were lost."


def test_there_is_room_for_so_many(place: Place, refusals: Callable[[], list[str]]) -> None:
    """What does not fit into memory goes, the oldest first; the log says how many."""
    accounts = place.accounts(room=100)
    place.sql("ALTER TABLE writers RENAME TO away")
    for number in range(130):
        accounts.record(read(rows=number))

    assert len(accounts._journal._reads) <= 100
    place.sql("ALTER TABLE away RENAME TO writers")
    assert accounts.flush()

    assert {row.row_count for row in accounts._database.read(schema.READS.select())} >= set(range(60, 130))
    lost = 130 - stored(accounts)
    assert not lost or f"Reads are recorded again; {lost} were lost." in refusals() or lost == 30


def test_what_is_lost_at_the_end_is_said(place: Place) -> None:
    """A process that ends while the database is down says how many reads it takes with it."""
    code = PREPARE + "record(); accounts.flush(); input(); [record() for _ in range(7)]"
    process = place.start(code.replace("input()", "print('x', flush=True); time.sleep(1.5)"))
    assert process.stdout is not None and process.stdout.readline() == "x\n"
    place.sql("ALTER TABLE writers RENAME TO away")

    _, said = process.communicate(timeout=60)

    assert "7 reads could not be recorded and are lost." in said


def test_a_batch_counts_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that was written although the answer got lost is not written again when it is sent again."""
    accounts = place.accounts()
    send, tries = accounts._journal._send, []

    def lose_the_answer(batch: object) -> None:
        send(batch)  # type: ignore[arg-type]
        tries.append(batch)
        if len(tries) == 1:
            raise ConnectionError

    monkeypatch.setattr(accounts._journal, "_send", lose_the_answer)
    for _ in range(3):
        accounts.record(read())
        accounts.count_anonymous("streets", 1, 1)
    while not accounts.flush():
        pass

    seen = accounts.usage("streets")
    assert len(tries) >= 2
    assert (seen.readers[0].reads, seen.anonymous[0].reads) == (3, 3)


def by_hand(accounts: Accounts, monkeypatch: pytest.MonkeyPatch, batch: int = 10) -> Journal:
    """The journal, which writes when it is told to, in small batches."""
    monkeypatch.setattr(journal, "BATCH", batch)
    monkeypatch.setattr(accounts._journal, "_begin", lambda: None)
    return accounts._journal


def rows(accounts: Accounts) -> list[int]:
    """The rows of all reads that are in the database, which number them."""
    return sorted(row.row_count for row in accounts._database.read(schema.READS.select()))


def test_a_flush_ends_though_reads_keep_coming(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more coming in than is written meanwhile, a flush ends with what was there when it began, and loses
    nothing: what came later is written by the next."""
    accounts, numbers, sent = place.accounts(), count(), []
    kept = by_hand(accounts, monkeypatch)
    send = kept._send

    def busy(batch: Any) -> None:
        sent.append(len(batch.reads))
        assert len(sent) < 10, "it does not end"
        for _ in range(17):
            accounts.record(read(rows=next(numbers)))
            accounts.count_anonymous("streets", 1, 1)
        send(batch)

    monkeypatch.setattr(kept, "_send", busy)
    for _ in range(25):
        accounts.record(read(rows=next(numbers)))
    assert accounts.flush()

    assert sent == [10, 10, 10] and rows(accounts) == list(range(30))
    monkeypatch.setattr(kept, "_send", send)
    assert accounts.flush()
    assert rows(accounts) == list(range(25 + 3 * 17))
    assert accounts.usage("streets").anonymous[0].reads == 3 * 17


def test_a_flush_of_counts_ends_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody known reads, a flush writes the counts of the anonymous once, though more are counted meanwhile."""
    accounts = place.accounts()
    kept, sent = by_hand(accounts, monkeypatch), []
    send = kept._send

    def busy(batch: Any) -> None:
        sent.append(batch)
        assert len(sent) < 10, "it does not end"
        accounts.count_anonymous("streets", 1, 1)
        send(batch)

    monkeypatch.setattr(kept, "_send", busy)
    accounts.count_anonymous("streets", 1, 1)
    assert accounts.flush() and len(sent) == 1
    monkeypatch.setattr(kept, "_send", send)
    assert accounts.usage("streets").anonymous[0].reads == 2


def test_what_could_not_be_written_is_written_with_what_came_since(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a flush that failed, one flush writes what it had, and all that came in since, counts too, each once."""
    accounts, numbers = place.accounts(), count()
    kept, tries = by_hand(accounts, monkeypatch), []
    send = kept._send

    def fail_first(batch: Any) -> None:
        tries.append(batch.number)
        if len(tries) <= 2:
            raise ConnectionError
        if len(tries) == 3:
            accounts.record(read(rows=next(numbers)))
        send(batch)

    monkeypatch.setattr(kept, "_send", fail_first)
    for times in (15, 4):
        for _ in range(times):
            accounts.record(read(rows=next(numbers)))
            accounts.count_anonymous("streets", 1, 1)
        assert not accounts.flush()
    accounts.count_anonymous("streets", 1, 1)
    assert accounts.flush()

    assert tries == [1, 1, 1, 2]
    assert rows(accounts) == list(range(20))
    assert accounts.usage("streets").anonymous[0].reads == 20


def test_counts_that_came_after_a_failure_are_written_at_the_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only what failed has reads, what was counted since is written by the same flush: it may be the last."""
    accounts = place.accounts()
    kept, fails = by_hand(accounts, monkeypatch), [ConnectionError()]
    send = kept._send

    def fail_once(batch: Any) -> None:
        if fails:
            raise fails.pop()
        send(batch)

    monkeypatch.setattr(kept, "_send", fail_once)
    accounts.record(read())
    assert not accounts.flush()
    accounts.count_anonymous("streets", 1, 1)
    accounts.close()

    seen = place.accounts().usage("streets")
    assert (seen.readers[0].reads, seen.anonymous[0].reads) == (1, 1)


def test_closing_writes_all_that_came_before(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that was recorded before a journal is closed is written when that is done, though others go on recording;
    what they record is written too."""
    monkeypatch.setattr(journal, "BATCH", 10)
    monkeypatch.setattr(journal, "EVERY_S", 3_600)
    accounts, others, batches = place.accounts(), [], []
    send = accounts._journal._send

    def busy(batch: Any) -> None:
        # From another thread, as requests come: it waits until what is being written is written.
        others.append(threading.Thread(target=accounts.record, args=(read(rows=1_000 + len(batches)),)))
        batches.append(batch)
        if len(batches) < 5:
            others[-1].start()
        send(batch)

    monkeypatch.setattr(accounts._journal, "_send", busy)
    for number in range(35):
        accounts.record(read(rows=number))
        accounts.count_anonymous("streets", 1, 1)
    accounts.close()

    assert set(rows(accounts)) >= set(range(35))
    for other in others[:4]:
        other.join(30)
    assert rows(accounts) == [*range(35), *range(1_000, 1_004)]
    assert accounts.usage("streets").anonymous[0].reads == 35


def test_one_odd_name_holds_nothing_up(place: Place) -> None:
    """A name that no database takes, such as half a character, is stored with a mark in its place."""
    accounts = place.accounts()
    accounts.record(read(who="session:a\0b\ud800c"))
    accounts.record(read())

    assert accounts.flush()
    assert {one.who for one in accounts.usage("streets").readers} == {"session:a\ufffdb?c", "key:abc"}


def test_usage_is_exact(accounts: Accounts, clock: Clock) -> None:
    """Reads, rows and bytes of every reader are exact, with who it is and the last time; other layers are left out."""
    contract = accounts.issue("contractor", "Roads Ltd", "Contract 12", LAST, "officer").key
    staff = accounts.issue("staff", "County", "Night job", LAST, "officer").key
    accounts.open_session("staff", "jo", "Old Council", clock() + timedelta(hours=8))
    clock.go(hours=1)
    signed_in = accounts.session(accounts.open_session("staff", "jo", "County", clock() + timedelta(hours=8)))
    assert signed_in is not None
    for who, audience, times in ((contract.who, "contractor", 5), (staff.who, "staff", 3), (signed_in.who, "staff", 2)):
        for number in range(times):
            clock.go(seconds=1)
            accounts.record(read(clock, who=who, audience=audience, rows=number, bytes=3_000_000_000))
            accounts.record(read(clock, who=who, audience=audience, layer="other"))

    seen = accounts.usage("streets")

    assert [(one.who, one.org, one.purpose, one.audience, one.reads, one.rows, one.bytes) for one in seen.readers] == [
        (contract.who, "Roads Ltd", "Contract 12", "contractor", 5, 10, 15_000_000_000),
        (staff.who, "County", "Night job", "staff", 3, 3, 9_000_000_000),
        ("session:jo", "County", "signed in", "staff", 2, 1, 6_000_000_000),
    ]
    assert seen.readers[2].last == clock()
    assert seen.anonymous == ()


def test_several_processes_add_up(place: Place) -> None:
    """The reads and the anonymous counts of several processes, of the same layers and day, add up exactly."""
    code = PREPARE + """
for n in range(500):
    record(n)
    accounts.count_anonymous(f"layer{n % 7}", 2, 3)
    if n % 50 == 0: accounts.flush()
"""
    started = [place.start(code) for _ in range(4)]
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 4

    accounts = place.accounts()
    assert [(one.reads, one.rows) for one in accounts.usage("streets").readers] == [(2_000, 4 * sum(range(500)))]
    days = [day for layer in range(7) for day in accounts.usage(f"layer{layer}").anonymous]
    assert (sum(day.reads for day in days), sum(day.rows for day in days), sum(day.bytes for day in days)) == \
        (2_000, 4_000, 6_000)


def test_usage_since_a_day(accounts: Accounts, clock: Clock) -> None:
    """`since` takes in the whole of its day, in UTC, and nothing before."""
    clock.moment = datetime(2026, 7, 1, 23, 59, 59, 999999, tzinfo=UTC)
    for _ in range(2):
        accounts.record(read(clock))
        accounts.count_anonymous("streets", 10, 100)
        clock.go(microseconds=1)

    since = accounts.usage("streets", date(2026, 7, 2))

    assert [one.reads for one in since.readers] == [1]
    assert [(day.day, day.reads, day.rows, day.bytes) for day in since.anonymous] == [(date(2026, 7, 2), 1, 10, 100)]
    assert [day.day for day in accounts.usage("streets").anonymous] == [date(2026, 7, 2), date(2026, 7, 1)]


def test_of_anonymous_readers_only_counts_are_kept(place: Place) -> None:
    """No address and no user agent can be given for an anonymous read, and the database has no room for one."""
    accounts = place.accounts()
    accounts.count_anonymous("streets", 7, 700)
    accounts.flush()

    dump = "\n".join(line for line in place.dump().splitlines() if line.startswith("("))

    assert list(inspect.signature(Accounts.count_anonymous).parameters) == ["self", "layer", "rows", "size"]
    assert "streets" in dump
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|[0-9a-f]{1,4}:[0-9a-f]{0,4}:[0-9a-f:]*:", dump)
    assert set(accounts._database.read(schema.ANONYMOUS.select())[0]._mapping) == \
        {"day", "layer", "read_count", "row_count", "byte_count"}


def test_forgetting(accounts: Accounts, clock: Clock) -> None:
    """Reads, counts and ended sessions from before a day go; from that day on they stay, and so do keys."""
    new = accounts.issue("staff", "Org", "why", LAST, "officer")
    ended = accounts.open_session("staff", "jo", "County", clock() + timedelta(hours=8))
    lasting = accounts.open_session("staff", "al", "County", clock() + timedelta(days=30))
    for _ in range(3):
        accounts.record(read(clock, who=new.key.who))
        accounts.count_anonymous("streets", 1, 1)
        clock.go(days=1)

    gone = accounts.forget(date(2026, 7, 3))

    assert (gone.reads, gone.days, gone.sessions) == (2, 2, 1)
    seen = accounts.usage("streets")
    assert [one.reads for one in seen.readers] == [1] and [day.day for day in seen.anonymous] == [date(2026, 7, 3)]
    assert accounts.find(new.secret) and accounts.session(lasting) and accounts.session(ended) is None
