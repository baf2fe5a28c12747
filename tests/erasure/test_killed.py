"""An erasure that is stopped anywhere is completed by running it again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from county_with_people import PERSON, PHONE, CountyWithPeople, ids_of

from hantsmap.downloads import Download, Kept
from hantsmap.downloads.formats import FORMATS
from hantsmap.downloads.making import make, write_download
from hantsmap.erasure import erase
from hantsmap.errors import StoreError
from hantsmap.rendition import Rendition
from hantsmap.store import Store, files, now


class KilledError(BaseException):
    """The process ends here."""


def stopping(call: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """The call, which stops everything when no more calls are left."""

    def called(*given: Any, **named: Any) -> Any:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        return call(*given, **named)

    return called


def test_an_erasure_that_was_killed_is_completed_by_the_next(
    county: CountyWithPeople, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before each second rename and each flush to disk: what is served is whole, with or without the record; no
    publication in between brings it back; the second run leaves the very store that one run leaves."""
    whole = tmp_path / "whole"
    shutil.copytree(county.store.root, whole)
    erase(Store(whole), whole / "downloads", "trees", "t0005", "request 12")
    expected = promoted(Store(whole))
    steps = 0
    for steps in range(0, 200, 3):
        copy = tmp_path / f"copy-{steps}"
        shutil.copytree(county.store.root, copy)
        store, left = Store(copy), [steps]
        with monkeypatch.context() as patch:
            patch.setattr(files, "flush", stopping(files.flush, left))
            patch.setattr(Path, "rename", stopping(Path.rename, left))
            try:
                erase(store, copy / "downloads", "trees", "t0005", "request 12")
            except KilledError:
                assert len(ids_of(Rendition(store.rendition("trees", promoted(store)["staff"])))) in (29, 30)
        if left[0]:
            break
        erase(store, copy / "downloads", "trees", "t0005", "request 12")
        assert promoted(store) == expected
        assert sorted(path.name for path in (copy / "editions" / "trees").iterdir()) == sorted(
            path.name for path in (whole / "editions" / "trees").iterdir())
        shutil.rmtree(copy)
    assert steps > 30


def promoted(store: Store) -> dict[str, str]:
    """The renditions that are current."""
    current = store.current("trees")
    assert current is not None
    return dict(current.renditions)


def test_a_publication_after_a_killed_erasure_leaves_the_record_out(
    county: CountyWithPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped right after the id was put on the list, the next publication drops the record from the current edition;
    the command, run again, removes the older ones."""
    with monkeypatch.context() as patch:
        patch.setattr(Store, "promote", stopping(Store.promote, [0]))
        with pytest.raises(KilledError):
            county.erase("trees", "t0005")

    assert county.publish("trees")["trees"].rows == 29
    assert Rendition(county.rendition("trees", "staff")).position("t0005") is None
    county.erase("trees", "t0005")
    assert county.holding(PERSON, PHONE) == set()


def test_a_download_that_is_finished_after_the_erasure_is_not_kept(
    county: CountyWithPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A maker that read the older rendition while the record was erased leaves no file behind."""
    rendition = Rendition(county.rendition("trees", "staff"))
    download = Download("trees", rendition.id, now(), FORMATS["geojson"], FORMATS["geojson"].systems[0])
    making = county.root / "making"
    making.mkdir()

    def write_and_erase(path: Path, rows: Any, wanted: Download) -> None:
        write_download(path, rows, wanted)
        county.erase("trees", "t0005")

    monkeypatch.setattr("hantsmap.downloads.making.write_download", write_and_erase)
    with pytest.raises(StoreError, match="no longer kept"):
        make(county.store, Kept(county.downloads), download, making)

    assert county.holding(PERSON, PHONE) == set()
