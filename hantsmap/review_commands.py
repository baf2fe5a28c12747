"""The commands for a review of the rules: `hantsmap explain LAYER` and `hantsmap exposure OLD NEW`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hantsmap.command_faults import saying_faults

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("layer")
@click.option("--as", "audience", default=None, help="Only this audience. [default: all of them]")
@click.pass_context
@saying_faults
def explain(context: click.Context, layer: str, audience: str | None) -> None:
    """Say what each audience gets of a layer, by whose grant, and what is held back and why."""
    from hantsmap.explain import explain as explain_layer
    from hantsmap.registry import read
    from hantsmap.registry.checks import there_are

    registry = read(context.obj["registry"])
    if layer not in registry.layers:
        raise click.UsageError(f"no layer {layer} in the registry; {there_are(registry.layers)}")
    if audience is not None and audience not in registry.audiences:
        raise click.UsageError(f"no audience {audience} in the registry; {there_are(registry.audiences)}")
    for name in [audience] if audience else registry.audiences:
        click.echo(str(explain_layer(registry, layer, name)))


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.pass_context
@saying_faults
def exposure(context: click.Context, old: Path, new: Path) -> None:
    """Say what the registry NEW reveals that OLD does not, counted on the current editions.

    The exit code is 1 when anything is newly public, so that a reviewer has to say yes.
    """
    from hantsmap.exposure import exposure as exposure_of
    from hantsmap.places import Gazetteer
    from hantsmap.registry import read
    from hantsmap.store import Store

    registries = (read(old), read(new))
    store, data = Store(context.obj["store"]), context.obj["data"]
    before, after = (Gazetteer(each.areas, each.extent, data, store.root / "cache") for each in registries)
    found = exposure_of(*registries, store, (before, after))
    for revealed in found:
        click.echo(str(revealed))
    if not found:
        click.echo("Nothing is newly shown to anybody.")
    sys.exit(1 if any(revealed.to_public for revealed in found) else 0)
