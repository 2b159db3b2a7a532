"""A call for staff, from the touch to its end, whatever the gallery is doing meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from kiosk.core.errors import KnownError
from kiosk.core.outgoing import EventChannel
from kiosk.core.records import CallState, StaffCall
from kiosk.ui.engine.clients import DeskWork, GalleryClient, PeopleDesk
from kiosk.ui.engine.requests import Requester

AGAIN_SECONDS = 20.0
"""So long after a call it can be made once more."""
RETRY_SECONDS = 3.0
"""After so long what could not be kept is tried again."""
Called: TypeAlias = Callable[[datetime | None], None]


class StaffCalls(QObject):
    """Lives on the screens' thread. `changed` when there is another state to show, `rang` when
    somebody calls. A call that cannot be kept yet waits, and is tried again until it can."""

    changed = Signal()
    rang = Signal()

    def __init__(
        self,
        client: GalleryClient,
        channels: Sequence[EventChannel] = (),
        parent: QObject | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        listener: Called = lambda since: None,
    ) -> None:
        super().__init__(parent)
        self._client, self._channels, self._now = client, channels, now
        self._listener = listener
        self._asker: Requester[DeskWork] = Requester(client, self)
        self._asker.failed.connect(self._fail)
        self._waiting: deque[DeskWork] = deque()
        self._busy = self._looked = False
        self._told_at: datetime | None = None
        self._failed_at: datetime | None = None
        self.since: datetime | None = None
        self.kept = False

    @property
    def passed_on(self) -> bool:
        """Whether others beside this screen are told."""
        return self.kept and bool(self._channels)

    @property
    def callable(self) -> bool:
        """Whether a touch would tell staff something new."""
        told = self._told_at
        return told is None or (self._now() - told).total_seconds() >= AGAIN_SECONDS

    @Slot()
    def call(self) -> None:
        """Somebody calls, or once more after a while."""
        if not self.callable:
            return
        self._told_at = self._now()
        self.since = self.since or self._told_at
        channels = self._channels
        self._put(lambda gallery: gallery.call_staff(channels))
        self._tell()
        self.rang.emit()

    @Slot()
    def take_back(self) -> None:
        """Whoever called needs nobody any more."""
        self._end(CallState.TAKEN_BACK)

    @Slot()
    def answer(self) -> None:
        """Staff have come."""
        self._end(CallState.ANSWERED)

    @Slot()
    def tick(self) -> None:
        """Called a few times a second: what waits is tried, and a call of before the start is
        found once the gallery is open."""
        if not self._looked and self._client.ready:
            self._looked = True
            self._asker.ask(lambda gallery: gallery.open_call(), self._find)
        failed = self._failed_at
        if failed is None or (self._now() - failed).total_seconds() >= RETRY_SECONDS:
            self._send()

    def _end(self, state: CallState) -> None:
        if self.since is None:
            return
        channels = self._channels

        def end(gallery: PeopleDesk) -> None:
            call = gallery.open_call()
            if call is not None:
                gallery.end_call(call.call_id, state, channels)

        self.since = self._told_at = None
        self._put(end)
        self.kept = False
        self._tell()

    def _put(self, work: DeskWork) -> None:
        self._waiting.append(work)
        self._send()

    def _send(self) -> None:
        """In order, one at a time."""
        if self._busy or not self._waiting or not self._client.ready:
            return
        self._busy = True
        self._asker.ask(self._waiting[0], self._done)

    def _done(self, result: object) -> None:
        self._busy, self._failed_at = False, None
        self._waiting.popleft()
        if isinstance(result, StaffCall) and self.since is not None:
            self.kept = True
            self._tell()
        self._send()

    @Slot(object)
    def _fail(self, _error: KnownError) -> None:
        """The gallery is closed, full or damaged: the screen says that nobody is told yet."""
        self._busy = False
        self._failed_at = self._now()

    def _find(self, call: StaffCall | None) -> None:
        if call is not None and self.since is None and not self._waiting:
            self.since, self._told_at, self.kept = call.time, call.time, True
            self._tell()

    def _tell(self) -> None:
        self._listener(self.since)
        self.changed.emit()
