"""Publishing: only what changed, all of a layer or nothing of it, and one layer's fault stops no other."""

from __future__ import annotations

import pytest
from workbench import Workbench, tree

from hantsmap.catalogue import Shelf
from hantsmap.editions import findings_of, record_of
from hantsmap.publish import publish
from hantsmap.rendition import Rendition


def seen(bench: Workbench, audience: str, layer: str = "trees") -> Rendition:
    """What an audience sees of a layer."""
    shelf = Shelf(bench.store)
    shelf.refresh()
    return shelf.catalogue(audience).entries[layer].rendition


def test_outcomes_are_told_as_they_come(bench: Workbench) -> None:
    """Each layer goes through its steps in order; each outcome is told once, in the order of the registry."""
    steps, done = [], []
    outcomes = publish(bench.workshop, progress=lambda layer, doing: steps.append((layer, doing)), done=done.append)
    assert done == outcomes and [(outcome.layer, outcome.state, outcome.rows) for outcome in outcomes] == [
        ("trees", "published", 30), ("benches", "published", 5)]
    assert [doing for layer, doing in steps if layer == "trees"] == [
        "looking for changes", "reading", "curating", "keeping the edition", "rendering"]
    steps.clear()
    publish(bench.workshop, progress=lambda layer, doing: steps.append((layer, doing)))
    assert {doing for _, doing in steps} == {"looking for changes"}


def test_named_layers_only(bench: Workbench) -> None:
    """Named layers are published, each once, and no other."""
    assert list(bench.publish("benches", "benches")) == ["benches"]
    assert bench.store.layers() == ["benches"] and len(bench.store.history("benches")) == 1


def test_blocked_keeps_the_old_edition(published: Workbench) -> None:
    """A blocking finding: nothing is promoted, the sentence names the row, and the old edition is served on."""
    published.trees([tree(1), tree(1, name="Other"), *[tree(number) for number in range(2, 20)]])
    published.rows("benches.csv", [{"number": 9, "name": "New"}])
    outcomes = published.publish()
    blocked = outcomes["trees"]
    assert (blocked.state, blocked.exit_code, blocked.rows) == ("blocked", 5, None)
    assert blocked.sentence == "t0001 [code]: stands on two different rows: a key names one feature, for good."
    assert [finding.rule for finding in blocked.findings] == ["duplicate-key"]
    assert seen(published, "public").count == 30 and seen(published, "public", "benches").count == 1
    assert len(published.store.history("trees")) == 1 and published.files("making") == []


def test_source_that_is_gone(published: Workbench) -> None:
    """A source that cannot be read fails its layer alone, with exit code 4 and a sentence; its old edition stays."""
    (published.data / "trees.csv").unlink()
    outcomes = published.publish()
    assert (outcomes["trees"].state, outcomes["trees"].exit_code) == ("failed", 4)
    assert "trees.csv" in outcomes["trees"].sentence and outcomes["benches"].state == "unchanged"
    assert seen(published, "public").count == 30


def test_unforeseen_fault(bench: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of our own in one layer is logged whole, told in a sentence, and stops no other layer."""
    monkeypatch.setattr("hantsmap.rendition.writing._write_ids", lambda path, ids: 1 / 0 if len(ids) == 30 else None)
    outcomes = bench.publish()
    assert (outcomes["trees"].state, outcomes["trees"].exit_code) == ("failed", 1)
    assert outcomes["trees"].sentence == (
        "An unforeseen fault, ZeroDivisionError: division by zero. The last edition stays.")
    assert outcomes["benches"].state == "published" and "Traceback" in caplog.text
    assert bench.files("making") == []


def test_new_rules_need_no_new_reading(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the grants changed, the edition is rendered again without reading its source."""
    edition = published.edition("trees")
    monkeypatch.setattr("hantsmap.sources.read", lambda *_, **__: pytest.fail("the source was read"))
    published.say("fields: [code, name, kind, height]", "fields: [code, name]")
    assert published.publish()["trees"].state == "published"
    assert published.edition("trees") == edition
    assert list(seen(published, "public").fields) == ["code", "name"]
    assert list(seen(published, "staff").fields) == ["code", "name", "kind", "kind_text", "height", "note"]


def test_one_rendition_for_each_distinct_grant(published: Workbench) -> None:
    """Audiences with the same grant share one rendition; another grant has its own."""
    trees, benches = (published.store.current(layer).renditions for layer in ("trees", "benches"))
    assert set(trees) == set(benches) == {"public", "staff"}
    assert trees["public"] != trees["staff"] and benches["public"] == benches["staff"]
    assert len(list((published.store.root / "renditions" / "benches").iterdir())) == 1


def test_fields_keep_their_order(published: Workbench) -> None:
    """A rendition tells its fields in the order of the registry, and not in that of the alphabet."""
    assert list(seen(published, "public").fields) == ["code", "name", "kind", "kind_text", "height"]


def test_findings_are_kept(bench: Workbench) -> None:
    """What was found is told in the outcome and kept with the edition, with when and from what it was made."""
    bench.trees([tree(1, kind="Q"), tree(2, name=" Two ")])
    outcome = bench.publish()["trees"]
    record = record_of(bench.store, "trees", bench.edition("trees"))
    assert findings_of(record) == outcome.findings
    assert [(found.rule, found.row, found.field) for found in outcome.findings] == [
        ("trailing-space", "t0002", "name"), ("unknown-code", "t0001", "kind")]
    assert record["rows"] == 2 and record["provenance"]["place"] == "trees.csv" and record["made_at"]


@pytest.mark.parametrize("number", [1, 2])
def test_very_small_layers(bench: Workbench, number: int) -> None:
    """A layer of a single point is published with its place as its extent."""
    bench.trees([tree(number) for number in range(1, number + 1)])
    assert bench.publish()["trees"].state == "published"
    rendition = seen(bench, "public")
    assert rendition.count == number
    west, south, east, north = rendition.description.extent
    assert (east - west, north - south) == (37 * (number - 1), 53 * (number - 1))
    assert rendition.description.extent_crs84[0] == pytest.approx(-1.43, abs=0.01)


def test_an_audience_with_no_rows(bench: Workbench) -> None:
    """A grant that leaves no row of a layer still gives the layer: empty, with its fields, and no extent."""
    bench.say("        fields: [code, name, kind, height]", "        fields: all\n        rows: {note: [none such]}")
    assert bench.publish()["trees"].state == "published"
    rendition = seen(bench, "public")
    assert (rendition.count, rendition.description.extent) == (0, None)
    assert "code" in rendition.fields and seen(bench, "staff").count == 30


def test_registry_head_is_kept(published: Workbench) -> None:
    """The title of the registry goes with the store, and a new one is taken up though no layer changed."""
    from server.shelf import Served

    served = Served(published.store)
    assert served.site.title == "Small county"
    published.say("title: Small county", "title: Great county")
    published.publish()
    served.look()
    assert served.site.title == "Great county"


def test_partial_downloads_of_killed_publishers_are_removed(published: Workbench) -> None:
    """The next publication takes them away, also where the layer they were for has left the registry."""
    part = published.store.root / "cache" / "remote" / "0123" / "fetching-x.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(1000))
    published.publish("benches")
    assert not part.exists()
