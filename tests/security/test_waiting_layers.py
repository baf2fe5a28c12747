"""A layer that waits tells nothing but that it waits: its data cannot change one byte of any answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import contracts
import pytest
import shops
from callers import BROWSER, Answer, Asked, call
from contracts import Contracts
from flask.testing import FlaskClient
from generated import Generator, Known, get_rules

CANARY = "canary-of-a-layer-that-waits"
KNOWN = Known(("code", "name"), ids=("plus", "at", "hidden", "a/b"), boxes=((-1.5, 50.8, -1.3, 51.0),),
              values={"code": ("plus", "hidden"), "name": ("A slash", CANARY)})
HEADERS = ((), (("Accept", BROWSER),), (("If-None-Match", "*"),), (("Accept-Encoding", "gzip"),),
           (("Range", "bytes=0-10"),))


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Contracts]:
    """Two contracts, with a row in the layer that waits that nobody else may see."""
    found = contracts.made(tmp_path)
    found.shop.write(shops.ROWS, ("hidden", CANARY, *shops.HIDDEN[2:]))
    found.look()
    yield found
    found.accounts.close()


def everything(two: Contracts, client: FlaskClient) -> dict[Asked, Answer]:
    """All that can be asked for the layer that waits, in all ways, and all that could tell of it besides."""
    generator = Generator(two.app, {"works": KNOWN}, "waiting")
    asked = [*generator.every_route(), *generator.sample(150)]
    layered = [rule.rule for rule in get_rules(two.app) if "<layer>" in rule.rule]
    assert len(layered) >= 5
    for number, rule in enumerate(layered):
        address = rule.replace("<layer>", "works").replace("<id:feature_id>", "hidden").replace("<name>", "works.gpkg")
        asked += [Asked(address, method, HEADERS[(number + turn) % len(HEADERS)])
                  for turn, method in enumerate(("GET", "HEAD", "POST", "GET", "GET"))]
    return {each: call(client, each) for each in asked}


def test_what_waits_changes_no_answer(two: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other rows, fewer rows, and other words in a layer that waits, every answer is the same, byte for byte; and
    no word of it is heard."""
    monkeypatch.setattr(two.app.extensions["hantsmap"], "watch", lambda: None)
    client = two.asking(two.key("Roads Ltd", "south"))
    before = everything(two, client)
    two.shop.write(shops.ROWS, ("hidden", "somebody else", *shops.HIDDEN[2:]))
    two.look()
    other = everything(two, client)
    two.shop.write(shops.ROWS, ("elsewhere", CANARY, *shops.HIDDEN[2:]))
    two.look()
    third = everything(two, client)
    assert before == other == third
    assert not any(CANARY in answer.heard for answer in (*before.values(), *third.values()))
    works = {answer.status for asked, answer in before.items() if "/collections/works" in asked.address}
    assert works == {403}
    two.accept(client)
    assert CANARY in call(client, Asked("/collections/works/items")).heard


def test_a_403_is_of_its_name_only(two: Contracts) -> None:
    """Two layers that wait answer alike but for their names; one that is not there at all is 404, as ever."""
    text = contracts.REGISTRY.partition("\n  works:\n")[2]
    two.say("\n  works:\n", f"\n  jobs:\n{text}\n  works:\n")
    client = two.asking(two.key("Roads Ltd", "south"))
    for asked in (Asked("/collections/works"), Asked("/collections/works/items?f=html"), Asked("/collections/works/x")):
        works, jobs = call(client, asked), call(client, asked.renamed("works", "jobs"))
        assert works.status == jobs.status == 403
        lengths = {name: value for name, value in works.headers if name == "Content-Length"}
        assert works.body == jobs.body.replace(b"`jobs`", b"`works`") and lengths
        assert call(client, asked.renamed("works", "never")).status == 404
    for nobody in (two.asking(None), two.asking(two.key("Guests", "contractors"))):
        assert call(nobody, Asked("/collections/works")).status == 404
