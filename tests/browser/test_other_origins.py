"""Pages of other sites read the service in a real browser: what the preflight allows works, and nothing else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import contracts
import pytest
from playwright.sync_api import Browser, Page
from running_server import running

from hantsmap.accounts import default_url

ASK = """async ([address, options]) => {
  try {
    const answer = await fetch(address, options);
    const read = name => answer.headers.get(name);
    return { status: answer.status, length: (await answer.arrayBuffer()).byteLength, crs: read("content-crs"),
             range: read("content-range"), ranges: read("accept-ranges"), tag: read("etag") };
  } catch (fault) { return { status: 0, fault: fault.name }; }
}"""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Elsewhere:
    """A page of another site, the address of the service, and a key that opens `works`."""

    page: Page
    base: str
    key: str

    def ask(self, path: str, **options: Any) -> dict[str, Any]:
        """What the page can read of an answer; status 0 where the browser gives it nothing."""
        found: dict[str, Any] = self.page.evaluate(ASK, [f"{self.base}{path}", options])
        return found


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """An empty page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Elsewhere</title>")

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def elsewhere(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """Two origins on loopback: the service, and a page that is not its own."""
    two = contracts.made(tmp_path_factory.mktemp("origins"))
    key = two.key()
    two.accept(two.asking(key))
    two.accounts.close()
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    log: Path = tmp_path_factory.mktemp("origins-log") / "log"
    with running(two.shop.store, log, HANTSMAP_ACCOUNTS=default_url(two.shop.store)) as server:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        yield Elsewhere(page, server.base, key)
        page.close()
    site.shutdown()


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_page_can_send_a_key_in_a_header(elsewhere: Elsewhere, header: str) -> None:
    """The preflight allows it, and the answer can be read: of features, of a search, and of a refusal."""
    value = elsewhere.key if header == "X-API-Key" else f"Bearer {elsewhere.key}"
    items = elsewhere.ask("/collections/works/items?crs=EPSG:27700", headers={header: value})
    assert (items["status"], items["crs"]) == (200, "<http://www.opengis.net/def/crs/EPSG/0/27700>")
    searched = elsewhere.ask("/collections/works/search", method="POST", body="limit=1",
                             headers={header: value, "Content-Type": FORM})
    assert searched["status"] == 200
    assert elsewhere.ask("/collections/works/items", headers={header: "wrong"})["status"] == 401
    assert elsewhere.ask("/collections/works/items")["status"] == 404


def test_a_page_can_read_a_part_of_a_file(elsewhere: Elsewhere) -> None:
    """The last 100 bytes, and the same under the condition that the file is still that one; the place is told."""
    path = "/collections/odd/downloads/odd.parquet"
    whole = elsewhere.ask(path)
    assert (whole["status"], whole["ranges"]) == (200, "bytes")
    size = whole["length"]
    for more in ({}, {"If-Range": whole["tag"]}):
        part = elsewhere.ask(path, headers={"Range": "bytes=-100", **more})
        assert (part["status"], part["length"]) == (206, 100)
        assert part["range"] == f"bytes {size - 100}-{size - 1}/{size}"
    assert elsewhere.ask(path, headers={"Range": "bytes=-100", "If-Range": '"other"'})["length"] == size


def test_a_page_can_ask_whether_something_changed(elsewhere: Elsewhere) -> None:
    """Conditions can be sent from elsewhere, and 304 can be read."""
    first = elsewhere.ask("/collections/odd/items", cache="no-store")
    assert first["status"] == 200 and first["tag"].startswith('W/"')
    again = elsewhere.ask("/collections/odd/items", cache="no-store", headers={"If-None-Match": first["tag"]})
    assert (again["status"], again["length"]) == (304, 0)


def test_cookies_and_remembered_passwords_open_nothing(elsewhere: Elsewhere) -> None:
    """A page that lets the browser add what it remembers of this service is given no answer at all."""
    for method in ("GET", "POST"):
        path = "/collections/odd/items" if method == "GET" else "/collections/odd/search"
        assert elsewhere.ask(path, method=method, credentials="include") == {"status": 0, "fault": "TypeError"}


def test_what_is_not_for_other_pages_stays_closed(elsewhere: Elsewhere) -> None:
    """No page of another site can accept a licence, or write: the browser stops it at the preflight."""
    headers = {"X-API-Key": elsewhere.key, "Content-Type": "application/json"}
    assert elsewhere.ask("/licence/terms", method="POST", body="{}", headers=headers)["status"] == 0
    assert elsewhere.ask("/collections/odd/items", method="DELETE")["status"] == 0
