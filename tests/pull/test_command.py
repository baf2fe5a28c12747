"""`hantsmap pull` in a cron job: a line for each layer, sentences on stderr, exit codes, and a key that nobody sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from orchard import Orchard
from service_stand import Stand, refused

from hantsmap.cli import main


def run(stand: Stand, file: Path, *more: str, layers: tuple[str, ...] = ("trees",), key: str | None = None) -> Result:
    """Run the command."""
    words = [word for layer in layers for word in ("--layer", layer)]
    return CliRunner(env={"HANTSMAP_KEY": key}).invoke(main, ["pull", stand.url, *words, "--into", str(file), *more])


def test_outcome_of_each_layer(stand: Stand, orchard: Orchard, file: Path) -> None:
    """One line for each layer on stdout, nothing else, exit code 0."""
    result = run(stand, file, layers=("trees", "contract_trees", "trees"))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["trees: fetched whole; 12 features at sequence 1.",
                                          "contract_trees: fetched whole; 12 features at sequence 1."]


@pytest.mark.parametrize(("mood", "code", "words"), [
    (refused(403, "Accept the licence first."), 10, "trees: Accept the licence first. https://maps.example.org/licence"),
    (refused(401, "No such key."), 9, "does not accept the key"), (refused(404), 9, "has no layer `trees`")])
def test_exit_codes(stand: Stand, file: Path, mood: object, code: int, words: str) -> None:
    """A licence to accept has an exit code of its own; the refusal of one layer keeps no other from being pulled."""
    stand.moods = [mood]  # type: ignore[list-item]
    result = run(stand, file, layers=("trees", "contract_trees"))

    assert result.exit_code == code and words in result.stderr
    assert result.stdout.splitlines() == ["contract_trees: fetched whole; 12 features at sequence 1."]


def test_a_file_that_cannot_be_written(stand: Stand, tmp_path: Path) -> None:
    """What cannot be written has its exit code too."""
    result = run(stand, tmp_path / "no/such/folder.gpkg")

    assert result.exit_code == 11 and "cannot be kept in step" in result.stderr


@pytest.mark.parametrize("where", ["file", "environment"])
def test_the_key_goes_with_every_request(stand: Stand, file: Path, tmp_path: Path, where: str) -> None:
    """The key of a file, or else of the environment, goes along as X-API-Key, and never in an address."""
    seen = []
    stand.moods = [lambda environ, start: seen.append(environ.pop("HTTP_X_API_KEY"))] * 2  # type: ignore[func-returns-value]
    (tmp_path / "key.txt").write_text("hm_secret\n", encoding="utf-8-sig")
    more = ("--key-file", str(tmp_path / "key.txt")) if where == "file" else ()
    result = run(stand, file, *more, key="hm_secret" if where == "environment" else "hm_other")

    assert result.exit_code == 0 and seen == ["hm_secret"] * 2
    assert not any("hm_" in asked for asked in stand.asked) and "hm_" not in result.output


def test_it_needs_no_store() -> None:
    """The command loads nothing of a store or of a server: it runs on Windows, which has no locks of their kind."""
    asked = ("import sys, hantsmap.cli, hantsmap.pull.command; "
             "print([name for name in sys.modules if name in ('fcntl', 'flask', 'uvicorn') or "
             "name.startswith(('hantsmap.store', 'hantsmap.rendition', 'server'))])")
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_a_key_that_is_none(stand: Stand, file: Path, tmp_path: Path) -> None:
    """A key file that is empty or missing is refused before anything is asked; its content is not shown."""
    (tmp_path / "key.txt").write_text("two words")
    for name in ("empty.txt", "missing.txt", "key.txt"):
        (tmp_path / "empty.txt").write_text("\n")
        result = run(stand, file, "--key-file", str(tmp_path / name))
        assert result.exit_code == 9 and "words" not in result.output.replace("two words is", "")
    assert stand.asked == []
