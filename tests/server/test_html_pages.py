"""Every page for people: whole, with links that lead somewhere, and nothing in it that a value could do."""

from __future__ import annotations

from collections import deque
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from flask.testing import FlaskClient
from lxml import etree
from questions import BROWSER, LAYERS, at, ids, inside, one
from shops import SCRIPT

from hantsmap.tiles import MATRIX_SETS
from server.links import STYLES_REL, TILES_REL

SPACE = "{http://www.w3.org/1999/xhtml}"
# Where a page may lead beside ours: the licence, and what the accessibility statement has to name.
ELSEWHERE = {"www.nationalarchives.gov.uk", "mcmw.abilitynet.org.uk", "www.equalityadvisoryservice.com", "www.w3.org"}
LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("object", "data"), ("source", "src"),
          ("image", "href"), ("use", "href"), ("form", "action"), ("video", "src"), ("audio", "src"), ("embed", "src")}


def page(client: FlaskClient, address: str) -> etree._Element:
    """A page, read by an HTML parser that forgives nothing."""
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 200, (address, answer.status_code)
    assert answer.content_type == "text/html; charset=utf-8", address
    return parsed(answer.data)


def parsed(body: bytes) -> etree._Element:
    """A page as a tree; a page that is not sound HTML is a fault."""
    return html5lib.HTMLParser(html5lib.getTreeBuilder("lxml"), strict=True).parse(body)


def addresses(tree: etree._Element) -> list[tuple[str, str, str]]:
    """(element, attribute, address) of everything on a page that leads somewhere."""
    return [(etree.QName(element).localname, name.rsplit("}", 1)[-1], value) for element in tree.iter(etree.Element)
            for name, value in element.attrib.items()
            if name.rsplit("}", 1)[-1] in ("href", "src", "action", "data", "srcset", "formaction", "poster")]


def text(tree: etree._Element) -> str:
    """The words of a page."""
    return " ".join("".join(tree.getroot().itertext()).split())


def places(client: FlaskClient, layers: tuple[str, ...] = LAYERS) -> list[str]:
    """The address of every kind of page, for every layer."""
    found = ["/", "/collections", "/conformance", "/openapi", "/privacy", "/accessibility", "/tileMatrixSets", "/tiles"]
    found += [f"{here}/{name}" for here in ("/tileMatrixSets", "/tiles") for name in MATRIX_SETS]
    for layer in layers:
        here = f"/collections/{layer}"
        first = ids(client.get(at(layer, limit=1)).get_json())[0]
        found += [here, f"{here}/schema", f"{here}/queryables", f"{here}/items", one(layer, first)]
        rels = {each["rel"] for each in client.get(here).get_json()["links"]}
        if TILES_REL in rels:
            found += [f"{here}/tiles", *(f"{here}/tiles/{name}" for name in MATRIX_SETS)]
        found += [f"{here}/styles"] if STYLES_REL in rels else []
    return found


def test_every_page_is_sound_html(client: FlaskClient) -> None:
    """Each of the hundred and thirty-four pages is parsed without an error, has one h1, a title and a language."""
    found = places(client)
    assert len(found) == 134
    for address in found:
        tree = page(client, address)
        assert len(tree.findall(f".//{SPACE}h1")) == 1, address
        title = tree.findtext(f".//{SPACE}title")
        assert title.endswith(" – Synthetic County maps"), (address, title)
        assert tree.getroot().get("lang") == "en-GB"
        assert "Invented data" in text(tree)


def test_no_page_loads_anything_of_others(client: FlaskClient, odd: FlaskClient) -> None:
    """No script, no style but ours, no picture, font or frame from another address; links lead to four known ones."""
    for viewer, layers in ((client, LAYERS), (odd, ("odd",))):
        for address in places(viewer, layers):
            tree = page(viewer, address)
            assert not tree.findall(f".//{SPACE}script")
            # What is an address in the data leads there, and says to search engines that it is not ours.
            told = {each.get("href") for each in tree.iterfind(f".//{SPACE}a[@rel='nofollow noopener']")}
            for element, name, value in addresses(tree):
                parts = urlsplit(value)
                if (element, name) in LOADED:
                    assert parts.netloc in ("localhost", ""), (address, element, value)
                elif parts.scheme != "mailto" and value not in told:
                    assert parts.netloc in {"localhost", "", *ELSEWHERE}, (address, value)


def test_no_link_is_dead(client: FlaskClient) -> None:
    """From the landing page along every link of ours (one feature of each page): each answers 200."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        here = waiting.popleft()
        answer = client.get(here, headers=BROWSER)
        assert answer.status_code == 200, here
        if not answer.content_type.startswith("text/html"):
            continue
        tree = parsed(answer.data)
        own = {element.get("id") for element in tree.iter() if element.get("id")}
        met = 0
        for _, _, value in addresses(tree):
            parts = urlsplit(value)
            if parts.netloc not in ("localhost", "") or parts.scheme == "mailto":
                continue
            if value.startswith("#"):
                assert value[1:] in own, (here, value)
                continue
            target = inside(value)
            is_feature = "/items/" in target
            met += is_feature and target not in seen
            if target not in seen and not (is_feature and met > 1) and "offset=" not in target:
                seen.add(target)
                waiting.append(target)
    assert len(seen) > 150


@pytest.mark.parametrize("address", ["/", "/collections", "/collections/streets", "/conformance",
                                     "/collections/streets/items/99000021"])
def test_a_page_offers_itself_to_programs(client: FlaskClient, address: str) -> None:
    """Under "This page for programs" stands the same thing as JSON, and it is JSON in a browser too."""
    tree = page(client, address)
    links = [each.get("href") for each in tree.iterfind(f".//{SPACE}nav[@class='formats']//{SPACE}a")]
    assert [inside(each) for each in links] == [f"{address}?f=json"]
    answer = client.get(inside(links[0]), headers=BROWSER)
    assert answer.is_json
    assert answer.get_json() == client.get(address).get_json()


def test_a_page_of_items_offers_itself(client: FlaskClient) -> None:
    """As GeoJSON and CSV, in a browser too, with everything that was asked; `f=html` in a filter survives."""
    asked = "/collections/streets/items?filter=street_descriptor%20%3C%3E%20'f%3Dhtml'&limit=7&f=html"
    links = [(each.get("type"), inside(each.get("href"))) for each in page(client, asked).iterfind(
        f".//{SPACE}section[@aria-labelledby='download']//{SPACE}a")]
    assert [kind for kind, _ in links] == ["application/geo+json", "text/csv"]
    assert all("f=html'" in unquote(address) and "limit=7" in address for _, address in links)
    answer = client.get(links[0][1], headers=BROWSER)
    assert len(answer.get_json()["features"]) == 7
    assert len(client.get(links[1][1], headers=BROWSER).text.splitlines()) == 8


def test_a_page_of_items_has_a_hundred(client: FlaskClient) -> None:
    """A person reads a hundred; the select on the page says so, and a program's thousand is not touched by it."""
    tree = page(client, "/collections/streets/items")
    assert len(tree.findall(f".//{SPACE}tbody/{SPACE}tr")) == 100
    selected = [each.get("value") for each in tree.iterfind(f".//{SPACE}option[@selected]")]
    assert selected == ["100"]
    assert "Features 1 to 100 of 590" in text(tree)
    assert len(client.get("/collections/streets/items").get_json()["features"]) == 590


def test_a_reader_can_page_through(client: FlaskClient) -> None:
    """Along "Next page" from the first to the last: six pages, and every street once."""
    here, seen = "/collections/streets/items", []
    for _ in range(6):
        tree = page(client, here)
        seen += [each.get("href") for each in tree.iterfind(f".//{SPACE}tbody/{SPACE}tr/{SPACE}th/{SPACE}a")]
        following = [each.get("href") for each in tree.iterfind(f".//{SPACE}a[@rel='next']")]
        here = inside(following[0]) if following else ""
    assert here == ""
    assert len(seen) == len(set(seen)) == 590


def test_the_form_asks_what_it_says(client: FlaskClient) -> None:
    """The filter form, sent empty as a browser sends it, shows everything."""
    answer = client.get("/collections/streets/items?filter=&limit=100&f=html")
    assert "Features 1 to 100 of 590" in text(html5lib.parse(answer.data, treebuilder="lxml"))


def test_hostile_values_are_only_words(odd: FlaskClient) -> None:
    """A value with markup in it is shown as it is written, on every page that shows it, and runs nowhere."""
    named = {feature["properties"]["code"]: feature["id"] for feature in odd.get(at("odd")).get_json()["features"]}
    for address in ("/collections/odd/items", one("odd", named["hostile"]), "/collections/odd", "/collections"):
        answer = odd.get(address, headers=BROWSER)
        assert SCRIPT.encode() not in answer.data
        assert b"<img src=x" not in answer.data
        tree = page(odd, address)
        assert not tree.findall(f".//{SPACE}script")
        assert not tree.findall(f".//{SPACE}img")
        assert not [name for element in tree.iter(etree.Element) for name in element.attrib if name.startswith("on")]
        assert not [value for _, _, value in addresses(tree) if value.lower().startswith(("javascript:", "data:"))]
    assert SCRIPT in text(page(odd, one("odd", named["hostile"])))
    assert "Odd <b>things</b> & more" in text(page(odd, "/collections/odd"))


@pytest.mark.parametrize("address", [
    f"/collections/{SCRIPT}", f"/{SCRIPT}", "/collections/odd/items?filter=" + SCRIPT,
    f"/collections/odd/items?{SCRIPT}=1", f"/collections/odd/items/{SCRIPT}",
    f"/collections/odd/items?crs={SCRIPT}", f"/collections/odd/items?limit={SCRIPT}"])
def test_hostile_questions_are_only_words(odd: FlaskClient, address: str) -> None:
    """What a client sent comes back in an error page as words."""
    answer = odd.get(address, headers=BROWSER)
    assert answer.status_code in (400, 404)
    assert answer.content_type == "text/html; charset=utf-8"
    assert SCRIPT.encode() not in answer.data
    assert "alert(1)" in answer.text or "filter=" in address


def test_an_error_page_belongs_to_the_site(client: FlaskClient) -> None:
    """It has the site's name and its notice, one heading, and the sentence that a program gets."""
    answer = client.get("/collections/nothing", headers=BROWSER)
    tree = html5lib.parse(answer.data, treebuilder="lxml")
    assert tree.findtext(f".//{SPACE}title").endswith(" – Synthetic County maps")
    assert "There is no collection `nothing` here." in text(tree)


def test_a_map_is_drawn_where_there_is_something_to_draw(client: FlaskClient) -> None:
    """A page of features has a sketch map as SVG; a table, and a page without geometry, has none."""
    for address, maps in (("/collections/streets/items", 1), ("/collections/streets", 1),
                          ("/collections/policy_indicators/items", 0),
                          ("/collections/streets/items?skipGeometry=true", 0)):
        assert client.get(address, headers=BROWSER).text.count('class="sketch"') == maps, address


def test_a_sketch_is_the_same_in_every_system(client: FlaskClient) -> None:
    """The sketch is drawn in the National Grid, whatever system the features are asked for in."""
    pages = [client.get(at("sinc", f="html", limit=10, crs=system)).text for system in ("CRS84", "27700", "4326")]
    maps = [each[each.index('<svg class="sketch"'): each.index("</figure>")] for each in pages]
    assert maps[0] == maps[1] == maps[2]
