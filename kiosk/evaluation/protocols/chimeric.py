"""Chimeric face and voice users: one person of a face set paired with one speaker, by a seed.

Nobody has both a face and a voice set here, and faces and voices of different people are close to
independent given identity, as fusion by summed log-likelihood ratios assumes. Real people have
sessions in which light and noise are bad together; chimeric users do not show that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix, Modality
from kiosk.core.open_set import posterior
from kiosk.core.scoring import Aggregate, Calibration
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, Integers, bootstrap, share
from kiosk.evaluation.metrics.probability import (
    ReliabilityBin,
    expected_calibration_error,
    reliability,
)

FaceVoice = tuple[Matrix, Matrix]
Join = Callable[[Matrix, Matrix], Matrix]
"""Face and voice vectors of the same samples, (n, face dims) and (n, voice dims), to (n, dims)."""

PAIRINGS = 20
VISITS = 5
TEMPLATES = 1


@dataclass(frozen=True, eq=False)
class Users:
    """One pairing: templates and probes of each user, as rows of the face and voice samples.

    `face_template`, `voice_template` (templates,) with `owner` (templates,) the user; `face_probe`,
    `voice_probe` (probes,) with `user` (probes,); `speaker` (users,) the speaker behind each.
    """

    face_template: Integers
    voice_template: Integers
    owner: Integers
    face_probe: Integers
    voice_probe: Integers
    user: Integers
    speaker: Integers


def pair_users(face: Samples, voice: Samples, random: np.random.Generator) -> Users:
    """Every speaker with two segments or more gets one person with two pictures or more."""
    faces = _rows_by_person(face)
    voices = _rows_by_person(voice)
    people = random.permutation(sorted(faces))[: len(voices)]
    parts: list[tuple[Integers, Integers]] = []
    speakers = sorted(voices)[: len(people)]
    for person, speaker in zip(people, speakers, strict=True):
        a = random.permutation(faces[int(person)])
        b = random.permutation(voices[speaker])
        count = min(a.size, b.size, TEMPLATES + VISITS)
        parts.append((a[:count], b[:count]))
    numbers = range(len(parts))
    return Users(
        np.concatenate([a[:TEMPLATES] for a, _ in parts]),
        np.concatenate([b[:TEMPLATES] for _, b in parts]),
        np.concatenate([np.full(TEMPLATES, n) for n in numbers]),
        np.concatenate([a[TEMPLATES:] for a, _ in parts]),
        np.concatenate([b[TEMPLATES:] for _, b in parts]),
        np.concatenate([np.full(a.size - TEMPLATES, n) for n, (a, _) in enumerate(parts)]),
        np.array(speakers, dtype=np.int64),
    )


def _rows_by_person(samples: Samples) -> dict[int, Integers]:
    found = {}
    for person in np.unique(samples.subject):
        rows = np.flatnonzero(samples.subject == person)
        if rows.size > TEMPLATES:
            found[int(person)] = rows
    return found


@dataclass(frozen=True, eq=False)
class Trials:
    """Searches of one way of recognising: log-likelihood ratios (or scores) of every probe against
    every user, (probes, users), the right user and the speaker of each probe, (probes,).

    `claims` (probes, users) are the ratios as far as they may be claimed against a stranger, and
    `most` (probes,) how far that can be."""

    table: Floats
    user: Integers
    speaker: Integers
    claims: Floats
    most: Floats

    @property
    def own(self) -> Floats:
        """The mate's value, (probes,)."""
        return np.take_along_axis(self.table, self.user[:, None], 1)[:, 0]

    def probability(self, probe: int, without: int | None = None, *, share: float) -> float:
        """Of the top candidate of a probe; `without` a user, if given."""
        table, claims = self.table[probe], self.claims[probe]
        if without is not None:
            table, claims = np.delete(table, without), np.delete(claims, without)
        return float(posterior(table, claims, float(self.most[probe]), share).max())

    @property
    def others(self) -> Floats:
        """The table as if the visitor were not enrolled, (probes, users)."""
        table = self.table.copy()
        table[np.arange(len(table)), self.user] = -np.inf
        return table


@dataclass(frozen=True, eq=False)
class Ratios:
    """Of every probe against every user: `table` as the kiosk compares candidates, `claims` as far
    as it claims anything against a stranger, both (probes, users); `most` (probes,) is how far."""

    table: Floats
    claims: Floats
    most: Floats

    def __add__(self, other: Ratios) -> Ratios:
        return Ratios(self.table + other.table, self.claims + other.claims, self.most + other.most)


def ratio_tables(
    users: Users, face: Samples, voice: Samples, calibrations: tuple[Calibration, Calibration]
) -> dict[str, Ratios]:
    """Face, voice and fused log-likelihood ratios as the kiosk computes them."""
    parts = (
        (face, users.face_probe, users.face_template, calibrations[0]),
        (voice, users.voice_probe, users.voice_template, calibrations[1]),
    )
    found = [
        _ratios(samples, modality, probes, templates, users.owner, calibration)
        for modality, (samples, probes, templates, calibration) in zip(Modality, parts, strict=True)
    ]
    return {"face": found[0], "voice": found[1], "fused": found[0] + found[1]}


def _ratios(
    samples: Samples,
    modality: Modality,
    probes: Integers,
    templates: Integers,
    owner: Integers,
    calibration: Calibration,
) -> Ratios:
    vectors = samples.vectors
    scored = (vectors[templates], owner, AGGREGATES[modality], samples.cohort)
    scores = score_table(vectors[probes], *scored)[1]
    weight = np.array([calibration.weight(float(each)) for each in samples.quality[probes]])
    full = calibration.slope * scores + calibration.intercept
    table = weight[:, None] * np.maximum(full, calibration.llr_min)
    most = weight * calibration.llr_max
    return Ratios(table, np.minimum(table, most[:, None]), most)


def joined_table(users: Users, face: Samples, voice: Samples, join: Join) -> Floats:
    """Cosines of feature-level fusion: both vectors through one trained network."""
    probes = join(face.vectors[users.face_probe], voice.vectors[users.voice_probe])
    templates = join(face.vectors[users.face_template], voice.vectors[users.voice_template])
    return score_table(probes, templates, users.owner, Aggregate.BLEND)[1]


def many_pairings(
    face: Samples,
    voice: Samples,
    calibrations: tuple[Calibration, Calibration],
    seed: int,
    join: Join | None = None,
) -> dict[str, list[Trials]]:
    """PAIRINGS galleries of the same speakers, each time with other faces."""
    random = np.random.default_rng(seed)
    found: dict[str, list[Trials]] = {}
    for _ in range(PAIRINGS):
        users = pair_users(face, voice, random)
        tables = ratio_tables(users, face, voice, calibrations)
        if join is not None:
            cosines = joined_table(users, face, voice, join)
            unbounded = np.full(len(cosines), np.inf)
            tables["feature-level"] = Ratios(cosines, cosines, unbounded)
        speaker = users.speaker[users.user]
        for way, made in tables.items():
            trials = Trials(made.table, users.user, speaker, made.claims, made.most)
            found.setdefault(way, []).append(trials)
    return found


@dataclass(frozen=True)
class FusionFigures:
    """One way of recognising: FNIR by FPIR, rank 1, and how honest its probabilities are."""

    fnir: dict[str, Estimate]
    rank_1: Estimate
    gallery: int
    searches: int
    calibration_error: float | None
    bins: tuple[ReliabilityBin, ...]


FPIRS = (0.01, 0.003)


def figures(trials: list[Trials], known_share: float | None, seed: int) -> FusionFigures:
    """Of one way. Without `known_share` the values are scores that have no probability.

    Strangers are the same probes searched in the gallery without their own user.
    """
    own = np.concatenate([part.own for part in trials])
    rank = np.concatenate([error_rates.ranks(part.table, part.user) for part in trials])
    best = np.concatenate([part.others.max(axis=1) for part in trials])
    speaker = np.concatenate([part.speaker for part in trials])
    falling = np.argsort(-best, kind="stable")
    people = int(speaker.max()) + 1
    fnir = {}
    for fpir in FPIRS:

        def weighted(multiplicity: Floats, fpir: float = fpir) -> float:
            weight = multiplicity[speaker]
            return error_rates.open_set_fnir(
                own, rank == 1, best[falling], fpir, weight, weight[falling]
            )

        fnir[f"{fpir:.1%}"] = bootstrap(weighted, people, own.size, seed)
    error, bins = _honesty(trials, known_share, seed) if known_share else (None, ())
    return FusionFigures(
        fnir,
        share(rank == 1, speaker, people, seed),
        trials[0].table.shape[1],
        own.size,
        error,
        bins,
    )


def _honesty(
    trials: list[Trials], known_share: float, seed: int
) -> tuple[float, tuple[ReliabilityBin, ...]]:
    """ECE of the top candidate's probability when visitors are strangers as often as assumed."""
    said, right = probabilities(trials, known_share, seed)
    return expected_calibration_error(said, right), reliability(said, right)


def probabilities(
    trials: list[Trials], known_share: float, seed: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Probability of each top candidate and whether it was right, over enrolled visitors and a
    seeded choice of strangers in the proportion of `known_share`."""
    random = np.random.default_rng(seed)
    said: list[Floats] = []
    right: list[NDArray[np.bool_]] = []
    for part in trials:
        top = part.table.argmax(axis=1)
        probes = range(len(part.table))
        said.append(np.array([part.probability(n, share=known_share) for n in probes]))
        right.append(top == part.user)
        count = round(len(part.table) * (1 - known_share) / known_share)
        for number in random.permutation(len(part.table))[:count]:
            user = int(part.user[number])
            said.append(np.array([part.probability(number, user, share=known_share)]))
            right.append(np.array([False]))
    return np.concatenate(said), np.concatenate(right)
