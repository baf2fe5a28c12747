"""Fields of a layer as the registry describes them: their types, code lists, and how their values are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from annotated_types import MinLen
from pydantic import AfterValidator, BeforeValidator, model_validator

from hantsmap.access import Value, as_text

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(f"`{text}` is not a name: use lower-case letters, digits and _, starting with a letter")
    return text


Name = Annotated[str, AfterValidator(_name)]


class FieldType(StrEnum):
    """Type of a field's values. `strings` and `integers` are lists; `object` is a JSON object."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    STRINGS = "strings"
    INTEGERS = "integers"
    OBJECT = "object"


def _texts(value: Any) -> Any:
    """Codes are text: a list becomes codes that read as themselves; YAML's numbers become their digits."""
    if isinstance(value, Mapping):
        return {as_text(code): text for code, text in value.items()}
    if isinstance(value, list):
        return {as_text(code): None if code is None else as_text(code) for code in value}
    return value


class CodeList(Value):
    """The values a field may have, code to text, and the published source they are taken from."""

    title: str
    source: str
    values: Annotated[Mapping[str, str], BeforeValidator(_texts)]

    @property
    def worded(self) -> bool:
        """True where the text says more than the code, so that a `_text` twin helps a reader."""
        return any(code != text for code, text in self.values.items())


THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


def _alternatives(value: Any) -> Any:
    """One list of names, or a list of such lists, as a list of lists."""
    if isinstance(value, str):
        return ((value,),)
    if isinstance(value, (list, tuple)) and value and not any(isinstance(each, (list, tuple)) for each in value):
        return (tuple(value),)
    return value


Alternatives = Annotated[tuple[Annotated[tuple[str, ...], MinLen(1)], ...], BeforeValidator(_alternatives)]
DATE_FORMATS = ("iso", "day_first", "month_first", "month_name", "compact", "excel", "epoch_s", "epoch_ms")


def one_or_more(value: Any) -> Any:
    """A lone text as a tuple of one, so that the registry may leave out the brackets."""
    return (value,) if isinstance(value, str) else value


def without_commas(number: str) -> str:
    """Text of a number without its thousands commas: "1,234.5" is "1234.5"; other texts ("1,5") are unchanged."""
    return number.replace(",", "") if THOUSANDS.fullmatch(number) else number


def row_key(parts: Sequence[str]) -> str:
    """The id of a row: the texts of its key fields, joined with a full stop, with hyphens for white space."""
    return ".".join(re.sub(r"\s+", "-", part) for part in parts)


def time_zone(name: str) -> str:
    """The name of a time zone, checked. Raises ValueError with what to write."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f"`{name}` is not a time zone: write one like Europe/London or UTC") from error
    return name


def _date_format(name: str) -> str:
    if name in DATE_FORMATS:
        return name
    there = datetime(2026, 11, 21, 9, 30)  # any time will do
    try:
        back = datetime.strptime(there.strftime(name), name)
    except ValueError:
        back = None
    if "%" not in name or back is None or back.date() != there.date():
        raise ValueError(f"`{name}` is not a date format: write one of {', '.join(DATE_FORMATS)}, or a pattern with a "
                         "day, a month and a year, like `%d %b %Y`")
    return name


class Field(Value):
    """A named, typed, described column.

    `required` drops a row without a value; `unique` raises a doubt about values that stand twice. `missing` are texts
    that a source writes for "no value", and `sentinels` dates that it writes for "unknown": both become null. `format`
    says how dates are written, where detection is not wanted: names of DATE_FORMATS, or patterns of `strptime`.

    The others say what a value tells: `derived_from` are the fields (`field`, `layer.field` or `geometry`) that it can
    be worked out from, one list or several alternative ones; `references` are the layers (`layer` or `layer.field`)
    whose rows it names; `count` says that it is a count whose small values may tell of people.
    """

    type: FieldType
    title: str
    description: str = ""
    unit: str | None = None
    codes: str | None = None
    required: bool = False
    unique: bool = False
    missing: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    format: Annotated[tuple[Annotated[str, AfterValidator(_date_format)], ...], BeforeValidator(one_or_more)] = ()
    sentinels: tuple[date, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    derived_from: Alternatives = ()
    references: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    count: bool | None = None

    def shown(self) -> Self:
        """The field as viewers are told of it: without what names other fields and layers."""
        return self.model_copy(update={"derived_from": (), "references": (), "count": None})

    @model_validator(mode="after")
    def _dates_alone_have_formats(self) -> Self:
        if self.format and self.type not in (FieldType.DATE, FieldType.DATETIME):
            raise ValueError(f"`format` is for dates: a field of type {self.type.value} has none")
        return self
