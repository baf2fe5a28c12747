"""What is answered while a file is not there, and how much files count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shops
from flask import Flask
from questions import BROWSER

from hantsmap.downloads import Counter, Kept

FILE = "/collections/odd/downloads/odd.csv"


@pytest.fixture
def busy(odd_shop: shops.Shop, tmp_path: Path) -> Flask:
    """A server where nobody makes anything and nobody may wait."""
    class Idle(Counter):
        def _start(self) -> None:
            pass

    app = shops.application(odd_shop.store)
    app.extensions["hantsmap"].counter = Idle(odd_shop.store, Kept(tmp_path / "downloads"), seats=0)
    return app


def test_who_comes_too_early_is_told_when_to_come_again(busy: Flask) -> None:
    """503 with `Retry-After` and a sentence, for a program and for a person, kept by no cache."""
    client = busy.test_client()
    told = client.get(FILE)
    assert (told.status_code, told.headers["Retry-After"]) == (503, "2")
    assert told.headers["Cache-Control"] == "no-store"
    assert told.get_json()["detail"].endswith("is being made. Ask again in 2 s.")
    assert "is being made" in client.get(FILE, headers=BROWSER).text
    assert client.get("/collections/odd/items").status_code == 200


def test_what_cannot_be_made_is_told_without_what_it_was(busy: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is 503, and says nothing of the machine."""
    def full(*_: Any) -> None:
        raise OSError(30, "Read-only file system", "/a/secret/place")

    counter = busy.extensions["hantsmap"].counter
    counter.queue.put = full
    told = busy.test_client().get(FILE)
    assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
    assert "secret" not in told.text


def test_wrong_parameters_wait_for_nothing(busy: Flask) -> None:
    """A question that cannot be meant is 400, and puts nothing into the queue."""
    assert busy.test_client().get(f"{FILE}?limit=1").status_code == 400
    assert busy.extensions["hantsmap"].counter.queue.empty()


def test_a_file_counts_as_ten_requests(odd_shop: shops.Shop) -> None:
    """An allowance of thirty a minute is three files, or fewer with pages between; then 429 says when to come again."""
    client = shops.application(odd_shop.store, address_rate=60).test_client()
    statuses = [client.get(FILE).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(client.get(FILE).headers["Retry-After"]) > 0


def test_hostile_texts_stay_texts(odd_shop: shops.Shop) -> None:
    """No cell of a table is a formula; every id and text is in the drawing's table and in the Shapefile's."""
    client = shops.application(odd_shop.store).test_client()
    table = client.get(FILE).data.decode("utf-8-sig")
    assert "'=HYPERLINK" in table and "'+1+1" in table and "'@SUM" in table and "'＝1+1" in table
    for name in ("gpkg", "parquet", "fgb", "geojson", "shp.zip", "dxf.zip"):
        with client.get(f"/collections/odd/downloads/odd.{name}") as answer:
            assert answer.status_code == 200 and shops.SECRET.encode() not in answer.data
