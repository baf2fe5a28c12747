"""A layer that waits, over the wire: closed on every way in, and open from the next request after its acceptance."""

from __future__ import annotations

import time
from pathlib import Path

import contracts
from running_server import running

from hantsmap.accounts import Party, default_url

ADDRESSES = ("/collections/works", "/collections/works/items", "/collections/works/items?limit=1",
             "/collections/works/items/plus", "/collections/works%2Fitems", "/collections/works/",
             "/collections/works/items?filter=((((")


def test_a_layer_that_waits_over_the_wire(tmp_path: Path) -> None:
    """The running server answers as Flask's routes do while a layer waits; when another process takes the acceptance
    in, it is open at the next request; a new version closes it again."""
    two = contracts.made(tmp_path)
    secret = two.key()
    headers = {"X-API-Key": secret}
    with running(two.shop.store, tmp_path / "log", HANTSMAP_ACCOUNTS=default_url(two.shop.store)) as front:
        for address in ADDRESSES:
            for method in ("GET", "HEAD", "POST"):
                heard = front.ask(address, method, headers)
                got = two.asking(secret).open(address, method=method, base_url=front.base)
                assert (heard.status, heard.body) == (403, got.data) and got.status_code == 403, (method, address)
            assert front.ask(address).status == 404
        agreement = two.app.extensions["hantsmap"].site.agreements["terms"]
        two.accounts.accept(Party("Acme", "north", "North", None, "tests"), "terms", agreement)
        assert front.ask("/collections/works/items", headers=headers).status == 200
        assert front.ask("/licence/terms", "OPTIONS").status == 204
        two.say('version: "2026-1"', 'version: "2026-2"')
        until = time.monotonic() + 10
        while front.ask("/collections/works/items", headers=headers).status == 200:
            assert time.monotonic() < until, "the new version was never taken up"
        assert front.ask("/collections/works/items", headers=headers).status == 403
    two.accounts.close()
