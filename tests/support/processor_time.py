"""What each test costs in processor time, with the processes it has waited for: a plugin, used as
`pytest -p tests.support.processor_time PATH`, also with workers. Fixtures that several tests share
are counted with the first of them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator
from typing import Any

import pytest

SHOWN = 25
_spent: dict[str, float] = defaultdict(float)
_last = 0.0


def processor_seconds() -> float:
    """Of this process and of those that it has waited for."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def pytest_runtest_logstart() -> None:
    global _last
    _last = processor_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """After setting up, running and putting away: what has passed since then."""
    global _last
    report = yield
    now = processor_seconds()
    report.processor_seconds, _last = now - _last, now
    return report


def pytest_runtest_logreport(report: Any) -> None:
    """Where there are workers, in the process that hears of all."""
    _spent[report.nodeid] += getattr(report, "processor_seconds", 0.0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    files: dict[str, float] = defaultdict(float)
    folders: dict[str, float] = defaultdict(float)
    for test, seconds in _spent.items():
        file = test.partition("::")[0]
        files[file] += seconds
        folders["/".join(file.split("/")[:2])] += seconds
    terminalreporter.section(f"{sum(_spent.values()):.0f} s of processor time")
    for kind in (folders, files, _spent):
        dearest = sorted(kind.items(), key=lambda each: -each[1])[:SHOWN]
        for name, seconds in dearest:
            terminalreporter.write_line(f"{seconds:8.1f} {name}")
        terminalreporter.write_line("")
