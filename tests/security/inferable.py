"""A small county whose layers refer to one another, for tests of what a viewer could work out."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from hantsmap.errors import RegistryError
from hantsmap.publish import Outcome, publish
from hantsmap.registry import read
from hantsmap.rendition import Rendition
from hantsmap.store import Store, today
from hantsmap.workshop import Workshop

WHY = [{"reason": "f", "sentence": "It is not for everybody.", "owner": "Tester", "review": "2099-01-01"}]
WORDS = {"steward": "Testers", "licence": "ogl", "attribution": "Testers", "cadence": "never", "source_name": "Tests",
         "lineage": "Made up.", "description": "To test with."}
FIELDS = {"usrn": {"type": "integer", "title": "USRN", "required": True},
          "state": {"type": "string", "title": "State", "codes": "states"}}
REGISTRY: dict[str, Any] = {
    "title": "Small county", "description": "To test with.", "publisher": "Testers", "contact": "tests@example.org",
    "extent": [403000, 89500, 490000, 166000],
    "audiences": {"public": {"title": "Everybody"}, "crew": {"title": "A crew", "within": "public"},
                  "staff": {"title": "Staff", "within": "public"}},
    "licences": {"ogl": {"title": "Open Government Licence v3.0", "url": "https://example.org/ogl"}},
    "code_lists": {"states": {"title": "States", "source": "Tests", "values": {
        "open": "Open to all", "secret": "Zqsecretword", "spare": "Zqsparecode"}}},
    "areas": {"yard": {"title": "The yard", "file": "yard.geojson", "crs": "EPSG:27700"}},
    "layers": {
        "streets": {**WORDS, "title": "Streets", "geometry": "none", "key": "usrn", "class_field": "state",
                    "source": {"file": "streets.csv"}, "fields": FIELDS, "grants": {
                        "public": {"fields": "all", "rows": {"state": ["open"]}, "held_back": WHY},
                        "staff": {"fields": "all"}}},
        "lamps": {**WORDS, "title": "Lamps", "geometry": "none", "key": "lamp", "source": {"file": "lamps.csv"},
                  "fields": {"lamp": {"type": "string", "title": "Lamp", "required": True},
                             "usrn": {"type": "integer", "title": "USRN", "references": "streets"},
                             "usrns": {"type": "integers", "title": "USRNs", "references": "streets.usrn"}},
                  "grants": {"public": {"fields": "all"}}},
        "signs": {**WORDS, "title": "Signs", "geometry": "none", "key": "sign", "source": {"file": "signs.csv"},
                  "fields": {"sign": {"type": "string", "title": "Sign", "required": True},
                             "usrn": {"type": "integer", "title": "USRN", "required": True, "references": "streets"}},
                  "grants": {"public": {"fields": "all"}}}}}
FILES = {"streets.csv": "usrn,state\n1,open\n2,secret\n3,open\n",
         "lamps.csv": "lamp,usrn,usrns\na,1,1;2\nb,2,2\nc,3,3;1\nd,,\n",
         "signs.csv": "sign,usrn\np,1\nq,2\n"}


class Inferable:
    """The county in a folder: its registry as a dictionary that tests change, its data and its store."""

    def __init__(self, root: Path) -> None:
        self.root, self.data, self.store = root, root / "data", Store(root / "store")
        self.data.mkdir(parents=True)
        self.registry: dict[str, Any] = deepcopy(REGISTRY)
        for name, text in FILES.items():
            (self.data / name).write_text(text)

    @property
    def file(self) -> Path:
        """The registry, written as it now stands."""
        path = self.root / "layers.yaml"
        path.write_text(yaml.safe_dump(self.registry, sort_keys=False))
        return path

    @property
    def grants(self) -> dict[str, Any]:
        """The grants of the layer of streets."""
        return dict(self.registry["layers"]["streets"]["grants"])

    def problems(self) -> list[str]:
        """What `check` says is wrong."""
        try:
            read(self.file)
        except RegistryError as fault:
            return str(fault).splitlines()
        return []

    def publish(self, *names: str) -> dict[str, Outcome]:
        """Publish layers, or all; outcomes by layer."""
        found = publish(Workshop(read(self.file), self.store, self.data), names)
        return {outcome.layer: outcome for outcome in found}

    def rendition(self, layer: str, audience: str = "public") -> Rendition:
        """What an audience sees of a layer."""
        current = self.store.current(layer)
        assert current is not None
        return Rendition(self.store.rendition(layer, current.seen(today())[audience]))

    def rows(self, layer: str, audience: str = "public") -> dict[Any, Any]:
        """The fields of each row, by id."""
        rendition = self.rendition(layer, audience)
        columns = {name: rendition.column(name).to_pylist() for name in rendition.fields}
        return {row: {name: column[number] for name, column in columns.items()}
                for number, row in enumerate(rendition.ids.to_pylist())}
