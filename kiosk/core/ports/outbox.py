"""The port of what waits to be sent: see `kiosk.core.outgoing`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from kiosk.core.outgoing import EventChannel, OutboxEvent


class Outbox(Protocol):
    """Events in the order in which their decisions were made, until each is delivered or dropped.

    They are put in by `DecisionStore.record`, in the same transaction as the decision, and go with
    it when it is deleted. Every method raises StorageError and its children.
    """

    def first_waiting(self, channel: EventChannel) -> OutboxEvent | None:
        """The oldest event that was neither delivered nor given up."""

    def delivered(self, event_id: int) -> None:
        """It has arrived: forget it."""

    def postpone(self, event_id: int, due: datetime, problem: str) -> None:
        """An attempt failed; the next one is not before `due`."""

    def give_up(self, event_id: int, problem: str) -> None:
        """It becomes a dead letter, kept until somebody decides or its decision is forgotten."""

    def events(self) -> list[OutboxEvent]:
        """All that wait or were given up, oldest first."""

    def counts(self) -> Mapping[EventChannel, tuple[int, int]]:
        """How many wait and how many were given up, of every channel that has any."""

    def retry(self, event_ids: Collection[int] | None = None) -> int:
        """Let dead letters, those named or all, wait again; returns how many."""

    def drop(self, event_ids: Collection[int]) -> int:
        """Forget events that will never be sent; returns how many."""
