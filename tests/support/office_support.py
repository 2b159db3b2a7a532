"""An admin window with a machine behind it, for the tests of its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QListWidgetItem,
    QScrollArea,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from kiosk.core.ports.fleet import FleetOffice
from kiosk.core.ports.system import HealthService
from kiosk.core.settings_file import SettingsFile
from kiosk.runtime.passphrase import Passphrase
from kiosk.storage import SqlGallery
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.staff.file_picker import FilePicker
from kiosk.ui.staff.window import AdminWindow
from kiosk.ui.strings import files as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.theme import load_fonts
from tests.support.layouts import cut_off
from tests.support.storage_support import open_in
from tests.support.ui_support import INCHES, LANDSCAPE, running_timers, settle
from tools.screenshots.pages import FixedHealthService

LIGHT = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class MachineOffice:
    """Opened behind the gate, on a gallery that answers at once."""

    def __init__(
        self,
        folder: Path,
        qtbot: QtBot,
        size: QSize = LANDSCAPE,
        language: str = "en",
        *,
        health_service: HealthService | None = None,
        given: dict[str, str] | None = None,
        fleet: FleetOffice | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.qtbot = qtbot
        self.gallery: SqlGallery = open_in(folder)
        self.client = GalleryClient()
        self.client.attach(self.gallery)
        self.client.serve(lambda command: command())
        self.toml = folder / "kiosk.toml"
        inches = INCHES[size.width(), size.height()]
        self.toml.write_text(
            f'language = "{language}"\nscreen_inches = {inches}\nmotion = "reduced"\n'
            f'import_folder = "{folder.parent}"\n',
            "utf-8",
        )
        file = SettingsFile(self.toml, given, {})
        self.settings = file.load()
        self.preview = Mailbox()
        load_fonts()
        self.language = Language(language)
        services = Services(health_service or FixedHealthService(), file, fleet=fleet)
        passphrase = Passphrase(folder / "admin.json", hasher=LIGHT)
        self.window = AdminWindow(
            self.client, passphrase, self.settings, self.language, services, self.preview
        )
        qtbot.addWidget(self.window)
        self.window.resize(size)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.window.begin()

    def rest(self) -> None:
        """Until everything asked for was answered."""
        self.window.settings_page.tasks.wait()
        self.window.health_page.tasks.wait()
        self.window.visits.tasks.wait()
        self.window.attendance.tasks.wait()
        if self.window.kiosks is not None:
            self.window.kiosks.tasks.wait()
        settle()

    def answer_dialog(self, *files: Path) -> None:
        """Choose files in the picker that is open; they lie in the folder for files."""
        (picker,) = (each for each in self.window.findChildren(FilePicker) if each.isVisible())
        whole = picker.take_button.accessibleName() == say(w.TAKE_FOLDER)
        for file in files if not whole and not picker.field.isVisible() else ():
            file.touch()  # what is scripted has a name alone
        picker.place.currentIndexChanged.emit(0)
        self._listed(picker)
        folder = files[0] if whole else files[0].parent
        for part in folder.relative_to(self.settings.import_folder).parts:
            picker.list.entered.emit(self._row(picker, part))
            self._listed(picker)
        if picker.field.isVisible():
            picker.field.setText(files[0].name)
        elif not whole:
            for file in files:
                self._row(picker, file.name).setSelected(True)
        press(picker.take_button)
        self._listed(picker)

    def _listed(self, picker: FilePicker) -> None:
        """Until what was asked for is shown."""
        for _ in range(2):  # the places, then what lies in the first
            picker.tasks.wait()
            settle()

    def _row(self, picker: FilePicker, name: str) -> QListWidgetItem:
        rows = [picker.list.item(row) for row in range(picker.list.count())]
        return next(each for each in rows if Path(each.data(Qt.ItemDataRole.UserRole)).name == name)

    def close(self) -> None:
        self.window.forget_draft()  # it would wait for staff to come back
        self.window.close()
        self.language.close()
        self.gallery.close()
        assert not running_timers()


OpenMachine = Callable[..., MachineOffice]


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words_on(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def _cut_titles(table: QTableView) -> list[str]:
    """Titles of columns that are seen and too narrow for them: bold, with the style's blanks."""
    header, model = table.horizontalHeader(), table.model()
    if not table.isVisible() or not header.isVisible():
        return []
    font = QFont(header.font())
    font.setBold(True)
    found = []
    for column in range(header.count()):
        title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        needed = QFontMetrics(font).horizontalAdvance(title) + 2 * round(0.6 * font.pixelSize())
        if title and 0 < header.sectionSize(column) < needed:
            found.append(title)
    return found


def badly_placed(window: AdminWindow) -> list[str]:
    """Words that do not fit; what is scrolled away must fit on what is scrolled."""
    scrolled = {
        part: content
        for area in window.findChildren(QScrollArea)
        if (content := area.widget()) is not None
        for part in content.findChildren(QWidget)
    }
    texts = {part.text() for part in scrolled if isinstance(part, QLabel | QAbstractButton)}
    found = [text for text in cut_off(window) if text not in texts]
    found += [title for table in window.findChildren(QTableView) for title in _cut_titles(table)]
    for part, content in scrolled.items():
        if part.isVisible() and isinstance(part, QLabel) and part.text():
            corner = part.mapTo(content, QPoint(0, 0))
            inside = content.rect().contains(part.rect().translated(corner))
            tall = part.heightForWidth(part.width()) if part.wordWrap() else 0
            if not inside or tall > part.height() + 1:
                found.append(part.text())
    return found
