"""What the rules give, told before anybody is served: `hantsmap explain` and `hantsmap exposure`."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import shops
from click.testing import CliRunner, Result

from hantsmap.cli import main
from hantsmap.store import Store


@pytest.fixture
def shop(tmp_path: Path) -> shops.Shop:
    """A shop with one layer for everybody and one for staff: twelve odd things, some of them hidden."""
    return shops.odd(tmp_path)


def run(shop: shops.Shop, *words: str) -> Result:
    """The command over the shop."""
    return CliRunner().invoke(main, ["--registry", str(shop.registry), "--store", str(shop.store), "--data",
                                     str(shop.data), *words])


def count(shop: shops.Shop, shown: bool, secret: bool = False) -> int:
    """Rows of the current edition that are shown or not; with `secret`, only those that have one."""
    current = Store(shop.store).current("odd")
    assert current is not None and current.edition is not None
    table = pq.read_table(Store(shop.store).edition("odd", current.edition) / "curated.parquet")
    return sum(row["shown"] is shown and (row["secret"] is not None or not secret) for row in table.to_pylist())


def changed(shop: shops.Shop, old: str, new: str) -> str:
    """A registry in which one thing is said otherwise."""
    text = shop.registry.read_text(encoding="utf-8")
    assert old in text
    path = shop.registry.with_name("changed.yaml")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(path)


def test_explain_says_what_why_and_why_not(shop: shops.Shop) -> None:
    """For one audience: whose grant decides, what it gives, how much it holds back, and the sentence."""
    result = run(shop, "explain", "odd", "--as", "public")

    assert (result.exit_code, result.output.splitlines()) == (0, [
        "public: by the grant of public (public)",
        "  gets        7 of 9 fields: code, name, rank, day, moment, on, share",
        "  gets        rows with shown True",
        "  gets        exact geometry",
        "  held back   2 fields, rows: personal data. The secret is not told to anybody."])


def test_explain_says_when_there_is_nothing(shop: shops.Shop) -> None:
    """An audience without a grant on its way to the root gets nothing, and is told nothing: it is not there."""
    lines = run(shop, "explain", "hidden_layer").output.splitlines()

    assert lines[0] == "public: nothing. No grant on the way public: for it this layer does not exist."
    assert lines[1:] == ["staff: by the grant of staff (public > staff)", "  gets        2 of 2 fields",
                         "  gets        exact geometry"]


@pytest.mark.parametrize("words", [["explain", "ponds"], ["explain", "odd", "--as", "nobody"]])
def test_explain_knows_its_words(shop: shops.Shop, words: list[str]) -> None:
    """A layer or an audience that there is not is an error that lists those that there are."""
    result = run(shop, *words)

    assert result.exit_code == 2
    assert "there are" in result.stderr


def test_exposure_of_no_change(shop: shops.Shop) -> None:
    """A registry reveals nothing that it did not reveal already."""
    result = run(shop, "exposure", str(shop.registry), str(shop.registry))

    assert (result.exit_code, result.output) == (0, "Nothing is newly shown to anybody.\n")


def test_exposure_of_a_field(shop: shops.Shop) -> None:
    """A field that becomes public is counted on the current edition, and the exit code asks for a reviewer's yes."""
    result = run(shop, "exposure", str(shop.registry), changed(shop, '"on", share]', '"on", share, secret]'))

    assert result.exit_code == 1
    assert result.output == f"odd to public: 1 field (secret); {count(shop, shown=True, secret=True)} values in all\n"


def test_exposure_of_rows(shop: shops.Shop) -> None:
    """Rows that become public are counted, with all that is told of them."""
    wider = changed(shop, "rows: {shown: [true]}", "rows: {shown: [true, false]}")
    result = run(shop, "exposure", str(shop.registry), wider)

    hidden = count(shop, shown=False)
    assert result.exit_code == 1
    assert result.output.startswith(f"odd to public: {hidden} row")


def test_exposure_to_staff_needs_no_yes(shop: shops.Shop) -> None:
    """What is shown to staff and not to the public is told, and the exit code is 0."""
    less = changed(shop, "      staff: {fields: all}\n  hidden", """      staff:
        fields: [code, name, rank, day, moment, "on", share, shown]
        held_back: [{reason: f, sentence: The secret is not told to staff., owner: Archive, review: 2027-09-01}]
  hidden""")
    result = run(shop, "exposure", less, str(shop.registry))

    assert result.exit_code == 0
    assert result.output.startswith("odd to staff: 1 field (secret); ")


def test_exposure_of_sharper_geometry(shop: shops.Shop) -> None:
    """Geometry that is shown more exactly is told, and counts as newly public."""
    coarse = changed(shop, "rows: {shown: [true]}", "rows: {shown: [true]}\n        geometry: grid:1000")
    result = run(shop, "exposure", coarse, str(shop.registry))

    assert (result.exit_code, result.output) == (1, "odd to public: geometry exact instead of grid:1000\n")


def test_a_grant_that_ended_explains_nothing(shop: shops.Shop) -> None:
    """After its last day a grant is told of no more: its audience gets what is left on the way to the root."""
    given = "      staff: {fields: all}\n  hidden"
    path = changed(shop, given, given.replace("all}", "all, until: 2020-01-31}"))
    result = CliRunner().invoke(main, ["--registry", path, "explain", "odd", "--as", "staff"])

    assert result.output.splitlines()[0] == "staff: by the grant of public (public > staff)"
    renewed = run(shop, "exposure", path, str(shop.registry))
    assert renewed.exit_code == 0
    assert renewed.output.startswith("odd to staff: 2 fields (shown, secret); ")
