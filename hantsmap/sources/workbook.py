"""Excel workbooks: the cells of one sheet as the text that a CSV of it would hold."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from hantsmap.sources import archive
from hantsmap.sources.case import Case, listed

_NOT_A_WORKBOOK = (
    "is not an .xlsx workbook: it is damaged, has a password, or is an older .xls. Save it again as .xlsx without one."
)


def rows(case: Case, path: Path, sheet: str | None) -> list[list[str]]:
    """Header and rows of a sheet, of one width; formulas as their last result. Blank rows are left out.

    Raises SourceError for a file that is no workbook, a sheet that is not there, and several sheets with none named.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            archive.check(case, packed)
            _no_entities(case, packed)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise case.fault(_NOT_A_WORKBOOK) from error
    try:
        chosen = book[_sheet(case, book.sheetnames, sheet)]
        chosen.reset_dimensions()  # Some writers state a wrong size, and the cells beyond it would not be read.
        cells = [[_text(value) for value in row] for row in chosen.iter_rows(values_only=True)]
    finally:
        book.close()
    filled = [row for row in cells if any(cell.strip() for cell in row)]
    if not filled:
        return []
    width = max(_width(row) for row in filled)
    return [(row + [""] * width)[:width] for row in filled]


def _sheet(case: Case, names: list[str], wanted: str | None) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None:
        raise case.fault(f"has several sheets. Say which with `layer`, or `sheet` in a join: {listed(names)}.")
    if wanted not in names:
        raise case.fault(f"has no sheet `{wanted}`. It has {listed(names)}.")
    return wanted


def _no_entities(case: Case, packed: zipfile.ZipFile) -> None:
    for member in packed.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with packed.open(member) as stream:
                if re.search(rb"<!(DOCTYPE|ENTITY)", stream.read(4096), re.IGNORECASE):
                    raise case.fault("holds a DOCTYPE or ENTITY, which no workbook needs, and is refused.")


def _width(row: list[str]) -> int:
    return max(place for place, cell in enumerate(row, 1) if cell.strip())


def _text(value: Any) -> str:
    """7837.0 is "7837", midnight of a day is the day, yes is "true"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
