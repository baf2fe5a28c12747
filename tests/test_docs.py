"""The docs cannot drift: every command, setting, decision and room is in them, and every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hantsmap.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "datasets/README.md",
         *sorted((ROOT / "docs").rglob("*.md"))]
DOCS = "\n".join(page.read_text() for page in PAGES)
CODE = "\n".join(path.read_text() for room in ("hantsmap", "server") for path in sorted((ROOT / room).rglob("*.py")))


@pytest.mark.parametrize("command", sorted([*main.commands, *main.LATER]))
def test_every_command_is_told_of(command: str) -> None:
    """A command that no page names does not exist for its users."""
    assert f"hantsmap {command}" in DOCS or f"`{command}" in DOCS


def test_every_setting_is_told_of() -> None:
    """Every variable of the environment that the code reads is in docs/operations.md, and there is none there more."""
    told = (ROOT / "docs/operations.md").read_text()
    oidc = {f"HANTSMAP_OIDC_{name}" for name in re.findall(r"`_([A-Z_]+)`", told)}
    read = set(re.findall(r"\bHANTSMAP_[A-Z_]+[A-Z]\b", CODE)) - {"HANTSMAP_RUNS"}
    named = set(re.findall(r"\bHANTSMAP_[A-Z_]+[A-Z]\b", told)) | oidc

    assert sorted(name for name in read if name not in named) == []


def test_every_exit_code_is_told_of() -> None:
    """The exit codes of the errors are those of the table in docs/operations.md."""
    table = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))

    assert set(re.findall(r"exit_code = (\d+)", CODE)) <= table


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to a file of the project leads to a file of the project."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_decisions_are_numbered_in_order() -> None:
    """Decisions are numbered from 1 without a gap."""
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("0*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_room_of_the_library_is_on_the_tour() -> None:
    """A newcomer finds every room of the library on the tour."""
    tour = (ROOT / "docs/tour.md").read_text()
    rooms = {path.name.removesuffix(".py") for path in (ROOT / "hantsmap").iterdir() if not path.name.startswith("_")}

    assert sorted(room for room in rooms if room not in tour) == []


def test_no_file_names_a_machine() -> None:
    """No tracked file has a path of somebody's machine in it."""
    looked_for = ["git", "grep", "-nIE", r"/(home|root|work|Users)/[a-z]+/", "--", ".", ":!tests/test_docs.py"]
    found = subprocess.run(looked_for, cwd=ROOT, capture_output=True, text=True, check=False).stdout

    assert found == ""
