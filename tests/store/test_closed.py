"""A newest promotion that cannot be read closes its layer: it may have withdrawn it, or narrowed what is shown."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from workbench import Workbench, tree

from hantsmap.store import Store, layout
from server import create_app
from server.settings import Settings

GRANTS = "fields: [code, name, kind, height]"
ADDRESSES = ["", "/items", "/items?f=csv", "/items/t0001", "/items.csv", "/schema", "/queryables", "/changes?since=0",
             "/changes?since=0&history=all", "/downloads", "/downloads/trees.csv", "/downloads/trees.gpkg", "/tiles",
             "/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad/0/0/0", "/styles", "/styles/maplibre", "/series"]
LISTS = ["/collections", "/openapi", "/map/layers.json", "/map/names.json", "/tiles", "/", "/attributions"]


def client_of(bench: Workbench, audience: str = "public") -> FlaskClient:
    """A client of a server that has just started."""
    return create_app(Settings(bench.store.root, audience)).test_client()


def newest(bench: Workbench) -> Path:
    """The newest promotion of the trees."""
    return bench.store.promotion_files("trees")[0]


def damage(path: Path, how: str) -> None:
    """Spoil a record."""
    content = path.read_bytes()
    path.write_bytes({"flipped": content[:40] + bytes([content[40] ^ 1]) + content[41:], "halved":
                      content[:len(content) // 2], "empty": b""}[how])


@pytest.mark.parametrize("how", ["flipped", "halved", "empty"])
@pytest.mark.parametrize("running", [True, False], ids=["running", "started after"])
@pytest.mark.parametrize("change", ["narrowed", "withdrawn"])
def test_damaged_newest_promotion_brings_nothing_back(
        published: Workbench, change: str, running: bool, how: str, caplog: pytest.LogCaptureFixture) -> None:
    """After a narrowing or a withdrawal whose record is damaged, 503 to those who saw the layer; the wider rules never
    return; health is degraded, the log has the file, and publishing heals it."""
    before = client_of(published)
    if change == "narrowed":
        published.say(GRANTS, "fields: [code, name]")
    else:
        registry = published.registry.read_text()
        published.registry.write_text(registry[:registry.index("  trees:")] + registry[registry.index("  benches:"):])
    published.publish()
    file = newest(published)
    damage(file, how)
    client = before if running else client_of(published)
    with caplog.at_level(logging.WARNING, "hantsmap"):
        client.application.extensions["hantsmap"].look()
    answer = client.get("/collections/trees/items")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json["detail"] == "`trees` cannot be read just now. Try again in 60 s."
    assert client.get("/collections/benches/items").status_code == 200
    health = client.get("/health")
    assert (health.status_code, health.json["status"], health.json["damaged"]) == (200, "degraded", 1)
    assert health.json["reasons"] == ["Cannot be read and are not served: trees."]
    assert str(file) in caplog.text
    published.publish()
    client.application.extensions["hantsmap"].look()
    assert client.get("/health").json["reasons"] == []
    assert client.get("/collections/trees").status_code == (200 if change == "narrowed" else 404)


def test_no_address_serves_a_closed_layer(published: Workbench) -> None:
    """Every address of the layer is 503 or unknown, and no list has it: neither its title nor its values."""
    published.trees([tree(number) for number in range(1, 20)])
    published.publish()
    damage(newest(published), "flipped")
    client = client_of(published)
    for address in ADDRESSES:
        answer = client.get(f"/collections/trees{address}")
        assert answer.status_code == 503 or (address in ("/items.csv",) and answer.status_code == 404), address
        assert b"Tree 1" not in answer.data
    for address in LISTS:
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == 200 and b"trees" not in answer.data.lower(), address
    tile = client.get("/tiles/WebMercatorQuad/0/0/0?collections=trees")
    assert tile.status_code in (400, 404, 503) and b"Tree 1" not in tile.data


def test_only_those_whom_every_promotion_shows_it_to_are_told(published: Workbench) -> None:
    """Staff saw the layer in every promotion: 503. The public did in the first one only: 404, and health says nothing
    of it."""
    grants = published.registry.read_text()
    published.say(grants[grants.index("      public:\n"):grants.index("      staff: {fields: all}")], "")
    published.publish()
    assert set(published.store.current("trees").renditions) == {"staff"}
    published.say("description: Trees to test with.", "description: Trees.")
    published.publish()
    damage(newest(published), "empty")
    public, staff = client_of(published), client_of(published, "staff")
    assert [client.get("/collections/trees/items").status_code for client in (public, staff)] == [404, 503]
    assert public.get("/health").json["status"] == "ok"
    assert staff.get("/health").json["reasons"] == ["Cannot be read and are not served: trees."]


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES])
def test_a_failure_to_read_is_not_kept(published: Workbench, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """While the newest promotion cannot be opened the layer is closed; it is served again as soon as it can, with no
    publication. A single read error of the disk is not even noticed."""
    published.say(GRANTS, "fields: [code, name]")
    published.publish()
    file, read, failing = newest(published), Path.read_bytes, [99]

    def read_bytes(path: Path) -> bytes:
        if path == file and failing[0]:
            failing[0] -= 1
            raise OSError(code, "injected")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    client = client_of(published)
    assert client.get("/collections/trees/items").status_code == 503
    failing[0] = 0
    client.application.extensions["hantsmap"].look()
    assert set(client.get("/collections/trees/items").json["features"][0]["properties"]) == {"code", "name"}
    failing[0] = 1
    assert client_of(published).get("/collections/trees/items").status_code == (200 if code == errno.EIO else 503)


def test_publishing_heals_even_if_an_older_promotion_has_the_same_inputs(published: Workbench) -> None:
    """The trees go, and come back: the damaged second promotion is not taken for the first one."""
    published.trees([tree(1)])
    published.publish()
    published.trees([tree(number) for number in range(1, 31)])
    damage(newest(published), "flipped")
    assert published.publish("trees")["trees"].state == "published"
    assert client_of(published).get("/collections/trees/items").json["numberMatched"] == 30


def test_a_damaged_rendition_is_felt_by_its_audience_only(published: Workbench) -> None:
    """The staff's rendition is halved: the public's answers stay, byte for byte, and only the staff get 503."""
    public, staff = client_of(published), client_of(published, "staff")
    addresses = ["/collections", "/collections/trees", "/collections/trees/items", "/health", "/openapi"]
    before = [public.get(address).data for address in addresses]
    path = published.rendition("trees", "staff") / "attributes.arrow"
    path.write_bytes(path.read_bytes()[:100])
    for client in (public, staff):
        client.application.extensions["hantsmap"].look()
    assert [public.get(address).data for address in addresses] == before
    assert [client_of(published).get(address).data for address in addresses] == before
    assert staff.get("/collections/trees/items").status_code == 503


def test_rot_that_keeps_size_and_time_is_found(published: Workbench) -> None:
    """A bit that flips without a change of size, time or inode is found by the slow check, in files and in promotions,
    which reads a part of the store at a time."""
    import os

    client = client_of(published)
    served = client.application.extensions["hantsmap"]
    for path in (published.rendition("trees", "public") / "features.crs84.json", newest(published)):
        facts, content = path.stat(), path.read_bytes()
        with path.open("r+b") as file:
            file.seek(60)
            file.write(bytes([content[60] ^ 1]))
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        served.look()
        assert client.get("/collections/trees").status_code == 200
        for _ in range(4):
            served.check_some()
            served.look()
        assert client.get("/collections/trees").status_code == 503
        path.write_bytes(content)
        served.look()
        assert client.get("/collections/trees").status_code == 200


def test_store_that_disappears_is_closed_and_comes_back(published: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """While the folder is away, 503 to those who saw the layers, and one line in the log; then all is served again."""
    client = client_of(published)
    served = client.application.extensions["hantsmap"]
    root = published.store.root
    root.rename(root.with_name("away"))
    for _ in range(3):
        served.look()
    assert client.get("/collections/trees/items").status_code == 503
    assert client.get("/collections/nothing/items").status_code == 404
    health = client.get("/health")
    assert (health.status_code, health.json["reasons"][0]) == (503, "The store cannot be read.")
    assert caplog.text.count("Nothing is served from the store.") == 1
    root.with_name("away").rename(root)
    served.look()
    assert client.get("/collections/trees/items").json["numberMatched"] == 30
    assert client.get("/health").json["reasons"] == []
    assert "The store can be read." in caplog.text


def test_older_store_is_not_served_until_it_is_published_again(published: Workbench) -> None:
    """503 with the reason; naming layers is refused; a full publication writes it again, and the running server takes
    it up."""
    (published.store.root / layout.NAME).write_text("hantsmap store 1\n")
    client = client_of(published)
    assert client.get("/collections/trees/items").status_code == 503
    assert client.get("/health").json["reasons"] == [
        "An older version wrote the store: it has to be published again."]
    done = published.command("publish", "trees")
    assert done.returncode == 6 and "Run `hantsmap publish` once, without naming layers" in done.stderr
    assert published.command("publish").returncode == 0
    client.application.extensions["hantsmap"].look()
    assert client.get("/collections/trees/items").json["numberMatched"] == 30
    assert client.get("/health").json["status"] == "ok"


def test_newer_store_closes_a_running_server(published: Workbench) -> None:
    """When a newer version takes the store over, a running server stops serving from it, and says why in the log."""
    client = client_of(published)
    served = client.application.extensions["hantsmap"]
    (published.store.root / layout.NAME).write_text(f"hantsmap store {layout.FORMAT + 1}\n")
    served.look()
    assert client.get("/collections/trees/items").status_code == 503
    assert "newer version" in served.shelf.records.fault


def test_one_unreadable_folder_stops_nothing_else(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of promotions or of a rendition that may not be listed closes its own layer; others are taken up."""
    import os

    client = client_of(published)
    served = client.application.extensions["hantsmap"]
    places = (published.store.root / "promotions" / "trees", published.rendition("trees", "public"))
    scandir, hidden = os.scandir, [places[0]]

    def refuse(path: str | Path | int = ".") -> object:
        if not isinstance(path, int) and Path(path) in hidden:
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("hantsmap.store.files.os.scandir", refuse)
    for place in places:
        hidden[0] = place
        number = len(published.store.promotion_files("benches")) + 5
        published.rows("benches.csv", [{"number": each, "name": "Bench"} for each in range(number)])
        assert published.publish("benches")["benches"].state == "published"
        served.look()
        assert client.get("/collections/benches/items").json["numberMatched"] == number
        assert client.get("/collections/trees/items").status_code == 503
        started = client_of(published)
        assert started.get("/collections/benches/items").json["numberMatched"] == number
        assert started.get("/collections/trees/items").status_code in (404, 503)


def test_a_promotion_that_went_cannot_be_read_as_an_older_one(published: Workbench) -> None:
    """`Store.current` never gives an older promotion for one that cannot be read."""
    published.trees([tree(1)])
    published.publish()
    damage(newest(published), "empty")
    assert Store(published.store.root).current("trees") is None


def test_lost_promotion_keeps_its_number_in_the_change_feed(published: Workbench) -> None:
    """A client at sequence 2 whose promotion is damaged afterwards gets 410 from the one that heals it, never an empty
    list of changes; sequence 3 is the healed state."""
    published.trees([tree(number) for number in range(1, 20)])
    published.publish()
    address = "/collections/trees/changes"
    assert client_of(published).get(f"{address}?since=1").data.count(b"\n") == 11
    damage(newest(published), "flipped")
    published.trees([tree(number) for number in range(1, 25)])
    published.publish()
    client = client_of(published)
    assert client.get("/collections/trees?f=json").json["sequence"] == 3
    assert [client.get(f"{address}?since={since}").status_code for since in (0, 1, 2, 3)] == [200, 410, 410, 200]
    assert client.get(f"{address}?since=3").data == b""
