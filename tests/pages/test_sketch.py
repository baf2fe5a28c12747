"""Promises of the sketch map."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from server.sketch import grid_square, metres, sketch

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = shapely.box(442_000, 112_000, 452_000, 122_000)


def drawn(*features: shapely.Geometry | None, **more: object) -> ElementTree.Element:
    """The sketch of the features, parsed as strictly as XML is."""
    options = {"hrefs": [None] * len(features), "labels": ["here"] * len(features), "title": "Map", **more}
    text = sketch(features, **options)  # type: ignore[arg-type]
    return ElementTree.fromstring(text.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def wiggles(count: int, vertices: int) -> list[shapely.LineString]:
    """Lines across the county with many vertices, always the same."""
    random = np.random.default_rng(7)
    starts = random.uniform((405_000, 92_000), (485_000, 160_000), (count, 1, 2))
    return [shapely.LineString(line) for line in starts + random.normal(0, 60, (count, vertices, 2)).cumsum(axis=1)]


@pytest.mark.parametrize(("easting", "northing", "size", "name"), [
    (447_720, 129_450, 1_000, "SU 47 29"), (463_900, 152_000, 1_000, "SU 63 52"), (442_000, 112_000, 1_000, "SU 42 12"),
    (475_000, 105_000, 100, "SU 750 050"), (425_000, 95_000, 1_000, "SZ 25 95"), (464_300, 99_900, 100, "SZ 643 999"),
    (447_720, 129_450, 10_000, "SU 42"), (464_300, 99_900, 10_000, "SZ 69"), (442_000, 112_000, 100_000, "SU"),
    (530_000, 180_000, 100_000, "TQ"), (470_000, 1_210_000, 100_000, "HP"), (20_000, 20_000, 100_000, "SV"),
    (-1, 100_000, 1_000, ""), (700_000, 100_000, 1_000, ""),
])
def test_grid_square(easting: float, northing: float, size: int, name: str) -> None:
    """A National Grid square is named as Ordnance Survey names it, truncated, not rounded; off the grid it has none."""
    assert grid_square(easting, northing, size) == name


def test_names_stand_in_their_squares() -> None:
    """Each name is written inside the square that it names."""
    west, scale, height = 440_000, 20_000 / 720, 720
    picture = drawn(SQUARE, extent=(west, 110_000, 460_000, 130_000))
    names = [each for each in picture.iter(f"{SVG}text") if re.fullmatch(r"S[UZ] \d\d", each.text or "")]
    assert {each.text for each in names} == {"SU 41", "SU 42", "SU 51", "SU 52"}
    for each in names:
        easting = west + float(each.get("x", 0)) * scale
        northing = 110_000 + (height - float(each.get("y", 0))) * scale
        assert grid_square(easting, northing, 10_000) == each.text


@pytest.mark.parametrize("side", [730, 1_400, 9_000, 33_333, 87_000])
@pytest.mark.parametrize("width", [360, 720])
def test_scale_bar(side: float, width: int) -> None:
    """The scale bar is a round length, and exactly as long on the picture as that length is on the ground."""
    picture = drawn(SQUARE, extent=(440_000, 110_000, 440_000 + side, 110_000 + side / 2), width=width)
    bar = next(each for each in picture.iter(f"{SVG}rect") if each.get("class") == "bar")
    length = int(bar.get("data-metres", 0))
    assert str(length).rstrip("0") in {"1", "2", "5"}
    assert float(bar.get("width", 0)) == pytest.approx(length * width / side, abs=1e-3)
    assert metres(length) in [each.text for each in picture.iter(f"{SVG}text")]


def test_places() -> None:
    """North is up, and a point is drawn within half a pixel of where it is."""
    picture = drawn(shapely.Point(445_000, 118_000), extent=(440_000, 110_000, 450_000, 120_000))
    dot = next(picture.iter(f"{SVG}circle"))
    assert (float(dot.get("cx", 0)) / 2, float(dot.get("cy", 0)) / 2) == pytest.approx((360, 144), abs=0.5)


def test_outline() -> None:
    """A path is relative whole steps from its start, closed for an area, and a line too short to see is still a dot."""
    extent = (440_000, 110_000, 447_200, 117_200)  # ten metres to the pixel
    line, area, dot = (
        shapely.LineString([(441_000, 117_000), (442_000, 116_000)]), shapely.box(441_000, 111_000, 442_000, 112_000),
        shapely.LineString([(441_000, 117_000), (441_001, 117_000)]),
    )
    pictures = [drawn(shape, extent=extent) for shape in (line, area, dot)]
    paths = [[each.get("d") for each in picture.iter(f"{SVG}path")][1] for picture in pictures]
    assert paths[0] == "M200 40l200 200"
    assert paths[1] is not None and paths[1].startswith("M") and paths[1].endswith("z")
    assert paths[2] == "M200 40h0"


def test_size_and_sameness() -> None:
    """A thousand features, linked, make at most 300 kB, and the same features always make the same text."""
    for vertices in (12, 400):
        lines = wiggles(1_000, vertices)
        hrefs = [f"https://maps.example.org/collections/streets/items/{47_900_000 + n}" for n in range(1_000)]
        labels = [f"GREAT CHARLES CLOSE {n}" for n in range(1_000)]
        texts = [sketch(lines, hrefs=hrefs, labels=labels, context=[SQUARE], title="Streets") for _ in range(2)]
        assert texts[0] == texts[1]
        assert len(texts[0].encode()) <= 300_000
        assert texts[0].count("<a ") >= 990


def test_many_areas_stay_small() -> None:
    """A thousand detailed areas stay under 300 kB too."""
    areas = [line.buffer(900) for line in wiggles(1_000, 60)]
    text = sketch(areas, hrefs=[f"/x/{n}" for n in range(1_000)], labels=["A parish"] * 1_000, title="Parishes")
    assert len(text.encode()) <= 300_000


def test_names_for_everyone() -> None:
    """A map has a role, a title and a sentence that says what it shows; with links it is a group, without an image."""
    image, group = drawn(SQUARE), drawn(SQUARE, hrefs=["/items/1"])
    assert (image.get("role"), group.get("role")) == ("img", "group")
    told = {each.get("id"): each.text for each in image if each.tag in (f"{SVG}title", f"{SVG}desc")}
    assert list(told) == image.get("aria-labelledby", "").split()
    assert list(told.values()) == [
        "Map", "1 feature in an area about 11 km wide and 11 km high, its middle near grid reference SU 470 170. "
        "North is up."]
    several = drawn(SQUARE, SQUARE).findtext(f"{SVG}desc") or ""
    assert "2 features" in several and "from grid square SU 41 in the south-west to SU 52 in the north-east" in several
    link = next(group.iter(f"{SVG}a"))
    assert (link.get("href"), link.findtext(f"{SVG}title"), link.get("tabindex")) == ("/items/1", "here", "-1")


@pytest.mark.parametrize("hostile", [
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "\u202etxt\x00\x1b]]>", "&amp;"])
def test_hostile_labels(hostile: str) -> None:
    """A label is text whatever it holds; marks that turn text around, and control characters, are left out."""
    picture = drawn(SQUARE, labels=[hostile], hrefs=["/a?b=1&c=\"'"], title=hostile)
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} <= {
        "svg", "title", "desc", "rect", "path", "g", "a", "text", "circle"}
    assert not re.search("[\u202a-\u202e\x00-\x1f]", "".join(picture.itertext()))


def test_hostile_links() -> None:
    """Only http(s) addresses and paths are ever links."""
    for href in ("javascript:alert(1)", "data:text/html,x", "//elsewhere.example", " https://x"):
        assert not list(drawn(SQUARE, hrefs=[href]).iter(f"{SVG}a"))


def test_no_styles() -> None:
    """The picture carries classes and no style, so that a strict content security policy draws it in full."""
    text = sketch([SQUARE, shapely.Point(445_000, 115_000)], hrefs=["/a", None], labels=["a", "b"], title="Map")
    assert not re.search(r"style|<script|\son\w+=", text)


def test_what_cannot_be_drawn() -> None:
    """Missing, empty and mixed geometries are no trouble; nothing at all is no picture; counts must agree."""
    mixed = shapely.GeometryCollection([SQUARE, shapely.MultiPoint([(445_000, 115_000), (446_000, 116_000)])])
    picture = drawn(None, shapely.Point(), mixed)
    assert (picture.findtext(f"{SVG}desc") or "").startswith("1 feature ")
    assert len(list(picture.iter(f"{SVG}circle"))) == 2
    assert sketch([], hrefs=[], labels=[], title="Nothing") == ""
    assert sketch([None], hrefs=[None], labels=["x"], title="Nothing") == ""
    assert "0 features" in sketch([], hrefs=[], labels=[], context=[SQUARE], title="Nothing")
    with pytest.raises(ValueError, match="one href and one label"):
        sketch([SQUARE], hrefs=[], labels=[], title="Map")


def test_context_lies_behind() -> None:
    """Outlines for orientation are drawn before features, in a class of their own."""
    classes = [each.get("class") for each in drawn(SQUARE, context=[SQUARE.buffer(3_000)]).iter(f"{SVG}g")]
    assert classes.index("context") < classes.index("areas")
