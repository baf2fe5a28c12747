"""The queue of downloads: clients take turns, and a full disk is told to those who wait."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hantsmap.downloads import Counter, Download, Kept
from hantsmap.downloads.maker import work
from hantsmap.downloads.queue import MOST_CUTS, TRIES, Queue, client_number
from hantsmap.errors import NotMadeError
from hantsmap.store import Store

Wanted = Callable[..., Download]


def cut(wanted: Wanted, number: int) -> Download:
    return wanted("streets", "csv", filter=f"length_m > {number}")


def taken(queue: Queue) -> Download:
    """The next job, begun and finished."""
    found = queue.take(0)
    assert found is not None
    queue.done(0)
    return found


@pytest.fixture
def queue(kept: Kept) -> Queue:
    made = Queue(kept.folder)
    with made.place():
        pass
    return made


def test_clients_take_turns(queue: Queue, wanted: Wanted) -> None:
    """A client that asks after 40 cuts of another one has its file made next; each client's files stay in order."""
    greedy = [cut(wanted, number) for number in range(40)]
    for number, download in enumerate(greedy):
        assert queue.put(download, "greedy") == number
    assert taken(queue) == greedy[0]
    assert queue.put(cut(wanted, 100), "one") == 0
    assert queue.put(cut(wanted, 101), "two") == 1
    assert queue.put(cut(wanted, 102), "one") == 3
    order = [taken(queue) for _ in range(6)]
    assert order == [cut(wanted, 100), cut(wanted, 101), greedy[1], cut(wanted, 102), greedy[2], greedy[3]]


def test_one_client_does_not_hold_every_maker(queue: Queue, wanted: Wanted) -> None:
    """While one maker is busy with a file of a client, the next maker takes a file of another client that waits, even
    if that was served later or the first client's file is made again; nobody waits for a maker that is free."""
    for number in range(3):
        queue.put(cut(wanted, number), "greedy")
    assert queue.take(0) == cut(wanted, 0)
    queue.put(cut(wanted, 100), "other")
    os.utime(queue.makers / f"served-{client_number('greedy')}", (0, 0))
    (queue.makers / f"served-{client_number('other')}").touch()
    assert queue.take(1) == cut(wanted, 100)
    queue.done(1)
    assert queue.take(1) == cut(wanted, 1)
    queue.done(0)
    queue.put(cut(wanted, 101), "other")
    assert queue.take(0) == cut(wanted, 101)


def test_many_clients_have_turns_of_their_own(queue: Queue, wanted: Wanted) -> None:
    """Three hundred addresses have as many numbers or nearly so; when they were served is forgotten in time, and a job
    that an older version wrote, with two digits for its client, is made."""
    numbers = {client_number(f"address 198.51.{number // 256}.{number % 256}") for number in range(300)}
    assert len(numbers) >= 295 and {len(number) for number in numbers} == {4}
    queue.put(cut(wanted, 1), "a")
    job, = queue._waiting()
    job.path.rename(job.path.with_name(job.path.name.replace(f"-{job.client}-", f"-{job.client[:2]}-")))
    assert taken(queue) == cut(wanted, 1)
    served, = queue.makers.glob("served-*")
    queue.sweep(0)
    assert served.exists()
    os.utime(served, (0, 0))
    queue.sweep(0)
    assert not served.exists()


def test_a_full_queue_makes_room_for_who_has_less(queue: Queue, wanted: Wanted) -> None:
    """When one client has filled the queue, the newest of its jobs make way, one by one, until both have as many; then
    the queue takes no more."""
    for number in range(MOST_CUTS):
        queue.put(cut(wanted, number), "greedy")
    assert queue.put(cut(wanted, 1_000), "greedy") is None
    for number in range(MOST_CUTS // 2):
        assert queue.put(cut(wanted, 100 + number), "late") is not None, number
    assert queue.put(cut(wanted, 999), "late") is None
    clients = [job.client for job in queue._waiting()]
    assert sorted(map(clients.count, {client_number("greedy"), client_number("late")})) == [MOST_CUTS // 2] * 2
    assert queue.put(cut(wanted, 0), "other") is not None and queue.put(cut(wanted, MOST_CUTS - 1), "other") is not None


def test_the_queue_does_not_say_who_asked(queue: Queue, wanted: Wanted) -> None:
    """An address is one of 65,536 numbers in the queue, and is nowhere in its files."""
    queue.put(cut(wanted, 1), "address 198.51.100.7")
    job, = queue._waiting()
    assert job.client == client_number("address 198.51.100.7") and 0 <= int(job.client, 16) < 65_536
    assert all(b"198.51" not in path.read_bytes() for path in queue.waiting.iterdir())


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told(county_store: Path, kept: Kept, wanted: Wanted, queue: Queue,
                             monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither the file nor the note of its failure can be written, the maker goes on to the next, and those who
    wait are told that it could not be made, and not for ever that it is being made."""
    queue.put(cut(wanted, 1), "a")
    queue.put(cut(wanted, 2), "b")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        patched.setattr("hantsmap.downloads.making.write_download", full)
        assert work(Store(county_store), kept) == 0
    assert queue.empty()
    for number in (1, 2):
        assert queue.failed(cut(wanted, number)) == "there was no room to write down why"
        with pytest.raises(NotMadeError, match="could not be made: the fault is logged"):
            Counter(county_store, kept).ask(cut(wanted, number))
    for path in queue.waiting.glob("failed-*"):
        os.utime(path, (0, 0))
    queue.put(cut(wanted, 1), "a")
    assert work(Store(county_store), kept) == 1


def test_makers_that_die_are_counted_without_writing(kept: Kept, wanted: Wanted, queue: Queue,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk too, what ends every maker is given up after its tries."""
    queue.put(cut(wanted, 1), "a")
    monkeypatch.setattr(Path, "write_bytes", full)
    for _ in range(TRIES):
        queue.sweep(0)
        assert queue.take(0) == cut(wanted, 1)
    queue.sweep(0)
    assert queue.take(0) is None and queue.failed(cut(wanted, 1)) is not None


def test_what_another_version_left_is_no_job(queue: Queue, wanted: Wanted) -> None:
    """Files of the queue whose names are none of ours, or whose contents were cut short, stop nothing."""
    queue.put(cut(wanted, 1), "a")
    (queue.waiting / f"{5:020d}-abc.json").write_text("{}")
    (queue.waiting / f"{6:020d}-00-0-abcdef.json").write_text('{"downl')
    assert taken(queue) == cut(wanted, 1)
    assert queue.take(0) is None and queue.empty()
