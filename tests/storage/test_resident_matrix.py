"""The resident matrix against a dictionary."""

import random

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.core.cohort import Cohort
from kiosk.core.errors import BugError
from kiosk.core.media import Vector
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.storage.resident.matrix import ResidentReferences
from tests.support.storage_support import FACE, unit

DIMS = 5
COHORT = Cohort(np.stack([unit(-number % 1000 + 5000, DIMS) for number in range(12)]), top=3)


class MatrixAgainstDictionary(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.matrix = ResidentReferences(FACE, "net")
        self.model: dict[int, tuple[int, Vector]] = {}
        self.next_id = 1

    @rule(subjects=st.lists(st.integers(1, 9), min_size=1, max_size=90))
    def add(self, subjects: list[int]) -> None:
        ids = range(self.next_id, self.next_id + len(subjects))
        self.next_id = ids.stop
        rows = np.stack([unit(number, DIMS) for number in ids])
        self.matrix.add(ids, subjects, rows)
        self.model.update(zip(ids, zip(subjects, rows, strict=True), strict=True))

    @rule(choice=st.randoms(use_true_random=False), share=st.floats(0, 1))
    def retire(self, choice: random.Random, share: float) -> None:
        gone = choice.sample(sorted(self.model), int(share * len(self.model)))
        self.matrix.retire([*gone, self.next_id + 5])
        for number in gone:
            del self.model[number]

    @rule(count=st.integers(0, 300))
    def reserve(self, count: int) -> None:
        self.matrix.reserve(count)

    @invariant()
    def holds_what_the_dictionary_holds(self) -> None:
        assert len(self.matrix) == len(self.model)
        assert self.matrix.template_ids() == set(self.model)

    @invariant()
    def compares_like_the_dictionary(self) -> None:
        probe = unit(0, DIMS)
        subjects, scores = self.matrix.compare(probe)
        wanted = [(subject, float(row @ probe)) for subject, row in self.model.values()]
        found = list(zip(subjects.tolist(), scores.tolist(), strict=True))
        assert np.allclose(sorted(found), sorted(wanted), atol=1e-6) if wanted else not found

    @invariant()
    def scores_subjects_like_the_dictionary(self) -> None:
        probe = unit(0, DIMS)
        found = self.matrix.scores(probe, 100, COHORT)
        owners = np.array([subject for subject, _ in self.model.values()], np.int64)
        if not len(owners):
            assert not len(found.subject_ids)
            return
        rows = np.stack([row for _, row in self.model.values()])
        wanted = score_table(probe[None], rows, owners, AGGREGATES[FACE], COHORT)
        assert found.subject_ids.tolist() == wanted[0].tolist()
        assert np.allclose(found.scores, wanted[1][0], atol=1e-5)
        some = wanted[0][::3]
        part = self.matrix.scores_of(probe, np.append(some, 99), COHORT)
        assert part.subject_ids.tolist() == some.tolist()
        assert np.allclose(part.scores, wanted[1][0][::3], atol=1e-5)


TestMatrixAgainstDictionary = MatrixAgainstDictionary.TestCase
TestMatrixAgainstDictionary.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None
)


def loaded(count: int) -> ResidentReferences:
    matrix = ResidentReferences(FACE, "net")
    rows = np.stack([unit(number, DIMS) for number in range(count)])
    matrix.add(range(count), [7] * count, rows)
    return matrix


def test_an_empty_matrix_gives_no_scores_for_any_probe() -> None:
    subjects, scores = ResidentReferences(FACE, "net").compare(unit(0, 512))
    assert len(subjects) == len(scores) == 0


def test_the_matrix_cannot_be_written_from_outside() -> None:
    with pytest.raises(ValueError):
        loaded(3).matrix()[0, 0] = 1


def test_a_probe_of_another_size_is_a_bug() -> None:
    with pytest.raises(BugError):
        loaded(3).compare(unit(0, DIMS + 1))


def test_rows_of_another_size_are_a_bug() -> None:
    with pytest.raises(BugError):
        loaded(3).add([9], [1], unit(0, DIMS + 1)[np.newaxis])


def test_one_more_template_after_a_load_moves_nothing() -> None:
    matrix = ResidentReferences(FACE, "net")
    matrix.reserve(1000)
    matrix.add(range(1000), [1] * 1000, np.stack([unit(n, DIMS) for n in range(1000)]))
    place = matrix.matrix().ctypes.data
    matrix.add([1000], [2], unit(1000, DIMS)[np.newaxis])
    assert matrix.matrix().ctypes.data == place
