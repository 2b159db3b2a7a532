"""What `kiosk evaluate table` and `kiosk train calibration` fit, on people who are not reported on.

Evaluation and training know nothing of each other; commands bring them together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.core.media import Matrix, Modality
from kiosk.core.scoring import Calibration
from kiosk.datasets.collections import Collection, Kind
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, heard, only
from kiosk.evaluation.extraction.extract import ExtractionContext, face_samples
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel, BenchmarkedVoiceModel
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Integers, PairScores
from kiosk.evaluation.metrics.operational import (
    OperationalScores,
    different_pairs,
    effective_trials,
    operational_scores,
)
from kiosk.evaluation.metrics.probability import overstatement
from kiosk.evaluation.metrics.scores import all_pairs
from kiosk.evaluation.protocols.chimeric import Join
from kiosk.evaluation.tables.table import JoinFor, TableData
from kiosk.evaluation.tables.table_fusion import joined, voices_together
from kiosk.evaluation.tables.table_voices import kept_speakers
from kiosk.recognition.operating_point import DevelopmentScores, binned
from kiosk.training.calibration.fit import (
    Trials,
    cost,
    fit_calibration,
    honest,
    unbounded,
    with_veto,
)
from kiosk.training.feature_fusion import load_fusion, train_fusion
from kiosk.training.loop import RunOptions

_FUSION_EPOCHS = 12


@dataclass(frozen=True)
class Fit:
    """A calibration, what it was fitted on and how well it does there."""

    calibration: Calibration
    people: int
    mated: int
    other: int
    cost: float
    group_share: float
    development: DevelopmentScores

    def comments(self) -> list[str]:
        """For the table in the manifest."""
        return [
            f"{self.people} people, {self.mated:,} mated and {self.other:,} non-mated comparisons;",
            f"Cllr {self.cost:.3f} bit on them; the group weighs {self.group_share:.0%}",
        ]


GROUP_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Tried as the share of the group among non-mated comparisons, least first."""
CHECKED_LLRS = (1.0, 3.0, 5.0)
"""Beyond 5 the few thousand strangers of half a group hold too few cases."""


def fit_face(
    benchmarked: BenchmarkedFaceModel,
    identities: Collection,
    strangers: Collection | None,
    group: str | None,
    context: ExtractionContext,
    seed: int,
    *,
    half: Half | None = None,
) -> Fit:
    """From the people of `identities` and, where a group is named, from its people in `strangers`.

    Comparisons of the group's strangers get the least share at which no more of them than one in
    e^x seem e^x times likelier to be one person: evidence against people of the group is not
    overstated, and nobody else's is understated without need. Only people of one `half`, if given.
    """
    pictures = _part(identities.of(Kind.PICTURE), half)
    scores = operational_scores(
        face_samples(pictures, benchmarked.embedder, context), Modality.FACE, seed
    )
    if strangers is None or group is None:
        return fit(scores, None, 0.0, seed)
    wanted = _part(strangers, half).where(lambda item: item.group == group, group)
    others = all_pairs(face_samples(wanted, benchmarked.embedder, context), seed)
    for share in GROUP_SHARES:
        found = fit(scores, others, share, seed)
        llr = found.calibration.llr(others.impostor)
        if all(overstatement(llr, at) <= 1.0 for at in CHECKED_LLRS):
            break
    return found


def _part(collection: Collection, half: Half | None) -> Collection:
    return collection if half is None else only(collection, half)


def fit_voice(
    benchmarked: BenchmarkedVoiceModel,
    collections: Sequence[Collection],
    context: ExtractionContext,
    seed: int,
    *,
    half: Half | None = None,
) -> Fit:
    """From segments as long as the kiosk waits for, of speakers the model never heard: of those who
    are kept out of training where it was trained here, else of all others, so that those kept out
    have had no part in anything of it. Of people in several moods it is the half who have not
    taught it what moods are (`kiosk train voice-published`).

    Strangers are people of one set and one gender: before a kiosk everybody speaks into the same
    microphone in the same room, and a man told from a woman, or one microphone from another, is no
    evidence that a stranger would be found out. Sets and genders count alike, and so does every
    pair of people within them and everybody who is compared with themselves. In none of these
    groups is the mean ratio of strangers above one. Only speakers of one `half`, if given.
    """
    parts: list[Samples] = []
    kinds: list[str] = []
    for collection in _to_fit(benchmarked.name, collections, half):
        samples = voices_together(benchmarked, [collection], context)
        if samples is not None:
            parts.append(samples)
            numbers = range(samples.people)
            kinds += [f"{collection.name}, {_gender(collection, n)}" for n in numbers]
    if not parts:
        raise InputError("No speaker is left to calibrate with.", "Give more recordings.")
    samples = joined(parts)
    scores = operational_scores(samples, Modality.VOICE, seed)
    return _fit_groups(scores, samples, np.array(kinds), seed)


TRAINED_HERE = ("voice-own",)
"""Voice models that learnt from the sets they are calibrated on."""


def _to_fit(model: str, collections: Sequence[Collection], half: Half | None) -> list[Collection]:
    """The collections cut to speakers of whom the model has heard nobody."""
    if model in TRAINED_HERE:
        return _unheard(collections, half)
    found = []
    for collection in collections:
        with suppress(InputError):
            others = heard(collection) if collection.development else collection
            moods = any(item.condition for item in others.items)
            found.append(_part(others, Half.CALIBRATE if moods else half))
    return found


def _gender(collection: Collection, number: int) -> str:
    """Of the speaker of that number."""
    places = list(collection.subjects().values())[number]
    return collection.items[places[0]].gender


def _fit_groups(
    scores: OperationalScores, samples: Samples, kind: NDArray[np.str_], seed: int
) -> Fit:
    """From scores of people of several kinds, (people,); strangers are two people of one kind."""
    pairs, same = scores.pairs, scores.pairs.same
    mated = Trials(
        pairs.genuine,
        scores.quality[same],
        effective_trials(pairs, seed)[0],
        per_person(pairs.a[same]),
    )
    alike = ~same & (kind[pairs.a] == kind[pairs.b])
    apart = alike & ~_one_voice(pairs, alike)
    groups = [*_alike_groups(scores, apart, kind), *_heard_once(scores, samples, kind, seed)]
    if not groups:
        raise InputError(
            "No two speakers of one set are of one gender.", "Give recordings of more people."
        )
    other = alike_weighted(groups)
    calibration = honest(fit_calibration(mated, other), groups)
    vetoing = with_veto(calibration, mated)
    vetoing = replace(vetoing, veto_quality=max(vetoing.veto_quality, VETO_SPEECH))
    people = int(np.unique(samples.subject).size)
    return fitted(vetoing, mated, other, groups, people)


VETO_SPEECH = math.sqrt(2 / 3)
"""Quality of two seconds of clear speech: all are calibrated on three, and in less than two the
right voice too often sounds like nobody's to contradict a face."""
ONE_VOICE = 0.85
"""Of the median score of a speaker with themselves: who comes so near on median is no other."""


def _one_voice(pairs: PairScores, alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Comparisons of two names that resemble one another as each resembles itself: one speaker
    under two names, as collections of actors have them. See `_without_doubles`."""
    low, high = np.minimum(pairs.a, pairs.b), np.maximum(pairs.a, pairs.b)
    names = low * pairs.people + high
    own = {int(n): float(np.median(pairs.score[pairs.same & (pairs.a == n)])) for n in low}
    found = np.zeros(len(names), dtype=np.bool_)
    for name in np.unique(names[alike]):
        both = alike & (names == name)
        as_near = ONE_VOICE * min(own[int(name) // pairs.people], own[int(name) % pairs.people])
        found |= both if float(np.median(pairs.score[both])) > as_near else False
    return found


FEWEST_PAIRS = 10
"""Of people, from which a group says something by itself: with three actors in it one pair of them
who sound alike, or are one man under two names, would speak for a third of all strangers."""


def _alike_groups(
    scores: OperationalScores, alike: NDArray[np.bool_], kind: NDArray[np.str_]
) -> list[Trials]:
    """Strangers of each kind; kinds of fewer than FEWEST_PAIRS together are one group."""
    own = kind[scores.pairs.a]
    masks = [alike & (own == name) for name in np.unique(own[alike])]
    sizes = [different_pairs(_part_of(scores.pairs, mask)) for mask in masks]
    large = [mask for mask, size in zip(masks, sizes, strict=True) if size >= FEWEST_PAIRS]
    small = [mask for mask, size in zip(masks, sizes, strict=True) if size < FEWEST_PAIRS]
    together = [np.logical_or.reduce(small)] if small else []
    return [_strangers(scores, mask) for mask in [*large, *together]]


def _heard_once(
    scores: OperationalScores, samples: Samples, kind: NDArray[np.str_], seed: int
) -> list[Trials]:
    """Strangers of each kind among those with too few samples to be compared as a kiosk does: one
    sample with one, which varies more than what is pooled and claims no more than it may."""
    known = np.unique(scores.pairs.a)
    rest = samples.take(~np.isin(samples.subject, known))
    found = []
    for name in np.unique(kind[rest.subject]) if len(rest) else ():
        members = rest.take(kind[rest.subject] == name)
        if np.unique(members.subject).size < 2:
            continue
        pairs = all_pairs(members, seed)
        first, second = np.triu_indices(len(members), 1)
        quality = np.minimum(members.quality[first], members.quality[second])
        every = OperationalScores(pairs, quality)
        group = _strangers(every, ~pairs.same)
        found += [group] if group.effective >= FEWEST_PAIRS else []
    return found


def _part_of(pairs: PairScores, chosen: NDArray[np.bool_]) -> PairScores:
    return PairScores(pairs.score[chosen], pairs.same[chosen], pairs.a[chosen], pairs.b[chosen])


def _strangers(scores: OperationalScores, chosen: NDArray[np.bool_]) -> Trials:
    """These comparisons, every pair of people counting alike however often it was compared."""
    part = _part_of(scores.pairs, chosen)
    low, high = np.minimum(part.a, part.b), np.maximum(part.a, part.b)
    weight = per_person(low * (int(high.max()) + 1) + high)
    return Trials(part.score, scores.quality[chosen], different_pairs(part), weight)


def per_person(who: Integers) -> Floats:
    """Weights of comparisons, (comparisons,), by whose they are: everybody's sum to one."""
    _, place, count = np.unique(who, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[place], dtype=np.float64)


def alike_weighted(groups: Sequence[Trials]) -> Trials:
    """All comparisons of the groups, each group counting alike."""
    return Trials(
        np.concatenate([group.score for group in groups]),
        np.concatenate([group.quality for group in groups]),
        sum(group.effective for group in groups),
        np.concatenate([group.weights() for group in groups]),
    )


def _people(pairs: PairScores) -> int:
    return int(np.unique(np.concatenate([pairs.a, pairs.b])).size)


def fit(scores: OperationalScores, others: PairScores | None, share: float, seed: int) -> Fit:
    """From operational scores and, at this share of the non-mated ones, other strangers'."""
    pairs, same = scores.pairs, scores.pairs.same
    effective = effective_trials(pairs, seed)
    mated = Trials(pairs.genuine, scores.quality[same], effective[0])
    usual = Trials(pairs.impostor, scores.quality[~same], effective[1])
    other, groups = usual, [usual]
    if others is not None:
        typical = np.full(others.impostor.size, float(np.median(scores.quality)))
        group = Trials(others.impostor, typical, different_pairs(others))
        group = _without_doubles(group, fit_calibration(mated, mixed(usual, group, share)))
        other, groups = mixed(usual, group, share), [usual, group]
    calibration = fit_calibration(mated, other)
    return fitted(calibration, mated, other, groups, _people(pairs), share)


def _without_doubles(group: Trials, calibration: Calibration) -> Trials:
    """Without pairs beyond the bound of their own calibration. Who is who was never labelled in
    collections of one picture a person: a pair that no stranger of so many can have been is
    somebody who is in it twice."""
    kept = calibration.ratio(group.score) <= calibration.llr_max
    return replace(group, score=group.score[kept], quality=group.quality[kept])


def fitted(
    calibration: Calibration,
    mated: Trials,
    other: Trials,
    groups: Sequence[Trials],
    people: int,
    share: float = 0.0,
) -> Fit:
    """A calibration with what it was fitted on. In the development scores, from which thresholds
    follow, every group of strangers counts alike, however few of its people there are."""
    kept = binned(
        (unbounded(calibration, mated), mated.weights()),
        [(unbounded(calibration, group), group.weights()) for group in groups],
        (mated.effective, other.effective),
        people,
    )
    value = cost(calibration, mated, other)
    sizes = mated.score.size, other.score.size
    return Fit(calibration, people, *sizes, value, share, kept)


def mixed(usual: Trials, group: Trials, share: float) -> Trials:
    """Non-mated comparisons of which `share` of the weight is the group's.

    They support no stronger ratio than the group's alone: what it says of them must hold too.
    """
    parts = ((usual, 1.0 - share), (group, share))
    return Trials(
        np.concatenate([part.score for part, _ in parts]),
        np.concatenate([part.quality for part, _ in parts]),
        min(usual.effective, group.effective),
        np.concatenate([np.full(part.score.size, w / part.score.size) for part, w in parts]),
    )


def joiner(data: TableData, context: ExtractionContext, seed: int, *, enabled: bool) -> JoinFor:
    """Trains feature-level fusion of two models on the half to calibrate, when it is asked for."""

    def join(face: BenchmarkedFaceModel, voice: BenchmarkedVoiceModel) -> Join | None:
        if not enabled or data.identities is None:
            return None
        pictures = only(data.identities.of(Kind.PICTURE), Half.CALIBRATE)
        faces = face_samples(pictures, face.embedder, context)
        kept = _unheard(data.voices, Half.CALIBRATE)
        voices = voices_together(voice, kept, context)
        if voices is None:
            return None
        return _trained(faces, voices, seed, context.console)

    return join


def _unheard(collections: Sequence[Collection], half: Half | None) -> list[Collection]:
    """Each set cut to the speakers of a half that no training heard; without sets of none."""
    found = []
    for collection in kept_speakers(collections):
        with suppress(InputError):
            found.append(_part(collection, half))
    return found


def _trained(faces: Samples, voices: Samples, seed: int, console: Console) -> Join | None:
    with TemporaryDirectory(prefix="kiosk-fusion-") as folder:
        options = RunOptions(Path(folder), epochs=_FUSION_EPOCHS, seed=seed)
        pair: tuple[tuple[Matrix, np.ndarray], ...] = (
            (faces.vectors, faces.subject),
            (voices.vectors, voices.subject),
        )
        try:
            train_fusion(pair[0], pair[1], options, console)
        except InputError as error:
            console.print(f"feature-level fusion is left out: {error}", markup=False)
            return None
        return load_fusion(Path(folder))


def with_half_calibrations(
    faces: Sequence[BenchmarkedFaceModel],
    voices: Sequence[BenchmarkedVoiceModel],
    data: TableData,
    group: str | None,
    context: ExtractionContext,
    seed: int,
) -> tuple[list[BenchmarkedFaceModel], list[BenchmarkedVoiceModel]]:
    """The models with calibrations of the half to calibrate in place of the shipped ones, which
    know everybody; None where there are too few people."""
    half = Half.CALIBRATE
    found_faces, found_voices = [], []
    for face in faces:
        fits = None
        if data.identities is not None:
            who = (data.identities, data.strangers, group)
            fits = partial(fit_face, face, *who, context, seed, half=half)
        found_faces.append(replace(face, calibration=_attempt(fits, context.console)))
    for voice in voices:
        fits = partial(fit_voice, voice, data.voices, context, seed, half=half)
        found_voices.append(replace(voice, calibration=_attempt(fits, context.console)))
    return found_faces, found_voices


def _attempt(make: Callable[[], Fit] | None, console: Console) -> Calibration | None:
    try:
        return make().calibration if make else None
    except (InputError, ValueError) as error:
        console.print(f"left without calibration: {error}", markup=False, highlight=False)
        return None
