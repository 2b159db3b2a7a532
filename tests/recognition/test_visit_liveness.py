"""A visit that asks whether a living person stands there."""

from __future__ import annotations

import json

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.events import VisitDecision, VisitEvent, VisitProgress
from kiosk.core.liveness import LipSoundMatch, LivenessOutcome, MotionStep
from kiosk.core.media import Modality
from kiosk.core.samples import Hint
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.formats import as_codes, as_json, as_text
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness import LONGEST_LOOK, LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.liveness_policy import LivenessPolicy
from kiosk.recognition.turn_request import RequestWish
from kiosk.recognition.visit import Visit
from tests.support.liveness import (
    ScriptedLips,
    ScriptedMotion,
    ScriptedPicture,
    face,
    pad_models,
    speech,
)
from tests.support.scripted import FPS, Script, picture, scripted_models, sound, two_enrolled

PHOTOGRAPH = pad_models(
    ScriptedPicture(odds=-2.5), ScriptedMotion(MotionStep(9.0, 2.0, 0.1, 0.1, 2.0))
)
PERSON = pad_models(ScriptedPicture(odds=2.0), ScriptedMotion())
BLURRED = pad_models(ScriptedPicture(sharpness=0.001), ScriptedMotion())


def visited(
    models: PadModels, *, required: bool, seconds: float = 3.0, face: bool = True
) -> list[VisitDecision]:
    """All answers of a visit of the first person enrolled, who speaks."""
    events = looked_at(LivenessCheck(models, required=required), seconds, face=face)
    return [event for event in events if isinstance(event, VisitDecision)]


def looked_at(check: LivenessCheck, seconds: float = 3.0, *, face: bool = True) -> list[VisitEvent]:
    """What is told of such a visit."""
    events: list[VisitEvent] = []
    scripted = scripted_models(Script())
    identifier = Identifier(scripted, two_enrolled(), Policy())
    visit = Visit(scripted, identifier, Settings(), events.append, liveness=check)
    for number in range(round(seconds * FPS)):
        if face:
            visit.feed(picture(0, number / FPS, number))
        visit.feed(sound(1, number / FPS))
    visit.finish()
    return events


def test_a_person_is_named_where_a_living_one_is_required() -> None:
    (final,) = visited(PERSON, required=True)
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.liveness.outcome is LivenessOutcome.LIVE
    assert final.time >= LONGEST_LOOK


def test_a_photograph_of_somebody_enrolled_is_not_named_by_anything() -> None:
    (final,) = visited(PHOTOGRAPH, required=True)
    decision = final.decision
    assert decision.outcome is DecisionOutcome.NOT_LIVE
    assert decision.reason is DecisionReason.NOT_LIVE
    assert (decision.candidates, decision.face, decision.voice) == ((), None, None)
    for line in (as_text(final), as_json(final), as_codes(final)):
        assert "Alice" not in line
    assert json.loads(as_json(final))["liveness"]["outcome"] == "not_live"
    assert json.loads(as_codes(final))["100001"] is None


def test_a_warning_leaves_the_answer_and_tells_the_doubt() -> None:
    final = visited(PHOTOGRAPH, required=False)[-1]
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.liveness.outcome is LivenessOutcome.NOT_LIVE
    assert "perhaps no living person" in as_text(final)


def test_who_is_seen_too_badly_is_asked_again() -> None:
    (final,) = visited(BLURRED, required=True)
    assert final.decision.outcome is DecisionOutcome.UNUSABLE
    assert final.decision.reason is DecisionReason.NOT_CHECKED
    assert final.hint is Hint.HOLD_STILL


def test_a_voice_alone_is_answered_and_marked_not_checked() -> None:
    (final,) = visited(PERSON, required=True, face=False)
    assert final.decision.modalities == (Modality.VOICE,)
    assert final.decision.outcome is not DecisionOutcome.NOT_LIVE
    assert final.liveness.outcome is LivenessOutcome.NOT_CHECKED


def test_an_early_answer_is_told_only_where_nothing_is_required() -> None:
    assert [one.final for one in visited(PERSON, required=False)] == [False, True]
    assert [one.final for one in visited(PERSON, required=True)] == [True]


def test_without_the_check_everything_says_not_checked() -> None:
    final = visited(PadModels(), required=False)[-1]
    assert final.liveness.outcome is LivenessOutcome.NOT_CHECKED
    assert json.loads(as_json(final))["liveness"]["channels"] == {}


def test_living_visits_tell_how_late_sound_comes_on_this_device() -> None:
    lips = ScriptedLips(LipSoundMatch(0.5, 0.12, 0.6, 2.0))
    models = pad_models(ScriptedPicture(2.0), ScriptedMotion(), lips)
    told: list[tuple[float, int]] = []
    check = LivenessCheck(models, required=True, delayed=lambda *known: told.append(known))
    for _ in range(3):
        for number in range(30):
            sample = face(number / 10)
            check.notice(sample)
            check.look()
            check.hear(speech(number / 10), speaking=True)
        assert check.judge().outcome is LivenessOutcome.LIVE
        check.settle()
        check.reset()
    assert told == [(0.12, 3)]
    assert lips.delays[-1] == 0.0, "what was known before the third"


def test_a_picture_tells_nothing_of_the_device() -> None:
    told: list[tuple[float, int]] = []
    lips = ScriptedLips(LipSoundMatch(0.5, 0.4, 0.6, 2.0))
    models = pad_models(
        ScriptedPicture(-2.5), ScriptedMotion(MotionStep(9.0, 2.0, 0.1, 0.1, 2.0)), lips
    )
    check = LivenessCheck(models, required=True, delayed=lambda *known: told.append(known))
    for _ in range(4):
        for number in range(30):
            check.notice(face(number / 10))
            check.look()
            check.hear(speech(number / 10), speaking=True)
        check.settle()
        check.reset()
    assert told == []


def test_a_check_for_another_session_goes_by_the_same_models_and_rule() -> None:
    strict = LivenessPolicy(threshold=100.0)
    for required in (True, False):
        check = LivenessCheck(PERSON, required=required, policy=strict).another()
        final = [each for each in looked_at(check) if isinstance(each, VisitDecision)][-1]
        assert final.liveness.outcome is LivenessOutcome.NOT_LIVE
        named = final.decision.outcome is DecisionOutcome.IDENTIFIED
        assert named is not required
    asked = LivenessCheck(PERSON, required=True, request=RequestWish.ALWAYS).another()
    hints = {each.hint for each in looked_at(asked) if isinstance(each, VisitProgress)}
    assert hints & {Hint.TURN_LEFT, Hint.TURN_RIGHT}
