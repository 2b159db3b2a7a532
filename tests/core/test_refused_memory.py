"""Which errors say that the machine has no memory left."""

from __future__ import annotations

import errno

import pytest

from kiosk.core.refused_memory import is_memory_refused


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot do that"),
        RuntimeError("DefaultCPUAllocator: can't ALLOCATE memory: you tried"),
        RuntimeError("Insufficient memory (Failed to ...)"),
        RuntimeError("CUDA out of memory."),
        OSError(8, "Not enough memory resources are available"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        ImportError("libgomp.so: failed to map segment from shared object"),
    ],
)
def test_memory_is_refused_in_these_words(error: BaseException) -> None:
    assert is_memory_refused(error) is True


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shapes differ"),
        OSError(errno.ENOENT, "No such file"),
        ImportError("a.so: failed to map segment from shared object: Operation not permitted"),
    ],
)
def test_other_errors_are_no_lack_of_memory(error: BaseException) -> None:
    assert is_memory_refused(error) is False


def test_the_cause_counts_and_what_was_handled_meanwhile() -> None:
    told = RuntimeError("the model cannot be loaded")
    told.__cause__ = ValueError("odd")
    assert not is_memory_refused(told)
    told.__cause__.__context__ = MemoryError()
    assert is_memory_refused(told)
    other = RuntimeError("the model cannot be loaded")
    other.__context__ = MemoryError()
    assert is_memory_refused(other)
