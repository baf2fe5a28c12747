"""A browser as a school has it, before a real server over the village county."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from judging import AXE
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pupil import Pupil
from running_server import Running, running
from watching import Watch

from hantsmap.catalogue import Catalogue, Shelf
from hantsmap.lessons import Example, lessons, prepare
from hantsmap.store import Store

# The screen of most school laptops.
SCREEN = {"width": 1366, "height": 768}
# Nothing here is about speed: a machine that is busy with other work may take its time.
PATIENCE_MS = 45_000
MAP = Path(__file__).parents[2] / "server/static/map"


@pytest.fixture(scope="session")
def server(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server over the village county, for everybody."""
    with running(county_store, tmp_path_factory.mktemp("browser") / "server.log") as served:
        yield served


@pytest.fixture(scope="module")
def browser(needs: Callable[..., str]) -> Iterator[Browser]:
    """Debian's Chromium. Of one module, so that no other test meets its event loop."""
    chromium = needs("chromium")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=[*root, "--font-render-hinting=none"])
        yield started
        started.close()


@pytest.fixture
def watch(browser: Browser, server: Running) -> Iterator[Watch]:
    """A browser without a past. At the end of the test: one host was asked, no cookie, nothing kept, no error told."""
    context = browser.new_context(viewport=SCREEN, locale="en-GB", accept_downloads=True)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    watched = Watch(context, server.base.removeprefix("http://"))
    yield watched
    watched.check()
    context.close()


@pytest.fixture
def page(watch: Watch) -> Page:
    """A page of that browser."""
    return watch.context.new_page()


@pytest.fixture(scope="session")
def axe() -> None:
    """For tests that ask axe-core; `make test` brings it. Without it the test is skipped, and says so."""
    _there(AXE, "axe-core")


@pytest.fixture(scope="session")
def built() -> None:
    """For tests of the map; `make test` builds it. Without it the test is skipped, and says so."""
    _there(MAP, "the built map")


def _there(path: Path, name: str) -> None:
    if not path.exists():
        message = f"{name} is missing: run make test"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session")
def catalogue(county_store: Path) -> Catalogue:
    """What everybody may see: the reference answers of the lessons are worked out from it."""
    shelf = Shelf(Store(county_store))
    shelf.refresh()
    return shelf.catalogue("public")


@pytest.fixture
def example(catalogue: Catalogue) -> Callable[[str], Example]:
    """`example(slug)`: the example of a lesson, with its answers. The test fails where the county gives none."""

    def of(slug: str) -> Example:
        ready = prepare(catalogue, lessons()[slug])
        assert ready.example is not None, ready.why_not
        return ready.example

    return of


@pytest.fixture(params=["mouse", "keyboard"])
def pupil(page: Page, server: Running, built: None, request: pytest.FixtureRequest) -> Pupil:
    """A pupil who works with the mouse, and one who works with the keyboard only."""
    return Pupil(page, server.base, request.param)
