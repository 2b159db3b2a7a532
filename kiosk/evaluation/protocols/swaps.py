"""Composed swaps of people: whether a visit ever keeps a sample of somebody else.

One person's pictures follow another's as embedded frames at the visit's own pace, without a gap and
on one track, which is the hardest case: nothing but the likeness of the faces tells of the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.core.errors import InputError
from kiosk.core.media import Modality, Vector
from kiosk.core.pooling import normalise, pool
from kiosk.core.samples import Embedding
from kiosk.core.scoring import Calibration
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics.intervals import share
from kiosk.evaluation.reporting.report import Report, Table
from kiosk.recognition.continuity import FaceContinuity, Ratio, Seen

BEFORE = (1, 2, 3, 5, 10)
"""Frames of the first person when the second steps in: from a glimpse to a finished visit."""
AFTER = 12
"""Frames of the second: a second and a half."""
CAMERA_NOISE = 0.35
"""Length of the noise added to a picture's embedding to stand for the next frame of one camera. It
brings two frames of one person to a cosine of about 0.9, as in a clip."""


@dataclass(frozen=True)
class Swap:
    """What became of one swap: foreign frames in the first visit's probe, and frames of the second
    person until a visit of their own began, None if none did."""

    first: int
    second: int
    foreign: int
    noticed_after: int | None


def play_swap(
    before: Sequence[Embedding], after: Sequence[Embedding], ratio: Ratio, model_id: str
) -> tuple[int, int | None]:
    """Feed the frames through the rule that visits go by; how many of `after` the first probe took,
    and after how many of them the change was noticed."""
    continuity, kept, foreign = FaceContinuity(), list[Embedding](), 0
    for number, frame in enumerate((*before, *after)):
        so_far = pool(kept, Modality.FACE, model_id).vector if kept else None
        seen = continuity.judge(frame, float(number), so_far, ratio)
        if seen is Seen.OTHER:
            return foreign, number - len(before) + 1
        if seen is Seen.SAME:
            kept.append(frame)
            foreign += number >= len(before)
    return foreign, None


def face_ratio(samples: Samples, calibration: Calibration) -> Ratio:
    """As `Identifier.face_ratio`: calibrated, normalised against the model's cohort, unbounded."""

    def ratio(one: Vector, other: Vector) -> float:
        rows = np.stack([one, other])
        score = float(one @ other)
        if samples.cohort is not None:
            near = samples.cohort.cohort_similarity(rows)
            score = float(samples.cohort.normalise(np.array([score]), near[:1], near[1:])[0])
        return calibration.slope * score + calibration.intercept

    return ratio


def run_swaps(samples: Samples, ratio: Ratio, count: int, seed: int) -> list[Swap]:
    """`count` swaps of two people drawn by a seed. Raises InputError where there are no two."""
    random = np.random.default_rng(seed)
    numbers, found = samples.subject, list[Swap]()
    if len(np.unique(numbers)) < 2:
        raise InputError("A swap takes two people.", "Give pictures of at least two people.")
    for turn in range(count):
        first, second = (int(each) for each in random.choice(np.unique(numbers), 2, replace=False))
        rows = [int(random.choice(np.flatnonzero(numbers == each))) for each in (first, second)]
        lengths = (BEFORE[turn % len(BEFORE)], AFTER)
        before, after = (
            _frames(samples.vectors[row], length, random)
            for row, length in zip(rows, lengths, strict=True)
        )
        found.append(Swap(first, second, *play_swap(before, after, ratio, samples.model_id)))
    return found


def _frames(vector: Vector, count: int, random: np.random.Generator) -> list[Embedding]:
    noise = random.normal(size=(count, len(vector))) / np.sqrt(len(vector))
    return [Embedding(row, 1.0) for row in normalise(vector + CAMERA_NOISE * noise)]


def swaps_report(
    found: Mapping[str, Sequence[Swap]], people: int, facts: dict[str, str], seed: int
) -> Report:
    """By model: visits with any foreign sample, changes never noticed, and how soon the others."""
    rows, numbers = [], {}
    for name, swaps in found.items():
        first = np.array([swap.first for swap in swaps], dtype=np.int64)
        foreign = share([swap.foreign > 0 for swap in swaps], first, people, seed)
        missed = share([swap.noticed_after is None for swap in swaps], first, people, seed)
        waits = [swap.noticed_after for swap in swaps if swap.noticed_after is not None]
        slowest = max(waits, default=0)
        rows.append((name, str(len(swaps)), str(foreign), str(missed), str(slowest)))
        numbers[name] = {"foreign": foreign, "missed": missed, "frames_at_most": slowest}
    header = ("model", "swaps", "visits with a foreign sample", "never noticed", "frames at most")
    note = (
        "One picture of each of two people stands for a camera's frames, with noise; the second "
        "follows the first without a gap and on one track. 95 % intervals: people drawn again, "
        "rule of three where nothing occurred. Frames at most: until the second visit began."
    )
    report = Report("Swaps of people", facts)
    report.tables.append(Table("Swaps", header, tuple(rows), note))
    report.numbers = {"swaps": numbers}
    return report
