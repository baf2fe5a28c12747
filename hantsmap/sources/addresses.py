"""Connections of `url:` sources: only to public addresses, so that no redirect reaches into the council's network.

The address that is connected to is the one that was checked: names are resolved once, here, for each connection.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddressError(Exception):
    """The host of a source is at an address that is not public. Its text is the address."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also where IPv6 only wraps an IPv4 address.

    Not public are loopback, private, link-local, shared, multicast and reserved addresses (RFC 6890).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _resolved(host: str, port: int | None) -> list[str]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _public(host: str, port: int | None) -> Iterator[str]:
    """Addresses of a host. Raises PrivateAddressError if one of them is not public, and OSError for none."""
    found = _resolved(host, port)
    for address in found:
        if not is_public(address):
            raise PrivateAddressError(address)
    return iter(found)


class _PublicConnection(HTTPConnection):
    """A connection that looks up its host, checks every address of it, and connects to one of these."""

    def _new_conn(self) -> socket.socket:
        failed: OSError = OSError("no address")
        try:
            for address in _public(self.host, self.port):
                try:
                    return create_connection((address, self.port), self.timeout, self.source_address,
                                             self.socket_options)  # fmt: skip
                except OSError as error:
                    failed = error
        except OSError as error:
            failed = error
        if isinstance(failed, TimeoutError):
            raise ConnectTimeoutError(self, f"{self.host} does not answer") from failed
        raise NewConnectionError(self, f"{self.host} cannot be reached") from failed


class _PublicTlsConnection(_PublicConnection, HTTPSConnection):
    """The same, with TLS for the name of the host."""


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


class PublicAdapter(HTTPAdapter):
    """Sends requests to public addresses only, redirects included. Raises PrivateAddressError.

    Through a proxy of the environment the proxy resolves the name. Then addresses that can be resolved here are checked
    before the request is sent.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As HTTPAdapter does, with the connections of this module."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTlsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """As HTTPAdapter does."""
        from requests.utils import select_proxy
        from urllib3.util import parse_url

        if select_proxy(request.url or "", kwargs.get("proxies")):
            parts = parse_url(request.url or "")
            with suppress(OSError):  # A name that only the proxy can resolve.
                list(_public(parts.host or "", parts.port))
        return super().send(request, *args, **kwargs)
