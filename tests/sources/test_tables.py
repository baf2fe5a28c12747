"""CSV and Excel, and the geometry that a table holds."""

from __future__ import annotations

from datetime import date, datetime

import openpyxl
import pytest
import shapely

from hantsmap.crs import to_lonlat
from hantsmap.errors import SourceError

XY = {"x": "x", "y": "y"}


def workbook(path, sheets):
    """An .xlsx with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def noted(raw):
    """(rule, kind) of each note, in the order of the rows."""
    return [(note.rule, note.kind.value) for _, note in sorted(raw.notes.items())]


def test_everything_is_text_as_written(desk) -> None:
    """Leading noughts, NA and padded numbers stay as written, and a blank cell is None."""
    desk.write("a.csv", "id,code,n\n007,NA,1.50\n008,,\n\n")
    raw = desk.read("none", file="a.csv")
    assert raw.frame[["id", "code", "n"]].to_numpy().tolist() == [["007", "NA", "1.50"], ["008", None, None]]
    assert raw.frame.geometry.isna().all() and raw.findings == []
    assert raw.provenance["rows_read"] == 2 and raw.provenance["driver"] == "CSV"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(desk, delimiter) -> None:
    """Comma, semicolon and tab are told apart by the header, whatever the cells hold."""
    desk.write("a.csv", delimiter.join(["id", '"a name"', "c"]) + "\n" + delimiter.join(["1", '"x,y;z"', "3"]))
    assert desk.read("none", file="a.csv").frame["a name"].tolist() == ["x,y;z"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_taken_off_and_told(desk, rules, encoding) -> None:
    """The first column's name is clean, and the finding is about the layer."""
    desk.write("a.csv", "id,name\n1,Café\n".encode(encoding))
    raw = desk.read("none", file="a.csv")
    assert raw.frame.columns[:2].tolist() == ["id", "name"] and raw.frame["name"][0] == "Café"
    assert rules(raw.findings) == [("byte-order-mark", "repaired")] and raw.findings[0].row is None


def test_windows_text_needs_its_encoding(desk) -> None:
    """Without `encoding` the error names the line and the remedy; with it the text is right."""
    desk.write("a.csv", "id,name\n1,plain\n2,Café £5\n".encode("cp1252"))
    with pytest.raises(SourceError, match=r"line 3 is not utf-8 \(byte 0xe9\)\. Set `encoding: cp1252`"):
        desk.read("none", file="a.csv")
    assert desk.read("none", file="a.csv", encoding="cp1252").frame["name"][1] == "Café £5"
    with pytest.raises(SourceError, match=r"is not an encoding"):
        desk.read("none", file="a.csv", encoding="cp125x")


def test_ragged_and_broken_rows(desk, rules) -> None:
    """A short row is kept and told; a long one, an open quote and a repeated header are errors that name the place."""
    desk.write("short.csv", "id,a,b\n1,2\n3,4,5,,\n")
    raw = desk.read("none", file="short.csv")
    assert raw.frame["b"].tolist() == [None, "5"]
    assert rules(raw.findings) == [("short-row", "doubtful")] and raw.findings[0].row == "row 1"
    for name, text, told in (
        ("long.csv", "id,a\n1,2\n1,2,3\n", "line 3 has 3 cells and the header 2"),
        ("open.csv", 'id,a\n1,"2\n3,4\n', "is not sound CSV"),
        ("twice.csv", "id,id\n1,2\n", "more than one column called `id`"),
        ("empty.csv", "", "is empty"),
    ):
        desk.write(name, text)
        with pytest.raises(SourceError, match=told):
            desk.read("none", file=name)


def test_a_header_alone_is_a_table_without_rows(desk) -> None:
    """No rows is no error here."""
    desk.write("a.csv", "id,x,y\n")
    raw = desk.read(file="a.csv", geometry=XY)
    assert len(raw.frame) == 0 and raw.frame.crs.to_epsg() == 27700


def test_points_from_columns(desk) -> None:
    """x and y become points; rows without usable numbers keep their values, have no geometry, and are named."""
    desk.write("a.csv", "id,x,y\na,442000,112000.5\nb,,112000\nc,n/a,1\n,0,0\ne,inf,nan\n")
    raw = desk.read(file="a.csv", geometry=XY)
    assert raw.frame.geometry.tolist() == [shapely.Point(442000, 112000.5), None, None, None, None]
    assert raw.frame.crs.to_epsg() == 27700
    assert raw.findings == [] and noted(raw) == [("blank-coordinates", "dropped")] * 4
    assert list(raw.notes) == [1, 2, 3, 4] and list(raw.numbers) == [1, 2, 3, 4, 5]


def test_degrees_among_metres_are_converted_and_told(desk) -> None:
    """A row with longitude and latitude, in either order, lands on its place in the grid to a few centimetres."""
    lon, lat = (float(value[0]) for value in to_lonlat([442000.0], [112000.0]))
    desk.write("a.csv", f"id,x,y\na,442000,112000\nb,{lon:.7f},{lat:.7f}\nc,{lat:.7f},{lon:.7f}\nd,100,45\n")
    raw = desk.read(file="a.csv", geometry=XY)
    for point in raw.frame.geometry[:3]:
        assert abs(point.x - 442000) < 0.05 and abs(point.y - 112000) < 0.05
    assert raw.frame.geometry[3] is None
    assert noted(raw) == [
        ("coordinates-in-degrees", "repaired"),
        ("coordinates-in-degrees", "repaired"),
        ("blank-coordinates", "dropped"),
    ]


def test_thousands_commas_in_coordinates(desk) -> None:
    """"450,000" is a number of metres, as it is in number fields; in degrees a comma may be a decimal one."""
    desk.write("a.csv", 'id,x,y\na,"450,000","120,000.5"\nb,"45,00",120000\n')
    raw = desk.read(file="a.csv", geometry=XY)
    assert raw.frame.geometry.tolist() == [shapely.Point(450000, 120000.5), None]
    assert noted(raw) == [("blank-coordinates", "dropped")]
    desk.write("b.csv", 'id,x,y\na,"-1,404",50.9\nb,-1.404,50.9\n')
    raw = desk.read(file="b.csv", crs="EPSG:4326", geometry=XY)
    assert raw.frame.geometry.tolist() == [None, shapely.Point(-1.404, 50.9)]


def test_degrees_by_declaration(desk) -> None:
    """With `crs: EPSG:4326` x is longitude and y latitude, as the columns say, and nothing is converted."""
    desk.write("a.csv", "id,lon,lat\na,-1.4,50.9\n")
    raw = desk.read(file="a.csv", crs="EPSG:4326", geometry={"x": "lon", "y": "lat"})
    assert raw.frame.geometry[0] == shapely.Point(-1.4, 50.9) and raw.frame.crs.to_epsg() == 4326
    assert raw.findings == []


def test_wkt_and_its_faults(desk) -> None:
    """WKT becomes geometry even in a column called geometry; bad and blank WKT are told, and the rows stay."""
    desk.write("a.csv", 'id,geometry\na,"POLYGON ((0 0, 9 0, 9 9, 0 0))"\nb,POINT (1\nc,\n')
    raw = desk.read("Polygon", file="a.csv", crs="EPSG:3857", geometry={"wkt": "geometry"})
    assert raw.frame.geometry[0].area == 40.5 and raw.frame["id"].tolist() == ["a", "b", "c"]
    assert noted(raw) == [("bad-wkt", "dropped"), ("blank-coordinates", "dropped")]
    assert list(raw.notes) == [1, 2]
    desk.write("b.csv", "id,g\na,POINT (-1.4 50.9)\n")
    with pytest.raises(SourceError, match=r"Set `crs: OGC:CRS84`"):
        desk.read(file="b.csv", geometry={"wkt": "g"})


def test_wkt_longer_than_the_csv_modules_limit(desk) -> None:
    """A polygon of a few hundred thousand characters in one cell is read."""
    ring = ", ".join(f"{442000 + n} {112000 + n * n % 97}" for n in range(20000))
    desk.write("a.csv", f'id,g\na,"LINESTRING ({ring})"\n')
    assert (
        shapely.get_num_points(desk.read("LineString", file="a.csv", geometry={"wkt": "g"}).frame.geometry[0]) == 20000
    )


def test_grid_references(desk) -> None:
    """A reference is its square's centre in a Point layer and the square in a Polygon layer; a bad one is explained."""
    desk.write("a.csv", "id,ref\na,SU 42 12\nb,SU 421\nc,\n")
    raw = desk.read(file="a.csv", geometry={"grid_reference": "ref"})
    assert raw.frame.geometry.tolist() == [shapely.Point(442500, 112500), None, None]
    assert noted(raw) == [("bad-grid-reference", "dropped"), ("blank-coordinates", "dropped")]
    assert "3 figures" in raw.notes[1].sentence
    square = desk.read("MultiPolygon", file="a.csv", geometry={"grid_reference": "ref"}).frame.geometry[0]
    assert square.bounds == (442000, 112000, 443000, 113000)
    with pytest.raises(SourceError, match=r"a LineString layer cannot be made"):
        desk.read("LineString", file="a.csv", geometry={"grid_reference": "ref"})


def test_rows_that_are_not_wanted_raise_no_findings(desk) -> None:
    """`where` chooses before the coordinates are looked at: another county's blanks are not our steward's."""
    desk.write("a.csv", "id,county,x,y\na,Hants,442000,112000\nb,Kent,,\n")
    raw = desk.read(file="a.csv", geometry=XY, where={"county": ["Hants"]})
    assert raw.frame["id"].tolist() == ["a"] and raw.findings == [] and raw.notes == {}


def test_a_table_must_say_where_its_geometry_is(desk) -> None:
    """A layer with geometry from a table without `source.geometry`, or with a wrong column, is an error."""
    desk.write("a.csv", "id,x,y\na,1,2\n")
    with pytest.raises(SourceError, match=r"Say with `source.geometry`"):
        desk.read(file="a.csv")
    with pytest.raises(SourceError, match=r"no column `e`.*`id`, `x`, `y`"):
        desk.read(file="a.csv", geometry={"x": "e", "y": "y"})


def test_geometry_columns_by_either_name(desk) -> None:
    """The columns of coordinates may be named as the publisher does or as we do."""
    desk.write("a.csv", "id,GEO_X,GEO_Y\na,442000,112000\n")
    aliases = {"GEO_X": "easting", "GEO_Y": "northing"}
    for x, y in (("GEO_X", "GEO_Y"), ("easting", "northing")):
        raw = desk.read(file="a.csv", aliases=aliases, geometry={"x": x, "y": y})
        assert raw.frame.geometry[0] == shapely.Point(442000, 112000) and raw.frame["easting"].tolist() == ["442000"]


def test_excel_cells_as_a_csv_would_hold_them(desk) -> None:
    """Whole numbers without a point, dates as ISO, yes as true, blank as None; blank rows are left out."""
    rows = [["id", "n", "day", "at", "ok"], ["007", 7837.0, date(2024, 3, 1), datetime(2024, 3, 1, 9, 30), True]]
    workbook(desk.data / "a.xlsx", {"Data": [*rows, [], [8, 1.5, None, None, False]]})
    frame = desk.read("none", file="a.xlsx").frame.drop(columns="geometry")
    assert frame.to_numpy().tolist() == [
        ["007", "7837", "2024-03-01", "2024-03-01T09:30:00", "true"], ["8", "1.5", None, None, "false"],
    ]  # fmt: skip


def test_the_sheet_is_chosen_by_name(desk) -> None:
    """`layer` is the sheet; with several and no name, or a wrong one, the error lists them."""
    workbook(desk.data / "a.xlsx", {"Notes": [["hello"]], "Data": [["id"], ["a"]]})
    assert desk.read("none", file="a.xlsx", layer="Data").frame["id"].tolist() == ["a"]
    with pytest.raises(SourceError, match=r"several sheets.*`Notes`, `Data`"):
        desk.read("none", file="a.xlsx")
    with pytest.raises(SourceError, match=r"no sheet `Date`. It has `Notes`, `Data`"):
        desk.read("none", file="a.xlsx", layer="Date")


def test_what_is_no_workbook_is_explained(desk) -> None:
    """An older or password-protected workbook is not a zip, and the error says which it may be."""
    desk.write("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(SourceError, match=r"has a password, or is an older .xls"):
        desk.read("none", file="a.xlsx")


def test_a_folder_is_no_table(desk) -> None:
    """A folder called .csv is not data, and the sentence says so."""
    (desk.data / "a.csv").mkdir()
    with pytest.raises(SourceError, match=r"a\.csv: is a folder"):
        desk.read("none", file="a.csv")
