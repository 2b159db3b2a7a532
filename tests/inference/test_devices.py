"""How many processor threads the models get, and what happens when a graphics card is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from kiosk.core.cohort import Cohort
from kiosk.core.samples import Embedding
from kiosk.core.settings import Settings
from kiosk.inference.devices import FallingBack, limit_threads
from kiosk.inference.falling_back import FallingBackVoice


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


class Voice:
    """A recogniser on one place; on a card its calls fail from the second on."""

    model_id, dims = "voice@1", 4
    cohort: Cohort | None = None

    def __init__(self, place: torch.device, error: Exception) -> None:
        self.place, self.error, self.calls = place, error, 0

    def embed(self, speech: object) -> Embedding:
        self.calls += 1
        if self.place.type == "cuda" and self.calls > 1:
            raise self.error
        return Embedding(np.eye(4, dtype=np.float32)[0], 1.0)


CARD = torch.device("cuda")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: unspecified launch failure"),
        torch.AcceleratorError("CUDA error: the device is no longer available"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_a_lost_card_costs_no_visit(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    made: list[Voice] = []

    def make(place: torch.device) -> Voice:
        made.append(Voice(place, error))
        return made[-1]

    voice = FallingBackVoice(make, CARD)
    speech = np.zeros(16_000, np.float32)
    for _ in range(3):
        assert voice.embed(speech).vector[0] == 1.0
    assert [each.place.type for each in made] == ["cuda", "cpu"]
    assert [each.calls for each in made] == [2, 2]
    assert "The graphics card was lost" in caplog.text


def test_a_fault_of_ours_is_no_lost_card() -> None:
    place = FallingBack(lambda where: where, CARD)

    def fail(_: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        place.call(fail)
    assert place.made is CARD
