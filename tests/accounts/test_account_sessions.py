"""Sessions: from signing in to signing out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from account_places import Clock, Place

from hantsmap.accounts import Accounts, Session, tokens

CLOSE = "import sys; from hantsmap.accounts import Accounts; print(Accounts(sys.argv[1]).close_sessions_of('jo'))"


def test_a_session_is_somebody(accounts: Accounts, clock: Clock) -> None:
    """A session is found by its token, with who it is and until when."""
    end = clock() + timedelta(hours=8)

    found = accounts.session(accounts.open_session("staff", "jo", "County", end))

    assert found == Session("staff", "jo", "County", clock(), end)


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


@pytest.mark.parametrize("token", ["", "hs_", "jo", tokens.new_session(), tokens.new_key()[1]])
def test_what_is_no_session(accounts: Accounts, token: str) -> None:
    """What was never opened is no session, whatever it looks like."""
    assert accounts.session(token) is None
