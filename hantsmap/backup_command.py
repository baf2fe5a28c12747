"""The command `hantsmap backup DEST`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hantsmap.command_faults import saying_faults


@click.command()
@click.argument("destination", type=click.Path(path_type=Path), metavar="DEST")
@click.pass_context
@saying_faults
def backup(context: click.Context, destination: Path) -> None:
    """Copy the store and SQLite accounts to DEST, a folder that must not exist. Publishing may go on meanwhile.

    The copy is checked. To restore it, copy it to the place of the store and run `hantsmap verify`.
    """
    from hantsmap.accounts import default_url
    from hantsmap.backup import backup as back_up
    from hantsmap.backup import sqlite_file
    from hantsmap.errors import DamagedError
    from hantsmap.store import Store

    store = Store(context.obj["store"])
    accounts = sqlite_file(os.environ.get("HANTSMAP_ACCOUNTS") or default_url(store.root))
    made = back_up(store, destination, accounts)
    click.echo(f"{destination}: {made.files:,} files, {made.bytes / 1e6:,.1f} MB, checked.")
    if accounts is None:
        click.echo("The accounts are in PostgreSQL: copy them with pg_dump.")
    elif not made.accounts:
        click.echo(f"There are no accounts at {accounts}.")
    if made.damage:
        raise DamagedError("\n".join(("The backup was made. These files are damaged in the store too:", *made.damage)))
