"""Fields as JSON Schema, as documents of OGC APIs tell of them."""

from __future__ import annotations

from typing import Any

from hantsmap.layer import CodeList, Field, FieldType

JSON_TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.STRING: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.STRINGS: {"type": "array", "items": {"type": "string"}},
    FieldType.INTEGERS: {"type": "array", "items": {"type": "integer"}},
    FieldType.OBJECT: {"type": "object"},
}


def json_schema(field: Field, code_list: CodeList | None) -> dict[str, Any]:
    """A field as JSON Schema (OGC 23-058): type, title, description, unit, and codes that occur with their words."""
    schema: dict[str, Any] = {**JSON_TYPES[field.type], "title": field.title}
    if field.description:
        schema["description"] = field.description
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    # No code occurs where there is no value: an empty `enum` would refuse every value.
    if code_list and code_list.values and "items" not in schema:
        whole = field.type is FieldType.INTEGER
        schema["enum"] = [int(code) if whole else code for code in code_list.values]
        if code_list.worded:
            schema["x-code-list"] = {"title": code_list.title, "source": code_list.source,
                                     "values": dict(code_list.values)}
    return schema
