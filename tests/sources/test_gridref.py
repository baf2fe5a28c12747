"""National Grid references."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hantsmap import gridref

# Domain brief 1.8, computed with OS's own osbng: easting, northing and the references at 4, 6 and 8 figures.
GOLDEN = [
    (447720, 129450, "SU 47 29", "SU 477 294", "SU 4772 2945"),
    (463900, 152000, "SU 63 52", "SU 639 520", "SU 6390 5200"),
    (442000, 112000, "SU 42 12", "SU 420 120", "SU 4200 1200"),
    (475000, 105000, "SU 75 05", "SU 750 050", "SU 7500 0500"),
    (425000, 95000, "SZ 25 95", "SZ 250 950", "SZ 2500 9500"),
    (464300, 99900, "SZ 64 99", "SZ 643 999", "SZ 6430 9990"),
    (407500, 113000, "SU 07 13", "SU 075 130", "SU 0750 1300"),
]


@pytest.mark.parametrize(("e", "n", "four", "six", "eight"), GOLDEN)
def test_golden_vectors_are_written(e: int, n: int, four: str, six: str, eight: str) -> None:
    """A place is written as Ordnance Survey writes it, at every number of figures."""
    assert [gridref.reference(e, n, figures) for figures in (4, 6, 8)] == [four, six, eight]


@pytest.mark.parametrize(("e", "n", "four", "six", "eight"), GOLDEN)
def test_golden_vectors_are_read(e: int, n: int, four: str, six: str, eight: str) -> None:
    """A reference is read as the square that holds the place, of 1 km, 100 m and 10 m."""
    for text, size in ((four, 1000), (six, 100), (eight, 10)):
        assert gridref.parse(text) == gridref.Square(e // size * size, n // size * size, size)


@pytest.mark.parametrize("text", ["SU 4772 2945", "su47722945", " SU 4772  2945 ", "Su 47722945", "SU4772 2945"])
def test_spaces_and_capitals_do_not_matter(text: str) -> None:
    """However a pupil types it, it is the same square."""
    assert gridref.parse(text) == gridref.Square(447720, 129450, 10)


def test_a_reference_is_a_square_with_a_centre() -> None:
    """SU 42 12 is a kilometre square, and its centre is 500 m in from its corner."""
    square = gridref.parse("SU 42 12")
    assert (square.centre, square.bounds) == ((442500, 112500), (442000, 112000, 443000, 113000))


def test_writing_truncates_and_never_rounds() -> None:
    """A place a centimetre short of the next square is still in this one."""
    assert gridref.reference(442999.99, 112999.99, 4) == "SU 42 12"
    assert gridref.reference(442999.99, 112999.99, 10) == "SU 42999 12999"
    assert gridref.reference(442000, 112000, 2, spaced=False) == "SU41"


def test_quadrants() -> None:
    """SU42NE is a quarter of a 10 km square, and SU4212SW a quarter of a kilometre square."""
    assert gridref.parse("SU42NE") == gridref.Square(445000, 125000, 5000)
    assert gridref.parse("SU 42 12 SW") == gridref.Square(442000, 112000, 500)
    assert gridref.reference(445000, 125000, 2, spaced=False, quadrant=True) == "SU42NE"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SU 421", "3 figures, and half of an odd number is not whole"),
        ("SU", "has no figures"),
        ("SU 4 212", "1 figures across (eastings) and 3 up (northings)"),
        ("SU 123456 123456", "The longest grid reference has 10"),
        ("AB 12 34", "begins with AB"),
        ("SI 12 34", "begins with SI"),
        ("Winchester", "is not a grid reference"),
        ("", "is not a grid reference"),
        ("442000,112000", "is not a grid reference"),
        ("SU ٤٢ ١٢", "is not a grid reference"),
    ],
)
def test_what_is_refused_is_explained(text: str, told: str) -> None:
    """A wrong reference is refused with a sentence that says what is wrong with it."""
    with pytest.raises(ValueError, match=r".") as caught:
        gridref.parse(text)
    assert told in str(caught.value)


def test_a_place_outside_great_britain_has_no_reference() -> None:
    """The grid ends, and says so."""
    with pytest.raises(ValueError, match=r"outside the National Grid"):
        gridref.reference(-1, 100000)
    with pytest.raises(ValueError, match=r"not 3"):
        gridref.reference(442000, 112000, 3)


@given(st.floats(0, 699_999.99), st.floats(0, 1_299_999.99), st.sampled_from(gridref.FIGURES), st.booleans())
def test_reading_what_was_written_gives_the_square_that_holds_the_place(
    e: float, n: float, figures: int, spaced: bool
) -> None:
    """Anywhere in Great Britain, at any number of figures."""
    west, south, east, north = gridref.parse(gridref.reference(e, n, figures, spaced=spaced)).bounds
    assert west <= e < east and south <= n < north
