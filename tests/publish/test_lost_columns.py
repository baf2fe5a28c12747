"""A column that cannot be read any more blocks its layer, and the edition before stays."""

from __future__ import annotations

from workbench import Workbench

DATED = [{"number": number, "name": f"{number + 12}/06/2026"} for number in range(1, 6)]
NAME = "      name: {type: string, title: Name}\n    grants"


def test_lost_dates_block_and_the_old_edition_stays(bench: Workbench) -> None:
    """Dates that become texts end with state blocked, exit code 5 and the remedy; nothing undated is published."""
    bench.say(NAME, NAME.replace("string", "date"))
    bench.rows("benches.csv", DATED)
    assert bench.publish("benches")["benches"].state == "published"
    before = bench.edition("benches")
    bench.rows("benches.csv", [row | {"name": "summer 2026"} for row in DATED])
    outcome = bench.publish("benches")["benches"]
    assert (outcome.state, outcome.exit_code) == ("blocked", 5)
    assert "5 of 5 values would be lost, such as 'summer 2026'" in outcome.sentence and "`format`" in outcome.sentence
    assert bench.edition("benches") == before


def test_settings_of_curation_curate_again(bench: Workbench) -> None:
    """A layer whose source is the same is curated again when a setting of curation, such as `max_lost`, changes."""
    bench.say("    geometry: none\n", "    max_lost: 1\n    geometry: none\n")
    bench.say(NAME, NAME.replace("string", "date"))
    assert bench.publish("benches")["benches"].state == "published"
    bench.say("    max_lost: 1\n    geometry: none\n", "    geometry: none\n")
    assert bench.publish("benches")["benches"].state == "blocked"


def test_a_column_that_is_gone_blocks(bench: Workbench) -> None:
    """A source without a column of the registry blocks with a sentence; it is not an unforeseen fault."""
    bench.rows("benches.csv", [{"number": 1, "label": "Bench"}])
    outcome = bench.publish("benches")["benches"]
    assert (outcome.state, outcome.exit_code) == ("blocked", 5)
    assert "the source has no column name. It has also label" in outcome.sentence
