"""Channels put together: faces, voices and texts of different people with the same label.

No collection here has face, voice and text of one person with labels, so every person judged here
is chimeric. Emotions are paired by emotion, ages by nearest age, genders by gender, with a seed.
Half of the people of each set (`datasets.splits`) is for fitting, the other for reporting; none
trained a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from kiosk.core.attribute_fusion import MEASURED, Fusion
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    EmotionEstimate,
    Gender,
    GenderEstimate,
)
from kiosk.core.media import Image
from kiosk.core.ports.inference import FaceAttributes
from kiosk.core.samples import LocatedFace
from kiosk.datasets.splits import Half, in_half
from kiosk.evaluation.attributes.channels import CHANNELS, AttributeRun, judge
from kiosk.evaluation.attributes.metrics import EMOTIONS, Judged, Truth, judged

Integers = NDArray[np.int64]

COUNT = 2100
"""Chimeric people of each attribute."""
_SEED = 1
_DRAWS = 1000
SPOILT_QUALITY = 0.1
"""The quality told of a spoilt face; a visit does not take so poor a picture at all."""
_NEAREST_AGE = 2.0
"""Years between a face and the voice it is given."""


@dataclass(frozen=True, eq=False)
class Chimeras:
    """Chimeric samples with one label each: what each channel said of them, in one order."""

    truths: tuple[Truth, ...]
    said: Mapping[Channel, tuple[AttributeEstimate, ...]]
    notes: str

    def fused(self, fusion: Fusion, channels: Sequence[Channel]) -> list[AttributeEstimate]:
        """Each sample by these channels alone."""
        rows = zip(*(self.said[channel] for channel in channels), strict=True)
        nothing = AttributeEstimate(Channel.FUSED)
        return [fusion.fuse(row) or nothing for row in rows]


def pools(run: AttributeRun, half: Half) -> dict[Channel, list[Judged]]:
    """What each channel says of the people of one half of its sets."""
    return {
        channel: [_half(each, half) for each in judge(channel)(run)]
        for channel in MEASURED
        if channel in CHANNELS
    }


def _half(each: Judged, half: Half) -> Judged:
    return each.rows(in_half(each.name, each.person, half))


def estimates(each: Judged) -> list[AttributeEstimate]:
    """The rows of a set as estimates again."""
    return [_estimate(each, row) for row in range(len(each))]


def _estimate(each: Judged, row: int) -> AttributeEstimate:
    chances, male = each.chances[row], float(each.male[row])
    years, low, high = (float(value) for value in each.ages[row])
    sure = [bool(value) for value in each.sure[row]]
    return AttributeEstimate(
        each.channel,
        None if np.isnan(chances[0]) else EmotionEstimate(tuple(chances.tolist()), sure[0]),
        None if np.isnan(years) else AgeEstimate(years, low, high, sure[1]),
        None if np.isnan(male) else GenderEstimate(male, sure[2]),
    )


@dataclass(frozen=True, eq=False)
class _Labelled:
    """Samples of one channel with one label each."""

    label: NDArray[np.float64]
    said: list[AttributeEstimate]
    sets: str
    people: int


def _labelled(sets: Sequence[Judged], attribute: str) -> _Labelled:
    """All samples of a channel that have this label and were estimated."""
    found = [getattr(each, f"with_{attribute}")() for each in sets]
    found = [each for each in found if len(each)]
    column = {"emotion": "emotion", "age": "age", "gender": "is_male"}[attribute]
    label = [np.asarray(getattr(each, column), dtype=np.float64) for each in found]
    people = sum(len(np.unique(each.person)) for each in found)
    said = [made for each in found for made in estimates(each)]
    names = ", ".join(each.name for each in found)
    return _Labelled(np.concatenate([np.empty(0), *label]), said, names, people)


def chimeras(
    sets: Mapping[Channel, Sequence[Judged]], attribute: str, count: int = COUNT, seed: int = _SEED
) -> Chimeras | None:
    """Samples of one attribute paired over the channels that have it; None with fewer than two."""
    found = {channel: _labelled(each, attribute) for channel, each in sets.items()}
    found = {channel: labelled for channel, labelled in found.items() if labelled.said}
    if len(found) < 2:
        return None
    rng = np.random.default_rng(seed)
    if attribute == "age":
        rows = _by_age(found, count, rng)
    else:
        rows = _by_kind(found, _shares(found, attribute), count, rng)
    labels = found[next(iter(found))].label[rows[next(iter(found))]]
    truths = tuple(_truth(attribute, n, value) for n, value in enumerate(labels))
    said = {c: tuple(found[c].said[row] for row in rows[c]) for c in found}
    parts = [
        f"{len(set(rows[c]))} {c} samples of {found[c].people} people ({found[c].sets})"
        for c in found
    ]
    return Chimeras(truths, said, f"{len(truths)} chimeric people of " + "; ".join(parts) + ".")


def _truth(attribute: str, number: int, value: float) -> Truth:
    person = f"chimera {number}"
    if attribute == "emotion":
        return Truth(person, emotion=EMOTIONS[int(value)])
    if attribute == "age":
        return Truth(person, age=float(value))
    return Truth(person, gender=Gender.MALE if value == 1 else Gender.FEMALE)


def _shares(found: Mapping[Channel, _Labelled], attribute: str) -> dict[float, float]:
    """Of the kinds every channel has: of emotions as frequent as among the faces, else alike."""
    kinds = sorted(set.intersection(*({float(v) for v in e.label} for e in found.values())))
    counts = dict.fromkeys(kinds, 1.0)
    if attribute == "emotion" and Channel.FACE in found:
        labels = found[Channel.FACE].label
        counts = {kind: float((labels == kind).sum()) for kind in kinds}
    return {kind: count / sum(counts.values()) for kind, count in counts.items()}


def _by_kind(
    found: Mapping[Channel, _Labelled],
    shares: Mapping[float, float],
    count: int,
    rng: np.random.Generator,
) -> dict[Channel, Integers]:
    """Of each kind that every channel has `count` times the share of it given."""
    rows: dict[Channel, list[Integers]] = {channel: [] for channel in found}
    for kind, share in shares.items():
        for channel, each in found.items():
            there = np.flatnonzero(each.label == kind)
            rows[channel].append(_drawn(there, max(1, round(count * share)), rng))
    return {channel: np.concatenate(parts) for channel, parts in rows.items()}


def _drawn(there: Integers, count: int, rng: np.random.Generator) -> Integers:
    """`count` of them, each as often as any other."""
    turns = -(-count // len(there))
    return np.concatenate([rng.permutation(there) for _ in range(turns)])[:count]


def _by_age(
    found: Mapping[Channel, _Labelled], count: int, rng: np.random.Generator
) -> dict[Channel, Integers]:
    """Each face with a voice of nearly its age; faces of ages no voice has are left out."""
    face, voice = found[Channel.FACE].label, found[Channel.VOICE].label
    near = [np.flatnonzero(np.abs(voice - age) <= _NEAREST_AGE) for age in face]
    usable = np.flatnonzero([len(rows) > 0 for rows in near])
    chosen = _drawn(usable, min(count, len(usable)), rng)
    voices = [int(rng.choice(near[row])) for row in chosen]
    return {Channel.FACE: chosen, Channel.VOICE: np.array(voices, dtype=np.int64)}


def channel_sets(channels: Sequence[Channel]) -> Iterator[tuple[Channel, ...]]:
    """Every set of channels, small ones first."""
    for size in range(1, len(channels) + 1):
        yield from combinations(channels, size)


# --- the report ----------------------------------------------------------------------------


def judge_fused(run: AttributeRun) -> list[Judged]:
    """Every set of channels on chimeric people of the half that nothing was fitted on."""
    if run.given:
        return []
    from kiosk.inference.attribute_fusion import load_fusion

    fusion = load_fusion(run.settings)
    sets = pools(run, Half.REPORT)
    found: list[Judged] = []
    for attribute in ("emotion", "age", "gender"):
        made = chimeras(sets, attribute)
        if made is not None:
            found += judge_chimeras(made, attribute, fusion)
        if made is not None and attribute == "emotion" and Channel.FACE in made.said:
            found += judge_spoilt(run, fusion, sets)
    return found


def judge_chimeras(made: Chimeras, attribute: str, fusion: Fusion) -> list[Judged]:
    """Every set of channels; its note tells the gain over the best of the sets within it."""
    found: list[Judged] = []
    losses: dict[tuple[Channel, ...], NDArray[np.float64]] = {}
    for channels, each in zip(
        channel_sets(tuple(made.said)), fused_sets(made, fusion), strict=True
    ):
        losses[channels] = loss(each, attribute)
        note = made.notes if not found else gain_note(losses, channels, attribute)
        name = f"chimeric {attribute}, {each.name}"
        found.append(replace(each, name=name, notes=(note,) if note else ()))
    return found


def fused_sets(made: Chimeras, fusion: Fusion) -> list[Judged]:
    """Every set of channels on the same chimeric people."""
    return [
        judged("+".join(channels), Channel.FUSED, made.fused(fusion, channels), made.truths)
        for channels in channel_sets(tuple(made.said))
    ]


def loss(each: Judged, attribute: str) -> NDArray[np.float64]:
    """(n,): minus the log-probability of what is true; of ages the absolute error in years."""
    rows = np.arange(len(each))
    if attribute == "emotion":
        chances = each.chances[rows, each.emotion]
    elif attribute == "gender":
        chances = np.where(each.is_male == 1, each.male, 1 - each.male)
    else:
        return np.asarray(np.abs(each.ages[:, 0] - each.age), dtype=np.float64)
    return np.asarray(-np.log(np.maximum(chances, 1e-9)), dtype=np.float64)


def gain_note(
    losses: Mapping[tuple[Channel, ...], NDArray[np.float64]],
    channels: tuple[Channel, ...],
    attribute: str,
) -> str:
    """How much less these channels lose than the best of the sets within them, in pairs."""
    within = [part for part in losses if set(part) < set(channels)]
    if not within:
        return ""
    best = min(within, key=lambda part: losses[part].mean())
    low, mean, high = paired(losses[channels] - losses[best])
    unit = "years of error" if attribute == "age" else "nats of log loss"
    return f"against {'+'.join(best)} {mean:+.3f} [{low:+.3f}, {high:+.3f}] {unit}"


def paired(difference: NDArray[np.float64], seed: int = _SEED) -> tuple[float, float, float]:
    """Mean difference of the same samples between the ends of its 95 % bootstrap interval."""
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(difference), (_DRAWS, len(difference)))
    low, high = np.quantile(difference[draws].mean(1), (0.025, 0.975))
    return float(low), float(difference.mean()), float(high)


# --- what a bad channel does -----------------------------------------------------------------


class SpoiltFaces:
    """A `FaceAttributes` that sees next to nothing: a quarter of detail, a third of light."""

    def __init__(self, inner: FaceAttributes) -> None:
        self._inner = inner

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        """What the estimator says of the spoilt pictures."""
        return self._inner.estimate(
            [LocatedFace(self._spoil(face.image), face.landmarks) for face in faces], mirrored
        )

    @staticmethod
    def _spoil(image: Image) -> Image:
        picture = PilImage.fromarray((image * 0.33).astype(np.uint8))
        small = (max(4, picture.width // 4), max(4, picture.height // 4))
        rough = picture.resize(small, PilImage.Resampling.BOX).resize(picture.size)
        return np.asarray(rough)


def judge_spoilt(
    run: AttributeRun, fusion: Fusion, sets: Mapping[Channel, list[Judged]]
) -> list[Judged]:
    """The same chimeric people with spoilt faces, once as if they were good and once with the low
    quality they have; the notes compare with leaving the face out."""
    spoilt = dict(sets) | {Channel.FACE: [_half(each, Half.REPORT) for each in spoilt_faces(run)]}
    made = chimeras(spoilt, "emotion")
    if made is None:
        return []
    rest = tuple(channel for channel in made.said if channel is not Channel.FACE)
    without = judged("", Channel.FUSED, made.fused(fusion, rest), made.truths)
    found = []
    for quality, said in ((1.0, "not told"), (SPOILT_QUALITY, "told")):
        faces = tuple(replace(face, quality=quality) for face in made.said[Channel.FACE])
        worse = replace(made, said={**made.said, Channel.FACE: faces})
        fused = worse.fused(fusion, tuple(made.said))
        name = f"chimeric emotion, spoilt face ({said})+{'+'.join(rest)}"
        each = judged(name, Channel.FUSED, fused, made.truths)
        low, mean, high = paired(loss(each, "emotion") - loss(without, "emotion"))
        note = f"against {'+'.join(rest)} {mean:+.3f} [{low:+.3f}, {high:+.3f}] nats of log loss"
        found.append(replace(each, notes=(note,)))
    return found


def spoilt_faces(run: AttributeRun) -> list[Judged]:
    """The pictures with emotions, each spoilt after its face was found."""
    from kiosk.evaluation.attributes import face as own
    from kiosk.inference.face.attributes import NAME, load_face_attributes
    from kiosk.inference.manifest import find_entry, locate, model_id

    paths = run.paths(("faces/fer2013/test.csv",), own.holds_faces)
    entry = find_entry(NAME)
    name = f"{model_id(entry, locate(entry, run.settings))}-spoilt"
    look = own.kiosk_look(run.settings, run.context)
    judge = own.FaceJudge(SpoiltFaces(load_face_attributes(run.settings)), name, look, run.context)
    return [judge.judge(own.read_faces(path).limited(run.limit)) for path in paths]
