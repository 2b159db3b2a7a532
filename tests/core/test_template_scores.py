"""Several templates of a subject as one score."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.cohort import Cohort
from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.pooling import normalise
from kiosk.core.scoring import Aggregate, subject_scores
from kiosk.core.template_scores import AGGREGATES, score_table, subject_score

ALL = list(Aggregate)


def rows(count: int, seed: int = 1) -> np.ndarray:
    return normalise(np.random.default_rng(seed).standard_normal((count, 6)))


@pytest.mark.parametrize("aggregate", ALL)
def test_a_table_is_what_each_subject_scores_alone(aggregate: Aggregate) -> None:
    probes, templates, cohort = rows(3), rows(7, 2), Cohort(rows(30, 3), top=4)
    owner = np.array([9, 4, 9, 4, 2, 9, 9])
    ids, table = score_table(probes, templates, owner, aggregate, cohort)
    assert ids.tolist() == [2, 4, 9]
    alone = [
        [subject_score(probe, templates[owner == each], aggregate, cohort) for each in ids]
        for probe in probes
    ]
    assert np.allclose(table, alone, atol=1e-6)


def test_of_one_template_every_way_says_the_same() -> None:
    probe, template = rows(2)
    said = {round(subject_score(probe, template[None], each), 6) for each in ALL}
    assert said == {round(float(probe @ template), 6)}


def test_the_centroid_is_nearer_to_the_person_than_any_of_the_templates() -> None:
    """Templates that are the person and something peculiar each: the peculiar cancels out."""
    person = np.eye(6)[0]
    templates = normalise(person + 0.7 * np.eye(6)[1:5])
    probe = normalise(person + 0.7 * np.eye(6)[5]).astype(np.float32)
    best = subject_score(probe, templates, Aggregate.BEST)
    assert subject_score(probe, templates, Aggregate.CENTROID) > best + 0.1


def test_templates_without_a_common_direction_resemble_nobody() -> None:
    one = rows(1)[0]
    assert subject_score(one, np.stack([one, -one]), Aggregate.CENTROID) == 0.0


def test_faces_have_centroids_and_voices_do_not() -> None:
    assert AGGREGATES[Modality.FACE] is Aggregate.CENTROID
    assert AGGREGATES[Modality.VOICE] is not Aggregate.CENTROID


def test_a_centroid_is_never_guessed_from_scores() -> None:
    with pytest.raises(BugError):
        subject_scores(np.zeros(2, np.int64), np.zeros(2), Aggregate.CENTROID)
