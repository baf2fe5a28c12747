"""A registry is valid as a whole, or refused with everything that is wrong with it, each thing at its line."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from hantsmap.errors import RegistryError
from hantsmap.registry import Registry, read

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SMALL = """\
title: Small county
description: One layer to test with.
publisher: Testers
contact: tests@example.org
extent: [403000, 89500, 490000, 166000]
audiences:
  public: {title: Everybody}
  staff: {title: Staff, within: public}
licences:
  ogl: {title: Open, url: "https://example.org/ogl"}
code_lists:
  kind: {title: Kind, source: Tests, values: {O: Oak, B: Beech}}
layers:
  trees:
    title: Trees
    description: Trees.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Never
    source_name: Tests
    lineage: Made up.
    geometry: Point
    key: code
    source: {file: trees.csv, crs: "EPSG:27700", geometry: {x: x, y: y}}
    fields:
      code: {type: string, title: Code}
      kind: {type: string, title: Kind, codes: kind}
      height: {type: integer, title: Height}
      open: {type: boolean, title: Open}
    grants:
      public: {fields: all}
"""
WHY = "held_back: [{reason: f, sentence: For the staff only., owner: Tester, review: 2099-01-01}]"


@pytest.fixture
def written(tmp_path: Path):
    """Writes a registry, and reads it."""

    def write(*changes: tuple[str, str], text: str = SMALL) -> Registry:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        file = tmp_path / "layers.yaml"
        file.write_text(text)
        return read(file)

    return write


def problems(written, *changes: tuple[str, str], text: str = SMALL) -> list[str]:
    """The problems of a registry, without the name of its file."""
    with pytest.raises(RegistryError) as met:
        written(*changes, text=text)
    return [f"{problem.line}: {problem.sentence}" for problem in met.value.problems]


def test_everything_at_once() -> None:
    """Forty faults in one file: each is told once, in the order of the file, with its line and what to do."""
    with pytest.raises(RegistryError) as met:
        read(HERE / "broken.yaml")
    assert str(met.value).splitlines() == (HERE / "broken.txt").read_text().splitlines()
    assert met.value.exit_code == 3 and len(met.value.problems) >= 40


@pytest.mark.parametrize("file", ["layers.yaml", "tests/real/layers.yaml"])
def test_registries_of_the_project_are_valid(file: str) -> None:
    """The registry of the synthetic county, and that of the real data, are valid."""
    assert len(read(ROOT / file).layers) >= 11


def test_small_registry(written) -> None:
    """The registry that the tests here break is valid; code lists are not asked of who has no codes."""
    registry = written()
    assert registry.extent == (403000, 89500, 490000, 166000)
    assert list(registry.layers["trees"].served_fields(registry.code_lists)) == [
        "code", "kind", "kind_text", "height", "open"]
    plain = written(('code_lists:\n  kind: {title: Kind, source: Tests, values: {O: Oak, B: Beech}}\n', ""),
                    (", codes: kind", ""))
    assert plain.code_lists == {}


@pytest.mark.parametrize(("text", "line", "words"), [
    ("title: [", 2, "is not YAML"),
    ("title: a\n\tb: c\n", 2, "is not YAML"),
    ("title: a\n  description: b\n", 2, "is not YAML: mapping values are not allowed in this context."),
    ("title: !!python/object:os.system {}\n", 1, "`description` is missing"),
    ("title: *anchor\n", 1, "is not YAML: found undefined alias."),
    ("title: \"\x07\"\n", 1, "is not YAML that can be read"),
    ("layers: &a {b: *a}\n", 1, "is not YAML that can be read"),
    ("- a\n- b\n", 1, "holds no mapping"),
    ("just words\n", 1, "holds no mapping"),
    ("", 1, "`title` is missing: add it."),
    ("a: 1\n---\nb: 2\n", 2, "is not YAML: but found another document."),
])
def test_not_a_registry(written, text: str, line: int, words: str) -> None:
    """What is no YAML, or no registry, is said with the line; nothing else is raised."""
    told = problems(written, text=text)
    assert any(sentence.startswith(f"{line}: ") and words in sentence for sentence in told), told


def test_no_file(tmp_path: Path) -> None:
    """A registry that is not there, a folder in its place, or bytes that are no text: one problem, with advice."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00title")
    for name in ("absent", "folder", "bytes"):
        with pytest.raises(RegistryError, match=r"cannot be read .* Point --registry at the registry file\."):
            read(tmp_path / name)


def test_byte_order_mark(tmp_path: Path) -> None:
    """A byte-order mark, as editors on Windows write it, is no fault."""
    (tmp_path / "layers.yaml").write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read(tmp_path / "layers.yaml").title == "Small county"


def test_key_twice(written) -> None:
    """A key that stands twice is refused: YAML would keep the last one in silence, and a grant with it."""
    once = "      public: {fields: all}"
    told = problems(written, (once, f"{once}\n{once}"))
    assert told == ["32: `public` stands twice here, on lines 32 and 33: keep one."]


def test_a_list_of_nothing_is_said_so(written) -> None:
    """Where the registry has no licence or code list, the sentence says so and lists nothing."""
    told = problems(written, ("  ogl: {title: Open, url: \"https://example.org/ogl\"}\n", ""),
                    ("licences:", "licences: {}"))
    assert told == ["9: `licences` is missing: add it.", "17: `ogl` is not a licence; the registry has none: add it."]


@pytest.mark.parametrize(("change", "told"), [
    (("licence: ogl", "licence: gpl"), "18: `gpl` is not a licence; there are ogl."),
    (("      public: {", "      publik: {"), "32: `publik` is not an audience; there are public, staff."),
    (("codes: kind", "codes: kin"), "28: `kin` is not a code list; there are kind."),
    (("key: code", "key: cod"), "24: `cod` is not a field of this layer."),
    (("    lineage:", "    linage: x\n    lineage:"),
     "22: layers.trees.linage is not a key that is known here: did you mean `lineage`?"),
    (("{type: integer,", "{type: integer, requird: true,"),
     "29: layers.trees.fields.height.requird is not a key that is known here: did you mean `required`?"),
    (("file: trees.csv,", "file: trees.csv, layr: x,"),
     "25: layers.trees.source.layr is not a key that is known here: did you mean `layer`?"),
    (("within: public", "within: staff"), "8: `staff` never reaches `public` by its `within`: audiences form a tree."),
    (("public: {title: Everybody}", "public: {title: Everybody, within: staff}"),
     "7: `public` is the root of the audiences: take `within` away."),
    (("height: {", "bbox: {"), "29: `bbox` is a word of GeoJSON or of the API itself: choose another."),
    (("code: {type: string", "code: {type: strings"), "24: `code` is strings: `key` takes one value a row."),
    (("open: {type: boolean", "open: {type: boolean, maximum: 3"), "30: only numbers have a `maximum`."),
])
def test_one_fault(written, change: tuple[str, str], told: str) -> None:
    """One fault is told in one sentence, at its line, with what is known there or what was meant."""
    found = problems(written, change)
    assert told in found
    assert len(found) == 1 or "within" in told


@pytest.mark.parametrize(("rows", "told"), [
    ("{kind: [O, X]}", "`X` is not in the code list `kind`."),
    ("{size: [1]}", "`size` is not a field of this layer."),
    ("{open: [1]}", "`1` is no boolean, as `open` is."),
    ("{open: [yes]}", "`yes` is no boolean, as `open` is."),
    ("{height: [tall]}", "`tall` is no integer, as `height` is."),
    ("{height: [true]}", "`true` is no integer, as `height` is."),
])
def test_rows_of_a_grant(written, rows: str, told: str) -> None:
    """Rows are kept by values that the field can have; another value would show nothing, and say nothing."""
    change = f"      public:\n        fields: all\n        rows: {rows}\n        {WHY}"
    assert any(sentence.endswith(told) for sentence in problems(written, ("      public: {fields: all}", change)))


@pytest.mark.parametrize(("public", "staff", "lost"), [
    ("{fields: all}", "{fields: [code, kind], WHY}", "the fields height, open"),
    ("{fields: all, rows: {kind: [O]}, WHY}", "{fields: all, rows: {kind: [B]}, WHY}", "rows with kind O"),
    ("{fields: all}", "{fields: all, rows: {open: [true]}, WHY}", "all rows, whatever their open"),
    ("{fields: all}", "{fields: all, geometry: 'grid:100', WHY}", "geometry detail exact"),
    ("{fields: all, geometry: 'grid:100', WHY}", "{fields: all, geometry: 'none', WHY}", "geometry detail grid:100"),
])
def test_ladder(written, public: str, staff: str, lost: str) -> None:
    """A grant that takes away what the audience has as part of another is refused, and what would be lost is named."""
    grants = f"      public: {public}\n      staff: {staff}".replace("WHY", WHY)
    told = problems(written, ("      public: {fields: all}", grants))
    assert told == [f"33: `staff` would lose {lost} that it has as part of `public`: grants widen on the way down; "
                    "give it, or split the layer."]


def test_reason_is_missing(written) -> None:
    """Whatever holds something back says why; the key of the layer cannot be held back at all."""
    told = problems(written, ("{fields: all}", "{fields: [kind]}"))
    assert told == ["32: `code` is the key of this layer: a grant cannot leave it out.",
                    "32: this grant holds something back and gives no reason: add `held_back` with a reason code a-h "
                    "and a sentence."]


@pytest.mark.parametrize(("written_codes", "codes"), [
    ("[0010, 0020]", ["0010", "0020"]),
    ("[NO, yes, Off]", ["NO", "yes", "Off"]),
    ("{12:30: Noon, 1.10: One}", ["12:30", "1.10"]),
    ("[1, 2.5, 2026-01-01, x]", ["1", "2.5", "2026-01-01", "x"]),
    ("[0x1F, 1_000, +5, 1e3]", ["0x1F", "1_000", "+5", "1e3"]),
    ("[2026-13-45]", ["2026-13-45"]),
])
def test_codes_read_as_they_are_written(written, written_codes: str, codes: list[str]) -> None:
    """A code is what stands in the file, and not what YAML makes of it: 0010 is not 8, and `no` is not false."""
    registry = written(("{O: Oak, B: Beech}", written_codes))
    assert list(registry.code_lists["kind"].values) == codes


ASKS = """\
agreements:
  terms: {title: Terms, version: VERSION, purpose: To test with., text: Be good.}
layers:
"""


@pytest.mark.parametrize(("version", "read_as"), [("2", "2"), ("2026-10-01", "2026-10-01"), ("1.10", "1.10"),
                                                  ("2026-1", "2026-1")])
def test_agreement(written, version: str, read_as: str) -> None:
    """A grant may ask for an agreement; its version is what is written, and its text is known by its digest."""
    registry = written(("layers:\n", ASKS.replace("VERSION", version)),
                       ("      public: {fields: all}", "      staff: {fields: all, agreement: terms}"))
    terms = registry.agreements["terms"]
    assert (terms.version, terms.text) == (read_as, "Be good.")
    assert terms.digest == sha256(b"Be good.").hexdigest()
    assert registry.asked("staff") == ("terms",) and registry.asked("public") == ()


def test_agreement_in_a_file(written, tmp_path: Path) -> None:
    """The text of an agreement may stand in a file beside the registry; how an editor ends its lines is no change."""
    said = ASKS.replace("VERSION", "1").replace("text: Be good.", "file: terms.txt")
    digests = set()
    for text in (b"Be good.\nAlways.\n", b"\xef\xbb\xbfBe good.\r\nAlways."):
        (tmp_path / "terms.txt").write_bytes(text)
        digests.add(written(("layers:\n", said)).agreements["terms"].digest)
    assert len(digests) == 1
    (tmp_path / "terms.txt").write_bytes(b" \n")
    assert problems(written, ("layers:\n", said)) == [
        "14: `terms.txt` has 0 characters: write a text of 1 to 200,000."]


@pytest.mark.parametrize(("change", "told"), [
    (("public: {fields: all}", "public: {fields: all, agreement: terms}"),
     "34: everybody reads without a key, and nobody can accept for everybody: give what needs an agreement to an "
     "audience with keys."),
    (("public: {fields: all}", "staff: {fields: all, agreement: term}"),
     "34: `term` is not an agreement; there are terms."),
    (("public: {title: Everybody}", "public: {title: Everybody, until: 2030-01-01}"),
     "7: `public` never ends: take `until` away."),
])
def test_agreement_that_nobody_can_accept(written, change: tuple[str, str], told: str) -> None:
    """An agreement that is not there, or that everybody would have to accept, is refused; so is a last day of all."""
    assert problems(written, ("layers:\n", ASKS.replace("VERSION", "1")), change) == [told]


def test_asking_narrows_nothing(written) -> None:
    """A grant that asks for an agreement is no narrower than one that does not, nor the other way round."""
    for above, below in (("", ", agreement: terms"), (", agreement: terms", "")):
        registry = written(
            ("layers:\n", ASKS.replace("VERSION", "1")),
            ("within: public}\n", "within: public}\n  officers: {title: Officers, within: staff}\n"),
            ("      public: {fields: all}",
             f"      staff: {{fields: all{above}}}\n      officers: {{fields: all{below}}}"))
        assert [bool(registry.asked(name)) for name in ("staff", "officers")] == [bool(above), bool(below)]


def test_an_audience_that_ended_has_nothing(written) -> None:
    """After the last day of an audience nothing is there for it, or for any within it; on the day itself it is."""
    registry = written(
        ("within: public}\n", "within: public, until: 2030-06-30}\n  officers: {title: Officers, within: staff}\n"))
    for audience, on, there in (("staff", date(2030, 6, 30), True), ("staff", date(2030, 7, 1), False),
                                ("officers", date(2030, 6, 30), True), ("officers", date(2030, 7, 1), False),
                                ("public", date(2030, 7, 1), True)):
        assert (registry.grant("trees", audience, on) is not None) is there, (audience, on)


@pytest.mark.parametrize("extent", ["[1, 2, 3]", "[a, b, c, d]", "[490000, 89500, 403000, 166000]", "x", "[0, 0, 0, 0]",
                                    "[.inf, 1, 2, 3]", "[.nan, 1, 2, 3]", "{a: 1, b: 2, c: 3, d: 4}"])
def test_extent(written, extent: str) -> None:
    """An extent is four numbers in order, and nothing else is taken for one."""
    assert problems(written, ("[403000, 89500, 490000, 166000]", extent)) == [
        "5: `extent` is four numbers, west, south, east, north, in National Grid metres."]


@pytest.mark.parametrize(("said", "words"), [
    ("symbols: {classes: {O: {dash: [3]}}}", "dashes and gaps take turns: write an even number of lengths"),
    ("symbols: {classes: {X: {}}}", "`X` is not in the code list `kind`."),
    ("symbols: {symbol: {colour: green}}", "string should match pattern"),
    ("symbols: {symbol: {color: '#112233'}}", "did you mean `colour`?"),
    ("symbols: {symbol: {hatch: stripes}}", "input should be 'diagonal'"),
    ("symbols: {label: {field: title}}", "`title` is not a field of this layer."),
    ("symbols: {label: {field: height}}", "`height` is a integer: a label is a string."),
    ("tiles: {fields: [kind, size]}", "`size` is not a field of this layer."),
    ("tiles: {fields: [height]}", "`kind` is the class_field of this layer: tiles without it cannot be drawn."),
    ("tiles: {fields: all, zoom: 10}", "input should be less than or equal to 9"),
    ("tiles: {fields: all, zooms: {O: 6}, last: 5}", "zoom 6 is beyond the last one, 5: features would be in no tile."),
    ("tiles: {fields: all, zooms: {Q: 1}}", "`Q` is not in the code list `kind`."),
    ("symbols: {classes: {O: {zoom: 2}}}\n    tiles: {fields: all, zoom: 4}",
     "drawn from zoom 2, and in tiles only from 4"),
    ("map: {base: true}\n    tiles: {fields: all, last: 8}",
     "the tiles of the base map go to zoom 9, and these end at 8: take `last` away here, or `base` out of `map`."),
    ("geometry: none\n    tiles: {fields: all}", "this layer is a table, and nothing of it is drawn"),
])
def test_symbols_and_tiles(written, said: str, words: str) -> None:
    """What is said of drawing names fields and codes that there are, and what can be meant."""
    changes = [("    key: code\n", f"    key: code\n    class_field: kind\n    {said}\n")]
    if said.startswith("geometry"):
        changes.append(("    geometry: Point\n", ""))
    told = problems(written, *changes)
    assert any(words in sentence for sentence in told), told


@pytest.mark.parametrize("said", ["map: {base: true}\n    tiles: {fields: all, last: 9}", "map: {base: true}",
                                  "tiles: {fields: all, last: 8}"])
def test_the_base_map_reaches_its_last_zoom(written, said: str) -> None:
    """With tiles to zoom 9, or with none, a layer may be of the base map; others may end before."""
    assert written(("    key: code\n", f"    key: code\n    {said}\n")).layers["trees"].key == ("code",)


def test_aliases_that_grow_beyond_measure_are_refused(tmp_path: Path) -> None:
    """Seven lines that would become 12 million values are a problem at once; nothing is repeated before."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 7)]
    file = tmp_path / "layers.yaml"
    file.write_text("\n".join(lines))
    with pytest.raises(RegistryError, match=r"aliases .* would turn \d+ values into 12,3\d\d,\d+: write out"):
        read(file)
    file.write_text("layers: &a [*a]")
    with pytest.raises(RegistryError, match=r"the alias on line 1 contains itself"):
        read(file)


def test_aliases_of_ordinary_size_are_read(written) -> None:
    """A layer that is said once and used twice is two layers."""
    registry = written(("  trees:\n", "  trees: &trees\n"), text=SMALL + "  more: *trees\n")
    assert registry.layers["more"] == registry.layers["trees"]


@pytest.mark.parametrize("name", ["gpkg_contents", "layer_styles", "rtree_trees_geom", "sqlite_x", "hantsmap_pull"])
def test_layers_are_not_called_like_tables_of_a_geopackage(written, name: str) -> None:
    """Their GeoPackage could not be made."""
    with pytest.raises(RegistryError, match=rf"`{name}` is a name that GeoPackages use"):
        written(("  trees:\n", f"  {name}:\n"))


def test_no_field_is_called_like_a_parameter() -> None:
    """A field is a parameter of its name too: every parameter that could be a field's name is refused."""
    from hantsmap.downloads.wanted import PARAMETERS
    from hantsmap.fields import NAME
    from hantsmap.query.asking import ITEM_PARAMETERS
    from hantsmap.registry.checks import RESERVED

    every = {name for name in (*ITEM_PARAMETERS, *PARAMETERS, "shift") if NAME.fullmatch(name)}
    assert every - set(RESERVED) == set()
