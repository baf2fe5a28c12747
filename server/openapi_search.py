"""What the OpenAPI document says of `POST /collections/{id}/search`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.links import CSV, GEOJSON

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
PROBLEMS = (400, 401, 404, 410, 413, 415, 429, 500, 503)


def path(title: str, tag: str, described: Sequence[Json], components: Mapping[str, Json]) -> Json:
    """The path of a layer's search.

    `described` are the parameters of its items: their references are followed, and each becomes a property of the form.
    `components` are the document's parameters by name.
    """
    told = [components[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each for each in described]
    properties = {each["name"]: {"description": each["description"], **each["schema"]} for each in told}
    properties["f"] = {"type": "string", "enum": ["json", "geojson", "csv"], "description": "The form of the answer."}
    listed = {name: {"style": "form", "explode": False} for name, schema in properties.items()
              if schema.get("type") == "array"}
    form: Json = {"schema": {"type": "object", "properties": properties, "additionalProperties": False},
                  "encoding": listed}
    text = {"schema": {"type": "string"}}
    return {"post": {
        "summary": f"{title}: search", "tags": [tag],
        "description": "A page of features, for the parameters of /items in a form: for filters that are too long for "
                       "an address. The link to the next page has an offset in its address: post the same form to it.",
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in ("offset", "version", "after")],
        "requestBody": {"required": False, "content": {FORM: form}},
        "responses": {
            "200": {"description": "A page of features", "content": {
                GEOJSON: {"schema": {"$ref": "#/components/schemas/FeatureCollection"}}, CSV: text}},
            **{str(status): {"$ref": "#/components/responses/Problem"} for status in PROBLEMS}}}}
