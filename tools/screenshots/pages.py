"""Pictures of the pages for visits, settings and health, with a machine that stands still."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QApplication

from kiosk.core.attendance import AttendanceCorrection, AttendanceDay
from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.media import Frame, Modality
from kiosk.core.negatives import CorrectionCost
from kiosk.core.records import Correction, Corrector, DecisionRecord
from kiosk.core.settings import Settings
from kiosk.core.settings_file import SettingsFile
from kiosk.core.status import (
    DeviceInfo,
    ErrorEstimate,
    FaultRecord,
    HostStatus,
    LoggedError,
    LogStatus,
    ModelInfo,
    Odds,
    PadEstimate,
    RuntimeStatus,
    StageTimes,
    Verdict,
)
from kiosk.runtime.passphrase import Passphrase
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.staff.attendance.model import Line, Shown
from kiosk.ui.staff.attendance.page import Board
from kiosk.ui.staff.visits.page import Kept
from kiosk.ui.staff.window import AdminWindow
from kiosk.ui.toolkit.language import Language
from tools.screenshots.album import SIZES, Album
from tools.screenshots.fleet import NOW, FixedFleet, FleetStates

IMPOSSIBLE = "1.2"
"""A probability that nothing has."""
WHEN = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)


NAMES = ("Anna Berg", "Mia Park", "강지우", "김하늘", "박산들", "윤도윤", "이바다", "정서윤")


def records(names: Sequence[str]) -> list[DecisionRecord]:
    """A fortnight of visits, made up with the same dice every time."""
    dice = np.random.default_rng(4)
    found = []
    for number in range(260):
        who = int(dice.integers(len(names)))
        known = dice.random() < 0.86
        face = float(dice.normal(6.0 if known else -1.5, 2.0))
        voice = float(dice.normal(2.6 if known else -1.0, 1.4)) if dice.random() < 0.8 else None
        fused = face + (voice or 0.0)
        outcome = DecisionOutcome.IDENTIFIED if fused > 5 else DecisionOutcome.UNKNOWN
        sure = 1 / (1 + math.exp(2.2 - fused))
        spread = float(dice.normal(13, 3.2))
        time = WHEN.replace(hour=0) - timedelta(days=int(dice.integers(14)), hours=-spread)
        correction = Correction(time, Corrector.STAFF, 1) if number == 40 else None
        found.append(
            DecisionRecord(
                number, time, outcome, who, sure, fused, 0.08 * face + 0.2, face,
                None if voice is None else 0.05 * voice + 0.4, voice, False,
                "" if outcome is DecisionOutcome.IDENTIFIED else DecisionReason.BELOW_THRESHOLD,
                True, voice is not None, names[who], correction,
            )
        )  # fmt: skip
    newest = sorted(found, key=lambda record: record.time, reverse=True)
    wrong = next(record for record in newest if record.correction)
    newest.remove(wrong)
    newest.insert(6, replace(wrong, time=newest[6].time, outcome=DecisionOutcome.IDENTIFIED))
    return newest


def attendance_lines(names: Sequence[str], day: date) -> list[Line]:
    """A working day: one was put right, of one the clock is in doubt, one was away."""
    begin = datetime.combine(day, time(8, 41), UTC).astimezone()
    found = []
    for number, name in enumerate(names):
        first = begin + timedelta(minutes=7 * number)
        last = first + timedelta(hours=8, minutes=20 + 3 * number)
        said = AttendanceCorrection(
            number, day, first - timedelta(minutes=25), last,
            "came by the back door", last + timedelta(minutes=9), "staff 2", 1,
        )  # fmt: skip
        known = AttendanceDay(
            number, name, day, first, last, 2 + number % 4, number == 4,
            (said,) if number == 2 else (),
        )  # fmt: skip
        found.append(Line(number, name, None if number == 5 else known))
    return found


class FixedHealthService:
    """A machine on which everything works."""

    def pulse(self) -> RuntimeStatus:
        """Nine hours after the start."""
        stages = {
            "face_find": StageTimes(4100, 0.0061, 0.0113),
            "face_embed": StageTimes(900, 0.0094, 0.0131),
            "voice_hear": StageTimes(52000, 0.0004, 0.0011),
            "voice_embed": StageTimes(210, 0.0203, 0.0342),
            "decision": StageTimes(187, 0.0121, 0.0407),
        }
        faults = (
            FaultRecord(WHEN, "SourceLost", restored=True),
            FaultRecord(WHEN - timedelta(seconds=8), "SourceLost"),
        )
        return RuntimeStatus(33_900.0, 29.9, 28.7, 97_210, 3_122, 0.0, -31.0, 187, stages, faults)

    def body(self) -> HostStatus:
        """A small computer."""
        memory, total, free = 812_000_000, 16_400_000_000, 402_000_000_000
        return HostStatus(memory, total, "AMD Ryzen 5 7530U", 12, temperature=54.0, disk_free=free)

    def verdict(self) -> Verdict:
        """All is well."""
        return Verdict()

    def logged_errors(self) -> LogStatus:
        """A camera was unplugged, and once something of ours broke."""
        newest = (
            LoggedError(WHEN - timedelta(hours=2), "capture", "DeviceMissing"),
            LoggedError(WHEN - timedelta(hours=7), "ui", "KeyError"),
        )
        return LogStatus({"capture": 1, "ui": 1}, newest)

    def cameras(self) -> list[DeviceInfo]:
        """One."""
        return [DeviceInfo("0", "HD Webcam C615")]

    def microphones(self) -> list[DeviceInfo]:
        """One."""
        return [DeviceInfo("USB Microphone", "USB Microphone", default=True)]

    def models(self) -> list[ModelInfo]:
        """As the manifest lists them."""
        own = "the project's own"
        face, voice = Modality.FACE, Modality.VOICE
        card = "# Model card: face-own\n\n**What.** The kiosk's own face embedder.\n\n"
        card += "| group | FMR |\n|---|---|\n| East Asian | 0.46 % |\n| white | 0.14 % |\n"
        return [
            ModelInfo(
                "face-own", "embedder", face, "ready", True, 12_179_714, own,
                "The kiosk's own face network", "LFW 97.6 %", card=card,
                korean=("키오스크의 얼굴 모델", "LFW 97.6 %", ""),
            ),
            ModelInfo(
                "voice-own", "embedder", voice, "ready", True, 4_776_840, own,
                "The kiosk's own speaker network", "EER 6.0 %, Korean talks", card=card,
                korean=("키오스크의 화자 모델", "EER 6.0 %, 한국어 강연", ""),
            ),
            ModelInfo(
                "edgeface-xs", "embedder", face, "missing", False, 2_993_451, "BSD-3-Clause",
                "EdgeFace-xs: small and accurate, not ours to ship",
                remedy="Run `kiosk models fetch edgeface-xs --from FILE`.",
                korean=(
                    "EdgeFace-xs: 작고 정확하지만 함께 배포할 수 없는 모델", "",
                    "`kiosk models fetch edgeface-xs --from FILE` 명령을 실행하세요.",
                ),
            ),
        ]  # fmt: skip

    def pad_estimate(self, settings: Settings) -> PadEstimate:
        """As it would be told of plausible figures."""
        asked = settings.photograph_passes_once_in
        few, many, cost = Odds(asked * 1.1, False), Odds(14.0, False), Odds(31.0, False)
        return PadEstimate(asked, 80.0, 20, few, many, cost)

    def promises(self, settings: Settings, enrolled: int) -> list[ErrorEstimate]:
        """Round figures."""
        face, voice = Modality.FACE, Modality.VOICE
        odds = {
            (face, voice): (Odds(5400, True), Odds(62, False), Odds(9000, False)),
            (face,): (Odds(780, False), Odds(17, False), Odds(780, False)),
            (voice,): (Odds(110, True), Odds(1.3, False), Odds(300, False)),
        }
        return [ErrorEstimate(who, enrolled, 34, *pair) for who, pair in odds.items()]

    def write_bundle(self) -> str:
        """Written nowhere."""
        return "~/.local/share/kiosk/diagnostics/diagnostics-20260914-183000.zip"


class PageStates:
    """The pages step by step."""

    def __init__(self, admin: AdminWindow, names: Sequence[str]) -> None:
        self.admin, self.names = admin, names

    def devices(self) -> None:
        """Live picture and loudness."""
        self.admin.visits.question.hide()
        self.admin.turn_to(self.admin.settings_page)
        self._settle()
        self.admin.settings_page.live.camera_preview.advance()

    def group(self, number: int) -> Callable[[], None]:
        """One group of settings."""
        return lambda: self.admin.settings_page.turn_to(number)

    def wrong(self) -> None:
        """A value that is not possible."""
        page = self.admin.settings_page
        page.turn_to(1)
        row = page.rows["min_probability"]
        row.field.setText(IMPOSSIBLE)
        row.field.textEdited.emit(IMPOSSIBLE)
        self._settle()

    def card(self) -> None:
        """A model card."""
        page = self.admin.settings_page
        page.discard()
        page.turn_to(2)
        page.model_list.lines[0].button.click()

    def visits(self) -> None:
        """A visit that was wrong is chosen."""
        page = self.admin.visits
        self.admin.turn_to(page)
        page.leave()
        with QSignalBlocker(page.period):
            page.period.setCurrentIndex(page.period.findData("30"))
        page.show_kept(Kept(records(self.names), dict(enumerate(self.names))))
        page.table.selectRow(6)
        self._settle()

    def charts(self) -> None:
        """The same as charts."""
        self.admin.visits.show_charts()

    def few_charts(self) -> None:
        """Of three visits."""
        self.admin.visits.show_kept(Kept(records(self.names)[:3], dict(enumerate(self.names))))

    def power(self) -> None:
        """What can be done with the machine, where it does not let itself."""
        self.admin.health_page.power.offer()

    def called(self) -> None:
        """A visitor waits for staff."""
        self.admin.health_page.power.hide()
        self.admin.calls.call()
        self._settle()

    def cost(self) -> None:
        """What calling a visit wrong takes from whom it named."""
        self.wrong_visit()
        page = self.admin.visits
        page.picker.hide()
        page._confirm_wrong(1, None, CorrectionCost(kept=True, templates=8, lost=1))

    def wrong_visit(self) -> None:
        """Who was it really?"""
        self.visits()
        self.admin.visits.show_list()
        self.admin.visits.table.selectRow(1)
        self.admin.visits.card.wrong_button.click()

    def attendance(self) -> None:
        """A day on which somebody was put right."""
        page = self.admin.attendance
        self.admin.visits.question.hide()
        self.admin.turn_to(page)
        page.leave()
        page.show_board(Board(page._day, attendance_lines(self.names, page._day)))
        page.whom.setCurrentIndex(page.whom.findData(Shown.EVERYBODY.value))
        page.table.selectRow(2)
        self._settle()

    def attendance_form(self) -> None:
        """Putting it right."""
        page = self.admin.attendance
        page.card.correct_button.click()
        page.form.first.setText("8.15")
        page.form.yes_button.click()

    def health(self) -> None:
        """How the kiosk is."""
        self.admin.settings_page.reader.leave()
        self.admin.turn_to(self.admin.health_page)
        self._settle()

    def _settle(self) -> None:
        self.admin.settings_page.tasks.wait()
        self.admin.health_page.tasks.wait()
        for _ in range(3):
            QApplication.processEvents()

    def steps(self) -> dict[str, Callable[[], None]]:
        """By the name of the picture."""
        return {
            "visits": self.visits,
            "visits-charts": self.charts,
            "visits-charts-few": self.few_charts,
            "visits-wrong": self.wrong_visit,
            "visits-wrong-cost": self.cost,
            "attendance": self.attendance,
            "attendance-correct": self.attendance_form,
            "settings-devices": self.devices,
            "settings-wrong": self.wrong,
            "settings-models": self.group(2),
            "settings-card": self.card,
            "settings-screen": self._screen,
            "settings-uses": self.group(7),
            "settings-brand": self._brand,
            "health": self.health,
            "health-power": self.power,
            "health-called": self.called,
        }

    def _brand(self) -> None:
        """A colour that cannot be read."""
        page = self.admin.settings_page
        page.turn_to(8)
        row = page.rows["accent_colour"]
        row.field.setText("#FFEE00")
        row.field.textEdited.emit("#FFEE00")
        self._settle()

    def _screen(self) -> None:
        self.admin.settings_page.reader.leave()
        self.admin.settings_page.turn_to(4)


def _fleet_steps(admin: AdminWindow, fleet: FixedFleet) -> dict[str, Callable[[], None]]:
    page = admin.kiosks
    assert page is not None
    page._now = lambda: NOW

    def show() -> None:
        page.tasks.wait()
        QApplication.processEvents()
        admin.turn_to(page)
        page._timer.stop()
        page.tasks.wait()
        QApplication.processEvents()

    return FleetStates(page, fleet, show).steps()


def take_pages(album: Album, shape: str, language: str, frame: Frame) -> None:
    """The pages in one size and language."""
    size, inches = SIZES[shape]
    speech, preview = Language(language), Mailbox()
    settings = Settings(
        language=language, screen_inches=inches, motion="reduced", attendance=True, greetings=True
    )
    preview.put(frame)
    with TemporaryDirectory() as empty:
        toml = Path(empty) / "kiosk.toml"
        toml.write_text(f'language = "{language}"\nscreen_inches = {inches}\n', encoding="utf-8")
        fleet = FixedFleet()
        file = SettingsFile(toml, {"motion": "reduced"}, {})
        services = Services(FixedHealthService(), file, fleet=fleet)
        passphrase = Passphrase(Path(empty) / "admin.json")
        passphrase.choose("seven green boats")
        admin = AdminWindow(GalleryClient(), passphrase, settings, speech, services, preview)
        admin.resize(size)
        admin.show()
        admin.begin()
        steps = PageStates(admin, NAMES).steps() | _fleet_steps(admin, fleet)
        named = {f"admin-{name}": step for name, step in steps.items()}
        album.take_steps(admin, shape, language, named)
        admin.close()
    speech.close()
