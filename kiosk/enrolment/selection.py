"""Chooses the samples that become templates: consistent, and spread over poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.core.scoring import keep_consistent
from kiosk.enrolment.collector import Collected, FaceCandidate

POSE_UNIT = 15.0
"""Degrees of yaw or pitch that count as much as the whole range of quality."""


def consistent_faces(faces: Sequence[FaceCandidate]) -> list[FaceCandidate]:
    """Without the samples that disagree with the rest (another person, a bad alignment)."""
    if not faces:
        return []
    keep = keep_consistent(np.stack([face.embedding.vector for face in faces]))
    return [face for face, kept in zip(faces, keep, strict=True) if kept]


def dropped_faces(collected: Collected) -> int:
    """How many samples disagree with the rest."""
    return len(collected.faces) - len(consistent_faces(collected.faces))


def spread_over_poses(faces: Sequence[FaceCandidate], count: int) -> list[FaceCandidate]:
    """At most `count` samples: the best first, then the one that adds most pose and quality."""
    left = sorted(faces, key=lambda face: -face.embedding.quality)
    chosen = left[:1]
    left = left[1:]
    while left and len(chosen) < count:
        best = max(left, key=lambda face: _novelty(face, chosen) + face.embedding.quality)
        chosen.append(best)
        left.remove(best)
    return chosen


def _novelty(face: FaceCandidate, chosen: Sequence[FaceCandidate]) -> float:
    return min(
        float(np.hypot(face.pose.yaw - other.pose.yaw, face.pose.pitch - other.pose.pitch))
        / POSE_UNIT
        for other in chosen
    )
