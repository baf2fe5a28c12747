"""What publishing costs, beside `ogr2ogr` writing GeoJSON of the same layer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import programs
from benchmarks.errors import BenchError
from benchmarks.folders import ROOT
from benchmarks.layers import SOURCE, Sized


@dataclass(frozen=True, slots=True)
class Published:
    """Publishing `size` segments in three renditions: medians of seconds, and the most memory in bytes."""

    size: int
    seconds: float
    peak: int
    ogr_seconds: float
    ogr_peak: int

    @property
    def rate(self) -> float:
        """Features read, curated and rendered three times, a second."""
        return self.size / self.seconds

    @property
    def ratio(self) -> float:
        """How many times the time of ogr2ogr."""
        return self.seconds / self.ogr_seconds


def measure(sized: Sized, repeats: int, say: Callable[[str], None]) -> Published:
    """Publish into an empty store, and let ogr2ogr write the layer, in turn. The last store stays."""
    ours, theirs = [], []
    written = sized.folder / "ogr2ogr.json"
    for repeat in range(repeats):
        say(f"publish {sized.size:,} segments, run {repeat + 1}")
        shutil.rmtree(sized.store, ignore_errors=True)
        ours.append(_cost([sys.executable, "-m", "hantsmap", "publish"], sized.environment()))
        written.unlink(missing_ok=True)
        source = (sized.data / SOURCE[0], SOURCE[1])
        theirs.append(_cost([programs.path("ogr2ogr"), "-f", "GeoJSON", written, *source], {}))
    written.unlink(missing_ok=True)
    return Published(sized.size, median(seconds for seconds, _ in ours), max(peak for _, peak in ours),
                     median(seconds for seconds, _ in theirs), max(peak for _, peak in theirs))


def _cost(command: Sequence[str | Path], environment: Mapping[str, str]) -> tuple[float, int]:
    """Seconds and peak memory (bytes, of the largest process) of a command. Raises BenchError when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment},
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        words = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise BenchError(f"{command[0]} failed: {words.decode(errors='replace')[-1_000:]}")
    return time.perf_counter() - start, used.ru_maxrss * 1_024
