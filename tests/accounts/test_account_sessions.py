"""Sessions: from signing in to signing out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from account_places import Clock, Place

from hantsmap.accounts import Accounts, Session, tokens
from hantsmap.accounts.errors import AccountsError
from hantsmap.claims import Claims

CLOSE = "import sys; from hantsmap.accounts import Accounts; print(Accounts(sys.argv[1]).close_sessions_of('jo'))"

CLAIMS = Claims(name="roles", values=("All-Staff",), organisation="org")


def test_a_session_is_somebody(accounts: Accounts, clock: Clock) -> None:
    """A session is found by its token, with who it is and until when."""
    end = clock() + timedelta(hours=8)

    token = accounts.open_session("staff", "jo", "County", end, CLAIMS)

    assert accounts.session(token) == Session(
        "staff", "jo", "County", clock(), end, CLAIMS, tokens.digest(token)[:12])


def test_sessions_that_work_are_listed_and_ended_by_id(accounts: Accounts, clock: Clock) -> None:
    """The list has every session that works, oldest first; one is ended by its id, and then all others at once."""
    end = clock() + timedelta(hours=8)
    held = []
    for who in ("jo", "al", "di"):
        held.append(accounts.open_session("staff", who, "County", end))
        clock.go(minutes=1)
    accounts.close_session(held[2])

    first, second = accounts.sessions()
    assert (first.subject, second.subject) == ("jo", "al")
    assert accounts.end_session(first.id) == first
    assert [accounts.session(token) and "works" for token in held] == [None, "works", None]
    for gone in (first.id, "", "%", first.id[:4]):
        with pytest.raises(AccountsError, match="There is no session"):
            accounts.end_session(gone)
    assert (accounts.end_all_sessions(), accounts.sessions()) == (1, ())


def test_unreadable_claims_of_a_session_are_none(accounts: Accounts, place: Place, clock: Clock) -> None:
    """A session whose stored claims are damaged, or which was opened by an older version, has no claims."""
    tokens_ = [accounts.open_session("staff", "jo", "County", clock() + timedelta(hours=8), given)
               for given in (CLAIMS, None)]
    place.sql("UPDATE sessions SET claims = '{\"name\": 1' WHERE claims IS NOT NULL")

    assert [getattr(accounts.session(token), "claims", "no session") for token in tokens_] == [None, None]


def test_a_session_ends_at_its_moment(accounts: Accounts, clock: Clock) -> None:
    """A session works until the moment of its end, and not at it."""
    token = accounts.open_session("staff", "jo", "County", clock() + timedelta(hours=8))

    clock.go(hours=8, microseconds=-1)
    assert accounts.session(token)
    clock.go(microseconds=1)
    assert accounts.session(token) is None


def test_signing_out(accounts: Accounts, clock: Clock) -> None:
    """A closed session is none; the others of the same person go on; closing again, or nothing, is no fault."""
    end = clock() + timedelta(hours=8)
    one, other = (accounts.open_session("staff", "jo", "County", end) for _ in range(2))

    for token in (one, one, "", tokens.new_session()):
        accounts.close_session(token)

    assert accounts.session(one) is None
    assert accounts.session(other)


def test_everything_of_somebody_is_closed(place: Place) -> None:
    """Another process ends every session of one person: they hold nowhere from the next question on."""
    accounts = place.accounts()
    end = accounts._journal._now() + timedelta(hours=8)
    hers, his = [[accounts.open_session("staff", who, "County", end) for _ in range(3)] for who in ("jo", "al")]

    assert place.run(CLOSE).stdout.strip() == "3"

    assert [accounts.session(token) for token in hers] == [None] * 3
    assert all(accounts.session(token) for token in his)
    assert accounts.close_sessions_of("jo") == 0


def test_a_session_needs_a_time_zone(accounts: Accounts) -> None:
    """An end without a time zone is a mistake of the program, and is not guessed at."""
    with pytest.raises(ValueError, match="time zone"):
        accounts.open_session("staff", "jo", "County", datetime(2026, 7, 1, 20))


@pytest.mark.parametrize("token", ["", "hs_", "jo", tokens.new_session(), tokens.new_key()[1]],
                         ids=["empty", "prefix", "word", "session", "key"])
def test_what_is_no_session(accounts: Accounts, token: str) -> None:
    """What was never opened is no session, whatever it looks like."""
    assert accounts.session(token) is None
