"""The codes that occur in a rendition: code lists go out with these alone, since others may tell of hidden rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.layer import CodeList
from hantsmap.protect import Protected


def occurring(protected: Protected, code_lists: Mapping[str, CodeList]) -> dict[str, CodeList]:
    """The code lists that the fields use, each with only the codes that some row has, in the order of the registry."""
    used: dict[str, set[str]] = {}
    for name, field in protected.fields.items():
        if field.codes:
            used.setdefault(field.codes, set()).update(_codes(protected.table[name]))
    return {name: code_lists[name].model_copy(update={
        "values": {code: text for code, text in code_lists[name].values.items() if code in codes}})
        for name, codes in used.items()}


def places(protected: Protected, class_field: str | None, code_lists: Mapping[str, CodeList]) -> dict[str, int]:
    """The place in the registry's code list of each class that occurs: by it a class that has no symbol is drawn, so
    that maps of two audiences look alike. Empty where the class field is not shown."""
    field = protected.fields.get(class_field or "")
    if field is None or not field.codes:
        return {}
    there = occurring(protected, code_lists)[field.codes].values
    return {code: place for place, code in enumerate(code_lists[field.codes].values) if code in there}


def _codes(column: Any) -> set[str]:
    """The distinct values of a column, or the distinct items of its lists, as texts."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.list_flatten(column)
    return {code for code in pc.unique(pc.cast(column, pa.string())).to_pylist() if code is not None}
