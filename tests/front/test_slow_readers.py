"""Readers who do not read take files, not memory; what was freed goes back to the operating system."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
import shops
from asking import front_of

from server import spool
from server.answer import FilePart, Slices
from server.replies import reply
from server.request import Request

ROOT = Path(__file__).parents[2]
CSV = "/collections/odd/items"
RETURNS = """
import resource, sys
from server import heap
def now(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
before = now()
kept = []
made = [bytes(2_000) for _ in range(50_000)]
kept = made[::5000]
del made
most = now() - before
heap.give_back()
print(most, now() - before)
"""


def test_what_is_made_for_one_request_waits_in_a_file(odd_shop: shops.Shop) -> None:
    """A body over 64 kB that was made for one request is a temporary file, whose space is free when it was sent; a
    shorter one, and slices of what is mapped, stay as they are."""
    app = shops.application(odd_shop.store)
    with front_of(app) as made:
        visit = made.entrance.visit(Request("GET", CSV, "", {}, "192.0.2.1", "http", "a"))
        space = visit.served.spool._space
        long = reply(visit, b"x" * 70_000, "text/csv", '"t"')
        assert isinstance(long.body, FilePart) and long.length == space.used == 70_000
        parts = Slices((b"a" * 40_000, b"b" * 40_000), 80_000)
        several = reply(visit, parts, "application/geo+json", '"t"')
        assert isinstance(several.body, FilePart) and space.used == 150_000
        descriptor = several.body.descriptor()
        assert os.pread(descriptor, 80_000, 0) == b"a" * 40_000 + b"b" * 40_000
        os.close(descriptor)
        assert reply(visit, b"x" * 60_000, "text/csv", '"t"').body == b"x" * 60_000
        mapped = Slices((memoryview(b"a" * 80_000), b"]}"), 80_002)
        assert reply(visit, mapped, "application/geo+json", '"t"').body is mapped
        visit.hurried = True
        assert reply(visit, b"x" * 70_000, "text/csv", '"t"').body == b"x" * 70_000
        del long, several
        gc.collect()
        assert space.used == 0


def test_the_same_bytes_from_a_file(odd_shop: shops.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and pages in another reference system come over the wire as they were made, plain and compressed."""
    addresses = [f"{CSV}?f=csv", f"{CSV}?crs=http://www.opengis.net/def/crs/EPSG/0/3857"]
    with front_of(shops.application(odd_shop.store)) as made:
        before = [made.ask(address, *headers) for address in addresses for headers in ((), ("Accept-Encoding: gzip",))]
        monkeypatch.setattr("server.replies.SMALL", 100)
        after = [made.ask(address, *headers) for address in addresses for headers in ((), ("Accept-Encoding: gzip",))]
        assert before == after and {each.status for each in after} == {200}
        gc.collect()
        assert made.entrance.served.spool._space.used == 0
        monkeypatch.setattr(spool, "MOST_BYTES", 10)
        refused = made.ask(addresses[0])
        assert (refused.status, refused.headers["retry-after"]) == (503, "30")


@pytest.mark.skipif(sys.platform != "linux", reason="only the C library of Linux is asked to return memory")
def test_memory_is_returned() -> None:
    """Of 100 MB in small pieces, of which one in 5,000 is kept, nearly all goes back to the operating system."""
    done = subprocess.run([sys.executable, "-c", RETURNS], capture_output=True, text=True, cwd=ROOT, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    most, left = map(int, done.stdout.split())
    assert most > 90_000_000 and left < most / 4
