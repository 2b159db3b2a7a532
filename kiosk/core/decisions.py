"""The outcome of comparing the probes of one visit with the gallery."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.media import Modality


class DecisionOutcome(StrEnum):
    """What the kiosk says."""

    IDENTIFIED = "identified"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"
    CONTRADICTED = "contradicted"
    """Face and voice speak of different people: neither a name nor a stranger."""
    NOT_LIVE = "not_live"
    """A picture, a film or a foreign voice rather than a living person; nobody is named."""


class DecisionReason(StrEnum):
    """Why nobody was identified; NONE where somebody was. Kept in the record and in JSON."""

    NONE = ""
    NO_EVIDENCE = "no_evidence"
    """Neither modality gave a usable sample."""
    EMPTY_GALLERY = "empty_gallery"
    """Nobody is enrolled with the models that made the probes."""
    BELOW_THRESHOLD = "below_threshold"
    """Nobody resembles the probes enough."""
    SMALL_MARGIN = "small_margin"
    """Two subjects resemble the probes nearly as much."""
    CONFLICT = "conflict"
    """Face and voice alone identify different subjects, or one hardly ever speaks like that about
    the right one."""
    UNCHECKED = "unchecked"
    """It would be somebody who enrolled themselves, whom staff have not checked and the operator
    does not have named."""
    NOT_LIVE = "not_live"
    """What was seen speaks for a presentation attack."""
    NOT_CHECKED = "not_checked"
    """A living person is required and too little was seen to tell."""


@dataclass(frozen=True)
class Candidate:
    """A subject the probes were compared with.

    Scores are comparison scores in the model's own scale (None where the modality is missing);
    `face_llr`, `voice_llr` and `fused_llr` are natural-log likelihood ratios, same person against
    different people; `probability` is that this subject is the right one, given everyone else in
    the gallery and the chance of a stranger.
    """

    subject_id: int
    name: str
    fused_llr: float
    probability: float
    face_score: float | None = None
    voice_score: float | None = None
    face_llr: float | None = None
    voice_llr: float | None = None


@dataclass(frozen=True)
class Decision:
    """The outcome of comparing one visit's probes with the gallery.

    `modalities` are those that took part; `face` and `voice` are the same decision made by one
    modality alone (None where it is missing); `conflict` is set when the modalities contradict
    each other; `reason` says why nobody was identified.
    """

    outcome: DecisionOutcome
    candidates: tuple[Candidate, ...] = ()
    modalities: tuple[Modality, ...] = ()
    probability: float = 0.0
    conflict: bool = False
    reason: DecisionReason = DecisionReason.NONE
    face: Decision | None = None
    voice: Decision | None = None

    @property
    def top(self) -> Candidate | None:
        """The best candidate, whether identified or not."""
        return self.candidates[0] if self.candidates else None
