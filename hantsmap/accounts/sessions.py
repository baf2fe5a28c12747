"""Sessions: people who signed in with a browser, each until a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, bindparam, insert, select, update

from hantsmap.accounts import tokens
from hantsmap.accounts.database import Database
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.schema import SESSIONS
from hantsmap.claims import Claims

log = logging.getLogger("hantsmap.accounts")
# Of the digest of a token, so many characters name a session: none of them is a character of the token.
ID_LENGTH = 12
FIND = select(SESSIONS).where(SESSIONS.c.digest == bindparam("stored"))


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in. It works until, and not at, the moment `expires`.

    `audience` is the one given at sign-in and `claims` what it was given for: whoever reads by a session checks them
    against the registry as it is now. `id` names the session in commands and opens nothing.
    """

    audience: str
    subject: str
    org: str
    opened_at: datetime
    expires: datetime
    claims: Claims | None = None
    id: str = ""

    @property
    def who(self) -> str:
        """How reads in this session are recorded."""
        return f"session:{self.subject}"


class Sessions:
    """The register of sessions. A closed one stays until it is forgotten: it says whose its reads were."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def open(self, audience: str, subject: str, org: str, expires: datetime, claims: Claims | None) -> str:
        """The token of a new session."""
        token = tokens.new_session()
        with self._database.writing() as connection:
            connection.execute(insert(SESSIONS).values(
                digest=tokens.digest(token), audience=audience, subject=subject, org=org, opened_at=self._now(),
                expires=_aware(expires), claims=claims and claims.model_dump_json()))
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, or None when there is none, or none any more."""
        if not tokens.is_session(token):
            return None
        # Found by its digest: how long the look-up takes says nothing about the token.
        row = next(iter(self._database.read(FIND, {"stored": tokens.digest(token)})), None)
        if row is None or row.closed_at is not None or self._now() >= row.expires:
            log.info("A session was refused: %s.",
                     "there is none" if row is None else "it is closed" if row.closed_at else "it is over")
            return None
        return _session(row)

    def all(self) -> tuple[Session, ...]:
        """Every session that works now, oldest first."""
        works = (SESSIONS.c.expires > self._now(), SESSIONS.c.closed_at.is_(None))
        rows = self._database.read(select(SESSIONS).where(*works).order_by(SESSIONS.c.opened_at, SESSIONS.c.digest))
        return tuple(_session(row) for row in rows)

    def end(self, session_id: str) -> Session:
        """End the session with an id. Raises AccountsError when no session that works has it."""
        found = next((session for session in self.all() if session.id == session_id), None)
        if found is None:
            raise AccountsError(f"There is no session `{session_id}`. `hantsmap sessions list` shows them all.")
        self._close(SESSIONS.c.digest.startswith(session_id, autoescape=True))
        return found

    def end_all(self) -> int:
        """End every session, and return how many worked."""
        return self._close(SESSIONS.c.expires > self._now())

    def close(self, token: str) -> None:
        """End a session; one that is over, or never was, is ended already."""
        self._close(SESSIONS.c.digest == tokens.digest(token))

    def close_of(self, subject: str) -> int:
        """End every session of somebody, and say how many there were."""
        return self._close((SESSIONS.c.subject == subject) & (SESSIONS.c.expires > self._now()))

    def _close(self, which: ColumnElement[bool]) -> int:
        with self._database.writing() as connection:
            closed = connection.execute(update(SESSIONS).where(which, SESSIONS.c.closed_at.is_(None))
                                        .values(closed_at=self._now()))
            return int(closed.rowcount)


def _session(row: Any) -> Session:
    claims = None
    # Unreadable claims are no claims: the session opens nothing.
    with suppress(ValidationError):
        claims = Claims.model_validate_json(row.claims) if row.claims else None
    return Session(row.audience, row.subject, row.org, row.opened_at, row.expires, claims, row.digest[:ID_LENGTH])


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the end of a session needs a time zone")
    return moment
