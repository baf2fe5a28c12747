"""The house stays small: files to be read at a sitting, functions that fit on a screen, rooms with plain names."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE_LINES, FUNCTION_LINES = 260, 45
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_files_can_be_read_at_a_sitting() -> None:
    """No file of the library, the server or the datasets is much over 250 lines."""
    long = {str(path.relative_to(ROOT)): lines for path in sources("hantsmap", "server", "datasets", "benchmarks")
            if (lines := len(path.read_text().splitlines())) > FILE_LINES}

    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    """No function is much over 40 lines, its docstring apart."""
    long = {}
    for path in sources("hantsmap", "server", "datasets", "benchmarks"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                words = ast.get_docstring(node, clean=False)
                lines = (node.end_lineno or 0) - node.lineno + 1 - (words.count("\n") + 1 if words else 0)
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines

    assert long == {}


def test_rooms_have_names_that_say_what_is_in_them() -> None:
    """No module is called utils, helpers, manager or base."""
    rooms = sources("hantsmap", "server", "datasets", "benchmarks", "tests")

    assert [path for path in rooms if path.stem in VAGUE] == []


def test_every_public_function_says_what_it_does() -> None:
    """Every public module, class and function of the library has a docstring."""
    silent = []
    for path in sources("hantsmap"):
        tree = ast.parse(path.read_text())
        nodes = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        public = [node for node in nodes if not node.name.startswith("_")]
        silent += [f"{path.relative_to(ROOT)}:{node.name}" for node in public if not ast.get_docstring(node)]
        silent += [] if ast.get_docstring(tree) else [str(path.relative_to(ROOT))]

    assert silent == []


def test_test_modules_have_different_names() -> None:
    """pytest imports test modules by their bare names: two with one name cannot be run together."""
    names = [path.name for path in sources("tests") if path.name.startswith("test_")]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_test_states_a_promise() -> None:
    """Every test has a docstring."""
    silent = []
    for path in sources("tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.name}")

    assert silent == []


def test_no_large_file_is_committed() -> None:
    """Nothing that git tracks is larger than 400 kB: data is made, not kept."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    large = [name for name in tracked.split("\n") if name and (ROOT / name).exists()
             and (ROOT / name).stat().st_size > 400_000]

    assert large == []
