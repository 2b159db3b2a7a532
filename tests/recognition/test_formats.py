"""Lines for people, programs and the ancestors' clients; every JSON line fits the schema."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import jsonschema
import pytest

from kiosk.cli.formats import Format
from kiosk.cli.headless import Reporter
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.estimates import AgeEstimate, AttributeEstimate, Channel, GenderEstimate
from kiosk.core.events import Fault, VisitDecision
from kiosk.core.liveness import Liveness, LivenessOutcome, PadChannel, PadEvidence
from kiosk.core.media import Modality
from kiosk.core.samples import FaceOutcome, Hint
from kiosk.recognition import formats
from kiosk.recognition.estimate_formats import as_text as estimate_text
from kiosk.recognition.formats import percent
from tests.support.paths import ROOT
from tests.support.scripted import HAPPY

TOP = Candidate(1, "김민준", 12.5, 0.9987, 0.71, None, 12.5, None)
ALONE = Decision(DecisionOutcome.IDENTIFIED, (TOP,), (Modality.FACE,), 0.9987)
BOTH = replace(ALONE, modalities=(Modality.FACE, Modality.VOICE), face=ALONE, voice=None)
STRANGER = Decision(
    DecisionOutcome.UNKNOWN, (TOP,), (Modality.VOICE,), 0.3, reason=DecisionReason.BELOW_THRESHOLD
)
UNUSABLE = Decision(DecisionOutcome.UNUSABLE, reason=DecisionReason.NO_EVIDENCE)


AGE = AgeEstimate(27.0, 22.0, 34.0, sure=True)
FACE = AttributeEstimate(Channel.FACE, HAPPY, AGE, GenderEstimate(0.1, sure=True), 0.8)
VOICE = AttributeEstimate(Channel.VOICE, None, None, GenderEstimate(0.4, sure=False), 0.6)
FUSED = replace(FACE, channel=Channel.FUSED, gender=GenderEstimate(0.06, sure=True))


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
    visit(BOTH, attributes=(FACE, VOICE, FUSED)),
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


@pytest.mark.parametrize("form", Format)
def test_every_line_carries_the_wall_clock_with_its_zone(
    form: Format, schema: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    seoul = datetime(2026, 11, 30, 9, 5, 1, 250_000, timezone(timedelta(hours=9)))
    out = io.StringIO()
    reporter = Reporter(form, early=False, out=out, now=lambda: seoul)
    reporter.publish(EVENTS[0])
    reporter.publish(Fault("It is gone.", "Plug it in.", Modality.FACE, code="DeviceMissing"))
    lines = out.getvalue().splitlines() + capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("2026-11-30T09:05:01.250+09:00" in line for line in lines)
    if form is Format.JSON:
        fault = json.loads(lines[1])
        assert (fault["modality"], fault["code"]) == ("face", "DeviceMissing")
        jsonschema.validate(fault, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(fault | {"at": "yesterday"}, schema)


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
    assert all(datetime.fromisoformat(line.pop("at")).tzinfo for line in lines)
    sure = {"100001": 0.9987, "100002": 0.9987, "100003": None}
    names = {"100001": "김민준", "100002": "김민준", "100003": None}
    assert lines[0] == names | {"face_code": 0, "confidence": sure}
    assert lines[1]["100001"] == "unknown"
    assert lines[1]["confidence"]["100001"] == 0.7
    nothing = dict.fromkeys(sure)
    assert lines[2] == nothing | {"face_code": 4, "confidence": nothing}


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


def test_estimates_have_the_codes_of_the_ancestors_by_modality_and_with_confidence() -> None:
    line = json.loads(written(Format.CODES, EVENTS[4])[0])
    assert line["10001"] == {"face": 0.7, "fused": 0.7}
    assert {str(code) for code in range(10001, 10008)} < set(line)
    years = {"years": 27.0, "low": 22.0, "high": 34.0, "confidence": 0.8}
    assert line["20000"] == {"face": years, "fused": years}
    assert {str(code) for code in range(20001, 20012)} < set(line)
    assert line["20003"]["face"] > 0.6
    assert line["30001"] == {"face": 0.1, "voice": 0.4, "fused": 0.06}
    assert line["30002"] == {"face": 0.9, "voice": 0.6, "fused": 0.94}
    assert line["100001"] == "김민준"


def test_text_tells_the_fused_estimates_and_what_is_not_sure() -> None:
    (line,) = written(Format.TEXT, EVENTS[4])
    assert "estimates: happiness 70 %, 22-34 years, female 94 %" in line
    unsure = replace(FUSED, age=replace(AGE, sure=False))
    (line,) = written(Format.TEXT, visit(BOTH, attributes=(unsure,)))
    assert "age not sure" in line
    assert "estimates" not in written(Format.TEXT, EVENTS[0])[0]


@pytest.mark.parametrize(
    ("change", "value"),
    [("modality", "smell"), ("quality", 2), ("emotion", {"top": "love"}), ("age", 30)],
)
def test_the_schema_refuses_odd_estimates(
    change: str, value: object, schema: dict[str, Any]
) -> None:
    line = json.loads(written(Format.JSON, EVENTS[4])[0])
    line["attributes"][0][change] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line, schema)


def test_a_name_told_without_a_check_for_a_living_person_says_so() -> None:
    told = "not checked for a living person"
    assert told in written(Format.TEXT, visit(BOTH))[0]
    assert told not in written(Format.TEXT, visit(STRANGER))[0]
    assert told not in written(Format.TEXT, visit(BOTH, final=False), early=True)[0]


def test_a_line_of_text_to_the_letter() -> None:
    conflict = replace(STRANGER, conflict=True, modalities=(Modality.FACE, Modality.VOICE))
    cases = {
        visit(ALONE): "    2.50 s  visit 1  identified  김민준 (99.9 %)  by face"
        "  not checked for a living person",
        visit(conflict): "    2.50 s  visit 1  unknown  by face+voice  face and voice disagree"
        "  below threshold",
        visit(UNUSABLE, final=False, hint=Hint.MOVE_TO_CENTRE): "    2.50 s  visit 1  unusable"
        "  by nothing usable  no evidence  hint: move to centre  (early)",
        visit(ALONE, final=False, attributes=(FACE, FUSED)): "    2.50 s  visit 1  identified"
        f"  김민준 (99.9 %)  by face  estimates: {estimate_text(FUSED)}  (early)",
    }
    assert [formats.as_text(event) for event in cases] == list(cases.values())


def test_doubts_about_a_living_person_are_told_of_answers_that_stand() -> None:
    doubted = Liveness(LivenessOutcome.NOT_LIVE, -2.0, reason="flat_motion")
    told = formats.as_text(visit(ALONE, liveness=doubted))
    assert told.endswith("  perhaps no living person (flat motion)")
    refused = replace(ALONE, outcome=DecisionOutcome.NOT_LIVE)
    assert "perhaps" not in formats.as_text(visit(refused, liveness=doubted))
    assert "not checked" not in formats.as_text(visit(STRANGER))


def test_every_number_of_a_line_for_programs() -> None:
    voice = replace(STRANGER, probability=0.1234567)
    event = visit(replace(BOTH, voice=voice), time=2.50049, latency=0.123456, speech_seconds=3.125)
    line = formats.decision_as_dict(event)
    said = {
        "outcome": "identified",
        "name": "김민준",
        "subject_id": 1,
        "probability": 0.9987,
        "reason": None,
    }
    unknown = {
        "outcome": "unknown",
        "name": None,
        "subject_id": None,
        "probability": 0.123457,
        "reason": "below_threshold",
    }
    assert line["face"] == {**said, "reason": ALONE.reason}
    assert line["voice"] == unknown
    assert {key: line[key] for key in said} == {**said, "reason": BOTH.reason}
    assert (line["schema"], line["type"]) == (formats.SCHEMA, "decision")
    assert (line["visit"], line["time"], line["final"]) == (1, 2.5, True)
    assert (line["latency"], line["speech_seconds"]) == (0.1235, 3.12)
    assert (line["face_quality"], line["voice_quality"]) == (0.8, None)
    assert (line["good_frames"], line["face_outcomes"]) == (5, {"0": 70})
    assert line["candidates"] == [
        {
            "subject_id": 1,
            "name": "김민준",
            "probability": 0.9987,
            "fused_llr": 12.5,
            "face_score": 0.71,
            "voice_score": None,
            "face_llr": 12.5,
            "voice_llr": None,
        }
    ]


def test_each_modality_has_its_own_name_among_the_codes() -> None:
    told = json.loads(formats.as_codes(visit(replace(BOTH, face=STRANGER, voice=ALONE))))
    assert [told[f"10000{n}"] for n in (1, 2, 3)] == ["김민준", "unknown", "김민준"]
    assert told["confidence"] == {"100001": 0.9987, "100002": 0.7, "100003": 0.9987}


def test_the_face_code_is_the_outcome_most_frames_had() -> None:
    outcomes = {FaceOutcome.TOO_SMALL: 3, FaceOutcome.CUT_OFF: 9}
    for frames, found, code in ((0, outcomes, 4), (1, outcomes, 0), (0, {}, 1)):
        event = visit(ALONE, good_frames=frames, face_outcomes=found)
        assert json.loads(formats.as_codes(event))["face_code"] == code


def test_what_was_seen_of_a_living_person_is_told_by_channel_in_its_own_letters() -> None:
    evidence = PadEvidence(PadChannel.MOTION, 1.23456, 7, 2.3456, "few")
    judged = Liveness(LivenessOutcome.LIVE, 0.98765, (evidence,), "why")
    line = formats.as_json(visit(ALONE, liveness=judged))
    assert "김민준" in line
    assert json.loads(line)["liveness"] == {
        "outcome": "live",
        "pad_score": 0.9877,
        "reason": "why",
        "channels": {
            PadChannel.MOTION.value: {
                "pad_score": 1.2346,
                "samples": 7,
                "seconds": 2.35,
                "reason": "few",
            }
        },
    }
