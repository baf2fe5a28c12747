"""What is asked before a layer is read: published with the rendition, and taken out of the catalogue until accepted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from workbench import Workbench

from hantsmap import catalogue, terms
from hantsmap.accounts import Accounts, Party
from hantsmap.catalogue import Shelf
from hantsmap.rendition import render
from hantsmap.store import today
from hantsmap.terms import Reception, Terms

ASKS = """agreements:
  terms: {title: Terms, version: "1", purpose: To test with., text: Be good.}
layers:
"""


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    """Accounts without a key."""
    with Accounts(f"sqlite:///{tmp_path}/accounts.sqlite") as opened:
        yield opened


@pytest.fixture
def asking(bench: Workbench) -> Workbench:
    """A small county whose staff has to accept terms before it reads the trees, published."""
    bench.say("layers:\n", ASKS)
    bench.say("      staff: {fields: all}", "      staff: {fields: all, agreement: terms}")
    bench.publish()
    return bench


def met(bench: Workbench, accounts: Accounts, org: str | None = "Acme", audience: str = "staff") -> Terms:
    """The terms of somebody, from a fresh look at the store."""
    shelf = Shelf(bench.store)
    shelf.refresh()
    return Reception().terms(shelf.catalogue(audience), bench.store.site_or_empty(), org, lambda: accounts)


def accept(bench: Workbench, accounts: Accounts, org: str = "Acme") -> None:
    """Accept the terms as they are now."""
    accounts.accept(Party(org, "staff", "Staff", None, "key:k"), "terms", bench.store.site().agreements["terms"])


def test_a_layer_waits_until_its_agreement_is_accepted(asking: Workbench, accounts: Accounts) -> None:
    """What asks is out of the catalogue until the organisation has accepted, and in it from then on; nobody else's
    acceptance counts, and somebody without an organisation waits for good."""
    before = met(asking, accounts)
    assert (list(before.catalogue.entries), before.waiting, before.count) == (["benches"], {"terms": ("trees",)}, 1)
    assert before.waits("trees") and not before.waits("benches") and not before.waits("nothing")
    accept(asking, accounts)
    after = met(asking, accounts)
    assert (list(after.catalogue.entries), after.waiting) == (["benches", "trees"], {})
    for org in ("Other", "", None):
        assert met(asking, accounts, org).waits("trees")


def test_others_are_not_asked(asking: Workbench) -> None:
    """Where a grant asks for nothing, nothing is looked up: everybody else reads as before."""
    def never() -> Accounts:
        raise AssertionError

    shelf = Shelf(asking.store)
    shelf.refresh()
    whole = shelf.catalogue("public")
    assert Reception().terms(whole, asking.store.site(), "Acme", never).catalogue is whole


@pytest.mark.parametrize("change", [('version: "1"', 'version: "2"'), ("Be good.", "Be very good.")])
def test_a_new_version_is_asked_for_again(asking: Workbench, accounts: Accounts, change: tuple[str, str]) -> None:
    """When the version, or a word of the text, is another, the layer waits again and is promoted again, because its
    history starts anew; no rendition is made again."""
    accept(asking, accounts)
    rendition = asking.rendition("trees", "staff")
    asking.say(*change)
    outcomes = {layer: outcome.state for layer, outcome in asking.publish().items()}
    assert outcomes == {"trees": "published", "benches": "unchanged"}
    assert met(asking, accounts).waits("trees")
    assert asking.rendition("trees", "staff") == rendition
    accept(asking, accounts)
    assert not met(asking, accounts).waits("trees")


def test_asking_is_published_with_the_rendition(asking: Workbench, accounts: Accounts) -> None:
    """A promotion says what has to be accepted: were the head of the store lost, the layer would wait all the same."""
    accept(asking, accounts)
    current = asking.store.current("trees")
    assert current is not None
    assert current.agreements == {"staff": "terms"}
    (asking.store.root / "site.json").write_text("{}")
    assert met(asking, accounts).waits("trees")


def test_a_grant_that_stops_asking(asking: Workbench, accounts: Accounts) -> None:
    """Taken out of the registry and published, an agreement is asked for no more; the rendition is the same."""
    rendition = asking.rendition("trees", "staff")
    asking.say(", agreement: terms", "")
    assert asking.publish()["trees"].state == "published"
    assert met(asking, accounts).catalogue.entries["trees"].rendition.folder == rendition


def test_what_is_asked_for_ends_with_its_grant(bench: Workbench, accounts: Accounts,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """The day after a grant that asks has ended, the one above it holds, and asks for nothing."""
    bench.say("layers:\n", ASKS)
    bench.say("      staff: {fields: all}", f"      staff: {{fields: all, agreement: terms, until: {today()}}}")
    bench.publish()
    assert met(bench, accounts).waits("trees")
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr(catalogue, "today", lambda: tomorrow)
    assert not met(bench, accounts).waits("trees")


def test_after_the_last_day_of_an_audience(bench: Workbench, accounts: Accounts,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """On its last day an audience reads; on the next there is nothing for it, though nobody has published since."""
    bench.say("  staff: {title: Staff, within: public}", f"  staff: {{title: Staff, within: public, until: {today()}}}")
    bench.publish()
    assert met(bench, accounts).ended is None and len(met(bench, accounts).catalogue.entries) == 2
    tomorrow, last = today() + timedelta(days=1), today()
    for module in (catalogue, terms, render):
        monkeypatch.setattr(module, "today", lambda: tomorrow)
    over = met(bench, accounts)
    assert (over.ended, over.catalogue.entries, over.waiting) == (last, {}, {})
    assert len(met(bench, accounts, audience="public").catalogue.entries) == 2
    (bench.store.root / "site.json").write_text("{}")
    assert met(bench, accounts).catalogue.entries == {}


def test_a_renewed_audience_reads_on(bench: Workbench, accounts: Accounts) -> None:
    """A later last day is a change of the rules: it is published, and holds."""
    staff = "  staff: {title: Staff, within: public}"
    bench.say(staff, staff.replace("}", ", until: 2020-01-31}"))
    bench.publish()
    assert met(bench, accounts).ended == date(2020, 1, 31)
    bench.say("until: 2020-01-31", "until: 2099-01-31")
    assert bench.publish()["trees"].state == "published"
    assert met(bench, accounts).ended is None and "trees" in met(bench, accounts).catalogue.entries


def test_the_same_terms_are_the_same(asking: Workbench, accounts: Accounts) -> None:
    """As long as nothing changes, a viewer's terms, and its catalogue, are the same object: what is made of them is
    made once."""
    shelf, reception = Shelf(asking.store), Reception()
    shelf.refresh()

    def look(org: str) -> Terms:
        return reception.terms(shelf.catalogue("staff"), asking.store.site(), org, lambda: accounts)

    waiting = look("Acme")
    assert look("Other") is look("Acme") is waiting
    accept(asking, accounts)
    assert look("Acme") is look("Acme") is not waiting and look("Other") is waiting
    asking.rows("benches.csv", [{"number": 1, "name": "Moved"}])
    asking.publish("benches")
    shelf.refresh()
    assert look("Other") is not waiting and look("Other").waits("trees")


def test_a_store_knows_the_outline_of_areas(asking: Workbench) -> None:
    """The head of a store has, for sketches, the outline of each area that a grant names, in few corners; one whose
    file is gone for the moment keeps the outline that it had."""
    ring = shapely.Point(440_500, 110_500).buffer(3_000, quad_segs=500)
    file = asking.data / "area.geojson"
    file.write_text(shapely.to_geojson(ring))
    asking.say("layers:\n", "areas:\n  ring: {title: The ring, file: area.geojson, crs: 'EPSG:27700'}\nlayers:\n")
    asking.say("""      public:
        fields: [code, name, kind, height]
        held_back: [{reason: f, sentence: Notes are for the staff., owner: Tester, review: 2099-01-01}]
""", "")
    asking.say("      staff: {fields: all, agreement: terms}", """      guests:
        fields: all
        area: {name: ring}
        held_back: [{reason: e, of: [rows], sentence: For others only., owner: Tester, review: 2099-01-01}]""")
    asking.say("  staff: {title", "  guests: {title: Guests, within: public}\n  staff: {title")
    asking.publish()
    site = asking.store.site()
    outline = shapely.from_wkt(site.outlines["ring"].wkt)

    assert site.areas == {"guests": ("ring",)} and site.outlines["ring"].title == "The ring"
    assert shapely.get_num_coordinates(outline) < 400 and outline.symmetric_difference(ring).area / ring.area < 0.02
    file.unlink()
    asking.publish("benches")
    assert asking.store.site() == site
