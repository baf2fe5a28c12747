"""The format number of a store: raised whenever older code cannot read what is written."""

from __future__ import annotations

from hantsmap.changes import keeping
from hantsmap.rendition import Description, writing
from hantsmap.store import Promotion, Site, layout
from hantsmap.tiles import making

# What the number stands for. When a test here fails: if servers of the version before cannot read what is written now,
# raise layout.FORMAT, and add a line to docs/upgrade.md; then write down here what it stands for.
STANDS_FOR = {
    "store": 2,
    "rendition": 8,
    "tiles": 1,
    "changes": 1,
    "description": "attribution cadence capture_scale class_field class_places code_lists contact count "
                   "description display downloads extent extent_crs84 fields geometry held_back interval key "
                   "keywords layer licence lineage map names notice publisher series source_name steward symbols "
                   "synthetic temporal tiles title",
    "promotion": "action agreements edition erasures grant_inputs history key later layer made_at renditions sequence "
                 "source_inputs visibility",
    "site": "agreements areas audiences contact description outlines publisher sign_in synthetic title",
}


def test_number_stands_for_what_is_written() -> None:
    """The formats of all parts, and the members of the records, are those that were written down with the number."""
    found = {"store": layout.FORMAT, "rendition": writing.FORMAT, "tiles": making.FORMAT, "changes": keeping.FORMAT,
             **{name: " ".join(sorted(record.model_fields)) for name, record in (
                 ("promotion", Promotion), ("site", Site), ("description", Description))}}
    assert found == STANDS_FOR


def test_upgrade_page_has_the_number() -> None:
    """docs/upgrade.md has a line for this version's number."""
    from pathlib import Path

    assert f"| {layout.FORMAT} | " in (Path(__file__).parents[2] / "docs" / "upgrade.md").read_text()
