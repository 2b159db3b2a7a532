"""The page of settings: the declared table, checked by the settings' own rules, saved whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kiosk.core import boot_clock
from kiosk.core.declaration import Group, Text
from kiosk.core.errors import KnownError, SettingsError
from kiosk.core.media import Modality
from kiosk.core.ports.gallery import DecisionStore
from kiosk.core.settings import GROUPS, Settings, all_settings, checked
from kiosk.core.status import DeviceInfo, ErrorEstimate, ModelInfo
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient, RecordsWork
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.engine.services import Services
from kiosk.ui.staff.settings.panels import LiveDevices, Meaning, ModelList, model_words
from kiosk.ui.staff.settings.rows import SettingRow, what_is_wrong
from kiosk.ui.strings import settings as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.controls import Button, Card, set_property, words
from kiosk.ui.toolkit.page import AdminPage
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.reader import Reader
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

screens = QGuiApplication.screens
TABS_BESIDE = 5
"""Groups beside each other where they do not stand in a column."""
EMBEDDER = "embedder"
SHOWN = tuple(group for group in GROUPS if group.on_page)


class SettingsPage(AdminPage):
    """`restart` when staff want the kiosk to begin again, `adopted` with what counts at once,
    `saved` with the keys that were changed."""

    title = w.SETTINGS
    restart = Signal()
    adopted = Signal(object)
    saved = Signal(object)

    def __init__(
        self, client: GalleryClient, services: Services, running: Settings, preview: Mailbox
    ) -> None:
        super().__init__()
        self._desk, self._services, self._running = client, services, running
        self._saved = running
        self._edits: dict[str, str] = {}
        self._wrong: set[str] = set()
        self._enrolled = 1
        self.tasks = BackgroundTasks(self)
        self._asker: Requester[Work] = Requester(self.tasks, self)
        self._desk_asker: Requester[RecordsWork] = Requester(client, self)
        self.rows = {
            key: SettingRow(setting)
            for key, setting in all_settings().items()
            if setting.declared.group.on_page
        }
        self.live = LiveDevices(services.health_service, preview)
        self.meaning, self.model_list = Meaning(), ModelList()
        self.question, self.reader = Question(self), Reader(self)
        self.groups = [Button("quiet") for _ in SHOWN]
        self.note = words("strong")
        self.save_button, self.discard_button = Button("primary"), Button()
        self.restart_button = Button(sign="again")
        self._build()
        self._connect()

    def _build(self) -> None:
        self.tabs = QGridLayout()
        for button in self.groups:
            self.tabs.addWidget(button)
        self.stack = QStackedWidget()
        extra = {
            "devices": self.live,
            "recognition": self.meaning,
            "models": self.model_list,
        }
        for group in SHOWN:
            self.stack.addWidget(scrolling(self._card(group, extra.get(group.name))))
        below = QHBoxLayout()
        below.addWidget(self.note, 1)
        for button in (self.restart_button, self.discard_button, self.save_button):
            below.addWidget(button)
        self._below = below
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.body.addLayout(self.tabs)
        self.body.addWidget(self.stack, 1)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addLayout(self.body, 1)
        self.box.addLayout(below)

    def _card(self, group: Group, extra: QWidget | None) -> Card:
        card = Card(steps=3)
        for row in self.rows.values():
            if row.declared.group == group:
                card.box.addWidget(row)
        if extra is not None:
            card.box.addWidget(extra)
        card.box.addStretch(1)
        return card

    def _connect(self) -> None:
        for row in self.rows.values():
            row.edited.connect(self._edit)
        for button in self.groups:
            button.setProperty("place", "bar")
            button.clicked.connect(self._turn)
        self.save_button.clicked.connect(self.save)
        self.discard_button.clicked.connect(self.discard)
        self.restart_button.clicked.connect(self.restart)
        self.model_list.card.connect(self._read_card)
        self._asker.failed.connect(self._tell_error)
        self._desk_asker.failed.connect(self._no_gallery)

    def rescale(self, scale: Scale) -> None:
        """Groups in a column beside the rows, or in lines above them."""
        column = not scale.portrait and not scale.compact
        direction = QBoxLayout.Direction
        self.body.setDirection(direction.LeftToRight if column else direction.TopToBottom)
        self.body.setSpacing(scale.gap(3))
        self.box.setSpacing(scale.gap(2))
        self.tabs.setSpacing(scale.gap(1))
        self._below.setSpacing(scale.gap(2))
        for number, button in enumerate(self.groups):
            across = 1 if column else TABS_BESIDE
            self.tabs.addWidget(button, number // across, number % across)
        self.tabs.setRowStretch(len(self.groups), 1 if column else 0)

    # --- coming and going ------------------------------------------------------------------

    def enter(self) -> None:
        """What holds now, what there is to choose, and what it means."""
        file, health_service = self._services.file, self._services.health_service
        self._asker.ask(file.load, self._take_saved)
        self._asker.ask(health_service.cameras, lambda found: self._offer("camera", found))
        self._asker.ask(health_service.microphones, lambda found: self._offer("microphone", found))
        self._asker.ask(health_service.models, self._take_models)
        self.rows["monitor"].offer([(each.name(), each.name()) for each in screens()])
        self._desk_asker.ask(lambda gallery: len(gallery.summaries()), self._take_count)
        self.turn_to(self.stack.currentIndex())

    def leave(self) -> None:
        """What was not saved is gone; nothing is seen or heard."""
        self.live.end()
        self.question.hide()
        self.reader.leave()
        if self._edits:
            self.discard()

    def escape(self) -> bool:
        """Close the card or the question first."""
        for over in (self.reader, self.question):
            if over.isVisible():
                over.hide()
                return True
        return False

    def turn_to(self, number: int) -> None:
        """Show a group."""
        self.stack.setCurrentIndex(number)
        for place, button in enumerate(self.groups):
            set_property(button, "tab", "here" if place == number else "")
        if SHOWN[number].name == "devices":
            self.live.begin()
        else:
            self.live.end()

    @Slot()
    def _turn(self) -> None:
        self.turn_to(next(k for k, each in enumerate(self.groups) if each is self.sender()))

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        for button, group in zip(self.groups, SHOWN, strict=True):
            button.say(w.told(group.title))
        for row in self.rows.values():
            row.retranslate()
        self.live.retranslate()
        self.meaning.retranslate()
        self.model_list.retranslate()
        self.save_button.say(say(w.SAVE_CHANGES))
        self.discard_button.say(say(w.DISCARD))
        self.restart_button.say(say(w.RESTART))
        self._check()

    # --- what there is to choose -------------------------------------------------------------

    def _take_saved(self, settings: Settings) -> None:
        self._saved = settings
        self._show_values()

    def _show_values(self) -> None:
        for key, row in self.rows.items():
            row.show_value(getattr(self._saved, key), self._services.file.covered(key))
        self._check()
        self._reckon()

    def _offer(self, key: str, devices: Sequence[DeviceInfo]) -> None:
        self.rows[key].offer([(each.value, each.name) for each in devices])

    def _take_models(self, models: Sequence[ModelInfo]) -> None:
        self.model_list.show_models(models)
        for key, modality in (("face_model", Modality.FACE), ("voice_model", Modality.VOICE)):
            fitting = [m for m in models if m.role == EMBEDDER and m.modality is modality]
            self.rows[key].offer([(m.name, m.name) for m in fitting if m.state == "ready"])

    def _take_count(self, enrolled: int) -> None:
        self._enrolled = max(1, enrolled)
        self._reckon()

    @Slot(object)
    def _no_gallery(self, _error: KnownError) -> None:
        """The meaning of thresholds is then told for one person."""

    def _reckon(self) -> None:
        """Ask what the values on the page mean, if they are possible."""
        try:
            settings = checked(self._saved, self._edits)
        except SettingsError:
            return
        health_service, enrolled = self._services.health_service, self._enrolled
        self._asker.ask(lambda: health_service.promises(settings, enrolled), self._take_promises)
        self._asker.ask(lambda: health_service.pad_estimate(settings), self.meaning.show_attacks)

    def _take_promises(self, promises: Sequence[ErrorEstimate]) -> None:
        self.meaning.show_promises(promises)

    @Slot(object)
    def _read_card(self, model: ModelInfo) -> None:
        """The card is written in English; before it stands in the language in use what it is."""
        short = "\n\n".join(model_words(model))
        korean = w.told(Text("", short))
        text = f"{korean}\n\n---\n\n{model.card}" if korean else model.card
        self.reader.show_text(say(w.MODEL_CARD_OF, name=model.name), text)

    # --- changing ------------------------------------------------------------------------------

    @Slot(str)
    def _edit(self, key: str) -> None:
        self._edits[key] = self.rows[key].text
        if self._same(key):
            del self._edits[key]
        self._check()
        self._reckon()

    def _same(self, key: str) -> bool:
        try:
            value = getattr(checked(self._saved, {key: self._edits[key]}), key)
        except SettingsError:
            return False
        return bool(value == getattr(self._saved, key))

    def _check(self) -> None:
        """Every value that was changed, first alone, then all together."""
        self._wrong = {key for key in self._edits if not self._possible({key: self._edits[key]})}
        alone = {key: value for key, value in self._edits.items() if key not in self._wrong}
        try:
            checked(self._saved, alone)
        except SettingsError as error:
            self._wrong.add(error.key)
        for key, row in self.rows.items():
            wrong = what_is_wrong(row.setting) if key in self._wrong else ""
            row.tell(wrong, changed=key in self._edits)
        self._tell_state()

    def _possible(self, change: dict[str, str]) -> bool:
        try:
            checked(Settings(), change)
        except SettingsError:
            return False
        return True

    def _tell_state(self) -> None:
        waiting = bool(self._edits)
        self.save_button.setEnabled(waiting and not self._wrong)
        self.discard_button.setVisible(waiting)
        self.restart_button.setVisible(not waiting and self._needs_restart())
        text = ""
        if self._wrong:
            text = say(w.INVALID)
        elif waiting:
            text = say(w.UNSAVED, count=len(self._edits))
        elif self._needs_restart():
            text = say(w.SAVED_RESTART)
        self.note.setText(text)
        set_property(self.note, "tone", "alarm" if self._wrong else "")

    def _needs_restart(self) -> bool:
        later = (key for key, row in self.rows.items() if not row.declared.at_once)
        return any(getattr(self._saved, key) != getattr(self._running, key) for key in later)

    @Slot()
    def discard(self) -> None:
        """As it was saved."""
        self._edits.clear()
        self._show_values()

    @Slot()
    def save(self) -> None:
        """Write what was changed, all of it or nothing."""
        if not self._edits or self._wrong:
            return
        edits, file = dict(self._edits), self._services.file
        self._asker.ask(lambda: file.save(edits), self._take_new)

    def _take_new(self, settings: Settings) -> None:
        purge = settings.keep_days < self._saved.keep_days
        self.saved.emit(tuple(self._edits))
        self._edits.clear()
        self._take_saved(settings)
        at_once = (key for key, row in self.rows.items() if row.declared.at_once)
        now = {key: getattr(settings, key) for key in at_once}
        self._running = replace(self._running, **now)
        self.adopted.emit(self._running)
        if not self._needs_restart():
            self.note.setText(say(w.SAVED))
        if purge:
            keep = timedelta(days=settings.keep_days)
            self._desk_asker.ask(lambda gallery: _purge(gallery, keep), _done)

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        self.question.ask(say(staff.FAILED), error_words(error), say(staff.DONE), "")


def _purge(gallery: DecisionStore, keep: timedelta) -> int:
    now = gallery.time_for_deletions(datetime.now(UTC), boot_clock.now())
    return gallery.purge_decisions(now - keep)


def _done(_count: int) -> None:
    """Nothing is told of what was deleted as the operator set it."""
