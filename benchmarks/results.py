"""What a run of the bench found, kept as one JSON file, so that the report can be written again from it."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from benchmarks.bulk import Bulk
from benchmarks.changing import Changed
from benchmarks.classroom import Classroom
from benchmarks.folders import MADE, ROOT
from benchmarks.growth import Grown
from benchmarks.measure import Result
from benchmarks.memory import Kept
from benchmarks.peers.peer import Cannot
from benchmarks.publishing import Published
from benchmarks.starting import Started

FILE = MADE / "results.json"


@dataclass
class Results:
    """All that was measured. `rates` leads from work to peer to what it did, or why it cannot.

    `load` is how busy the machine was before anything began; `added` says what was measured in later runs.
    """

    command: str
    features: int = 0
    repeats: str = ""
    made_at: str = ""
    commit: str = ""
    machine: str = ""
    load: str = ""
    added: list[str] = field(default_factory=list)
    peers: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    rates: dict[str, dict[str, Result | Cannot]] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    started: Started | None = None
    kept: list[Kept] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    bulk: list[Bulk] = field(default_factory=list)
    changed: Changed | None = None
    classroom: Classroom | None = None

    def rate(self, work: str, peer: str = "ours") -> float | None:
        """Pieces of work a second; None where it was not measured, or cannot be."""
        found = self.rates.get(work, {}).get(peer)
        return found.rate if isinstance(found, Result) else None


def begin(command: str) -> Results:
    """The results of a run that begins now, on this machine."""
    made_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Results(command, made_at=made_at, commit=_commit(), machine=_machine(), load=f"{os.getloadavg()[0]:.1f}")


def add(to: Results, more: Results) -> Results:
    """Put what another run found in the place of what these results say of it, and write down that it was another."""
    for name in ("published", "started", "kept", "grown", "bulk", "changed", "classroom"):
        if getattr(more, name):
            setattr(to, name, getattr(more, name))
    for work, found in more.rates.items():
        to.rates[work] = {**to.rates.get(work, {}), **found}
    to.titles |= more.titles
    to.added.append(f"{more.command}: {more.made_at}, commit {more.commit}, load {more.load}")
    return to


def keep(results: Results, file: Path = FILE) -> None:
    """Write them down."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(TypeAdapter(Results).dump_json(results, indent=1))


def kept(file: Path = FILE) -> Results:
    """Read what the last whole run wrote down. Raises FileNotFoundError where there was none."""
    return TypeAdapter(Results).validate_json(file.read_bytes())


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + changed


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {_system()}, Python {platform.python_version()}"


def _processor() -> str:
    told = _told(Path("/proc/cpuinfo"), ":")
    return told.get("model name", platform.machine())


def _system() -> str:
    return _told(Path("/etc/os-release"), "=").get("PRETTY_NAME", platform.platform()).strip('"')


def _told(file: Path, mark: str) -> Mapping[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition(mark) for line in file.read_text().splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
