"""`hantsmap downloads prepare`: files made ahead, for cron."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from files_made import seen
from shops import odd

from hantsmap.cli import main
from hantsmap.downloads import FORMATS, Kept, offered, want


def command(store: Path, *words: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner(env={"HANTSMAP_DOWNLOADS": str(folder)}).invoke(
        main, ["--store", str(store), "downloads", "prepare", *words])
    return done.exit_code, done.output


def test_what_is_prepared_is_there(county_store: Path, tmp_path: Path) -> None:
    """Each format of the named layers, for each audience, is made; a second time there is nothing to do."""
    code, said = command(county_store, "schools", "sinc", "--audience", "public", folder=tmp_path)
    assert code == 0, said
    kept, made = Kept(tmp_path), 0
    for layer in ("schools", "sinc"):
        entry = seen(county_store, layer)
        for format_ in offered(entry.rendition.description):
            file = kept.find(want(entry.rendition, entry.published, format_, {}))
            assert file is not None and file.name in said
            made += 1
    assert made == len(said.splitlines()) == 2 * len(FORMATS)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("download.json")}
    assert command(county_store, "schools", "sinc", "--audience", "public", folder=tmp_path) == (0, said)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("download.json")} == stamps


def test_audiences_that_see_the_same_share_a_file(county_store: Path, tmp_path: Path) -> None:
    """Without an audience it is all of them, and what several see is made once; another one's rows are another file."""
    code, said = command(county_store, "sinc", "--format", "csv", folder=tmp_path)
    assert code == 0
    renditions = {seen(county_store, "sinc", audience).rendition.id
                  for audience in ("public", "staff", "ecologists", "schools", "partners")}
    assert len(said.splitlines()) == len(list((tmp_path / "sinc").iterdir())) == len(renditions) > 1


def test_a_layer_without_downloads_has_no_files(county_store: Path, tmp_path: Path) -> None:
    """Where the grant gives no downloads, nothing is made."""
    assert command(county_store, "people_directory", "--audience", "staff", folder=tmp_path) == (0, "")
    assert not list(tmp_path.glob("[a-z]*"))


def test_files_of_what_is_gone_are_removed(county_store: Path, tmp_path: Path) -> None:
    """Files of renditions that the store no longer has go when others are prepared."""
    gone = tmp_path / "schools" / "0123456789ab" / "key"
    gone.mkdir(parents=True)
    (gone / "file").write_text("x")
    assert command(county_store, "schools", "--format", "csv", "--audience", "public", folder=tmp_path)[0] == 0
    assert not gone.exists() and len(list((tmp_path / "schools").iterdir())) == 1


def test_prune_takes_files_away_too(tmp_path: Path) -> None:
    """`hantsmap prune` removes the files of what it has pruned, and no others."""
    (tmp_path / "shop").mkdir()
    shop, folder = odd(tmp_path / "shop"), tmp_path / "downloads"
    assert command(shop.store, "--format", "csv", "--audience", "public", folder=folder)[0] == 0
    gone = folder / "odd" / "0123456789ab" / "key"
    gone.mkdir(parents=True)
    done = CliRunner(env={"HANTSMAP_DOWNLOADS": str(folder)}).invoke(main, ["--store", str(shop.store), "prune"])
    assert done.exit_code == 0, done.output
    assert not gone.parent.exists() and len(list((folder / "odd").iterdir())) == 1


@pytest.mark.parametrize(("words", "sentence"), [
    (("ponds",), "no layer ponds in the store"), (("--audience", "nobody"), "no audience nobody"),
    (("--format", "dwg"), "'dwg' is not one of")])
def test_what_is_not_there_is_said(county_store: Path, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    """A layer, audience or format that there is not ends the command before anything is made."""
    code, said = command(county_store, *words, folder=tmp_path)
    assert code == 2 and sentence in said


def test_no_store(tmp_path: Path) -> None:
    """A folder that is no store is told of, with the exit code of stores."""
    code, said = command(tmp_path / "nothing", folder=tmp_path / "downloads")
    assert code == 6 and "is no store" in said
