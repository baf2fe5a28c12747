"""The command `hantsmap licences`: who accepted what, who has yet to, and whether a receipt is genuine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TextIO

import click

from hantsmap.access import last_day
from hantsmap.accounts.accounts import Accounts
from hantsmap.accounts.commands import now, with_accounts
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.keys import Key
from hantsmap.accounts.receipts import Receipt
from hantsmap.agreements import Agreement
from hantsmap.registry import Registry

# Receipts have some thousand characters.
MOST = 100_000


@click.group(invoke_without_command=True)
@click.pass_context
def licences(context: click.Context) -> None:
    """Show who accepted which licence, and who has yet to; check a receipt."""
    if context.invoked_subcommand is None:
        with list_licences.make_context("list", [], parent=context) as listing:
            list_licences.invoke(listing)


@licences.command("list")
@with_accounts
def list_licences(context: click.Context, accounts: Accounts) -> None:
    """List what each organisation accepted or confirmed, and what the holders of working keys have yet to.

    After the last day of a contract, `to return` is what nobody has confirmed yet to be returned or destroyed.
    """
    from hantsmap.accounts.tables import show_receipts
    from hantsmap.registry import read

    registry = read(context.obj["registry"])
    receipts = accounts.receipts()
    day = now().astimezone(UTC).date()
    rows = [(_state(receipt, receipts, registry, day), receipt) for receipt in receipts]
    show_receipts(rows, list(_waiting(registry, accounts.list(), receipts, now())))


@licences.command()
@click.argument("receipt", type=click.File(encoding="utf-8"))
@with_accounts
def verify(_: click.Context, accounts: Accounts, receipt: TextIO) -> None:
    """Say whether RECEIPT, a file of JSON or `-`, is one that these accounts gave, unchanged."""
    from hantsmap.accounts.tables import say

    found = accounts.verify(_document(receipt))
    say("Genuine: the seal holds, and the accounts have this receipt.")
    for words, value in found.lines:
        say(f"  {words}: {value}")


def _document(file: TextIO) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read(MOST))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise AccountsError(f"{file.name} is no JSON. Give the receipt as it was downloaded.") from None
    if not isinstance(document, dict):
        raise AccountsError(f"{file.name} is no receipt. Give the receipt as it was downloaded.")
    return document


def _state(receipt: Receipt, receipts: Sequence[Receipt], registry: Registry, day: date) -> str:
    agreement = registry.agreements.get(receipt.agreement)
    if receipt.kind == "returned":
        return "returned"
    if last_day(registry.audiences, receipt.audience, before=day):
        back = {(each.org, each.audience, each.agreement) for each in receipts if each.kind == "returned"}
        return "ended" if (receipt.org, receipt.audience, receipt.agreement) in back else "to return"
    now_asked = agreement and (agreement.version, agreement.digest) == (receipt.version, receipt.text_sha256)
    return "accepted" if now_asked else "superseded"


def _waiting(registry: Registry, keys: Sequence[Key], receipts: Sequence[Receipt], moment: datetime
             ) -> Iterator[tuple[str, str, str, Agreement]]:
    """Organisation, audience and agreement of each acceptance that a working key waits for."""
    given = {(receipt.org, receipt.audience, receipt.agreement, receipt.version, receipt.text_sha256)
             for receipt in receipts if receipt.kind == "accepted"}
    day = moment.astimezone(UTC).date()
    holders = dict.fromkeys((key.org, key.audience) for key in keys
                            if key.state(moment) in ("working", "retiring") and key.audience in registry.audiences)
    for org, audience in holders:
        for name in registry.asked(audience, day):
            agreement = registry.agreements[name]
            if (org, audience, name, agreement.version, agreement.digest) not in given:
                yield org, audience, name, agreement
