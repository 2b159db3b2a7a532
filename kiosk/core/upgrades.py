"""One recogniser taking the place of another, subject by subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.core.media import Modality


class UpgradeState(StrEnum):
    """Whether an upgrade goes on; that it is complete follows from nobody being left."""

    RUNNING = "running"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class ModelUpgrade:
    """Templates of the model `old` are being replaced by those of `new`; both are model ids.

    `changed` subjects have been carried over and not taken back since; of the `waiting` ones, who
    still have templates of `old`, samples are kept of `begun` already.
    """

    upgrade_id: int
    modality: Modality
    old: str
    new: str
    state: UpgradeState
    started: datetime
    changed: int
    waiting: int
    begun: int

    @property
    def complete(self) -> bool:
        """Whether nobody is left to carry over."""
        return self.state is not UpgradeState.ROLLED_BACK and not self.waiting
