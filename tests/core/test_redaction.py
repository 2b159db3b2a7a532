"""What remains of values and errors where nobody may be named."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from kiosk.core import errors
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.names import clean_name
from kiosk.core.redaction import (
    ELSEWHERE,
    FRAMES_KEPT,
    Public,
    code_of,
    describe,
    log_failure,
    package_of,
    place,
    redacted,
    trace_lines,
)
from kiosk.storage import MemoryGallery
from tests.support.marked import NAME, leaks, marked_errors


def test_only_what_is_known_to_be_harmless_is_written() -> None:
    withheld = [NAME, NAME.encode(), Path(NAME), [NAME], (NAME,), {NAME: NAME}, object()]
    withheld += [np.array([1.25, 2.5]), lambda: NAME, type("X", (str,), {})(NAME)]
    assert all(str(redacted(each)).startswith("(") for each in withheld)
    harmless = {1: 1, 2.5: 2.5, None: None, Public("face-own"): "face-own"}
    assert {each: redacted(each) for each in harmless} == harmless
    assert redacted(DecisionOutcome.IDENTIFIED) == "identified"
    assert redacted(np.float32(0.5)) == 0.5
    assert redacted(ValueError) == "ValueError"
    assert redacted(type(NAME, (), {})) == "(withheld)"
    assert redacted(Public("a\nb\x1b[2J")) == "a b [2J"


def test_paths_only_of_code_that_is_installed() -> None:
    assert place(errors.__file__) == "kiosk/core/errors.py"
    assert place(np.__file__) == "numpy/__init__.py"
    assert place(json.__file__) == "json/__init__.py"
    assert place(__file__) == ELSEWHERE
    assert place("<string>") == ELSEWHERE


def test_of_an_error_remain_class_and_places() -> None:
    found = marked_errors()
    assert len(found) > 20
    for error in found:
        told = "\n".join([describe(error), *trace_lines(error)])
        assert not leaks(told.encode()), told
    (first, *_) = found
    assert any(line.startswith("FileNotFoundError (ENOENT)") for line in trace_lines(first))


def endless(depth: int) -> None:
    endless(depth + 1)


def test_an_endless_recursion_does_not_fill_the_log() -> None:
    with pytest.raises(RecursionError) as caught:
        endless(0)
    lines = trace_lines(caught.value)
    assert len(lines) < 100
    assert "are left out" in lines[-1]


def test_the_middle_of_a_long_way_is_left_out_and_counted() -> None:
    with pytest.raises(RecursionError) as caught:
        endless(0)
    lines = trace_lines(caught.value)
    assert len(lines) == 2 * FRAMES_KEPT + 2
    assert lines[0].startswith("RecursionError")
    assert all(line.startswith("  ") for line in lines[1:])


def test_an_error_belongs_to_the_innermost_package_of_the_kiosk() -> None:
    with pytest.raises(errors.InputError) as caught:
        clean_name("")
    assert package_of(caught.value) == "kiosk.core"
    assert package_of(ValueError()) == "kiosk"
    with pytest.raises(errors.InputError) as caught:
        MemoryGallery().subject("nobody")
    assert package_of(caught.value) == "kiosk.storage"
    assert code_of(caught.value) == "InputError"


def test_what_the_system_says_by_number_or_constant_is_kept() -> None:
    told = {
        describe(error).split(" at ")[0]: error
        for error in (
            FileNotFoundError(2, NAME),
            OSError(99999, NAME),
            OSError(NAME),
            ImportError(NAME, name="kiosk.core"),
            UnicodeDecodeError("utf-8", b"x", 0, 1, NAME),
            errors.DeviceMissing(NAME, NAME),
        )
    }
    assert list(told) == [
        "FileNotFoundError (ENOENT)",
        "OSError (99999)",
        "OSError",
        "ImportError (kiosk.core)",
        "UnicodeDecodeError (utf-8)",
        "DeviceMissing (exit code 4)",
    ]


def test_causes_come_first_and_each_once() -> None:
    one, two = ValueError(), KeyError()
    two.__cause__ = one
    one.__context__ = two
    assert [line.split()[0] for line in trace_lines(two)] == ["ValueError", "KeyError"]
    hidden = TypeError()
    hidden.__context__, hidden.__suppress_context__ = ValueError(), True
    assert len(trace_lines(hidden)) == 1


def test_a_failure_is_logged_with_its_error_and_as_grave_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("kiosk.test")
    known, odd = errors.InputError("text", "remedy"), ValueError("text")
    both: list[Exception] = [known, odd]
    with caplog.at_level(logging.DEBUG, "kiosk.test"):
        for error in both:
            log_failure(log, "It failed: %s.", error)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]
    for record, error in zip(caplog.records, both, strict=True):
        assert (record.msg, record.args) == ("It failed: %s.", (error,))
        assert record.exc_info
        assert record.exc_info[1] is error
