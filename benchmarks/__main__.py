"""Runs the bench: `python -m benchmarks`, as `make bench` does."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

import click
from rich.console import Console
from rich.table import Table

from benchmarks import layers, measure, programs, work
from benchmarks.errors import BenchError
from benchmarks.folders import COUNTY_SIZE
from benchmarks.peers.nginx import Static
from benchmarks.peers.ours import Ours
from hantsmap.printing import print_table

say = Console(stderr=True, highlight=False).print


def _names(_context: click.Context, _parameter: click.Parameter, given: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in given.split(",") if name.strip())


@click.command()
@click.option("--only", default="", callback=_names, metavar="WORK,…", help="Only this work, such as page,one,bbox+gzip.")
@click.option("--against", default="", callback=_names, metavar="PEER,…", help="Only these peers: nginx.")
@click.option("--quick", is_flag=True, help="Fewer and shorter runs.")
def main(only: tuple[str, ...], against: tuple[str, ...], quick: bool) -> None:
    """Measure HantsMap beside others."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        programs.need(["wrk", "nginx"])
        sized = layers.ready(COUNTY_SIZE)
        ours = Ours(sized)
        works = work.draw(ours.rendition, only)
        effort = measure.QUICK if quick else measure.FULL
        with ExitStack() as stack:
            stands = []
            for peer in (ours, Static(ours)):
                stands.append(measure.Stand(peer, stack.enter_context(peer.running())))
            table = Table("work", "ours /s", "nginx /s", "ratio", "ours median ms")
            for each in works:
                found = measure.measure(each, stands, effort, lambda _: None)
                a, b = found["ours"], found["nginx"]
                table.add_row(each.name, f"{a.rate:,.1f}", f"{b.rate:,.1f}", f"{a.rate / b.rate:.3f}", f"{a.median_ms:.2f}")
                say(f"{each.name:20} {a.rate:10,.1f} {b.rate:10,.1f} {a.rate / b.rate:.3f}")
            print_table(table)
    except BenchError as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
