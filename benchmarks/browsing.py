"""What one browser asks to show the map for the first time: recorded from a real Chromium, in the order it asked."""

from __future__ import annotations

import os
from dataclasses import dataclass

from benchmarks import programs
from benchmarks.errors import BenchError

SCREEN = (1366, 768)
"""Pixels of the screen of most school laptops."""
QUIET_MS = 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An address, and in which wave it was asked: the page, what the page names, and what the script asks for."""

    path: str
    wave: int


def record(base: str, address: str) -> list[Asked]:
    """Load an address with an empty cache; what was asked of the server, in order.

    Raises BenchError when Playwright is missing, or when the page asked anybody else.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as fault:
        raise BenchError("Playwright is missing: pip install -e .[bench]") from fault
    asked: list[Asked] = []
    others: list[str] = []

    def heard(url: str, kind: str) -> None:
        if url.startswith(base):
            wave = 0 if kind == "document" else 1 if kind in ("script", "stylesheet") else 2
            asked.append(Asked(url.removeprefix(base), wave))
        elif url.startswith("http"):
            others.append(url)

    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=programs.path("chromium"), args=root)
        context = browser.new_context(viewport={"width": SCREEN[0], "height": SCREEN[1]})
        # Of the context, so that what the service worker fetches to keep is counted too.
        context.on("request", lambda request: heard(request.url, request.resource_type))
        page = context.new_page()
        page.goto(base + address)
        page.wait_for_load_state("networkidle", timeout=QUIET_MS)
        browser.close()
    if others:
        raise BenchError(f"{address} asked others than us: {', '.join(others[:3])}.")
    return asked
