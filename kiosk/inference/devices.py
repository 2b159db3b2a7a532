"""Where the models run: processor or CUDA, and with how many threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import torch

from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings


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
