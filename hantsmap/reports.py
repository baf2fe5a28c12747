"""What the command prints: progress while it publishes, and tables of outcomes, layers and history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console
from rich.table import Table

from hantsmap.editions import findings_of, record_of
from hantsmap.errors import DamagedError, StoreError, UnreadableError
from hantsmap.findings import Finding, counted
from hantsmap.printing import print_table
from hantsmap.store import Promotion, Store
from hantsmap.workshop import Outcome

STYLES = {"published": "green", "unchanged": "dim", "blocked": "bold red", "failed": "bold red",
          "withdrawn": "yellow", "restored": "green", "blocking": "bold red", "dropped": "yellow"}


class Progress:
    """One line that says which layer is at what; a plain line for each layer where the output is no terminal."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.status: Any = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.status = self.console.status("publishing")
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is not None:
            self.status.stop()

    def step(self, layer: str, doing: str) -> None:
        """Show that a layer has come to a step."""
        if self.status is not None:
            self.status.update(f"{layer}: {doing}")

    def done(self, outcome: Outcome) -> None:
        """Show that a layer is finished, where no status line shows it."""
        if self.status is None:
            rows = "" if outcome.rows is None else f", {outcome.rows:,} rows"
            self.console.print(f"{outcome.layer}: {outcome.state}{rows}", markup=False, soft_wrap=True)


def show_outcomes(outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    """A table of what became of each layer, and the findings: counted, or each of them if verbose."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "", "rows", "findings"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for outcome in outcomes:
        rows = "" if outcome.rows is None else f"{outcome.rows:,}"
        style = STYLES[outcome.state]
        table.add_row(outcome.layer, f"[{style}]{outcome.state}[/]", rows, _counts(outcome.findings))
    print_table(table)
    for outcome in outcomes:
        if outcome.sentence:
            console.print(f"{outcome.layer}: {outcome.sentence}", style=STYLES[outcome.state], markup=False,
                          soft_wrap=True)
        _show_findings(console, outcome.findings, verbose=verbose)


def _counts(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{count} {rule} ({kind})" for (_, kind, rule), count in counted(findings).items())


def _show_findings(console: Console, findings: Sequence[Finding], *, verbose: bool) -> None:
    shown: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.kind, finding.rule)
        shown[key] = shown.get(key, 0) + 1
        if verbose or shown[key] <= 2 or finding.kind == "blocking":
            said = f"  {finding.layer}: {finding} ({finding.kind}, {finding.rule})"
            console.print(said, markup=False, soft_wrap=True)
    hidden = sum(count - 2 for count in shown.values() if count > 2)
    if hidden and not verbose:
        console.print(f"  and {hidden:,} more of the same kinds: publish -v shows them, history -v later", style="dim",
                      soft_wrap=True)


def show_layers(store: Store) -> None:
    """The current edition of every layer."""
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "edition", "rows", "since", "audiences"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for layer in store.layers():
        current = _current(store, layer)
        if current is None or current.edition is None:
            state = "withdrawn" if current else "unreadable: publish it again"
            table.add_row(layer, state, "", f"{current.made_at:%Y-%m-%d %H:%M}" if current else "", "")
            continue
        table.add_row(layer, current.edition, _rows(store, layer, current.edition),
                      f"{current.made_at:%Y-%m-%d %H:%M}", ", ".join(current.renditions))
    if not store.layers():
        raise StoreError(f"{store.root} holds no layers. Publish some: hantsmap publish")
    print_table(table)


def _current(store: Store, layer: str) -> Promotion | None:
    """The newest promotion of a layer of the store; None when it cannot be read."""
    try:
        return store.current(layer)
    except UnreadableError:
        return None


def _rows(store: Store, layer: str, edition: str) -> str:
    try:
        return f"{record_of(store, layer, edition)['rows']:,}"
    except DamagedError:
        return "damaged" if store.edition(layer, edition).is_dir() else "deleted"


def show_history(store: Store, layer: str, *, verbose: bool) -> None:
    """The promotions of a layer, newest first, and the findings of the newest edition."""
    promotions = store.history(layer)
    if not promotions:
        raise StoreError(f"{layer} was never published to {store.root}. Published are: "
                         f"{', '.join(store.layers()) or 'none'}.")
    table = Table(box=None, pad_edge=False)
    for heading in ("number", "when", "what", "edition", "rows"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for promotion in promotions:
        rows = _rows(store, layer, promotion.edition) if promotion.edition else ""
        table.add_row(str(promotion.sequence), f"{promotion.made_at:%Y-%m-%d %H:%M}", promotion.action,
                      promotion.edition or "", rows)
    print_table(table)
    if verbose and promotions[0].edition:
        kept = findings_of(record_of(store, layer, promotions[0].edition))
        _show_findings(Console(highlight=False), kept, verbose=True)
