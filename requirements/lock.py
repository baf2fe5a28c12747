"""Writes the lock files of this folder from setup.cfg: `make lock`.

Each holds exact versions and the hashes of their wheels. `serve.txt` is what `make serve` installs, `test.txt` what
`make test` installs, `check.txt` what `make check` installs: each holds the one before, with the same versions.
"""

from __future__ import annotations

import configparser
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FILES = {"serve": ("web",), "test": ("web", "test"), "check": ("web", "test", "check")}
BUILD = ["setuptools>=77"]
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--only-binary", ":all:", "--no-header",
           "--no-annotate", "--quiet"]


def requirements(extras: tuple[str, ...]) -> list[str]:
    """What setup.cfg requires for the package and these extras, one requirement each."""
    config = configparser.ConfigParser()
    config.read(HERE.parent / "setup.cfg", encoding="utf-8")
    texts = [config["options"]["install_requires"], *(config["options.extras_require"][extra] for extra in extras)]
    return [*BUILD, *(line.strip() for text in texts for line in text.splitlines() if line.strip())]


def main() -> None:
    """Resolve check.txt first, and hold the smaller files to its versions."""
    constraints: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in reversed(FILES):
            wanted = Path(folder) / f"{name}.in"
            wanted.write_text("\n".join(requirements(FILES[name])) + "\n", encoding="utf-8")
            target = HERE / f"{name}.txt"
            subprocess.run([sys.executable, "-m", "uv", "pip", "compile", str(wanted), *OPTIONS, *constraints,
                            "--output-file", str(target)], check=True)
            constraints = ["--constraint", str(HERE / "check.txt")]


if __name__ == "__main__":
    main()
