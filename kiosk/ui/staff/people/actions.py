"""What can be done with people: rename, roll back, merge, delete, export, import. Every change asks
first, runs on the engine's thread, and tells how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from kiosk.core.errors import KnownError
from kiosk.core.greetings import Greeting
from kiosk.core.own_files import OwnFiles
from kiosk.core.records import ArchiveReceipt, Incoming, PersonSummary
from kiosk.core.signers import Signer
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject
from kiosk.ui.engine.clients import DeskWork, GalleryClient, PeopleDesk
from kiosk.ui.engine.requests import Requester
from kiosk.ui.staff.file_picker import FilePicker, Places
from kiosk.ui.staff.people.greeting import GreetingForm
from kiosk.ui.staff.people.incoming import IncomingList
from kiosk.ui.staff.person_picker import PersonPicker
from kiosk.ui.strings import archive as archive_words
from kiosk.ui.strings import greeting as greeting_words
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.controls import Button
from kiosk.ui.toolkit.overlays import Choices, Working
from kiosk.ui.toolkit.question import Question

ARCHIVE_NAME = "people.kiosk"
RECEIPT_NAME = "receipt-{number}.txt"
MANY = 1_000_000_000


@dataclass(frozen=True)
class Receipt:
    """What was deleted, without a name."""

    number: int
    count: int
    decisions: int
    consents: int
    time: datetime

    def on_paper(self) -> str:
        """As a text to be kept."""
        return say(
            w.RECEIPT_PAPER,
            number=self.number,
            date=f"{self.time:%Y-%m-%d %H:%M:%S %z}",
            count=self.count,
            decisions=self.decisions,
            consents=self.consents,
        )


class PeopleWork(QObject):
    """Asks, does, tells; `changed` with the name to be chosen afterwards, or empty."""

    changed = Signal(str)

    def __init__(
        self,
        client: GalleryClient,
        page: QWidget,
        own_files: OwnFiles,
        people: Callable[[], Sequence[PersonSummary]],
        places: Places,
    ) -> None:
        super().__init__(page)
        self._own_files, self._people = own_files, people
        self._page = page
        self._subject: Subject | None = None
        self._after: Callable[[str], None] = _nothing
        self._asker: Requester[DeskWork] = Requester(client, self)
        self._asker.failed.connect(self.tell_error)
        self.question, self.working = Question(page), Working(page)
        self.picker, self.files = PersonPicker(page), FilePicker(page, places)
        self.incoming = IncomingList(page)
        self.rename_button, self.merge_button = Button(), Button()
        self.withdraw_button, self.delete_button = Button(), Button("danger")
        self.forget_learnt_button = Button()
        self.greeting_button, self.greets = Button(), False
        self.greeting_form = GreetingForm(page)
        self.menu = Choices(
            page,
            (
                self.greeting_button,
                self.rename_button,
                self.merge_button,
                self.forget_learnt_button,
                self.withdraw_button,
                self.delete_button,
            ),
        )
        self.question.yes.connect(self._answered)
        self.greeting_button.clicked.connect(self._ask_greeting)
        self.greeting_form.given.connect(self._greet)
        self.rename_button.clicked.connect(self._ask_rename)
        self.merge_button.clicked.connect(self._ask_merge)
        self.forget_learnt_button.clicked.connect(self._ask_forget_learnt)
        self.withdraw_button.clicked.connect(self._ask_withdraw)
        self.delete_button.clicked.connect(self._ask_delete)

    def choose(self, subject: Subject | None, *, consented: bool = False) -> None:
        """Whom the next work is about."""
        self._subject = subject
        self.forget_learnt_button.setVisible(False)
        self.greeting_button.setVisible(self.greets)
        self.withdraw_button.setVisible(consented)

    def show_history(self, history: Sequence[EnrolmentRecord]) -> None:
        """What visits taught can be forgotten where they taught something."""
        learnt = (each.active and each.kind is EnrolmentKind.LEARNT for each in history)
        self.forget_learnt_button.setVisible(any(learnt))

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.greeting_button.say(say(greeting_words.GREETING))
        self.rename_button.say(say(w.RENAME))
        self.merge_button.say(say(w.MERGE))
        self.forget_learnt_button.say(say(w.FORGET_LEARNT))
        self.withdraw_button.say(say(w.WITHDRAW))
        self.delete_button.say(say(w.DELETE))

    def hide(self) -> bool:
        """Close whatever lies over the page; whether there was something."""
        over = (
            self.question,
            self.menu,
            self.greeting_form,
            self.picker,
            self.files,
            self.incoming,
        )
        shown = any(each.isVisible() for each in over)
        for each in over:
            each.hide()
        return shown

    def leave(self) -> None:
        """Everything is closed, and what still comes is not wanted."""
        self.hide()
        self.working.hide()
        self._asker.forget()
        self._subject, self._after = None, _nothing

    def ask(self, work: DeskWork, then: Callable[[Any], None]) -> None:
        """Ask the gallery; errors are told."""
        self._asker.ask(work, then)

    @Slot(object)
    def tell_error(self, error: KnownError) -> None:
        """In words, with the code."""
        self.working.hide()
        self._after = _nothing
        self.question.ask(say(w.FAILED), error_words(error), say(w.DONE), "")

    @Slot(str)
    def _answered(self, text: str) -> None:
        after, self._after = self._after, _nothing
        after(text)

    def _change(self, work: DeskWork, name: str) -> None:
        self._asker.ask(work, lambda _: self.changed.emit(name))

    # --- one person ----------------------------------------------------------------------

    def offer(self) -> None:
        """What can be done beside re-registering."""
        if self._subject is not None:
            self.menu.offer(self._subject.name)

    @Slot()
    def confirm(self) -> None:
        """Staff have looked at somebody who enrolled themselves."""
        if self._subject is not None:
            name = self._subject.name
            self._change(lambda gallery: gallery.confirm(name), name)

    @Slot()
    def _ask_greeting(self) -> None:
        """Show the line there is, to be changed or taken away."""
        if self._subject is not None:
            subject = self._subject
            begin = self.greeting_form.begin
            self.ask(
                lambda gallery: gallery.greeting_of(subject.subject_id),
                lambda line: begin(subject.name, line),
            )

    @Slot(object)
    def _greet(self, line: Greeting | None) -> None:
        if self._subject is not None:
            name = self._subject.name
            self._change(lambda gallery: gallery.set_greeting(name, line), name)

    @Slot()
    def _ask_rename(self) -> None:
        if self._subject is None:
            return
        old = self._subject.name

        def rename(new: str) -> None:
            self._change(lambda gallery: gallery.rename(old, new), new)

        self._after = rename
        title = say(w.RENAME_TITLE, name=old)
        self.question.ask(title, "", say(w.SAVE), say(w.KEEP), old)

    @Slot()
    def ask_roll_back(self) -> None:
        """Undo the newest re-registration."""
        if self._subject is None:
            return
        name = self._subject.name

        def roll_back(_text: str) -> None:
            self._change(lambda gallery: gallery.roll_back(name), name)

        self._after = roll_back
        title = say(w.ROLL_BACK_TITLE, name=name)
        self.question.ask(title, say(w.ROLL_BACK_TEXT), say(w.ROLL_BACK), say(w.KEEP))

    @Slot()
    def _ask_forget_learnt(self) -> None:
        if self._subject is None:
            return
        name = self._subject.name

        def forget(_text: str) -> None:
            self._change(lambda gallery: gallery.forget_learnt(name), name)

        self._after = forget
        title = say(w.FORGET_LEARNT_TITLE, name=name)
        self.question.ask(title, say(w.FORGET_LEARNT_TEXT), say(w.FORGET_LEARNT), say(w.KEEP))

    @Slot()
    def _ask_withdraw(self) -> None:
        if self._subject is None:
            return
        name = self._subject.name

        def withdraw(_text: str) -> None:
            self._change(lambda gallery: gallery.withdraw_consent(name), name)

        self._after = withdraw
        title = say(w.WITHDRAW_TITLE, name=name)
        self.question.ask(title, say(w.WITHDRAW_TEXT), say(w.WITHDRAW), say(w.KEEP))

    @Slot()
    def _ask_merge(self) -> None:
        if self._subject is None:
            return
        name = self._subject.name

        others = {
            each.subject.subject_id: each.subject.name
            for each in self._people()
            if each.subject.name != name
        }

        def chosen(other: int | None) -> None:
            if other is not None:
                self.confirm_merge(name, others[other])

        title, text = say(w.MERGE_CHOOSE, name=name), say(w.MERGE_CHOOSE_TEXT, name=name)
        self.picker.ask(title, text, others, chosen)

    def confirm_merge(self, name: str, other: str) -> None:
        """Ask before `other` becomes a part of `name`."""

        def merge(_text: str) -> None:
            self._change(lambda gallery: gallery.join(name, other), name)

        self._after = merge
        title = say(w.MERGE_TITLE, name=name, other=other)
        text = say(w.MERGE_TEXT, name=name, other=other)
        self.question.ask(title, text, say(w.MERGE_YES), say(w.KEEP), danger=True)

    @Slot()
    def _ask_delete(self) -> None:
        if self._subject is None:
            return
        subject = self._subject

        def delete(_text: str) -> None:
            self._asker.ask(lambda gallery: _deleted(gallery, subject), self.show_receipt)

        self._after = delete
        title = say(w.DELETE_TITLE, name=subject.name)
        self.question.ask(title, say(w.DELETE_TEXT), say(w.DELETE), say(w.KEEP), danger=True)

    def show_receipt(self, receipt: Receipt) -> None:
        """What was deleted, to be kept as a text."""
        self.changed.emit("")
        date = f"{receipt.time:%Y-%m-%d %H:%M}"
        text = say(w.RECEIPT_TEXT, number=receipt.number, date=date, count=receipt.count)
        self._after = lambda _text: self._save_receipt(receipt)
        self.question.ask(say(w.RECEIPT_TITLE), text, say(w.RECEIPT_SAVE), say(w.DONE))

    def _save_receipt(self, receipt: Receipt) -> None:
        def save(files: Sequence[Path]) -> None:
            try:
                self._own_files.refuse(files[0])
                files[0].write_text(receipt.on_paper(), "utf-8")
            except KnownError as error:
                self.tell_error(error)
            except OSError as error:
                self.question.ask(say(w.FAILED), error.strerror or "", say(w.DONE), "")

        name = RECEIPT_NAME.format(number=receipt.number)
        self.files.choose_target(say(w.RECEIPT_FILE), name, save)

    # --- everyone ------------------------------------------------------------------------

    @Slot()
    def ask_export(self) -> None:
        """Everyone into one encrypted file."""
        self.files.choose_target(
            say(w.EXPORT_FILE), ARCHIVE_NAME, lambda files: self._export(files[0])
        )

    def _export(self, file: Path) -> None:
        tell = self.working.share.emit

        def work(passphrase: str) -> None:
            self.working.begin(say(w.EXPORTING))
            self._asker.ask(
                lambda gallery: gallery.export(file, passphrase, force=True, tell=tell),
                lambda receipt: self._tell_carried(receipt, w.CARRIED_OUT),
            )

        self._ask_passphrase(work)

    @Slot()
    def ask_import(self) -> None:
        """Everyone of such a file, or nobody; staff see first who that would be."""
        self.files.choose_files(
            say(w.IMPORT_FILE), lambda files: self._import(files[0]), many=False
        )

    def _import(self, file: Path) -> None:
        def look(passphrase: str) -> None:
            self.working.begin(say(archive_words.LOOKING))
            self._asker.ask(
                lambda gallery: (gallery.signer(file), gallery.preview(file, passphrase)),
                lambda found: show(passphrase, *found),
            )

        def show(passphrase: str, signer: Signer, people: Sequence[Incoming]) -> None:
            self.working.hide()
            self.incoming.show_people(people, signer, lambda: self._take_in(file, passphrase))

        self._ask_passphrase(look)

    def _take_in(self, file: Path, passphrase: str) -> None:
        """Checked whole once more: the file may have been exchanged meanwhile."""
        tell = self.working.share.emit
        self.working.begin(say(w.IMPORTING))
        self._asker.ask(
            lambda gallery: gallery.merge(file, passphrase, tell=tell),
            lambda receipt: self._tell_carried(receipt, w.CARRIED_IN),
        )

    def _ask_passphrase(self, work: Callable[[str], None]) -> None:
        self._after = work
        title, text = say(w.ARCHIVE_PASSPHRASE), say(w.ARCHIVE_PASSPHRASE_TEXT)
        self.question.ask(title, text, say(w.DONE), say(w.KEEP), "")

    def _tell_carried(self, receipt: ArchiveReceipt, title: str) -> None:
        self.working.hide()
        self.changed.emit("")
        text = say(w.CARRIED_TEXT, people=receipt.subjects, templates=receipt.templates)
        self.question.ask(say(title), text, say(w.DONE), "")


def _deleted(gallery: PeopleDesk, subject: Subject) -> Receipt:
    """Delete somebody, on the engine's thread."""
    decisions = len(gallery.decisions(MANY, subject_id=subject.subject_id))
    consents = len(gallery.consents(subject.name))
    count = gallery.remove(subject.name)
    now = datetime.now().astimezone()
    return Receipt(subject.subject_id, count, decisions, consents, now)


def _nothing(_text: str) -> None:
    """After something that was only told."""
