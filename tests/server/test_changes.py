"""`/collections/{layer}/changes`: what changed since a state, for whoever asks, in either form and every system."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shops
from flask.testing import FlaskClient
from questions import COUNTS, inside, link, problem
from truth import URIS

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "changes"))
from orchard import Orchard, applied, digest, tree

from hantsmap.changes.keeping import _whole_rendition
from server import spool
from server.answer import FilePart


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Orchard:
    """An orchard of three states: a tree left the contract's area, a note was edited, a tree felled, one planted."""
    made = Orchard(tmp_path_factory.mktemp("changes") / "orchard")
    made.publish()
    made.rows |= {1: tree(1, x=444_000), 2: tree(2, note="seen by staff"), 13: tree(13)}
    del made.rows[3]
    made.publish()
    made.rows[4] = tree(4, name="Renamed")
    made.publish()
    return made


@pytest.fixture(scope="module")
def clients(orchard: Orchard) -> dict[str, FlaskClient]:
    """Those who ask, by audience."""
    return {audience: shops.application(orchard.store.root, audience=audience).test_client()
            for audience in ("public", "crew", "staff")}


@pytest.fixture
def staff(clients: dict[str, FlaskClient]) -> FlaskClient:
    """Asks as the staff."""
    return clients["staff"]


def asked(client: FlaskClient, query: str, layer: str = "trees") -> list[tuple[object, ...]]:
    """What is told: sequence, what was done, and to which."""
    answer = client.get(f"/collections/{layer}/changes?{query}")
    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson"), answer.text
    lines = [json.loads(line) for line in answer.data.splitlines()]
    assert answer.headers["OGC-NumberReturned"] == str(len(lines))
    return sorted((line["seq"], line["op"], line["id"]) for line in lines)


def test_each_audience_is_told_what_it_could_see(clients: dict[str, FlaskClient]) -> None:
    """The same edits: to the public a square that changed, to the crew a tree that is gone, to the staff all of it."""
    assert asked(clients["public"], "since=1") == [
        (3, "delete", "t03"), (3, "insert", "t13"), (3, "update", "t01"), (3, "update", "t04")]
    assert asked(clients["crew"], "since=1", "contract_trees") == [
        (3, "delete", "t01"), (3, "delete", "t03"), (3, "update", "t04")]
    assert asked(clients["staff"], "since=1") == [
        (3, "delete", "t03"), (3, "insert", "t13"), *((3, "update", name) for name in ("t01", "t02", "t04"))]
    assert asked(clients["staff"], "since=1&history=all")[-1] == (3, "update", "t04")
    assert [line[0] for line in asked(clients["staff"], "since=1&history=all")] == [2, 2, 2, 2, 3]


def test_what_is_not_granted_is_not_there(clients: dict[str, FlaskClient]) -> None:
    """A layer that an audience may not see has no changes for it either, like one that never was."""
    for layer in ("contract_trees", "never_there"):
        sentence = problem(clients["public"], clients["public"].get(f"/collections/{layer}/changes?since=0"), 404)
        assert sentence == f"There is no collection `{layer}` here. The collections are listed at /collections."


def test_a_feed_is_a_download_in_parts(staff: FlaskClient, orchard: Orchard, tmp_path: Path) -> None:
    """Where downloads are not granted there are no changes, no link to them, and no word of them in OpenAPI."""
    other = Orchard(tmp_path / "other")
    file = other.root / "layers.yaml"
    other.publish()
    from hantsmap.publish import Workshop, publish
    from hantsmap.registry import read

    usual = "fields: [code, name, state], rows"
    file.write_text(file.read_text().replace(usual, f"downloads: false, {usual}"))
    publish(Workshop(read(file), other.store, other.root / "data"))
    client = shops.application(other.store.root).test_client()

    problem(client, client.get("/collections/trees/changes?since=0"), 404)
    assert link(client.get("/collections/trees").get_json(), "version-history") is None
    assert not any(path.endswith("/changes") for path in client.get("/openapi").get_json()["paths"])
    assert staff.get("/collections/trees/changes?since=0").status_code == 200


@pytest.mark.parametrize("audience", ["public", "crew", "staff"])
@pytest.mark.parametrize("since", [0, 1, 2])
@pytest.mark.parametrize("history", ["net", "all"])
def test_what_was_held_and_what_changed_is_what_there_is(
    clients: dict[str, FlaskClient], orchard: Orchard, audience: str, since: int, history: str
) -> None:
    """Byte for byte, and the headers say how many features there are, and their digest."""
    layer = "contract_trees" if audience == "crew" else "trees"
    answer = clients[audience].get(
        f"/collections/{layer}/changes?since={since}&history={history}&crs={URIS['27700']}")
    got = applied(orchard.seen.get((audience, layer, since), ({}, ""))[0], [answer.data],
                  whole=history == "net")
    sequence = int(answer.headers["HantsMap-Sequence"])

    assert (got, digest(got)) == orchard.seen[audience, layer, sequence]
    assert answer.headers["HantsMap-Digest"] == digest(got)
    assert answer.headers["HantsMap-Features"] == str(len(got))
    assert answer.headers["Content-Crs"] == f"<{URIS['27700']}>"
    document = clients[audience].get(f"/collections/{layer}").get_json()
    assert (document["sequence"], document["digest"], document["numberOfFeatures"]) == (sequence, digest(got), len(got))


@pytest.mark.parametrize("system", [*URIS, None])
def test_as_geojson(staff: FlaskClient, system: str | None) -> None:
    """One FeatureCollection, with what was done beside the members of each feature; coordinates are those of items."""
    crs = f"&crs={URIS[system]}" if system else ""
    answer = staff.get(f"/collections/trees/changes?since=1&f=geojson{crs}")
    body = answer.get_json()
    items = {each["id"]: each for each in staff.get(f"/collections/trees/items?{crs[1:]}").get_json()["features"]}
    told = {each["id"]: each for each in body["features"]}

    assert answer.content_type == "application/geo+json"
    assert (body["numberReturned"], body["sequence"], body["digest"]) == (5, 3, answer.headers["HantsMap-Digest"])
    assert ("crs" in body) == (system in ("27700", "3857"))
    assert told.pop("t03") == {
        "type": "Feature", "id": "t03", "geometry": None, "properties": None, "seq": 3, "op": "delete",
        "changed_at": told["t01"]["changed_at"], "changetype": "End Of Life", "collection": "trees",
        "fields_changed": []}
    assert {name: (each["geometry"], each["properties"]) for name, each in told.items()} == {
        name: (items[name]["geometry"], items[name]["properties"]) for name in told}
    assert staff.get(inside(link(body, "next") or "")).get_json()["features"] == []
    assert staff.get(inside(link(body, "self") or "")).data == answer.data


def test_nothing_changed(staff: FlaskClient) -> None:
    """Since the state that holds now: 200 and nothing, in both forms."""
    answer = staff.get("/collections/trees/changes?since=3")
    assert (answer.status_code, answer.data, answer.headers["OGC-NumberReturned"]) == (200, b"", "0")
    assert staff.get("/collections/trees/changes?since=3&f=geojson").get_json()["features"] == []
    document = staff.get("/collections/trees").get_json()
    assert staff.get(inside(link(document, "version-history") or "")).data == b""


@pytest.mark.parametrize(("query", "parameter", "words"), [
    ("", "since", "Say since when: since=12"), ("since=", "since", "Say since when"),
    ("since=4", "since", "since=4 is yet to come. The sequence of trees is 3 now."),
    ("since=yesterday", "since", "neither a sequence, such as 12, nor a time"),
    ("since=2999-01-01T00:00:00Z", "since", "is yet to come"), ("since=1&since=2", "since", "stands 2 times"),
    ("since=1&history=some", "history", "Choose net"), ("since=1&limit=3", "limit", "is not a parameter"),
    ("since=1&crs=EPSG:1", "crs", "EPSG:1"), ("since=1&f=xml", "f", "Choose one of ndjson, geojson"),
])
def test_questions_that_cannot_be_meant(staff: FlaskClient, query: str, parameter: str, words: str) -> None:
    """Each is refused with a sentence, and the parameter is named."""
    assert words in problem(staff, staff.get(f"/collections/trees/changes?{query}"), 400, parameter)


def test_after_a_narrower_grant(tmp_path: Path) -> None:
    """What was public and is withheld now is at no address of the feed. Older sequences and times get 410, with the
    oldest sequence in the problem document; from 0, everything that may be seen is told."""
    other = Orchard(tmp_path / "other", grants="wide")
    other.rows[1] = tree(1, name="Exact name", x=444_444)
    other.publish()
    other.grants = "nameless"
    other.publish()
    client = shops.application(other.store.root, audience="public").test_client()
    here = "/collections/trees/changes?since="

    for query in ("1", "1&history=all", "1&f=geojson", "1&history=all&f=geojson", "2020-01-01T00:00:00Z"):
        answer = client.get(here + query)
        problem(client, answer, 410)
        assert (answer.get_json()["oldest"], "Exact name" in answer.text) == (2, False)
    for query in ("0", "0&history=all", "2", "2&history=all", "0&history=all&f=geojson"):
        answer = client.get(here + query)
        assert (answer.status_code, b"Exact name" in answer.data, b"height" in answer.data) == (200, False, False)
        assert answer.headers["OGC-NumberReturned"] == ("12" if query.startswith("0") else "0")


def test_what_is_no_longer_kept(staff: FlaskClient, tmp_path: Path) -> None:
    """410 where the older rendition is gone, with the oldest state that can be asked from."""
    other = Orchard(tmp_path / "other")
    for name in ("A", "B", "C"):
        other.rows[1] = tree(1, name=name)
        other.publish()
    gone = other.store.history("trees")[-1].renditions["staff"]
    (other.store.rendition("trees", gone) / "rendition.json").unlink()
    for path in (other.store.root / "changes").rglob("changes.json"):
        path.unlink()
    _whole_rendition.cache_clear()
    client = shops.application(other.store.root, audience="staff").test_client()

    answer = client.get("/collections/trees/changes?since=1")
    assert "The oldest sequence that changes can be asked from is 2" in problem(client, answer, 410)
    assert client.get("/collections/trees/changes?since=2").status_code == 200


def test_validators(clients: dict[str, FlaskClient]) -> None:
    """While nothing changed the answer is 304; another state, form, system or history is another answer."""
    client = clients["staff"]
    queries = [f"since={since}&history={history}&f={form}&crs={crs}" for since in (0, 1, 2, 3)
               for history in ("net", "all") for form in ("ndjson", "geojson") for crs in URIS.values()]
    tags = [client.get(f"/collections/trees/changes?{query}").headers["ETag"] for query in queries]
    assert len(set(tags)) == len(queries)
    again = client.get(f"/collections/trees/changes?{queries[0]}", headers={"If-None-Match": tags[0]})
    assert (again.status_code, again.data, again.headers["HantsMap-Sequence"]) == (304, b"", "3")
    head = client.head(f"/collections/trees/changes?{queries[0]}")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tags[0])


def test_changes_are_written_down(orchard: Orchard, clients: dict[str, FlaskClient],
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal is told how many changes were read, and that it was changes."""
    seen = []
    client = clients["staff"]
    entrance = client.application.extensions["hantsmap-entrance"]
    monkeypatch.setattr(entrance, "write_down", lambda visit, status, size: seen.append(
        (visit.read.entry.layer, visit.read.rows, visit.read.kind, status)))
    client.get("/collections/trees/changes?since=1")
    assert seen == [("trees", 5, "changes", 200)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answers of more than 2 kB are too large to be held in memory."""
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 2_000)
    yield


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("form", ["ndjson", "geojson"])
def test_large_answers_are_files(orchard: Orchard, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes as from memory, compressed for those who ask; written once; and gone when there is no room."""
    query = f"/collections/trees/changes?since=0&f={form}"
    plain = shops.application(orchard.store.root, audience="staff").test_client()
    first = [plain.get(query) for _ in range(2)]
    packed = plain.get(query, headers={"Accept-Encoding": "gzip"})
    spooled = plain.application.extensions["hantsmap-entrance"].served.spool
    assert first[0].data == first[1].data and len(first[0].data) > 4_000
    # GeoJSON has links with the address of the service: its file is not compressed, and is kept for every address.
    if form == "ndjson":
        assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < 4_000
        assert gzip.decompress(packed.data) == first[0].data
    else:
        assert "Content-Encoding" not in packed.headers and packed.data == first[0].data
    assert [name.endswith(".gz") for name in spooled._kept] == ([False, True] if form == "ndjson" else [False])
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 1 << 20)
    fresh = shops.application(orchard.store.root, audience="staff").test_client()
    assert fresh.get(query).data == first[0].data and not fresh.application.extensions[
        "hantsmap-entrance"].served.spool._kept
    for each in (*first, packed):
        each.close()
    monkeypatch.setattr(spool, "MOST_BYTES", spooled._space.used)
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 2_000)
    assert spooled.body("other", [b"x" * 3_000], compressed=False).end == 3_000  # type: ignore[union-attr]
    assert "other" in spooled._kept and spooled._space.used <= spool.MOST_BYTES


def test_a_write_that_fails_leaves_nothing(orchard: Orchard, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks off while it is written is not kept, and is not given to the next who asks."""
    kept = spool.Spool()
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 10)

    def breaking() -> Iterator[bytes]:
        yield b"x" * 20
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        kept.body("key", breaking(), compressed=False)
    gc.collect()
    assert kept._kept == {} and kept._space.used == 0


def test_nothing_is_left_in_the_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Temporary files have no name: a process that is killed leaves none behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 10)
    kept = spool.Spool()
    assert isinstance(kept.body("key", [b"x" * 20], compressed=False), FilePart) and kept._space.used == 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layer", sorted(COUNTS))
def test_everything_of_every_layer(client: FlaskClient, layer: str) -> None:
    """Since the beginning, every layer of the county is told whole: as many features as there are, and their digest."""
    answer = client.get(f"/collections/{layer}/changes?since=0&crs={URIS['27700']}")
    got = applied({}, [answer.data])

    assert len(got) == COUNTS[layer] and digest(got) == answer.headers["HantsMap-Digest"]
    assert hashlib.sha256(b"").hexdigest() != answer.headers["HantsMap-Digest"]
