"""Lines for people, programs and the ancestors' clients; every JSON line fits the schema."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from kiosk.domain import (
    Candidate,
    Decision,
    DecisionOutcome,
    FaceOutcome,
    Fault,
    Hint,
    Modality,
    VisitDecision,
)
from kiosk.headless import Format, Reporter, percent
from tests.conftest import ROOT

TOP = Candidate(1, "김민준", 12.5, 0.9987, 0.71, None, 12.5, None)
ALONE = Decision(DecisionOutcome.IDENTIFIED, (TOP,), (Modality.FACE,), 0.9987)
BOTH = replace(ALONE, modalities=(Modality.FACE, Modality.VOICE), face=ALONE, voice=None)
STRANGER = Decision(
    DecisionOutcome.UNKNOWN, (TOP,), (Modality.VOICE,), 0.3, reason="below_threshold"
)
UNUSABLE = Decision(DecisionOutcome.UNUSABLE, reason="no_evidence")


def visit(decision: Decision, **changes: Any) -> VisitDecision:
    event = VisitDecision(1, 2.5, decision, True, 0.8, None, 5, 3.1, {FaceOutcome.USABLE: 70})
    return replace(event, **changes)


EVENTS: list[VisitDecision | Fault] = [
    visit(BOTH),
    visit(replace(STRANGER, conflict=True)),
    visit(
        UNUSABLE, good_frames=0, face_outcomes={FaceOutcome.CUT_OFF: 9}, hint=Hint.MOVE_TO_CENTRE
    ),
    Fault("The camera is gone.", "Plug it in."),
]


def written(form: Format, *events: VisitDecision | Fault, early: bool = False) -> list[str]:
    out = io.StringIO()
    reporter = Reporter(form, early, out)
    for event in events:
        reporter.publish(event)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (ROOT / "docs" / "schema" / "headless.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize("event", EVENTS)
def test_json_lines_fit_the_schema(event: VisitDecision | Fault, schema: dict[str, Any]) -> None:
    (line,) = written(Format.JSON, event)
    jsonschema.validate(json.loads(line), schema)


def test_the_schema_refuses_something_else(schema: dict[str, Any]) -> None:
    (line,) = written(Format.JSON, EVENTS[0])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(line) | {"outcome": "perhaps"}, schema)


def test_a_stranger_has_no_name_outside_the_candidates() -> None:
    line = json.loads(written(Format.JSON, visit(STRANGER))[0])
    assert line["name"] is None
    assert line["candidates"][0]["name"] == "김민준"


def test_codes_are_those_of_the_ancestors() -> None:
    lines = [json.loads(line) for line in written(Format.CODES, *EVENTS[:3])]
    assert lines[0] == {"100001": "김민준", "100002": "김민준", "100003": None, "face_code": 0}
    assert lines[1]["100001"] == "unknown"
    assert lines[2] == {"100001": None, "100002": None, "100003": None, "face_code": 4}


def test_text_says_who_and_how_sure() -> None:
    (line,) = written(Format.TEXT, visit(BOTH))
    assert "김민준 (99.9 %)" in line
    assert "face+voice" in line


def test_nobody_is_promised_certainty() -> None:
    assert percent(1.0) == "over 99.9 %"


def test_early_answers_are_written_only_when_asked_for() -> None:
    event = visit(BOTH, final=False)
    assert written(Format.TEXT, event) == []
    assert written(Format.TEXT, event, early=True)[0].endswith("(early)")


@pytest.mark.parametrize(("decision", "code"), [(BOTH, 0), (STRANGER, 10), (UNUSABLE, 11)])
def test_the_exit_code_is_the_last_outcome(decision: Decision, code: int) -> None:
    reporter = Reporter(Format.JSON, out=io.StringIO())
    assert reporter.exit_code() == 11
    reporter.publish(visit(decision))
    assert reporter.exit_code() == code
