"""Behind nginx, set up as docs/operations.md says: addresses, headers, long filters, parts of files, and limits.

The configuration is read out of the document itself, so that what it says is what is tested.
"""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
import shops
from running_server import Heard, Running, running

DOCUMENT = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
OF_THE_PROXY = ("date", "server", "connection", "transfer-encoding", "content-length")


def block(heading: str) -> str:
    """The nginx block of the document that begins with this comment."""
    found = re.search(rf"```nginx\n(# {re.escape(heading)}.*?)```", DOCUMENT, re.DOTALL)
    assert found, heading
    return found[1]


@dataclass(frozen=True)
class Proxied:
    """The port of nginx, and what stands in front of every path."""

    port: int
    prefix: str
    server: Running

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, source: str = "127.0.0.1",
            **headers: str) -> Heard:
        """One request to nginx from a loopback address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        try:
            connection.request(method, self.prefix + path, body, {
                "Accept": "*/*", **{name.replace("_", "-"): value for name, value in headers.items()}})
            got = connection.getresponse()
            told = sorted((name.lower(), value) for name, value in got.getheaders())
            return Heard(got.status, tuple(told), got.read())
        finally:
            connection.close()


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def behind(program: str, folder: Path, store: Path, prefix: str, **settings: str) -> Iterator[Proxied]:
    """A server, and nginx before it with the block of the document for this prefix."""
    port = free_port()
    settings = {"HANTSMAP_PUBLIC_URL": f"http://127.0.0.1:{port}{prefix}", "HANTSMAP_TRUSTED_PROXIES": "1", **settings}
    with running(store, folder / "log", **settings) as server:
        written = block("under a path" if prefix else "at the root")
        written = written.replace("proxy_pass http://127.0.0.1:8000", f"proxy_pass {server.base}")
        written = re.sub(r"listen [^;]+;", f"listen 127.0.0.1:{port};", written)
        written = re.sub(r"\n *(server_name|ssl_[a-z_]+) [^;]+;", "", written)
        places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off;\n{places}{written}\n}}\n", encoding="utf-8")
        process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf"),
                                    "-e", str(folder / "error.log")], stderr=subprocess.PIPE)
        try:
            proxied = Proxied(port, prefix, server)
            for _ in range(200):
                try:
                    proxied.ask("/health")
                    break
                except OSError:
                    assert process.poll() is None, (folder / "error.log").read_text() + str(process.stderr)
                    time.sleep(0.05)
            yield proxied
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def nginx(needs: Callable[..., str]) -> str:
    """Where nginx is; Debian keeps it where ordinary users do not look."""
    return "/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else needs("nginx")


@pytest.fixture(scope="module", params=["", "/maps"], ids=["root", "sub-path"])
def proxied(nginx: str, odd_shop: shops.Shop, tmp_path_factory: pytest.TempPathFactory,
            request: pytest.FixtureRequest) -> Iterator[Proxied]:
    """At the root of its host, and under a path."""
    with behind(nginx, tmp_path_factory.mktemp("nginx"), odd_shop.store, request.param) as found:
        yield found


@pytest.mark.parametrize("path", [
    "/", "/collections/odd", "/collections/odd/items?limit=3", "/collections/odd/items?f=csv", "/openapi",
    "/collections/odd/downloads/odd.csv", "/collections/nothing", "/collections/odd/items?limit=0",
    "/static/hantsmap.css"])
def test_answers_come_through_unchanged(proxied: Proxied, path: str) -> None:
    """Status, headers and body are those of the server itself, and links lead back to the proxy."""
    for headers in ({}, {"Accept": "text/html"}, {"Accept_Encoding": "gzip"}):
        through = proxied.ask(path, **headers)
        direct = proxied.server.ask(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        kept = [{header for header in each.headers if header[0] not in OF_THE_PROXY} for each in (through, direct)]
        assert (through.status, through.body, kept[0]) == (direct.status, direct.body, kept[1])
    base = f"http://127.0.0.1:{proxied.port}{proxied.prefix}"
    page = proxied.ask("/", Accept="text/html").body.decode()
    for href in re.findall(r'(?:href|src)="([^"#]+)"', page):
        if href.startswith(("http://127.0.0.1", "/")):
            assert href.startswith((base, f"{proxied.prefix}/")), href
            parts = urlsplit(href)
            assert proxied.ask(parts.path.removeprefix(proxied.prefix) + (f"?{parts.query}" if parts.query else "")
                               ).status == 200, href


@pytest.mark.parametrize("row", shops.ROWS, ids=lambda row: row[0])
def test_ids_of_any_kind_come_through(proxied: Proxied, row: tuple[str, ...]) -> None:
    """Slashes, dots, spaces and escapes in an id lead to the same feature as without the proxy."""
    address = f"/collections/odd/items/{quote(row[0], safe='')}"
    assert proxied.ask(address).status == proxied.server.ask(address).status
    assert proxied.ask(address).body == proxied.server.ask(address).body


def test_long_filters_come_through(proxied: Proxied) -> None:
    """An address of 100,000 characters, which QGIS may send, and a search of nearly a mebibyte."""
    names = ", ".join(f"'{number:012}'" for number in range(4_000))
    address = f"/collections/odd/items?{urlencode({'filter': f'name IN ({names})', 'limit': '1'})}"
    assert 70_000 < len(address) < 120_000
    assert proxied.ask(address).status == 200
    form = urlencode({"filter": f"name IN ({names}, {names})"}).encode()
    answer = proxied.ask("/collections/odd/search", "POST", form, Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 200


def test_parts_and_conditions_come_through(proxied: Proxied) -> None:
    """A part of a file is a part, and what the client has is 304: the proxy takes neither away."""
    path = "/collections/odd/downloads/odd.csv"
    whole = proxied.ask(path)
    tag = dict(whole.headers)["etag"]
    part = proxied.ask(path, Range="bytes=-100", If_Range=tag)
    assert (part.status, part.body) == (206, whole.body[-100:])
    assert proxied.ask(path, If_None_Match=tag).status == 304


@pytest.mark.parametrize(("proxies", "bystander"), [("1", 200), ("0", 429)])
def test_one_client_does_not_use_up_the_allowance_of_others(
    nginx: str, odd_shop: shops.Shop, tmp_path: Path, proxies: str, bystander: int
) -> None:
    """With HANTSMAP_TRUSTED_PROXIES=1, each address that the proxy sees has its own allowance, whatever a client says
    of itself; without it, all clients share that of the proxy."""
    settings = {"HANTSMAP_TRUSTED_PROXIES": proxies, "HANTSMAP_ADDRESS_RATE": "4"}
    with behind(nginx, tmp_path, odd_shop.store, "", **settings) as found:
        asked = [found.ask("/collections", source="127.0.0.2", X_Forwarded_For=f"198.51.100.{number}").status
                 for number in range(8)]
        assert asked[-1] == 429
        assert found.ask("/collections", source="127.0.0.3").status == bystander
