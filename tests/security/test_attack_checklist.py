"""The checklist of attacks, line by line.

1. Side channels: test_non_interference, test_canaries, test_hidden_is_absent.
2. Injection: here. 3. Fail closed: here, and test_fails_closed; tokens in tests/oidc. 4. Caches: test_fails_closed.
5. SSRF, XXE, archives: no request names an address (here); sources in tests/sources. 6. XSS and disclosure: here and
tests/pages. 7. Exhaustion: test_exhaustion. 8. Schools: here, and test_exhaustion for thirty behind one address.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import socket
from typing import Any
from urllib.parse import quote

import pytest
from callers import BROWSER, Callers, at
from flask import Flask
from flask.testing import FlaskClient
from generated import get_rules
from shops import HIDDEN, ROWS, SCRIPT, SECRET, Shop, application

PAYLOADS = (
    "'", "''", "' OR '1'='1", "\" OR \"\"=\"", "'; DROP TABLE odd; --", "1); SELECT pg_sleep(9); --", "%", "_", "\\",
    "\\'",
    "\x00", "a\x00b", "%00", "%2500", "${jndi:ldap://x}", "{{7*7}}", "{% raw %}", "__import__('os').system('id')",
    "..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%252e%252e%252f", "....//", "/etc/passwd", "file:///etc/passwd",
    "\r\nSet-Cookie: x=1", "\u2028", "\U0001F47E", "\ud7ff", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "property(secret)", "strToLower(secret)", "exec('id')", "vec:Import('http://x')", "odd.secret", "secret", "*", "id",
    "1e999", "-0", "NaN", "0x10", "١٢", "A" * 5_000, "(" * 500,
)
PLACES = ("filter", "sortby", "properties", "datetime", "bbox", "crs", "limit", "offset", "f", "name", "filter-lang")
NOT_OURS = ("root:", "Traceback", "site-packages", SECRET, HIDDEN[1])


def harmless(answer: Any, *statuses: int) -> None:
    """The answer has one of these statuses, and tells nothing that is not the viewer's."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    heard = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers)
    assert not [word for word in NOT_OURS if word in heard]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("place", PLACES)
def test_no_parameter_can_be_used_to_inject(odd: FlaskClient, place: str) -> None:
    """Whatever stands in a parameter, it is read as that parameter or refused with 400; never run, never a fault."""
    for payload in PAYLOADS:
        if payload not in ("secret", "odd.secret", "property(secret)", "strToLower(secret)"):
            harmless(odd.get("/collections/odd/items", query_string={place: payload}), 200, 400)


@pytest.mark.parametrize("test", ["name = {}", "name LIKE {}", "name IN ({}, 'x')", "CASEI(name) = CASEI({})",
                                  "name > {} OR rank < 0", "name BETWEEN {} AND {}"])
def test_no_literal_of_a_filter_can_leave_its_quotes(odd: FlaskClient, test: str) -> None:
    """A text in a filter is compared and nothing else: it finds what Python finds, whatever it is made of."""
    for payload in PAYLOADS[:30]:
        literal = "'" + payload.replace("'", "''") + "'"
        answer = odd.get(at("odd", filter=test.replace("{}", literal)))
        harmless(answer, 200, 400)
        if test == "name = {}" and answer.status_code == 200:
            assert answer.get_json()["numberMatched"] == sum(row[1] == payload for row in ROWS)


@pytest.mark.parametrize("payload", [
    "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc", "%00", "a%00", "..%5c..%5cetc",
    "%c0%ae%c0%ae%c0%af", "%ff%fe", ";id", "odd%0d%0aSet-Cookie:%20x=1"])
def test_no_path_leaves_its_place(odd: FlaskClient, payload: str) -> None:
    """A path with dots, slashes or NULs, escaped once or twice, is an id or a name that is not there."""
    for before, after in (("/collections/odd/items/", ""), ("/collections/", "/items"), ("/collections/", ""),
                          ("/static/", ""), ("/", "")):
        harmless(odd.get(f"{before}{payload}{after}"), 404)
    harmless(odd.get(f"/collections/odd/items/{payload}", headers={"Accept": BROWSER}), 404)


@pytest.mark.parametrize("name", [
    "Accept", "If-None-Match", "X-Forwarded-For", "Forwarded", "Host", "Cookie", "Referer", "User-Agent",
    "Accept-Encoding", "Accept-Language", "Range", "X-HTTP-Method-Override"])
def test_no_header_is_a_way_in(odd: FlaskClient, name: str) -> None:
    """A header of odd or huge content is not believed and not repeated."""
    for value in ("'", "../../etc/passwd", SCRIPT, "a" * 60_000, "\xff\xfe", "text/html;q=nonsense", "bytes=0-1",
                  "DELETE", ""):
        answer = odd.get("/collections/odd", headers={name: value})
        harmless(answer, 200, 304, 400)
        assert SCRIPT not in answer.text


def test_a_line_break_in_what_was_asked_makes_no_header(odd: FlaskClient) -> None:
    """What is repeated of a request stands in the body alone: a header cannot be added by asking for one."""
    for address in ("/collections/odd%0d%0aX-Evil:1", "/collections/odd/items?crs=a%0d%0aX-Evil:1",
                    "/collections/odd/items?datetime=2024-01-01%0d%0aX-Evil:1", "/x%0d%0aX-Evil:1"):
        answer = odd.get(address)
        assert "X-Evil" not in answer.headers
        assert not any("Evil" in value for _, value in answer.headers)


def test_no_request_makes_the_server_open_an_address(
    odd: FlaskClient, everyones: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses in parameters and headers are words: nothing is looked up and no connection is opened."""
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    url = "http://169.254.169.254/latest/meta-data"
    for name in (*PLACES, "url", "callback", "schema", "bbox-crs", "filter-crs"):
        harmless(odd.get("/collections/odd/items", query_string={name: url}), 200, 400)
    harmless(odd.get("/collections/odd", headers={"X-Forwarded-Host": "evil.example", "Referer": url}), 200)
    harmless(odd.get(f"/collections/odd/items/{quote(url, safe='')}"), 404)


@pytest.mark.parametrize("claimed", [("Host", "evil.example\"><script>"), ("X-Forwarded-Host", "evil.example"),
                                     ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Prefix", "/evil"),
                                     ("Forwarded", "host=evil.example;proto=gopher"), ("X-Original-URL", "/evil"),
                                     ("X-Rewrite-URL", "/evil")])
def test_no_proxy_is_believed_that_nobody_named(odd: FlaskClient, claimed: tuple[str, str]) -> None:
    """Links lead where the client asked or to localhost: headers that say otherwise are not read."""
    answer = odd.get("/collections/odd", headers=[claimed])
    assert answer.status_code in (200, 400)
    assert "evil" not in answer.text and "gopher" not in answer.text


def test_hostile_data_is_text_on_every_page(odd: FlaskClient) -> None:
    """Markup and javascript: in data, titles and descriptions is shown, not run, on every page and in every drawing."""
    pages = ["/", "/collections", "/collections/odd", "/collections/odd/schema", "/collections/odd/queryables",
             "/openapi", "/collections/odd/items", "/collections/odd/items/hostile",
             "/collections/odd/items/link", f"/collections/odd/items?name={quote(SCRIPT)}",
             f"/collections/{quote(SCRIPT)}", f"/{quote(SCRIPT)}"]
    for page in pages:
        answer = odd.get(page, headers={"Accept": BROWSER})
        assert answer.content_type.startswith("text/html")
        for evil in (SCRIPT, "<img src=x", "<i>too</i>", "<b>things</b>", "<friends>", 'href="javascript:',
                     "onerror=\"", "<it>"):
            assert evil not in answer.text, (page, evil)
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_cell_of_a_table_is_a_formula(odd: FlaskClient) -> None:
    """What a spreadsheet would run stands behind an apostrophe, and comes back whole without it."""
    cells = [cell for row in csv.reader(io.StringIO(odd.get(at("odd", f="csv")).text)) for cell in row]
    formulas = [row[1] for row in ROWS if row[1][0] in "=+-@＝"]
    assert len(formulas) >= 5
    assert all(f"'{text}" in cells for text in formulas)
    plain = [cell for cell in cells if cell[:1] in tuple("=+-@＝\t\r")]
    assert all(cell.lstrip("-").replace(".", "").isdigit() for cell in plain), plain


def test_no_refusal_tells_how_it_is_made(odd: FlaskClient) -> None:
    """No version, path of a file, or trace is in a header or an error."""
    for address in ("/", "/x", "/collections/odd/items?filter=(", "/collections/odd/items?crs=x", "/health"):
        answer = odd.get(address)
        assert not {"Server", "X-Powered-By"} & set(answer.headers.keys())
        assert not [word for word in ("Traceback", "/tmp", "site-packages", "werkzeug", "pyarrow", "line 1")
                    if word in answer.text]


@pytest.mark.parametrize("name", ["key", "api_key", "apikey", "token", "access_token", "password", "auth"])
def test_a_key_in_an_address_is_refused_and_not_logged(
    everyones: Flask, callers: Callers, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """An address is kept in histories and logs: a key there opens nothing, is an unknown parameter, and not logged."""
    secret = callers.secrets["staff"]
    with caplog.at_level(logging.DEBUG):
        client = everyones.test_client()
        for address in ("/", "/collections", "/collections/streets", "/collections/streets/items", "/health"):
            assert client.get(f"{address}?{name}={secret}").status_code == 400
        assert client.get("/collections/streets", headers={"Authorization": f"Bearer {secret}x"}).status_code == 401
        assert client.get("/collections/streets", headers={"X-API-Key": secret}).status_code == 200
    assert secret not in caplog.text


def test_no_cookie_and_no_other_server_for_the_public(everyones: Flask) -> None:
    """On no route does a school get a cookie, and no page of ours loads anything from anybody else."""
    client = everyones.test_client()
    for rule in get_rules(everyones):
        address = rule.rule.replace("<layer>", "schools").replace("<id:feature_id>", "1").replace(
            "<path:name>", "hantsmap.css")
        for headers in ({}, {"Accept": BROWSER}, {"Cookie": "hantsmap=x; __Host-hantsmap=y; session=z"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500
            assert "Set-Cookie" not in answer.headers, address
            if answer.content_type and answer.content_type.startswith("text/html"):
                # The map is a program of ours, in a file; no other page has one, and none is written into a page.
                scripts = re.findall(r"<script[^>]*>[^<]*", answer.text)
                assert all(re.fullmatch(r'<script type="module" src="/static/map/[\w.-]+">', each) for each in scripts)
                assert (not scripts or address == "/map") and "<iframe" not in answer.text
                assert 'src="http' not in answer.text.replace('src="http://localhost', "")
            answer.close()


def test_nothing_that_names_a_pupil_is_written(odd_shop: Shop, tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Of the public, days and counts are kept: no address, no browser, no question, in no log and no database."""
    app = application(odd_shop.store, accounts=f"sqlite:///{tmp_path / 'accounts.sqlite'}")
    with caplog.at_level(logging.DEBUG):
        client = app.test_client()
        for address in (at("odd", name="Zoe-of-class-7"), at("odd", limit=3), "/collections/odd/items/like"):
            assert client.get(address, headers={"User-Agent": "Pupil-Browser"},
                              environ_base={"REMOTE_ADDR": "198.51.100.77"}).status_code == 200
        app.extensions["hantsmap-entrance"].accounts.flush()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode("latin-1") + caplog.text
    assert not [word for word in ("198.51.100.77", "Pupil-Browser", "Zoe-of-class-7") if word in kept]
