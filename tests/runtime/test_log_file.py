"""The log's file: who reads it, how it grows, and that the kiosk outlives it."""

from __future__ import annotations

import logging
import multiprocessing
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from kiosk.runtime import log_file
from kiosk.runtime.log_file import KEPT, RETRY, LogFile
from kiosk.runtime.logs import FILE_NAME, RedactingFormatter, recording, set_level
from kiosk.ui.engine.requests import BackgroundTasks

LOG = logging.getLogger("kiosk.runtime")
NOWHERE = Path("/sys/kiosk")
"""A place that may not be written, by root either."""


def text(folder: Path) -> str:
    return (folder / FILE_NAME).read_text("utf-8")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "kiosk"
    with recording("info", folder):
        LOG.info("Here.")
        assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert mode(folder) == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch(0o644)
    with recording("info", tmp_path):
        LOG.info("Here.")
    assert mode(tmp_path / FILE_NAME) == 0o600


def test_a_link_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    with recording("info", tmp_path):
        LOG.info("Here.")
    assert not (tmp_path / "elsewhere").exists()
    assert "The log cannot be written" in capsys.readouterr().err


def test_it_is_rotated_and_old_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 10_000)
    with recording("info", tmp_path):
        for number in range(20 * (KEPT + 3)):
            LOG.info("%d" + "." * 500, number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == KEPT + 1
    assert {mode(path) for path in files} == {0o600}
    assert all(9_000 < path.stat().st_size <= 10_000 for path in files[1:])
    assert f" {20 * (KEPT + 3) - 1}..." in text(tmp_path)


ENTRIES = 150


def write_entries(folder: Path, process: int) -> None:
    log_file.LARGEST = 100_000
    with recording("info", folder):
        for number in range(ENTRIES):
            LOG.info("%d-%d" + "." * 500, process, number)


def test_processes_share_it(tmp_path: Path) -> None:
    """Three write more than two files together; no entry is lost, none is torn."""
    fresh = multiprocessing.get_context("spawn")
    writers = [fresh.Process(target=write_entries, args=(tmp_path, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    everything = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    entries = [line.split(" ")[-1].rstrip(".") for line in everything.splitlines()]
    assert sorted(entries) == sorted(f"{p}-{n}" for p in range(3) for n in range(ENTRIES))


def test_levels(tmp_path: Path) -> None:
    with recording("warning", tmp_path):
        LOG.info("One.")
        LOG.warning("Two.")
        set_level("debug")
        LOG.debug("Three.")
    found = text(tmp_path)
    assert "One." not in found
    assert "Two." in found
    assert "Three." in found


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    handlers = list(logging.getLogger().handlers)
    with recording("info", tmp_path):
        assert sys.excepthook is not hooks[0]
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
    assert logging.getLogger().handlers == handlers


# --- it never takes the kiosk down ---------------------------------------------------------------


@pytest.mark.parametrize("place", [NOWHERE, Path("/dev/null/kiosk")])
def test_where_nothing_may_be_written_one_line_says_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording("debug", place):
        for _ in range(5):
            LOG.error("Lost.")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("kiosk: The log cannot be written (")
    assert not place.exists()


def test_a_full_disk_costs_entries_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    file = LogFile(Path("/dev/full"), lambda: now[0])
    file.setFormatter(RedactingFormatter())
    record = LOG.makeRecord(LOG.name, logging.ERROR, __file__, 1, "Here.", (), None)
    file.handle(record)
    file.handle(record)
    said = capsys.readouterr().err
    assert said == (
        "kiosk: The log cannot be written (No space left on device); "
        "the kiosk goes on without it.\n"
    )
    monkeypatch.setattr(file, "baseFilename", str(tmp_path / "room"))  # there is room again
    file.handle(record)
    assert not (tmp_path / "room").exists()
    now[0] += RETRY
    file.handle(record)
    file.handle(record)
    file.close()
    assert (tmp_path / "room").read_text("utf-8").count("Here.") == 2
    assert not capsys.readouterr().err


def test_a_disk_that_fills_up_in_the_middle(tmp_path: Path) -> None:
    """No write beyond a size is let through: the program ends as if nothing were."""
    program = f"""
import logging, pathlib, resource
from kiosk.runtime.logs import recording
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
with recording("info", pathlib.Path({str(tmp_path)!r})):
    for number in range(200):
        logging.getLogger("kiosk.runtime").info("%d", number)
print("reached")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "reached\n")
    assert done.stderr.splitlines() == [
        "kiosk: The log cannot be written (File too large); the kiosk goes on without it."
    ]
    assert 1000 < (tmp_path / FILE_NAME).stat().st_size <= 2000


def test_an_entry_that_cannot_be_formatted_is_told() -> None:
    given = ("not a number",)
    record = LOG.makeRecord(LOG.name, logging.ERROR, __file__, 1, "%d", given, None)
    written = RedactingFormatter().format(record)
    assert "ERROR kiosk.runtime TypeError" in written
    assert "not a number" not in written


# --- what nobody saw -----------------------------------------------------------------------------


def fail_deep_inside() -> None:
    raise ZeroDivisionError("a text with 김민준 in it")


def test_the_traceback_of_a_background_task_is_kept(tmp_path: Path, qtbot: QtBot) -> None:
    tasks, answers = BackgroundTasks(), list[object]()
    tasks.answered.connect(lambda _ticket, result: answers.append(result))
    with recording("info", tmp_path):
        tasks.ask(lambda: (Path(__file__) / "no folder").read_text())
        tasks.wait()
    qtbot.waitUntil(lambda: len(answers) == 1)
    found = text(tmp_path)
    assert re.search(r"ERROR kiosk\.ui\.engine\.requests NotADirectoryError .* ended by", found)
    assert "kiosk/ui/engine/requests.py" in found
    assert re.search(r"^ +pathlib\.py:\d+ in read_text$", found, re.MULTILINE)
    assert "no folder" not in found


def test_an_error_on_a_thread_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with recording("info", tmp_path):
        thread = threading.Thread(target=fail_deep_inside, name="kiosk-camera")
        thread.start()
        thread.join()
    assert "CRITICAL kiosk ZeroDivisionError" in text(tmp_path)
    assert " kiosk-camera " in text(tmp_path)
    said = capsys.readouterr().err
    assert said.startswith("kiosk: internal error, ZeroDivisionError")
    assert "김민준" not in said + text(tmp_path)


def test_an_error_in_a_slot_is_kept(
    tmp_path: Path, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording("info", tmp_path):
        QTimer.singleShot(0, fail_deep_inside)
        qtbot.waitUntil(lambda: (tmp_path / FILE_NAME).exists())
    assert "CRITICAL kiosk ZeroDivisionError" in text(tmp_path)
    assert "김민준" not in capsys.readouterr().err + text(tmp_path)


def test_a_crash_is_told_at_the_next_start(tmp_path: Path) -> None:
    program = f"""
import faulthandler, pathlib
from kiosk.runtime.logs import recording
def 김민준():
    faulthandler._sigsegv()
with recording("info", pathlib.Path({str(tmp_path)!r})):
    김민준()
"""
    script = tmp_path / "김민준.py"
    script.write_text(program, "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=60, check=False)
    assert done.returncode < 0
    (report,) = tmp_path.glob("crash-*.txt")
    assert mode(report) == 0o600
    assert "Segmentation fault" in report.read_text("utf-8")
    with recording("info", tmp_path):
        pass
    assert not list(tmp_path.glob("crash-*.txt"))
    assert "CRITICAL kiosk.runtime.crashes" in text(tmp_path)
    assert "The kiosk crashed before this start: Segmentation fault." in text(tmp_path)
    assert "(elsewhere):" in text(tmp_path)
    assert "김민준" not in text(tmp_path)
    assert str(tmp_path) not in text(tmp_path)
