"""The command of downloads: `hantsmap downloads prepare`."""

from __future__ import annotations

import sys

import click

from hantsmap.downloads.formats import FORMATS
from hantsmap.downloads.kept import Kept, default_folder
from hantsmap.downloads.preparing import Prepared, prepare
from hantsmap.errors import HantsMapError, StoreError
from hantsmap.store import Store


@click.group()
def downloads() -> None:
    """Make the files of layers ahead."""


@downloads.command("prepare")
@click.argument("layers", nargs=-1, metavar="[LAYER]...")
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Only this format.")
@click.option("--audience", "audiences", multiple=True, help="Only what this audience gets. [default: all of them]")
@click.pass_context
def prepare_files(context: click.Context, layers: tuple[str, ...], formats: tuple[str, ...],
                  audiences: tuple[str, ...]) -> None:
    """Make whole layers in each format, so that the first who asks need not wait. For cron, after publish."""
    store = Store(context.obj["store"])
    try:
        if not store.exists():
            raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
        _known("layer", layers, store.layers())
        _known("audience", audiences, ["public", *(site.audiences if (site := store.site()) else ())])
        found = prepare(store, Kept(default_folder(store.root)), layers, formats, audiences, done=_say)
    except HantsMapError as fault:
        click.echo(str(fault), err=True)
        sys.exit(fault.exit_code)
    sys.exit(StoreError.exit_code if any(each.file is None for each in found) else 0)


def _say(prepared: Prepared) -> None:
    file = prepared.file
    told = f"{file.rows:,} rows, {file.bytes:,} bytes" if file else f"could not be made: {prepared.why}"
    click.echo(f"{prepared.download.file_name}  {told}", err=file is None)


def _known(what: str, given: tuple[str, ...], known: list[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        there = f"there are {', '.join(dict.fromkeys(known))}" if known else f"it has no {what}"
        raise click.UsageError(f"no {what} {', '.join(unknown)} in the store; {there}")
