"""What the commands print: plain tables, whole in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hantsmap.accounts.keys import Issued, Key
from hantsmap.accounts.receipts import Receipt
from hantsmap.accounts.sessions import Session
from hantsmap.accounts.usage import Usage
from hantsmap.agreements import Agreement
from hantsmap.printing import print_table

NUMBERS = {"reads", "rows", "bytes"}
STYLES = {"working": "green", "accepted": "green", "waiting": "bold red", "to return": "bold red", "superseded": "dim",
          "returned": "dim", "ended": "dim", "retiring": "yellow", "retired": "dim", "expired": "dim",
          "revoked": "bold red"}


def show_issued(issued: Issued, old: Key | None = None) -> None:
    """A new key and its secret, on a line of its own, and what becomes of the key that it replaces."""
    key = issued.key
    say(f"Key {key.id} for {key.org} ({key.purpose}) reads as {key.audience}, up to and including {key.expires} (UTC).")
    if old is not None:
        end = f"works on until {old.works_until:%Y-%m-%d %H:%M} UTC" if old.works_until else "opens nothing any more"
        say(f"It replaces {old.id}, which {end}.")
    say(f"Its secret is shown this once, and stored nowhere:\n\n{issued.secret}\n")


def show_keys(keys: Sequence[Key], now: datetime) -> None:
    """Every key with what it is now."""
    if not keys:
        say("No key was ever issued.")
        return
    rows = []
    for key in keys:
        state = key.state(now)
        rows.append((key.id, Text(state, STYLES[state]), key.audience, key.org, key.purpose, str(key.expires),
                     f"{key.issued_at:%Y-%m-%d}", key.issued_by, _remark(key)))
    _show(("id", "", "audience", "organisation", "purpose", "expires", "issued", "by", "remark"), rows)


def show_sessions(sessions: Sequence[Session]) -> None:
    """Every session that works: who, as which audience it signed in, since when and until when (UTC)."""
    if not sessions:
        say("Nobody is signed in.")
        return
    _show(("id", "person", "organisation", "signed in as", "since", "until", "claim"),
          [(one.id, one.subject, one.org, one.audience, f"{one.opened_at:%Y-%m-%d %H:%M}",
            f"{one.expires:%Y-%m-%d %H:%M}",
            f"{one.claims.name}: {', '.join(one.claims.values)}" if one.claims else "none: opens nothing")
           for one in sessions])


def show_usage(usage: Usage, since: str) -> None:
    """Who has read a layer, and how much was read by nobody in particular."""
    if not usage.readers and not usage.anonymous:
        say(f"No reads of {usage.layer} are recorded{since}.")
        return
    if usage.readers:
        _show(("who", "organisation", "purpose", "audience", "reads", "rows", "bytes", "last"),
              [(one.who, one.org, one.purpose, one.audience, f"{one.reads:,}", f"{one.rows:,}", f"{one.bytes:,}",
                f"{one.last:%Y-%m-%d %H:%M}") for one in usage.readers])
    if usage.anonymous:
        _show(("anonymous", "reads", "rows", "bytes"),
              [(str(day.day), f"{day.reads:,}", f"{day.rows:,}", f"{day.bytes:,}") for day in usage.anonymous])


def show_receipts(
    receipts: Sequence[tuple[str, Receipt]], waiting: Sequence[tuple[str, str, str, Agreement]]
) -> None:
    """Every receipt with what it is now, and the acceptances that working keys wait for."""
    if not receipts and not waiting:
        say("No licence was ever accepted, and no working key waits for one.")
        return
    rows = [(Text("waiting", STYLES["waiting"]), org, audience, name, agreement.version, "", "", "")
            for org, audience, name, agreement in waiting]
    rows += [(Text(state, STYLES[state]), receipt.org, receipt.audience, receipt.agreement, receipt.version,
              f"{receipt.given_at:%Y-%m-%d %H:%M}", receipt.confirmed_by or receipt.given_by or "", receipt.id)
             for state, receipt in receipts]
    _show(("", "organisation", "audience", "licence", "version", "since", "by", "receipt"), rows)


def say(sentence: str) -> None:
    """A sentence, as it is: nothing in it is taken for markup, nothing is wrapped."""
    Console(highlight=False).print(_plain(sentence, "\n"), markup=False, soft_wrap=True)


def _remark(key: Key) -> str:
    if key.revoked_at is not None:
        return f"{key.revoked_at:%Y-%m-%d %H:%M}" + (f": {key.reason}" if key.reason else "")
    if key.works_until is not None:
        return f"until {key.works_until:%Y-%m-%d %H:%M}, replaced by {key.replaced_by}"
    return f"replaces {key.replaces}" if key.replaces else ""


def _show(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in NUMBERS else "left")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(_plain(cell)) for cell in row))
    print_table(table)


def _plain(said: str, kept: str = "") -> str:
    """Names come from outside: what would move the cursor or change the colour of a terminal is shown as a mark."""
    return "".join(letter if letter.isprintable() or letter in kept else "\N{REPLACEMENT CHARACTER}" for letter in said)
