"""Log-ins, pages and settings of staff, written into the gallery's record.

What cannot be written because the gallery is not open yet waits until it is: a kiosk that is out of
order lets its staff in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from kiosk.core.ports.audit import Act, Fact
from kiosk.runtime.passphrase import Answer, Staff, Verdict
from kiosk.ui.engine.clients import GalleryClient, PeopleDesk

_MOST_WAITING = 1000
NOBODY = "kiosk"


class StaffRecord(QObject):
    """Puts lines into the record, in order, as whoever passed the gate."""

    def __init__(self, client: GalleryClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._actor = NOBODY
        self._waiting: deque[Callable[[PeopleDesk], None]] = deque(maxlen=_MOST_WAITING)

    @Slot(object)
    def tried(self, answer: Answer) -> None:
        """Somebody gave a passphrase at the gate."""
        if answer.verdict is Verdict.RIGHT and answer.staff is not None:
            self._become(answer.staff)
            self.note(Act.LOGGED_IN, role=answer.staff.role.value)
        else:
            self.note(Act.LOG_IN_FAILED, why=answer.verdict.value)

    @Slot()
    def left(self) -> None:
        """The pages are closed; what comes now is the kiosk's own."""
        if self._actor != NOBODY:
            self.note(Act.LEFT)
        self._actor = NOBODY
        self._send(_as(NOBODY))

    def note(self, act: Act, **facts: Fact) -> None:
        """One line."""
        actor = self._actor

        def write(gallery: PeopleDesk) -> None:
            gallery.actor, before = actor, gallery.actor
            try:
                gallery.note(act, **facts)
            finally:
                gallery.actor = before

        self._send(write)

    def _become(self, staff: Staff) -> None:
        self._actor = f"staff {staff.number}"
        self._send(_as(self._actor))

    def _send(self, work: Callable[[PeopleDesk], None]) -> None:
        self._waiting.append(work)
        if not self._client.ready:
            return
        while self._waiting:
            self._client.ask(self._waiting.popleft())


def _as(actor: str) -> Callable[[PeopleDesk], None]:
    def become(gallery: PeopleDesk) -> None:
        gallery.actor = actor

    return become
