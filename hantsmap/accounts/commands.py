"""The commands of the accounts: `hantsmap keys …`, `hantsmap usage LAYER` and `hantsmap forget`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

import click

from hantsmap.accounts.accounts import Accounts, default_url, utc_now
from hantsmap.errors import HantsMapError

LONGEST_YEARS = 2
LONGEST_OVERLAP = 90


def now() -> datetime:
    """The moment, in UTC."""
    return utc_now()


def with_accounts(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --accounts, opens them, and turns faults into their sentence on stderr and their exit code."""

    @click.option("--accounts", "url", envvar="HANTSMAP_ACCOUNTS", show_envvar=True, metavar="URL",
                  help="The database of the accounts, sqlite:///… or postgresql://…; a password is better put into the "
                       "variable. [default: accounts.sqlite beside the store]")
    @wraps(command)
    def run(url: str | None, **given: Any) -> None:
        context = click.get_current_context()
        try:
            with Accounts(url or default_url(context.obj["store"]), now=lambda: now()) as accounts:
                command(context, accounts, **given)
        except HantsMapError as fault:
            click.echo(str(fault), err=True)
            sys.exit(fault.exit_code)

    return run


DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def keys() -> None:
    """Issue, list, rotate and revoke the keys with which organisations read."""


@keys.command()
@click.option("--audience", required=True, help="The audience of the registry that the key reads as.")
@click.option("--org", required=True, help="The organisation that holds the key.")
@click.option("--purpose", required=True, help="What it is for, such as the name of a contract.")
@click.option("--expires", required=True, type=DAY, metavar="DATE",
              help=f"The last day on which it works, in UTC; at most {LONGEST_YEARS} years from now.")
@with_accounts
def issue(context: click.Context, accounts: Accounts, audience: str, org: str, purpose: str, expires: datetime) -> None:
    """Issue a key. Its secret is shown once and stored nowhere."""
    from hantsmap.accounts.tables import show_issued
    from hantsmap.registry import read

    known = read(context.obj["registry"]).audiences
    if audience not in known:
        raise click.UsageError(f"no audience {audience} in the registry; there are {', '.join(known)}")
    show_issued(accounts.issue(audience, org, purpose, _last_day(expires.date()), by=_operator()))


@keys.command("list")
@with_accounts
def list_keys(_: click.Context, accounts: Accounts) -> None:
    """List every key ever issued, oldest first. Secrets are not known."""
    from hantsmap.accounts.tables import show_keys

    show_keys(accounts.list(), now())


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--overlap", type=click.IntRange(0, LONGEST_OVERLAP), default=0, show_default=True, metavar="DAYS",
              help="For how many days the old secret works on.")
@with_accounts
def rotate(_: click.Context, accounts: Accounts, key_id: str, overlap: int) -> None:
    """Replace the key ID by a new one with the same grant and the same last day."""
    from hantsmap.accounts.tables import show_issued

    new = accounts.rotate(key_id, overlap, by=_operator())
    show_issued(new, next(key for key in accounts.list() if key.id == key_id))


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--reason", default="", help="Why, for whoever asks later.")
@with_accounts
def revoke(_: click.Context, accounts: Accounts, key_id: str, reason: str) -> None:
    """Revoke the key ID: it opens nothing from the next request on."""
    from hantsmap.accounts.tables import say

    key = accounts.revoke(key_id, reason)
    why = f": {key.reason}" if key.reason else ""
    say(f"Key {key.id} of {key.org} opens nothing, since {key.revoked_at:%Y-%m-%d %H:%M} UTC{why}.")
    if key.replaced_by:
        say(f"{key.replaced_by}, which replaced it, is another key: revoke that one too if it must go.")


@click.command()
@click.argument("layer")
@click.option("--since", type=DAY, metavar="DATE", help="From this day on, in UTC. [default: ever]")
@with_accounts
def usage(_: click.Context, accounts: Accounts, layer: str, since: datetime | None) -> None:
    """Show who has read LAYER: by key and by person who signs in; of everybody else, only how much on which day."""
    from hantsmap.accounts.tables import show_usage

    day = since.date() if since else None
    show_usage(accounts.usage(layer, day), f" since {day}" if day else "")


@click.command()
@click.option("--before", required=True, type=DAY, metavar="DATE", help="The first day to keep, in UTC.")
@with_accounts
def forget(_: click.Context, accounts: Accounts, before: datetime) -> None:
    """Forget reads, counts, ended sessions, and persons in receipts, from before a day.

    Keys stay, as they say who was once let in, and receipts, as they say what an organisation accepted.
    """
    from hantsmap.accounts.tables import say

    gone = accounts.forget(before.date())
    say(f"Forgotten: {gone.reads:,} reads, {gone.days:,} daily counts, {gone.sessions:,} sessions "
        f"from before {before.date()}.")
    if gone.receipts:
        say(f"Of {gone.receipts:,} receipts only what the organisation accepted or confirmed is left.")


def _last_day(expires: date) -> date:
    today = now().astimezone(UTC).date()
    try:
        latest = today.replace(year=today.year + LONGEST_YEARS)
    except ValueError:  # the 29th of February
        latest = date(today.year + LONGEST_YEARS, 3, 1)
    if not today < expires <= latest:
        raise click.UsageError(f"--expires {expires} is not to be had: choose a day after today, {today}, "
                               f"and up to {latest}.")
    return expires


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        return "unknown"
