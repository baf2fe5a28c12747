"""The commands of the accounts: `hantsmap keys …`, `hantsmap sessions …`, `hantsmap usage LAYER`, `hantsmap forget`."""

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
    from hantsmap.registry.checks import there_are

    known = read(context.obj["registry"]).audiences
    if audience not in known:
        raise click.UsageError(f"no audience {audience} in the registry; {there_are(known)}")
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


@click.group()
def sessions() -> None:
    """List and end the sessions of people who signed in with a browser."""


@sessions.command("list")
@with_accounts
def list_sessions(_: click.Context, accounts: Accounts) -> None:
    """List every session that works now, oldest first. Tokens are not known."""
    from hantsmap.accounts.tables import show_sessions

    show_sessions(accounts.sessions())


@sessions.command("end")
@click.argument("session_id", metavar="[ID]", required=False)
@click.option("--of", "subject", metavar="SUBJECT", help="End every session of the person with this subject.")
@click.option("--all", "everybody", is_flag=True, help="End every session. Everybody has to sign in again.")
@with_accounts
def end_sessions(_: click.Context, accounts: Accounts, session_id: str | None, subject: str | None,
                 everybody: bool) -> None:
    """End the session ID, those of one person, or all: they open nothing from the next request on."""
    from hantsmap.accounts.tables import say

    if [session_id is not None, subject is not None, everybody].count(True) != 1:
        raise click.UsageError("give one of: the ID of a session (hantsmap sessions list), --of SUBJECT, --all")
    if session_id is not None:
        ended = accounts.end_session(session_id)
        say(f"Session {ended.id} of {ended.subject} ({ended.org or 'no organisation'}) has ended.")
        return
    count = accounts.end_all_sessions() if everybody else accounts.close_sessions_of(subject or "")
    say(f"{count:,} session{'' if count == 1 else 's'} ended.")


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
