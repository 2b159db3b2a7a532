"""How many processor threads the models get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from kiosk.core.settings import Settings
from kiosk.inference.devices import limit_threads


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def threads(asked: int) -> int:
    limit_threads(replace(Settings(), threads=asked))
    return torch.get_num_threads()


def test_the_models_get_the_threads_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert [threads(3), threads(1)] == [3, 1]


def test_whoever_allows_fewer_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert [threads(3), threads(1)] == [2, 1]
    for nonsense in ("", "0", "2,1", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert threads(3) == 3
