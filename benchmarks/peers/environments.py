"""Python environments of peers, each apart: what they need would change what we run on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.errors import BenchError
from benchmarks.folders import MADE


def environment(name: str, packages: Sequence[str]) -> Path:
    """The folder of programs of an environment with these packages; made now where it is not."""
    folder = MADE / name
    ready = folder / "ready"
    wanted = "\n".join(packages)
    if not ready.exists() or ready.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        python = str(folder / "bin/python")
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchError(f"{name} cannot be installed: {done.stderr[-1_000:]}")
        ready.write_text(wanted)
    return folder / "bin"


def installed(name: str, package: str) -> str:
    """Version of a package in an environment."""
    asked = f"import importlib.metadata as m; print(m.version({package!r}))"
    told = subprocess.run([str(MADE / name / "bin/python"), "-c", asked], capture_output=True, text=True, check=True)
    return told.stdout.strip()
