"""A rendition as pygeoapi sees one: what its documents ask of a collection, and nothing that reads features."""

from __future__ import annotations

from typing import Any

from pygeoapi.provider.base import BaseProvider

from hantsmap.rendition import Description
from server.schemas import json_schema


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
