"""Time that nobody can set, and how threads of a library wait."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kiosk.core import boot_clock
from kiosk.core.threads import wait_without_spinning


def test_the_moment_goes_on_within_one_start_of_the_machine() -> None:
    first = boot_clock.now()
    second = boot_clock.now()
    assert first.boot == second.boot
    assert 0 <= second.seconds - first.seconds < 60
    running = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    assert abs(running - second.seconds) < 60
    assert first.boot == first.boot.strip() != ""


def test_where_the_system_does_not_name_its_starts_every_process_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(boot_clock, "_BOOT_ID", tmp_path / "none")
    name = boot_clock.now().boot
    word, number = name.split()
    assert word == "process"
    assert abs(float(number) - (time.time() - time.monotonic())) <= 1
    (tmp_path / "id").write_text("0f-1e\n", encoding="ascii")
    monkeypatch.setattr(boot_clock, "_BOOT_ID", tmp_path / "id")
    assert boot_clock.now().boot == "0f-1e"


def test_threads_wait_without_spinning_unless_somebody_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "")  # so that it is put back as it was
    monkeypatch.delenv("OMP_WAIT_POLICY")
    wait_without_spinning()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    wait_without_spinning()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
