"""The settings page: what each setting does, what is refused, what is saved and when it counts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.core import boot_clock
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.settings import all_settings
from kiosk.core.status import Odds
from kiosk.ui.staff.settings.page import SHOWN, SettingsPage
from kiosk.ui.staff.settings.panels import rounded
from kiosk.ui.staff.settings.rows import DEVICE_KEYS, SettingRow
from kiosk.ui.strings import settings as w
from tests.support.office_support import MachineOffice, OpenMachine, badly_placed, press, words_on
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, frame, settle


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenMachine]:
    made: list[MachineOffice] = []

    def make(
        size: QSize = LANDSCAPE, language: str = "en", **given: dict[str, str]
    ) -> MachineOffice:
        folder = tmp_path / str(len(made))
        made.append(MachineOffice(folder, qtbot, size, language, given=given.get("given")))
        made[-1].window.turn_to(made[-1].window.settings_page)
        made[-1].rest()
        return made[-1]

    yield make
    for each in made:
        each.close()


def choose(row: SettingRow, value: str) -> None:
    row.choice.setCurrentIndex(row.choice.findData(value))


def write(row: SettingRow, text: str) -> None:
    row.field.selectAll()
    QTest.keyClicks(row.field, text)


def show(page: SettingsPage, name: str) -> None:
    page.turn_to([group.name for group in SHOWN].index(name))
    settle()


def saved(made: MachineOffice) -> dict[str, object]:
    return tomllib.loads(made.toml.read_text("utf-8"))


def test_every_setting_of_the_page_says_what_it_does_in_the_language_of_the_moment(
    office: OpenMachine,
) -> None:
    for language in ("en", "ko"):
        page = office(language=language).window.settings_page
        for key, setting in all_settings().items():
            assert (key in page.rows) == setting.declared.group.on_page, key
            if key in page.rows:
                said = setting.declared.help
                text = said.english if language == "en" else said.korean
                assert page.rows[key].help.text() == text
                words = [words for _value, words in page.rows[key].words()]
                for choice in setting.declared.choices.values():
                    assert (choice.english if language == "en" else choice.korean) in words, key


def test_a_change_is_saved_whole_and_counts_at_once(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.settings_page
    show(page, "screen")
    choose(page.rows["language"], "ko")
    assert page.rows["language"].when.text() == w.AT_ONCE
    assert page.save_button.isEnabled()
    with qtbot.waitSignal(made.window.adopted) as told:
        press(page.save_button)
    assert told.args is not None
    assert told.args[0].language == "ko"
    assert saved(made)["language"] == "ko"
    assert saved(made)["motion"] == "reduced"
    assert page.note.text() == w.SAVED
    assert not page.restart_button.isVisible()
    assert not page.save_button.isEnabled()


def test_what_needs_a_restart_says_so_and_offers_it(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.settings_page
    show(page, "models")
    write(page.rows["threads"], "1")
    assert page.rows["threads"].when.text() == w.AFTER_RESTART
    press(page.save_button)
    qtbot.waitUntil(page.restart_button.isVisible)
    assert page.note.text() == w.SAVED_RESTART
    assert saved(made)["threads"] == 1
    with qtbot.waitSignal(made.window.restart):
        press(page.restart_button)


@pytest.mark.parametrize(
    ("group", "key", "text", "told"),
    [
        ("recognition", "min_probability", "1.2", "0.5 to 0.99999"),
        ("recognition", "good_frames", "2.5", "whole number"),
        ("recognition", "min_llr", "much", "-20 to 40"),
        ("screen", "screen_inches", "", "5 to 120"),
        ("data", "keep_days", "0", "1 to 3650"),
    ],
)
def test_an_impossible_value_is_told_at_its_field_and_never_saved(
    office: OpenMachine, group: str, key: str, text: str, told: str
) -> None:
    made = office()
    page = made.window.settings_page
    before = made.toml.read_bytes()
    show(page, group)
    row = page.rows[key]
    if text:
        write(row, text)
    else:
        row.field.selectAll()
        QTest.keyClick(row.field, Qt.Key.Key_Backspace)
    assert told in row.error.text()
    assert row.error.isVisible()
    assert not page.save_button.isEnabled()
    page.save()
    made.rest()
    assert made.toml.read_bytes() == before
    press(page.discard_button)
    assert not row.error.isVisible()


def test_emotion_at_work_is_refused(office: OpenMachine) -> None:
    page = office().window.settings_page
    show(page, "attributes")
    choose(page.rows["emotion"], "on")
    assert page.save_button.isEnabled()
    choose(page.rows["profile"], "workplace")
    assert page.rows["emotion"].error.text() == w.WRONG_EMOTION
    assert not page.save_button.isEnabled()
    choose(page.rows["emotion"], "auto")
    assert page.save_button.isEnabled()


def test_one_device_must_stay(office: OpenMachine) -> None:
    page = office().window.settings_page
    for key in sorted(DEVICE_KEYS):
        choose(page.rows[key], "none")
    assert page.rows["microphone"].error.text() == w.WRONG_DEVICES
    assert not page.save_button.isEnabled()


def test_devices_found_can_be_chosen(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.settings_page
    choose(page.rows["microphone"], "USB Microphone")
    press(page.save_button)
    qtbot.waitUntil(lambda: saved(made).get("microphone") == "USB Microphone")


def test_what_the_command_line_decides_cannot_be_changed(office: OpenMachine) -> None:
    page = office(given={"start": "walk_up"}).window.settings_page
    show(page, "screen")
    row = page.rows["start"]
    assert row.choice.value == "walk_up"
    assert not row.choice.isEnabled()
    assert row.error.text() == w.COVERED_LINE


def test_preview_and_loudness_live_only_while_shown(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.settings_page
    made.preview.put(frame(value=200))
    painted = page.live.camera_preview.painted
    qtbot.waitUntil(lambda: page.live.camera_preview.painted > painted)
    assert "-31 dBFS" in page.live.level_words.text()
    made.window.turn_to(made.window.people)
    made.preview.put(frame(value=10))
    settle()
    assert made.preview.take() is not None  # nobody looked


def test_thresholds_are_told_as_what_they_mean(office: OpenMachine) -> None:
    page = office().window.settings_page
    show(page, "recognition")
    text = page.meaning.text.text()
    assert w.ACCEPTED_BOUND.format(n="5,400") in text
    assert w.REFUSED.format(n="62") in text
    assert w.REFUSED_OFTEN in text


@pytest.mark.parametrize(
    ("one_in", "told"), [(1.74, "1.7"), (9.0, "9"), (13.9, "13"), (5489.0, "5,400")]
)
def test_figures_never_look_rarer_than_they_are(one_in: float, told: str) -> None:
    assert rounded(Odds(one_in, False).one_in) == told


def test_a_model_card_is_read(office: OpenMachine) -> None:
    made = office()
    page = made.window.settings_page
    show(page, "models")
    assert "edgeface-xs" in words_on(page)
    press(page.model_list.lines[0].button)
    assert "East Asian" in page.reader.text.toPlainText()
    assert page.escape()
    assert not page.reader.isVisible()


def test_keeping_shorter_forgets_older_decisions(
    office: OpenMachine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = office()
    made.gallery.time_for_deletions(datetime.now(UTC), boot_clock.now())  # as at every start
    old = datetime.now(UTC) - timedelta(days=40)
    monkeypatch.setattr(made.gallery, "_now", lambda: old)
    made.gallery.record(Decision(DecisionOutcome.UNUSABLE))
    page = made.window.settings_page
    show(page, "data")
    write(page.rows["keep_days"], "60")
    press(page.save_button)
    qtbot.waitUntil(lambda: saved(made).get("keep_days") == 60)
    made.rest()
    assert len(made.gallery.decisions()) == 1
    write(page.rows["keep_days"], "30")
    press(page.save_button)
    qtbot.waitUntil(lambda: not made.gallery.decisions())


def test_a_file_that_cannot_be_written_is_told(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.settings_page
    made.toml.unlink()
    made.toml.mkdir()
    show(page, "models")
    write(page.rows["threads"], "1")
    press(page.save_button)
    qtbot.waitUntil(page.question.isVisible)
    assert "SET-1" in page.question.text.text()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_nothing_is_cut_off(office: OpenMachine, size: QSize, language: str) -> None:
    made = office(size, language)
    for number in range(len(SHOWN)):
        made.window.settings_page.turn_to(number)
        settle()
        assert not badly_placed(made.window), SHOWN[number].name
