"""Who waits, who makes, and what is left when a maker dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hantsmap.downloads import FORMATS, Counter, Download, File, Kept
from hantsmap.downloads.maker import work
from hantsmap.downloads.making import make
from hantsmap.downloads.queue import MAKERS, MOST_CUTS, MOST_WAITING, TRIES, Queue
from hantsmap.errors import NotMadeError
from hantsmap.store import Store, files

Wanted = Callable[..., Download]


@pytest.fixture
def counter(county_store: Path, kept: Kept) -> Iterator[Counter]:
    """A counter with seats for many; its makers are waited for afterwards."""
    made = Counter(county_store, kept, patience=60, seats=50)
    yield made
    for process in made._makers:
        process.wait(60)


def everything_in(folder: Path) -> set[str]:
    """Names of all files of a folder, but for locks."""
    return {path.name for path in folder.rglob("*") if path.is_file() and path.parent.name != ".makers"}


def test_the_first_who_asks_has_it_made_and_the_next_gets_it(counter: Counter, wanted: Wanted) -> None:
    """A file that is not there is made by another process, and is there from then on."""
    first = counter.fetch(wanted())
    assert first.path.stat().st_size == first.bytes and files.digest(first.path) == first.sha256
    began = first.path.stat().st_mtime_ns
    assert counter.fetch(wanted()) == first and first.path.stat().st_mtime_ns == began


def test_the_same_file_asked_by_many_is_made_once(counter: Counter, wanted: Wanted) -> None:
    """Twenty who ask at once get the very same file: nobody's is made again, and nothing is left in the queue."""
    found = at_once(counter, [wanted("streets")] * 20)
    assert len(found) == 20 and len({file.sha256 for file in found}) == 1
    began = found[0].path.stat()
    for process in counter._makers:
        process.wait(60)
    ended = found[0].path.stat()
    assert (began.st_ino, began.st_mtime_ns) == (ended.st_ino, ended.st_mtime_ns)
    assert counter.queue.empty()


def at_once(counter: Counter, downloads: list[Download]) -> list[File]:
    """What many who ask at once get, asking again when they are told to."""
    found: list[File] = []

    def one(download: Download) -> None:
        while True:
            try:
                found.append(counter.fetch(download))
            except NotMadeError as told:
                time.sleep(min(told.retry_after, 0.5))
            else:
                return

    threads = [threading.Thread(target=one, args=(download,)) for download in downloads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return found


def test_thirty_at_once_are_queued(counter: Counter, wanted: Wanted) -> None:
    """Thirty different cuts at once: all are made, and never by more makers than there are places."""
    cuts = [wanted("streets", "csv", filter=f"length_m > {number}") for number in range(30)]
    most = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most[0] = max(most[0], len(list((counter.kept.folder / ".making").glob("*"))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    found = at_once(counter, cuts)
    done.set()
    watcher.join()
    assert len(found) == 30 and len({file.path for file in found}) == 30
    assert most[0] <= MAKERS


def test_who_finds_no_seat_is_told_when_to_come_again(county_store: Path, kept: Kept, wanted: Wanted) -> None:
    """With all seats taken nobody waits: the answer says after how many seconds to ask again, and then it is there."""
    counter = Counter(county_store, kept, seats=1)
    assert counter._seats.acquire(blocking=False)
    with pytest.raises(NotMadeError, match=r"is being made\. Ask again in 2 s") as told:
        counter.fetch(wanted())
    assert told.value.retry_after == 2
    for process in counter._makers:
        process.wait(60)
    assert counter.fetch(wanted()).rows > 0


def test_a_full_queue_takes_no_more(county_store: Path, kept: Kept, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
                                    ) -> None:
    """The queue is bounded: beyond it, one is told to come later, and nothing is put down; cuts leave room."""
    counter = Counter(county_store, kept)
    monkeypatch.setattr(Counter, "_start", lambda self: None)
    for number in range(MOST_CUTS):
        counter.ask(wanted("streets", "csv", filter=f"length_m > {number}"))
    with pytest.raises(NotMadeError, match="Too many files are being made"):
        counter.ask(wanted("streets", "csv", filter="length_m > 1000"))
    assert len(list(counter.queue.waiting.glob("*.json"))) == MOST_CUTS
    # What waits already is not put down again, however full it is.
    assert counter.ask(wanted("streets", "csv", filter="length_m > 7")) == 7
    whole = [wanted(layer, name) for layer in ("streets", "sinc", "schools") for name in FORMATS]
    for download in whole[:MOST_WAITING - MOST_CUTS]:
        counter.ask(download)
    with pytest.raises(NotMadeError, match="Too many files are being made"):
        counter.ask(whole[-1])
    assert len(list(counter.queue.waiting.glob("*.json"))) == MOST_WAITING


def test_a_maker_that_is_killed_leaves_nothing_half(county_store: Path, kept: Kept, wanted: Wanted) -> None:
    """Killed in the middle of a file: nothing is in its place, and the next maker sweeps up and makes it."""
    download, queue = wanted("streets", "dxf.zip"), Queue(kept.folder)
    queue.put(download)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(county_store), str(kept.folder)], start_new_session=True)
    until = time.monotonic() + 60
    while not list((kept.folder / ".making").glob("*/*")) and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(60)
    assert kept.find(download) is None and not kept.place(download).exists()
    assert everything_in(kept.folder / ".making")
    assert work(Store(county_store), kept) == 1
    found = kept.find(download)
    assert found is not None and files.digest(found.path) == found.sha256
    assert everything_in(kept.folder) == {download.file_name, "download.json"}


# A maker that stops in the middle of writing, to be killed there.
KILLED = """
import sys, time
from pathlib import Path
from hantsmap.downloads import maker, making
from hantsmap.downloads.kept import Kept
from hantsmap.store import Store
write = making.write_download
def half(path, rows, download):
    write(path, rows, download)
    path.write_bytes(path.read_bytes()[:1000])
    time.sleep(600)
making.write_download = half
maker.work(Store(Path(sys.argv[1])), Kept(Path(sys.argv[2])))
"""


def test_what_ends_every_maker_is_given_up(county_store: Path, kept: Kept, wanted: Wanted) -> None:
    """A file at which makers die again and again is not tried for ever, and the others are made."""
    poison, other, queue = wanted("streets", "dxf.zip"), wanted(), Queue(kept.folder)
    queue.put(poison)
    for _ in range(TRIES):
        with queue.place() as number:
            assert number is not None
            queue.sweep(number)
            assert queue.take(number) == poison
    queue.put(other)
    assert work(Store(county_store), kept) == 1
    assert kept.find(other) is not None
    assert "ended before" in (queue.failed(poison) or "") and queue.empty()


def test_a_fault_is_told_for_a_minute_and_then_tried_again(county_store: Path, kept: Kept, wanted: Wanted,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be made is not tried by each who asks; who asks later has it tried again."""
    counter, download = Counter(county_store, kept), wanted()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("hantsmap.downloads.making.write_download", full)
        counter.queue.put(download)
        assert work(Store(county_store), kept) == 0
    with pytest.raises(NotMadeError, match="could not be made") as told:
        counter.ask(download)
    assert told.value.retry_after == 60
    os.utime(counter.queue.waiting / f"failed-{download.key}.json", (0, 0))
    counter.queue.put(download)
    assert counter.queue.failed(download) is None and work(Store(county_store), kept) == 1
    assert not everything_in(kept.folder / ".making")


def put_there(store: Path, kept: Kept, download: Download) -> File:
    """Make a file in this process."""
    folder = kept.folder / ".making" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    return make(Store(store), kept, download, folder)


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "record"])
def test_a_damaged_file_is_made_again(county_store: Path, kept: Kept, wanted: Wanted, harm: str) -> None:
    """A file that is not what was written is not handed out: it is made anew, and is the same."""
    download = wanted()
    before = put_there(county_store, kept, download)
    raw = before.path.read_bytes()
    match harm:
        case "cut":
            before.path.write_bytes(raw[:-1])
        case "changed":
            before.path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        case "gone":
            before.path.unlink()
        case _:
            (before.path.parent / "download.json").write_text("{}")
    assert kept.find(download) is None
    assert put_there(county_store, kept, download).sha256 == before.sha256
    assert before.path.read_bytes() == raw


def test_old_cuts_make_room_and_whole_layers_stay(county_store: Path, kept: Kept, wanted: Wanted,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the budget the oldest cuts go, whoever reads one reads on; a whole layer never goes for room."""
    clock = iter(range(1_700_000_000, 1_700_001_000))
    monkeypatch.setattr("hantsmap.downloads.making.now", lambda: datetime.fromtimestamp(next(clock), UTC))
    whole = put_there(county_store, kept, wanted())
    cuts = [wanted("schools", "csv", filter=f"capacity > {number}") for number in range(5)]
    made = [put_there(county_store, kept, cut) for cut in cuts]
    with made[0].path.open("rb") as reading:
        kept.evict(sum(file.path.stat().st_size + (file.path.parent / "download.json").stat().st_size
                       for file in made[3:]))
        assert len(reading.read()) == made[0].bytes
    assert [kept.find(cut) is not None for cut in cuts] == [False, False, False, True, True]
    assert whole.path.exists()
    kept.evict(0)
    assert whole.path.exists() and not any(kept.find(cut) for cut in cuts)


def test_downloads_go_with_their_rendition(county_store: Path, kept: Kept, wanted: Wanted) -> None:
    """What prunes renditions takes their downloads away too, and is told how much room that made."""
    schools, streets = (put_there(county_store, kept, wanted(layer)) for layer in ("schools", "streets"))
    rendition = schools.path.parents[1].name
    gone = kept.folder / "streets" / "0123456789ab"
    streets.path.parents[1].rename(gone)
    assert kept.forget_gone(Store(county_store)) >= streets.bytes
    assert schools.path.exists() and not gone.exists()
    assert kept.forget("schools", [rendition]) >= schools.bytes
    assert not schools.path.exists() and kept.forget("schools", ["never"]) == 0
