"""What is written down of a read: all of it for who is known, and a count of the day for who is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import shops

from hantsmap.accounts import schema
from hantsmap.store import Store


def test_a_read_with_a_key_is_written_down(tmp_path: Path) -> None:
    """Who, as whom, which layer, edition and rules, how many rows and bytes, and when; of the anonymous, how many."""
    shop = shops.odd(tmp_path)
    app = shops.application(shop.store)
    accounts = app.extensions["hantsmap-entrance"].accounts
    issued = accounts.issue("staff", "Acme", "tests", date.today() + timedelta(days=30), by="officer")
    began = datetime.now(UTC).replace(microsecond=0)

    page = app.test_client().get("/collections/odd/items?limit=2", headers={"X-API-Key": issued.secret})
    app.test_client().get("/collections/hidden_layer/items?limit=1", headers={"X-API-Key": issued.secret})
    app.test_client().get("/collections/odd/items?limit=3")
    app.test_client().get("/collections/odd/items?limit=0")
    accounts.flush()

    rows = accounts._database.read(schema.READS.select())
    current = Store(shop.store).current("odd")
    assert current is not None
    first = rows[0]
    assert [row.layer for row in rows] == ["odd", "hidden_layer"]
    assert (first.who, first.audience, first.rendition, first.rule_version, first.row_count, first.byte_count,
            first.path_kind) == (issued.key.who, "staff", current.edition, current.grant_inputs[:12], 2,
                                 len(page.data), "items")
    assert began <= first.read_at <= datetime.now(UTC)
    counted = accounts.usage("odd").anonymous
    assert [(day.reads, day.rows) for day in counted] == [(1, 3)]


def test_a_service_that_may_not_write_serves_all_the_same(tmp_path: Path) -> None:
    """Where the accounts cannot be opened, the anonymous are served and not counted, and a key is not let in."""
    shop = shops.odd(tmp_path)
    app = shops.application(shop.store, accounts=f"sqlite:///{tmp_path}/no/such/folder/accounts.sqlite")
    client = app.test_client()

    assert client.get("/collections/odd/items").status_code == 200
    answer = client.get("/collections/odd/items", headers={"X-API-Key": "hm_aaaaaaaa_" + "a" * 40 + "_aaaaaa"})
    assert answer.status_code in (401, 503)
    assert "hidden_layer" not in answer.text


def test_a_download_is_written_down_once(tmp_path: Path) -> None:
    """A file counts as a download of all its rows, with its bytes; the rest of a transfer that goes on has none."""
    shop = shops.odd(tmp_path)
    app = shops.application(shop.store)
    accounts = app.extensions["hantsmap-entrance"].accounts
    issued = accounts.issue("staff", "Acme", "tests", date.today() + timedelta(days=30), by="officer")
    key, address = {"X-API-Key": issued.secret}, "/collections/odd/downloads/odd.csv"
    client = app.test_client()

    whole = client.get(address, headers=key)
    client.get(address, headers=key | {"Range": "bytes=100-"}).close()
    client.get(address, headers=key | {"If-None-Match": whole.headers["ETag"]})
    client.head(address, headers=key)
    client.get("/collections/odd/downloads", headers=key)
    client.get(address).close()
    accounts.flush()

    rows = accounts._database.read(schema.READS.select())
    size = len(whole.data)
    assert [(row.path_kind, row.row_count, row.byte_count) for row in rows] == [
        ("download", len(shops.ROWS) + 1, size), ("download", 0, size - 100)]
    assert [(day.reads, day.rows) for day in accounts.usage("odd").anonymous] == [(1, len(shops.ROWS))]


def test_what_the_map_reads_is_written_down(county_store: Path, tmp_path: Path) -> None:
    """Names count as a read of each layer that gives some, a series as one of its layer: with a key, by whom."""
    app = shops.application(county_store, accounts=f"sqlite:///{tmp_path}/accounts.sqlite")
    accounts = app.extensions["hantsmap-entrance"].accounts
    issued = accounts.issue("staff", "Acme", "tests", date.today() + timedelta(days=30), by="officer")
    for address in ("/map/names.json", "/collections/population_forecasts/series?group=OA", "/map/layers.json"):
        assert app.test_client().get(address, headers={"X-API-Key": issued.secret}).status_code == 200
    accounts.flush()

    rows = accounts._database.read(schema.READS.select())
    assert {row.who for row in rows} == {issued.key.who}
    assert {row.layer for row in rows if row.path_kind == "names"} >= {"schools", "streets", "named_places"}
    assert [row.layer for row in rows if row.path_kind == "series"] == ["population_forecasts"]
