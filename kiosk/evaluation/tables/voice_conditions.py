"""Speaker verification where it is harder than all against all: within one sex, across channels.

A stranger of the other sex is easily told, and a set in which half are such strangers flatters. Who
was enrolled by telephone and is met at the kiosk is compared across two channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.datasets.collections import Collection
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.extraction.channels import TELEPHONE
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.extraction.models import BenchmarkedVoiceModel
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.intervals import Estimate, PairScores, pair_estimates
from kiosk.evaluation.metrics.scores import all_pairs
from kiosk.evaluation.protocols.speakers import segment_samples
from kiosk.evaluation.reporting.report import Table

SECONDS = 3.0


@dataclass(frozen=True)
class Harder:
    """EER of one set; None where nobody can be compared so."""

    one_sex: Estimate | None
    telephone: Estimate | None


def harder(
    benchmarked: BenchmarkedVoiceModel,
    collection: Collection,
    samples: Samples,
    context: ExtractionContext,
    seed: int,
) -> Harder:
    """Of `samples` of SECONDS of the collection, in groups of one sex."""
    across = bool((samples.condition != "").any())
    within = all_pairs(samples, seed, across_conditions=across, within_group=True)
    spoken = segment_samples(collection, benchmarked.embedder, context, SECONDS, TELEPHONE)
    return Harder(_eer(within, seed), _eer(across_channels(spoken, samples), seed))


def across_channels(templates: Samples | None, probes: Samples) -> PairScores:
    """Scores of every probe with every template of another recording; mated pairs of two conditions
    where conditions are known. Raises InputError without templates."""
    if templates is None:
        raise InputError("Nothing came through the other channel.", "Give longer recordings.")
    owner = np.arange(len(templates))
    one = AGGREGATES[Modality.VOICE]
    _, scores = score_table(probes.vectors, templates.vectors, owner, one, probes.cohort)
    probe, template = np.indices(scores.shape).reshape(2, -1)
    same = probes.subject[probe] == templates.subject[template]
    kept = probes.place[probe] != templates.place[template]
    if (probes.condition != "").any():
        kept &= ~(same & (probes.condition[probe] == templates.condition[template]))
    people = probes.subject[probe[kept]], templates.subject[template[kept]]
    return PairScores(scores.ravel()[kept], same[kept], *people)


def _eer(pairs: PairScores, seed: int) -> Estimate | None:
    if not pairs.same.any() or pairs.same.all():
        return None
    return pair_estimates(pairs, {"eer": error_rates.eer}, seed)["eer"]


def harder_table(found: Mapping[str, Mapping[str, Harder]]) -> Table:
    """`found` by model and set; a row a set and model."""
    sets: Sequence[str] = list(dict.fromkeys(name for each in found.values() for name in each))
    rows = tuple(
        (f"{name}, {model}", _told(each[name].one_sex), _told(each[name].telephone))
        for name in sets
        for model, each in found.items()
        if name in each
    )
    note = (
        f"EER of segments of {SECONDS:g} s. One sex: every two of one set and one sex. Telephone: "
        "templates of 300 to 3,400 Hz through the telephone's codec (G.711), probes as recorded, "
        "of other recordings. Mated pairs are of two emotions where a set has them. 95 % "
        "intervals: speakers drawn again."
    )
    header = ("set, model", "within one sex", "enrolled by telephone")
    return Table("Speaker EER where it is harder", header, rows, note)


def _told(estimate: Estimate | None) -> str:
    return "-" if estimate is None else str(estimate)
