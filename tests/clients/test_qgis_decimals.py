"""QGIS asks with all decimals, though OpenAPI gives eight parameters `style: form, explode: false`.

QGIS rounds the number of a parameter to six digits where OpenAPI gives it that style, except for these eight (source:
`QgsOapifApiRequest::processReply`, from 3.32 on). No property that is asked for by name has the style.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import shops
from reading import LIMIT_S
from werkzeug.serving import make_server

SCRIPT = Path(__file__).parent / "qgis_reads.py"
# QGIS is a module of Debian's own Python.
PYTHON = "/usr/bin/python3"
EIGHT = {"limit", "bbox", "datetime", "crs", "bbox-crs", "filter", "filter-lang", "filter-crs"}
# Twelve digits after the point: a tenth of a thousandth of a millimetre on the ground.
BOX = [-1.431234567891, 50.812345678912, -1.412345678912, 50.998765432198]


@dataclass
class Recorded:
    """A server that remembers what it was asked."""

    base: str
    asked: list[tuple[str, str, dict[str, str]]]

    def items(self) -> list[dict[str, str]]:
        """The parameters of each request for features."""
        return [given for _, path, given in self.asked if path.endswith("/items")]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Over a layer whose numbers differ beyond the sixth digit."""
    folder = tmp_path_factory.mktemp("decimals")
    shop = shops.Shop(folder / "layers.yaml", folder / "data", folder / "store")
    shop.data.mkdir()
    shop.registry.write_text(shops.REGISTRY, encoding="utf-8")
    shop.write([(f"r{number}", f"Row {number}", number, "2024-02-29", "2024-02-29T09:30:00Z", "true", share)
                for number, share in enumerate((1234567.891, 1234567.0, 1234570.0, 0.123456789, 0.123457))])
    shop.publish()
    app = shops.application(shop.store)
    asked: list[tuple[str, str, dict[str, str]]] = []

    def remember(environ: Any, start: Any) -> Any:
        given = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], given))
        return app.wsgi_app(environ, start)

    server = make_server("127.0.0.1", 0, remember, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Recorded(f"http://127.0.0.1:{server.server_port}", asked)
    server.shutdown()
    thread.join()


def read(recorded: Recorded, **question: Any) -> dict[str, Any]:
    """What QGIS makes of a question."""
    recorded.asked.clear()
    asked = json.dumps([{"layer": "odd", "filter": None, "box": None, **question}])
    done = subprocess.run([PYTHON, SCRIPT, recorded.base], input=asked, capture_output=True, text=True, check=False,
                          timeout=LIMIT_S, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr[-2_000:]
    (answer,) = json.loads(done.stdout[done.stdout.index("["):])
    assert answer["valid"], answer
    found: dict[str, Any] = answer
    return found


@pytest.fixture(autouse=True)
def qgis(needs: Callable[..., str]) -> None:
    """QGIS has to be there."""
    needs("qgis", "qgis and python3-qgis")


def test_a_box_is_sent_with_all_decimals(recorded: Recorded) -> None:
    """QGIS reads the OpenAPI document with the style, still finds the page size in it, and sends each edge of a box to
    the twelfth decimal."""
    answer = read(recorded, box=BOX)
    assert answer["read"] == 4
    assert "/openapi" in {path for _, path, _ in recorded.asked}
    asked = recorded.items()[-1]
    assert [float(each) for each in asked["bbox"].split(",")] == pytest.approx(BOX, abs=1e-12)
    assert asked["limit"] == "1000"


def test_a_time_is_sent_and_no_property(recorded: Recorded) -> None:
    """A date is sent as `datetime`; a property with decimals is in no address, so that nothing rounds it on the way.

    QGIS 3.22 compares numbers itself, with six digits: the bounds here have fewer.
    """
    answer = read(recorded, filter="\"day\" >= '2024-02-29' AND \"share\" > 0.5")
    assert answer["read"] == 3
    asked = recorded.items()[-1]
    assert asked["datetime"].startswith("2024-02-29/")
    assert not {"share", "rank", "name"} & set().union(*map(set, recorded.items()))


def test_the_document_that_qgis_read_has_the_style(recorded: Recorded) -> None:
    """All eight parameters, and no property, though numbers with decimals can be asked for by name."""
    read(recorded)
    paths = {urlsplit(path).path for _, path, _ in recorded.asked}
    assert "/openapi" in paths
    from urllib.request import urlopen

    with urlopen(f"{recorded.base}/openapi", timeout=LIMIT_S) as answer:
        document = json.load(answer)
    told = document["components"]["parameters"].values()
    assert {each["name"] for each in told if (each.get("style"), each.get("explode")) == ("form", False)} == EIGHT
    own = {each["name"]: each for each in document["paths"]["/collections/odd/items"]["get"]["parameters"]
           if "name" in each}
    assert {"share", "rank"} <= set(own) and not any({"style", "explode"} & set(each) for each in own.values())
