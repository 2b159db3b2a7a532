"""Where the models run: processor or CUDA, and with how many threads."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import cv2
import torch

from kiosk.core.errors import SettingsError
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings

_log = logging.getLogger(__name__)
Made = TypeVar("Made")
Result = TypeVar("Result")


def choose_device(settings: Settings) -> torch.device:
    """The device `settings.device` asks for; auto is CUDA where there is one.

    Raises SettingsError if CUDA is asked for and missing.
    """
    present = torch.cuda.is_available()
    if settings.device == "cuda" and not present:
        raise SettingsError("device is cuda, and no CUDA device answers.", "Set device to auto.")
    use_cuda = present and settings.device != "cpu"
    return torch.device("cuda" if use_cuda else "cpu")


def limit_threads(settings: Settings) -> None:
    """Give the models `settings.threads` processor threads; call once, on the engine's thread.

    Whoever sets OMP_NUM_THREADS to fewer themselves is obeyed. Pictures get one: single faces are
    too small to be shared among threads.
    """
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    most = int(allowed) if allowed.isdecimal() and int(allowed) > 0 else settings.threads
    torch.set_num_threads(min(settings.threads, most))
    cv2.setNumThreads(1)


def half_is_fast(device: torch.device) -> bool:
    """Whether this processor multiplies bfloat16 itself; elsewhere it would be slower."""
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


@contextmanager
def one_thread() -> Iterator[None]:
    """Run small networks on the calling thread alone.

    Layers of a few microseconds lose more at the barrier between threads than they gain: on two
    busy cores MTCNN took 198 ms with two threads and 15 ms with one.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


LOST_WORDS = ("cuda error", "cudnn", "cublas", "nccl", "device-side assert", "out of memory")


def is_device_lost(error: BaseException) -> bool:
    """Whether a graphics card failed under a computation, was taken away, or has no memory left."""
    if isinstance(error, torch.AcceleratorError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(w in str(error).lower() for w in LOST_WORDS)


class FallingBack(Generic[Made]):
    """What computes on a graphics card as long as there is one, and on the processor once it is
    lost: made anew there, for what lay on the card is lost with it. Nobody has to look."""

    def __init__(self, make: Callable[[torch.device], Made], device: torch.device) -> None:
        self._make = make
        self._device = device
        self.made = make(device)

    def call(self, work: Callable[[Made], Result]) -> Result:
        """Have `work` done; once more on the processor where the card was lost meanwhile."""
        try:
            return work(self.made)
        except RuntimeError as error:
            if self._device.type == "cpu" or not is_device_lost(error):
                raise
            log_failure(_log, "The graphics card was lost; the processor goes on: %s.", error)
        self._device = torch.device("cpu")
        self.made = self._make(self._device)
        return work(self.made)


def describe_devices() -> tuple[str, ...]:
    """The processors the models can run on, for `kiosk doctor`: CUDA devices, then the CPU."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = tuple(f"cuda: {torch.cuda.get_device_name(number)}" for number in range(count))
    return (*names, f"cpu: {torch.get_num_threads()} threads by default")


def describe_gpu() -> tuple[str, int, int] | None:
    """Name, bytes in use and bytes altogether of the CUDA device; None without one."""
    if not torch.cuda.is_available():
        return None
    free, total = torch.cuda.mem_get_info()
    return torch.cuda.get_device_name(), total - free, total
