"""Keys: from issuing to the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from account_places import Clock, Place

from hantsmap.accounts import Accounts, AccountsError, Issued, tokens

LAST = date(2026, 12, 31)


def issued(accounts: Accounts, expires: date = LAST) -> Issued:
    return accounts.issue("staff", "Example Ltd", "Contract 12", expires, by="officer")


def test_a_key_opens_its_audience(accounts: Accounts, clock: Clock) -> None:
    """A key that was issued is found by its secret, with everything that was said of it."""
    new = issued(accounts)

    found = accounts.find(new.secret)

    assert found == new.key
    assert found is not None
    assert (found.audience, found.org, found.purpose, found.expires, found.issued_by, found.issued_at) == \
        ("staff", "Example Ltd", "Contract 12", LAST, "officer", clock())
    assert accounts.list() == (new.key,)


def test_only_the_digest_is_at_rest(place: Place, accounts: Accounts) -> None:
    """Whoever steals the database has no key: no table and no file holds a secret, or its random part."""
    secrets = [issued(accounts).secret, accounts.rotate(issued(accounts).key.id, by="officer").secret]
    tokens_ = [accounts.open_session("staff", "jo", "County", datetime(2027, 1, 1, tzinfo=UTC))]
    for secret in secrets:
        assert accounts.find(secret)

    stolen = place.dump()

    assert tokens.digest(secrets[0]) in stolen
    for secret in secrets + tokens_:
        assert secret not in stolen
        assert secret.split("_")[-2] not in stolen


def test_a_secret_is_not_shown_by_accident(accounts: Accounts) -> None:
    """Printing what was issued, as a log or a traceback does, does not print the secret."""
    new = issued(accounts)

    assert new.secret not in repr(new) + str(new)


def test_one_answer_for_everything_that_opens_nothing(accounts: Accounts, clock: Clock,
                                                      refusals: Callable[[], list[str]]) -> None:
    """Unknown, forged, mistyped, expired and revoked keys get the same answer; the log alone says which it was."""
    expired, revoked, sound = issued(accounts, date(2026, 7, 2)), issued(accounts), issued(accounts)
    accounts.revoke(revoked.key.id, "lost")
    clock.go(days=2)
    forged = tokens._checked(f"hm_{sound.key.id}_{'x' * 40}")
    unknown = tokens.new_key()

    answers = [accounts.find(secret) for secret in
               ("", "hunter2", sound.secret[:-1] + "!", unknown[1], forged, expired.secret, revoked.secret)]

    assert answers == [None] * 7
    said = "\n".join(refusals())
    assert said.count("not a key, or has a typing error") == 3
    assert f"Key {unknown[0]} was refused: there is none" in said
    assert f"Key {sound.key.id} was refused: the secret is wrong" in said
    assert f"Key {expired.key.id} was refused: it is expired" in said
    assert f"Key {revoked.key.id} was refused: it is revoked" in said


def test_the_log_holds_no_credential(accounts: Accounts, refusals: Callable[[], list[str]]) -> None:
    """What was presented is not logged, neither a key nor what may be somebody's password."""
    new = issued(accounts)
    accounts.revoke(new.key.id, "lost")
    for presented in (new.secret, "hunter2-of-somebody", new.secret + "x"):
        accounts.find(presented)

    said = "\n".join(refusals())

    assert new.secret not in said and new.secret[12:52] not in said and "hunter2" not in said


def test_a_typing_error_costs_no_look_up(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be a key is refused without asking the database."""
    secret = issued(accounts).secret
    monkeypatch.setattr(accounts._database, "read", lambda *_: pytest.fail("asked the database"))

    assert accounts.find(secret[:20] + ("a" if secret[20] != "a" else "b") + secret[21:]) is None


@pytest.mark.parametrize(("moment", "works"), [
    (datetime(2026, 7, 1, 12, tzinfo=UTC), True),
    (datetime(2026, 7, 2, 0, 0, tzinfo=UTC), True),
    (datetime(2026, 7, 2, 23, 59, 59, 999999, tzinfo=UTC), True),
    (datetime(2026, 7, 3, 0, 0, tzinfo=UTC), False),
    # Half past midnight in London is still the day before in UTC.
    (datetime.fromisoformat("2026-07-03T00:30+01:00"), True),
    (datetime.fromisoformat("2026-07-03T01:00+01:00"), False),
])  # fmt: skip
def test_the_last_day_is_whole(accounts: Accounts, clock: Clock, moment: datetime, works: bool) -> None:
    """A key works up to and including its last day, in UTC, and not a microsecond longer."""
    new = issued(accounts, date(2026, 7, 2))

    clock.moment = moment

    assert (accounts.find(new.secret) is not None) is works


def test_a_day_that_is_over_is_refused(accounts: Accounts) -> None:
    """No key is issued that would never work."""
    with pytest.raises(AccountsError, match="would never work"):
        issued(accounts, date(2026, 6, 30))

    assert accounts.list() == ()


@pytest.mark.parametrize("blank", ["audience", "org", "purpose"])
def test_a_key_says_whose_it_is(accounts: Accounts, blank: str) -> None:
    """No key is issued without an audience, an organisation and a purpose."""
    said = {"audience": "staff", "org": "Example Ltd", "purpose": "Contract 12"} | {blank: "  "}

    with pytest.raises(AccountsError):
        accounts.issue(**said, expires=LAST, by="officer")


def test_rotation_without_overlap(accounts: Accounts) -> None:
    """A rotated key is another one with the same grant; the old one opens nothing from that moment."""
    old = issued(accounts)

    new = accounts.rotate(old.key.id, by="deputy")

    assert accounts.find(old.secret) is None
    found = accounts.find(new.secret)
    assert found is not None and found.id != old.key.id
    assert (found.audience, found.org, found.purpose, found.expires) == ("staff", "Example Ltd", "Contract 12", LAST)
    assert (found.replaces, found.issued_by) == (old.key.id, "deputy")


def test_rotation_with_overlap(accounts: Accounts, clock: Clock) -> None:
    """With an overlap both keys work for that many days, and then only the new one does."""
    old = issued(accounts)
    new = accounts.rotate(old.key.id, overlap=3, by="officer")

    clock.go(days=3, microseconds=-1)
    assert accounts.find(old.secret) and accounts.find(new.secret)

    clock.go(microseconds=1)
    assert accounts.find(old.secret) is None
    assert accounts.find(new.secret)


def test_an_overlap_does_not_outlive_the_key(accounts: Accounts, clock: Clock) -> None:
    """An overlap beyond the last day of the key does not make it longer."""
    old = issued(accounts, date(2026, 7, 2))
    accounts.rotate(old.key.id, overlap=30, by="officer")

    clock.go(days=2)

    assert accounts.find(old.secret) is None


def test_a_key_within_its_overlap_can_be_revoked(accounts: Accounts) -> None:
    """Revoking the old key ends the overlap at once, and leaves the new key alone."""
    old = issued(accounts)
    new = accounts.rotate(old.key.id, overlap=30, by="officer")

    accounts.revoke(old.key.id, "leaked")

    assert accounts.find(old.secret) is None
    assert accounts.find(new.secret)


def test_only_a_working_key_is_rotated(accounts: Accounts, clock: Clock) -> None:
    """A key that was replaced, revoked, is over or never was is not rotated, and the sentence says which."""
    replaced, revoked, over = issued(accounts), issued(accounts), issued(accounts, date(2026, 7, 2))
    new = accounts.rotate(replaced.key.id, overlap=9, by="officer")
    accounts.revoke(revoked.key.id, "lost")
    clock.go(days=2)
    before = accounts.list()

    for key_id, sentence in ((replaced.key.id, f"already replaced, by {new.key.id}"), (revoked.key.id, "is revoked"),
                             (over.key.id, "is expired"), ("nothing", "There is no key `nothing`")):
        with pytest.raises(AccountsError, match=sentence):
            accounts.rotate(key_id, by="officer")

    assert accounts.list() == before


def test_the_first_revocation_stands(accounts: Accounts, clock: Clock) -> None:
    """Revoking again changes neither the time nor the reason."""
    new = issued(accounts)
    first = accounts.revoke(new.key.id, "leaked")
    clock.go(hours=1)

    again = accounts.revoke(new.key.id, "tidying up")

    assert again == first
    assert (again.reason, again.revoked_at) == ("leaked", clock() - timedelta(hours=1))


def test_a_clock_that_is_behind_does_not_keep_a_revoked_key_alive(accounts: Accounts, clock: Clock) -> None:
    """A revocation, and a rotation without overlap, hold on a server whose clock is behind the operator's."""
    revoked, rotated = issued(accounts), issued(accounts)
    accounts.revoke(revoked.key.id, "lost")
    accounts.rotate(rotated.key.id, by="officer")

    clock.go(minutes=-5)

    assert accounts.find(revoked.secret) is None
    assert accounts.find(rotated.secret) is None


def test_hostile_texts_are_only_texts(accounts: Accounts) -> None:
    """Quotes, wildcards and the words of SQL in a name, an id or a reason are kept as they are and change nothing."""
    hostile = "Robert'); DROP TABLE keys;-- %_\\ \"x\" 名"
    new = accounts.issue("staff", hostile, hostile, LAST, by=hostile)

    with pytest.raises(AccountsError):
        accounts.revoke("' OR '1'='1", "x")

    assert accounts.find(new.secret) == new.key
    assert accounts.revoke(new.key.id, hostile).reason == hostile
