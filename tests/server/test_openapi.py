"""OpenAPI is complete, and the service does what it says: checked by schemathesis against a real
one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator

from kiosk.server.access import Role
from tests.server.conftest import OpenRoom
from tests.support.service_room import Room

EXAMPLES = 12
"""Requests generated for each operation, and for each kind of it (right, wrong)."""
LEFT_OUT = "/v1/events"
"""A stream does not end by itself; tests of its own listen to it."""


def document(opened: Room) -> dict[str, Any]:
    found: dict[str, Any] = opened.client.get("/v1/openapi.json").json()
    return found


def operations(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_takes_gives_and_refuses(scripted: OpenRoom) -> None:
    found = document(scripted())
    assert len(operations(found)) >= 20
    for path, method, operation in operations(found):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        answers = operation["responses"]
        assert {"421", "429"} <= set(answers), where
        good = [status for status in answers if status.startswith("2")]
        assert good, where
        for status, answer in answers.items():
            assert answer["description"], f"{where} {status}"
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"], f"{where} {status}"
                assert answer["content"]["application/problem+json"]["example"]["remedy"]
        if method in ("post", "patch") and not path.endswith("rollback"):
            assert operation["requestBody"]["content"], where
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert "/Identification_Request" not in json.dumps(found)


def test_generated_requests_are_answered_as_documented(scripted: OpenRoom) -> None:
    """Right and wrong requests of every operation: no status, type or body that is not documented,
    no 500, nothing taken that the document forbids, no way round the token. That the right ones
    are taken is left to the other tests: no schema can say what a readable recording is."""
    # A second for each process that collects tests, of which one asks.
    import schemathesis
    from schemathesis.core.result import Ok

    opened = scripted(require_token=True, service_rate=100_000.0, service_queue=100)
    _made, text = opened.service.tokens.add("schemathesis", Role.ADMIN, None)
    schema = schemathesis.openapi.from_dict(document(opened))
    schema.config.update(base_url=opened.url)
    wrong = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.path == LEFT_OUT:
            continue
        for mode in schemathesis.GenerationMode:
            try:
                asking(operation.as_strategy(generation_mode=mode), f"Bearer {text}")()
            except Unsatisfiable:
                continue  # without parameters and body nothing can be wrong
            except (AssertionError, BaseExceptionGroup) as error:
                wrong.append(f"{operation.label} ({mode.value}): {error}")
    assert not wrong, "\n".join(wrong)


def asking(cases: Any, authorization: str) -> Callable[[], None]:
    """Sends what a strategy makes, the same every time, and checks the answers."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": authorization},
            excluded_checks=[positive_data_acceptance],
            timeout=60,
        )

    found: Callable[[], None] = ask
    return found
