"""Tables on a terminal, and in a pipe, where nothing is cut or wrapped."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

# A pipe has no width: what is cut or wrapped there is lost.
WIDE = 10_000


def print_table(table: Table) -> None:
    """Print a table; where the output is no terminal, each row is one whole line without blanks at its end."""
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(highlight=False, width=WIDE)
    with wide.capture() as written:
        wide.print(table)
    for line in written.get().splitlines():
        console.print(line.rstrip(), markup=False, soft_wrap=True)
