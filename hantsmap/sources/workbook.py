"""Excel workbooks: the cells of one sheet as the text that a CSV of it would hold."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from hantsmap.sources import archive
from hantsmap.sources.case import Case, listed
from hantsmap.sources.markup import is_markup, without_doctype

# Excel allows 16,384 columns of 1,048,576 rows. A sheet is held whole in memory, so what is almost empty is refused.
MOST_COLUMNS = 2_000
MOST_XML_BYTES = 2 * 10**9
_EMPTY_CELLS_ALLOWED = 5_000_000
_CELLS_FOR_EACH_FILLED = 20

_NOT_A_WORKBOOK = (
    "is not an .xlsx workbook: it is damaged, has a password, or is an older .xls. Save it again as .xlsx without one."
)


def rows(case: Case, path: Path, sheet: str | None) -> list[list[str]]:
    """Header and rows of a sheet, of one width; formulas as their last result. Blank rows are left out.

    Raises SourceError for a file that is no workbook, a sheet that is not there, and several sheets with none named.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            archive.check(case, packed, most=MOST_XML_BYTES)
            _no_entities(case, packed)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise case.fault(_NOT_A_WORKBOOK) from error
    try:
        chosen = book[_sheet(case, book.sheetnames, sheet)]
        chosen.reset_dimensions()  # Some writers state a wrong size, and the cells beyond it would not be read.
        filled = _filled_rows(case, chosen.iter_rows(values_only=True))
    finally:
        book.close()
    width = max(map(len, filled), default=0)
    for row in filled:
        row.extend([""] * (width - len(row)))
    return filled


def _filled_rows(case: Case, values: Iterable[Sequence[Any]]) -> list[list[str]]:
    """Rows up to their last filled cell, without blank ones. Raises SourceError before a sparse sheet takes memory."""
    rows: list[list[str]] = []
    width = used = 0
    for number, given in enumerate(values, 1):
        row = [_text(value) for value in given]
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        width = max(width, len(row))
        used += sum(1 for cell in row if cell)
        if width > MOST_COLUMNS:
            last = f"{get_column_letter(len(row))}{number}"
            raise case.fault(f"has a value in cell {last}, beyond {MOST_COLUMNS:,} columns. Delete it, and save again.")
        if width * (len(rows) + 1) > _EMPTY_CELLS_ALLOWED + _CELLS_FOR_EACH_FILLED * used:
            raise case.fault(
                f"is almost empty: {used:,} of {width * (len(rows) + 1):,} cells down to row {number:,} have a value. "
                "Delete stray cells and unused columns, and save again."
            )
        rows.append(row)
    return rows


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
        # By content: a part of a workbook is found by its type, whatever its name.
        with packed.open(member) as stream:
            found = is_markup(stream.read(64))
            stream.seek(0)
            if found:
                for _ in without_doctype(case, stream):
                    pass


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
