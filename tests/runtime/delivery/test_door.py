"""The program for a door that the document shows, behind a real outbox and a real command."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.liveness import LivenessOutcome
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from kiosk.runtime.delivery.sender import Backoff
from kiosk.runtime.events_out import delivering
from kiosk.storage import open_gallery
from tests.support.paths import ROOT
from tests.support.receivers import Told, identified
from tests.support.storage_support import NEW, template

DOCUMENT = ROOT / "docs" / "events.md"
LIVE = LivenessOutcome.LIVE


def shown_program() -> str:
    """As the document gives it."""
    section = DOCUMENT.read_text("utf-8").split("## A door", 1)[1]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found.group(1)


def shown_settings() -> dict[str, str]:
    """What the document has the operator set, but for the command."""
    section = DOCUMENT.read_text("utf-8").split("## A door", 1)[1]
    told = section.split("kiosk settings set", 1)[1].split("```", 1)[0].replace("\\\n", " ")
    pairs = dict(pair.split("=", 1) for pair in shlex.split(told))
    del pairs["event_command"]
    return pairs


def test_the_door_hears_once_of_a_living_person_and_of_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, marks = tmp_path / "seen-at-door", tmp_path / "door"
    program.write_text(shown_program(), "utf-8")
    marks.mkdir()
    settings = replace(
        Settings(database=tmp_path / "gallery.db", key_file=tmp_path / "gallery.key"),
        event_command=shlex.join([sys.executable, str(program), str(marks)]),
        **shown_settings(),  # type: ignore[arg-type]
    )
    gallery = open_gallery(settings.database, settings.key_file)
    for number, name in enumerate(("Ann", "Ben", "Cem", "Dana", "Eve"), start=1):
        gallery.enrol(name, [template(number)], NEW)
    devices = [True]
    log = VisitLog(gallery, settings, from_devices=lambda: devices[0])
    log.decided(identified(1, "Ann"), (), LIVE)
    log.decided(identified(2, "Ben"), (), LivenessOutcome.NOT_CHECKED)
    log.decided(identified(3, "Cem"), (), LIVE, stand_in=True)
    log.decided(replace(identified(4, "Dana"), probability=0.98), (), LIVE)
    devices[0] = False  # somebody plays a recording to the kiosk
    log.decided(identified(4, "Dana"), (), LIVE)
    devices[0] = True
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(gallery, "_now", lambda: an_hour_ago)
    log.decided(identified(5, "Eve"), (), LIVE)  # told late: the door was out of reach
    told = Told()
    with delivering(settings, told, Backoff(0.01, 0.05)):
        last = told.until(lambda status: status.delivered == 2)
    assert [each.name for each in marks.iterdir()] == ["1"]
    assert (last.waiting, last.given_up) == (0, 0)
    assert len(gallery.decisions()) == 6
    gallery.close()
