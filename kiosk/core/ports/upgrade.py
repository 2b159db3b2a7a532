"""What the kiosk asks of a gallery so that one recogniser can take the place of another.

New samples of a subject are set aside (`set_aside`) until there are enough of them; then they
become its templates and those of the old model retire, in one step (`carry_over`), so that nobody
ever has half a set in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kiosk.core.decisions import Decision
from kiosk.core.liveness import Liveness
from kiosk.core.media import Modality
from kiosk.core.samples import Embedding
from kiosk.core.subjects import EnrolmentRecord, Template
from kiosk.core.upgrades import ModelUpgrade, UpgradeState


class UpgradeStore(Protocol):
    """Raises StorageError and its children throughout."""

    def holders(self, modality: Modality) -> dict[str, frozenset[int]]:
        """The subjects who have templates in use, by `model_id`."""

    def upgrades(self) -> list[ModelUpgrade]:
        """Newest first."""

    def begin_upgrade(self, modality: Modality, old: str, new: str) -> ModelUpgrade:
        """Begin, or go on with, replacing one model by another."""

    def set_upgrade_state(self, upgrade_id: int, state: UpgradeState) -> None:
        """Pause, go on; see `take_back` for the way back."""

    def set_aside(
        self, upgrade_id: int, subject_id: int, visit: str, templates: Sequence[Template]
    ) -> None:
        """Keep new samples of a subject from one visit (a word that no other visit has)."""

    def aside(self, upgrade_id: int, subject_id: int) -> list[tuple[str, Template]]:
        """What was set aside of a subject, with the visit, oldest first."""

    def discard_aside(self, upgrade_id: int, subject_id: int) -> None:
        """Forget what was set aside of a subject."""

    def carry_over(self, upgrade_id: int, subject_id: int) -> EnrolmentRecord:
        """What was set aside becomes the subject's templates; those of the old model retire."""

    def take_back(self, upgrade_id: int) -> int:
        """Undo every step of an upgrade that is still in force: old templates are in use again,
        new ones are deleted. Returns how many subjects that were."""


class VisitLearner(Protocol):
    """Who may learn from a visit; nothing is kept of it before it is over."""

    def decided(
        self, decision: Decision, samples: Mapping[str, Sequence[Embedding]], liveness: Liveness
    ) -> None:
        """A final decision, the visit's usable samples by `model_id`, and whether it was a living
        person."""

    def denied(self) -> None:
        """The visitor says that the decision is wrong."""

    def ended(self) -> None:
        """The visit is over; may be called when there was none."""
