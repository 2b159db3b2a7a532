"""Subjects are numbered as densely as they are there, however high their ids are."""

import numpy as np

from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.numbering import SubjectNumbers
from tests.support.storage_support import FACE, unit

HIGH = [3_000_000_000, 2**63 - 1, 7]


def test_numbers_of_those_who_are_gone_are_given_again() -> None:
    numbers = SubjectNumbers()
    for generation in range(100):
        people = [generation * 1000 + 2**40, generation * 1000 + 1]
        taken = numbers.take([*people, people[0]])
        assert numbers.subject_ids() == set(people)
        assert numbers.ids(np.array(taken)).tolist() == [*people, people[0]]
        for number in taken:
            numbers.release(number)
    assert len(numbers) == 2
    assert numbers.find([1, 2**40]) == []


def test_a_subject_keeps_its_number_while_it_has_a_template() -> None:
    numbers = SubjectNumbers()
    first, second = numbers.take([5, 5])
    assert first == second
    numbers.release(first)
    assert numbers.find([5, 6]) == [first]


def test_a_search_among_the_highest_ids_is_like_any_other() -> None:
    matrix = ResidentReferences(FACE, "net")
    owners = [HIGH[k % 3] for k in range(9)]
    matrix.add(range(9), owners, np.stack([unit(k) for k in range(9)]))
    found = matrix.scores(unit(0), limit=2)
    sums = {owner: sum(unit(k) for k in range(9) if owners[k] == owner) for owner in HIGH}
    scores = {owner: float(each @ unit(0) / np.linalg.norm(each)) for owner, each in sums.items()}
    best = sorted(sorted(HIGH, key=lambda owner: -scores[owner])[:2])
    assert found.subject_ids.tolist() == best
    assert np.allclose(found.scores, [scores[owner] for owner in best], atol=1e-6)
    assert found.left_out == 1
