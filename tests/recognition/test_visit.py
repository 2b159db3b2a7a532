"""The state machine of a visit, driven by scripted samples; real media are in test_main_job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from itertools import pairwise

import numpy as np
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import (
    Fault,
    Phase,
    VisitEnd,
    VisitEnded,
    VisitEvent,
    VisitProgress,
)
from kiosk.core.media import Modality, NoticeKind, SourceNotice
from kiosk.core.samples import FaceOutcome, FaceSample, Hint, Probe, VoiceSample
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import FRAME_INTERVAL, LATER_INTERVAL, SPOKEN_OUT, Visit
from tests.support.scripted import (
    FAR,
    FPS,
    NOBODY,
    Script,
    picture,
    scripted_models,
    sound,
    two_enrolled,
)
from tests.support.visit_stage import Stage, made_stage, names


@pytest.fixture
def stage() -> Stage:
    return made_stage()


def test_face_and_voice_make_one_final_decision(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    assert names(stage.finals) == ["Alice"]
    assert stage.finals[0].decision.modalities == (Modality.FACE, Modality.VOICE)
    assert stage.finals[0].good_frames >= 5
    assert stage.finals[0].speech_seconds == pytest.approx(3.0, abs=0.1)


def test_the_first_usable_face_is_answered_early(stage: Stage) -> None:
    stage.play(0, 0.2, who=0, says=0)
    assert names(stage.decisions) == ["Alice"]
    assert not stage.decisions[0].final
    assert stage.decisions[0].time == 0


def test_without_sound_the_face_suffices(stage: Stage) -> None:
    stage.play(0, 1, who=1)
    assert names(stage.finals) == ["Bob"]
    assert stage.finals[0].decision.modalities == (Modality.FACE,)


def test_somebody_silent_is_answered_at_the_time_limit(stage: Stage) -> None:
    stage.play(0, 7, who=1, says=0)
    assert names(stage.finals) == ["Bob"]
    assert stage.finals[0].time == pytest.approx(6.0, abs=0.1)


def test_who_has_spoken_and_is_silent_is_answered_without_waiting_for_the_limit(
    stage: Stage,
) -> None:
    stage.play(0, 1.6, who=0, says=1)
    stage.play(1.6, 4, who=0, says=0)
    assert names(stage.finals) == ["Alice"]
    assert stage.finals[0].decision.modalities == (Modality.FACE, Modality.VOICE)
    assert stage.finals[0].time == pytest.approx(1.6 + SPOKEN_OUT, abs=0.1)


@pytest.mark.parametrize(("said", "pause"), [(0.8, 2.9), (1.6, 2.0)])
def test_a_word_or_a_pause_to_read_on_is_waited_for(
    stage: Stage, said: float, pause: float
) -> None:
    stage.play(0, said, who=0, says=1)
    stage.play(said, pause, who=0, says=0)
    assert not stage.finals
    stage.play(said + pause, 3.0 - said, who=0, says=1)
    assert names(stage.finals) == ["Alice"]
    assert stage.finals[0].speech_seconds == pytest.approx(3.0, abs=0.1)


def test_sound_alone_is_a_visit(stage: Stage) -> None:
    for k in range(5 * FPS):
        stage.visit.feed(sound(2, k / FPS))
    assert names(stage.finals) == ["Bob"]
    assert stage.finals[0].decision.modalities == (Modality.VOICE,)


def test_a_stranger_is_unknown(stage: Stage) -> None:
    stage.play(0, 4, who=2, says=3)
    assert [d.decision.outcome for d in stage.finals] == [DecisionOutcome.UNKNOWN]


def test_another_voice_is_a_conflict(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=2)
    final = stage.finals[0].decision
    assert final.outcome is DecisionOutcome.CONTRADICTED
    assert final.conflict


def test_the_end_of_a_recording_decides_with_what_there_is(stage: Stage) -> None:
    stage.play(0, 1.5, who=0, says=1)
    assert not stage.finals
    stage.visit.finish()
    assert names(stage.finals) == ["Alice"]
    assert stage.finals[0].speech_seconds == pytest.approx(1.5, abs=0.1)


def test_an_empty_recording_is_unusable(stage: Stage) -> None:
    stage.play(0, 1, who=NOBODY)
    stage.visit.finish()
    assert [d.decision.outcome for d in stage.finals] == [DecisionOutcome.UNUSABLE]
    assert stage.finals[0].hint is Hint.STEP_UP


def test_a_face_too_far_away_is_told_what_to_do(stage: Stage) -> None:
    stage.play(0, 7, who=FAR)
    final = stage.finals[0]
    assert final.decision.outcome is DecisionOutcome.UNUSABLE
    assert final.hint is Hint.COME_CLOSER
    assert final.face_outcomes == {FaceOutcome.TOO_SMALL: pytest.approx(150, abs=2)}


def test_after_unusable_the_same_person_may_come_closer(stage: Stage) -> None:
    stage.play(0, 6.2, who=FAR)
    stage.play(6.2, 1, who=0)
    assert names(stage.finals) == [None, "Alice"]


def test_the_next_person_is_a_new_visit(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    stage.play(4, 2, who=NOBODY, says=0)
    stage.play(6, 4, who=1, says=2)
    assert names(stage.finals) == ["Alice", "Bob"]
    assert [d.visit for d in stage.finals] == [1, 2]


def test_somebody_else_stepping_in_never_inherits_the_answer(stage: Stage) -> None:
    stage.play(0, 0.4, who=0, says=0)
    stage.play(0.4, 4, who=1, says=2)
    assert names(stage.finals) == ["Bob"]
    assert stage.finals[0].visit == 2


def test_a_new_track_of_the_same_face_goes_on(stage: Stage) -> None:
    stage.play(0, 0.4, who=0)
    stage.play(0.4, 0.2, who=NOBODY)
    stage.play(0.6, 1, who=0)
    assert names(stage.finals) == ["Alice"]
    assert stage.finals[0].visit == 1


def test_talk_before_anybody_is_seen_is_forgotten(stage: Stage) -> None:
    stage.play(0, 2.5, who=NOBODY, says=2)
    stage.play(2.5, 4, who=0, says=1)
    assert names(stage.finals) == ["Alice"]
    assert not stage.finals[0].decision.conflict


def test_speech_from_before_a_visit_is_no_part_of_it(stage: Stage) -> None:
    stage.play(0, 2.5, who=NOBODY, says=2)
    stage.play(2.5, 4, who=0, says=1)
    assert stage.finals[0].time == pytest.approx(2.5 + 3.0, abs=0.1)
    assert stage.finals[0].speech_seconds == pytest.approx(3.0, abs=0.1)


def test_not_every_frame_is_embedded(stage: Stage) -> None:
    stage.play(0, 2.0, who=0, says=0)
    times = stage.script.embedded
    gaps = [later - earlier for earlier, later in pairwise(times)]
    needed = Settings().good_frames
    assert min(gaps) >= FRAME_INTERVAL - 1e-9
    assert gaps[: needed - 1] == pytest.approx([FRAME_INTERVAL] * (needed - 1))
    assert min(gaps[needed:]) >= LATER_INTERVAL - 1e-9


def test_where_a_track_begins_its_first_frame_is_embedded_at_once(stage: Stage) -> None:
    stage.play(0, 1.84, who=0)
    stage.play(1.84, 0.04, who=NOBODY)
    stage.play(1.88, 0.04, who=0)
    assert stage.script.embedded[-1] == pytest.approx(1.88)
    assert stage.script.embedded[-2] > 1.88 - LATER_INTERVAL


def test_a_frame_is_embedded_once_whoever_asks(stage: Stage) -> None:
    stage.play(0, 0.4, who=0, says=0)
    stage.play(0.4, 0.2, who=NOBODY, says=0)
    stage.play(0.6, 0.4, who=0, says=0)  # a new track of the same face
    stage.play(1.0, 0.4, who=1, says=0)  # and one of another
    times = stage.script.embedded
    assert sorted(set(times)) == times


def test_what_the_screens_get_has_no_picture_in_it(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    with_picture = [event for event in stage.events if holds_picture(event)]
    assert stage.events
    assert not with_picture


def holds_picture(value: object) -> bool:
    """Whether there is a picture anywhere in a value."""
    if isinstance(value, np.ndarray):
        return value.ndim == 3
    if isinstance(value, tuple | list):
        return any(holds_picture(each) for each in value)
    if is_dataclass(value):
        return any(holds_picture(getattr(value, each.name)) for each in fields(value))
    return False


def test_the_end_of_a_visit_is_told(stage: Stage) -> None:
    stage.play(0, 1, who=0)
    stage.play(1, 2, who=NOBODY)
    stage.play(3, 1, who=1)
    stage.play(4, 1, who=0)
    ends = [event for event in stage.events if isinstance(event, VisitEnded)]
    assert [(each.visit, each.end) for each in ends] == [
        (1, VisitEnd.GONE),
        (2, VisitEnd.SOMEBODY_ELSE),
    ]
    assert ends[0].time == pytest.approx(0.96 + Settings().visit_end, abs=0.1)
    assert names(stage.finals) == ["Alice", "Bob", "Alice"]


def test_the_hint_of_a_visit_holds_until_another_has_lasted(stage: Stage) -> None:
    stage.play(0, 1, who=FAR)
    stage.play(1, 1, who=0, says=0)
    told = [event for event in stage.events if isinstance(event, VisitProgress)]
    hints = {round(event.time, 2): event.hint for event in told}
    assert hints[0.96] is Hint.COME_CLOSER
    assert hints[1.2] is Hint.COME_CLOSER
    assert hints[1.6] is not Hint.COME_CLOSER


class Gatherer:
    """Writes down what a visit asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reset(self) -> None:
        self.asked.append("reset")

    def notice(self, sample: FaceSample) -> None:
        self.asked.append("notice")

    def look(self) -> None:
        self.asked.append("look")

    def listen(self) -> None:
        self.asked.append("listen")

    def taken(self, sample: VoiceSample) -> None:
        self.asked.append("taken")

    def settle(self) -> None:
        self.asked.append("settle")


def test_a_gatherer_is_asked_at_every_moment_of_a_visit_and_of_nothing_after_the_answer() -> None:
    script, gatherer = Script(), Gatherer()
    models, events = scripted_models(script), list[VisitEvent]()
    identifier = Identifier(models, two_enrolled(), Policy())
    visit = Visit(models, identifier, Settings(), events.append, gatherers=[gatherer])
    stage = Stage(visit, script, events)
    stage.play(0, 4, who=0, says=1)
    asked = gatherer.asked
    assert set(asked) == {"notice", "look", "listen", "taken", "settle"}
    assert asked.index("taken") < asked.index("settle") == len(asked) - 1
    stage.visit.end()
    assert asked[-1] == "reset"


def test_a_resting_visit_waits_for_an_empty_place(stage: Stage) -> None:
    stage.play(0, 1, who=0)
    stage.visit.rest()
    stage.play(1, 3, who=0)
    assert len(stage.finals) == 1
    stage.play(4, 2, who=NOBODY)
    stage.play(6, 1, who=1)
    assert names(stage.finals) == ["Alice", "Bob"]


def test_progress_says_where_a_visit_stands(stage: Stage) -> None:
    stage.play(0, 0.1, who=NOBODY, says=0)
    stage.play(0.1, 4, who=0, says=1)
    phases = [event.phase for event in stage.events if isinstance(event, VisitProgress)]
    ordered = list(dict.fromkeys(phases))
    assert ordered == [Phase.WAITING, Phase.LOOKING, Phase.LISTENING, Phase.DECIDED]


def test_a_lost_source_is_a_fault_until_it_is_restored(stage: Stage) -> None:
    stage.visit.feed(SourceNotice(NoticeKind.LOST, "The camera is gone.", "Plug it in."))
    stage.visit.feed(SourceNotice(NoticeKind.RESTORED, "The camera is back."))
    faults = [event for event in stage.events if isinstance(event, Fault)]
    assert [fault.restored for fault in faults] == [False, True]


class HeardLog:
    """Writes down what a visit tells of its end."""

    def __init__(self) -> None:
        self.decisions: list[tuple[Decision, int]] = []
        self.denials: list[list[Modality]] = []

    def decided(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        liveness: object = None,
        *,
        stand_in: bool = False,
    ) -> None:
        self.decisions.append((decision, len(probes)))

    def denied(self, probes: Sequence[Probe]) -> None:
        self.denials.append([probe.modality for probe in probes])


def test_a_denied_visit_hands_over_its_probes_and_is_forgotten() -> None:
    log = HeardLog()
    stage = made_stage(log)
    stage.play(0, 4, who=0, says=1)
    assert [count for _, count in log.decisions] == [2]
    stage.visit.deny()
    stage.visit.deny()
    assert log.denials == [[Modality.FACE, Modality.VOICE], []]
    stage.play(4, 1, who=0)
    assert len(stage.finals) == 1  # it rests until the place is empty


def lost(modality: Modality) -> SourceNotice:
    return SourceNotice(NoticeKind.LOST, "gone", "plug", modality, "DeviceMissing")


def test_without_its_microphone_a_visit_waits_for_no_voice(stage: Stage) -> None:
    stage.play(0, 1, who=NOBODY, says=0)
    stage.visit.feed(lost(Modality.VOICE))
    stage.play(1, 2, who=0)
    assert [decision.decision.modalities for decision in stage.finals] == [(Modality.FACE,)]
    assert stage.finals[0].time < 3.0


def test_where_the_camera_has_not_come_yet_no_voice_begins_a_visit(stage: Stage) -> None:
    """Like where it was lost later: nobody is named by voice who did not ask for it."""
    stage.visit.feed(lost(Modality.FACE))
    for k in range(5 * FPS):
        stage.visit.feed(sound(1, k / FPS))
    assert stage.finals == []
    faults = [event for event in stage.events if isinstance(event, Fault)]
    assert [(f.modality, f.code, f.tried) for f in faults] == [
        (Modality.FACE, "DeviceMissing", True)
    ]
    stage.play(6, 4, who=0, says=1)
    assert len(stage.finals) == 1


def test_while_the_kiosk_speaks_it_hears_nothing(stage: Stage) -> None:
    stage.visit.feed(picture(0, 0.0))
    stage.visit.mute_for(1.0)
    stage.play(0.0, 2.0, who=0, says=1)
    progress = [event for event in stage.events if isinstance(event, VisitProgress)]
    heard = progress[-1].voice
    assert heard is not None
    assert heard.speech_seconds == pytest.approx(1.0, abs=2 / FPS)


def test_a_visit_and_an_enrolment_share_no_state() -> None:
    script = Script()
    models = scripted_models(script)
    events: list[VisitEvent] = []
    visit = Visit(models, Identifier(models, two_enrolled(), Policy()), Settings(), events.append)
    stage = Stage(visit, script, events)
    stage.play(0, 1, who=0, says=1)
    other = models.pipelines()
    other.voice.hear(sound(2, 0.0, seconds=2.0))
    other.voice.reset()
    other.face.reset()
    stage.play(1, 2.2, who=0, says=1)
    assert stage.finals[0].visit == 1
    assert stage.finals[0].speech_seconds == pytest.approx(3.0, abs=0.1)
