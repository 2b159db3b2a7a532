"""The steps that keep memory out of files, each taken in this process and taken back after it."""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kiosk.core import hardening

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are calls of Linux")

GET_DUMPABLE, SET_DUMPABLE = 3, 4
LIBC = ctypes.CDLL(None)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What was not hardened is not hardened after a test."""
    dumpable = LIBC.prctl(GET_DUMPABLE, 0, 0, 0, 0)
    core = resource.getrlimit(resource.RLIMIT_CORE)
    yield
    LIBC.prctl(SET_DUMPABLE, dumpable, 0, 0, 0)
    with suppress(ValueError, OSError):  # only an administrator may raise it again
        resource.setrlimit(resource.RLIMIT_CORE, core)


def test_a_process_tells_whether_another_could_read_its_memory() -> None:
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)
    assert hardening.is_dumpable() is True
    LIBC.prctl(SET_DUMPABLE, 0, 0, 0, 0)
    assert hardening.is_dumpable() is False


def test_hardened_it_leaves_no_core_and_nobody_attaches() -> None:
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)
    before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    # Under a limit memory stays as it is: one that is met later would end a visit in the middle.
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, before[1]))
    try:
        told = hardening.harden()
    finally:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, before)
    assert told == hardening.Hardening(True, True, False)
    assert LIBC.prctl(GET_DUMPABLE, 0, 0, 0, 0) == 0
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_elsewhere_what_cannot_be_had_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    told = hardening.harden()
    assert (told.not_dumpable, told.memory_locked) == (False, False)
    assert hardening.is_dumpable() is True
