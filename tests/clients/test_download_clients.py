"""Files over the wire, from the real server: digests, transfers that break off, and thirty who ask at once."""

from __future__ import annotations

import base64
import csv
import io
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyogrio
import pytest
import requests
from reading import LIMIT_S

LAYERS = ("schools", "rights_of_way", "policy_indicators")
AT_ONCE = 30


def fetched(address: str) -> requests.Response:
    """A file, asked for again while it is being made, as the server says."""
    session = requests.Session()
    retry = requests.adapters.Retry(20, status_forcelist=[503], respect_retry_after_header=True)
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
    return session.get(address, stream=True, timeout=LIMIT_S)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_digest_of_the_manifest_is_that_of_the_file(url: str, layer: str) -> None:
    """Each file is read as a stream; its SHA-256 and bytes are those of its answer and, then, of the manifest."""
    found: dict[str, tuple[str, int]] = {}
    for each in requests.get(f"{url}/collections/{layer}/downloads", timeout=LIMIT_S).json()["files"]:
        digest, size = sha256(), 0
        with fetched(each["href"]) as answer:
            assert answer.status_code == 200
            for block in answer.iter_content(1 << 16):
                digest.update(block)
                size += len(block)
            told = base64.b64encode(digest.digest()).decode()
            assert answer.headers["Repr-Digest"] == f"sha-256=:{told}:"
            assert answer.headers["ETag"] == f'"{digest.hexdigest()}"'
        found[each["name"]] = digest.hexdigest(), size
    manifest = requests.get(f"{url}/collections/{layer}/downloads", timeout=LIMIT_S).json()
    assert {each["name"]: (each["sha256"], each["bytes"]) for each in manifest["files"]} == found


@pytest.fixture
def curl(needs: Callable[..., str]) -> Callable[..., int]:
    """`curl(...)`: its exit code."""
    program = needs("curl")

    def run(*words: Any) -> int:
        return subprocess.run([program, "--silent", "--show-error", "--fail", *map(str, words)], timeout=LIMIT_S,
                              check=False).returncode

    return run


def test_a_transfer_that_broke_off_goes_on(url: str, curl: Callable[..., int], tmp_path: Path) -> None:
    """The connection is closed in the middle of a file; curl goes on with `--continue-at -`: it is whole, byte for
    byte, and who asks once more for what is whole already is told so."""
    address, out = f"{url}/collections/streets/downloads/streets.gpkg", tmp_path / "streets.gpkg"
    with fetched(address) as answer:
        whole = answer.content
    with fetched(address) as answer:
        out.write_bytes(answer.raw.read(100_001))
    assert out.stat().st_size == 100_001 < len(whole)
    assert curl("--retry", 5, "--continue-at", "-", "--output", out, address) == 0
    assert out.read_bytes() == whole
    # What is not there cannot be sent: 416, which curl calls an error (22) when it is told to fail.
    assert curl("--continue-at", "-", "--output", out, address) in (0, 22)
    assert out.read_bytes() == whole
    for part in ((0, 9_999), (10_000, 10_000), (10_001, len(whole))):
        piece = requests.get(address, headers={"Range": f"bytes={part[0]}-{part[1]}"}, timeout=LIMIT_S)
        assert (piece.status_code, piece.content) == (206, whole[part[0]:part[1] + 1])


def test_thirty_at_once_are_answered(url: str, needs: Callable[..., str], tmp_path: Path) -> None:
    """Thirty different cuts at once, with nothing but `curl --retry`: all come, each with its rows; pages go on."""
    program, running = needs("curl"), []
    for number in range(AT_ONCE):
        address = f"{url}/collections/streets/downloads/streets.csv?filter={quote(f'length_m > {number * 10}')}"
        running.append(subprocess.Popen([program, "--silent", "--fail", "--retry", "50", "--output",
                                         str(tmp_path / f"{number}.csv"), address]))
    assert requests.get(f"{url}/collections/streets/items?limit=10", timeout=LIMIT_S).status_code == 200
    assert [process.wait(LIMIT_S) for process in running] == [0] * AT_ONCE
    for number in range(AT_ONCE):
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"{number}.csv").read_text(encoding="utf-8-sig"))))
        asked = f"{url}/collections/streets/items?limit=1&filter={quote(f'length_m > {number * 10}')}"
        assert len(rows) == requests.get(asked, timeout=LIMIT_S).json()["numberMatched"]


def test_gdal_reads_a_file_where_it_lies(url: str) -> None:
    """GDAL reads parts of a FlatGeobuf over http, by ranges, without fetching all of it."""
    address = f"{url}/collections/street_segments/downloads/street_segments.fgb"
    with fetched(address) as answer:
        assert answer.status_code == 200
    info = pyogrio.read_info(f"/vsicurl/{address}")
    assert (info["features"], info["crs"], info["geometry_type"]) == (1966, "EPSG:27700", "LineString")
