"""Nothing is kept of who looks at the map and the lessons: no address, no cookie, no log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from shops import application

ASKED = ("/map", "/map/layers.json", "/map/names.json", "/schools", "/schools/1", "/privacy", "/attributions",
         "/collections/population_forecasts/series?group=ward", "/collections/schools/items", "/map?broken=1",
         "/nothing")
ADDRESS, PROXIED = "203.0.113.77", "198.51.100.9"


def test_no_address_is_kept(county_store: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the log nor the database holds the address of who asked, nor the one that a proxy told; no cookie is set,
    and whoever looks at the map is not counted by name."""
    accounts = tmp_path / "accounts.sqlite"
    app = application(county_store, accounts=f"sqlite:///{accounts}", trusted_proxies=1)
    client = app.test_client()
    with caplog.at_level(logging.DEBUG):
        for address in ASKED:
            answer = client.get(address, headers={"X-Forwarded-For": PROXIED}, environ_base={"REMOTE_ADDR": ADDRESS})
            assert "Set-Cookie" not in answer.headers, address
        app.extensions["hantsmap-entrance"].accounts.close()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert written
    for kept in (ADDRESS, PROXIED):
        assert kept not in caplog.text and kept.encode() not in written
