"""Temporary files of large responses: the documented limit holds, and a full disk is a 503 and not a dead worker."""

from __future__ import annotations

import errno
import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shops

from hantsmap.errors import UnavailableError
from server import limits, spool
from server.answer import FilePart

ADDRESS = "/collections/odd/changes?since=0"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Responses of more than 100 bytes are written to files, up to 40,000 bytes in all."""
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 100)
    monkeypatch.setattr(spool, "MOST_BYTES", 40_000)


def contents(part: bytes | FilePart) -> bytes:
    assert isinstance(part, FilePart)
    descriptor = part.descriptor()
    try:
        return part.before + os.pread(descriptor, part.end - part.start, part.start) + part.after
    finally:
        os.close(descriptor)


def test_the_host_header_writes_no_second_file(odd_shop: shops.Shop) -> None:
    """The same changes under 20 Host headers are one file for each form; the links of each name its own host."""
    app = shops.application(odd_shop.store)
    client, kept = app.test_client(), app.extensions["hantsmap"].spool
    for form in ("ndjson", "geojson"):
        bodies = [client.get(f"{ADDRESS}&f={form}", base_url=f"http://host{number}.example") for number in range(20)]
        assert {body.status_code for body in bodies} == {200}
        assert len({body.headers["Content-Length"] for body in bodies[:10]}) == 1
    assert b"http://host7.example/collections/odd" in bodies[7].data
    assert len(bodies[7].get_json()["features"]) == len(shops.ROWS)
    assert len(kept._kept) == 2


def test_head_makes_no_body(odd_shop: shops.Shop) -> None:
    """HEAD of changes, of CSV and of a filtered page writes nothing and tells no length; a GET still does."""
    app = shops.application(odd_shop.store)
    client, kept = app.test_client(), app.extensions["hantsmap"].spool
    for address in (ADDRESS, "/collections/odd/items?f=csv", "/collections/odd/items?filter=rank=2"):
        head = client.head(address)
        assert head.status_code == 200 and head.data == b"" and "Content-Length" not in head.headers
        got = client.get(address)
        assert got.headers["ETag"] == head.headers["ETag"] and int(got.headers["Content-Length"]) == len(got.data)
    client.head(f"{ADDRESS}&f=geojson")
    assert len(kept._kept) == 1


def test_the_limit_holds_while_files_are_being_sent() -> None:
    """What is still being sent counts; files that nobody reads make way; the space comes back when a reader is done."""
    kept = spool.Spool()
    first = kept.body("first", [b"a" * 16_000], compressed=False)
    second = kept.body("second", [b"b" * 16_000], compressed=False)
    with pytest.raises(UnavailableError, match="Too many large responses"):
        kept.body("third", [b"c" * 16_000], compressed=False)
    assert kept._space.used == 32_000 and contents(first) == b"a" * 16_000
    del first
    third = kept.body("third", [b"c" * 16_000], compressed=False)
    assert contents(third) == b"c" * 16_000 and contents(second) == b"b" * 16_000
    assert kept._space.used == 32_000


def test_one_response_is_written_once() -> None:
    """Ten who ask for the same response at the same time get one file."""
    kept, written, found = spool.Spool(), [], []

    def parts() -> Iterator[bytes]:
        yield b"x" * 101
        written.append(1)

    def ask() -> None:
        found.append(contents(kept.body("key", parts(), compressed=True)))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) == 1 and {gzip.decompress(each) for each in found} == {b"x" * 101}


@pytest.mark.parametrize("compressed", [True, False])
def test_a_full_disk_is_503(odd_shop: shops.Shop, monkeypatch: pytest.MonkeyPatch, compressed: bool,
                            caplog: pytest.LogCaptureFixture) -> None:
    """Where the folder for temporary files has no room, the request gets 503 and is told when to try again; the log
    says why; nothing half written is kept, and with room again the response is whole."""

    class Full:
        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    app = shops.application(odd_shop.store)
    client, headers = app.test_client(), {"Accept-Encoding": "gzip"} if compressed else {}
    with monkeypatch.context() as patched:
        patched.setattr(spool.tempfile, "TemporaryFile", lambda **_: Full())
        answer = client.get(ADDRESS, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "there is no room to write it" in answer.get_json()["detail"]
    assert "(TMPDIR): No space left on device" in caplog.text
    assert client.get(ADDRESS, headers=headers).status_code == 200
    assert app.extensions["hantsmap"].spool._space.used > 100


def test_a_full_disk_does_not_end_the_process(tmp_path: Path, needs: Callable[..., str]) -> None:
    """On a full file system, the table of page runs falls back to memory; a mapped sparse file would be SIGBUS."""
    unshare = needs("unshare", "util-linux")
    script = tmp_path.with_suffix(".py")
    script.write_text(f"""
import errno, os, sys
from pathlib import Path
from server.limits import Limits, Rate, Runs
folder = Path({str(tmp_path)!r})
try:
    (folder / "fill").write_bytes(bytes(1 << 20))
except OSError as fault:
    assert fault.errno == errno.ENOSPC
runs = Runs(folder / "runs")
limits = Limits(Rate(1, 1), Rate(1, 1), runs=runs)
limits.admit("a", "key", begins="run")
print(limits.admit("a", "key", 1, "run").allowed)
""")
    command = f"mount -t tmpfs -o size=64k none {tmp_path} && exec {sys.executable} {script}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([unshare, "--user", "--map-root-user", "--mount", "sh", "-c", command],
                          capture_output=True, text=True, env=environment)
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine does not let a user mount a file system: {done.stderr.strip()}")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_a_table_of_runs_takes_its_room_at_once(tmp_path: Path) -> None:
    """The shared table of page runs has all its blocks on disk before it is used: no hole is left to fill."""
    limits.Runs(tmp_path / "runs")
    stat = (tmp_path / "runs").stat()
    assert stat.st_size == limits.Runs.SETS * limits.Runs.SET.size
    assert stat.st_blocks * 512 >= stat.st_size
