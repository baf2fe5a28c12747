"""Runs the bench: `python -m benchmarks`, as `make bench` does."""

from __future__ import annotations

import signal
import sys

import click
from rich.console import Console

from benchmarks import report, results
from benchmarks.errors import BenchError
from benchmarks.folders import PERFORMANCE
from benchmarks.run import PARTS, PEERS, Run


def _names(_context: click.Context, _parameter: click.Parameter, given: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in given.split(",") if name.strip())


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", default="", callback=_names, metavar="WORK,…",
              help=f"Only this work (page, page+gzip; page* has all variants), or these parts: {', '.join(PARTS)}.")
@click.option("--against", default="", callback=_names, metavar="PEER,…", help=f"Only these of {', '.join(PEERS)}.")
@click.option("--quick", is_flag=True, help="Fewer and shorter runs, and no layer of a million.")
@click.option("--large", is_flag=True, help="With --quick: the layer of a million all the same.")
@click.option("--add", is_flag=True, help="Put what is measured now into the report of the last whole run.")
@click.option("--report", "only_report", is_flag=True, help="Measure nothing: report the last whole run again.")
def main(only: tuple[str, ...], against: tuple[str, ...], quick: bool, large: bool, add: bool,
         only_report: bool) -> None:
    """Measure HantsMap beside a static file and beside other servers, and write docs/performance.md.

    With --only or --against nothing is written, unless with --add: the tables come on the screen.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say = Console(stderr=True, highlight=False)
    try:
        if only_report:
            found = results.kept()
        else:
            run = Run(only, against, lambda words: say.print(words, style="dim"), quick=quick, large=large or not quick)
            found = results.add(results.kept(), run.run()) if add else run.run()
        report.show(found)
        if add or only_report or not (only or against):
            results.keep(found)
            report.write(found)
            say.print(f"Written: {PERFORMANCE}")
    except BenchError as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Broken off. Everything that was started is stopped.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
