"""What a browser asked, was told, and keeps: recorded while a test goes on, and judged at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

KEPT = """async () => ({
  cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(each => each.name),
  caches: 'caches' in window ? await caches.keys() : [] })"""
# A test that asks for what is not there, on purpose, says so to `Watch.expect`.
NOT_LOADED = "Failed to load resource"


@dataclass
class Watch:
    """Watches a browser context, its pages and its service worker. `host` is the only one that may be asked."""

    context: BrowserContext
    host: str
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.asked.append(request))
        self.context.on("response", self._heard)
        self.context.on("page", self._page)
        self.context.on("console", self._said)

    def expect(self, *parts: str) -> None:
        """Complaints that have one of these in them are not counted: the test makes them on purpose."""
        self.expected += parts

    def settle(self, page: Page) -> None:
        """Wait until nothing has been asked for two seconds: the service worker, too, has what it wants to keep."""
        count = -1
        while count != len(self.asked):
            count = len(self.asked)
            page.wait_for_timeout(2_000)

    def since(self, count: int, *, of_page: bool = False) -> list[str]:
        """Addresses asked after the first `count`, without those that a browser makes itself (`data:`, `blob:`).

        `of_page`: only what a page asked; not what the service worker fetches to keep it, in its own time, and not the
        icon, which Chromium takes from its cache again whenever the address changes.
        """
        return [each.url for each in self.asked[count:] if urlsplit(each.url).scheme in ("http", "https")
                and not (of_page and (each.service_worker or each.url.endswith("/static/favicon.svg")))]

    def check(self) -> None:
        """Assert that one host was asked, without a cookie or a word of what was done, and that nothing is kept."""
        assert {urlsplit(each).netloc for each in self.since(0)} <= {self.host}
        assert [each.url for each in self.asked if "cookie" in each.headers] == []
        assert {each.method for each in self.asked} <= {"GET", "HEAD"}
        assert self.context.cookies() == []
        unexpected = [each for each in self.complaints if not any(part in each for part in self.expected)]
        assert unexpected == []
        for page in self.context.pages:
            if page.url.startswith("http"):
                kept: dict[str, Any] = page.evaluate(KEPT)
                assert {name: kept[name] for name in ("cookies", "local", "session", "databases")} == {
                    "cookies": "", "local": [], "session": [], "databases": []}
                assert all(name.startswith("hantsmap") for name in kept["caches"]), kept["caches"]

    def _heard(self, response: Response) -> None:
        if "set-cookie" in response.headers:
            self.complaints.append(f"{response.url} sets a cookie")
        if response.status >= 400:
            self.complaints.append(f"{response.url} was answered with {response.status}")

    def _page(self, page: Page) -> None:
        page.on("pageerror", lambda fault: self.complaints.append(f"{page.url}: {fault}"))

    def _said(self, message: ConsoleMessage) -> None:
        # A policy that is broken is told on the console, too. What was not loaded is told by its response.
        if message.type == "error" and not message.text.startswith(NOT_LOADED):
            self.complaints.append(f"console: {message.text}")
