"""/schools: lessons and worksheets, made from what the viewer sees, readable without a script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hantsmap.lessons import SLUGS
from server.worksheet import code, without_scheme

PAGES = ("/schools", *(f"/schools/{slug}{end}" for slug in SLUGS for end in ("", "/worksheet")))
KEPT = "No login is needed."


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_a_page(client: FlaskClient, page: str) -> None:
    """A page in HTML with the line about privacy, no script, no style of its own, and no cookie."""
    answer = client.get(page)

    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert KEPT in answer.text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", answer.text)
    assert "Set-Cookie" not in answer.headers


def test_the_list_has_twelve_lessons_in_order(client: FlaskClient) -> None:
    """Each with a link to its page."""
    found = re.findall(r'<h2><a href="[^"]*/schools/([a-z-]+)">(\d+)\. ', client.get("/schools").text)
    assert found == [(slug, str(number)) for number, slug in enumerate(SLUGS, 1)]


@pytest.mark.parametrize("end", ["", "/worksheet"])
def test_a_number_is_a_short_address(client: FlaskClient, end: str) -> None:
    """/schools/3 is what /schools/measure-the-walk is."""
    assert client.get(f"/schools/3{end}").data == client.get(f"/schools/measure-the-walk{end}").data
    assert client.get("/schools/13").status_code == 404


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lesson_opens_the_map_or_says_why_not(client: FlaskClient, slug: str) -> None:
    """Its button leads to the map with the number of the lesson in the state; without an example there is no link."""
    number, text = SLUGS.index(slug) + 1, client.get(f"/schools/{slug}").text
    links = [unescape(each) for each in re.findall(r'href="([^"]*/map#[^"]*)"', text)]
    if "Open the map for this lesson" in text:
        assert links
        assert all(re.search(rf"/map#e=\d+&n=\d+&z=[\d.]+&.*lesson={number}$", each) for each in links)
    else:
        assert "This lesson needs" in text
        assert not links


def test_a_viewer_without_layers_has_lessons_without_links(odd: FlaskClient) -> None:
    """Where there is none of what lessons need, each page says so, and no link is dead."""
    for slug in SLUGS:
        for end in ("", "/worksheet"):
            text = odd.get(f"/schools/{slug}{end}").text
            assert "This lesson needs" in text
            assert "/map#" not in text


def test_a_page_is_asked_for_again_in_vain(client: FlaskClient, odd: FlaskClient) -> None:
    """The same page has the same tag, and is not sent again; other layers, another tag."""
    first = client.get("/schools/5")
    assert client.get("/schools/5", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert odd.get("/schools/5").headers["ETag"] != first.headers["ETag"]
    assert client.get("/schools/6").headers["ETag"] != first.headers["ETag"]


def test_a_page_takes_no_parameters(client: FlaskClient) -> None:
    """What nobody understands is refused."""
    assert client.get("/schools/1?limit=1").status_code == 400


def test_examples_are_those_of_the_viewer(app: Flask, client: FlaskClient) -> None:
    """The lesson names a school that the viewer's own layer has, and nothing is left in braces."""
    text = client.get("/schools/1").text
    names = {each["properties"]["name"] for each in client.get(
        "/collections/schools/items?limit=100&f=json").get_json()["features"]}
    assert any(f"Find {name} on the map" in unescape(text) for name in names)
    assert not re.search(r"\{[a-z]", text)


def test_a_code_is_an_image_with_a_quiet_zone_and_no_style() -> None:
    """It is SVG that shrinks and grows, drawn with attributes that a strict policy allows."""
    made = code("https://maps.example.org/map#e=1&n=2")
    assert made.startswith("<svg")
    assert "viewBox" in made
    assert "style" not in made
    assert without_scheme("https://maps.example.org/schools/3") == "maps.example.org/schools/3"
