"""Tables: CSV of any common delimiter and encoding, and Excel. Every value is text; a blank cell is None."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from hantsmap.findings import Finding, Kind
from hantsmap.sources import workbook
from hantsmap.sources.case import Case, listed
from hantsmap.sources.frames import Reading, numbered

# Written at the start of a file by Excel and other Windows programs, to say which Unicode encoding follows.
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", ";", "\t")
# The csv module refuses cells over 128 KB, and one polygon in WKT is longer. The limit holds for the whole process.
_LONGEST_CELL = 2**31 - 1


def read(case: Case, path: Path, *, encoding: str | None, sheet: str | None) -> Reading:
    """Rows of a CSV or Excel file as text, without geometry. Raises SourceError, naming the line."""
    if path.suffix.lower() == ".xlsx":
        return Reading(_frame(case, workbook.rows(case, path, sheet)), "XLSX")
    findings: list[Finding] = []
    text = _decoded(case, path.read_bytes(), encoding, findings)
    return Reading(_frame(case, _cells(case, text, findings)), "CSV", findings)


def _decoded(case: Case, content: bytes, encoding: str | None, findings: list[Finding]) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if marked:
        sentence = f"{case.place} begins with a byte-order mark, which was taken off."
        findings.append(case.finding("byte-order-mark", Kind.REPAIRED, sentence))
    try:
        return content.decode(marked or encoding or "utf-8")
    except LookupError as error:
        raise case.fault(f"`encoding: {encoding}` is not an encoding. Write one like utf-8 or cp1252.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte, used = content[error.start], marked or encoding or "utf-8"
        advice = "Set `encoding: cp1252` if it was saved on Windows." if used != "cp1252" else "Correct `encoding`."
        raise case.fault(f"line {line} is not {used} (byte 0x{byte:02x}). {advice}") from error


def _cells(case: Case, text: str, findings: list[Finding]) -> list[list[str]]:
    """Header and rows, all of one width. Blank lines are left out."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    table: list[list[str]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            width = len(table[0]) if table else len(cells)
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                raise case.fault(
                    f"line {reader.line_num} has {len(cells)} cells and the header {width}. Mend that line."
                )
            if len(cells) < width:
                number = len(table)
                sentence = (
                    f"Row {number} (line {reader.line_num}) has {len(cells)} of {width} cells; the rest are blank."
                )
                findings.append(case.finding("short-row", Kind.DOUBTFUL, sentence, row=f"row {number}"))
            table.append(cells[:width] + [""] * (width - len(cells)))
    except csv.Error as error:
        raise case.fault(f"line {reader.line_num} is not sound CSV ({error}). Mend the quotes near it.") from error
    return table


def _delimiter(text: str) -> str:
    """Whichever of comma, semicolon and tab cuts the header into most columns; the comma where none does."""
    csv.field_size_limit(_LONGEST_CELL)
    widths = [(_header_width(text, delimiter), delimiter) for delimiter in _DELIMITERS]
    return max(widths, key=lambda width: width[0])[1]


def _header_width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


def _frame(case: Case, table: Sequence[Sequence[str]]) -> pd.DataFrame:
    if not table:
        raise case.fault("is empty. Supply it again, with a header line.")
    header = [name.strip() or f"column {place}" for place, name in enumerate(table[0], 1)]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise case.fault(f"has more than one column called {listed(twice)}. Give each its own name.")
    columns = zip(*table[1:], strict=True) if len(table) > 1 else ((),) * len(header)
    data = {
        name: pd.Series([cell if cell != "" else None for cell in cells], dtype=object)
        for name, cells in zip(header, columns, strict=True)
    }
    return numbered(pd.DataFrame(data))
