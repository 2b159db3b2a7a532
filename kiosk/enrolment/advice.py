"""What to do when samples do not make a template."""

from __future__ import annotations

from collections import Counter

from kiosk.core.media import Modality
from kiosk.core.samples import FaceOutcome, Hint, VoiceOutcome


def counted(counter: Counter[FaceOutcome] | Counter[VoiceOutcome]) -> str:
    """Outcomes and how often each came, the most frequent first."""
    return ", ".join(f"{kind.name.lower()} {count}" for kind, count in counter.most_common())


_FACE_HINTS = {
    Hint.STEP_UP: "Show a face.",
    Hint.ONE_PERSON: "Only one person in the picture.",
    Hint.COME_CLOSER: "Come closer to the camera.",
    Hint.MOVE_TO_CENTRE: "Move to the middle of the picture.",
    Hint.LOOK_HERE: "Look into the camera.",
    Hint.UNCOVER_FACE: "Uncover the face.",
    Hint.MORE_LIGHT: "More light on the face.",
    Hint.LESS_LIGHT: "Less light on the face.",
    Hint.HOLD_STILL: "Hold still.",
    Hint.LOOK_LONGER: "Look into the camera a little longer.",
}
_VOICE_HINTS = {
    Hint.SPEAK: "Speak.",
    Hint.SPEAK_LOUDER: "Speak louder or nearer to the microphone.",
    Hint.SPEAK_SOFTER: "Speak softer or farther from the microphone.",
    Hint.LESS_NOISE: "Record where it is quieter.",
    Hint.SPEAK_LONGER: "Speak longer.",
}


def advice(hints: Counter[Hint], modality: Modality, carried: set[Modality]) -> str:
    """The remedy for the most frequent cause, and the way round."""
    texts = _FACE_HINTS if modality is Modality.FACE else _VOICE_HINTS
    common = [texts[hint] for hint, _ in hints.most_common() if hint in texts]
    first = common[0] if common else "Give a longer recording."
    other = {Modality.FACE: Modality.VOICE, Modality.VOICE: Modality.FACE}[modality]
    way_round = f" Or enrol with --only {other.value}." if other in carried else ""
    return first + way_round
