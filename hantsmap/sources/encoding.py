"""The character encoding of a Shapefile's table: as the registry or the files say, else found and told as a doubt."""

from __future__ import annotations

import codecs
from pathlib import Path

from hantsmap.findings import Finding, Kind
from hantsmap.sources.case import Case
from hantsmap.sources.places import CHUNK, parts

# dBase: where the length of the header stands, and the byte that names a code page (0 for none).
_HEADER_LENGTH, _LANGUAGE = slice(8, 10), 29
_HEADER = 32
_UTF8 = ("UTF-8", "UTF8", "65001")


def of_shapefile(case: Case, path: Path) -> tuple[str | None, list[Finding]]:
    """The encoding to read a Shapefile with, and a doubt where nothing says what it is.

    None leaves it to GDAL, which knows dBase's code pages and other .cpg files. Raises SourceError for an encoding that
    does not exist, or in which the table cannot be read.
    """
    table = next((part for part in parts(path) if part.suffix.lower() == ".dbf"), None)
    if table is None:
        return case.source.encoding, []
    if case.source.encoding:
        return _checked(case, table, case.source.encoding, "`encoding`"), []
    named = next((part for part in parts(path) if part.suffix.lower() == ".cpg"), None)
    if named is not None:
        stated = named.read_bytes()[:100].decode("ascii", "ignore").strip().upper()
        return (_checked(case, table, "utf-8", "its .cpg") if stated in _UTF8 else None), []
    with table.open("rb") as stream:
        header = stream.read(_HEADER)
    if len(header) == _HEADER and header[_LANGUAGE]:
        return None, []
    for guess in ("utf-8", "cp1252", "latin-1"):
        unlike = _first_fault(table, guess)
        if unlike is None:
            return guess, [] if _first_fault(table, "ascii") is None else [_doubt(case, guess)]
    return None, []


def _doubt(case: Case, guess: str) -> Finding:
    sentence = (f"{case.place} does not say its encoding (no .cpg, no language byte): its text is read as {guess}. "
                f"Look at accented letters, and set `encoding: {guess}`, or the right one.")
    return case.finding("encoding-guessed", Kind.DOUBTFUL, sentence)


def _checked(case: Case, table: Path, encoding: str, by: str) -> str:
    try:
        fault = _first_fault(table, encoding)
    except LookupError as error:
        raise case.fault(f"`encoding: {encoding}` is not an encoding. Write one like utf-8 or cp1252.") from error
    if fault is None:
        return encoding
    row, byte = fault
    advice = "Set `encoding: cp1252` if it was saved on Windows." if encoding != "cp1252" else "Correct `encoding`."
    raise case.fault(f"row {row} is not {encoding}, as {by} says (byte 0x{byte:02x}). {advice}")


def _first_fault(table: Path, encoding: str) -> tuple[int, int] | None:
    """Row (from 1) and byte of the first text that is not in an encoding, or None. LookupError for a wrong name."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with table.open("rb") as stream:
        header = stream.read(_HEADER)
        start, width = int.from_bytes(header[_HEADER_LENGTH], "little"), int.from_bytes(header[10:12], "little")
        stream.seek(start)
        done = 0
        while chunk := stream.read(CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                place = done + error.start - (len(error.object) - len(chunk))
                return place // max(width, 1) + 1, error.object[error.start]
            done += len(chunk)
    return None
