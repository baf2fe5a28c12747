"""Layers that refer to erased or hidden rows: they name none of them, also where they cannot be published."""

from __future__ import annotations

from pathlib import Path

import pytest
from inferable import Inferable

from hantsmap.downloads import default_folder
from hantsmap.erasure import erase
from hantsmap.referring import narrow


@pytest.fixture
def place(tmp_path: Path) -> Inferable:
    """A small county in which lamps and signs refer to streets, published."""
    made = Inferable(tmp_path)
    made.publish()
    return made


def test_after_an_erasure_no_layer_names_the_record(place: Inferable) -> None:
    """What refers to the erased street is written again, byte for byte as the next publication makes it: its id is left
    out, or the row where it is required. That publication changes nothing for anybody."""
    before = {name: place.store.current(name) for name in ("lamps", "signs")}
    done = erase(place.store, default_folder(place.store.root), "streets", "1", "request 12")
    assert done.referring == {"lamps": "narrowed", "signs": "narrowed"}
    assert place.rows("lamps") == {
        "a": {"lamp": "a", "usrn": None, "usrns": None}, "b": {"lamp": "b", "usrn": None, "usrns": None},
        "c": {"lamp": "c", "usrn": 3, "usrns": [3]}, "d": {"lamp": "d", "usrn": None, "usrns": None}}
    assert (list(place.rows("signs")), list(place.rows("signs", "staff"))) == ([], ["q"])
    after = {name: place.store.current(name) for name in ("lamps", "signs")}
    outcomes = place.publish()
    assert not any(outcome.exit_code for outcome in outcomes.values()), outcomes
    for name, was in after.items():
        now, first = place.store.current(name), before[name]
        assert was and now and first
        assert was.action == "erased" and was.renditions == now.renditions != first.renditions


def test_a_referring_layer_that_cannot_be_published_names_no_hidden_row(place: Inferable) -> None:
    """A street is hidden while the source of the lamps is gone: the lamps stay, without its number; when the street
    comes back and so does the source, so do they."""
    (place.data / "streets.csv").write_text("usrn,state\n1,secret\n2,secret\n3,open\n")
    lamps = (place.data / "lamps.csv").read_text()
    (place.data / "lamps.csv").unlink()
    outcome = place.publish("streets")["lamps"]
    assert outcome.exit_code
    assert place.rows("lamps")["c"] == {"lamp": "c", "usrn": 3, "usrns": [3]}
    assert place.rows("lamps")["a"] == {"lamp": "a", "usrn": None, "usrns": None}
    (place.data / "streets.csv").write_text("usrn,state\n1,open\n2,secret\n3,open\n")
    (place.data / "lamps.csv").write_text(lamps)
    assert place.publish()["lamps"].state == "published"
    assert place.rows("lamps")["c"] == {"lamp": "c", "usrn": 3, "usrns": [3, 1]}


def test_a_layer_of_which_it_is_not_known_what_it_may_name_is_closed(place: Inferable) -> None:
    """Where what its audiences may see is not recorded, its renditions cannot be narrowed: it is served to nobody."""
    assert narrow(place.store, "lamps", "published") == "unchanged"
    for path in (place.store.root / "visibility" / "lamps").glob("*.json"):
        path.unlink()
    assert narrow(place.store, "lamps", "published") == "closed"
    current = place.store.current("lamps")
    assert current is not None and not current.named()
