"""Promises of every page: valid, accessible, self-contained, and safe whatever the data holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from xml.etree.ElementTree import Element

import html5lib
import pytest
from jinja2 import UndefinedError

from hantsmap.access import HeldBack
from hantsmap.reasons import REASONS
from server import pages
from server.pages import render

Make = Callable[..., str]

BASE = "http://127.0.0.1:8000"
STATIC = Path(pages.__file__).parent / "static"
HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "https://example.org/\" onclick=\"alert(1)", "\u202egnp.exe\u2066",
    "{{ 7 * 7 }}", "</title></style><svg onload=alert(1)>", "\x00\x08\x1b\ud800", "HTTPS://e.org/<b>", "--><!--",
    "a" * 5_000,
]


def parsed(text: str) -> Element:
    """The page as a tree. A page that a strict HTML5 parser finds fault with is an error."""
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return tree


def elements(page: Element, *tags: str) -> Iterator[Element]:
    """Elements by local name, in HTML and in SVG."""
    return (each for each in page.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] in tags)


def words(part: Element) -> str:
    """The text of an element, spaces evened out."""
    return re.sub(r" ([.,])", r"\1", " ".join(" ".join(part.itertext()).split()))


def said(text: str) -> str:
    """What the main part of a page says."""
    return words(next(elements(parsed(text), "main")))


def test_valid(any_page: str) -> None:
    """A page is valid HTML5, in British English, has a title, one h1 and no heading level left out."""
    page = parsed(any_page)
    assert page.get("lang") == "en-GB"
    assert all(words(each) for each in elements(page, "title"))
    levels = [int(each.tag[1]) for each in elements(page, "h1", "h2", "h3", "h4") if "}" not in each.tag]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_landmarks(any_page: str) -> None:
    """A page has one banner, main part and footer; its first link skips to the main part; each nav has its own name."""
    page = parsed(any_page)
    assert sorted(each.tag for each in elements(page, "header", "main", "footer")) == ["footer", "header", "main"]
    first = next(elements(page, "a"))
    assert (first.get("href"), next(elements(page, "main")).get("id")) == ("#main", "main")
    names = [each.get("aria-label") for each in elements(page, "nav")]
    assert all(names) and len(set(names)) == len(names)


def test_ids(any_page: str) -> None:
    """Ids are unique, and whatever points at an id (a label, a description, a link) finds it."""
    page = parsed(any_page)
    ids = [each.get("id", "") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    pointed = [name for each in page.iter() for key in ("for", "aria-labelledby", "aria-describedby")
               for name in each.get(key, "").split()]
    pointed += [href[1:] for each in elements(page, "a") if (href := each.get("href", "")).startswith("#")]
    assert set(pointed) <= set(ids)


def test_named(any_page: str) -> None:
    """Every picture has a name or is decoration; every field a label; every link and button words; tables a caption."""
    page = parsed(any_page)
    pictures = [each for each in elements(page, "svg", "img") if each.get("role")]
    plain = [each for each in elements(page, "svg", "img") if not each.get("role")]
    assert all(each.get("aria-labelledby") or each.get("alt") for each in pictures)
    inner = {id(deep) for each in pictures for deep in each.iter()}
    assert all(each.get("aria-hidden") == "true" or id(each) in inner for each in plain)
    labelled = {each.get("for") for each in elements(page, "label")}
    fields = [each for each in elements(page, "input", "select") if each.get("type") != "hidden"]
    assert all(each.get("id") in labelled for each in fields)
    assert all(words(each) for each in elements(page, "a", "button", "summary", "th", "dt"))
    assert all(each.find("caption") is not None for each in elements(page, "table"))
    assert all(each.get("scope") for each in elements(page, "th"))


def test_wide_tables_scroll_by_keyboard(any_page: str) -> None:
    """A table that may be wider than the screen scrolls in a region that has a name and takes the focus."""
    page = parsed(any_page)
    regions = [each for each in elements(page, "div") if each.find("table") is not None]
    assert all((each.get("role"), each.get("tabindex")) == ("region", "0") for each in regions)
    assert all(each.get("aria-label") for each in regions)
    assert len(regions) == len(list(elements(page, "table")))


def test_nothing_inline(any_page: str) -> None:
    """There is no script and no inline style or handler, so that the strictest content security policy holds."""
    page = parsed(any_page)
    assert not list(elements(page, "script", "style", "iframe", "object", "embed", "base"))
    assert not [key for each in page.iter() for key in each.attrib if key == "style" or key.startswith("on")]


def test_nothing_foreign(any_page: str) -> None:
    """A page loads from its own server and nowhere else, and a link is http(s), mail, a path or a place on the page."""
    page = parsed(any_page)
    loaders = elements(page, "link", "img", "use", "image", "source")
    loaded = [each.get("src") or each.get("href") or "" for each in loaders]
    loaded += [each.get("action", "") for each in elements(page, "form")]
    assert all(address.startswith(f"{BASE}/") for address in loaded)
    targets = [each.get("href", "") for each in elements(page, "a")]
    assert all(re.match(r"https?://|mailto:|#", target) for target in targets)
    for each in elements(page, "a"):
        if not each.get("href", "").startswith((BASE, "#", "mailto:")):
            assert "noopener" in each.get("rel", "")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("page", ["items", "item"])
def test_hostile_values(page_of: Make, page: str, hostile: str) -> None:
    """Whatever a value, an id or a code's words hold is shown as text: same elements, same attributes, no new link."""

    def change(context: dict[str, Any], value: str = hostile) -> None:
        document = context["document"]
        for feature in document.get("features", [document]):
            feature["id"] = value
            feature["properties"] = dict.fromkeys([*feature["properties"], value], value)
            feature["properties"]["list"] = [value, {"a": value}]

    made = parsed(page_of(page, "streets", change))
    calm = parsed(page_of(page, "streets", lambda context: change(context, "calm")))
    assert Counter(each.tag for each in made.iter()) == Counter(each.tag for each in calm.iter())
    assert [sorted(each.keys()) for each in made.iter()] == [sorted(each.keys()) for each in calm.iter()]
    assert all(re.match(r"http://127\.0\.0\.1:8000/|#|https://", each.get("href", "")) for each in elements(made, "a"))
    shown = re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff]", "\ufffd", hostile)
    assert shown in ["".join(each.itertext()) for each in elements(made, "bdi")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_descriptions(page_of: Make, hostile: str) -> None:
    """What a registry, a filter or an error says is text as well, on every page that repeats it."""

    def change(context: dict[str, Any]) -> None:
        layer = context.get("layer") or {}
        for key in ("title", "description", "steward", "attribution", "source_name", "lineage", "notice", "cadence"):
            layer[key] = hostile
        layer["licence"] = {"title": hostile, "url": hostile}
        layer["held_back"] = [{"reason": hostile, "sentence": hostile}]
        for field in layer.get("fields", {}).values():
            field.update(title=hostile, description=hostile, unit=hostile, codes={hostile: hostile})
        context["notice"] = context["title"] = hostile

    for page in ("collection", "items", "item", "queryables", "schema"):
        made = parsed(page_of(page, "streets", change))
        assert not list(elements(made, "script", "img", "style"))
        assert not [key for each in made.iter() for key in each.attrib if key.startswith("on")]
    error = parsed(render("error", base=BASE, document={"title": hostile or "x", "detail": hostile, "status": 400}))
    assert not list(elements(error, "script", "img"))


@pytest.mark.parametrize(("value", "href"), [
    ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"), ("http://example.org", "http://example.org"),
    ("https://example.org/ and more", None), ("ftp://example.org", None), ("//example.org", None),
    ("www.example.org", None), ("https://example.org/\u202emoc", None), (" https://example.org", None),
    ("JAVASCRIPT:alert(1)", None),
])
def test_links_in_values(value: str, href: str | None) -> None:
    """A value is a link only when it is, as a whole, a plain http(s) address."""
    assert pages.address(value) == href
    assert ("<a " in pages.shown(value, {"name": "x"})) == (href is not None)


@pytest.mark.parametrize(("value", "field", "text"), [
    (47900011, {}, "47900011"), (191250, {"unit": "people"}, "191,250"), (1684.52, {"unit": "metres"}, "1,684.52"),
    (True, {}, "Yes"), (False, {}, "No"), (0, {}, "0"),
    (None, {}, "–no value"), ("", {}, "–no value"), ([], {}, "–no value"),
    ("2026-11-21", {"type": "date"}, "21 November 2026"), ("not a date", {"type": "date"}, "not a date"),
    ("2026-06-20T23:30:00Z", {"type": "datetime"}, "21 June 2026, 12:30am"),
    (2, {"codes": {"2": "Open"}}, "Open 2"), ("FP", {"codes": {"FP": "FP"}}, "FP"),
    (["Stile", "Gate"], {"type": "strings"}, "Stile, Gate"), ({"a": "é"}, {"type": "object"}, '{"a": "é"}'),
])
def test_values_read_well(value: Any, field: dict[str, Any], text: str) -> None:
    """Codes come with their words, dates in words, quantities with commas, and a missing value says so."""
    assert pages.shown(value, {"name": "x", **field}).striptags() == text


def test_items_page(page_of: Make) -> None:
    """The page of features counts them, leads to its neighbours as HTML, and keeps what was asked in its form."""
    text = page_of("items", "streets")
    page = parsed(text)
    assert "Features 101 to 104 of 2,413." in said(text)
    ways = {each.get("rel"): each.get("href") for each in elements(page, "a") if each.get("rel") in ("prev", "next")}
    assert ways["next"] == f"{BASE}/collections/streets/items?offset=104&limit=4&f=html"
    form = next(elements(page, "form"))
    hidden = {each.get("name"): each.get("value") for each in elements(form, "input") if each.get("type") == "hidden"}
    assert (form.get("method"), form.get("action")) == ("get", f"{BASE}/collections/streets/items")
    assert hidden == {
        "bbox": "440000,110000,450000,120000", "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/27700", "f": "html"}
    heads = [words(each) for each in elements(next(elements(page, "thead")), "th")]
    assert heads[:4] == ["Feature", "USRN", "Town", "State"] and "State (in words)" not in heads
    assert "Permanently closed 4" in said(text)
    links = [(words(each), each[0].get("href")) for each in elements(page, "th") if each.get("scope") == "row"]
    assert links[0] == ("GREAT CHARLES CLOSE", f"{BASE}/collections/streets/items/47900011")
    assert links[3] == ("47900014", f"{BASE}/collections/streets/items/47900014")


def test_filter_is_kept(page_of: Make) -> None:
    """A filter stays in its field and a way to clear it stands beside it; the examples are of this layer's fields."""
    page = parsed(page_of("items", "rights_of_way"))
    field = next(each for each in elements(page, "input") if each.get("name") == "filter")
    assert field.get("value") == "status = 'FP'"
    assert [each.text for each in elements(page, "code")][:2] == ["status = 'FP'", "prow_ref LIKE 'A%'"]
    assert "Clear the filter" in [words(each) for each in elements(page, "a")]


def test_layers_without_features_or_map(page_of: Make) -> None:
    """An empty layer says so and shows no table; a layer without geometry shows its table and no map."""
    empty, table = page_of("items", "winter_sites"), page_of("items", "forecasts")
    assert "This layer is empty at the moment." in said(empty) and "<table" not in empty
    assert "it has no map" in said(table) and 'class="sketch"' not in table and "191,250" in table


def test_provenance(page_of: Make) -> None:
    """A feature's page says its source, scale, licence, attribution, date, and what is held back and why."""
    text = said(page_of("item", "streets"))
    for each in ("Local street gazetteer", "1:1,250", "Open Government Licence v3.0", "© Hampshire County Council 2026",
                 "Published 21 November 2026", "Reason e: intellectual property rights", "1,684.52 metres"):
        assert each in text


def test_use(page_of: Make) -> None:
    """Whoever reads a layer's page or the API page finds the address for QGIS and a command for GDAL to copy."""
    for text in (page_of("collection", "streets"), page_of("items", "streets"), page_of("api")):
        commands = [words(each) for each in elements(parsed(text), "pre")]
        assert commands[:2] == [f"{BASE}/", f"ogr2ogr -f GPKG streets.gpkg OAPIF:{BASE}/collections/streets"]


def test_api_page(page_of: Make) -> None:
    """The API page lists every GET with its parameters, found where the document keeps them, and every POST with what
    is sent with it."""
    text = said(page_of("api"))
    assert "GET /collections/streets/items/{featureId} One street" in text and "Not shown" not in text
    assert "POST /collections/streets/items Add a street" in text
    assert "Send as application/json : name, state. 201 A new street" in text
    for each in ("Format of the answer. One of json, html, csv.", "At most 10,000.", "400 The question cannot be"):
        assert each in text
    assert "bbox" in text


def test_properties_page(page_of: Make) -> None:
    """The pages of columns give each one's name, meaning, type in plain words, unit, and codes with their words."""
    text = said(page_of("schema", "streets"))
    for each in ("state State Whether the street is in use 4 codes", "4 Permanently closed", "Length Number metres"):
        assert each in text
    assert "geometry Geometry Lines" in text


def test_a_missing_name_is_an_error() -> None:
    """A template never guesses: a context without a name that it needs is an error, not an empty space."""
    with pytest.raises(UndefinedError):
        render("collection", base=BASE, document={}, layer={"id": "x"})


@pytest.mark.parametrize(("contact", "href"), [
    ("maps@example.org", "mailto:maps@example.org"), ("https://example.org/ask", "https://example.org/ask"),
    ("The map team", None), ("javascript:alert(1)", None), (None, None),
])
def test_contact(contact: str | None, href: str | None) -> None:
    """The way to reach us is a link when it is an e-mail or web address, and words otherwise."""
    page = parsed(render("accessibility", base=BASE, document=None, contact=contact))
    found = {each.get("href") for each in elements(page, "a") if words(each).lower() == "contact us"}
    assert found == ({href} if href else set())


def test_style_sheet() -> None:
    """The style sheet is small and loads nothing."""
    text = (STATIC / "hantsmap.css").read_text(encoding="utf-8")
    assert len(text.encode()) <= 13_000
    assert "url(" not in text and "@import" not in text
    assert "http" not in (STATIC / "favicon.svg").read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")


def test_every_reason_has_its_words(page_of: Make) -> None:
    """Each letter that a grant may give as its reason is told on a page in the words of the one list that there is."""
    letters = get_args(HeldBack.model_fields["reason"].annotation)
    assert set(letters) == set(REASONS)

    def change(context: dict[str, Any]) -> None:
        context["layer"]["held_back"] = [{"reason": each, "sentence": "Not here."} for each in letters]

    text = said(page_of("collection", "streets", change))
    assert all(f"Reason {letter}: {REASONS[letter].words}." in text for letter in letters)
