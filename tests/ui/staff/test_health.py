"""The health page, and the diagnostics bundle that holds nothing about anybody."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScroller
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import DiskFull
from kiosk.core.events import Fault, VisitDecision
from kiosk.core.media import AudioChunk, Modality
from kiosk.core.outgoing import ChannelStatus, DeliveryFailure, EventChannel, Undelivered
from kiosk.core.settings import Settings
from kiosk.core.status import HostStatus, ModelCoverage, RuntimeStatus
from kiosk.runtime.health import LocalHealthService
from kiosk.runtime.host import kilobytes, warmest
from kiosk.runtime.logs import recording
from kiosk.runtime.metrics import WINDOW, RuntimeMetrics, loudness
from kiosk.ui.staff.health_page import known_facts, machine_facts, picture_facts
from kiosk.ui.strings import health as w
from tests.support.office_support import MachineOffice, OpenMachine, badly_placed, press, words_on
from tests.support.storage_support import NEW, open_in, templates, unit
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, frame, settle

SECRET = "김하늘"
JSON_PARTS = ("versions.json", "settings.json", "health.json", "models.json")


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenMachine]:
    made: list[MachineOffice] = []

    def make(
        size: QSize = LANDSCAPE,
        language: str = "en",
        health_service: LocalHealthService | None = None,
    ) -> MachineOffice:
        folder = tmp_path / f"office{len(made)}"
        made.append(MachineOffice(folder, qtbot, size, language, health_service=health_service))
        made[-1].window.turn_to(made[-1].window.health_page)
        made[-1].rest()
        return made[-1]

    yield make
    for each in made:
        each.close()


# --- what is counted -----------------------------------------------------------------------------


class Hand:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


FACE = Modality.FACE


def test_rates_are_those_of_the_last_seconds() -> None:
    clock = Hand()
    metrics = RuntimeMetrics(clock)
    listener = metrics.shown(lambda _frame: None)
    for number in range(100):
        clock.now += 0.04
        listener(frame(clock.now))
        if number % 2:
            metrics.take(frame(clock.now))
    pulse = metrics.pulse()
    assert pulse.source_rate == pytest.approx(25, abs=0.01)
    assert pulse.taken_rate == pytest.approx(12.5, abs=0.01)
    assert pulse.frames == 50
    clock.now += 2 * WINDOW
    assert metrics.pulse().source_rate == 0.0


def test_times_faults_and_visits_are_counted() -> None:
    metrics = RuntimeMetrics(Hand(), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    sent: list[object] = []
    publish = metrics.told(sent.append)
    decision = Decision(DecisionOutcome.UNKNOWN)
    publish(VisitDecision(1, 0.0, decision, final=True, latency=0.02))
    publish(VisitDecision(2, 0.0, decision, final=False, latency=0.9))
    publish(Fault("a text that may name a device", "", code="DeviceSilent"))
    publish(Fault("", "", restored=True))
    pulse = metrics.pulse()
    assert len(sent) == 4
    assert pulse.visits == 1
    assert pulse.stages["decision"].p95 == pytest.approx(0.02)
    assert [fault.code for fault in pulse.faults] == ["SourceLost", "DeviceSilent"]
    assert pulse.faults[0].restored


def test_how_late_sound_comes_is_told_once_it_is_known() -> None:
    metrics = RuntimeMetrics(Hand())
    assert w.WAITING in dict(picture_facts(metrics.pulse()))[w.SOUND_DELAY]
    metrics.delayed(0.12, 4)
    assert dict(picture_facts(metrics.pulse()))[w.SOUND_DELAY] == "120 ms, by 4 visits"


def test_loudness_is_that_of_the_newest_sound() -> None:
    metrics = RuntimeMetrics(Hand())
    assert metrics.pulse().level_dbfs is None
    tone = np.sin(np.arange(1600) / 3).astype(np.float32)
    metrics.take(AudioChunk(tone, 16_000, 0.0))
    level = metrics.pulse().level_dbfs
    assert level == pytest.approx(-3.0, abs=0.1)
    assert loudness(np.zeros(10, np.float32)) == -90.0


def test_the_machine_is_read_from_the_system(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Name: x\nVmRSS:\t  1024 kB\n", "utf-8")
    assert kilobytes(tmp_path / "status", "VmRSS") == 1 << 20
    assert kilobytes(tmp_path / "nothing", "VmRSS") is None
    for number, degrees in enumerate((41_000, 56_500, -1_000)):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(f"{degrees}\n", "utf-8")
    assert warmest(tmp_path) == 56.5
    assert warmest(tmp_path / "none") is None


def test_what_cannot_be_known_is_said_so() -> None:
    values = dict(machine_facts(RuntimeStatus(running_seconds=3_725), HostStatus()))
    assert values[w.RUNNING] == "1 h 2 min"
    assert values[w.TEMPERATURE] == w.UNKNOWN_VALUE
    assert values[w.GPU] == w.NO_GPU


def test_whom_each_model_recognises_is_told() -> None:
    """In order: everybody; some, with what goes on for the others; nobody there yet."""
    cases = {
        ModelCoverage(FACE, "net@1", 9, 9): "all 9, by net@1",
        ModelCoverage(FACE, "net@1", 9, 2, (("old@0", 4),), 3, "running"): (
            "2 of 9 by net@1\n4 still by old@0\n"
            "3 not at all: the model they were enrolled with is missing\n"
            "carried over at their next visits"
        ),
        ModelCoverage(FACE, "net@1", 9, 2, (("old@0", 7),), 0, "paused"): (
            "2 of 9 by net@1\n7 still by old@0\ncarrying over is paused"
        ),
        ModelCoverage(FACE, "net@1", 0, 0): "nobody is enrolled yet",
    }
    found = {each: known_facts([each]) for each in cases}
    assert found == {each: [("By the face", text)] for each, text in cases.items()}


def test_the_page_tells_it_where_there_is_something_to_tell(office: OpenMachine) -> None:
    page = office().window.health_page
    page.show_pulse(RuntimeStatus())
    assert page.known.isHidden()
    left = ModelCoverage(FACE, "net@1", 9, 2, (("old@0", 7),))
    page.show_pulse(RuntimeStatus(coverage=(left,)))
    assert "7 still by old@0" in words_on(page)
    assert w.KNOWN_HELP in words_on(page)
    page.show_pulse(RuntimeStatus(coverage=(ModelCoverage(FACE, "net@1", 9, 9),)))
    assert w.KNOWN_HELP not in words_on(page)


def test_what_is_sent_and_what_was_given_up_is_told(office: OpenMachine) -> None:
    page = office().window.health_page
    page.show_pulse(RuntimeStatus())
    assert page.channels.isHidden()
    refused = Undelivered(DeliveryFailure.ANSWERED, "422")
    channels = (
        ChannelStatus(EventChannel.WEBHOOK, 3, 2, 17, refused),
        ChannelStatus(EventChannel.MQTT, 0, 0, 22),
    )
    page.show_pulse(RuntimeStatus(channels=channels))
    text = words_on(page)
    assert "17 sent, 3 waiting\n2 given up\nthe other side answers with error 422" in text
    assert "22 sent, 0 waiting" in text
    assert w.CHANNELS_HELP in text
    page.show_pulse(RuntimeStatus(channels=channels[1:]))
    assert w.CHANNELS_HELP not in words_on(page)


def test_every_way_out_and_every_failure_has_words() -> None:
    assert set(w.CHANNEL_NAMES) == set(EventChannel)
    assert set(w.DELIVERY_PROBLEMS) == set(DeliveryFailure)


def test_a_way_out_that_fails_and_recovers_is_a_fault_that_is_over() -> None:
    metrics = RuntimeMetrics()
    broken = Undelivered(DeliveryFailure.UNREACHABLE)
    for problem in (None, broken, broken, None):
        metrics.channel(ChannelStatus(EventChannel.MQTT, problem=problem))
    told = [(fault.code, fault.restored) for fault in metrics.pulse().faults]
    assert told == [("DeliveryError", True), ("DeliveryError", False)]


# --- the page ------------------------------------------------------------------------------------


def test_rates_times_machine_and_faults_are_told(office: OpenMachine) -> None:
    text = words_on(office().window.health_page)
    for part in ("29.9", "28.7", "3,122 of ", "6.1 ms", "187", "812 MB", "54 °C", "CAP-6"):
        assert part in text


def test_it_looks_again_and_rests_when_left(office: OpenMachine, qtbot: QtBot) -> None:
    metrics = RuntimeMetrics()
    made = office(health_service=LocalHealthService(Settings(), metrics))
    page = made.window.health_page
    assert w.NO_FAULTS in words_on(page)
    metrics.fault(Fault("", "", code="DeviceBusy"))
    qtbot.waitUntil(lambda: "CAP-2" in words_on(page))
    made.window.turn_to(made.window.people)
    metrics.fault(Fault("", "", code="DiskFull"))
    settle()
    assert "DB-4" not in page.faults_text.text()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_nothing_is_cut_off(office: OpenMachine, size: QSize, language: str) -> None:
    assert not badly_placed(office(size, language).window)


def test_errors_of_the_log_are_told_by_part(
    office: OpenMachine, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = office(health_service=LocalHealthService(Settings(), RuntimeMetrics()))
    page = made.window.health_page
    assert page.errors.help.text() == w.NO_LOGGED
    log = logging.getLogger("kiosk.storage.sqlite")
    with recording("info", tmp_path / "kiosk"):
        for _ in range(3):
            log.error("Ended by %s.", DiskFull(SECRET, SECRET))
        logging.getLogger("PIL.Image").error(SECRET)
        log.info("Nothing is wrong.")
    page.enter()
    qtbot.waitUntil(lambda: "storage 3, PIL 1" in page.errors.help.text())
    assert "DB-4" in words_on(page.errors)
    assert SECRET not in words_on(page)


# --- the bundle ----------------------------------------------------------------------------------


def test_the_bundle_holds_nothing_about_anybody(
    office: OpenMachine, qtbot: QtBot, tmp_path: Path
) -> None:
    """A home folder, a device and a gallery that carry a name; a visit of somebody enrolled."""
    home = tmp_path / SECRET
    gallery = open_in(home)
    gallery.enrol(SECRET, templates([1, 2]), NEW, note="seventh floor")
    top = Candidate(1, SECRET, 9.0, 0.99, 0.7, 0.6, 6.0, 3.0)
    gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,)))
    gallery.close()
    settings = replace(
        Settings(),
        database=home / "data" / "gallery.db",
        key_file=home / "config" / "gallery.key",
        microphone=f"{SECRET}의 이어폰",
        face_model="auto",
    )
    metrics = RuntimeMetrics()
    metrics.fault(Fault(f"Microphone {SECRET} went away.", "Look there.", code="DeviceMissing"))
    metrics.take(frame(value=123))
    made = office(health_service=LocalHealthService(settings, metrics))
    page = made.window.health_page
    press(page.bundle_button)
    qtbot.waitUntil(page.question.isVisible, timeout=60_000)
    file = Path(page.question.text.text())

    with zipfile.ZipFile(file) as bundle:
        parts = {name: bundle.read(name) for name in bundle.namelist()}
    assert set(parts) == set(JSON_PARTS) | {"log.txt"}
    key = (home / "config" / "gallery.key").read_bytes()
    vector = unit(1)
    for name, content in parts.items():
        text = content.decode()
        if name in JSON_PARTS:
            text = json.dumps(json.loads(content), ensure_ascii=False)
        for secret in (SECRET, "이어폰", "seventh", "Microphone", str(tmp_path), str(Path.home())):
            assert secret not in text, name
        for blob in (key, vector.tobytes(), b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"OggS"):
            assert blob not in content, name
        for value in vector:
            assert f"{value:.5f}" not in text, name
        assert "[[" not in text, name
    assert json.loads(parts["settings.json"])["microphone"] == "(chosen)"
    assert "DeviceMissing" in parts["health.json"].decode()
    assert "torch" in parts["versions.json"].decode()
    assert any(model["name"] == "face-own" for model in json.loads(parts["models.json"]))


def test_a_bundle_that_cannot_be_written_is_told(
    office: OpenMachine, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "diagnostics").write_text("in the way", "utf-8")
    settings = replace(Settings(), database=tmp_path / "gallery.db")
    made = office(health_service=LocalHealthService(settings, RuntimeMetrics()))
    press(made.window.health_page.bundle_button)
    qtbot.waitUntil(made.window.health_page.question.isVisible, timeout=60_000)
    assert "DB-9" in made.window.health_page.question.text.text()
    assert made.window.health_page.bundle_button.isEnabled()


def test_a_page_without_fields_is_scrolled_by_keys_and_by_finger(office: OpenMachine) -> None:
    made = office(SMALL)
    area = made.window.health_page.area
    bar = area.verticalScrollBar()
    assert bar.maximum() > 0
    area.setFocus()
    QTest.keyClick(area, Qt.Key.Key_Down)
    assert bar.value() > 0
    assert QScroller.hasScroller(area.viewport())
