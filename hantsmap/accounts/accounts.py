"""The accounts, as the server, the sign-in and the command use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL

from hantsmap.accounts.acceptances import Acceptances, Party
from hantsmap.accounts.database import Database
from hantsmap.accounts.journal import ROOM, Journal, Read
from hantsmap.accounts.keys import Issued, Key, Keys
from hantsmap.accounts.pulls import Pull, UsedKey, pulls_of, used_keys
from hantsmap.accounts.receipts import Receipt
from hantsmap.accounts.sessions import Session, Sessions
from hantsmap.accounts.usage import Forgotten, Usage, forget_before, usage_of
from hantsmap.agreements import Agreement
from hantsmap.claims import Claims


def default_url(store: Path) -> str:
    """Where the accounts are when nobody says: a file beside the store's folder."""
    path = store.resolve().parent / "accounts.sqlite"
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Accounts:
    """Keys, sessions, receipts, and the journal of reads, in one database.

    Safe to share between threads; a fork is noticed.

    Every method raises AccountsError when the database cannot be used: then nobody is let in, and nobody is taken for
    anonymous. Only `record` and `count_anonymous` never do; what they cannot write, the log says.

    While `serving`, the database is opened when it is first needed, tried again after a fault, and has to answer within
    seconds; else it is opened here, and no time is kept.
    """

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now, room: int = ROOM,
                 serving: bool = False) -> None:
        self._database = Database(url, serving=serving)
        self._keys, self._sessions = Keys(self._database, now), Sessions(self._database, now)
        self._journal = Journal(self._database, now, room)
        self._acceptances = Acceptances(self._database, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what the journal still holds, and close the connections."""
        self._journal.close()
        self._database.close()

    def find(self, secret: str) -> Key | None:
        """The working key of a secret, or None: unknown, mistyped, expired or revoked, all the same.

        Asked of the database each time, so that a revocation holds from the next request on, in every process.
        """
        return self._keys.find(secret)

    def list(self) -> tuple[Key, ...]:
        """Every key ever issued, oldest first."""
        return self._keys.all()

    def issue(self, audience: str, org: str, purpose: str, expires: date, by: str) -> Issued:
        """A new key that works up to and including the day `expires`, in UTC. Its secret is not kept."""
        return self._keys.issue(audience, org, purpose, expires, by)

    def rotate(self, key_id: str, overlap: int = 0, by: str = "") -> Issued:
        """A new key with the same grant and end; the old one works on for `overlap` days, or ends now."""
        return self._keys.rotate(key_id, overlap, by)

    def revoke(self, key_id: str, reason: str = "") -> Key:
        """The key, which opens nothing from now on."""
        return self._keys.revoke(key_id, reason)

    def open_session(self, audience: str, subject: str, org: str, expires: datetime, claims: Claims | None = None
                     ) -> str:
        """The token of a new session; `expires` has a time zone. The token is not kept.

        `claims` are what gave the audience. A server lets a session without them see nothing.
        """
        return self._sessions.open(audience, subject, org, expires, claims)

    def sessions(self) -> tuple[Session, ...]:
        """Every session that works now, oldest first."""
        return self._sessions.all()

    def end_session(self, session_id: str) -> Session:
        """End the session with an id, as `sessions` lists it. Raises AccountsError when none that works has it."""
        return self._sessions.end(session_id)

    def end_all_sessions(self) -> int:
        """End every session, and return how many worked."""
        return self._sessions.end_all()

    def session(self, token: str) -> Session | None:
        """The session of a token, or None: unknown, mistyped, over or closed, all the same."""
        return self._sessions.find(token)

    def close_session(self, token: str) -> None:
        """End a session."""
        self._sessions.close(token)

    def close_sessions_of(self, subject: str) -> int:
        """End every session of somebody, and say how many there were."""
        return self._sessions.close_of(subject)

    def record(self, read: Read) -> None:
        """Take in a read by somebody known, at once; it is written within a second."""
        self._journal.record(read)

    def count_anonymous(self, layer: str, rows: int, size: int) -> None:
        """Count an answer to somebody unknown, of whom nothing else is kept."""
        self._journal.count_anonymous(layer, rows, size)

    def flush(self) -> bool:
        """Write what was taken in now; False when it cannot be."""
        return self._journal.flush()

    def usage(self, layer: str, since: date | None = None) -> Usage:
        """Who has read a layer since the start of a day, in UTC, or ever."""
        self._journal.flush()
        return usage_of(self._database, layer, since)

    def lacking(self, org: str, audience: str, asked: Mapping[str, Agreement | None]) -> frozenset[str]:
        """Which of the agreements asked for an organisation has yet to accept for a contract; None is never accepted.

        One look-up at most; none where all are known to be accepted, as nothing takes an acceptance back.
        """
        return self._acceptances.lacking(org, audience, asked)

    def accept(self, party: Party, name: str, agreement: Agreement) -> tuple[Receipt, bool]:
        """The receipt of an acceptance, and whether it is new: once accepted, it is the same receipt again."""
        return self._acceptances.accept(party, name, agreement)

    def confirm(self, party: Party, name: str, agreement: Agreement, *, way: str, on: date, by: str
                ) -> tuple[Receipt, bool]:
        """The receipt that the data of a contract was `returned` or `destroyed` on a day, as `by` confirms."""
        return self._acceptances.confirm(party, name, agreement, way=way, on=on, by=by)

    def receipt(self, receipt_id: str, org: str, audience: str) -> Receipt | None:
        """A receipt by its id, only for the organisation and the contract (audience) that it was given to."""
        return self._acceptances.find(receipt_id, org, audience)

    def receipts(self) -> tuple[Receipt, ...]:
        """Every receipt ever given, oldest first."""
        return self._acceptances.all()

    def receipts_of(self, org: str, audience: str) -> tuple[Receipt, ...]:
        """Receipts of an organisation for one contract, oldest first."""
        return self._acceptances.of(org, audience)

    def accepted_text(self, digest: str) -> str | None:
        """A text that was once accepted, by its SHA-256."""
        return self._acceptances.text(digest)

    def sealed(self, receipt: Receipt) -> dict[str, Any]:
        """A receipt as a document to keep, with its seal."""
        return self._acceptances.sealed(receipt)

    def verify(self, document: Mapping[str, Any]) -> Receipt:
        """The receipt that a document is. Raises AccountsError when it is none of these accounts, or was changed."""
        return self._acceptances.verify(document)

    def keys_of(self, org: str, audience: str, before: datetime) -> tuple[UsedKey, ...]:
        """Keys of an organisation for one audience, with their last use before a moment."""
        return used_keys(self._database, self._keys, org, audience, before)

    def pulls_of(self, org: str, audience: str, before: datetime, most: int = 20) -> tuple[Pull, ...]:
        """The last pulls of an organisation as one audience, newest first, from reads before a moment."""
        return pulls_of(self._database, self._keys, org, audience, before, most)

    def forget(self, before: date) -> Forgotten:
        """Forget reads, anonymous counts, ended sessions, and persons in receipts, from before a day, in UTC."""
        self._journal.flush()
        return forget_before(self._database, before)
