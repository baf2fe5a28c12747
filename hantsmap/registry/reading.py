"""Reads `layers.yaml` into a Registry, and reports everything that is wrong with it at once."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hantsmap.access import Audience, Grant, Value, grant_for
from hantsmap.agreements import Agreement
from hantsmap.errors import RegistryError
from hantsmap.layer import NAME, Area, CodeList, Layer, Licence, SignIn
from hantsmap.registry.checks import Known, check_audiences, check_layer, check_sign_in
from hantsmap.registry.inference import check_inference
from hantsmap.registry.limits import check_ends
from hantsmap.registry.lines import Document, Place, load

Extent = tuple[float, float, float, float]
Entry = TypeVar("Entry", bound=Value)
# A county without codes needs no code lists.
OPTIONAL = ("code_lists",)
KNOWN = ("title", "description", "publisher", "contact", "extent", "audiences", "code_lists", "licences", "layers")
MAY = ("agreements", "areas", "sign_in")


@dataclass(frozen=True, slots=True)
class Registry:
    """What the council shares, and with whom. `extent` is (west, south, east, north) in EPSG:27700 metres."""

    file: Path
    title: str
    description: str
    publisher: str
    contact: str
    extent: Extent
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    licences: Mapping[str, Licence] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    sign_in: SignIn | None = None
    layers: Mapping[str, Layer] = field(default_factory=dict)

    def grant(self, layer: str, audience: str, on: date | None = None) -> Grant | None:
        """The grant that an audience has on a layer, or None: then the layer does not exist for it.

        Grants and audiences that ended before the day `on` have none.
        """
        return grant_for(self.audiences, self.layers[layer].grants, audience, on)

    def asked(self, audience: str, on: date | None = None) -> tuple[str, ...]:
        """Agreements that the grants of an audience ask for, in the registry's order."""
        grants = [self.grant(layer, audience, on) for layer in self.layers]
        named = {grant.agreement for grant in grants if grant}
        return tuple(name for name in self.agreements if name in named)


def read(path: Path, *, strict: bool = False) -> Registry:
    """Read a registry file. Raises RegistryError with every problem, each with its line, if there is even one.

    If `strict`, a grant that ended is a problem too. To publish it is none: it is as if it had not been given, and one
    contract's end must not stop everybody's maps.
    """
    document = load(path)
    data = document.data if isinstance(document.data, dict) else {}
    if not document.problems and not isinstance(document.data, dict):
        document.problem((), "holds no mapping: a registry has the keys " + ", ".join(KNOWN) + ".")
    _check_top(document, data)
    audiences = _entries(document, data, "audiences", Audience)
    code_lists = _entries(document, data, "code_lists", CodeList)
    licences = _entries(document, data, "licences", Licence)
    areas = _entries(document, data, "areas", Area)
    agreements = _with_texts(document, path.parent, _entries(document, data, "agreements", Agreement))
    layers = _entries(document, data, "layers", Layer)
    sign_in = _sign_in(document, data)
    known = Known(audiences, code_lists, licences, areas, agreements)
    check_audiences(document, audiences)
    if sign_in is not None:
        check_sign_in(document, sign_in, audiences)
    for name, layer in layers.items():
        check_layer(document, name, layer, known)
    check_inference(document, layers, audiences)
    extent = _extent(data.get("extent"))
    if strict:
        check_ends(document, layers)
    if document.problems or extent is None:
        raise RegistryError(document.problems)
    texts = {name: str(data[name]) for name in ("title", "description", "publisher", "contact")}
    return Registry(path, **texts, extent=extent, audiences=audiences, code_lists=code_lists,
                    licences=licences, areas=areas, agreements=agreements, sign_in=sign_in, layers=layers)


def _check_top(document: Document, data: dict[Any, Any]) -> None:
    for key in data:
        if key not in (*KNOWN, *MAY):
            document.problem((key,), f"`{key}` is not a key of a registry{_near(str(key), (*KNOWN, *MAY))}")
    if document.problems and not data:
        return
    for key in KNOWN:
        if not data.get(key) and key not in OPTIONAL:
            document.problem((key,), f"`{key}` is missing: add it.")
    for key in ("title", "description", "publisher", "contact"):
        if isinstance(data.get(key), (list, dict)):
            document.problem((key,), f"`{key}` is a text.")
    if data.get("extent") and _extent(data["extent"]) is None:
        document.problem(("extent",), "`extent` is four numbers, west, south, east, north, in National Grid metres.")


def _extent(written: Any) -> Extent | None:
    try:
        west, south, east, north = (float(edge) for edge in written)
    except (TypeError, ValueError):
        return None
    in_order = -math.inf < west < east < math.inf and -math.inf < south < north < math.inf
    return (west, south, east, north) if in_order else None


def _entries(document: Document, data: dict[Any, Any], section: str, model: type[Entry]) -> dict[str, Entry]:
    """The entries of a section that are valid by themselves; the others are reported."""
    entries: dict[str, Entry] = {}
    written = data.get(section) or {}
    if not isinstance(written, dict):
        document.problem((section,), f"`{section}` is a mapping from names to entries.")
        return entries
    for name, body in written.items():
        place: Place = (section, name)
        if not NAME.fullmatch(str(name)):
            document.problem(place, f"`{name}` is not a name: use lower-case letters, digits and _.")
        try:
            entries[str(name)] = model.model_validate(body)
        except ValidationError as fault:
            for error in fault.errors():
                _report(document, place, error, model)
    return entries


def _with_texts(document: Document, folder: Path, agreements: dict[str, Agreement]) -> dict[str, Agreement]:
    for name, agreement in agreements.items():
        try:
            agreements[name] = agreement.read(folder)
        except ValueError as fault:
            document.problem(("agreements", name, "file"), f"{fault}")
    return agreements


def _sign_in(document: Document, data: dict[Any, Any]) -> SignIn | None:
    if "sign_in" not in data:
        return None
    try:
        return SignIn.model_validate(data["sign_in"])
    except ValidationError as fault:
        for error in fault.errors():
            _report(document, ("sign_in",), error, SignIn)
    return None


def _report(document: Document, place: Place, error: ErrorDetails, model: type[Value]) -> None:
    # Pydantic names the branch it tried (`[key]`, a tag) among the keys: only keys of the file lead to a line.
    where = place + tuple(step for step in error["loc"] if step != "[key]")
    subject = ".".join(str(step) for step in where)
    match error["type"]:
        case "missing":
            document.problem(where, f"{subject} is missing: add it.")
        case "extra_forbidden":
            known = _keys_at(model, error["loc"][:-1])
            document.problem(where, f"{subject} is not a key that is known here{_near(str(where[-1]), known)}")
        case _:
            sentence = error["msg"].removeprefix("Value error, ")
            document.problem(where, f"{subject}: {sentence[:1].lower()}{sentence[1:]} (it says {_short(error)}).")


def _short(error: ErrorDetails) -> str:
    text = repr(error["input"])
    return text if len(text) <= 60 else text[:57] + "..."


def _keys_at(model: type[Value], steps: tuple[str | int, ...]) -> tuple[str, ...]:
    """Names of the keys that may stand at a place inside a model; empty where that cannot be told."""
    here: Any = model
    for step in steps:
        found = getattr(here, "model_fields", {}).get(step)
        inner = _models_in(found.annotation) if found is not None else [here] if not hasattr(here, "keys") else []
        here = inner[0] if inner else None
    return tuple(getattr(here, "model_fields", {}))


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _near(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f": did you mean `{near[0]}`?" if near else f"; known are {', '.join(known)}." if known else "."
