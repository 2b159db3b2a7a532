"""Who cannot be told from a picture is asked to turn the head."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.events import Phase, VisitDecision, VisitEvent, VisitProgress
from kiosk.core.liveness import LipSoundMatch, Liveness, LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.ports.inference import Pipelines
from kiosk.core.samples import Hint, Pose
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.head_turn import TIME_LIMIT, TURN, Side
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness import LONGEST_LOOK, LivenessCheck
from kiosk.recognition.turn_request import NOT_TURNED, RequestWish, TurnRequest
from kiosk.recognition.visit import Visit
from tests.support.guided import PosedPath
from tests.support.liveness import ScriptedLips, ScriptedPicture, pad_models
from tests.support.scripted import (
    FPS,
    Script,
    ScriptedVoicePath,
    picture,
    scripted_models,
    sound,
    two_enrolled,
)

DOUBTFUL, PERSON, ATTACK = -0.2, 2.0, -2.9
STRAIGHT = Pose(0.0, 0.0, 0.0)
LEFT, RIGHT = Pose(TURN + 4, 0.0, 0.0), Pose(-TURN - 4, 0.0, 0.0)
RESTING_MOUTH = ScriptedLips(LipSoundMatch(-1.0, 0.0, 0.1, 3.0), moves=False)


class Lobby:
    """A visit before which somebody stands whose head can be turned, while their own voice is heard
    or that of person `heard`, which no mouth says."""

    def __init__(
        self,
        odds: float,
        wish: RequestWish = RequestWish.UNSURE,
        *,
        heard: int = 1,
        settings: Settings | None = None,
    ) -> None:
        script, self.path = Script(), PosedPath()
        pipelines = Pipelines(self.path, ScriptedVoicePath(script))
        models = replace(scripted_models(script), pipelines=lambda: pipelines)
        self.events: list[VisitEvent] = []
        check = LivenessCheck(
            pad_models(ScriptedPicture(odds), None, RESTING_MOUTH if heard > 1 else None),
            required=True,
            request=wish,
            choose=lambda: Side.LEFT,
        )
        identifier = Identifier(models, two_enrolled(), Policy())
        self.visit = Visit(
            models, identifier, settings or Settings(), self.events.append, liveness=check
        )
        self._time, self._heard = 0.0, heard

    def stand(self, pose: Pose, seconds: float, *, speaks: bool = True) -> None:
        self.path.pose = pose
        for _ in range(round(seconds * FPS)):
            self.visit.feed(picture(0, self._time))
            self.visit.feed(sound(self._heard * speaks, self._time))
            self._time += 1 / FPS

    @property
    def finals(self) -> list[VisitDecision]:
        return [each for each in self.events if isinstance(each, VisitDecision) and each.final]

    @property
    def told(self) -> VisitProgress:
        return [each for each in self.events if isinstance(each, VisitProgress)][-1]


def test_who_turns_as_asked_is_named() -> None:
    lobby = Lobby(DOUBTFUL)
    lobby.stand(STRAIGHT, LONGEST_LOOK + 1.0)
    assert lobby.finals == []
    assert (lobby.told.phase, lobby.told.hint) == (Phase.LOOKING, Hint.TURN_LEFT)
    lobby.stand(LEFT, 0.6)
    assert lobby.told.hint is Hint.LOOK_HERE
    lobby.stand(STRAIGHT, 4.0)
    (final,) = lobby.finals
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.liveness.outcome is LivenessOutcome.LIVE


@pytest.mark.parametrize("pose", [STRAIGHT, RIGHT], ids=["still", "other side"])
def test_who_does_not_turn_as_asked_is_not_named(pose: Pose) -> None:
    lobby = Lobby(DOUBTFUL)
    lobby.stand(STRAIGHT, LONGEST_LOOK + 1.0)
    lobby.stand(pose, TIME_LIMIT + 1.0)
    lobby.stand(STRAIGHT, 3.0)
    final = lobby.finals[0]
    assert final.decision.outcome is DecisionOutcome.NOT_LIVE
    assert final.decision.reason is DecisionReason.NOT_LIVE


def test_only_a_picture_is_called_one_where_nobody_turned() -> None:
    request = TurnRequest(RequestWish.ALWAYS, lambda: Side.LEFT)
    picture = Liveness(LivenessOutcome.NOT_LIVE, -1.0)
    person = Liveness(LivenessOutcome.LIVE, 3.0)
    assert request.waits(lambda: person)
    assert request.judged(picture) == picture
    asked = request.judged(person)
    assert (asked.outcome, asked.reason) == (LivenessOutcome.NOT_CHECKED, NOT_TURNED)


def test_who_is_clearly_living_is_asked_nothing_unless_always_is_chosen() -> None:
    lobby = Lobby(PERSON)
    lobby.stand(STRAIGHT, 5.0)
    assert [each.decision.outcome for each in lobby.finals] == [DecisionOutcome.IDENTIFIED]
    asked = Lobby(PERSON, RequestWish.ALWAYS)
    asked.stand(STRAIGHT, LONGEST_LOOK + 1.0)
    assert (asked.finals, asked.told.hint) == ([], Hint.TURN_LEFT)


def test_a_clear_attack_is_asked_nothing_and_a_turn_makes_up_for_none_of_it() -> None:
    lobby = Lobby(ATTACK)
    lobby.stand(STRAIGHT, 5.0)
    assert [each.decision.outcome for each in lobby.finals] == [DecisionOutcome.NOT_LIVE]
    asked = Lobby(ATTACK, RequestWish.ALWAYS)
    asked.stand(STRAIGHT, LONGEST_LOOK + 1.0)
    asked.stand(LEFT, 0.6)
    asked.stand(STRAIGHT, 4.0)
    assert asked.finals[0].decision.outcome is DecisionOutcome.NOT_LIVE


def test_where_it_is_switched_off_nobody_is_asked() -> None:
    lobby = Lobby(0.9, RequestWish.NEVER)
    lobby.stand(STRAIGHT, 5.0)
    assert lobby.finals[0].decision.outcome is DecisionOutcome.IDENTIFIED


def test_the_next_visitor_is_asked_anew() -> None:
    request = TurnRequest(RequestWish.ALWAYS, lambda: Side.RIGHT)
    unsure = Liveness(LivenessOutcome.LIVE, 0.1)
    assert request.waits(lambda: unsure)
    assert request.hint is Hint.TURN_RIGHT
    request.reset()
    assert request.hint is None
    assert request.judged(unsure) is unsure


@pytest.mark.parametrize(
    ("score", "doubted"), [(-3.0, False), (-1.0, True), (0.3, True), (0.9, False)]
)
def test_doubt_lies_between_a_person_and_an_attack(score: float, doubted: bool) -> None:
    outcome = LivenessOutcome.LIVE if score > 0 else LivenessOutcome.NOT_LIVE
    request = TurnRequest(RequestWish.UNSURE, lambda: Side.LEFT)
    assert request.waits(lambda: Liveness(outcome, score)) is doubted


def test_what_could_not_be_checked_is_a_doubt() -> None:
    request = TurnRequest(RequestWish.UNSURE, lambda: Side.LEFT)
    assert request.waits(lambda: Liveness(LivenessOutcome.NOT_CHECKED, reason="blurred"))


# --- a voice beside a mouth that rests: a companion's, or one beside a photograph ---


def test_who_is_named_without_a_voice_beside_them_turns_first() -> None:
    lobby = Lobby(PERSON, heard=2)
    lobby.stand(STRAIGHT, 4.0)
    assert lobby.finals == []
    assert lobby.told.hint is Hint.TURN_LEFT
    lobby.stand(LEFT, 0.6)
    lobby.stand(STRAIGHT, 3.0)
    (final,) = lobby.finals
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.decision.top is not None
    assert (final.decision.top.name, final.decision.modalities) == ("Alice", (Modality.FACE,))


def test_a_perfect_photograph_beside_anybody_s_voice_is_not_named() -> None:
    lobby = Lobby(PERSON, heard=2)
    lobby.stand(STRAIGHT, TIME_LIMIT + 6.0)
    final = lobby.finals[0]
    assert final.decision.outcome is DecisionOutcome.UNUSABLE
    assert final.decision.reason is DecisionReason.NOT_CHECKED
    assert final.liveness.reason == NOT_TURNED
    assert final.decision.candidates == ()


def test_few_words_of_a_companion_leave_time_for_the_turn() -> None:
    """What was said is judged at the end of the time there is for speech; who is asked to turn then
    has as long for it as anybody."""
    settings = replace(Settings(), speech_limit=3.5)
    lobby = Lobby(PERSON, heard=2, settings=settings)
    lobby.stand(STRAIGHT, 1.5)
    lobby.stand(STRAIGHT, 2.5, speaks=False)
    assert lobby.finals == []
    assert lobby.told.hint is Hint.TURN_LEFT
    lobby.stand(LEFT, 0.6, speaks=False)
    lobby.stand(STRAIGHT, 1.0, speaks=False)
    (final,) = lobby.finals
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED


def test_where_nobody_is_to_be_asked_a_companion_s_voice_is_left_out_as_it_was() -> None:
    lobby = Lobby(PERSON, RequestWish.NEVER, heard=2)
    lobby.stand(STRAIGHT, 5.0)
    final = lobby.finals[0]
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.decision.modalities == (Modality.FACE,)
