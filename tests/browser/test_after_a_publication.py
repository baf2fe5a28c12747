"""A browser that was here before, after a publication: it shows what is published now; offline, what it has."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shops
from playwright.sync_api import Browser, Page, expect
from running_server import Running, running
from shapely import Point

pytestmark = pytest.mark.usefixtures("built")

ROOT = Path(__file__).parents[2]
KEPT = """async () => {
  const kept = (await (await caches.open('hantsmap-data')).keys()).map(each => each.url);
  const loaded = performance.getEntriesByType('resource').map(each => each.name);
  return Boolean(navigator.serviceWorker.controller) && kept.some(each => /[/]map(#|$)/.test(each))
    && loaded.filter(each => /^[/](map|tiles|collections)[/]/.test(new URL(each).pathname))
      .every(each => kept.includes(each)); }"""
NAMES = """layer => { const { app } = document.querySelector('#app'), { map } = app;
  return app.drawn.within(layer, map.getView().calculateExtent(map.getSize())).map(each => each.get('name')); }"""


class Office:
    """Where the county's layers are changed and published, and a server over them."""

    def __init__(self, folder: Path, data: Path, store: Path) -> None:
        self.data, self.store = folder / "data", folder / "store"
        shutil.copytree(data, self.data)
        shutil.copytree(store, self.store)
        rows = self._services()
        # One that stays open and shown to everybody.
        at = next(number for number, row in enumerate(rows)
                  if row["service_type"] == "Library" and row["status"] == "active")
        self._service, self.place = at, (float(rows[at]["GeoX"]), float(rows[at]["GeoY"]))
        self.name = rows[at]["name"].strip()

    def _services(self) -> list[dict[str, str]]:
        with (self.data / "services.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rename(self, service: str, town: str) -> None:
        """Another name for the service, and for the town that is nearest to it; published."""
        rows = self._services()
        rows[self._service]["name"] = service
        with (self.data / "services.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        base = self.data / "base_map.gpkg"
        places = gpd.read_file(base, layer="named_places")
        places.loc[places.distance(Point(*self.place)).idxmin(), "NAME"] = town
        places.to_file(base, layer="named_places", driver="GPKG")
        shops.publish_all(ROOT / "layers.yaml", self.data, self.store)


@pytest.fixture
def office(tmp_path: Path, county_data: Path, county_store: Path) -> Office:
    """The village county, to be changed."""
    return Office(tmp_path, county_data, county_store)


@pytest.fixture
def served(office: Office, tmp_path: Path) -> Iterator[Running]:
    """A server over what the office publishes."""
    with running(office.store, tmp_path / "server.log") as server:
        yield server


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A browser of its own, which keeps what it is given."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


def versions(served: Running) -> dict[str, Any]:
    """The version of each layer's tiles."""
    document = json.loads(served.ask("/map/layers.json").body)
    return {each["id"]: each["tiles"]["version"] for each in document["layers"] if each["tiles"]}


def taken_up(served: Running, before: dict[str, Any]) -> set[str]:
    """Layers whose tiles have another version, when the server has taken up a publication: it looks now and then."""
    for _ in range(150):
        after = versions(served)
        changed = {layer for layer in after if after[layer] != before[layer]}
        if len(changed) > 1:
            return changed
        time.sleep(0.2)
    raise AssertionError("the server does not take up what was published")


def shown(page: Page, layer: str) -> set[str]:
    """Names of a layer that are drawn, when the map stands still."""
    expect(page.locator("#sentence")).to_contain_text("Services", timeout=20_000)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#sentence")).to_contain_text("(", timeout=20_000)
    return set(page.evaluate(NAMES, layer))


def until_kept(page: Page) -> None:
    """Wait until the worker has kept all that was loaded."""
    for _ in range(200):
        if page.evaluate(KEPT):
            return
        page.wait_for_timeout(200)
    raise AssertionError("the worker does not keep what was loaded")


def test_the_first_look_after_a_publication_shows_it(office: Office, served: Running, visitor: Page) -> None:
    """At once, in the layer's own tiles and in those of the base map; without a connection what was shown last."""
    easting, northing = office.place
    here = f"{served.base}/map#e={easting:.0f}&n={northing:.0f}&z=6&on=services&tool=none"
    visitor.goto(here)
    assert office.name in shown(visitor, "services")
    until_kept(visitor)
    before = versions(served)
    office.rename("Library of today", "Town of today")
    assert taken_up(served, before) == {"services", "named_places"}

    visitor.reload()
    services = shown(visitor, "services")
    assert "Library of today" in services and office.name not in services
    assert "Town of today" in shown(visitor, "named_places")
    until_kept(visitor)
    visitor.context.set_offline(True)
    visitor.reload()
    assert shown(visitor, "services") == services
    visitor.context.set_offline(False)

    # Online elsewhere after another publication, offline here again: the older tile, rather than none.
    before = versions(served)
    office.rename("Library of tomorrow", "Town of tomorrow")
    taken_up(served, before)
    visitor.goto("about:blank")
    visitor.goto(here.replace(f"e={easting:.0f}", f"e={easting + 12_000:.0f}"))
    shown(visitor, "services")
    visitor.context.set_offline(True)
    visitor.evaluate("to => { location.hash = to; }", here.partition("#")[2])
    for _ in range(100):
        if "Library of today" in shown(visitor, "services"):
            break
        visitor.wait_for_timeout(200)
    assert "Library of today" in shown(visitor, "services")

