"""Whatever is done to a registry file, it is read, or refused in words: nothing else is ever raised."""

from __future__ import annotations

import contextlib
import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.errors import RegistryError
from hantsmap.registry import read

ROOT = Path(__file__).parents[2]
WHOLE = yaml.load((ROOT / "layers.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
# A part of the county that has all that a layer can have, small enough to be read a hundred times.
LAYERS = {name: WHOLE["layers"][name] for name in ("winter_routes", "population_forecasts", "services")}
# The layers that it refers to are not among these.
del LAYERS["winter_routes"]["fields"]["usrn"]["references"]
CODES = {field.get("codes") for layer in LAYERS.values() for field in layer["fields"].values()}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.just([]), st.just({}),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=3),
    st.dictionaries(st.one_of(st.integers(), st.booleans(), st.none(), st.text(max_size=5)),
                    st.one_of(st.none(), st.text(max_size=5)), max_size=2),
    st.sampled_from(["public", "staff", "all", "grid:100", "none", "Point", "string", "usrn", "key", "layers"]))


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] + [place for step, part in inner for place in places(part, (*here, step))]


DOCUMENT = WHOLE | {"layers": LAYERS, "code_lists": {
    name: codes for name, codes in WHOLE["code_lists"].items() if name in CODES}}
PLACES = [place for place in places(DOCUMENT) if place]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the registries are written."""
    folder = tmp_path_factory.mktemp("registry")
    shutil.copytree(ROOT / "licences", folder / "licences")
    return folder / "layers.yaml"


def altered(place: tuple[Any, ...], how: str, value: Any) -> Any:
    """The document with one place changed."""
    document = copy.deepcopy(DOCUMENT)
    around = document
    for step in place[:-1]:
        around = around[step]
    match how:
        case "deleted":
            del around[place[-1]]
        case "altered":
            around[place[-1]] = value
        case "renamed" if isinstance(around, dict):
            around[f"{place[-1]}x"] = around.pop(place[-1])
        case _ if isinstance(around, dict):
            around[value if isinstance(value, (str, int)) else "x"] = around[place[-1]]
    return document


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), how=st.sampled_from(["deleted", "altered", "renamed", "added"]), value=ODD)
def test_one_place_changed(file: Path, place: tuple[Any, ...], how: str, value: Any) -> None:
    """One key deleted, renamed, doubled under another name, or its value altered: valid, or refused in words."""
    text = yaml.dump(altered(place, how, value), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    try:
        registry = read(file)
    except RegistryError as told:
        assert told.problems
        for problem in told.problems:
            assert problem.line >= 1 and problem.sentence.rstrip()[-1] in ".?", problem
    else:
        for name in registry.layers:
            for audience in registry.audiences:
                registry.grant(name, audience)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 4000), put=st.text(max_size=6), length=st.integers(0, 40))
def test_letters_changed(file: Path, cut: int, put: str, length: int) -> None:
    """Letters put in or taken out anywhere: valid, or a RegistryError."""
    text = (ROOT / "tests" / "registry" / "broken.yaml").read_text()
    file.write_text(text[:cut] + put + text[cut + length:], encoding="utf-8", errors="replace")
    with contextlib.suppress(RegistryError):
        read(file)
