"""`/map`, its service worker and the files that it is built into."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from flask.testing import FlaskClient

from server import map_page

SPACE = "{http://www.w3.org/1999/xhtml}"
FILES = {
    "map-abc.js": "console.log('the map');" * 90, "map-abc.css": "body { margin: 0; }", "sw.js": "// the worker",
    "map-abc.js.gz": "", "map-abc.js.br": "BROTLI",
}


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A build of three files, one of them packed."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "map-abc.js.gz").write_bytes(gzip.compress(FILES["map-abc.js"].encode()))
    manifest = {"src/main.ts": {"file": "map-abc.js", "css": ["map-abc.css"], "isEntry": True}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(map_page, "BUILT", tmp_path)
    map_page._build.cache_clear()
    map_page._files.cache_clear()
    yield tmp_path
    map_page._build.cache_clear()
    map_page._files.cache_clear()


def policy(client: FlaskClient, address: str) -> dict[str, str]:
    """The content security policy of an answer, by directive."""
    told = client.get(address).headers["Content-Security-Policy"]
    return {part.split()[0]: part.strip().partition(" ")[2] for part in told.split(";")}


def test_the_page_loads_the_files_of_the_build(client: FlaskClient) -> None:
    """Script and style sheet are those that the manifest names, and nothing is written inline."""
    answer = client.get("/map")
    tree = html5lib.parse(answer.data)
    scripts = tree.findall(f".//{SPACE}script")

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert [(each.get("src"), each.get("type"), each.text) for each in scripts] == [
        ("/static/map/map-abc.js", "module", None)]
    assert "/static/map/map-abc.css" in [each.get("href") for each in tree.findall(f".//{SPACE}link")]
    assert not tree.findall(f".//{SPACE}style")
    assert not [name for each in tree.iter() for name in each.attrib if name == "style" or name.startswith("on")]
    for each in scripts:
        assert client.get(each.get("src")).status_code == 200


def test_its_policy_allows_our_own_and_nothing_else(client: FlaskClient) -> None:
    """Scripts, styles, data and worker come from this service; nothing inline, no eval, no frame, no other host."""
    assert policy(client, "/map") == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data: blob:",
        "connect-src": "'self'", "worker-src": "'self'", "manifest-src": "'self'", "base-uri": "'none'",
        "form-action": "'self'", "frame-ancestors": "'none'"}


def test_other_pages_keep_their_policy(client: FlaskClient) -> None:
    """The map's policy is for the map alone: an error at its address, and every other page, run no script."""
    for address in ("/", "/map?x=1", "/map/nothing", "/static/map/map-abc.js", "/static/map/none.js"):
        assert "script-src" not in policy(client, address), address


def test_without_script_it_says_where_the_layers_are(client: FlaskClient) -> None:
    """A browser without script is told so, with a link to every layer as a page."""
    assert b"<noscript><p>The map needs JavaScript. Without it, <a href=\"/collections\">" in client.get("/map").data


def test_without_a_build_it_says_so(client: FlaskClient, built: Path) -> None:
    """A service whose map was not built says how to build it, and has no script and no worker."""
    for path in built.iterdir():
        path.unlink()
    page = client.get("/map")

    assert page.status_code == 200
    assert b"has not been built on this server" in page.data
    assert b"<script" not in page.data
    assert client.get("/sw.js").status_code == 404
    assert client.get("/static/map/map-abc.js").status_code == 404


@pytest.mark.parametrize(("accepted", "encoding"), [("", None), ("identity", None), ("gzip", "gzip"),
                                                    ("gzip, deflate, br", "br"), ("gzip;q=0.5", "gzip")])
def test_files_go_out_as_they_were_packed(client: FlaskClient, accepted: str, encoding: str | None) -> None:
    """Packed for who takes it, kept for ever because the name changes with the content, of the type that browsers
    want."""
    answer = client.get("/static/map/map-abc.js", headers={"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/javascript; charset=utf-8"
    sent = {None: lambda: answer.text, "gzip": lambda: gzip.decompress(answer.data).decode(),
            "br": lambda: FILES["map-abc.js"] if answer.data == b"BROTLI" else ""}[encoding]()
    assert sent == FILES["map-abc.js"]


@pytest.mark.parametrize("name", ["manifest.json.gz", "../hantsmap.css", "..%2f..%2fsettings.py", "map-abc.js.br", ""])
def test_nothing_but_the_files_of_the_build(client: FlaskClient, name: str) -> None:
    """What is not a file of the build is not there, wherever a path leads."""
    assert client.get(f"/static/map/{name}").status_code == 404


def test_the_worker_may_fetch_from_here_only(client: FlaskClient) -> None:
    """The service worker is asked for anew each time, and its own policy lets it fetch from this service."""
    answer = client.get("/sw.js")

    assert (answer.status_code, answer.content_type) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert policy(client, "/sw.js") == {"default-src": "'none'", "connect-src": "'self'", "base-uri": "'none'",
                                        "frame-ancestors": "'none'"}


def test_the_page_says_whether_it_may_be_kept(client: FlaskClient, staff: FlaskClient) -> None:
    """What is for everybody may be kept in a browser; what is for staff says that it may not."""
    everybody, theirs = client.get("/map"), staff.get("/map")

    assert (everybody.headers["Cache-Control"], b'data-shared="yes"' in everybody.data) == ("public, no-cache", True)
    assert (theirs.headers["Cache-Control"], b'data-shared="no"' in theirs.data) == ("private, no-store", True)


def test_the_page_is_the_same_until_something_changes(client: FlaskClient) -> None:
    """An ETag that is sent back is answered 304, with the policy of the map."""
    tag = client.get("/map").headers["ETag"]
    again = client.get("/map", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert "script-src 'self'" in again.headers["Content-Security-Policy"]


def test_a_parameter_that_it_does_not_have_is_refused(client: FlaskClient) -> None:
    """State belongs in the fragment: a query is refused, and nothing of it comes back unescaped."""
    answer = client.get("/map?e=442000", headers={"Accept": "text/html"})
    assert answer.status_code == 400
