"""Tests that take long come first, and none is lost or taken twice by putting them there."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.support.order import SECONDS, ordered
from tests.support.paths import ROOT

DEAR = [name for names in SECONDS for name in names]


@dataclass(frozen=True)
class Named:
    """What is asked of a test."""

    nodeid: str


def collected(cheap: int) -> list[Any]:
    """Two tests of each dear file, after so many of others."""
    others = [Named(f"tests/core/test_{number // 10}.py::test_{number}") for number in range(cheap)]
    return [*others, *(Named(f"{name}::test_{number}") for name in DEAR for number in range(2))]


def shared_out(count: int, workers: int) -> list[int]:
    """Where each worker's part ends: equal numbers of tests, what is over for the last."""
    ends = list[int]()
    for number in range(workers):
        before = ends[-1] if ends else 0
        ends.append(before + (count - before) // (workers - number))
    return ends


def test_files_that_take_long_are_there_and_named_once() -> None:
    assert [name for name in DEAR if not (ROOT / name).is_file()] == []
    assert len(set(DEAR)) == len(DEAR)


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("cheap", [0, 5, 1000])
def test_the_same_tests_are_there_once(workers: int, cheap: int) -> None:
    items = collected(cheap)
    found = ordered(items, workers)
    assert len(found) == len(items)
    assert set(found) == set(items)


@pytest.mark.parametrize("cheap", [1000, 1001, 1002])
@pytest.mark.parametrize("workers", [2, 3])
def test_each_worker_begins_with_files_that_take_long_and_ends_with_others(
    workers: int, cheap: int
) -> None:
    found = ordered(collected(cheap), workers)
    ends, dear = shared_out(len(found), workers), set(DEAR)
    for begin, end in pairwise([0, *ends]):
        part = [item.nodeid.partition("::")[0] in dear for item in found[begin:end]]
        assert part[0]
        assert part == sorted(part, reverse=True)
        assert not part[-1]
    weights = dict.fromkeys(range(workers), 0.0)
    for names, seconds in SECONDS.items():
        numbers = [number for number, item in enumerate(found) if item.nodeid.startswith(names)]
        places = {bisect_right(ends, number) for number in numbers}
        assert len(places) == 1  # what they share is made once
        weights[places.pop()] += seconds
    assert max(weights.values()) < 1.1 * min(weights.values())
