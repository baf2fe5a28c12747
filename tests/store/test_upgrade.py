"""A store that format number 1 wrote (stores/format-1.tar.xz, made by commit f0cb5bb) is taken over by this version.

It has the two layers of the workbench: trees, published with six rows and then with seven, and benches.
"""

from __future__ import annotations

import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from workbench import Workbench, tree

from hantsmap.errors import OutdatedError
from hantsmap.prune import prune
from hantsmap.store import layout
from hantsmap.verify import verify
from server import create_app
from server.settings import Settings

FIXTURE = Path(__file__).parent / "stores" / "format-1.tar.xz"


@pytest.fixture
def old(tmp_path: Path) -> Workbench:
    """The county of format number 1, as it was left."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    bench = Workbench(tmp_path / "county", fresh=False)
    assert layout.format_of(bench.store.root) == 1
    return bench


def client_of(bench: Workbench) -> FlaskClient:
    """A client of a server that has just started, as everybody."""
    return create_app(Settings(bench.store.root)).test_client()


def test_upgrade(old: Workbench) -> None:
    """Until it is published every layer is 503; then all is served, verified and pruned, and the old history, of which
    no rules are recorded, is closed."""
    client = client_of(old)
    assert client.get("/collections/trees/items").status_code == 503
    with pytest.raises(OutdatedError, match="without naming layers"):
        old.publish("trees")
    assert {name: each.state for name, each in old.publish().items()} == {"trees": "published", "benches": "published"}
    assert layout.format_of(old.store.root) == layout.FORMAT
    client.application.extensions["hantsmap"].look()
    assert client.get("/collections/trees/items").json["numberMatched"] == 7
    assert client.get("/collections/benches/items").json["numberMatched"] == 5
    sequence = client.get("/collections/trees?f=json").json["sequence"]
    assert sequence == 3
    codes = [client.get(f"/collections/trees/changes?since={since}").status_code for since in range(sequence + 1)]
    assert codes == [200, 410, 410, 200]
    told = client.get("/collections/trees/changes?since=0&history=all")
    assert (told.status_code, told.data.count(b"\n")) == (200, 7)
    checked, damage = verify(old.store)
    assert damage == [] and checked > 50
    moment = old.store.current("trees").made_at + timedelta(hours=2)
    pruned = {each.layer: each.folders["renditions"] for each in prune(old.store, moment=moment)}
    assert pruned == {"trees": 4, "benches": 1}
    assert verify(old.store)[1] == []
    client.application.extensions["hantsmap"].look()
    assert client.get("/collections/trees/items").json["numberMatched"] == 7
    assert {each.state for each in old.publish().values()} == {"unchanged"}


@pytest.mark.parametrize(("fault", "code"), [("blocked", 5), ("gone", 4)])
@pytest.mark.parametrize("grant", ["same", "narrowed"])
def test_upgrade_with_a_source_that_blocks_or_is_gone(old: Workbench, fault: str, code: int, grant: str) -> None:
    """The layer keeps its edition: it is rendered again from it, under today's grants. The next publication with a good
    source publishes as usual."""
    if grant == "narrowed":
        old.say("fields: [code, name, kind, height]", "fields: [code, name]")
    if fault == "blocked":
        old.trees([tree(1)])
    else:
        (old.data / "trees.csv").unlink()
    outcomes = old.publish()
    assert {name: each.exit_code for name, each in outcomes.items()} == {"trees": code, "benches": 0}
    assert "is served, under today's grants." in outcomes["trees"].sentence
    client = client_of(old)
    found = client.get("/collections/trees/items")
    assert (found.status_code, found.json["numberMatched"]) == (200, 7)
    fields = {"code", "name"} | ({"kind", "kind_text", "height"} if grant == "same" else set())
    assert set(found.json["features"][0]["properties"]) == fields
    assert client.get("/health").json["reasons"] == []
    old.trees([tree(number) for number in range(1, 10)])
    assert old.publish()["trees"].state == "published"
    assert client_of(old).get("/collections/trees/items").json["numberMatched"] == 9
