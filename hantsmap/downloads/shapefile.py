"""Shapefile, zipped: for programs that read nothing newer. What it cannot hold is told in a table inside."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hantsmap import crs
from hantsmap.downloads.batches import Rows
from hantsmap.downloads.gdal import write_gdal
from hantsmap.downloads.zips import Archive
from hantsmap.layer import FieldType
from hantsmap.query.features import cell

LONGEST_NAME, LONGEST_TEXT = 10, 254
# The names of the reference systems as Esri writes them (WKT 1).
PARTS = ("shp", "shx", "dbf", "prj", "cpg")


def short_names(names: list[str]) -> dict[str, str]:
    """Names of at most ten characters, each once, the same for the same fields in the same order."""
    short: dict[str, str] = {}
    taken = {name for name in names if len(name) <= LONGEST_NAME}
    for name in names:
        if len(name) <= LONGEST_NAME:
            short[name] = name
            continue
        number, chosen = 0, name[:LONGEST_NAME]
        while chosen in taken:
            number += 1
            chosen = f"{name[:LONGEST_NAME - len(str(number)) - 1]}_{number}"
        taken.add(chosen)
        short[name] = chosen
    return short


def write_shapefile(path: Path, rows: Rows, moment: datetime, readme: str) -> None:
    """A zip with .shp, .shx, .dbf, .prj, .cpg, the table of fields and a readme.

    Dates with a time are texts (ISO 8601). Texts longer than 254 bytes are cut: the table of fields
    says of how many values.
    """
    layer = rows.rendition.description.layer
    folder = path.parent / "parts"
    folder.mkdir()
    names = short_names(["id", *rows.fields])
    schema = rows.schema(lists=False, names=names)
    for number, field in enumerate(schema):
        if pa.types.is_timestamp(field.type):
            schema = schema.set(number, pa.field(field.name, pa.string()))
    cut = dict.fromkeys(schema.names, 0)
    write_gdal(folder / f"{layer}.shp", _Short(rows, cut), schema, "ESRI Shapefile",
               {"ENCODING": "UTF-8", "RESIZE": "YES", "DBF_DATE_LAST_UPDATE": f"{moment:%Y-%m-%d}"})
    with Archive(path, moment) as archive:
        for part in PARTS:
            archive.file(folder / f"{layer}.{part}")
        _fields(folder / "fields.csv", rows, names, cut)
        archive.file(folder / "fields.csv", f"{layer}_fields.csv")
        archive.text("_README.txt", readme)
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()


class _Short(Rows):
    """Rows whose texts fit into a Shapefile; `cut` counts those that did not."""

    def __init__(self, rows: Rows, cut: dict[str, int]) -> None:
        super().__init__(rows.rendition, rows.positions, rows.system, rows.geometry)
        object.__setattr__(self, "cut", cut)

    def reader(self, schema: pa.Schema) -> pa.RecordBatchReader:
        """The batches, with what is too long cut."""
        cut: dict[str, int] = self.__dict__["cut"]
        return pa.RecordBatchReader.from_batches(schema, (_fitted(batch, cut) for batch in self.batches(schema)))


def _fitted(batch: pa.RecordBatch, cut: dict[str, int]) -> pa.RecordBatch:
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        fitted = column
        if pa.types.is_string(column.type):
            long = pc.fill_null(pc.greater(pc.binary_length(column), LONGEST_TEXT), False)
            many = pc.sum(long).as_py() or 0
            if many:
                cut[name] += many
                fitted = pa.array([_fit(text) for text in column.to_pylist()], pa.string())
        columns.append(fitted)
    return pa.record_batch(columns, schema=batch.schema)


def _fit(text: str | None) -> str | None:
    # Never half a character.
    return None if text is None else text.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")


def _fields(path: Path, rows: Rows, names: Mapping[str, str], cut: Mapping[str, int]) -> None:
    description = rows.rendition.description
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["short_name", "name", "title", "type", "unit", "codes", "values_cut", "description"])
        writer.writerow([names["id"], "id", "Identifier", "", "", "", cut[names["id"]], "Names a feature for good."])
        for name, field in description.fields.items():
            codes = description.code_lists[field.codes].values if field.codes else {}
            kind = field.type.value if field.type is not FieldType.DATETIME else "datetime, as text"
            worded = "; ".join(f"{code}={words}" for code, words in codes.items())
            writer.writerow([names[name], name, cell(field.title), kind, cell(field.unit), cell(worded),
                             cut[names[name]], cell(field.description)])


def readme(rows: Rows, moment: datetime, more: tuple[str, ...] = ()) -> str:
    """What a person should know who finds the file in five years, with lines that end as Windows has them."""
    description = rows.rendition.description
    metres = rows.system is crs.EPSG27700
    lines = [
        description.title, "", description.description,
        *([f"Note: {description.notice}"] if description.notice else []),
        "", f"Features:          {len(rows):,}",
        "Reference system:  " + ("EPSG:27700, British National Grid" if metres else "WGS 84, longitude and latitude"),
        "Coordinates:       " + ("easting, northing, in metres" if metres else "degrees"),
        f"Published:         {moment:%Y-%m-%d %H:%M} UTC", f"Edition:           {rows.rendition.id}",
        f"Source:            {description.source_name}",
        f"Capture scale:     {f'1:{description.capture_scale:,}' if description.capture_scale else 'not known'}",
        f"Updated:           {description.cadence}",
        f"Licence:           {description.licence.title}  {description.licence.url}",
        f"Attribution:       {description.attribution}",
        f"Publisher:         {description.publisher}, {description.steward}  {description.contact}", *more]
    return "\r\n".join([*lines, ""])
