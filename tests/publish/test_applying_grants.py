"""Today's grants take effect also where the source blocks or cannot be read: the older edition is shown under them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from workbench import Workbench, tree

from hantsmap.errors import StoreError
from hantsmap.publish import publish
from server import create_app
from server.settings import Settings

GRANT = "fields: [code, name, kind, height]"
NARROWED = "fields: [code, name]"


def blocked(bench: Workbench) -> None:
    """All trees but one are gone, which is more than max_change allows."""
    bench.trees([tree(1)])


def gone(bench: Workbench) -> None:
    """The source is not there."""
    (bench.data / "trees.csv").unlink()


FAULTS = pytest.mark.parametrize(("spoil", "code"), [(blocked, 5), (gone, 4)], ids=["blocked", "gone"])


@pytest.fixture
def careful(bench: Workbench) -> Workbench:
    """A small county, published once, that blocks when more than a fifth of the trees vanish."""
    bench.say("max_change: 1\n    max_lost", "max_change: 0.2\n    max_lost")
    bench.publish()
    return bench


def client_of(bench: Workbench, audience: str = "public") -> FlaskClient:
    """A client of a server that has just started."""
    return create_app(Settings(bench.store.root, audience)).test_client()


def shown(bench: Workbench, audience: str = "public") -> set[str] | int:
    """Names of the properties that an audience is shown of a tree, or the status where it is shown none."""
    answer = client_of(bench, audience).get("/collections/trees/items/t0001")
    return set(answer.json["properties"]) if answer.status_code == 200 else answer.status_code


@FAULTS
def test_narrowed_grant_takes_effect(careful: Workbench, spoil: Callable[[Workbench], None], code: int) -> None:
    """The withheld fields are in no answer, the exit code is that of the fault, and the sentence says what is shown.
    Another publication changes nothing; one with a good source publishes it."""
    careful.say(GRANT, NARROWED)
    spoil(careful)
    outcome = careful.publish()["trees"]
    assert outcome.exit_code == code and outcome.state == ("blocked" if code == 5 else "failed")
    assert "is served, under today's grants." in outcome.sentence
    assert shown(careful) == {"code", "name"}
    client = client_of(careful)
    for address in ("/collections/trees/items", "/collections/trees/items?f=csv", "/collections/trees/schema",
                    "/collections/trees/changes?since=0&history=all"):
        assert b"height" not in client.get(address).data, address
    assert client.get("/collections/trees/items?limit=1").json["numberMatched"] == 30
    again = careful.publish()["trees"]
    assert again.exit_code == code and careful.store.current("trees").sequence == 2
    careful.trees([tree(number) for number in range(1, 32)])
    assert careful.publish()["trees"].state == "published"
    assert client_of(careful).get("/collections/trees/items").json["numberMatched"] == 31
    assert shown(careful) == {"code", "name"}


@FAULTS
def test_nothing_is_promoted_where_the_grants_are_the_same(
        careful: Workbench, spoil: Callable[[Workbench], None], code: int) -> None:
    """A fault of the source alone leaves the promotion as it was, and the sentence speaks of the fault only."""
    spoil(careful)
    outcome = careful.publish()["trees"]
    assert outcome.exit_code == code and "grants" not in outcome.sentence
    assert careful.store.current("trees").sequence == 1


@FAULTS
def test_edition_of_other_fields_is_closed_to_those_whose_grant_narrowed(
        careful: Workbench, spoil: Callable[[Workbench], None], code: int) -> None:
    """The registry has another field than the edition, so that it cannot be rendered: the public, whose grant narrowed,
    are shown nothing, the staff are shown what they saw; and that stays so until the layer can be published."""
    careful.say("      note: {type: string, title: Note}",
                "      note: {type: string, title: Note}\n      age: {type: integer, title: Age}")
    careful.say(GRANT, NARROWED)
    spoil(careful)
    for _ in range(2):
        outcome = careful.publish()["trees"]
        # Without its new column the source is not what the registry says, whatever else it is.
        assert outcome.exit_code in (code, 4)
        assert "age" in outcome.sentence and "not served to public until" in outcome.sentence
        assert outcome.sentence.endswith("It is served as before to staff.")
        assert shown(careful) == 404
        assert shown(careful, "staff") == {"code", "name", "kind", "kind_text", "height", "note"}
        assert careful.store.current("trees").sequence == 2
    careful.rows("trees.csv", [tree(number, age=number) for number in range(1, 31)])
    assert careful.publish()["trees"].state == "published"
    assert shown(careful) == {"code", "name"}
    assert shown(careful, "staff") == {"code", "name", "kind", "kind_text", "height", "note", "age"}


def test_edition_of_another_type_stays_where_no_grant_narrowed(careful: Workbench) -> None:
    """A field gets another type, which its values do not have: the layer is blocked, and is shown as before."""
    careful.say("max_lost: 1", "max_lost: 0.05")
    careful.say("name: {type: string, title: Name}\n      kind", "name: {type: integer, title: Name}\n      kind")
    outcome = careful.publish()["trees"]
    assert outcome.exit_code == 5
    assert outcome.sentence.endswith("It is served as before to public, staff.")
    assert shown(careful) == {"code", "name", "kind", "kind_text", "height"}


def test_audience_without_a_grant_is_shown_nothing(careful: Workbench) -> None:
    """The grant of the public is taken away while the source is gone: 404 for them, and the staff see the layer."""
    text = careful.registry.read_text()
    careful.say(text[text.index("      public:\n"):text.index("      staff: {fields: all}")], "")
    gone(careful)
    assert careful.publish()["trees"].exit_code == 4
    assert (shown(careful), shown(careful, "staff")) == (404, {"code", "name", "kind", "kind_text", "height", "note"})


@pytest.mark.parametrize("fault", [StoreError("injected"), ZeroDivisionError("injected")], ids=["store", "unforeseen"])
def test_fault_while_rendering_closes_what_narrowed(
        careful: Workbench, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """Nothing can be rendered at all: the withheld fields are not shown, and the next publication heals it."""
    careful.say(GRANT, NARROWED)

    def render(*_: Any, **__: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr("hantsmap.rendition.render.render", render)
        patched.setattr("hantsmap.applying_grants.render", render, raising=False)
        outcome = careful.publish()["trees"]
        assert outcome.exit_code == (6 if isinstance(fault, StoreError) else 1)
        assert (shown(careful), "not served to public" in outcome.sentence) == (404, True)
    assert careful.publish()["trees"].state == "published"
    assert shown(careful) == {"code", "name"}


def test_damaged_renditions_are_made_again_from_the_edition(careful: Workbench) -> None:
    """The rendition of the public is damaged and the source blocks: it is made again from the edition."""
    file = careful.rendition("trees", "public") / "features.crs84.json"
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    blocked(careful)
    assert careful.publish()["trees"].exit_code == 5
    assert file.read_bytes() == content
    assert shown(careful) == {"code", "name", "kind", "kind_text", "height"}


def test_restoring_applies_the_grants_to_layers_that_refer_to_it(careful: Workbench) -> None:
    """Benches name trees. An edition with fewer trees is restored while the source of the benches is gone: they name
    none of the trees that are not shown any more."""
    careful.say("      name: {type: string, title: Name}\n    grants: {public: {fields: all}}",
                "      name: {type: string, title: Tree, references: trees}\n    grants: {public: {fields: all}}")
    careful.rows("benches.csv", [{"number": number, "name": f"t{number:04d}"} for number in range(1, 26)])
    few, many = ([tree(number) for number in range(1, last)] for last in (26, 31))
    careful.say("max_change: 1\n    source", "max_change: 0.2\n    source")
    careful.trees(few)
    publish(careful.workshop, accept=["trees", "benches"])
    first = careful.edition("trees")
    careful.trees(many)
    careful.rows("benches.csv", [{"number": number, "name": f"t{number:04d}"} for number in range(1, 31)])
    careful.publish()

    def named() -> set[str]:
        found = client_of(careful).get("/collections/benches/items?limit=50").json["features"]
        return {each["properties"]["name"] for each in found} - {None}

    assert len(named()) == 30
    (careful.data / "benches.csv").unlink()
    outcome = careful.restore("trees", first)
    assert (outcome.state, outcome.exit_code) == ("restored", 4)
    assert "benches refers to it, and: Layer `Benches`: benches.csv: is not there." in outcome.sentence
    assert len(named()) == 25
