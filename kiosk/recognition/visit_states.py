"""The states of a visit, what moves it from one to another, and what is done on the way, as data.

`docs/visit.md` shows the table as it stands here (`python -m tools.visit_document`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.errors import BugError
from kiosk.core.events import VisitEnd


class VisitState(StrEnum):
    """Where the visit stands, one at a time."""

    WAITING = "waiting"
    """Nobody is there; the first face, or speech where there is no picture, begins a visit."""
    GATHERING = "gathering"
    """Somebody is there; faces and speech are gathered, and nothing has been said yet."""
    ANSWERED = "answered"
    """As GATHERING, after an early answer from the first usable face."""
    DECIDED = "decided"
    """The final answer was told; the visit lasts until its person has gone."""
    UNUSABLE = "unusable"
    """The final answer was that nothing could be used; a usable face begins again."""
    VOICE_WAITING = "voice waiting"
    """By voice alone, at the visitor's wish; pictures are not looked at. Nobody has spoken yet."""
    VOICE_GATHERING = "voice gathering"
    """By voice alone: speech is gathered."""
    VOICE_DECIDED = "voice decided"
    """By voice alone: the final answer was told, whatever it was."""
    RESTING = "resting"
    """Nobody is attended to before the place has been empty for a while."""
    PAUSED = "paused"
    """Nothing is looked at or listened to."""


class Trigger(StrEnum):
    """What may move a visit: something seen or heard, an answer, a command."""

    FACE = "a face is seen"
    SPEECH = "speech is heard without a picture"
    OTHER_FACE = "a usable face of somebody else"
    USABLE_FACE = "a usable face"
    EARLY_ANSWER = "the first usable face was compared"
    ANSWER = "everything was compared"
    NO_ANSWER = "too little could be compared"
    GONE = "nobody was there for `visit_end` seconds"
    LAST_CALL = "the source ended before anybody came"
    END = "command: end"
    PAUSE = "command: pause"
    RESUME = "command: resume"
    REST = "command: rest"
    LISTEN_ONLY = "command: listen only"


class Action(StrEnum):
    """What is done with the evidence of the visit."""

    NOTHING = "-"
    BEGIN = "begin a visit"
    FORGET = "forget the visit"
    REPLACE = "forget the visit, begin the next with the face that is followed"


@dataclass(frozen=True)
class Transition:
    """The state after a trigger, what is done, and the end that is published, if any."""

    state: VisitState
    action: Action = Action.NOTHING
    published: VisitEnd | None = None


_S, _T, _A = VisitState, Trigger, Action

GATHERING = frozenset({_S.GATHERING, _S.ANSWERED, _S.VOICE_GATHERING})
"""A visit is under way and not decided."""
DECIDED = frozenset({_S.DECIDED, _S.UNUSABLE, _S.VOICE_DECIDED})
"""The final answer was told and somebody is still there."""
BY_VOICE = frozenset({_S.VOICE_WAITING, _S.VOICE_GATHERING, _S.VOICE_DECIDED})
"""Pictures are not looked at."""

_SEEN: dict[tuple[VisitState, Trigger], Transition] = {
    (_S.WAITING, _T.FACE): Transition(_S.GATHERING, _A.BEGIN),
    (_S.WAITING, _T.SPEECH): Transition(_S.GATHERING, _A.BEGIN),
    (_S.WAITING, _T.LAST_CALL): Transition(_S.GATHERING, _A.BEGIN),
    (_S.GATHERING, _T.EARLY_ANSWER): Transition(_S.ANSWERED),
    (_S.GATHERING, _T.ANSWER): Transition(_S.DECIDED),
    (_S.GATHERING, _T.NO_ANSWER): Transition(_S.UNUSABLE),
    (_S.ANSWERED, _T.ANSWER): Transition(_S.DECIDED),
    (_S.ANSWERED, _T.NO_ANSWER): Transition(_S.UNUSABLE),
    (_S.UNUSABLE, _T.USABLE_FACE): Transition(_S.WAITING, _A.FORGET),
    (_S.VOICE_WAITING, _T.SPEECH): Transition(_S.VOICE_GATHERING, _A.BEGIN),
    (_S.VOICE_WAITING, _T.LAST_CALL): Transition(_S.VOICE_GATHERING, _A.BEGIN),
    (_S.VOICE_GATHERING, _T.ANSWER): Transition(_S.VOICE_DECIDED),
    (_S.VOICE_GATHERING, _T.NO_ANSWER): Transition(_S.VOICE_DECIDED),
    (_S.RESTING, _T.GONE): Transition(_S.WAITING, _A.FORGET, VisitEnd.GONE),
}
_LEFT: dict[tuple[VisitState, Trigger], Transition] = {
    (state, _T.GONE): Transition(_S.WAITING, _A.FORGET, VisitEnd.GONE) for state in DECIDED
} | {
    (state, _T.OTHER_FACE): Transition(_S.GATHERING, _A.REPLACE, VisitEnd.SOMEBODY_ELSE)
    for state in (_S.ANSWERED, _S.DECIDED)
}
_HELD = {_S.RESTING, _S.PAUSED}
_COMMANDED: dict[tuple[VisitState, Trigger], Transition] = {
    key: transition
    for state in VisitState
    for key, transition in {
        (state, _T.END): Transition(state if state in _HELD else _S.WAITING, _A.FORGET),
        (state, _T.PAUSE): Transition(_S.PAUSED, _A.FORGET),
        (state, _T.RESUME): (
            Transition(_S.WAITING, _A.FORGET) if state in _HELD else Transition(state)
        ),
        (state, _T.REST): Transition(_S.PAUSED if state is _S.PAUSED else _S.RESTING, _A.FORGET),
        (state, _T.LISTEN_ONLY): Transition(_S.VOICE_WAITING, _A.FORGET),
    }.items()
}
TABLE: Mapping[tuple[VisitState, Trigger], Transition] = _SEEN | _LEFT | _COMMANDED


def transition(state: VisitState, trigger: Trigger) -> Transition:
    """What a trigger does in a state. Raises BugError where the table has no place for it."""
    found = TABLE.get((state, trigger))
    if found is None:
        raise BugError(f"a visit that is {state} cannot take: {trigger}")
    return found
