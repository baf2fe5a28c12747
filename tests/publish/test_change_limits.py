"""A publication that would lose much of what is published, or withdraw layers, waits for somebody to accept it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from workbench import Workbench, tree

from hantsmap.cli import main
from hantsmap.editions import findings_of, record_of
from hantsmap.errors import BlockedError
from hantsmap.publish import publish
from hantsmap.registry import read

CASES = Path(__file__).parents[3] / "shared" / "cases"


@pytest.fixture(autouse=True)
def _default_limit(bench: Workbench) -> None:
    """The bench allows any loss; here the default holds."""
    bench.say("    max_change: 1\n", "")


def command(bench: Workbench, *words: str):
    """Run `hantsmap publish` on the bench."""
    return CliRunner().invoke(main, ["--registry", str(bench.registry), "--store", str(bench.store.root),
                                     "--data", str(bench.data), "publish", *words], input="")  # fmt: skip


def rules(outcome) -> list[tuple[str, str, str | None]]:
    """(rule, kind, field) of each finding."""
    return [(finding.rule, finding.kind.value, finding.field) for finding in outcome.findings]


@pytest.mark.parametrize(("left", "state"), [(24, "published"), (23, "blocked")])
def test_rows_beyond_max_change_block(published: Workbench, left: int, state: str) -> None:
    """Six of 30 rows, a fifth, may vanish; seven may not, and the ids are named."""
    published.trees([tree(number) for number in range(1, left + 1)])
    outcome = published.publish()["trees"]
    assert outcome.state == state
    if state == "blocked":
        assert outcome.exit_code == 5 and rules(outcome) == [("rows-vanish", "blocking", None)]
        assert outcome.sentence == (
            "7 of 30 rows that are published now would vanish (t0024, t0025, t0026, t0027, t0028 and others), more "
            "than max_change 20%. If this is right: hantsmap publish --accept trees.")
        assert published.store.current("trees").sequence == 1


def test_other_rows_of_the_same_number_are_a_loss(published: Workbench) -> None:
    """A file of another place, with as many rows, loses every row that is published now."""
    published.trees([tree(number) for number in range(101, 131)])
    assert rules(published.publish()["trees"]) == [("rows-vanish", "blocking", None)]


def test_values_that_become_empty_block(published: Workbench) -> None:
    """Of the rows that stay, more than a fifth of a field's values may not become empty; a fifth may."""
    published.trees([tree(n, name="" if n <= 6 else f"T{n}", height="" if n <= 7 else 2) for n in range(1, 31)])
    outcome = published.publish()["trees"]
    assert rules(outcome) == [("cells-vanish", "blocking", "height")]
    assert "7 of 30 values that are published now would become empty" in outcome.sentence


def test_accepting_publishes_once_and_is_kept(published: Workbench) -> None:
    """--accept publishes the loss as a doubt in the record, for that publication only; other layers block."""
    published.trees([tree(number) for number in range(1, 11)])
    published.rows("benches.csv", [{"number": 1, "name": "Bench 1"}])
    blocked = command(published)
    assert blocked.exit_code == 5 and "hantsmap publish --accept trees." in " ".join(blocked.output.split())
    accepted = command(published, "--accept", "trees")
    assert accepted.exit_code == 5, "benches were not accepted"
    record = record_of(published.store, "trees", published.edition("trees"))
    assert record["rows"] == 10
    assert [(f.rule, f.kind.value) for f in findings_of(record)] == [("rows-vanish", "doubtful")]
    published.trees([tree(1)])
    assert published.publish()["trees"].state == "blocked"
    assert command(published, "--accept", "trees", "--accept", "benches").exit_code == 0


def test_max_change_is_a_setting_of_the_layer(published: Workbench) -> None:
    """With `max_change: 1` everything but the last row may vanish; with 0, nothing may. No other value is valid."""
    published.trees([tree(1)])
    published.say("    display: name\n", "    display: name\n    max_change: 1\n")
    assert published.publish()["trees"].state == "published"
    published.say("max_change: 1\n", "max_change: 0\n")
    published.trees([tree(1, note="")])
    assert rules(published.publish()["trees"]) == [("cells-vanish", "blocking", "note")]
    published.say("max_change: 0\n", "max_change: 20\n")
    assert command(published).exit_code == 3


def test_open_geometry_that_vanishes_blocks(bench: Workbench) -> None:
    """A file of open lines that was cut short would take the geometry from those who see the open one only."""
    bench.say("    display: name\n",
              '    display: name\n    open_geometry: {file: open.geojson, key: code, crs: "EPSG:27700"}\n')

    def draw(count: int) -> None:
        features = [{"type": "Feature", "properties": {"code": f"t{n:04d}"}, "geometry": {
            "type": "Point", "coordinates": [440000 + 37 * n, 110000]}} for n in range(1, count + 1)]  # fmt: skip
        (bench.data / "open.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    draw(30)
    assert bench.publish()["trees"].state == "published"
    draw(24)
    assert bench.publish()["trees"].state == "published"
    draw(19)
    outcome = bench.publish()["trees"]
    assert rules(outcome) == [("cells-vanish", "blocking", "open_geometry")] and "5 of 24 values" in outcome.sentence


def test_a_damaged_newest_record_does_not_hide_a_loss(published: Workbench) -> None:
    """Where the newest promotion cannot be read, the one before it says what is lost."""
    published.trees([tree(number, name=f"New {number}") for number in range(1, 31)])
    published.publish()
    (published.store.root / "promotions" / "trees" / "00000002.json").write_text("{")
    published.trees([tree(1)])
    assert rules(published.publish()["trees"])[0] == ("rows-vanish", "blocking", None)


def test_a_field_that_left_the_registry_is_no_loss(published: Workbench) -> None:
    """What the registry takes away was decided there: the edition is compared by the fields that stay."""
    published.say("      note: {type: string, title: Note}\n", "")
    published.trees([tree(number, height="") if number == 1 else tree(number) for number in range(1, 31)])
    published.say("        held_back: [{reason: f, sentence: Notes are for the staff., owner: Tester, "
                  "review: 2099-01-01}]\n", "")  # fmt: skip
    assert published.publish()["trees"].state == "published"


def test_a_layer_that_comes_back_is_compared_with_nothing(published: Workbench) -> None:
    """After a withdrawal nothing is published that could vanish."""
    text = published.registry.read_text()
    published.registry.write_text(text[:text.index("  benches:")])
    publish(published.workshop, withdraw=True)
    published.registry.write_text(text)
    published.rows("benches.csv", [{"number": 9, "name": "New"}])
    assert published.publish()["benches"].state == "published"


def test_withdrawing_layers_needs_withdraw(published: Workbench) -> None:
    """A full publication that would withdraw more than a tenth of the layers publishes nothing, exit code 5."""
    text = published.registry.read_text()
    published.registry.write_text(text[:text.index("  benches:")])
    published.trees([tree(number, name="New") for number in range(1, 31)])
    refused = command(published)
    assert refused.exit_code == 5
    assert refused.output.splitlines()[-1] == (
        "1 of 2 layers would be withdrawn, because the registry does not have them: benches. Nothing was published. If "
        "they should go: hantsmap publish --withdraw. If not, check --registry and --store.")
    assert {name: published.store.current(name).sequence for name in ("trees", "benches")} == {"trees": 1, "benches": 1}
    assert command(published, "trees").exit_code == 0, "a named publication withdraws nothing"
    assert command(published, "--withdraw").exit_code == 0
    assert published.store.current("benches").action == "withdrawn"
    assert command(published).exit_code == 0


def test_one_layer_of_ten_may_go(bench: Workbench) -> None:
    """One of ten layers is withdrawn as ever; one of nine, or two of twenty, are not."""
    from hantsmap.change_limits import check_withdrawals
    from hantsmap.store import Promotion, now

    def promoted(count: int) -> list[str]:
        names = [f"layer_{number}" for number in range(count)]
        with bench.store.publishing():
            for name in names:
                if bench.store.current(name) is None:
                    bench.store.promote(Promotion(layer=name, sequence=1, action="published", made_at=now(),
                                                  edition="e", renditions={}, source_inputs="", grant_inputs=""))
        return names

    with pytest.raises(BlockedError):
        check_withdrawals(bench.store, promoted(9)[1:], withdraw=False)
    check_withdrawals(bench.store, promoted(10)[1:], withdraw=False)
    with pytest.raises(BlockedError, match=r"^2 of 20 layers would be withdrawn.*: layer_0, layer_1\."):
        check_withdrawals(bench.store, promoted(20)[2:], withdraw=False)
    check_withdrawals(bench.store, [], withdraw=True)


@pytest.mark.parametrize("words", [("trees", "--withdraw"), ("trees", "--accept", "benches"), ("--accept", "nothing")])
def test_options_that_say_nothing_are_usage_errors(published: Workbench, words: tuple[str, ...]) -> None:
    """--withdraw with named layers, --accept of a layer that is not published or not there: exit code 2."""
    assert command(published, *words).exit_code == 2


def case_registry(bench: Workbench, name: str, more: str = "", fields: str = "") -> None:
    """A registry of one layer over a file of the cases."""
    bench.registry.write_text(f"""
title: Cases
description: Inputs that went wrong.
publisher: Testers
contact: tests@example.org
extent: [400000, 0, 500000, 200000]
audiences: {{public: {{title: Everybody}}}}
licences: {{ogl: {{title: Open Government Licence, url: "https://example.org/ogl"}}}}
layers:
  {name}:
    title: Cases
    description: Rows of a case.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: ref
    {more}
    source: {{file: {name}.csv, crs: "EPSG:27700", geometry: {{x: E, y: N}}}}
    fields:
      ref: {{type: string, title: Reference, required: true}}
      name: {{type: string, title: Name}}
      {fields}
    grants: {{public: {{fields: all}}}}
""")


def take(bench: Workbench, case: str, name: str) -> None:
    """Put a file of the cases into the data folder."""
    if not CASES.is_dir():
        pytest.skip("the cases (../shared/cases) are not beside the repository")
    shutil.copy(CASES / case, bench.data / f"{name}.csv")


def test_a_truncated_file_is_held_back(bench: Workbench) -> None:
    """The benches of Monday stay when Tuesday's file has 10 of 1,000 rows and an empty column, until accepted."""
    case_registry(bench, "seats", fields="height: {type: number, title: Height, unit: m}")
    take(bench, "benches_monday.csv", "seats")
    assert bench.publish()["seats"].rows == 1_000
    take(bench, "benches_tuesday_truncated.csv", "seats")
    outcome = bench.publish()["seats"]
    assert outcome.exit_code == 5
    assert rules(outcome) == [("rows-vanish", "blocking", None), ("cells-vanish", "blocking", "height")]
    assert "990 of 1,000 rows" in outcome.sentence and "10 of 10 values" in outcome.sentence
    assert publish(bench.workshop, accept=["seats"])[0].rows == 10


def test_a_layer_that_may_be_empty_becomes_empty_and_full_again(bench: Workbench) -> None:
    """Without `may_be_empty` an empty file blocks and says so; with it, the layer is empty, and fills again."""
    case_registry(bench, "closures")
    take(bench, "closures_some.csv", "closures")
    bench.publish()
    take(bench, "closures_none.csv", "closures")
    outcome = bench.publish()["closures"]
    assert (outcome.state, outcome.exit_code) == ("blocked", 5) and "`may_be_empty: true`" in outcome.sentence
    case_registry(bench, "closures", "may_be_empty: true")
    outcome = bench.publish()["closures"]
    assert (outcome.state, outcome.rows, outcome.findings) == ("published", 0, ())
    assert read(bench.registry).layers["closures"].max_change == 0.2
    take(bench, "closures_some.csv", "closures")
    assert bench.publish()["closures"].rows == 2


def test_a_layer_that_may_be_empty_begins_empty(bench: Workbench) -> None:
    """The first publication may be of no rows; columns that are missing block all the same."""
    case_registry(bench, "closures", "may_be_empty: true")
    (bench.data / "closures.csv").write_text("ref,E,N\n")
    assert rules(bench.publish()["closures"]) == [("missing-column", "blocking", "name")]
    (bench.data / "closures.csv").write_text("ref,name,E,N\n")
    assert bench.publish()["closures"].rows == 0
