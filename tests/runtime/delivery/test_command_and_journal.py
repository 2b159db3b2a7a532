"""A command with the decision on its standard input, and the journal of systemd."""

from __future__ import annotations

import json
import os
import shlex
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.outgoing import DeliveryFailure
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from kiosk.runtime.delivery.channel import NotDelivered
from kiosk.runtime.delivery.command import REFUSED_CODE, Command
from kiosk.runtime.delivery.journal import Journal, entry
from kiosk.runtime.delivery.sender import Backoff
from kiosk.runtime.events_out import delivering
from kiosk.storage import open_gallery
from tests.support.receivers import Told, identified
from tests.support.storage_support import NEW, template

BODY = {"schema": "kiosk.event/1", "id": "a", "type": "decision", "outcome": "identified"}


def python(program: str, *arguments: object, timeout: float = 20.0) -> Command:
    return Command([sys.executable, "-c", program, *map(str, arguments)], timeout)


def failure(command: Command) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        command.send("a", BODY)
    return caught.value


def test_the_decision_stands_on_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    assert python(program, out).send("a", {**BODY, "name": "김민준"}) == "exit code 0"
    assert json.loads(out.read_text("utf-8")) == {**BODY, "name": "김민준"}


def test_no_shell_stands_between(tmp_path: Path) -> None:
    sly = f"$(touch {tmp_path / 'sly'}); touch {tmp_path / 'sly'}"
    program = "import sys; sys.exit(0 if '$(touch' in sys.argv[1] else 1)"
    python(program, sly).send("a", BODY)
    assert not (tmp_path / "sly").exists()


def test_a_command_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    line = tmp_path / "line"
    os.mkfifo(line)
    # Shells, which begin at once: what it starts has to be there before its time is over.
    program = 'sh -c "printf here; exec sleep 600" > "$0"; true'
    command = Command(["sh", "-c", program, str(line)], 2.0)
    reader = os.open(line, os.O_RDONLY | os.O_NONBLOCK)
    assert failure(command).problem.failure is DeliveryFailure.TIMEOUT
    os.set_blocking(reader, True)
    assert os.read(reader, 20) == b"here"
    assert os.read(reader, 20) == b""  # nobody holds the other end any more
    os.close(reader)


def test_an_exit_code_says_whether_to_try_again() -> None:
    again = failure(python("import sys; sys.exit(3)"))
    assert (again.problem.failure, again.problem.detail) == (DeliveryFailure.ENDED, "3")
    assert not again.refused
    assert failure(python(f"import sys; sys.exit({REFUSED_CODE})")).refused


def test_a_program_that_is_not_there_is_said() -> None:
    assert failure(Command(["/no/such/program"], 1.0)).problem.failure is DeliveryFailure.ABSENT


def test_a_command_that_does_not_read_is_no_error() -> None:
    big = {**BODY, "name": "x" * 1_000_000}
    assert python("pass").send("a", big) == "exit code 0"


def test_a_command_that_fails_once_is_run_again_in_order(tmp_path: Path) -> None:
    out = tmp_path / "out"
    # Fails at every first attempt of an event.
    program = (
        "import json, pathlib, sys\n"
        "seen, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])\n"
        "event = json.load(sys.stdin)\n"
        "first = not (seen / event['id']).exists()\n"
        "(seen / event['id']).touch()\n"
        "sys.exit(1) if first else out.open('a').write(event['time'] + chr(10))\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path), str(out)]
    settings = Settings(
        database=tmp_path / "gallery.db",
        key_file=tmp_path / "gallery.key",
        event_command=shlex.join(words),
    )
    gallery = open_gallery(settings.database, settings.key_file)
    gallery.enrol("Ann", [template(1)], NEW)
    log, told = VisitLog(gallery, settings), Told()
    for _ in range(5):
        log.decided(identified(1, "Ann"), ())
    with delivering(settings, told, Backoff(0.01, 0.05)):
        told.until(lambda status: status.delivered == 5)
    kept = [each.time.isoformat(timespec="milliseconds") for each in gallery.decisions()]
    assert out.read_text().split() == kept[::-1]
    gallery.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    """Where the journal listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as opened:
        opened.bind(str(tmp_path / "socket"))
        opened.settimeout(10)
        yield opened


def test_the_journal_is_given_fields(tmp_path: Path, journal: socket.socket) -> None:
    body = {**BODY, "subject_id": 7, "modalities": ["face", "voice"], "conflict": False}
    assert Journal(tmp_path / "socket").send("a", body) == "written"
    lines = journal.recv(65536).decode().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    assert fields["MESSAGE"] == "decision: identified, subject 7"
    assert fields["SYSLOG_IDENTIFIER"] == "kiosk"
    assert (fields["KIOSK_OUTCOME"], fields["KIOSK_SUBJECT_ID"]) == ("identified", "7")
    assert (fields["KIOSK_MODALITIES"], fields["KIOSK_CONFLICT"]) == ("face voice", "false")


def test_a_value_with_line_ends_forges_no_field() -> None:
    sly = "김민준\nKIOSK_OUTCOME=identified"
    data = sly.encode()
    assert (
        entry({"KIOSK_NAME": sly}) == b"KIOSK_NAME\n" + struct.pack("<Q", len(data)) + data + b"\n"
    )


def test_without_a_journal_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotDelivered) as caught:
        Journal(tmp_path / "nothing").send("a", BODY)
    assert caught.value.problem.failure is DeliveryFailure.ABSENT
