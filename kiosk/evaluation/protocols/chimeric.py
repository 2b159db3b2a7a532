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

from kiosk.core.media import Matrix
from kiosk.core.scoring import Calibration, posterior
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, Integers, bootstrap, share
from kiosk.evaluation.metrics.probability import (
    ReliabilityBin,
    expected_calibration_error,
    reliability,
)
from kiosk.evaluation.metrics.scores import score_table

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
    every user, (probes, users), the right user and the speaker of each probe, (probes,)."""

    table: Floats
    user: Integers
    speaker: Integers

    @property
    def own(self) -> Floats:
        """The mate's value, (probes,)."""
        return np.take_along_axis(self.table, self.user[:, None], 1)[:, 0]

    @property
    def others(self) -> Floats:
        """The table as if the visitor were not enrolled, (probes, users)."""
        table = self.table.copy()
        table[np.arange(len(table)), self.user] = -np.inf
        return table


def ratio_tables(
    users: Users, face: Samples, voice: Samples, calibrations: tuple[Calibration, Calibration]
) -> dict[str, Floats]:
    """Face, voice and fused log-likelihood ratios as the kiosk computes them."""
    parts = (
        (face, users.face_probe, users.face_template, calibrations[0]),
        (voice, users.voice_probe, users.voice_template, calibrations[1]),
    )
    tables = []
    for samples, probes, templates, calibration in parts:
        vectors = samples.vectors
        scores = score_table(
            vectors[probes], vectors[templates], users.owner, cohort=samples.cohort
        )[1]
        rows = zip(scores, samples.quality[probes], strict=True)
        tables.append(np.stack([calibration.llr(row, float(quality)) for row, quality in rows]))
    return {"face": tables[0], "voice": tables[1], "fused": tables[0] + tables[1]}


def joined_table(users: Users, face: Samples, voice: Samples, join: Join) -> Floats:
    """Cosines of feature-level fusion: both vectors through one trained network."""
    probes = join(face.vectors[users.face_probe], voice.vectors[users.voice_probe])
    templates = join(face.vectors[users.face_template], voice.vectors[users.voice_template])
    return score_table(probes, templates, users.owner)[1]


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
            tables["feature-level"] = joined_table(users, face, voice, join)
        speaker = users.speaker[users.user]
        for way, table in tables.items():
            found.setdefault(way, []).append(Trials(table, users.user, speaker))
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
        said.append(np.array([posterior(row, known_share).max() for row in part.table]))
        right.append(top == part.user)
        count = round(len(part.table) * (1 - known_share) / known_share)
        for number in random.permutation(len(part.table))[:count]:
            row = np.delete(part.table[number], part.user[number])
            said.append(np.array([posterior(row, known_share).max()]))
            right.append(np.array([False]))
    return np.concatenate(said), np.concatenate(right)
