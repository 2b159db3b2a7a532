"""What a probe that was taken for somebody, wrongly by somebody's word, says against that person.

Pooled is compared with pooled: a probe is a mean of many samples, and so is the centroid of the
templates it is held against.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix, Vector
from kiosk.core.samples import Probe
from kiosk.core.subjects import Template

_SHORTEST = 1e-6


@dataclass(frozen=True)
class CorrectionCost:
    """What calling a decision wrong takes from the person it named: of their `templates` so many
    (`lost`) look more like the visit than like the others, and a visit like them will not count. It
    takes nothing where the visit is their `own`, by that; `kept` is whether anything of it was."""

    kept: bool
    own: bool = False
    templates: int = 0
    lost: int = 0


def is_own(negative: Vector, templates: Matrix) -> bool:
    """Whether a probe is as much like somebody as half of their own templates are: then it is no
    evidence of somebody else. Of one template nothing can be said."""
    if len(templates) < 2:
        return False
    centroid = templates.sum(axis=0)
    likeness = float(negative @ centroid) / max(float(np.linalg.norm(centroid)), _SHORTEST)
    return likeness >= float(np.median(_to_the_others(templates)))


def correction_cost(probes: Iterable[Probe], templates: Iterable[Template]) -> CorrectionCost:
    """Of the probes that were kept of a decision, for whom it named."""
    held = list(templates)
    own, count, lost = [], 0, 0
    for probe in probes:
        vectors = [each.vector for each in held if each.model_id == probe.model_id]
        rows = np.stack(vectors) if vectors else np.empty((0, probe.vector.size), np.float32)
        count += len(rows)
        own.append(is_own(probe.vector, rows))
        if len(rows) > 1 and not own[-1]:
            lost += int((rows @ probe.vector > _to_the_others(rows)).sum())
    return CorrectionCost(bool(own), bool(own) and all(own), count, lost)


def _to_the_others(templates: Matrix) -> NDArray[np.floating]:
    """Of each template, its cosine with the centroid of the others."""
    others = templates.sum(axis=0)[np.newaxis] - templates
    lengths = np.maximum(np.linalg.norm(others, axis=1), _SHORTEST)
    return np.asarray(np.einsum("ij,ij->i", templates, others) / lengths)
