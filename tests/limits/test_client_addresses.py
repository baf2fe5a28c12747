"""Whom a request without a key is charged to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.limits import address_of

PEER = "198.51.100.9"


@given(st.text(max_size=200))
def test_headers_are_not_believed(forwarded: str) -> None:
    """Unless the operator says that there are proxies, what a client says about its address is not read."""
    assert address_of(PEER, forwarded) == PEER


@given(st.text(max_size=60), st.integers(1, 3))
def test_what_a_client_puts_in_front_is_not_read(spoofed: str, proxies: int) -> None:
    """Behind proxies, nothing that a client sends moves it to another address."""
    ours = ["203.0.113.5", "10.0.0.1", "10.0.0.2"][:proxies]

    assert address_of("10.0.0.3", ", ".join([spoofed, *ours]), proxies) == "203.0.113.5"


@pytest.mark.parametrize(("forwarded", "proxies", "found"), [
    (None, 1, PEER),
    ("", 1, PEER),
    ("203.0.113.5", 1, "203.0.113.5"),
    ("203.0.113.5", 2, "203.0.113.5"),
    ("1.1.1.1, 203.0.113.5", 1, "203.0.113.5"),
    ("203.0.113.5, 10.0.0.1", 2, "203.0.113.5"),
    ("203.0.113.5:4711", 1, "203.0.113.5"),
    ("[2001:db8:1:2:3::4]:4711", 1, "2001:db8:1:2::/64"),
    ("unknown", 1, PEER),
    ("203.0.113.5, _hidden", 2, PEER),
    ("_hidden, 10.0.0.1", 2, "10.0.0.1"),
    ("203.0.113.5", -1, PEER),
])  # fmt: skip
def test_proxies(forwarded: str | None, proxies: int, found: str) -> None:
    """The address is that which the outermost trusted proxy saw; what is no address ends what can be believed."""
    assert address_of(PEER, forwarded, proxies) == found


@pytest.mark.parametrize(("peer", "found"), [
    ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
    ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ("::1", "::/64"),
    ("fe80::1%eth0", "fe80::/64"),
    ("::ffff:198.51.100.9", "198.51.100.9"),
    ("198.51.100.9:55555", "198.51.100.9"),
    (None, "unknown"), ("", "unknown"), ("unix:", "unknown"), ("999.1.1.1", "unknown"),
])  # fmt: skip
def test_peers(peer: str | None, found: str) -> None:
    """An IPv6 address counts by its first half, a mapped one as IPv4; connections without an address share one."""
    assert address_of(peer) == found
