"""Pages about tiles and styles, for people: they say what the documents say, and what is pasted from them works."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import html5lib
import pytest
from flask.testing import FlaskClient
from questions import BROWSER, inside
from test_html_pages import SPACE, page, text

SETS = ("WebMercatorQuad", "BritishNationalGrid")
LAYER = "rights_of_way"
TILES = f"/collections/{LAYER}/tiles"
PAGES = (*(f"{here}{name}" for here in ("/tileMatrixSets", "/tiles", TILES)
           for name in ("", f"/{SETS[0]}", f"/{SETS[1]}")),
         f"/collections/{LAYER}/styles")


def rows(tree: Any, caption: str) -> list[list[str]]:
    """The cells of the table with this caption, row by row."""
    table = next(each for each in tree.iter(f"{SPACE}table") if each.findtext(f"{SPACE}caption") == caption)
    return [["".join(cell.itertext()).strip() for cell in row] for row in table.iterfind(f"{SPACE}tbody/{SPACE}tr")]


def pasted(tree: Any) -> list[str]:
    """What a page gives to copy."""
    return ["".join(each.itertext()) for each in tree.iter(f"{SPACE}pre")]


@pytest.mark.parametrize("address", PAGES)
def test_a_browser_gets_a_page_and_a_program_the_document(client: FlaskClient, address: str) -> None:
    """One address for both: `f` decides, else what the client prefers; each has its own ETag, and the page leads to the
    document."""
    shown, told = client.get(address, headers=BROWSER), client.get(address)
    assert (shown.content_type, told.content_type) == ("text/html; charset=utf-8", "application/json")
    assert client.get(f"{address}?f=html").data == shown.data and client.get(f"{address}?f=json").data == told.data
    assert shown.headers["ETag"] != told.headers["ETag"]
    again = client.get(address, headers={**BROWSER, "If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    links = [each.get("href") for each in page(client, address).iterfind(f".//{SPACE}nav[@class='formats']//{SPACE}a")]
    assert inside(links[0]) == f"{address}?f=json"
    offered = "json, html, tilejson" if address.startswith(("/tiles/", f"{TILES}/")) else "json, html"
    assert client.get(f"{address}?f=xml").get_json()["detail"].endswith(f"Choose one of {offered}.")


@pytest.mark.parametrize("name", SETS)
def test_a_matrix_set_in_words(client: FlaskClient, name: str) -> None:
    """Its page has every zoom with its scale, metres to a pixel, columns and rows, as the document has them."""
    document = client.get(f"/tileMatrixSets/{name}").get_json()
    assert rows(page(client, f"/tileMatrixSets/{name}"), f"Zooms of {name}") == [
        [each["id"], f"1:{round(each['scaleDenominator']):,}", f"{each['cellSize']:,.6g}", f"{each['matrixWidth']:,}",
         f"{each['matrixHeight']:,}"] for each in document["tileMatrices"]]
    listed = [row[0] for row in rows(page(client, "/tileMatrixSets"), "Tile matrix sets")]
    assert listed == [each["id"] for each in client.get("/tileMatrixSets").get_json()["tileMatrixSets"]]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("here", [TILES, "/tiles"])
def test_a_tileset_in_words(client: FlaskClient, here: str, name: str) -> None:
    """Its page has the zooms, bounds and attribution, every layer with its columns, and where the tiles of each zoom
    are, as the document has them."""
    document, tree = client.get(f"{here}/{name}").get_json(), page(client, f"{here}/{name}")
    assert [row[1:] for row in rows(tree, "Layers in a tile")] == [
        [f"{each['minTileMatrix']} to {each['maxTileMatrix']}", ", ".join(each["propertiesSchema"]["properties"])]
        for each in document["layers"]]
    assert [[row[0], *row[3:]] for row in rows(tree, "Tiles of each zoom")] == [
        [each["tileMatrix"], f"{each['minTileRow']} to {each['maxTileRow']}",
         f"{each['minTileCol']} to {each['maxTileCol']}"] for each in document["tileMatrixSetLimits"]]
    (west, south), (east, north) = document["boundingBox"]["lowerLeft"], document["boundingBox"]["upperRight"]
    assert f"East {round(west):,} to {round(east):,} m, north {round(south):,} to {round(north):,} m" in text(tree)
    assert document["attribution"] in text(tree)
    told = client.get(f"{here}/{name}?f=tilejson").get_json()
    assert pasted(tree)[0] == told["tiles"][0]
    assert f"{told['minzoom']} to {told['maxzoom']}" in text(tree)
    listed = next(row for row in rows(page(client, here), "Tilesets") if row[0] == name)
    assert listed[2] == f"{told['minzoom']} to {told['maxzoom']}"


def test_what_is_pasted_into_qgis_is_there(client: FlaskClient) -> None:
    """The URL with zoom, row and column put in is a tile, at the lowest and the highest zoom that the page tells to
    give; the style URL is a style; and only tiles of Web Mercator are offered to QGIS."""
    tree = page(client, TILES)
    url, style = (inside(each) for each in pasted(tree))
    limits = client.get(f"{TILES}/WebMercatorQuad").get_json()["tileMatrixSetLimits"]
    assert f"Give {limits[0]['tileMatrix']} as its lowest zoom level and {limits[-1]['tileMatrix']} as its highest." \
        in text(tree)
    for each in (limits[0], limits[-1]):
        found = [client.get(url.replace("{z}", each["tileMatrix"]).replace("{y}", str(row)).replace("{x}", str(column)))
                 for row in range(each["minTileRow"], each["maxTileRow"] + 1)
                 for column in range(each["minTileCol"], each["maxTileCol"] + 1)]
        assert {answer.status_code for answer in found} <= {200, 204} and any(answer.data for answer in found)
    assert client.get(style).get_json()["version"] == 8
    assert "In QGIS" not in text(page(client, f"{TILES}/BritishNationalGrid"))


def test_layers_that_were_asked_for_stay_asked_for(client: FlaskClient) -> None:
    """A page about some layers leads to the document about the same ones, and so does TileJSON."""
    asked = "/tiles/WebMercatorQuad?collections=schools,rights_of_way"
    tree = page(client, asked)
    assert [row[0].split()[-1] for row in rows(tree, "Layers in a tile")] == ["collegesschools", "wayrights_of_way"]
    links = [inside(each.get("href")) for each in tree.iterfind(f".//{SPACE}nav[@class='formats']//{SPACE}a")]
    assert links == [f"{asked}&f=json", f"{asked}&f=tilejson"]
    assert [each["id"] for each in client.get(links[0]).get_json()["layers"]] == ["schools", "rights_of_way"]
    assert [each["id"] for each in client.get(links[1]).get_json()["vector_layers"]] == ["schools", "rights_of_way"]


def test_how_a_layer_is_drawn(client: FlaskClient) -> None:
    """Its page has each class with its symbol in words and as a picture, and each style of the document."""
    tree = page(client, f"/collections/{LAYER}/styles")
    key = next(each["key"] for each in client.get("/map/layers.json").get_json()["layers"] if each["id"] == LAYER)
    told = [(each["code"], each["words"]) for each in key]
    assert [(row[0].split()[-1], row[1]) for row in rows(tree, "Key")] == told
    assert len(tree.findall(f".//{SPACE}td/{{http://www.w3.org/2000/svg}}svg")) == len(key) == 4
    listed = client.get(f"/collections/{LAYER}/styles").get_json()["styles"]
    assert pasted(tree) == [each["links"][0]["href"] for each in listed]


def test_the_page_of_a_layer_leads_there(client: FlaskClient) -> None:
    """Where a layer has tiles and styles its page leads to both; that of a table leads to neither. So does the landing
    page lead to the tiles of all layers."""
    def leads(address: str) -> set[str]:
        return {inside(each.get("href")) for each in page(client, address).iter(f"{SPACE}a")}

    assert {TILES, f"/collections/{LAYER}/styles"} <= leads(f"/collections/{LAYER}")
    assert not [each for each in leads("/collections/policy_indicators") if each.endswith(("/tiles", "/styles"))]
    assert "/tiles" in leads("/")


def test_tiles_of_no_layer(odd: FlaskClient) -> None:
    """Who may see no layer with tiles is told so on a page, and gets an empty list as a program."""
    assert odd.get("/tiles").get_json()["tilesets"] == []
    assert "There is no layer with tiles here that you may see." in text(page(odd, "/tiles"))
    html5lib.HTMLParser(strict=True).parse(odd.get("/tiles/WebMercatorQuad?f=html").text)


def test_a_name_that_is_markup_is_only_words(odd: FlaskClient) -> None:
    """A layer's title and names with markup in them are shown as they are written."""
    tree = page(odd, "/collections/odd/styles")
    assert "Odd <b>things</b> & more: how it is drawn" in text(tree)
    assert odd.get(f"/tiles/WebMercatorQuad?f=html&collections={quote('<script>')}").status_code == 404
