"""Sources behind a URL do not reach into a private network, whatever they redirect to and however they are named."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hantsmap.errors import SourceError
from hantsmap.sources import addresses

PRIVATE = ("127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
           "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
           "fd12:3456::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
           "2002:a00:1::1")  # fmt: skip
PUBLIC = ("93.184.215.14", "8.8.8.8", "172.32.0.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8",
          "64:ff9b::808:808")  # fmt: skip


@pytest.fixture
def site() -> Iterator[tuple[ThreadingHTTPServer, list[str]]]:
    """A server on 127.0.0.1, and the paths that it was asked for: /to/ADDRESS redirects there, all else is a table."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            target = unquote(self.path).removeprefix("/to/")
            self.send_response(200 if target == self.path else 302)
            if target != self.path:
                self.send_header("Location", target)
            body = b"id,name\n1,first\n"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server, paths
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    """Loopback, RFC 1918, link-local, shared, unique local and multicast addresses, and IPv6 around them."""
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    """Addresses of the public internet, and IPv6 around them."""
    assert addresses.is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_is_judged_as_itself(ip) -> None:
    """Mapped and translated forms are public when the address inside is, and only then."""
    assert addresses.is_public(f"::ffff:{ip}") == addresses.is_public(f"64:ff9b::{ip}") == addresses.is_public(str(ip))


def test_a_private_source_needs_allow_private(desk, site) -> None:
    """Without it, no request is sent, and the sentence names the address and the remedy; with it, rows are read."""
    server, paths = site
    for host in ("127.0.0.1", "localhost"):
        url = f"http://{host}:{server.server_address[1]}/a.csv"
        with pytest.raises(SourceError, match=r"leads to (127\.0\.0\.1|::1), .*private network.*`allow_private: true`"):
            desk.read("none", url=url)
        with pytest.raises(SourceError, match=r"private network"):
            desk.fingerprint("none", url=url)
    assert paths == []
    assert desk.read("none", url=url, allow_private=True).frame["name"].tolist() == ["first"]


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "10.1.2.3", "169.254.169.254", "[::1]",
                                  "[::ffff:127.0.0.2]", "[fd00::1]", "[::ffff:a9fe:a9fe]", "2130706434"])  # fmt: skip
def test_a_redirect_to_a_private_address_is_refused(desk, site, monkeypatch, host) -> None:
    """A publisher at a public address cannot send us inside: the second address gets no request."""
    server, paths = site
    port = server.server_address[1]
    public = addresses.is_public
    # Here 127.0.0.1 stands for a publisher's server on the internet.
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1" or public(address))
    monkeypatch.setattr(addresses, "_resolved", lambda host, port, real=addresses._resolved: (
        ["127.0.0.2"] if host == "localhost" else real(host, port)))  # fmt: skip
    with pytest.raises(SourceError, match=r"private network, and is refused"):
        desk.read("none", url=f"http://127.0.0.1:{port}/to/http://{host}:{port}/b.csv")
    assert len(paths) == 1


def test_the_address_that_was_checked_is_the_one_connected_to(desk, monkeypatch) -> None:
    """A name that resolves to another address the second time (DNS rebinding) gains nothing: it is resolved once."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    connected = []

    def resolve(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, *_, **__):
        connected.append(address)
        raise OSError("nobody is there")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses, "create_connection", connect)
    with pytest.raises(SourceError, match=r"cannot be reached"):
        desk.read("none", url="http://rebinding.example/a.csv")
    assert connected == [("93.184.215.14", 80)]
    with pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1"):
        desk.read("none", url="https://rebinding.example/a.csv")
    assert len(connected) == 1


def test_a_proxy_may_be_private_and_the_target_may_not(desk, site, monkeypatch) -> None:
    """Where the environment names a proxy, requests go there, and targets that are private are refused before."""
    server, paths = site
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("no_proxy", "")
    assert desk.read("none", url="http://93.184.215.14/a.csv").frame["name"].tolist() == ["first"]
    with pytest.raises(SourceError, match=r"private network"):
        desk.read("none", url="http://10.0.0.1/a.csv")
    assert paths == ["http://93.184.215.14/a.csv"]
