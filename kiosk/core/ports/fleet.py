"""What the staff pages ask of the fleet that this kiosk belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.core.fleet import FleetBoard


class FleetOffice(Protocol):
    """Every kiosk of the fleet, and the way to put one out. All of it may wait for the gallery's
    disk or the network, and is never called on the screens' thread."""

    def is_member(self) -> bool:
        """Whether this kiosk belongs to a fleet; without a word to the server. Raises
        StorageError."""

    def look(self) -> FleetBoard:
        """How every kiosk stands; also where the server does not answer. Raises StorageError."""

    def revoke(self, name: str, role: str, password: str, tell: Callable[[float], None]) -> int:
        """Put a kiosk out for good as the server's owner, whose password is kept nowhere; `tell`
        hears the share that is done. Returns how many values were sealed anew. Raises FleetError,
        InputError, StorageError."""
