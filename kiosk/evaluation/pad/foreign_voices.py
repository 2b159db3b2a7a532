"""The picture or film of one person with the voice of another, through the whole decision.

Everybody is enrolled with face and voice. Then each is shown as a still, as a photograph moved by a
hand, and, where there are such, as that film and by the recorded attacks of them, while others
speak. Who gets through is called live *and* named by the kiosk's own decision on both: a voice that
contradicts withholds the name, and who is asked to turn the head has done so. People of whom there
is no sound are chimeric: each has one speaker's voice. The frames are looked at once, however many
voices are heard with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kiosk.capture.media import MediaSource
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import AudioChunk, Frame, Image, Modality
from kiosk.core.pooling import pool
from kiosk.core.samples import Embedding, FaceOutcome, FaceSample, Probe, VoiceOutcome
from kiosk.core.scoring import Evidence, Policy, SubjectScores, decide, weigh
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.datasets.collections import Collection, Item
from kiosk.datasets.presentations import PadPresentation
from kiosk.evaluation.pad import composed
from kiosk.evaluation.pad.composed import Take
from kiosk.evaluation.pad.protocol import Examiner, Judged
from kiosk.recognition.embedding import embed_face, embed_voice
from kiosk.recognition.head_turn import TIME_LIMIT, HeadTurn, Side, TurnState
from kiosk.recognition.identification import Models
from kiosk.recognition.liveness_gathering import LivenessGathering
from kiosk.recognition.turn_request import NOT_TURNED

PICTURES_A_SECOND = 10.0
"""Of a film made of a single picture."""
MOST_VOICES = 6
OTHER_VOICE = "_other_voice"
"""What follows the kind of a recorded attack that is shown while somebody else speaks."""
_HEARD = 4
"""Recordings of a speaker that are used, the first of them to enrol."""
_ENROLLED = 15
"""Pictures of which a face is enrolled; `_MOST_EMBEDDED` of them are embedded."""
_MOST_EMBEDDED = 5

Sound = tuple[AudioChunk, ...]


def film_of(image: Image, seconds: float) -> Take:
    """A single picture, shown for so long."""
    count = int(seconds * PICTURES_A_SECOND) + 1
    return Take(tuple(Frame(image, k / PICTURES_A_SECOND, k) for k in range(count)))


@dataclass(frozen=True, eq=False)
class Shown:
    """Somebody to be shown: what of them there is, the recording that enrols their voice, those in
    which they are heard beside others' pictures, and attacks that show them, which are read when
    they are shown."""

    presentation: PadPresentation
    take: Take
    voice: Sound
    heard: tuple[Sound, ...]
    attacks: tuple[PadPresentation, ...] = ()


@dataclass(eq=False)
class _Enrolled:
    """Faces and voices by the place of the person."""

    faces: dict[int, Embedding] = field(default_factory=dict)
    voices: dict[int, Embedding] = field(default_factory=dict)

    @property
    def people(self) -> list[int]:
        """Who has both."""
        return sorted(self.faces.keys() & self.voices.keys())


def talkers(examiner: Examiner, shown: Sequence[PadPresentation]) -> list[Shown]:
    """People of whom there is a film with sound, each by their first."""
    found: dict[str, Shown] = {}
    for one in shown:
        if one.bona_fide and one.clip and one.subject not in found:
            take = examiner.read(one)
            if take is not None and take.sound:
                found[one.subject] = Shown(one, take, take.sound, (take.sound,))
    return list(found.values())


def chimeric(
    examiner: Examiner,
    shown: Sequence[PadPresentation],
    voices: Sequence[Collection],
    seed: int,
) -> list[Shown]:
    """A person of whom there is a single picture for each speaker of whom there are several
    recordings, drawn by the seed."""
    random = np.random.default_rng(seed)
    people = list({one.subject: one for one in shown if _is_picture(one)}.values())
    found = []
    for one, sounds in _paired(people, voices, random):
        take = examiner.read(one)
        if take is not None:
            film = film_of(take.frames[0].image, examiner.seconds + 1.0)
            found.append(Shown(one, film, sounds[0], sounds[1:]))
    return found


def recorded(
    examiner: Examiner,
    shown: Sequence[PadPresentation],
    voices: Sequence[Collection],
    seed: int,
) -> list[Shown]:
    """A person of whom there are silent pictures in a row and attacks that show them for each such
    speaker. The first presentation of them alive enrols."""
    random = np.random.default_rng(seed)
    attacks: dict[str, list[PadPresentation]] = {}
    alive: dict[str, PadPresentation] = {}
    for one in shown:
        if not one.bona_fide:
            attacks.setdefault(one.subject, []).append(one)
        elif not _is_picture(one):
            alive.setdefault(one.subject, one)
    found = []
    people = [one for subject, one in alive.items() if subject in attacks]
    for one, sounds in _paired(people, voices, random):
        take = examiner.read(one)
        if take is not None and not take.sound:
            kept = tuple(attacks[one.subject])
            found.append(Shown(one, take, sounds[0], sounds[1:], kept))
    return found


def _paired(
    people: list[PadPresentation], voices: Sequence[Collection], random: np.random.Generator
) -> Iterator[tuple[PadPresentation, tuple[Sound, ...]]]:
    """Each with some recordings of one speaker, as far as there are speakers."""
    drawn = [people[int(k)] for k in random.permutation(len(people))]
    speakers = [
        [collection.items[place] for place in places]
        for collection in voices
        for places in collection.subjects().values()
        if len(places) > 1
    ]
    for one, items in zip(drawn, speakers, strict=False):
        chosen = random.permutation(len(items))[:_HEARD]
        yield one, tuple(_sound(items[int(k)]) for k in chosen)


def _is_picture(shown: PadPresentation) -> bool:
    return shown.bona_fide and not shown.clip and len(shown.items) == 1


def _sound(item: Item) -> Sound:
    with MediaSource(item.path) as source:
        return tuple(event for event in source.events() if isinstance(event, AudioChunk))


def turns_head(faces: Sequence[FaceSample]) -> bool:
    """Whether the faces, shown again and again for as long as a request to turn the head takes,
    would follow it to either side."""
    posed = [(face.pose, face.frame.time) for face in faces if face.pose is not None]
    if not posed:
        return False
    begin, length = posed[0][1], posed[-1][1] - posed[0][1] + 1 / PICTURES_A_SECOND
    rounds = math.ceil(TIME_LIMIT / length)
    for side in Side:
        turn = HeadTurn(side)
        for number in range(rounds):
            for pose, time in posed:
                turn.see(pose, time - begin + number * length)
        if turn.state is TurnState.DONE:
            return True
    return False


class ForeignVoices:
    """Shows people to an examiner's kiosk while others speak, up to MOST_VOICES for each.

    `requests`: who cannot be told from a picture, or stands beside a voice that is not theirs, is
    asked to turn the head, and counts as not checked where what is shown does not.
    """

    def __init__(
        self, examiner: Examiner, policy: Policy, seed: int, *, requests: bool = True
    ) -> None:
        self._examiner, self._policy, self._requests = examiner, policy, requests
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self._enrolled = _Enrolled()

    def judge(
        self, people: Sequence[Shown], tell: Callable[[int], None] = lambda number: None
    ) -> Iterator[Judged]:
        """Every attack on these people; hears before each the number of those who are done."""
        for place, one in enumerate(people):
            self._enrol(place, one)
        ready = self._enrolled.people
        for number, place in enumerate(ready):
            tell(number)
            others = [other for other in ready if other != place]
            drawn = self._random.permutation(others)[:MOST_VOICES]
            sounds = [self._sound_of(people[int(other)]) for other in drawn]
            for kind, take in self._takes(place, people[place]):
                yield from self._show(kind, place, people[place], take, sounds)

    def _sound_of(self, speaker: Shown) -> Sound:
        return speaker.heard[int(self._random.integers(len(speaker.heard)))]

    def _takes(self, place: int, one: Shown) -> Iterator[tuple[str, Take]]:
        yield composed.STILL_OTHER_VOICE, composed.still(one.take)
        moved = composed.moved_photograph(one.take, self._seed + place)
        yield composed.MOVED_OTHER_VOICE, moved
        if one.presentation.clip:
            yield composed.OTHER_VOICE, one.take
        for attack in one.attacks:
            take = self._examiner.read(attack)
            if take is not None:
                yield f"{attack.kind}{OTHER_VOICE}", take

    def _enrol(self, place: int, one: Shown) -> None:
        _, faces = self._look(Take(one.take.frames[:_ENROLLED]))
        face = self._face(faces)
        gathering = LivenessGathering(self._examiner.pad)
        voice = self._voice(one.voice, gathering, np.inf)
        if face is not None and voice is not None:
            self._enrolled.faces[place], self._enrolled.voices[place] = face, voice

    def _show(
        self, kind: str, place: int, one: Shown, take: Take, sounds: Sequence[Sound]
    ) -> Iterator[Judged]:
        gathering, faces = self._look(take)
        face = self._face(faces)
        begin = take.frames[0].time
        for sound in sounds:
            gathering.forget_sound()
            shift = begin - sound[0].time
            moved = tuple(AudioChunk(c.samples, c.rate, c.time + shift) for c in sound)
            voice = self._voice(moved, gathering, begin + self._examiner.seconds)
            liveness = self._examiner.policy.judge(gathering.evidence())
            if self._examiner.policy.is_sure(liveness):
                others = gathering.hears_somebody_else()
                voice = None if others else voice  # a companion's, as a visit takes it
                asked = others
            else:
                asked = liveness.outcome is LivenessOutcome.LIVE
            if asked and self._requests and not turns_head(faces):
                outcome = LivenessOutcome.NOT_CHECKED
                liveness = replace(liveness, outcome=outcome, reason=NOT_TURNED)
            shown = one.presentation
            named = None if face is None else self._is_named(place, face, voice)
            yield Judged(kind, False, shown.subject, shown.device, shown.group, liveness, named)

    def _look(self, take: Take) -> tuple[LivenessGathering, list[FaceSample]]:
        """The pictures of a take, as far as they are looked at."""
        examiner = self._examiner
        gathering = LivenessGathering(examiner.pad, min_pictures=examiner.policy.min_pictures)
        pipeline, faces = examiner.models.pipelines().face, []
        begin: float | None = None
        for frame in take.frames:
            if begin is not None and frame.time - begin > examiner.seconds:
                break
            sample = pipeline.look(frame)
            if begin is None and sample.outcome is FaceOutcome.USABLE:
                begin = frame.time
            gathering.see(sample)
            faces.append(sample)
        return gathering, faces

    def _face(self, faces: Sequence[FaceSample]) -> Embedding | None:
        usable = [
            face
            for face in faces
            if face.outcome is FaceOutcome.USABLE and face.located is not None
        ]
        if not usable:
            return None
        step = max(1, len(usable) // _MOST_EMBEDDED)
        models = self._examiner.models
        found = [embed_face(models.face, face) for face in usable[::step][:_MOST_EMBEDDED]]
        probe = pool(found, Modality.FACE, models.face.model_id)
        return Embedding(probe.vector, probe.quality)

    def _voice(self, sound: Sound, gathering: LivenessGathering, until: float) -> Embedding | None:
        """The speech of what is heard by then, None where there is too little."""
        models = self._examiner.models
        pipeline = models.pipelines().voice
        for chunk in sound:
            if chunk.time >= until:
                break
            gathering.hear(chunk, speaking=pipeline.hear(chunk).speaking)
        sample = pipeline.take(flush=True)
        if sample is None or sample.outcome is not VoiceOutcome.USABLE:
            return None
        return embed_voice(models.voice, sample)

    def _is_named(self, place: int, face: Embedding, voice: Embedding | None) -> bool:
        """Whether the decision names this person: among everybody, by face and, where enough was
        heard, voice."""
        people, models = self._enrolled.people, self._examiner.models
        evidence = [_evidence(models, Modality.FACE, face, self._enrolled.faces, people)]
        if voice is not None:
            evidence.append(_evidence(models, Modality.VOICE, voice, self._enrolled.voices, people))
        decision: Decision = decide(evidence, self._policy, str)
        identified = decision.outcome is DecisionOutcome.IDENTIFIED
        return identified and decision.top is not None and decision.top.subject_id == place


def _evidence(
    models: Models,
    modality: Modality,
    probe: Embedding,
    enrolled: Mapping[int, Embedding],
    people: Sequence[int],
) -> Evidence:
    face = modality is Modality.FACE
    embedder = models.face if face else models.voice
    calibration = models.face_calibration if face else models.voice_calibration
    ids, table = score_table(
        probe.vector[None],
        np.stack([enrolled[place].vector for place in people]),
        np.array(people, dtype=np.int64),
        AGGREGATES[modality],
        embedder.cohort,
    )
    seen = Probe(modality, embedder.model_id, probe.vector, probe.quality, 1)
    return weigh(seen, SubjectScores(ids, table[0]), calibration)
