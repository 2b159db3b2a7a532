"""Who counts as a stranger where voices are calibrated: of one set and sex, and really another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.core.media import Modality
from kiosk.datasets.collections import Collection, Item, Kind
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import heard, unheard
from kiosk.evaluation.metrics.operational import OperationalScores, operational_scores
from kiosk.training.calibration import scores as calibration

SEGMENTS = 8


def _voices(people: int, doubles: tuple[int, int] | None, once: int = 0) -> Samples:
    """People of random directions, the last `once` heard once; `doubles` share one direction."""
    random = np.random.default_rng(4)
    directions = random.standard_normal((people, 32))
    if doubles:
        directions[doubles[1]] = directions[doubles[0]]
    counts = [1 if n >= people - once else SEGMENTS for n in range(people)]
    subject = np.repeat(np.arange(people), counts)
    vectors = directions[subject] + 0.6 * random.standard_normal((len(subject), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(subject)
    return Samples(
        "toy",
        vectors.astype(np.float32),
        np.ones(count),
        np.arange(count),
        subject,
        np.full(count, ""),
        np.full(count, ""),
    )


def _scores(samples: Samples) -> OperationalScores:
    return operational_scores(samples, Modality.VOICE, 1)


def test_one_speaker_under_two_names_is_no_stranger() -> None:
    pairs = _scores(_voices(6, (2, 4))).pairs
    left_out = calibration._one_voice(pairs, ~pairs.same)
    assert {frozenset(p) for p in zip(pairs.a[left_out], pairs.b[left_out], strict=True)} == {
        frozenset((2, 4))
    }
    apart = _scores(_voices(6, None)).pairs
    assert not calibration._one_voice(apart, ~apart.same).any()


def test_kinds_of_few_people_are_one_group_together() -> None:
    kind = np.array(["talks"] * 6 + ["studio a"] * 3 + ["studio b"] * 2)
    scores = _scores(_voices(11, None))
    pairs = scores.pairs
    alike = ~pairs.same & (kind[pairs.a] == kind[pairs.b])
    sizes = sorted(group.effective for group in calibration._alike_groups(scores, alike, kind))
    assert sizes == [3 + 1, 15]


def test_people_heard_once_are_strangers_to_one_another() -> None:
    samples = _voices(12, None, once=8)
    kind = np.array(["talks"] * 4 + ["readers, f"] * 6 + ["readers, m"] * 2)
    (group,) = calibration._heard_once(_scores(samples), samples, kind, 1)
    assert group.effective == 15


def _collection(*, development: bool, mood: str = "") -> Collection:
    items = tuple(
        Item(Path(f"{n}.wav"), f"s{n // 4}", Kind.SOUND, gender="m", condition=mood)
        for n in range(80)
    )
    return Collection("actors", items, development=development)


@pytest.mark.parametrize("model", ["voice-own", "voice-campplus"])
def test_nobody_is_calibrated_on_who_was_learnt_from(model: str) -> None:
    actors = _collection(development=True)
    (cut,) = calibration._to_fit(model, [actors], None)
    own = {item.subject for item in unheard(actors).items}
    wanted = own if model == "voice-own" else {i.subject for i in heard(actors).items}
    assert {item.subject for item in cut.items} == wanted


def test_everybody_of_a_foreign_folder_may_calibrate() -> None:
    foreign = _collection(development=False)
    (cut,) = calibration._to_fit("voice-campplus", [foreign], None)
    assert len(cut.items) == len(foreign.items)
