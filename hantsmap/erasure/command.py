"""The command `hantsmap erase LAYER ID --reason TEXT`."""

from __future__ import annotations

from pathlib import Path

import click

from hantsmap.command_faults import saying_faults
from hantsmap.downloads import default_folder
from hantsmap.erasure.erasing import Erasure, erase
from hantsmap.store import Store


@click.command("erase", context_settings={"ignore_unknown_options": True})
@click.argument("layer")
@click.argument("record_id", metavar="ID")
@click.option("--reason", required=True, help="Why, such as the number of the request. It is kept: name nobody.")
@click.pass_context
@saying_faults
def erase_command(context: click.Context, layer: str, record_id: str, reason: str) -> None:
    """Remove the record ID from every edition, rendition, tile, download and change set of LAYER, for good.

    The store is searched afterwards to prove it, and the next publication leaves the record out. If the command is
    stopped, run it again. Exit code 4: there is no such record. Exit code 6: the search still found something of it.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise click.UsageError("--reason is empty: say why, such as the number of the request")
    if record_id in reason:
        raise click.UsageError("--reason holds the id of the record. It is kept after the record is gone: leave it out")
    store = Store(context.obj["store"])
    downloads = default_folder(store.root)
    for line in report(erase(store, downloads, layer, record_id, reason), downloads):
        click.echo(line)


def report(done: Erasure, downloads: Path) -> list[str]:
    """What was done, and what this command cannot reach, line by line."""
    held = f"{_counted(done.editions, 'edition')} and {_counted(done.renditions, 'rendition')}"
    lines = [f"The record is erased from {done.layer}. It was in {held}: the current ones were written again without "
             "it, older ones are deleted."]
    searched = f"{done.searched:,} files were searched, compressed ones unpacked, for"
    lines.append(f"{searched} {done.needles:,} traces of it. None was found." if done.values_known else
                 f"{searched} its id. It was not found. An earlier run searched for its values.")
    lines += [f"The outline of the area {name} was drawn from the record and is removed from site.json. It is drawn "
              "again from its own file with the next publication." for name in done.outlines]
    said = {"narrowed": "named the record: its current renditions were written again without the values that did.",
            "closed": "is served to nobody: what it may name could not be read. Run `hantsmap publish`."}
    lines += [f"{name} {said[became]}" for name, became in done.referring.items()]
    lines += ["", "This command cannot reach the following. Delete the record there too:",
              f"- the source of {done.layer}. Until it is deleted there, each publication leaves it out and says so",
              "- backups and snapshots of the store and of the source, and deleted blocks of the disk",
              "- copies that people and programs hold: those who pull get the deletion by id with the next pull",
              "- caches of proxies and browsers, and journals and logs kept elsewhere: addresses in them hold ids",
              f"- downloads in another folder than {downloads} (HANTSMAP_DOWNLOADS of each server)"]
    if done.also_in:
        lines.append(f"- other layers that hold the same values: {', '.join(done.also_in)}. Erase the records there")
    return lines


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
