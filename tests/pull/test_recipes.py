"""The recipes of docs/contractors.md do what they say, run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from orchard import Orchard, tree
from service_stand import Stand
from test_pulling import expected, plain, rows

DOCS = (Path(__file__).parents[2] / "docs/contractors.md").read_text(encoding="utf-8")


def recipe(language: str) -> str:
    """The recipe in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)[0]


def nights(stand: Stand, orchard: Orchard, folder: Path, command: list[str]) -> None:
    """Run the recipe on three nights, and hold its file against the orchard after each."""
    for night in range(3):
        if night:
            orchard.rows |= {night: tree(night, x=439_300 + night), 5 + night: tree(5 + night, name="Elm", height=""),
                             20 + night: tree(12, code=f"t{20 + night}", felled="2025-03-01")}
            del orchard.rows[9 + night]
            orchard.publish()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert plain(rows(folder / "roads.gpkg")) == expected(orchard)
        assert (folder / "sequence.txt").read_text().strip() == str(night + 1)


def test_curl_and_ogr2ogr(stand: Stand, orchard: Orchard, tmp_path: Path, needs: Callable[..., str]) -> None:
    """The shell's recipe: everything on the first night, then edits, moves, a tree more and a tree less."""
    for program, package in (("curl", "curl"), ("ogr2ogr", "gdal-bin"), ("ogrinfo", "gdal-bin")):
        needs(program, package)
    orchard.rows[12] = tree(12, felled="2024-02-29")
    orchard.publish()
    orchard.store.promotion_files("trees")[1].unlink()
    text = recipe("sh").replace("https://maps.example.org", stand.url).replace("contract_segments", "trees")
    (tmp_path / "night.sh").write_text(text)
    (tmp_path / "key.txt").write_text("X-Nothing: nobody\n")

    nights(stand, orchard, tmp_path, ["sh", "night.sh"])


def test_powershell(stand: Stand, orchard: Orchard, tmp_path: Path) -> None:
    """The recipe for PowerShell asks GDAL the very same as the shell's; where there is a PowerShell, it is run too."""
    commands = [re.findall(r"^ *(?:ogr2ogr|ogrinfo) .*$", text.replace("\\\n", ""), re.MULTILINE)
                for text in (recipe("sh"), recipe("powershell"))]
    shell, other = ([" ".join(line.replace('"$LAYER"', "$Layer").replace("$LAYER", "$Layer").split())
                     for line in lines] for lines in commands)
    assert shell == other and len(shell) == 5
    program = shutil.which("pwsh") or shutil.which("powershell")
    if program is None or shutil.which("ogr2ogr") is None:
        return
    orchard.rows[12] = tree(12, felled="2024-02-29")
    orchard.publish()
    orchard.store.promotion_files("trees")[1].unlink()
    text = recipe("powershell").replace("https://maps.example.org", stand.url).replace("contract_segments", "trees")
    (tmp_path / "night.ps1").write_text(text.replace('@{ "X-API-Key" = ', '@{ "X-Nothing" = '))
    (tmp_path / "key.txt").write_text("nobody\n")

    nights(stand, orchard, tmp_path, [program, "-NoProfile", "-File", "night.ps1"])


@pytest.mark.parametrize("address", sorted(set(re.findall(r"GET (/collections/\S+)", DOCS))))
def test_addresses_of_the_docs(stand: Stand, orchard: Orchard, address: str) -> None:
    """Each address of the feed that the docs show is answered, or refused as yet to come."""
    import requests

    answer = requests.get(stand.url + address.replace("{id}", "trees"), timeout=10)

    assert answer.status_code == 200 or "is yet to come" in answer.json()["detail"]
