"""What every way out is to the thread that sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kiosk.core.outgoing import DeliveryFailure, EventChannel, Undelivered

Body = Mapping[str, Any]


class NotDelivered(Exception):
    """An attempt failed. `refused`: the other side will never take this event, however often it
    is sent; `after` is how many seconds it asked to be left alone."""

    def __init__(
        self,
        failure: DeliveryFailure,
        detail: str = "",
        *,
        refused: bool = False,
        after: float = 0.0,
    ) -> None:
        self.problem = Undelivered(failure, detail)
        self.refused = refused
        self.after = after
        super().__init__(str(self.problem))


class Channel(Protocol):
    """One way out. Used by one thread; what it opens stays open until `close`."""

    name: EventChannel

    def send(self, uid: str, body: Body) -> str:
        """Send one event and wait until it has arrived; returns what the other side answered, in
        a word. Raises NotDelivered."""

    def close(self) -> None:
        """Let connections go; closing twice is allowed."""
