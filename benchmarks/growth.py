"""How our figures change as the layer grows from 10,000 segments to a million."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.folders import made
from benchmarks.layers import Sized
from benchmarks.measure import Effort, Stand, once, requests_of
from benchmarks.peers.ours import Ours
from benchmarks.peers.peer import Cannot
from benchmarks.work import draw

GROWING = ("page", "ten", "one", "bbox", "filter", "new")


@dataclass(frozen=True, slots=True)
class Grown:
    """Answers a second to one kind of work, by the size of the layer."""

    work: str
    rates: dict[int, float]


def measure(layers: Sequence[Sized], effort: Effort, say: Callable[[str], None]) -> list[Grown]:
    """Serve every size at once, and ask them in turn."""
    found: dict[str, dict[int, list[float]]] = {}
    with ExitStack() as stack:
        stands = []
        for sized in layers:
            ours = Ours(sized)
            stands.append((sized.size, Stand(ours, stack.enter_context(ours.running())), draw(ours.rendition, GROWING)))
        for number in range(len(stands[0][2])):
            for _ in range(effort.variant_repeats):
                for size, stand, works in stands:
                    work = works[number]
                    say(f"growth, {work.name}: {size:,} segments")
                    requests = requests_of(stand.peer, work)
                    assert not isinstance(requests, Cannot)
                    load = once(stand, requests, effort.seconds, made("lists") / f"growth {work.name} {size}")
                    found.setdefault(work.name, {}).setdefault(size, []).append(load.rate)
    return [Grown(name, {size: median(rates) for size, rates in sizes.items()}) for name, sizes in found.items()]
