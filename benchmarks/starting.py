"""How long a server takes to start with 20 layers, and what it loads for that."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

from benchmarks.folders import REGISTRY, ROOT, made
from benchmarks.processes import answers, children, free_port, running

LAYERS = 20
HEAVY = ("pandas", "geopandas")
CREATE = """
import sys, time
start = time.perf_counter()
from server import create_app
create_app()
print(time.perf_counter() - start, ",".join(name for name in {heavy} if name in sys.modules))
"""


@dataclass(frozen=True, slots=True)
class Started:
    """Medians, in seconds: until the first answer over HTTP, and to import the server and make the application.

    `heavy` are the modules loaded for that which a server has no need of.
    """

    layers: int
    first_answer: float
    created: float
    heavy: tuple[str, ...]


def measure(repeats: int, say: Callable[[str], None]) -> Started:
    """Start a server over the first 20 layers of the village county that everybody may see."""
    folder = made("start")
    environment = _published(folder)
    answered, created, heavy = [], [], set()
    for repeat in range(repeats):
        say(f"start with {LAYERS} layers, run {repeat + 1}")
        done = subprocess.run([sys.executable, "-c", CREATE.format(heavy=HEAVY)], cwd=ROOT, check=True, text=True,
                              capture_output=True, env={**os.environ, **environment})
        seconds, _, names = done.stdout.strip().partition(" ")
        created.append(float(seconds))
        heavy |= {name for name in names.split(",") if name}
        seconds_to_answer, loaded = _first_answer(folder, environment)
        answered.append(seconds_to_answer)
        heavy |= loaded
    return Started(LAYERS, median(answered), median(created), tuple(sorted(heavy)))


def _published(folder: Path) -> dict[str, str]:
    environment = {"HANTSMAP_REGISTRY": str(REGISTRY), "HANTSMAP_STORE": str(folder / "store"),
                   "HANTSMAP_DATA": str(folder / "village"), "HANTSMAP_ACCOUNTS": f"sqlite:///{folder}/accounts.sqlite"}
    layers = yaml.safe_load(REGISTRY.read_text())["layers"]
    public = [name for name, layer in layers.items() if "public" in layer.get("grants", {})][:LAYERS]
    for command in (["-m", "datasets.county", "--scale", "village", "--out", str(folder / "village")],
                    ["-m", "hantsmap", "publish", *public]):
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True,
                       env={**os.environ, **environment})
    return environment


def _first_answer(folder: Path, environment: dict[str, str]) -> tuple[float, set[str]]:
    port, log = free_port(), folder / "log"
    start = time.perf_counter()
    command = [sys.executable, "-m", "hantsmap", "serve", "--port", str(port)]
    with running(command, log, environment) as process:
        answers(port, "/collections", process, log)
        took = time.perf_counter() - start
        # What is compiled in a package that was loaded is mapped into the process.
        maps = "".join(Path(f"/proc/{each}/maps").read_text() for each in (process.pid, *children(process.pid)))
    return took, {name for name in HEAVY if f"/{name}/" in maps}
