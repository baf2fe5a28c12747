"""curl: what goes over the wire from the real server."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Callable
from urllib.parse import quote

import pytest
from reading import LIMIT_S

Curl = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def curl(needs: Callable[..., str], url: str) -> Curl:
    """`curl(path, ...)`: status, headers and body, uninterpreted."""
    program = needs("curl")

    def ask(path: str, *more: str) -> tuple[int, dict[str, str], bytes]:
        done = subprocess.run([program, "--silent", "--show-error", "--include", "--path-as-is", *more, f"{url}{path}"],
                              capture_output=True, timeout=LIMIT_S, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(first.split()[1]), headers, body

    return ask


def test_plain_and_packed(curl: Curl) -> None:
    """Without Accept-Encoding the bytes are plain; with it they are gzip of the same; `gzip;q=0` is plain again."""
    path = "/collections/streets/items"
    status, headers, plain = curl(path)
    assert (status, "content-encoding" in headers, headers["content-length"]) == (200, False, str(len(plain)))
    _, headers, packed = curl(path, "-H", "Accept-Encoding: gzip")
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(packed) < len(plain) / 3
    assert gzip.decompress(packed) == plain
    _, headers, refused = curl(path, "-H", "Accept-Encoding: gzip;q=0")
    assert ("content-encoding" in headers, refused) == (False, plain)


def test_conditional(curl: Curl) -> None:
    """The ETag sent back gives 304 and no byte of body."""
    path = "/collections/streets/items?limit=100"
    _, headers, _ = curl(path)
    status, again, body = curl(path, "-H", f"If-None-Match: {headers['etag']}")
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])


def test_head(curl: Curl) -> None:
    """HEAD tells the length and sends nothing."""
    _, whole, body = curl("/collections/schools/items")
    status, headers, nothing = curl("/collections/schools/items", "--head")
    assert (status, headers["content-length"], nothing) == (200, str(len(body)), b"")
    assert headers["content-type"] == whole["content-type"] == "application/geo+json"


def test_options(curl: Curl) -> None:
    """OPTIONS: what is allowed, without POST, and no body."""
    status, headers, body = curl("/collections/streets/items", "-X", "OPTIONS")
    assert (status, headers["allow"], body) == (204, "GET, HEAD, OPTIONS", b"")


def test_nothing_tells_a_version(curl: Curl) -> None:
    """No header names a program with its version, and none is set that would mark a visitor."""
    for path in ("/", "/collections/streets/items?limit=1", "/nothing"):
        _, headers, _ = curl(path)
        assert not re.search(r"\d", headers.get("server", ""))
        assert not {"x-powered-by", "set-cookie", "via"} & set(headers)


@pytest.mark.parametrize("path", [
    "//evil.example/", "/../../etc/passwd", "/static/../app.py", "/%2e%2e/%2e%2e/etc/passwd",
    "/static/%2e%2e%2f__init__.py", "/collections//streets", "/collections/%00", "/%ff%fe"])
def test_strange_paths(curl: Curl, path: str) -> None:
    """A path that means mischief is refused; it leads nowhere else and reads no file."""
    status, headers, body = curl(path)
    assert status in (400, 404), (status, body[:200])
    assert "location" not in headers
    assert b"root:" not in body and b"def " not in body


def test_an_id_with_marks_comes_back(curl: Curl) -> None:
    """The id of a winter route has a dot and a dash, that of an indicator two dots: escaped or not, they are found."""
    for layer in ("winter_routes", "policy_indicators", "rights_of_way"):
        feature = json.loads(curl(f"/collections/{layer}/items?limit=1")[2])["features"][0]
        escaped = "".join(f"%{byte:02X}" for byte in feature["id"].encode())
        for written in (quote(feature["id"], safe=""), feature["id"], escaped):
            status, _, body = curl(f"/collections/{layer}/items/{written}")
            assert (status, json.loads(body)["id"]) == (200, feature["id"])


def test_another_host_is_answered_with_its_name_and_none_is_invented(curl: Curl) -> None:
    """Links have the name that was asked for; a Host that is none is not repeated."""
    assert json.loads(curl("/", "-H", "Host: maps.example.org")[2])["links"][0]["href"] == "http://maps.example.org/"
    status, _, body = curl("/", "-H", "Host: a\"><script>alert(1)</script>")
    assert b"<script>" not in body
    assert status in (200, 400)


def test_ten_at_once(curl: Curl, url: str, needs: Callable[..., str]) -> None:
    """Ten whole layers at once are ten right answers: nothing is mixed up between threads."""
    layers = ["streets", "sinc", "schools", "rights_of_way", "winter_routes"] * 2
    started = [subprocess.Popen([needs("curl"), "-s", f"{url}/collections/{layer}/items"], stdout=subprocess.PIPE)
               for layer in layers]
    counts = [json.loads(process.communicate(timeout=LIMIT_S)[0])["numberMatched"] for process in started]
    assert counts == [590, 56, 29, 300, 185] * 2
