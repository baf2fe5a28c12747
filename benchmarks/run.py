"""One run of the bench: what it needs, in which order, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchmarks import (
    bulk,
    changing,
    classroom,
    equal,
    growth,
    layers,
    measure,
    memory,
    programs,
    publishing,
    results,
    starting,
    work,
)
from benchmarks.errors import BenchError
from benchmarks.folders import COUNTY_SIZE, made
from benchmarks.layers import Sized
from benchmarks.measure import Stand
from benchmarks.peers.database import database, versions
from benchmarks.peers.mapserver import Mapserver
from benchmarks.peers.nginx import Static
from benchmarks.peers.ours import Ours
from benchmarks.peers.peer import Peer
from benchmarks.peers.pygeoapi import Pygeoapi
from benchmarks.peers.qgis import Qgis
from benchmarks.peers.tipg import Tipg
from benchmarks.processes import alone
from benchmarks.results import Results

PARTS = ("publish", "start", "memory", "growth", "bulk", "changes", "classroom")
"""What is measured beside the work of the peers."""
OverDatabase = type[Pygeoapi] | type[Tipg] | type[Qgis] | type[Mapserver]
OVER_DATABASE: dict[str, OverDatabase] = {"pygeoapi": Pygeoapi, "tipg": Tipg, "qgis": Qgis, "mapserver": Mapserver}
PEERS = (Static.name, *OVER_DATABASE)
SMALL, LARGE = 10_000, 1_000_000


class Run:
    """What is to be measured, and the measuring of it."""

    def __init__(self, only: Sequence[str], against: Sequence[str], say: Callable[[str], None], *, quick: bool,
                 large: bool) -> None:
        """`only` names work and parts, `against` peers; empty: all. `large`: with the layer of a million.

        Raises BenchError for a name that is none.
        """
        unknown = [name for name in against if name not in PEERS]
        if unknown:
            raise BenchError(f"There is no peer called {', '.join(unknown)}. There is {', '.join(PEERS)}.")
        self.parts = [part for part in PARTS if not only or part in only]
        self.works = tuple(name for name in only if name not in PARTS)
        self.works_wanted = not only or bool(self.works)
        self.against = tuple(against) or PEERS
        self.quick, self.large, self.say = quick, large, say
        self.effort = measure.QUICK if quick else measure.FULL
        self.found = results.begin(f"python -m benchmarks --only {','.join(only)}" if only else
                                   "make bench" + " QUICK=1" * quick + " LARGE=1" * (quick and large))

    def run(self) -> Results:
        """Measure, and stop all that was started. Raises BenchError when something is missing, fails or differs."""
        self._check_programs()
        with alone(made() / "lock"):
            return self._run()

    def _run(self) -> Results:
        self.say("making and publishing the layers")
        sized = layers.source(COUNTY_SIZE)
        sizes = [layers.source(SMALL), sized, *([layers.source(LARGE)] if self.large else [])] \
            if {"publish", "memory", "growth"} & set(self.parts) else [sized]
        self._measure_parts(sizes)
        if self.works_wanted:
            layers.publish(sized)
            self._measure_work(sized)
        return self.found

    def _check_programs(self) -> None:
        needed = {"ogr2ogr"} if {"publish", "bulk"} & set(self.parts) else set()
        if self.works_wanted or {"growth", "bulk"} & set(self.parts):
            needed.add("wrk")
        if "bulk" in self.parts:
            needed.add("nginx")
        if "classroom" in self.parts:
            needed.add("chromium")
        if self.works_wanted:
            peers: list[type[Static] | OverDatabase] = [Static, *OVER_DATABASE.values()]
            needed |= {program for peer in peers if peer.name in self.against for program in peer.programs}
        programs.need(needed)

    def _measure_parts(self, sizes: list[Sized]) -> None:
        found, say = self.found, self.say
        if "publish" in self.parts:
            repeats = 1 if self.quick else 3
            found.published = [publishing.measure(sized, repeats if sized.size <= COUNTY_SIZE else 1, say)
                               for sized in sizes if sized.size >= COUNTY_SIZE]
        for sized in sizes:
            layers.publish(sized)
        if "start" in self.parts:
            found.started = starting.measure(3 if self.quick else 7, say)
        if "memory" in self.parts:
            found.kept = [memory.measure(sized, say) for sized in sizes]
        if "growth" in self.parts:
            found.grown = growth.measure(sizes, self.effort, say)
        if "bulk" in self.parts:
            found.bulk = bulk.measure(layers.ready(COUNTY_SIZE), self.effort.seconds, self.effort.variant_repeats, say)
        if "changes" in self.parts:
            found.changed = changing.measure(layers.source(COUNTY_SIZE), self.effort.repeats, say)
        if "classroom" in self.parts:
            found.classroom = classroom.measure(1 if self.quick else 3, say)

    def _measure_work(self, sized: Sized) -> None:
        found, effort = self.found, self.effort
        found.repeats = f"{effort}; the servers in turn, medians"
        with ExitStack() as stack:
            ours = Ours(sized)
            found.features = ours.rendition.count
            works = work.draw(ours.rendition, self.works)
            stands = self._start(stack, ours)
            known = equal.Known(ours.rendition)
            for each in works:
                found.titles[each.task.name] = each.task.title
                for stand in stands[1:]:
                    self.say(f"{each.name}: comparing answers of {stand.peer.name}")
                    equal.check(each, (ours, stands[0].port), (stand.peer, stand.port), known)
            for each in works:
                found.rates[each.name] = measure.measure(each, stands, effort, self.say)

    def _start(self, stack: ExitStack, ours: Ours) -> list[Stand]:
        """Start ourselves and the peers; whoever is first is ourselves."""
        peers: list[Peer] = [ours]
        if Static.name in self.against:
            peers.append(Static(ours))
        wanted = [peer for name, peer in OVER_DATABASE.items() if name in self.against]
        if wanted:
            self.say("filling PostGIS")
            filled = stack.enter_context(database(ours.rendition))
            self.found.versions["database"] = versions(filled)
            peers += [peer(filled) for peer in wanted]
        stands = []
        for peer in peers:
            self.say(f"starting {peer.title}")
            stands.append(Stand(peer, stack.enter_context(peer.running())))
            self.found.peers[peer.name] = peer.title
            self.found.versions[peer.title] = peer.version()
            self.found.notes[peer.name] = peer.notes
        return stands
