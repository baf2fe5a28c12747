"""The notebooks run, from top to bottom, against a real server."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_against_the_service(path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell of a notebook runs without an error, and none was committed with its output."""
    monkeypatch.setenv("HANTSMAP_URL", url)
    notebook = nbformat.read(path, as_version=4)

    assert all(not cell.get("outputs") for cell in notebook.cells)

    NotebookClient(notebook, timeout=120).execute()
