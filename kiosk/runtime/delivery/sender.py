"""The thread that empties the outbox of one channel, in order, at least once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

from kiosk.core.errors import KioskError
from kiosk.core.outgoing import (
    ChannelStatus,
    EventField,
    OutboxEvent,
    Undelivered,
    event_body,
)
from kiosk.core.ports.outbox import Outbox
from kiosk.core.redaction import Public, log_failure
from kiosk.runtime.delivery.channel import Channel, NotDelivered
from kiosk.runtime.delivery.lease import Lease

_log = logging.getLogger(__name__)
IDLE = 2.0
"""Seconds after which the outbox is looked into unasked: another process may have decided."""
AFTER_ERROR = 5.0
GIVE_UP = timedelta(days=3)
"""After so long, counted from the decision, an event that fails becomes a dead letter."""
DRAIN = 2.0
"""Seconds that the end of the program waits for what was just decided to arrive."""


@dataclass(frozen=True)
class Backoff:
    """Seconds before the next attempt: doubled after every failure, up to `most`."""

    first: float = 1.0
    most: float = 300.0

    def after(self, attempts: int) -> float:
        """After so many failures in a row."""
        return float(min(self.most, self.first * 2.0 ** min(attempts - 1, 60)))


class ClosableOutbox(Outbox, Protocol):
    """An outbox on a connection of its own."""

    def close(self) -> None:
        """Let the connection go."""


Tell: TypeAlias = Callable[[ChannelStatus], None]


class Sender:
    """One thread for one channel, with a connection of its own to the outbox.

    The oldest event is sent until it has arrived or is given up, and then the next: what arrives is
    in the order of the decisions. A decision wakes it; the engine waits for nothing here.
    """

    def __init__(
        self,
        channel: Channel,
        open_outbox: Callable[[], ClosableOutbox],
        lease: Lease,
        fields: tuple[EventField, ...],
        tell: Tell = lambda status: None,
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._channel, self._open, self._lease = channel, open_outbox, lease
        self._fields, self._tell, self._now = fields, tell, now
        self._backoff = backoff or Backoff()
        self._outbox: ClosableOutbox | None = None
        self._status: ChannelStatus | None = None
        self._woken, self._ending = threading.Event(), threading.Event()
        self._limit = float("inf")
        self._thread = threading.Thread(
            target=self._work, name=f"kiosk-events-{channel.name}", daemon=True
        )

    def start(self) -> None:
        """Begin with what is left from before."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something new; returns at once."""
        self._woken.set()

    def stop(self, limit: float = DRAIN) -> None:
        """Send what is due, as long as it arrives and `limit` seconds are not over, and end. An
        attempt that hangs is left behind; its event stays in the outbox."""
        self._limit = time.monotonic() + limit
        self._ending.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(limit)
        if self._thread.is_alive():
            _log.warning("The thread that sends by %s did not end.", self._channel.name)

    def _work(self) -> None:
        try:
            while time.monotonic() < self._limit:
                self._woken.clear()
                rest = self._next_step()
                if rest and self._ending.is_set():
                    return
                if rest:
                    self._woken.wait(rest)
        finally:
            self._channel.close()
            if self._outbox is not None:
                self._outbox.close()
            self._lease.release()

    def _next_step(self) -> float:
        """One event; seconds to rest, 0 if there may be another to send at once."""
        try:
            if not self._lease.acquire():
                return IDLE  # another process sends
            self._outbox = self._outbox or self._open()
            return self._send_first(self._outbox)
        except (KioskError, OSError) as error:
            log_failure(_log, "The outbox cannot be used: %s.", error)
            return AFTER_ERROR

    def _send_first(self, outbox: Outbox) -> float:
        event = outbox.first_waiting(self._channel.name)
        if event is None:
            self._report(outbox, self._problem)
            return IDLE
        # A clock that was set back must not hold events back for longer than a pause can be.
        rest = (event.due - self._now()).total_seconds()
        if 0 < rest <= self._backoff.most:
            self._report(outbox, self._problem)
            return min(rest, IDLE)
        try:
            self._channel.send(event.uid, event_body(event, self._fields))
        except NotDelivered as error:
            return self._failed(outbox, event, error)
        outbox.delivered(event.event_id)
        self._report(outbox, None, arrived=1)
        return 0.0

    def _failed(self, outbox: Outbox, event: OutboxEvent, error: NotDelivered) -> float:
        name, problem = self._channel.name, str(error.problem)
        too_old = self._now() - event.record.time > GIVE_UP
        if error.refused or too_old:
            outbox.give_up(event.event_id, problem)
            _log.warning("Event %d was given up by %s: %s.", event.event_id, name, Public(problem))
            self._report(outbox, error.problem)
            return 0.0
        pause = max(self._backoff.after(event.attempts + 1), error.after)
        outbox.postpone(event.event_id, self._now() + timedelta(seconds=pause), problem)
        if self._problem != error.problem:
            _log.warning("Events do not get through by %s: %s.", name, Public(problem))
        self._report(outbox, error.problem)
        return min(pause, IDLE)

    def _report(self, outbox: Outbox, problem: Undelivered | None, *, arrived: int = 0) -> None:
        """Tell how the channel is, at first and where that has changed."""
        waiting, given_up = outbox.counts().get(self._channel.name, (0, 0))
        delivered = arrived + (self._status.delivered if self._status is not None else 0)
        status = ChannelStatus(self._channel.name, waiting, given_up, delivered, problem)
        if status != self._status:
            self._tell(status)
        self._status = status

    @property
    def _problem(self) -> Undelivered | None:
        return self._status.problem if self._status is not None else None
