"""`Last-Modified` and `If-Modified-Since`, for clients that know no ETag (RFC 9110, 8.8.2 and 13.1.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import contracts
import pytest
from flask import Flask
from flask.testing import FlaskClient
from shops import application, odd

PLACES = ("/collections/odd/items", "/collections/odd/items?f=csv", "/collections/odd/items/at",
          "/collections/odd/downloads/odd.csv")


def published(app: Flask) -> datetime:
    """When everybody's layer was published, to the second."""
    found: datetime = app.extensions["hantsmap"].catalogue("public").entries["odd"].published
    return found.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize("address", PLACES)
def test_an_answer_says_when_the_layer_changed(odd_app: Flask, odd: FlaskClient, address: str) -> None:
    """The time of publication; a client that has it since is told 304, one that has something older gets it all."""
    first = odd.get(address)
    assert parsedate_to_datetime(first.headers["Last-Modified"]) == published(odd_app)
    for offset, status in ((0, 304), (3_600, 304), (-1, 200)):
        since = format_datetime(published(odd_app) + timedelta(seconds=offset), usegmt=True)
        answer = odd.get(address, headers={"If-Modified-Since": since})
        assert answer.status_code == status, offset
        if status == 304:
            assert answer.data == b"" and answer.headers["ETag"] == first.headers["ETag"]


def test_the_etag_outweighs_the_date(odd: FlaskClient) -> None:
    """With If-None-Match, the date is not read."""
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    tag = odd.get(PLACES[0]).headers["ETag"]
    for sent, status in (('"other"', 200), (tag, 304), ("", 200)):
        answer = odd.get(PLACES[0], headers={"If-None-Match": sent, "If-Modified-Since": later})
        assert answer.status_code == status


@pytest.mark.parametrize("text", ["yesterday", "", "0", "2100-01-01", "Fri, 99 Jan 2100 00:00:00 GMT"])
def test_what_is_no_date_is_not_read(odd: FlaskClient, text: str) -> None:
    """A date that cannot be read is as none."""
    assert odd.get(PLACES[0], headers={"If-Modified-Since": text}).status_code == 200


def test_pages_for_people_have_no_date(odd: FlaskClient) -> None:
    """A page shows more than its layer."""
    answer = odd.get("/collections/odd/items?f=html", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
    assert answer.status_code == 200 and "Last-Modified" not in answer.headers


def test_a_new_publication_is_sent(tmp_path: Path) -> None:
    """Two publications within one second have no date, so that no client keeps the first; a client with the ETag of
    the first gets the second."""
    shop = odd(tmp_path)
    app = application(shop.store)
    client = app.test_client()
    before = client.get(PLACES[0]).headers
    shop.write([("new", "New", 1, "", "", "", "")])
    shop.publish()
    app.extensions["hantsmap"].look()
    after = client.get(PLACES[0], headers={"If-Modified-Since": before["Last-Modified"]})
    same_second = "Last-Modified" not in after.headers
    assert after.status_code == 200 and after.get_json()["numberMatched"] == 1
    assert same_second or after.headers["Last-Modified"] != before["Last-Modified"]


def test_a_date_is_no_use_with_a_key(tmp_path: Path) -> None:
    """A date tells no two audiences apart: with a key, the date is told and never answered with 304."""
    found = contracts.made(tmp_path, key_rate=600)
    client = found.asking(found.key())
    first = client.get(PLACES[0])
    again = client.get(PLACES[0], headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (first.status_code, again.status_code) == (200, 200)
    found.accounts.close()


def test_a_tile_says_when_its_layer_changed(app: Flask, client: FlaskClient) -> None:
    """A tile of one layer has the time of its publication, and is 304 for a client that has it since."""
    lists = client.get("/collections/schools/tiles/WebMercatorQuad").get_json()["tileMatrixSetLimits"]
    first = lists[-1]
    address = (f"/collections/schools/tiles/WebMercatorQuad/{first['tileMatrix']}/{first['minTileRow']}"
               f"/{first['minTileCol']}")
    changed = app.extensions["hantsmap"].catalogue("public").entries["schools"].published.astimezone(UTC)
    answer = client.get(address)
    assert answer.status_code in (200, 204)
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) == changed.replace(microsecond=0)
    since = format_datetime(changed + timedelta(seconds=1), usegmt=True)
    assert client.get(address, headers={"If-Modified-Since": since}).status_code == 304
