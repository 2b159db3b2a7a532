"""What commands fit for evaluation: calibration with a look-alike group, halves, and bounds."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kiosk.core.media import Modality
from kiosk.core.pooling import normalise
from kiosk.datasets.collections import Collection, Item, Kind, read_collection
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, half_of, unheard
from kiosk.evaluation.extraction.embedding_cache import Store
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel
from kiosk.evaluation.metrics.operational import (
    different_pairs,
    effective_trials,
    operational_scores,
)
from kiosk.evaluation.metrics.probability import overstatement
from kiosk.evaluation.metrics.scores import all_pairs
from kiosk.training.calibration import scores as score_fit
from kiosk.training.calibration.fit import Trials
from kiosk.training.calibration.scores import Fit, fit, fit_face, mixed
from kiosk.training.voice.data import find_recordings, held_out_people
from tests.support.evaluation_parts import synthetic
from tests.support.stand_ins import StandInFace, look, read

PEOPLE, EACH = 60, 6


def look_alikes(count: int = 90, pull: float = 0.6) -> Samples:
    """Strangers nearer to each other than other people are."""
    samples = synthetic(count, 1, seed=4)
    samples.vectors = normalise(samples.vectors + pull * samples.vectors.mean(0) * 12)
    samples.group = np.full(count, "asian")
    return samples


@pytest.fixture
def context() -> ExtractionContext:
    return ExtractionContext(Store(None), look, read, Console(file=io.StringIO()))


@pytest.fixture
def collections(monkeypatch: pytest.MonkeyPatch) -> tuple[Collection, Collection]:
    """People and strangers whose embeddings are synthetic."""
    people = Collection(
        "people",
        tuple(Item(Path("x"), f"p{n}", Kind.PICTURE) for n in range(PEOPLE) for _ in range(EACH)),
    )
    strangers = Collection(
        "strangers", tuple(Item(Path("x"), f"s{n}", Kind.PICTURE, group="asian") for n in range(90))
    )
    known = {"people": synthetic(PEOPLE, EACH, noise=1.2), "strangers": look_alikes()}
    wholes = {"people": people, "strangers": strangers}

    def samples_of(part: Collection, *_: object) -> Samples:
        names = {item.subject for item in part.items}
        items = wholes[part.name].items
        return known[part.name].take(np.array([item.subject in names for item in items]))

    monkeypatch.setattr(score_fit, "face_samples", samples_of)
    return people, strangers


CONTENDER = BenchmarkedFaceModel("face-x", StandInFace(), None, 0, 0)


def test_a_look_alike_group_lowers_the_evidence(
    collections: tuple[Collection, Collection], context: ExtractionContext
) -> None:
    people, strangers = collections
    usual = fit_face(CONTENDER, people, None, None, context, seed=1)
    wary = fit_face(CONTENDER, people, strangers, "asian", context, seed=1)
    scores = all_pairs(look_alikes(), seed=1).impostor
    assert overstatement(usual.calibration.llr(scores), 3.0) > 1.0
    assert wary.group_share > 0
    assert all(overstatement(wary.calibration.llr(scores), at) <= 1.0 for at in (1.0, 3.0, 5.0))
    assert wary.calibration.score_at(0.0) > usual.calibration.score_at(0.0)
    assert "%" in wary.comments()[1]


def test_only_the_half_is_used(
    collections: tuple[Collection, Collection], context: ExtractionContext
) -> None:
    people, _ = collections
    found = fit_face(CONTENDER, people, None, None, context, 1, half=Half.CALIBRATE)
    names = [f"p{n}" for n in range(PEOPLE)]
    assert found.people == sum(half_of("people", name) is Half.CALIBRATE for name in names)


def test_mixture_weighs_by_share_and_supports_what_the_group_supports() -> None:
    usual = Trials(np.zeros(100), np.ones(100), 1000.0)
    group = Trials(np.ones(10), np.ones(10), 45.0)
    found = mixed(usual, group, 0.25)
    assert found.weight is not None
    assert found.weight[:100].sum() == pytest.approx(0.75)
    assert found.effective == 45.0


def test_bounds_count_people_not_scores() -> None:
    scores = operational_scores(synthetic(20, 8, noise=1.2), Modality.VOICE, seed=1)
    assert different_pairs(scores.pairs) == 190
    mated, other = effective_trials(scores.pairs, seed=1)
    assert 20 < mated <= scores.pairs.genuine.size
    assert other == 190
    found: Fit = fit(scores, None, 0.0, seed=1)
    assert found.calibration.llr_max == pytest.approx(np.log(190 / 3))


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["pansori_ko", "librispeech_en", "ravdess_en", "emotiontts_ko", "emodb_de", "timit_en"],
)
def test_evaluation_and_training_hold_out_the_same_speakers(shared: Path, name: str) -> None:
    folder = shared / "data/voices" / name
    trained_without = {speaker for _, speaker in held_out_people(find_recordings(name, folder))}
    assert set(unheard(read_collection(folder)).subjects()) == trained_without
