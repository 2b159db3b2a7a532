"""What else is gathered from a visit beside the embeddings that say who it is.

A visit asks every gatherer at the same moments: of each frame while it gathers, of each stretch of
listening, and once before the final answer. So an estimate of attributes or evidence of an attack
has its place without a change of the visit.
"""

from __future__ import annotations

from typing import Protocol

from kiosk.core.samples import FaceSample, VoiceSample


class EvidenceGatherer(Protocol):
    """Gathers something from one visit after the other; identification never waits for it."""

    def reset(self) -> None:
        """Forget everything of the visit."""

    def notice(self, sample: FaceSample) -> None:
        """A frame of the visit that is gathering, usable or not; must cost nothing."""

    def look(self) -> None:
        """The newest frame has been compared: there is time to work on what was noticed."""

    def listen(self) -> None:
        """Sound was heard: there is time to work on what the voice pipeline has gathered."""

    def taken(self, sample: VoiceSample) -> None:
        """The visit has taken the gathered speech out of the voice pipeline."""

    def settle(self) -> None:
        """The final answer is about to be told: what is still open is worked out now."""
