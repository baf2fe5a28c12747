"""The `hantsmap` command. Each command mirrors a call of the library; exit codes are those of `hantsmap.errors`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import click

from hantsmap import __version__
from hantsmap.command_faults import saying_faults

EXIT_CODES = """\b
Exit codes:
  0  done
  1  an unforeseen fault; of exposure: something is newly public
  2  the command was not understood
  3  the registry is not valid
  4  a source cannot be read
  5  a blocking finding, or a loss that nobody has accepted: the old edition stays
  6  the store cannot be read or written, is damaged, or is held by another publisher
  7  the National Grid cannot be transformed exactly
  8  the accounts cannot be opened, or refuse what was asked
  9  of pull: the service does not answer as it should
  10 of pull: a licence has to be accepted first
  11 of pull: the local file cannot be kept in step
"""
PATH = click.Path(path_type=Path)


class Commands(click.Group):
    """The commands; some are loaded when they are asked for, because what they need costs time to load."""

    LATER: ClassVar[dict[str, str]] = dict.fromkeys(
        ("forget", "keys", "sessions", "usage"), "hantsmap.accounts.commands") | {
        "backup": "hantsmap.backup_command", "downloads": "hantsmap.downloads.commands",
        "licences": "hantsmap.accounts.licences",
        "pull": "hantsmap.pull.command",
        "explain": "hantsmap.review_commands", "exposure": "hantsmap.review_commands",
        "erase": "hantsmap.erasure.command"}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted([*super().list_commands(ctx), *self.LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in self.LATER:
            return super().get_command(ctx, cmd_name)
        # A module may need the name of its command for the call that it is about.
        module = import_module(self.LATER[cmd_name])
        found: click.Command = getattr(module, f"{cmd_name}_command", None) or getattr(module, cmd_name)
        return found


@click.group(cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="hantsmap %(version)s")
@click.option("--registry", type=PATH, envvar="HANTSMAP_REGISTRY", default=Path("layers.yaml"), show_default=True,
              show_envvar=True, help="The registry of layers and audiences.")
@click.option("--store", type=PATH, envvar="HANTSMAP_STORE", default=Path("var/store"), show_default=True,
              show_envvar=True, help="The folder of editions.")
@click.option("--data", type=PATH, envvar="HANTSMAP_DATA", default=None, show_envvar=True,
              help="The folder that file sources are relative to. [default: that of the registry]")
@click.pass_context
def main(context: click.Context, registry: Path, store: Path, data: Path | None) -> None:
    """Share a county's maps: curate layers, publish them under their rules, and serve them."""
    if os.environ.get("HANTSMAP_LOG"):
        from hantsmap import logs

        try:
            logs.configure()
        except ValueError as fault:
            raise click.UsageError(str(fault)) from None
    context.obj = {"registry": registry, "store": store, "data": data or registry.parent}


def _workshop(context: click.Context) -> Any:
    from hantsmap.registry import read
    from hantsmap.store import Store
    from hantsmap.workshop import Workshop

    return Workshop(read(context.obj["registry"]), Store(context.obj["store"]), context.obj["data"])


def _known(workshop: Any, layers: tuple[str, ...]) -> None:
    unknown = [layer for layer in layers if layer not in workshop.registry.layers]
    if unknown:
        from hantsmap.registry.checks import there_are

        known = there_are(workshop.registry.layers)
        raise click.UsageError(f"no layer {', '.join(unknown)} in the registry; {known}")


@main.command()
@click.pass_context
@saying_faults
def check(context: click.Context) -> None:
    """Check the registry: every problem at once, with file and line."""
    from hantsmap.registry import read

    registry = read(context.obj["registry"], strict=True)
    click.echo(f"{registry.file} is valid: {len(registry.layers)} layers, {len(registry.audiences)} audiences.")


@main.command()
@click.argument("layers", nargs=-1, metavar="[LAYER]...")
@click.option("-v", "--verbose", is_flag=True, help="Show every finding, not only how many of each.")
@click.option("--accept", multiple=True, metavar="LAYER", help="Let this layer lose more than its max_change.")
@click.option("--withdraw", is_flag=True, help="Withdraw every layer that the registry no longer has.")
@click.pass_context
@saying_faults
def publish(context: click.Context, layers: tuple[str, ...], verbose: bool, accept: tuple[str, ...],
            withdraw: bool) -> None:
    """Publish the named layers, or all: only what changed. Findings are shown and kept with the edition."""
    from hantsmap.publish import publish as publish_layers
    from hantsmap.reports import Progress, show_outcomes

    workshop = _workshop(context)
    _known(workshop, (*layers, *accept))
    if layers and (withdraw or set(accept) - set(layers)):
        raise click.UsageError("--withdraw goes with a publication of all layers, and --accept with a layer that is "
                               "published: name it as well, or name none")
    with Progress() as progress:
        outcomes = publish_layers(workshop, layers, accept=accept, withdraw=withdraw, progress=progress.step,
                                  done=progress.done)
    show_outcomes(outcomes, verbose=verbose)
    sys.exit(max((outcome.exit_code for outcome in outcomes), default=0))


@main.command("list")
@click.pass_context
@saying_faults
def list_layers(context: click.Context) -> None:
    """List the layers of the store, with their current edition."""
    from hantsmap.reports import show_layers
    from hantsmap.store import Store

    show_layers(Store(context.obj["store"]))


@main.command()
@click.argument("layer")
@click.option("-v", "--verbose", is_flag=True, help="Show the findings of the current edition too.")
@click.pass_context
@saying_faults
def history(context: click.Context, layer: str, verbose: bool) -> None:
    """Show what was current of a layer, and since when, newest first."""
    from hantsmap.reports import show_history
    from hantsmap.store import Store

    show_history(Store(context.obj["store"]), layer, verbose=verbose)


@main.command()
@click.argument("layer")
@click.argument("edition")
@click.pass_context
@saying_faults
def restore(context: click.Context, layer: str, edition: str) -> None:
    """Make an older EDITION current again. It is shown under today's grants, and holds until the source changes."""
    from hantsmap.publish import restore as restore_edition
    from hantsmap.reports import show_outcomes

    workshop = _workshop(context)
    _known(workshop, (layer,))
    outcome = restore_edition(workshop, layer, edition)
    show_outcomes([outcome], verbose=False)
    sys.exit(outcome.exit_code)


@main.command()
@click.pass_context
@saying_faults
def verify(context: click.Context) -> None:
    """Check every file of the store, byte for byte."""
    from hantsmap.errors import DamagedError
    from hantsmap.store import Store
    from hantsmap.verify import verify as verify_store

    checked, damage = verify_store(Store(context.obj["store"]))
    if damage:
        raise DamagedError("\n".join(damage))
    click.echo(f"{checked:,} files are, byte for byte, what was written.")


@main.command()
@click.option("--keep-months", default=13, show_default=True, type=click.IntRange(min=1, max=1200),
              help="Keep what was current at any time in so many months.")
@click.pass_context
@saying_faults
def prune(context: click.Context, keep_months: int) -> None:
    """Remove renditions, editions, change sets and downloads that nobody needs any more. What is current stays."""
    from hantsmap.downloads import Kept, default_folder
    from hantsmap.prune import prune as prune_store
    from hantsmap.store import Store

    store = Store(context.obj["store"])
    pruned = prune_store(store, keep_months)
    Kept(default_folder(store.root)).forget_gone(store)
    for one in pruned:
        words = ", ".join(f"{count} {kind}" for kind, count in one.folders.items() if count)
        click.echo(f"{one.layer}: {words}; {one.bytes / 1e6:,.1f} MB")
    if not pruned:
        click.echo(f"Nothing is older than {keep_months} months and needed by nobody.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, envvar="HOST", show_envvar=True)
@click.option("--port", default=8000, show_default=True, envvar="PORT", show_envvar=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--audience", default="public", show_default=True, envvar="HANTSMAP_AUDIENCE", show_envvar=True,
              help="Whom everybody who can reach it counts as.")
@click.pass_context
@saying_faults
def serve(context: click.Context, host: str, port: int, workers: int, audience: str) -> None:
    """Serve the store. New editions are taken up while it runs."""
    # The library knows no web: the server is a program of its own, and takes this process over.
    environment = {**os.environ, "HANTSMAP_STORE": str(context.obj["store"]), "HANTSMAP_AUDIENCE": audience}
    arguments = [sys.executable, "-m", "server", "--host", host, "--port", str(port), "--workers", str(workers)]
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - no shell is wanted
