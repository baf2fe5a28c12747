"""Data behind a URL, from a real HTTP server on the loopback interface."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hantsmap.errors import SourceError
from hantsmap.layer import Source
from hantsmap.sources import remote

FIRST, SECOND = b"id,name\n1,first\n", b"id,name\n1,second\n2,more\n"


@dataclass
class Site:
    """A publisher: what it serves, how, and what it was asked."""

    body: bytes = FIRST
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"v1"', "Content-Type": "text/csv"})
    cut: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def url(self, path: str = "/data.csv") -> str:
        """Address of a path."""
        assert self.server
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def stop(self) -> None:
        """An outage."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A publisher that answers 304 to its own ETag."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(dict(self.headers))
            known = self.headers.get("If-None-Match") == site.headers.get("ETag") is not None
            status = 304 if known and site.status == 200 else site.status
            self.send_response(status)
            for name, value in site.headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(site.body)))
            self.end_headers()
            if status == 200:
                self.wfile.write(site.body[: site.cut])

        def log_message(self, *words: object) -> None:
            pass

    site.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    site.stop()


def kept(desk) -> list[str]:
    """Names of the files in the cache of URLs."""
    return sorted(path.name for path in (desk.cache / "remote").rglob("*") if path.is_file())


def sha(body: bytes) -> str:
    """Hash in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def test_fetched_once_and_confirmed_after(desk, site) -> None:
    """The second reading sends the ETag, is answered 304, and gives the same rows from the cache."""
    first, second = (desk.read("none", allow_private=True, url=site.url()) for _ in range(2))
    assert first.frame["name"].tolist() == second.frame["name"].tolist() == ["first"]
    assert [asked.get("If-None-Match") for asked in site.asked] == [None, '"v1"']
    assert first.provenance == second.provenance
    assert first.provenance["sha256"] == sha(FIRST) and first.provenance["bytes"] == len(FIRST)
    assert first.provenance["etag"] == '"v1"' and first.provenance["fetched_at"]
    assert first.provenance["place"] == site.url()


def test_a_change_is_fetched(desk, site) -> None:
    """A new ETag brings the new rows; no temporary file stays."""
    desk.read("none", allow_private=True, url=site.url())
    site.body, site.headers["ETag"] = SECOND, '"v2"'
    assert desk.read("none", allow_private=True, url=site.url()).frame["name"].tolist() == ["second", "more"]
    assert kept(desk) == sorted([f"{sha(FIRST)}.csv", f"{sha(SECOND)}.csv", "about.json"])


def test_last_modified_is_sent_back(desk, site) -> None:
    """A server without ETags is asked with the date that it gave."""
    site.headers = {"Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}
    for _ in range(2):
        desk.read("none", allow_private=True, url=site.url())
    assert site.asked[1]["If-Modified-Since"] == "Mon, 02 Nov 2026 10:00:00 GMT"


def test_the_fingerprint_follows_the_bytes(desk, site) -> None:
    """It stays while the server confirms the copy, and while a server without validators sends the same bytes."""
    before = desk.fingerprint("none", allow_private=True, url=site.url())
    assert desk.fingerprint("none", allow_private=True, url=site.url()) == before
    site.headers = {}
    assert desk.fingerprint("none", allow_private=True, url=site.url()) == before
    site.body = SECOND
    assert desk.fingerprint("none", allow_private=True, url=site.url()) != before


def test_an_outage_says_when_the_copy_was_fetched_and_does_not_use_it(desk, site) -> None:
    """A server that is gone is an error with the date of the copy; so is one that answers 500."""
    fetched_at = desk.read("none", allow_private=True, url=site.url()).provenance["fetched_at"]
    site.status = 503
    with pytest.raises(SourceError, match=f"answered 503 .* fetched on {fetched_at[:16]}.* was not used"):
        desk.read("none", allow_private=True, url=site.url())
    site.stop()
    with pytest.raises(SourceError, match=f"cannot be reached.* fetched on {fetched_at[:16]}.* was not used"):
        desk.read("none", allow_private=True, url=site.url())
    with pytest.raises(SourceError, match=r"cannot be reached.*No copy is kept"):
        desk.read("none", allow_private=True, url=site.url("/other.csv"))


def test_a_truncated_answer_never_becomes_the_copy(desk, site) -> None:
    """A body shorter than it was announced is an error, and the good copy is still the one that is confirmed."""
    desk.read("none", allow_private=True, url=site.url())
    site.body, site.headers["ETag"], site.cut = SECOND, '"v2"', 10
    with pytest.raises(SourceError, match=r"broke off before its end.*was not used"):
        desk.read("none", allow_private=True, url=site.url())
    assert kept(desk) == sorted([f"{sha(FIRST)}.csv", "about.json"])
    site.body, site.headers["ETag"], site.cut = FIRST, '"v1"', None
    assert desk.read("none", allow_private=True, url=site.url()).frame["name"].tolist() == ["first"]


def test_a_wrong_checksum_is_refused_and_the_good_copy_kept(desk, site) -> None:
    """Bytes that are not those of the registry are an error that gives both hashes, and never the copy."""
    desk.read("none", allow_private=True, url=site.url(), sha256=sha(FIRST))
    site.body, site.headers["ETag"] = SECOND, '"v2"'
    with pytest.raises(SourceError, match=f"{sha(SECOND)} and the registry says {sha(FIRST)}.*kept and was not used"):
        desk.read("none", allow_private=True, url=site.url(), sha256=sha(FIRST))
    assert kept(desk) == sorted([f"{sha(FIRST)}.csv", "about.json"])


def test_a_checksum_added_later_is_checked_against_the_copy(desk, site) -> None:
    """A 304 does not excuse a copy that was fetched before the registry named a hash."""
    desk.read("none", allow_private=True, url=site.url())
    with pytest.raises(SourceError, match=r"Look at what changed"):
        desk.read("none", allow_private=True, url=site.url(), sha256=sha(SECOND))


def test_a_damaged_copy_is_fetched_anew(desk, site) -> None:
    """A copy whose bytes changed in the cache is not confirmed with the server but replaced."""
    desk.read("none", allow_private=True, url=site.url())
    copy = next((desk.cache / "remote").rglob("*.csv"))
    copy.write_bytes(b"id,name\n1,wrong\n")
    assert desk.read("none", allow_private=True, url=site.url()).frame["name"].tolist() == ["first"]
    assert "If-None-Match" not in site.asked[1]


def test_limits_of_size_and_time(desk, site, monkeypatch) -> None:
    """A body over the limit is refused while it streams, and leaves nothing behind."""
    site.body = b"id\n" + b"1\n" * 100_000
    monkeypatch.setenv("HANTSMAP_DOWNLOAD_LIMIT_MB", "0.1")
    with pytest.raises(SourceError, match=r"larger than 100,000 bytes"):
        desk.read("none", allow_private=True, url=site.url())
    with pytest.raises(SourceError, match=r"took longer than 0 seconds"):
        source = Source(allow_private=True, url=site.url())
        remote.fetch("things", source, desk.cache, remote.Limits(total_s=0, size=10**9))
    assert kept(desk) == []


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x.csv", "gopher://127.0.0.1/"])
def test_redirects_leave_http_never(desk, site, target) -> None:
    """A redirect to a local file or another protocol is refused."""
    site.status, site.headers = 302, {"Location": target}
    with pytest.raises(SourceError, match=r"redirects to something that is not http"):
        desk.read("none", allow_private=True, url=site.url())


def test_a_ring_of_redirects_ends(desk, site) -> None:
    """A server that redirects for ever is an error."""
    site.status, site.headers = 302, {"Location": site.url()}
    with pytest.raises(SourceError, match=r"redirects more than 5 times"):
        desk.read("none", allow_private=True, url=site.url())


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/export?format=csv", {"Content-Disposition": 'attachment; filename="things.csv"'}),
        ("/export", {"Content-Disposition": "attachment; filename*=UTF-8''th%C3%AFngs.csv"}),
        ("/export.aspx", {"Content-Type": "text/csv; charset=utf-8"}),
        ("/THINGS.CSV?v=2", {"Content-Type": "application/octet-stream"}),
    ],
)
def test_the_format_is_found(desk, site, path, headers) -> None:
    """By the address, by the file name that the server gives, or by the media type."""
    site.headers = headers
    assert desk.read("none", allow_private=True, url=site.url(path)).frame["name"].tolist() == ["first"]


def test_a_format_that_nobody_names_is_an_error(desk, site) -> None:
    """A page of HTML is not taken for data."""
    site.headers = {"Content-Type": "text/html"}
    with pytest.raises(SourceError, match=r"does not say what format it is"):
        desk.read("none", allow_private=True, url=site.url("/export"))


def test_addresses_that_are_refused(desk) -> None:
    """Only http and https, and no password in the registry; a refused password is not repeated."""
    with pytest.raises(SourceError, match=r"is not an http or https address"):
        desk.read("none", url="file:///etc/hostname")
    with pytest.raises(SourceError, match=r"do not belong in the registry") as caught:
        desk.read("none", url="https://me:hunter2@example.com/a.csv")
    assert "hunter2" not in str(caught.value)


def test_keys_in_addresses_are_not_shown(desk, site) -> None:
    """A key in the query reaches the server, but neither the provenance nor what is kept in the cache."""
    raw = desk.read("none", allow_private=True, url=site.url("/data.csv?key=hunter2&layer=x"))
    assert raw.provenance["place"] == site.url("/data.csv?key=...&layer=x")
    about = next((desk.cache / "remote").rglob("about.json")).read_text()
    assert "hunter2" not in json.dumps(raw.provenance) + about
