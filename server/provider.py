"""A rendition as pygeoapi sees one: what its documents ask of a collection, and nothing that reads features."""

from __future__ import annotations

from typing import Any

from pygeoapi.provider.base import BaseProvider

from hantsmap.layer import CodeList, Field, FieldType
from hantsmap.rendition import Description

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
    """A field as JSON Schema (OGC 23-058): type, title, description, unit, and its codes with their words."""
    schema: dict[str, Any] = {**JSON_TYPES[field.type], "title": field.title}
    if field.description:
        schema["description"] = field.description
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    if code_list and "items" not in schema:
        whole = field.type is FieldType.INTEGER
        schema["enum"] = [int(code) if whole else code for code in code_list.values]
        if code_list.worded:
            schema["x-code-list"] = {"title": code_list.title, "source": code_list.source,
                                     "values": dict(code_list.values)}
    return schema


class RenditionProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi has no types
    """Gives pygeoapi the fields of one rendition. `data` is the rendition's Description."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        self.description: Description = provider_def["data"]
        super().__init__({**provider_def, "data": self.description.layer})

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """Fields by name, as JSON Schema, in the order they are served."""
        lists = self.description.code_lists
        return {name: json_schema(field, lists.get(field.codes or ""))
                for name, field in self.description.fields.items()}

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """As get_fields; pygeoapi asks in both ways."""
        return self.get_fields()
