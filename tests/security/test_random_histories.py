"""Random sequences of publications, narrower and wider grants, withdrawals, restored editions, prunes and erasures.

After each step every audience is answered as by a store that has only what it may see, and nothing of what is withheld
is anywhere: in no page, version, change, file or manifest.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
import shops
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from kinds import examples

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "changes"))
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "erasure"))
from county_with_people import unpacked
from orchard import Orchard, tree

from hantsmap.catalogue import Entry
from hantsmap.downloads import default_folder
from hantsmap.erasure import RecordNotFoundError, erase
from hantsmap.prune import prune
from hantsmap.store import HistoryStart, Promotion, Step, Store, files

# Who is compared, on which layer. The staff sees everything.
VIEWS = (("public", "trees"), ("crew", "contract_trees"))
# Under which grants of the public on `trees` everything may be seen that another one shows: by hand.
WIDER = {("nameless", "usual"), ("nameless", "heights"), ("nameless", "wide"), ("usual", "heights"), ("usual", "wide")}
TOKEN = re.compile(r"zq\d+")
STEPS = st.lists(st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(["name", "note", "state", "gone", "back"]), st.integers(1, 4)),
    st.tuples(st.just("grants"), st.sampled_from(["usual", "wide", "heights", "nameless", "staff only"])),
    st.tuples(st.just("layer"), st.booleans()), st.tuples(st.just("restore"), st.integers(0, 3)),
    st.tuples(st.just("prune"), st.integers(0, 1)), st.tuples(st.just("erase"), st.integers(1, 4), st.booleans()),
), min_size=1, max_size=3)


class History:
    """An orchard, one server for each audience that stays up, and what the public may have been told by hand."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.tokens, self.day = folder, 0, datetime(2026, 3, 1, tzinfo=UTC)
        self.given: dict[int, set[str]] = {}
        patch.setattr("hantsmap.promoting.now", lambda: self.day)
        self.orchard = Orchard(folder / "orchard", rows={number: self.tree(number) for number in range(1, 5)})
        self.start, self.under = 1, ""
        self.erased: set[int] = set()
        self.publish()
        self.apps = {audience: shops.application(self.orchard.store.root, folder / f"files-{audience}",
                                                 audience=audience).test_client() for audience, _ in VIEWS}

    def tree(self, number: int) -> dict[str, object]:
        """A tree with values that stand nowhere else."""
        self.tokens += 2
        mine = (f"zq{self.tokens}", f"zq{self.tokens + 1}")
        self.given.setdefault(number, set()).update(mine)
        return tree(number, name=mine[0], note=mine[1])

    def take(self, step: tuple[object, ...]) -> None:
        """Do one thing."""
        kind, what = step[0], step[1]
        orchard = self.orchard
        if kind == "edit":
            self.edit(str(what), int(str(step[2])))
        elif kind == "grants":
            orchard.grants = str(what)
        elif kind == "layer":
            orchard.layered = bool(what)
        if kind == "prune":
            prune(orchard.store, int(str(what)))
        elif kind == "erase":
            self.erase(int(str(what)), at_the_source=bool(step[2]))
        elif kind == "restore" and orchard.layered:
            known = [name for name in orchard.editions() if orchard.store.edition("trees", name).is_dir()]
            self.day += timedelta(days=1)
            orchard.restore(orchard.editions().index(known[int(str(what)) % len(known)]))
        else:
            self.publish()

    def edit(self, what: str, number: int) -> None:
        """Change one row, and never take away the last."""
        rows = self.orchard.rows
        if what == "gone" and len(rows) > 2:
            rows.pop(number, None)
        elif what == "state" and number in rows:
            rows[number] |= {"state": "shut" if rows[number]["state"] == "open" else "open"}
        else:
            made = self.tree(number)
            rows[number] = made if number not in rows else rows[number] | {
                key: value for key, value in made.items() if key == what}

    def erase(self, number: int, *, at_the_source: bool) -> None:
        """Erase a tree from both layers, and perhaps delete it at the source."""
        if at_the_source:
            self.orchard.rows.pop(number, None)
        self.day += timedelta(days=1)
        store = self.orchard.store
        for layer in ("trees", "contract_trees"):
            with suppress(RecordNotFoundError):
                erase(store, default_folder(store.root), layer, f"t{number:02d}", "request 12")
                self.erased.add(number)
        self.orchard.note()

    def publish(self) -> None:
        """Publish on the next day, and work out by hand where the public's history starts."""
        self.day += timedelta(days=1)
        # A layer without a row is a finding that blocks.
        self.orchard.rows[9] = self.orchard.rows.get(9) or tree(9, name="always")
        self.orchard.publish()
        now = self.orchard.grants if self.orchard.layered and self.orchard.grants != "staff only" else ""
        entry = self.orchard.entry("public")
        if entry is not None and (self.under != now) and (self.under, now) not in WIDER:
            self.start = entry.sequence
        self.under = now


def alone(history: History, audience: str, root: Path) -> Store:
    """A store with the states that one audience may see, and of older states nothing but their number."""
    store, full = Store(root), history.orchard.store
    with store.publishing():
        store.keep_site(full.site_or_empty())
        horizon = full.horizon()
        if horizon:
            store.keep_horizon(horizon)
        for layer in ("contract_trees", "trees"):
            entry = history.orchard.entry(audience, layer)
            if entry is None:
                continue
            for step in entry.timeline:
                first = next(each for each in entry.timeline if each.readable)
                _promote_alone(store, full, audience, layer, step, first)
            _keep_deletions_alone(store, full, layer, entry)
    return store


def _keep_deletions_alone(store: Store, full: Store, layer: str, entry: Entry) -> None:
    """Keep what leads from states that were erased to the state of today: whoever held one is told what to delete."""
    states = {step.rendition for step in entry.timeline if step.readable and step.rendition}
    for older in (name for name in states if not full.rendition(layer, name).is_dir()):
        for newer in states:
            place = full.changes(layer, older, newer)
            if place.is_dir() and not store.changes(layer, older, newer).exists():
                store.changes(layer, older, newer).parent.mkdir(parents=True, exist_ok=True)
                store.changes(layer, older, newer).symlink_to(place)


def _promote_alone(store: Store, full: Store, audience: str, layer: str, step: Step, first: Step) -> None:
    name = step.rendition if step.readable else step.rendition and f"closed-{step.sequence}"
    place = full.rendition(layer, name or "")
    if step.readable and name and place.is_dir() and not store.rendition(layer, name).exists():
        store.rendition(layer, name).parent.mkdir(parents=True, exist_ok=True)
        store.rendition(layer, name).symlink_to(place)
    store.promote(Promotion(
        layer=layer, sequence=step.sequence, action="published", made_at=step.since, edition=None,
        renditions={audience: name} if name else {}, source_inputs="", grant_inputs="",
        history={audience: HistoryStart(promotion=first.sequence)}))


def addresses(layer: str, entry: Entry) -> Iterator[str]:
    """What is asked of a layer after each step."""
    here = f"/collections/{layer}"
    yield from (f"{here}?f=json", f"{here}/items?limit=2", f"{here}/downloads/{layer}.geojson")
    for number in range(entry.sequence + 2):
        yield from (f"{here}/changes?since={number}", f"{here}/changes?since={number}&history=all",
                    f"{here}/items?version={number}",
                    f"{here}/items?version={number}&filter=code<'t04'&limit=1")


def heard(client: FlaskClient, address: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers without the time of day, and body."""
    answer = client.get(address)
    return answer.status_code, {name: told for name, told in answer.headers if name not in ("Date", "Last-Modified")}, \
        answer.data


def told(text: bytes) -> set[str]:
    """The canaries in an answer."""
    return set(TOKEN.findall(text.decode("utf-8", "replace")))


def allowed(history: History, audience: str, layer: str, entry: Entry, start: int) -> set[str]:
    """Canaries that an audience may be told: of rows that it sees now, as it saw them from `start` on."""
    now = history.orchard.seen[audience, layer, entry.sequence][0]
    return {token for number in range(start, entry.sequence + 1)
            for name, text in history.orchard.seen.get((audience, layer, number), ({}, ""))[0].items()
            if name in now for token in told(text)}


def check(history: History, root: Path) -> None:
    """Each audience hears what it would hear from a store of its own, and no canary that it may not be told; nothing of
    an erased tree is in any file of the store."""
    erased = {token for number in history.erased for token in history.given[number]}
    if erased:
        for path in (path for path in history.orchard.store.root.rglob("*") if path.is_file()):
            assert not {token for part in unpacked(path) for token in told(part)} & erased, path
    for audience, layer in VIEWS:
        client, entry = history.apps[audience], history.orchard.entry(audience, layer)
        client.application.extensions["hantsmap"].look()
        if entry is None:
            assert client.get(f"/collections/{layer}/changes?since=0").status_code == 404
            continue
        store = alone(history, audience, root / audience)
        lone = shops.application(store.root, root / f"files-{audience}", audience=audience).test_client()
        start = history.start if audience == "public" else 1
        may = allowed(history, audience, layer, entry, start) - erased
        for address in addresses(layer, entry):
            ours = heard(client, address)
            assert ours == heard(lone, address), address
            assert not told(ours[2]) - may, address
            assert ours[0] < 500 or "downloads" in address, address
        if audience == "public":
            for number in range(1, start):
                answer = client.get(f"/collections/{layer}/changes?since={number}&history=all")
                assert (answer.status_code, client.get(f"/collections/{layer}/items?version={number}").status_code) \
                    == (410, 410)
        assert client.get(f"/collections/{layer}/changes?since=0&history=all").status_code == 200
        manifest = json.loads(heard(client, f"/collections/{layer}/downloads?f=json")[2])
        assert manifest["sequence"] == entry.sequence


@settings(max_examples=examples(30) // 5, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@example([("grants", "wide"), ("edit", "name", 2), ("grants", "nameless")])
@example([("edit", "state", 2), ("edit", "name", 3), ("erase", 2, False), ("edit", "name", 4), ("restore", 0)])
@example([("edit", "gone", 3), ("erase", 3, True), ("edit", "back", 3), ("erase", 1, True), ("prune", 0)])
@given(STEPS)
def test_after_each_step_an_audience_hears_only_what_it_may(steps: list[tuple[object, ...]]) -> None:
    """Whatever was done, in whatever order: an audience hears the same bytes, headers included, as from a store that
    never had anything else; closed states are 410; no canary is heard that is not in a row the audience sees now, from
    where its history starts by a table written by hand."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, pytest.MonkeyPatch.context() as patch:
        history = History(Path(folder), patch)
        for number, step in enumerate(steps):
            history.take(step)
            check(history, Path(folder) / f"alone-{number}")


def test_records_of_closed_states_name_nothing(tmp_path: Path) -> None:
    """A promotion says where the history starts and what may be seen, by digest: never a value of the layer."""
    with pytest.MonkeyPatch.context() as patch:
        history = History(tmp_path, patch)
        history.take(("grants", "nameless"))
    for path in (history.orchard.store.root / "promotions").rglob("*.json"):
        assert not told(path.read_bytes()) and files.read_record(path)["history"]
