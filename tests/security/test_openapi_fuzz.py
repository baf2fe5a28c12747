"""The OpenAPI document is what is served: schemathesis asks what it allows, and what it does not, and compares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks
from shops import application

EXAMPLES = 8
# Points, lines, areas and a table; names with and without hidden parts.
LAYERS = ("schools", "rights_of_way", "population_forecasts")
PROMISES = [checks.not_a_server_error, openapi_checks.status_code_conformance, openapi_checks.content_type_conformance,
            openapi_checks.response_schema_conformance, openapi_checks.response_headers_conformance]
FEW = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
               suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def operations(county_store: Path) -> Callable[[str], dict[str, Any]]:
    """`operations(audience)`: by path, what an audience is told that it can ask, about few of its layers."""
    def of(audience: str) -> dict[str, Any]:
        app = application(county_store, audience=audience, address_rate=10**9)
        schema = schemathesis.openapi.from_wsgi("/openapi", app)
        found = [result.ok() for result in schema.get_all_operations()]
        return {operation.path: operation for operation in found
                if not operation.path.startswith("/collections/") or operation.path.split("/")[2] in LAYERS}

    return of


@pytest.mark.parametrize("audience", ["public", "staff"])
def test_answers_are_as_the_document_says(operations: Callable[[str], dict[str, Any]], audience: str) -> None:
    """Asked within the document and beside it, nothing breaks, and each answer has a status, a type and a form that
    the document names."""
    asked = {path: answered(operation) for path, operation in operations(audience).items()}
    # schemathesis does not ask for the document itself.
    assert len(asked) == 3 + 7 + 2 + 5 + (9 + 5) * len(LAYERS) + 1
    assert all(asked.values())
    assert set().union(*asked.values()) >= {200, 400, 404}


def answered(operation: Any) -> set[int]:
    """The statuses with which many questions are answered, right and wrong ones; each answer is compared."""
    statuses = set()
    # Where nothing can be said, nothing can be said wrongly.
    wrong = (GenerationMode.NEGATIVE,) if operation.definition.raw["parameters"] else ()
    for mode in (GenerationMode.POSITIVE, *wrong):
        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            # schemathesis says that it reads gzip, and over WSGI it does not.
            answer = case.call(headers={"Accept-Encoding": "identity"})
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=PROMISES)

        ask()
    return statuses
