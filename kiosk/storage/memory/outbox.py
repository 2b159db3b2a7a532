"""What waits to be sent, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from kiosk.core.outgoing import EventChannel, OutboxEvent
from kiosk.core.records import DecisionRecord, StaffCall


class MemoryOutbox:
    """Implements `ports.outbox.Outbox`; `find` gives None for a decision that is not kept any
    more, and with it go its events."""

    def __init__(
        self, now: Callable[[], datetime], find: Callable[[int], DecisionRecord | None]
    ) -> None:
        self._now = now
        self._find = find
        self._events: dict[int, OutboxEvent] = {}
        self._last = 0

    def put(self, record: DecisionRecord | StaffCall, channels: Sequence[EventChannel]) -> None:
        """One event for each channel."""
        uid = str(uuid4())
        for channel in channels:
            self._last += 1
            event = OutboxEvent(self._last, uid, channel, record, 0, record.time)
            self._events[self._last] = event

    def forget_calls(self, before: datetime) -> None:
        """Events of calls go with them."""
        for number, event in list(self._events.items()):
            if isinstance(event.record, StaffCall) and event.record.time < before:
                del self._events[number]

    def first_waiting(self, channel: EventChannel) -> OutboxEvent | None:
        """The oldest event that was neither delivered nor given up."""
        waiting = (e for e in self.events() if e.channel is channel and e.given_up is None)
        return next(waiting, None)

    def delivered(self, event_id: int) -> None:
        """It has arrived: forget it."""
        self._events.pop(event_id, None)

    def postpone(self, event_id: int, due: datetime, problem: str) -> None:
        """An attempt failed; the next one is not before `due`."""
        event = self._events[event_id]
        attempts = event.attempts + 1
        self._events[event_id] = replace(event, attempts=attempts, due=due, problem=problem)

    def give_up(self, event_id: int, problem: str) -> None:
        """It becomes a dead letter."""
        self.postpone(event_id, self._events[event_id].due, problem)
        self._events[event_id] = replace(self._events[event_id], given_up=self._now())

    def events(self) -> list[OutboxEvent]:
        """All that wait or were given up, oldest first."""
        found = []
        for number, event in list(self._events.items()):
            if isinstance(event.record, StaffCall):
                found.append(event)
                continue
            record = self._find(event.record.decision_id)
            if record is None:
                del self._events[number]
            else:
                found.append(replace(event, record=record))
        return found

    def counts(self) -> Mapping[EventChannel, tuple[int, int]]:
        """How many wait and how many were given up, of every channel that has any."""
        found: dict[EventChannel, tuple[int, int]] = {}
        for event in self.events():
            waiting, dead = found.get(event.channel, (0, 0))
            given_up = event.given_up is not None
            found[event.channel] = (waiting + (not given_up), dead + given_up)
        return found

    def retry(self, event_ids: Collection[int] | None = None) -> int:
        """Let dead letters, those named or all, wait again; returns how many."""
        dead = [
            event
            for event in self.events()
            if event.given_up is not None and (event_ids is None or event.event_id in event_ids)
        ]
        for event in dead:
            again = replace(event, attempts=0, due=self._now(), given_up=None)
            self._events[event.event_id] = again
        return len(dead)

    def drop(self, event_ids: Collection[int]) -> int:
        """Forget events that will never be sent; returns how many."""
        gone = [number for number in event_ids if self._events.pop(number, None) is not None]
        return len(gone)
