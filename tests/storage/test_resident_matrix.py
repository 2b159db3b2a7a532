"""The resident matrix against a dictionary."""

import random

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.core.errors import BugError
from kiosk.core.media import Vector
from kiosk.storage.resident.matrix import ResidentReferences
from tests.support.storage_support import FACE, unit

DIMS = 5


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
