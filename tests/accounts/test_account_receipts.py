"""Receipts: what an organisation accepted, once for each contract and version, and can show for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from account_places import Clock, Place
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import examples
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from hantsmap.accounts import Accounts, AccountsError, Party, Read, commands, licences, schema
from hantsmap.agreements import Agreement

TERMS = Agreement(title="Licence for contractors", version="2026-1", purpose="To mend roads with.", text="Be good.")
NEWER = TERMS.model_copy(update={"version": "2026-2"})
REWORDED = TERMS.model_copy(update={"text": "Be very good."})
ACME = Party("Acme", "north", "Contract north", date(2029, 3, 31), "key:abcd1234", "203.0.113.7")
LAST = date(2100, 12, 31)


def asked(agreement: Agreement | None = TERMS) -> dict[str, Agreement | None]:
    return {"terms": agreement}


def test_nothing_is_accepted_by_itself(accounts: Accounts) -> None:
    """Until an organisation has accepted, what is asked for is lacking; afterwards it is not."""
    assert accounts.lacking("Acme", "north", asked()) == {"terms"}
    accounts.accept(ACME, "terms", TERMS)
    assert accounts.lacking("Acme", "north", asked()) == frozenset()
    assert accounts.lacking("Acme", "north", {}) == frozenset()


@pytest.mark.parametrize(("org", "audience", "agreement"), [
    ("Other", "north", TERMS), ("Acme", "south", TERMS), ("acme", "north", TERMS), ("", "north", TERMS),
    ("Acme", "north", NEWER), ("Acme", "north", REWORDED), ("Acme", "north", None),
])  # fmt: skip
def test_an_acceptance_is_of_one_organisation_contract_version_and_text(
    accounts: Accounts, org: str, audience: str, agreement: Agreement | None
) -> None:
    """Another organisation, contract, version or wording, and what nobody knows, is still to be accepted."""
    accounts.accept(ACME, "terms", TERMS)
    assert accounts.lacking(org, audience, asked(agreement)) == {"terms"}


def test_an_acceptance_holds_in_every_process(place: Place, clock: Clock) -> None:
    """What one process takes in, another knows at its next question, also where it has just said that it lacks."""
    one, other = place.accounts(now=clock), place.accounts(now=clock)
    assert other.lacking("Acme", "north", asked()) == {"terms"}
    one.accept(ACME, "terms", TERMS)
    assert other.lacking("Acme", "north", asked()) == frozenset()


def test_what_is_known_to_be_accepted_is_not_asked_again(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once accepted costs nothing: nothing takes an acceptance back, so the database is asked once and no more."""
    accounts.accept(ACME, "terms", TERMS)
    asks: list[Any] = []
    read = accounts._database.read
    monkeypatch.setattr(accounts._database, "read", lambda *given: asks.append(given) or read(*given))
    for _ in range(3):
        assert accounts.lacking("Acme", "north", asked()) == frozenset()
    assert len(asks) == 1
    assert accounts.lacking("Acme", "north", asked(NEWER)) == {"terms"}
    assert len(asks) == 2


def test_the_same_again_is_the_same_receipt(place: Place, clock: Clock) -> None:
    """Accepting again, later, with another key and by twelve at once, is the receipt of the first time."""
    accounts = place.accounts(now=clock)
    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(lambda _: accounts.accept(ACME, "terms", TERMS), range(12)))
    clock.go(days=3)
    again, new = place.accounts(now=clock).accept(
        Party("Acme", "north", "Renamed", None, "key:other123", "198.51.100.1"), "terms", TERMS)

    assert sum(new for _, new in given) == 1
    assert {receipt for receipt, _ in given} == {again} and not new
    assert len(accounts.receipts()) == 1
    assert again.given_at == clock().replace(day=1) and again.address == "203.0.113.7"


def test_a_receipt_says_all_of_it(accounts: Accounts, clock: Clock) -> None:
    """A receipt says who accepted which version of which text, for what, until when, and when; and the text is kept."""
    receipt, _ = accounts.accept(ACME, "terms", TERMS)
    document = accounts.sealed(receipt)
    seal = document.pop("seal")

    assert document == {
        "id": receipt.id, "kind": "accepted", "org": "Acme", "audience": "north", "contract": "Contract north",
        "agreement": "terms", "title": "Licence for contractors", "version": "2026-1",
        "text_sha256": TERMS.digest, "purpose": "To mend roads with.", "ends": "2029-03-31", "statement": "",
        "given_at": "2026-07-01T12:00:00Z", "given_by": "key:abcd1234", "confirmed_by": None,
        "address": "203.0.113.7"}
    assert seal["method"] == "HMAC-SHA256" and len(seal["value"]) == 64
    assert accounts.accepted_text(TERMS.digest) == "Be good."
    assert accounts.verify(json.loads(json.dumps({**document, "seal": seal}))) == receipt


def test_a_receipt_is_its_organisations(accounts: Accounts) -> None:
    """A receipt is found by its id for the organisation that it was given to, and for no other."""
    receipt, _ = accounts.accept(ACME, "terms", TERMS)
    assert accounts.receipt(receipt.id, "Acme", "north") == receipt
    assert accounts.receipt(receipt.id, "Other", "north") is None
    assert accounts.receipt(receipt.id, "", "north") is None
    assert accounts.receipt(receipt.id, "Acme", "south") is None
    assert accounts.receipt("hr_nothing", "Acme", "north") is None
    assert accounts.receipts_of("Acme", "north") == (receipt,)
    assert accounts.receipts_of("Acme", "south") == accounts.receipts_of("Other", "north") == ()


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_receipt_does_not_hold(accounts: Accounts, data: st.DataObject) -> None:
    """Whatever is changed in a receipt, added to it or taken out, the seal does not hold."""
    receipt, _ = accounts.accept(ACME, "terms", TERMS)
    document = accounts.sealed(receipt)
    name = data.draw(st.sampled_from([*sorted(document), "more"]))
    changed = {**document, name: data.draw(st.one_of(
        st.none(), st.text(max_size=70), st.integers(), st.just({}), st.just({**document["seal"], "value": "é" * 64})))}
    if data.draw(st.booleans()):
        changed.pop(name)
    if changed == document:
        return
    with pytest.raises(AccountsError, match=r"seal|sealed"):
        accounts.verify(changed)


def test_a_receipt_of_other_accounts_does_not_hold(accounts: Accounts, clock: Clock, tmp_path: Path) -> None:
    """A receipt that other accounts gave, with all the same words, is none of these."""
    with Accounts(f"sqlite:///{tmp_path}/other.sqlite", now=clock) as others:
        theirs = others.sealed(others.accept(ACME, "terms", TERMS)[0])
    ours = accounts.sealed(accounts.accept(ACME, "terms", TERMS)[0])
    for document in (theirs, {**theirs, "seal": {**theirs["seal"], "key": ours["seal"]["key"]}},
                     {**ours, "seal": theirs["seal"]}, {**ours, "id": theirs["id"]}):
        with pytest.raises(AccountsError):
            accounts.verify(document)


def test_nobody_accepts_for_nobody(accounts: Accounts) -> None:
    """Without an organisation nothing can be accepted: there is nobody to hold to it."""
    with pytest.raises(AccountsError, match="without an organisation"):
        accounts.accept(Party(" ", "north", "Contract north", None, "session:jo"), "terms", TERMS)
    assert accounts.receipts() == ()


def test_what_became_of_the_data(accounts: Accounts) -> None:
    """At the end of a contract somebody confirms what became of the data; it is receipted, and opens nothing."""
    given, new = accounts.confirm(ACME, "terms", TERMS, way="destroyed", on=date(2029, 4, 9), by="  Jo  Smith ")
    again, anew = accounts.confirm(ACME, "terms", TERMS, way="destroyed", on=date(2029, 4, 9), by="Al Jones")
    other, _ = accounts.confirm(ACME, "terms", TERMS, way="returned", on=date(2029, 4, 9), by="Jo Smith")

    assert (given.kind, given.confirmed_by, new, anew) == ("returned", "Jo Smith", True, False)
    assert given.statement == ("On 9 April 2029 all data supplied for this contract, every copy of it and everything "
                               "made from it that contains it, was destroyed.")
    assert again == given != other
    assert accounts.verify(accounts.sealed(given)) == given
    assert accounts.lacking("Acme", "north", asked()) == {"terms"}


@pytest.mark.parametrize(("way", "by"), [("lost", "Jo"), ("destroyed", "  "), ("destroyed", "J\0o"),
                                         ("destroyed", "x" * 201)])
def test_what_cannot_be_confirmed(accounts: Accounts, way: str, by: str) -> None:
    """A confirmation says what became of the data and who says so, in letters; anything else is refused."""
    with pytest.raises(AccountsError, match="who confirms it"):
        accounts.confirm(ACME, "terms", TERMS, way=way, on=date(2029, 4, 9), by=by)


@pytest.mark.parametrize("statement", [
    "UPDATE receipts SET org = 'Other'", "UPDATE receipts SET version = '2026-2'", "DELETE FROM receipts",
    "UPDATE receipts SET address = '198.51.100.1'", "UPDATE receipts SET given_by = 'key:other'",
    "UPDATE receipts SET confirmed_by = 'Al'",
])  # fmt: skip
def test_the_database_itself_keeps_receipts(place: Place, accounts: Accounts, statement: str) -> None:
    """Receipts are only added: the database refuses to change or delete one, whoever asks."""
    receipt, _ = accounts.accept(ACME, "terms", TERMS)
    with pytest.raises(DBAPIError, match="only added"):
        place.sql(statement)
    assert accounts.receipts() == (receipt,)


def test_persons_are_forgotten_and_the_acceptance_stays(accounts: Accounts, clock: Clock) -> None:
    """Forgetting takes out of old receipts who gave them and from where; what was accepted stays, holds, and the
    receipt that the organisation kept is still genuine."""
    by_key, _ = accounts.accept(ACME, "terms", TERMS)
    by_person, _ = accounts.accept(Party("County", "staff", "Staff", None, "session:jo.smith", "203.0.113.8"), "terms",
                                   TERMS)
    signed, _ = accounts.confirm(ACME, "terms", TERMS, way="destroyed", on=date(2026, 7, 1), by="Jo Smith")
    kept = [accounts.sealed(receipt) for receipt in (by_key, by_person, signed)]
    clock.go(days=400)
    young, _ = accounts.accept(Party("Young", "north", "Contract north", None, "session:al", "198.51.100.1"), "terms",
                               TERMS)

    assert accounts.forget(date(2027, 7, 1)).receipts == 3
    assert accounts.forget(date(2027, 7, 1)).receipts == 0
    left = {receipt.id: receipt for receipt in accounts.receipts()}
    assert [(left[each.id].given_by, left[each.id].confirmed_by, left[each.id].address)
            for each in (by_key, by_person, signed)] == [
                ("key:abcd1234", None, None), (None, None, None), ("key:abcd1234", None, None)]
    assert left[young.id] == young
    assert accounts.lacking("Acme", "north", asked()) == frozenset()
    for document, receipt in zip(kept, (by_key, by_person, signed), strict=True):
        assert accounts.verify(document).id == receipt.id
        assert accounts.verify(accounts.sealed(left[receipt.id])) == left[receipt.id]


def test_accounts_of_before_are_brought_up_to_date(place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts made before there were receipts keep their keys and reads, and take receipts from then on."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with Accounts(place.url, now=clock) as old:
            issued = old.issue("north", "Acme", "Contract 12", LAST, "officer")
            old.record(Read(issued.key.who, "north", "streets", "e1", "r1", 7, 700, clock(), "items"))
    accounts = place.accounts(now=clock)

    assert accounts.find(issued.secret) == issued.key
    assert [reader.rows for reader in accounts.usage("streets").readers] == [7]
    accounts.accept(ACME, "terms", TERMS)
    assert accounts.lacking("Acme", "north", asked()) == frozenset()


def test_the_look_up_goes_by_an_index(tmp_path: Path) -> None:
    """Whether an organisation has accepted is found by an index, however many have."""
    url = f"sqlite:///{tmp_path}/accounts.sqlite"
    Accounts(url).close()
    with create_engine(url).connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT agreement, version, text_sha256 FROM receipts "
            "WHERE org = 'Acme' AND audience = 'north' AND kind = 'accepted'").all()
    assert [row[3] for row in plan] == [
        "SEARCH receipts USING COVERING INDEX receipts_once (org=? AND audience=? AND kind=?)"]


def test_keys_and_pulls_of_an_organisation(accounts: Accounts, clock: Clock) -> None:
    """An organisation is told of its own keys for a contract and of its last pulls with them: pages that follow each
    other are one pull, and nothing of another organisation or contract is in it."""
    one = accounts.issue("north", "Acme", "Program 1", LAST, "officer").key
    clock.go(seconds=1)
    two = accounts.issue("north", "Acme", "Program 2", LAST, "officer").key
    clock.go(seconds=-1)
    others = [accounts.issue(*held, "else", LAST, "officer").key for held in (("south", "Acme"), ("north", "Other"))]

    def read(who: str, layer: str, rows: int, kind: str = "items", audience: str = "north") -> None:
        accounts.record(Read(who, audience, layer, "e1", "r1", rows, rows * 100, clock(), kind))

    for _ in range(3):
        read(one.who, "streets", 1_000)
        clock.go(minutes=1)
    read(one.who, "segments", 5, "download")
    for other in others:
        read(other.who, "streets", 9, audience=other.audience)
    clock.go(minutes=10)
    read(one.who, "streets", 10)
    clock.go(minutes=2)
    accounts.flush()
    pulls = accounts.pulls_of("Acme", "north", clock())

    assert [(pull.layer, pull.kind, pull.reads, pull.rows, pull.bytes) for pull in pulls] == [
        ("streets", "items", 1, 10, 1_000), ("segments", "download", 1, 5, 500),
        ("streets", "items", 3, 3_000, 300_000)]
    assert pulls[2].began == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert pulls[2].ended == datetime(2026, 7, 1, 12, 2, tzinfo=UTC)
    assert [(each.key, each.last) for each in accounts.keys_of("Acme", "north", clock())] == [
        (one, datetime(2026, 7, 1, 12, 13, tzinfo=UTC)), (two, None)]
    assert len(accounts.pulls_of("Acme", "north", clock(), most=1)) == 1
    assert len(accounts.pulls_of("Acme", "north", datetime(2026, 7, 1, 12, 5, tzinfo=UTC))) == 2
    assert accounts.pulls_of("Nobody", "north", clock()) == ()


REGISTRY = """
title: Maps
description: Maps to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  north: {title: Contract north, within: public, until: 2029-03-31}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open, url: "https://example.org/ogl"}
agreements:
  terms: {title: Licence for contractors, version: "2026-1", purpose: To mend roads with., text: Be good.}
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
      north: {fields: all, agreement: terms}
      staff: {fields: all}
"""
Run = Callable[..., Result]


@pytest.fixture
def run(place: Place, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `hantsmap licences …` at the time of the clock, over a registry in which one grant asks."""
    monkeypatch.setattr(commands, "now", clock)
    monkeypatch.setattr(licences, "now", clock)
    monkeypatch.setenv("HANTSMAP_ACCOUNTS", place.url)
    registry = tmp_path / "layers.yaml"
    registry.write_text(REGISTRY)
    obj = {"registry": registry, "store": tmp_path / "store"}
    return lambda *words: CliRunner().invoke(licences.licences, words, obj=obj)


def test_who_accepted_and_who_has_not(run: Run, place: Place, clock: Clock) -> None:
    """`hantsmap licences` lists each acceptance, and each organisation with a working key that has yet to accept."""
    accounts = place.accounts(now=clock)
    for org, audience in (("Acme", "north"), ("Roads [red]Ltd", "north"), ("County", "staff"), ("Gone", "north")):
        issued = accounts.issue(audience, org, "tests", LAST, "officer")
    accounts.revoke(issued.key.id, "left")
    assert run().output.splitlines()[1:] == [
        "waiting  Acme            north     terms    2026-1",
        "waiting  Roads [red]Ltd  north     terms    2026-1"]
    ours, _ = accounts.accept(ACME, "terms", TERMS)
    older, _ = accounts.accept(ACME, "terms", REWORDED)
    clock.go(days=1)
    end, _ = accounts.confirm(ACME, "terms", TERMS, way="destroyed", on=date(2026, 7, 1), by="Jo")

    lines = run("list").output.splitlines()
    assert lines[0].split() == ["organisation", "audience", "licence", "version", "since", "by", "receipt"]
    assert [line.split() for line in lines[1:]] == [
        ["waiting", "Roads", "[red]Ltd", "north", "terms", "2026-1"],
        *sorted([["accepted", "Acme", "north", "terms", "2026-1", "2026-07-01", "12:00", "key:abcd1234", ours.id],
                 ["superseded", "Acme", "north", "terms", "2026-1", "2026-07-01", "12:00", "key:abcd1234", older.id]],
                key=lambda row: row[-1]),
        ["returned", "Acme", "north", "terms", "2026-1", "2026-07-02", "12:00", "Jo", end.id]]


def test_what_was_not_returned(run: Run, place: Place, clock: Clock) -> None:
    """After the last day of a contract, `hantsmap licences` says whose data nobody has confirmed to be returned."""
    accounts = place.accounts(now=clock)
    accounts.accept(ACME, "terms", TERMS)
    accounts.accept(Party("Roads", "north", "Contract north", None, "key:x"), "terms", TERMS)
    assert [line.split()[0] for line in run().output.splitlines()[1:]] == ["accepted", "accepted"]
    clock.moment = datetime(2029, 4, 1, 12, tzinfo=UTC)
    accounts.confirm(ACME, "terms", TERMS, way="returned", on=date(2029, 4, 1), by="Jo")
    assert sorted(line.split("  ")[0] for line in run().output.splitlines()[1:]) == ["ended", "returned", "to return"]


def test_forgetting_says_how_many_receipts(run: Run, place: Place, clock: Clock, tmp_path: Path) -> None:
    """`hantsmap forget` says from how many receipts it took the persons, and that the rest is left."""
    place.accounts(now=clock).accept(ACME, "terms", TERMS)
    done = CliRunner().invoke(commands.forget, ["--before", "2026-07-02"], obj={"store": tmp_path / "store"})
    assert done.output.splitlines() == [
        "Forgotten: 0 reads, 0 daily counts, 0 sessions from before 2026-07-02.",
        "Of 1 receipts only what the organisation accepted or confirmed is left."]


def test_no_receipts_yet(run: Run) -> None:
    """Where nothing was accepted and nobody waits, the command says so in a sentence."""
    assert run().output == "No licence was ever accepted, and no working key waits for one.\n"


def test_verify_says_whether_a_receipt_is_genuine(run: Run, place: Place, clock: Clock, tmp_path: Path) -> None:
    """`hantsmap licences verify` says what a genuine receipt says; a changed one, or none, ends with exit code 8."""
    accounts = place.accounts(now=clock)
    receipt, _ = accounts.accept(ACME, "terms", TERMS)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(accounts.sealed(receipt), indent=2))

    done = run("verify", str(file))
    assert done.exit_code == 0
    assert done.output.splitlines()[:3] == [
        "Genuine: the seal holds, and the accounts have this receipt.", f"  Receipt: {receipt.id}",
        "  Organisation: Acme"]

    file.write_text(json.dumps({**accounts.sealed(receipt), "org": "Other"}))
    done = run("verify", str(file))
    assert (done.exit_code, done.output) == (
        8, "The seal does not hold: this receipt was changed after it was given.\n")
    for text in ("", "[]", "{", '"x"', "{}", '{"seal": {"method": "none"}}'):
        file.write_text(text)
        assert run("verify", str(file)).exit_code == 8, text
    assert run("verify", str(tmp_path / "nothing.json")).exit_code == 2
