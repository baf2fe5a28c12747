"""The commands, as an operator types them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from account_places import Clock, Place
from click.testing import CliRunner, Result

from hantsmap.accounts import Read, commands, tokens
from hantsmap.claims import Claims

REGISTRY = """
title: Maps
description: Maps to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open Government Licence v3.0, url: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"}
layers:
  streets:
    title: Streets
    description: Streets to test with.
    steward: Testers
    licence: ogl
    attribution: None needed
    cadence: never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: code
    source: {file: streets.csv}
    fields:
      code: {type: string, title: Code}
    grants:
      public: {fields: all}
"""
ISSUE = ("issue", "--audience", "staff", "--org", "Roads [red]Ltd", "--purpose", "Contract 12",
         "--expires", "2027-03-31")
Run = Callable[..., Result]


@pytest.fixture
def run(place: Place, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command at the time of the clock; keys are called key00001, key00002 and so on."""
    numbers = count(1)

    def new_key() -> tuple[str, str]:
        key_id = f"key{next(numbers):05}"
        return key_id, tokens._checked(f"hm_{key_id}_{'x' * 40}")

    monkeypatch.setattr(tokens, "new_key", new_key)
    monkeypatch.setattr(commands, "now", clock)
    monkeypatch.setattr(commands, "_operator", lambda: "officer")
    monkeypatch.setenv("HANTSMAP_ACCOUNTS", place.url)
    registry = tmp_path / "layers.yaml"
    registry.write_text(REGISTRY)
    obj = {"registry": registry, "store": tmp_path / "store"}

    def invoke(*words: str) -> Result:
        alone = {"usage": commands.usage, "forget": commands.forget, "sessions": commands.sessions}.get(words[0])
        return CliRunner().invoke(alone or commands.keys, words[1:] if alone else words, obj=obj)

    return invoke


def secret(number: int) -> str:
    return tokens._checked(f"hm_key{number:05}_{'x' * 40}")


def test_issue(run: Run, place: Place, clock: Clock) -> None:
    """`keys issue` shows the secret once, on a line of its own, and it works."""
    done = run(*ISSUE)

    assert done.output == f"""\
Key key00001 for Roads [red]Ltd (Contract 12) reads as staff, up to and including 2027-03-31 (UTC).
Its secret is shown this once, and stored nowhere:

{secret(1)}

"""
    assert done.exit_code == 0
    assert place.accounts(now=clock).find(secret(1))


def test_the_life_of_a_key(run: Run, clock: Clock) -> None:
    """`keys list` shows what each key is, who issued it, and what became of it; secrets are not in it."""
    run(*ISSUE)
    rotated = run("rotate", "key00001", "--overlap", "3")
    run(*ISSUE[:-1], "2026-07-31")
    revoked = run("revoke", "key00002", "--reason", "left in a mailbox")
    clock.go(days=31)

    assert rotated.output == f"""\
Key key00002 for Roads [red]Ltd (Contract 12) reads as staff, up to and including 2027-03-31 (UTC).
It replaces key00001, which works on until 2026-07-04 12:00 UTC.
Its secret is shown this once, and stored nowhere:

{secret(2)}

"""
    assert revoked.output == "Key key00002 of Roads [red]Ltd opens nothing, since 2026-07-01 12:00 UTC: " \
        "left in a mailbox.\n"
    assert sorted(run("list").output.splitlines()[1:]) == [
        "key00001  retired  staff     Roads [red]Ltd  Contract 12  2027-03-31  2026-07-01  officer  "
        "until 2026-07-04 12:00, replaced by key00002",
        "key00002  revoked  staff     Roads [red]Ltd  Contract 12  2027-03-31  2026-07-01  officer  "
        "2026-07-01 12:00: left in a mailbox",
        "key00003  expired  staff     Roads [red]Ltd  Contract 12  2026-07-31  2026-07-01  officer",
    ]


def test_rotate_at_once(run: Run) -> None:
    """`keys rotate` without an overlap says that the old key opens nothing; revoking it says which one replaced it."""
    run(*ISSUE)

    assert "It replaces key00001, which opens nothing any more.\n" in run("rotate", "key00001").output
    assert run("revoke", "key00001").output.splitlines()[1] == \
        "key00002, which replaced it, is another key: revoke that one too if it must go."


def test_nothing_yet(run: Run) -> None:
    """Without keys and reads, the commands say so in a sentence."""
    assert run("list").output == "No key was ever issued.\n"
    assert run("usage", "streets", "--since", "2026-06-01").output == \
        "No reads of streets are recorded since 2026-06-01.\n"


@pytest.mark.parametrize(("changed", "sentence"), [
    (("--audience", "friends"), "Error: no audience friends in the registry; there are public, staff"),
    (("--expires", "2026-07-01"), "Error: --expires 2026-07-01 is not to be had: choose a day after today, 2026-07-01, "
                                  "and up to 2028-07-01."),
    (("--expires", "2028-07-02"), "Error: --expires 2028-07-02 is not to be had: choose a day after today, 2026-07-01, "
                                  "and up to 2028-07-01."),
    (("--expires", "soon"), "Error: Invalid value for '--expires': 'soon' does not match the format '%Y-%m-%d'."),
])  # fmt: skip
def test_what_cannot_be_meant(run: Run, changed: tuple[str, str], sentence: str) -> None:
    """An audience that is not in the registry, or an impossible day, is a sentence and exit code 2; no key is made."""
    done = run(*ISSUE, *changed)

    assert (done.exit_code, done.output.splitlines()[-1]) == (2, sentence)
    assert run("list").output == "No key was ever issued.\n"


@pytest.mark.parametrize(("today", "latest"), [("2026-07-01", "2028-07-01"), ("2028-02-29", "2030-03-01")])
def test_a_key_lives_two_years_at_most(run: Run, clock: Clock, today: str, latest: str) -> None:
    """The last day that a key may have is two years from now, also from the 29th of February."""
    clock.moment = datetime.fromisoformat(today).replace(tzinfo=UTC)

    assert run(*ISSUE[:-1], latest).exit_code == 0


def test_a_key_that_is_not_there(run: Run) -> None:
    """A key that does not exist is a sentence and exit code 8."""
    for command in ("revoke", "rotate"):
        done = run(command, "nothing")

        assert (done.exit_code, done.output) == (8, "There is no key `nothing`. `hantsmap keys list` shows them all.\n")


def test_sessions_are_listed_and_ended(run: Run, place: Place, clock: Clock) -> None:
    """`sessions list` shows who is signed in, without tokens; `end` ends one by its id, those of a person, or all."""
    accounts = place.accounts(now=clock)
    claims = Claims(name="groups", values=("GIS",))
    held = [accounts.open_session("staff", who, "County", clock() + timedelta(hours=8), claims)
            for who in ("jo", "al", "al", "di")]
    ids = [tokens.digest(token)[:12] for token in held]

    listed = run("sessions", "list").output
    assert listed.splitlines()[0].split() == ["id", "person", "organisation", "signed", "in", "as", "since", "until",
                                              "claim"]
    assert [f"{each}  " in listed for each in ids] == [True] * 4
    assert "2026-07-01 20:00" in listed and "groups: GIS" in listed and not any(token in listed for token in held)
    assert run("sessions", "end", ids[0]).output == f"Session {ids[0]} of jo (County) has ended.\n"
    again = run("sessions", "end", ids[0])
    assert (again.exit_code, again.output) == (
        8, f"There is no session `{ids[0]}`. `hantsmap sessions list` shows them all.\n")
    assert run("sessions", "end", "--of", "al").output == "2 sessions ended.\n"
    assert run("sessions", "end", "--all").output == "1 session ended.\n"
    assert run("sessions", "list").output == "Nobody is signed in.\n"
    assert [run("sessions", "end", *words).exit_code for words in ((), (ids[1], "--all"))] == [2, 2]


def test_accounts_that_cannot_be_opened(run: Run) -> None:
    """Accounts that cannot be opened are a sentence without a password, and exit code 8."""
    done = run("list", "--accounts", "postgresql://officer:open-sesame@127.0.0.1:1/county")

    assert done.exit_code == 8
    assert done.output.startswith("The accounts at 127.0.0.1:1/county cannot be used: ")
    assert "open-sesame" not in done.output and "officer" not in done.output


def test_usage(run: Run, place: Place, clock: Clock) -> None:
    """`usage` shows each reader exactly, and of everybody else only how much on which day."""
    run(*ISSUE)
    accounts = place.accounts(now=clock)
    accounts.open_session("staff", "jo\x1b[31m", "County", datetime(2026, 8, 1, tzinfo=UTC))
    for who, times in (("key:key00001", 1_200), ("session:jo\x1b[31m", 1)):
        for _ in range(times):
            accounts.record(Read(who, "staff", "streets", "e1", "r1", 10, 1_000, clock(), "items"))
    accounts.count_anonymous("streets", 12, 3_456)
    accounts.flush()

    assert run("usage", "streets").output == """\
who              organisation    purpose      audience  reads    rows      bytes  last
key:key00001     Roads [red]Ltd  Contract 12  staff     1,200  12,000  1,200,000  2026-07-01 12:00
session:jo\ufffd[31m  County          signed in    staff         1      10      1,000  2026-07-01 12:00
anonymous   reads  rows  bytes
2026-07-01      1    12  3,456
"""


def test_forget(run: Run, place: Place, clock: Clock) -> None:
    """`forget` takes what is older than a day away, says how much, and keeps what is not."""
    accounts = place.accounts(now=clock)
    accounts.record(Read("key:key00001", "staff", "streets", "e1", "r1", 10, 1_000, clock(), "items"))
    accounts.count_anonymous("streets", 12, 3_456)
    accounts.flush()
    clock.go(days=2)
    accounts.record(Read("key:key00001", "staff", "streets", "e1", "r1", 7, 700, clock(), "items"))
    accounts.flush()

    assert run("forget", "--before", "2026-07-02").output == (
        "Forgotten: 1 reads, 1 daily counts, 0 sessions from before 2026-07-02.\n")
    kept = accounts.usage("streets")
    assert [(reader.reads, reader.rows) for reader in kept.readers] == [(1, 7)]
    assert kept.anonymous == ()
