"""Choosing files and folders, in the language of the screen: of media that are plugged in and of
one folder of this machine, and of nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.errors import InputError, KnownError
from kiosk.core.shown_text import shown
from kiosk.enrolment.bulk_import import is_the_systems
from kiosk.runtime.places import FilePlace
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.strings import files as w
from kiosk.ui.strings import staff
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, set_property, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale, icon

Places: TypeAlias = Callable[[], Sequence[FilePlace]]
Chosen: TypeAlias = Callable[[Sequence[Path]], None]
MOST_ENTRIES = 2_000
"""Of one folder; more nobody finds in a list."""
_PATH = Qt.ItemDataRole.UserRole
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


class Wanted(StrEnum):
    """What is to be chosen."""

    FILES = "files"
    FILE = "file"
    FOLDER = "folder"
    TARGET = "target"


@dataclass(frozen=True)
class Entry:
    """A file or a folder as it is listed."""

    path: Path
    folder: bool
    size: int = 0


class Entries(QListWidget):
    """A list whose rows are entered by a touch or the return key."""

    entered = Signal(QListWidgetItem)

    def __init__(self) -> None:
        super().__init__()
        by_finger(self)
        self.itemClicked.connect(self.entered)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return enters; everything else is the list's own."""
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self.entered.emit(item)
        else:
            super().keyPressEvent(event)


class FilePicker(Modal):
    """A list of one folder at a time; nothing above a place can be reached."""

    def __init__(self, page: QWidget, places: Places) -> None:
        super().__init__(page)
        self._places_of = places
        self._places: Sequence[FilePlace] = ()
        self._place: FilePlace | None = None
        self._folder = Path()
        self._wanted = Wanted.FILES
        self._then: Chosen = _nothing
        self._replaces = False
        self.tasks = BackgroundTasks(self)
        self._asker: Requester[Work] = Requester(self.tasks, self)
        self._asker.failed.connect(self._tell_error)
        self.card, self.heading, self.note = Card(steps=1.2), words("lead"), words("soft")
        self.place, self.up_button = Choice(), Button()
        self.where, self.list, self.message = words("soft"), Entries(), words("strong")
        self.field = QLineEdit()
        self.take_button, self.back_button = Button("primary"), Button()
        self.buttons = ButtonRow(self.take_button, self.back_button)
        self._build()
        self.place.currentIndexChanged.connect(self._turn_to_place)
        self.up_button.clicked.connect(self._go_up)
        self.list.entered.connect(self._enter)
        self.list.itemSelectionChanged.connect(self._allow)
        self.field.textChanged.connect(self._name)
        self.field.returnPressed.connect(self._take)
        self.take_button.clicked.connect(self._take)
        self.back_button.clicked.connect(self.hide)

    def _build(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self.place, 1)
        self._top.addWidget(self.up_button)
        self.up_button.setProperty("place", "bar")
        for part in (self.heading, self.note):
            self.card.box.addWidget(part)
        self.card.box.addLayout(self._top)
        self.card.box.addWidget(self.where)
        self.card.box.addWidget(self.list, 1)
        self.card.box.addWidget(self.message)
        self.card.box.addWidget(self.field)
        self.card.box.addWidget(self.buttons)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self.card)

    def rescale(self, scale: Scale) -> None:
        """A card that takes most of the window."""
        side = max(scale.gap(4), (scale.width - scale.px(46)) // 2)
        above = scale.gap(1 if scale.low else 5)
        self._box.setContentsMargins(side, above, side, above)
        self._top.setSpacing(scale.gap(2))
        pixels = scale.px(1.2)
        self.list.setIconSize(QSize(pixels, pixels))

    # --- what is asked for -----------------------------------------------------------------

    def choose_files(self, title: str, then: Chosen, *, many: bool = True) -> None:
        """One or several files that are there."""
        self._ask(title, Wanted.FILES if many else Wanted.FILE, then)

    def choose_folder(self, title: str, then: Chosen) -> None:
        """Everything in a folder, however deep."""
        self._ask(title, Wanted.FOLDER, then)

    def choose_target(self, title: str, name: str, then: Chosen, note: str = "") -> None:
        """A file to be written, of this name first; one that is there is replaced only after it
        was said so."""
        self._ask(title, Wanted.TARGET, then, note)
        self.field.setText(name)

    def _ask(self, title: str, wanted: Wanted, then: Chosen, note: str = "") -> None:
        self._wanted, self._then = wanted, then
        self.heading.setText(title)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.field.setVisible(wanted is Wanted.TARGET)
        several = QListWidget.SelectionMode.MultiSelection
        single = QListWidget.SelectionMode.SingleSelection
        self.list.setSelectionMode(several if wanted is Wanted.FILES else single)
        self._say()
        self.cover()
        self.buttons.arrange()
        self.list.setFocus()
        self._places = ()
        self._tell("")
        self._asker.ask(self._places_of, self._take_places)

    def _say(self) -> None:
        self.up_button.say(say(w.UP))
        self.back_button.say(say(visitor.BACK))
        self.place.setAccessibleName(say(w.PLACE))
        self.field.setPlaceholderText(say(w.FILE_NAME))
        self.field.setAccessibleName(say(w.FILE_NAME))
        self.list.setAccessibleName(self.heading.text())
        self._say_take()

    def _say_take(self) -> None:
        text = {
            Wanted.FILES: w.TAKE_FILES,
            Wanted.FILE: w.TAKE_FILE,
            Wanted.FOLDER: w.TAKE_FOLDER,
            Wanted.TARGET: w.REPLACE if self._replaces else staff.SAVE,
        }[self._wanted]
        self.take_button.say(say(text))
        set_property(self.take_button, "role", "danger" if self._replaces else "primary")

    # --- places and folders ------------------------------------------------------------------

    def _take_places(self, places: Sequence[FilePlace]) -> None:
        """The first is what was plugged in last."""
        self._places = places
        names = [(str(number), self._name_of(each)) for number, each in enumerate(places)]
        self.place.offer(names, "0")
        self._turn_to_place()

    def _name_of(self, place: FilePlace) -> str:
        name = shown(place.folder.name)
        return say(w.PLUGGED, name=name) if place.removable else say(w.IMPORT_FOLDER)

    @Slot()
    def _turn_to_place(self) -> None:
        if self._places and self.place.count():
            self._place = self._places[int(self.place.value)]
            self._open(self._place.folder)

    def _open(self, folder: Path) -> None:
        place = self._place
        if place is None:
            return
        self._folder = folder
        self.up_button.setEnabled(folder != place.folder)
        inside = folder.relative_to(place.folder)
        self.where.setText("" if inside == Path() else shown(str(inside)))
        self.where.setVisible(inside != Path())
        self.list.clear()
        self._tell("")
        self._asker.ask(lambda: listed(place, folder), self._show)

    def _show(self, entries: Sequence[Entry]) -> None:
        if entries and entries[0].path.parent != self._folder:
            return  # of a folder that was left meanwhile
        self.list.clear()
        for entry in entries:
            name = shown(entry.path.name)
            item = QListWidgetItem(name if entry.folder else f"{name}  ·  {_size(entry.size)}")
            item.setData(_PATH, str(entry.path))
            sign, colour = ("folder", "accent") if entry.folder else ("file", "ink_soft")
            item.setIcon(icon(sign, 48, colour))
            if entry.folder:
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, say(w.FOLDER, name=name))
            elif self._wanted in (Wanted.FOLDER, Wanted.TARGET):
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        plugged = any(each.removable for each in self._places)
        self._tell("" if entries else say(w.EMPTY if plugged else w.EMPTY_UNPLUGGED))
        self._allow()
        self._name()

    @Slot(QListWidgetItem)
    def _enter(self, item: QListWidgetItem) -> None:
        path = Path(item.data(_PATH))
        if not item.flags() & Qt.ItemFlag.ItemIsSelectable and item.flags():
            self._open(path)

    @Slot()
    def _go_up(self) -> None:
        if self._place is not None and self._folder != self._place.folder:
            self._open(self._folder.parent)

    # --- the answer --------------------------------------------------------------------------

    @property
    def _files(self) -> list[Path]:
        return [Path(item.data(_PATH)) for item in self.list.selectedItems()]

    @Slot()
    def _allow(self) -> None:
        ready = {
            Wanted.FILES: bool(self._files),
            Wanted.FILE: bool(self._files),
            Wanted.FOLDER: self._place is not None,
            Wanted.TARGET: self._place is not None and bool(self.field.text().strip()),
        }
        self.take_button.setEnabled(ready[self._wanted])

    @Slot()
    def _name(self) -> None:
        """Another name: nothing is replaced yet."""
        if self._replaces:
            self._tell("")
        self._replaces = False
        self._say_take()
        self._allow()

    @Slot()
    def _take(self) -> None:
        place, folder = self._place, self._folder
        if place is None or not self.take_button.isEnabled():
            return
        if self._wanted is Wanted.FOLDER:
            self._asker.ask(lambda: files_within(place, folder), self._end)
        elif self._wanted is Wanted.TARGET:
            self._take_target(place)
        else:
            self._end(self._files)

    def _take_target(self, place: FilePlace) -> None:
        name = self.field.text().strip()
        file = self._folder / name
        if Path(name).name != name or name in (".", "..") or not place.holds(file):
            self._tell(say(w.BAD_NAME), alarm=True)
        elif file.exists() and not self._replaces:
            self._replaces = True
            self._tell(say(w.REPLACES), alarm=True)
            self._say_take()
        else:
            self._end([file])

    def _end(self, files: Sequence[Path]) -> None:
        if not files:
            self._tell(say(w.EMPTY))
            return
        then, self._then = self._then, _nothing
        self.hide()
        then(files)

    def forget(self) -> None:
        """Nothing is listed for whoever comes next."""
        self._asker.forget()
        self._place, self._replaces = None, False
        self.list.clear()

    def _tell(self, text: str, *, alarm: bool = False) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))
        set_property(self.message, "tone", "alarm" if alarm else "")

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        gone = isinstance(error, InputError)
        self._tell(say(w.GONE) if gone else error_words(error), alarm=True)


def listed(place: FilePlace, folder: Path) -> list[Entry]:
    """What lies in a folder of a place: folders first, by name, nothing hidden, and no link that
    leads out of the place. Raises InputError where it cannot be read."""
    if not place.holds(folder):
        raise InputError("That folder is not for files.", "Choose another.")
    found = []
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                path = Path(each.path)
                if is_the_systems(each.name) or (each.is_symlink() and not place.holds(path)):
                    continue
                is_folder = each.is_dir()
                if is_folder or each.is_file():
                    found.append(Entry(path, is_folder, 0 if is_folder else each.stat().st_size))
                if len(found) >= MOST_ENTRIES:
                    break
    except OSError as error:
        raise InputError(f"The folder cannot be read: {error.strerror}.", "Plug it in.") from error
    return sorted(found, key=lambda entry: (not entry.folder, entry.path.name.casefold()))


def files_within(place: FilePlace, folder: Path) -> list[Path]:
    """Every file of a folder, however deep, that is listed there."""
    found: list[Path] = []
    for entry in listed(place, folder):
        found += files_within(place, entry.path) if entry.folder else [entry.path]
    return found


def _size(count: int) -> str:
    for step, unit in _UNITS:
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"


def _nothing(_files: Sequence[Path]) -> None:
    """Nobody has asked."""
