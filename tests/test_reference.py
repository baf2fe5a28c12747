"""docs/reference.md names every command, environment variable, registry key and address, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
from flask import Flask
from pydantic import BaseModel

from hantsmap.cli import main
from hantsmap.registry import Registry

ROOT = Path(__file__).parent.parent
# Set by one process of ours for another; operators do not set them.
INTERNAL = {"HANTSMAP_RUNS"}
# Read with their prefix put before them.
COMPOSED = {"HANTSMAP_OIDC_CLIENT_SECRET", "HANTSMAP_OIDC_SIGN_IN_SCOPE"}
# The symbol of a class has the keys of `layers.*.symbols.symbol`.
REPEATED = "layers.*.symbols.classes.*."


@cache
def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading of the page: first cell without its marks, and the other cells."""
    text = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows}


def commands(command: click.Command, name: str) -> Iterator[str]:
    """Full names of all commands that do something."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")
    else:
        yield name


def keys(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    """Paths of the keys of a registry section, as `layers.*.title`."""
    hints = get_type_hints(model)
    for name, field in model.model_fields.items():
        path = f"{prefix}.{field.alias or name}"
        yield path
        for below, mapped in models(hints.get(name)):
            yield from keys(path + (".*" if mapped else ""), below)


def models(hint: Any, *, mapped: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    """Models in a type, and whether they are the values of a mapping."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint, mapped
    for number, below in enumerate(get_args(hint)):
        is_value = number == 1 and "Mapping" in str(hint)[:40]
        yield from models(below, mapped=mapped or is_value)


def test_every_command_is_in_the_reference() -> None:
    """The table of commands has each command of `hantsmap --help` and of its groups, with exit codes that exist."""
    known = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE))

    assert sorted(table("Commands")) == sorted(commands(main, "hantsmap"))
    for name, (_, codes) in table("Commands").items():
        assert codes and set(codes.split(", ")) <= known, name


def test_every_environment_variable_is_in_the_reference() -> None:
    """The table of the environment has each HANTSMAP_ variable that the code reads."""
    code = "\n".join(path.read_text(encoding="utf-8") for folder in ("hantsmap", "server")
                     for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)
    read = set(re.findall(r"\bHANTSMAP_[A-Z_]+[A-Z]\b", code)) - INTERNAL | COMPOSED
    families = {name for name in read if any(other.startswith(f"{name}_") for other in read)
                and name not in table("Environment")}

    assert sorted(table("Environment")) == sorted(read - families)


def test_every_registry_key_is_in_the_reference() -> None:
    """The table of the registry has each key that layers.yaml may hold, in the same order."""
    found: list[str] = []
    for name, hint in get_type_hints(Registry).items():
        if name != "file":
            found.append(name)
            for model, mapped in models(hint):
                found += keys(name + (".*" if mapped else ""), model)

    assert list(table("Registry keys")) == [key for key in found if not key.startswith(REPEATED)]


def test_every_address_is_in_the_reference(app: Flask) -> None:
    """The table of addresses has each route of the server; a lesson's own addresses stand there once."""
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    lessons = {rule for rule in rules if rule.startswith("/schools/")}
    expected = rules - lessons | {"/schools/{lesson}", "/schools/{lesson}/worksheet"}

    assert sorted(table("Addresses")) == sorted(expected)
