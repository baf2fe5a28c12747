"""Whether the server is well."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from shops import application, odd
from truth import layers_of


def test_it_is_well(client: FlaskClient) -> None:
    """200, how many layers, none damaged, and which datum transformation is in use; kept by no cache."""
    answer = client.get("/health")
    assert (answer.status_code, answer.content_type, answer.headers["Cache-Control"]) == (
        200, "application/json", "no-store")
    document = answer.get_json()
    assert document == {"status": "ok", "layers": len(layers_of("public")), "damaged": 0, "reasons": [],
                        "datum": document["datum"]}
    assert document["datum"].startswith("OSTN15")


def test_health_reads_nothing(odd: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered from what is known: no file is opened, no folder is listed, so a monitor may ask each second."""
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was read")

    odd.get("/health")
    for name in ("os.scandir", "os.listdir", "pathlib.Path.open", "pathlib.Path.read_bytes"):
        monkeypatch.setattr(name, refuse)
    answer = odd.get("/health")
    monkeypatch.undo()
    assert answer.status_code == 200 and answer.get_json()["status"] == "ok"


def test_it_counts_what_the_viewer_sees(odd: FlaskClient) -> None:
    """A hidden layer is not counted."""
    assert odd.get("/health").get_json()["layers"] == 1


def test_an_empty_store_is_not_well(tmp_path: Path) -> None:
    """With nothing to serve it answers 503, so that a balancer looks elsewhere; the landing page still answers."""
    client = application(tmp_path / "nowhere").test_client()
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["layers"]) == (503, "degraded", 0)
    assert answer.get_json()["reasons"] == ["There is no dataset to serve."]
    assert client.get("/").status_code == 200
    assert client.get("/collections").get_json()["collections"] == []
    assert client.get("/openapi").status_code == 200


def test_a_damaged_file_is_seen_and_not_served(tmp_path: Path) -> None:
    """A changed byte in a feature file: the layer is answered with 503, health says why, no wrong feature is sent."""
    shop = odd(tmp_path)
    app = application(shop.store)
    client = app.test_client()
    assert client.get("/collections/odd/items").status_code == 200
    for path in (shop.store / "renditions" / "odd").glob("*/features.crs84.json"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"A slash", b"A crash"))
    app.extensions["hantsmap"].look()
    answer = client.get("/health").get_json()
    assert (answer["status"], answer["damaged"]) == ("degraded", 1)
    assert answer["reasons"] == ["Cannot be read and are not served: odd."]
    refused = client.get("/collections/odd/items")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
