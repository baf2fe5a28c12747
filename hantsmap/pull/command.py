"""The command `hantsmap pull`, made for cron and Windows Task Scheduler: a line for each layer, and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hantsmap.errors import HantsMapError, ServiceError
from hantsmap.pull.pulling import pull as pull_layer
from hantsmap.pull.service import Service


@click.command()
@click.argument("url")
@click.option("--layer", "layers", multiple=True, required=True, help="A layer to keep; may be given several times.")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The GeoPackage to keep in step. It is made if it is not there.")
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False),
              help="A file with the key, instead of the variable HANTSMAP_KEY.")
def pull(url: str, layers: tuple[str, ...], into: Path, key_file: Path | None) -> None:
    """Keep layers of the service at URL in a GeoPackage: everything once, then only what changed.

    It can be stopped at any moment and run again. Each layer is checked by count and digest before it is kept.
    """
    worst = 0
    try:
        service = Service(url, _key(key_file))
    except HantsMapError as fault:
        click.echo(str(fault), err=True)
        sys.exit(fault.exit_code)
    for layer in dict.fromkeys(layers):
        try:
            click.echo(str(pull_layer(service, layer, into, say=lambda sentence: click.echo(sentence, err=True))))
        except HantsMapError as fault:
            click.echo(str(fault), err=True)
            worst = max(worst, fault.exit_code)
    sys.exit(worst)


def _key(file: Path | None) -> str | None:
    """The key: of a file, else of the environment; never of the command line, where every user of a machine sees it."""
    if file is None:
        return os.environ.get("HANTSMAP_KEY") or None
    try:
        key = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ServiceError(f"The key cannot be read from {file} ({fault}).") from fault
    if not key:
        raise ServiceError(f"{file} is empty: put the key into it.")
    return key
