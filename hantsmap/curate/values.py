"""Raw values into typed ones: one parser per field type. A parser returns None for what it cannot read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from hantsmap.fields import FieldType, without_commas

ARROW: dict[FieldType, pa.DataType] = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("us", tz="UTC"),
    FieldType.STRINGS: pa.list_(pa.string()),
    FieldType.INTEGERS: pa.list_(pa.int64()),
    FieldType.OBJECT: pa.string(),
}
WORDS = {"true": True, "t": True, "yes": True, "y": True, "1": True,
         "false": False, "f": False, "no": False, "n": False, "0": False}
MOST_BITS = 63
# Two bytes of UTF-8 as Latin-1 and Windows-1252 show them: "Ã©" for "é", "â€" for a dash or a quotation mark.
MISREAD = "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"


def reread(text: str) -> str | None:
    """What a text says that is UTF-8 read as Windows-1252 or Latin-1; None where it is not."""
    for encoding in ("cp1252", "latin-1"):
        try:
            right = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return right if right != text else None
    return None


def text(value: Any) -> str | None:
    """Text; a whole float loses its `.0`, because tables store codes as numbers."""
    if isinstance(value, float):
        return None if math.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def integer(value: Any) -> int | None:
    """A whole number, also from text such as "12", "12.0" and "1,200"."""
    if isinstance(value, bool):
        return None
    number_ = number(value)
    if number_ is None or not number_.is_integer():
        return None
    # Through text, not the float: 17-digit ids would lose their last digits.
    written = _plain(value)
    whole = int(written) if isinstance(written, int) or re.fullmatch(r"[-+]?\d+", str(written)) else int(number_)
    return whole if whole.bit_length() <= MOST_BITS else None


def in_unit(unit: str) -> Callable[[Any], Any]:
    """Takes a unit away from texts such as "3.5 m" or "£1,200", before they are read as numbers."""
    written = re.compile(rf"(?:{re.escape(unit)}\s*)?([-+.,\d].*?)(?:\s*{re.escape(unit)})?", re.IGNORECASE)

    def without(value: Any) -> Any:
        match = written.fullmatch(value) if isinstance(value, str) else None
        return match[1] if match else value

    return without


def number(value: Any) -> float | None:
    """A finite number, also from text; thousands commas are taken away."""
    if isinstance(value, bool):
        return None
    try:
        result = float(_plain(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def _plain(value: Any) -> Any:
    """Text without its thousands commas. "1,5" stays as it is, no number: whether it is 1.5 or 15 cannot be told."""
    if not isinstance(value, str):
        return value
    # Python takes 1_000 for a number; nobody who publishes does.
    return without_commas(value).replace("_", "?")


def boolean(value: Any) -> bool | None:
    """True or false, also from yes and no, 1 and 0."""
    return value if isinstance(value, bool) else WORDS.get((text(value) or "").lower())


def _parts(value: Any) -> list[Any] | None:
    """A list, also from a JSON array or from text with semicolons (as GeoPlace's DataVIA writes lists)."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str):
        if value.startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                return None
        else:
            value = [part.strip() for part in value.split(";") if part.strip()]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _list_of(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def parsed(value: Any) -> Any:
        parts = _parts(value)
        values = None if parts is None else [parse(part) for part in parts]
        return None if values is None or None in values else values

    return parsed


def object_(value: Any) -> str | None:
    """A JSON object as compact text with sorted keys, so that equal objects are equal texts."""
    try:
        loaded = json.loads(value) if isinstance(value, str) else value
        return json.dumps(loaded, sort_keys=True, ensure_ascii=False, separators=(",", ":")) \
            if isinstance(loaded, dict) else None
    except (TypeError, ValueError):
        return None


PARSERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.STRING: text,
    FieldType.INTEGER: integer,
    FieldType.NUMBER: number,
    FieldType.BOOLEAN: boolean,
    FieldType.STRINGS: _list_of(text),
    FieldType.INTEGERS: _list_of(integer),
    FieldType.OBJECT: object_,
}
A_VALUE = {
    FieldType.STRING: "text", FieldType.INTEGER: "a whole number", FieldType.NUMBER: "a number",
    FieldType.BOOLEAN: "true or false", FieldType.DATE: "a date", FieldType.DATETIME: "a date and time",
    FieldType.STRINGS: "a list", FieldType.INTEGERS: "a list of whole numbers", FieldType.OBJECT: "a JSON object",
}
