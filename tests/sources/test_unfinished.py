"""What killed publishers leave in the cache is removed by the next one."""

from __future__ import annotations

import os
import time

from hantsmap import sources
from hantsmap.sources.unfinished import DAY_S


def test_partial_downloads_are_removed_and_copies_kept(desk) -> None:
    """Parts of downloads and of their records go, whatever layer they were for; whole copies and other files stay."""
    folder = desk.cache / "remote" / "0123456789abcdef01234567"
    folder.mkdir(parents=True)
    for name in ("fetching-a1.part", "about-b2.part", "about.json", "c3.csv"):
        (folder / name).write_text("x")
    (desk.cache / "fingerprints.json").write_text("{}")
    sources.remove_unfinished(desk.cache)
    assert sorted(path.name for path in folder.iterdir()) == ["about.json", "c3.csv"]
    assert (desk.cache / "fingerprints.json").exists()


def test_unpacked_sources_are_removed_after_a_day(desk) -> None:
    """They may be of a command that reads beside the publisher, so that only old ones go."""
    for name in ("unpacked-old", "gml-old", "gpkg-old", "unpacked-new"):
        (desk.cache / name).mkdir()
        (desk.cache / name / "a.shp").write_text("x")
        if name.endswith("old"):
            os.utime(desk.cache / name, (time.time() - DAY_S - 60,) * 2)
    sources.remove_unfinished(desk.cache)
    assert [path.name for path in desk.cache.iterdir()] == ["unpacked-new"]


def test_a_cache_that_is_not_there_is_no_fault(tmp_path) -> None:
    """The first publication has none."""
    sources.remove_unfinished(tmp_path / "none")
