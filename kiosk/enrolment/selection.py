"""Chooses the samples that become templates: consistent, and unlike each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.core.pooling import keep_consistent
from kiosk.core.scoring import CONTRADICTION_LLR, Floats
from kiosk.enrolment.collector import Collected, FaceCandidate

POSE_UNIT = 15.0
"""Degrees of yaw or pitch that count as much as the whole range of quality."""
LOOK_UNIT = 1.0
"""The same of one less a cosine; two pictures of one day are 0.05 to 0.3 apart, of two days, in
other light, with a beard or glasses, 0.3 to 0.6. A smaller unit chose odd pictures."""


LEAST_OF_A_PERSON = 2
"""A single sample that fits nowhere is a bad one and is dropped; two or more are somebody."""


def two_people(llrs: Floats) -> tuple[int, int] | None:
    """How many samples are of either of two people, the larger number first; None if all are of
    one.

    `llrs` (samples, samples) are the log-likelihood ratios that two samples are of one person.
    Samples are joined into groups, the nearest by their mean ratio first, until two are left: those
    are two people if the evidence between them is as strong as that by which modalities contradict
    each other. Average linkage is that of Sokal and Michener, "A statistical method for evaluating
    systematic relationships" (1958). What it finds and refuses wrongly: docs/storage.md.
    """
    count = len(llrs)
    if count < 2 * LEAST_OF_A_PERSON:
        return None
    sizes, means = np.ones(count), llrs.astype(np.float64)
    np.fill_diagonal(means, -np.inf)
    for _ in range(count - 2):
        one, other = np.unravel_index(int(means.argmax()), means.shape)
        joined = (means[one] * sizes[one] + means[other] * sizes[other]) / (
            sizes[one] + sizes[other]
        )
        means[one], means[:, one] = joined, joined
        means[one, one] = means[other] = means[:, other] = -np.inf
        sizes[one], sizes[other] = sizes[one] + sizes[other], 0
    smaller, larger = sorted(int(size) for size in sizes[sizes > 0])
    apart = float(means.max()) <= -CONTRADICTION_LLR
    return (larger, smaller) if apart and smaller >= LEAST_OF_A_PERSON else None


def consistent_faces(faces: Sequence[FaceCandidate]) -> list[FaceCandidate]:
    """Without the samples that disagree with the rest (another person, a bad alignment)."""
    if not faces:
        return []
    keep = keep_consistent(np.stack([face.embedding.vector for face in faces]))
    return [face for face, kept in zip(faces, keep, strict=True) if kept]


def dropped_faces(collected: Collected) -> int:
    """How many samples disagree with the rest."""
    return len(collected.faces) - len(consistent_faces(collected.faces))


def varied(faces: Sequence[FaceCandidate], count: int) -> list[FaceCandidate]:
    """At most `count` samples: the best first, then the one that adds most: another pose or look,
    and quality."""
    left = sorted(faces, key=lambda face: -face.embedding.quality)
    chosen = left[:1]
    left = left[1:]
    while left and len(chosen) < count:
        best = max(left, key=lambda face: _novelty(face, chosen) + face.embedding.quality)
        chosen.append(best)
        left.remove(best)
    return chosen


def _novelty(face: FaceCandidate, chosen: Sequence[FaceCandidate]) -> float:
    return min(_apart(face, other) for other in chosen)


def _apart(face: FaceCandidate, other: FaceCandidate) -> float:
    pose = np.hypot(face.pose.yaw - other.pose.yaw, face.pose.pitch - other.pose.pitch)
    look = 1.0 - float(face.embedding.vector @ other.embedding.vector)
    return float(pose) / POSE_UNIT + look / LOOK_UNIT
