"""The report: tables on the screen, and docs/performance.md, both from the results of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.figures import best, figures, number, ratio
from benchmarks.folders import PERFORMANCE
from benchmarks.load import CONNECTIONS, THREADS
from benchmarks.measure import BUSY_S, FEW, Result
from benchmarks.results import Results
from hantsmap.printing import print_table

WHERE = Path(__file__).with_name("where_the_time_goes.md")
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, the heads of its columns, and its rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False

    def markdown(self) -> str:
        """As a table of Markdown: numbers to the right, `words` to the left."""
        rule = ["---", *("---" if self.words else "---:" for _ in self.heads[1:])]
        lines = [self.heads, rule, *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def screen(self) -> None:
        """On the screen."""
        table = Table(title=self.title, title_justify="left")
        for place, head in enumerate(self.heads):
            table.add_column(head, justify="right" if place and not self.words else "left")
        for row in self.rows:
            table.add_row(*row)
        print_table(table)


def show(results: Results) -> None:
    """Print every table that has something in it."""
    for sheet in sheets(results):
        if sheet.rows:
            sheet.screen()


def sheets(results: Results) -> list[Sheet]:
    """All tables of a report."""
    return [_figures(results), _rates(results, plain=True), _rates(results, plain=False), _published(results),
            _kept(results), _grown(results), _bulk(results), _classroom(results)]


def _figures(results: Results) -> Sheet:
    rows = tuple((each.work, each.against, each.bound, each.shown, each.verdict) for each in figures(results)
                 if each.value is not None)
    return Sheet("Figures to reach", ("work", "against", "bound", "measured", ""), rows, words=True)


def _rates(results: Results, *, plain: bool) -> Sheet:
    peers = [name for name in results.peers if name != "ours"]
    heads = ("work", "HantsMap", "median ms", *(results.peers[name] for name in peers), "of nginx", "x the best peer")
    rows = tuple(_row(results, work, peers) for work in results.rates if ("+" in work) is not plain)
    title = "Answers a second" if plain else "Answers a second, in EPSG:27700 and with gzip"
    return Sheet(title, heads, rows)


def _row(results: Results, work: str, peers: Sequence[str]) -> tuple[str, ...]:
    found = results.rates[work]
    ours, mine = results.rate(work), found.get("ours")
    cells = []
    for name in peers:
        one = found.get(name)
        cells.append("" if one is None else number(one.rate) if isinstance(one, Result) else one.reason)
    of_nginx = ratio(ours, results.rate(work, "nginx"))
    of_best = ratio(ours, best(results, work, [name for name in peers if name != "nginx"]))
    return (_title(results, work), "" if ours is None else number(ours),
            number(mine.median_ms) if isinstance(mine, Result) else "", *cells,
            "" if of_nginx is None else number(of_nginx), "" if of_best is None else number(of_best))


def _title(results: Results, work: str) -> str:
    name, *variants = work.split("+")
    named = ("EPSG:27700" if each == "27700" else each for each in variants)
    return ", ".join([results.titles.get(name, name), *named])


def _published(results: Results) -> Sheet:
    rows = tuple((f"{each.size:,}", number(each.seconds), f"{each.rate:,.0f}", f"{each.peak / MEGABYTE:,.0f}",
                  number(each.ogr_seconds), f"{each.ogr_peak / MEGABYTE:,.0f}", number(each.ratio))
                 for each in results.published)
    return Sheet("Publishing: three renditions, no tiles", (
        "features", "seconds", "features/s", "peak MB", "ogr2ogr seconds", "ogr2ogr peak MB", "x ogr2ogr"), rows)


def _kept(results: Results) -> Sheet:
    rows = tuple((f"{each.size:,}", f"{each.uss / MEGABYTE:,.0f}", f"{each.files / MEGABYTE:,.0f}",
                  f"{each.requests:,}") for each in results.kept)
    return Sheet("Memory of a worker", ("features", "private MB", "files of the store that it alone has mapped, MB",
                                        "after so many requests"), rows)


def _grown(results: Results) -> Sheet:
    sizes = sorted({size for each in results.grown for size in each.rates})
    rows = tuple((_title(results, each.work), *(number(each.rates[size]) for size in sizes)) for each in results.grown)
    return Sheet("Our answers a second, by features of the layer", ("work", *(f"{size:,}" for size in sizes)), rows)


def _bulk(results: Results) -> Sheet:
    rows = tuple((each.format, number(each.size / MEGABYTE), number(each.seconds),
                  "no driver" if each.ogr_seconds is None else number(each.ogr_seconds),
                  f"{each.rate / MEGABYTE:,.0f}", f"{each.nginx_rate / MEGABYTE:,.0f}",
                  number(each.rate / each.nginx_rate)) for each in results.bulk)
    return Sheet("The whole layer as a file", (
        "format", "MB", "seconds until it is made and fetched", "ogr2ogr seconds, from the source", "MB/s, once made",
        "nginx MB/s", "of nginx"), rows)


def _classroom(results: Results) -> Sheet:
    room = results.classroom
    rows = () if room is None else ((str(room.browsers), f"{room.within:g}", str(room.requests),
                                     number(room.size / 1_000), str(room.errors), number(room.median),
                                     number(room.p95), number(room.worst)),)
    return Sheet("A class opens the map", (
        "browsers", "begin within, s", "requests of each", "kB of each", "errors", "seconds until all is there, median",
        "p95", "worst"), rows)


def write(results: Results, file: Path = PERFORMANCE) -> None:
    """Write docs/performance.md."""
    file.write_text(page(results))


def page(results: Results) -> str:
    """docs/performance.md, whole: measured here, except where the time goes, which somebody wrote by hand."""
    parts = ["# Performance", _head(results)]
    for sheet in sheets(results):
        if sheet.rows:
            parts += [f"## {sheet.title}", sheet.markdown(), *_words(results, sheet)]
    if results.started:
        parts += [f"Making the application in a fresh process takes {results.started.created:.2f} s of the start."]
    parts += ["## Where the time goes", WHERE.read_text().strip()]
    return "\n\n".join(parts) + "\n"


def _words(results: Results, sheet: Sheet) -> list[str]:
    """What has to be known to read a table."""
    if sheet.title != "Answers a second":
        return []
    notes = [f"- {results.peers[name]}: {note}" for name, told in results.notes.items() for note in told]
    return ["A cell with words says why a server cannot be asked for this. `of nginx` and `x the best peer` are "
            "ratios of throughput. A whole layer counts as one answer.", "\n".join(notes)]


def _head(results: Results) -> str:
    versions = "; ".join(f"{name}: {version}" for name, version in results.versions.items())
    added = "".join(f"\n| measured later | {each} |" for each in results.added)
    return f"""This page is written by `{results.command}`: [benchmarks/README.md](../benchmarks/README.md) says what is
measured, and how. Only the last section is written by hand.

| | |
|---|---|
| measured | {results.made_at}, commit {results.commit} |{added}
| busy with other work | load of {results.load or "unknown"} when it began |
| machine | {results.machine} |
| layer | `street_segments` of the synthetic county, as the public gets it: {results.features:,} features |
| client | `wrk`, {THREADS} thread, {CONNECTIONS} connections ({FEW} if an answer takes over {1_000 * BUSY_S:g} ms) |
| runs | {results.repeats} |
| versions | {versions} |

Every server runs with one worker process, on the same machine as the client. Before anything was timed, samples of all
answers were compared feature by feature: ids, attributes, coordinates, counts."""
