"""APCER, BPCER, IAPAR and non-response of judged presentations (ISO/IEC 30107-3, clause 13).

- APCER of one kind: share of its presentations that are called live;
- APNRR, BPNRR: share of attacks and of living people of whom nothing is said ("not checked");
- BPCER: share of living people called an attack;
- IAPAR of one kind: share of its presentations that are taken for the person shown *and* called
  live: what is named where a living person is required, as before a camera;
- the same where the check only warns: also those of whom nothing is said.

Intervals: people drawn again, rule of three where nothing occurred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import PadChannel
from kiosk.evaluation.metrics.intervals import Estimate, share
from kiosk.evaluation.pad.protocol import Judged
from kiosk.recognition.pad_operating_point import FILMS, PHOTOGRAPHS, PadDevelopment

UNCHECKED_SCORE = -99.0
"""Below every score."""


@dataclass(frozen=True)
class AttackFigures:
    """Of one kind of attack; the last three are None where nobody shown was enrolled."""

    kind: str
    presentations: int
    subjects: int
    apcer: Estimate
    non_response: Estimate
    match_rate: Estimate | None
    iapar: Estimate | None
    warned_iapar: Estimate | None


@dataclass(frozen=True)
class BonaFideFigures:
    """Of living people of one group, or of all (an empty `group`)."""

    group: str
    presentations: int
    subjects: int
    bpcer: Estimate
    non_response: Estimate


def rate(subjects: Sequence[str], hits: Sequence[bool], seed: int) -> Estimate:
    """Share of presentations that `hits` marks; `subjects` are those they show, one for each."""
    place = {name: number for number, name in enumerate(sorted(set(subjects)))}
    person = np.array([place[name] for name in subjects], dtype=np.int64)
    return share(np.array(hits, dtype=np.float64), person, len(place), seed)


def _rate(judged: Sequence[Judged], hit: Callable[[Judged], bool], seed: int) -> Estimate:
    return rate([one.subject for one in judged], [hit(one) for one in judged], seed)


def attack_figures(judged: Sequence[Judged], seed: int) -> list[AttackFigures]:
    """One for each kind, in alphabetical order."""
    found = []
    for kind in sorted({one.kind for one in judged if not one.bona_fide}):
        of_kind = [one for one in judged if one.kind == kind]
        known = [one for one in of_kind if one.matched is not None]
        found.append(
            AttackFigures(
                kind,
                len(of_kind),
                len({one.subject for one in of_kind}),
                _rate(of_kind, lambda one: one.accepted, seed),
                _rate(of_kind, lambda one: not one.accepted and not one.refused, seed),
                _rate(known, lambda one: bool(one.matched), seed) if known else None,
                _rate(known, lambda one: bool(one.matched) and one.accepted, seed)
                if known
                else None,
                _rate(known, lambda one: bool(one.matched) and not one.refused, seed)
                if known
                else None,
            )
        )
    return found


def bona_fide_figures(judged: Sequence[Judged], seed: int) -> list[BonaFideFigures]:
    """Of all living people, then of each group that is named."""
    living = [one for one in judged if one.bona_fide]
    groups = sorted({one.group for one in living if one.group})
    found = []
    for group in ["", *groups]:
        part = [one for one in living if not group or one.group == group]
        if part:
            found.append(
                BonaFideFigures(
                    group,
                    len(part),
                    len({one.subject for one in part}),
                    _rate(part, lambda one: one.refused, seed),
                    _rate(part, lambda one: not one.accepted and not one.refused, seed),
                )
            )
    return found


def development(judged: Sequence[Judged]) -> PadDevelopment | None:
    """The joint scores of people, photographs and films, from which settings are derived; None
    without people or without photographs. What was not checked is as good as refused, and nobody is
    called live whose pictures could not be judged."""

    def score(one: Judged) -> float:
        seen = one.score(PadChannel.FACE_PICTURE) is not None and one.checked
        found = one.liveness.pad_score if seen else None
        return UNCHECKED_SCORE if found is None else found

    def scores(of: Callable[[Judged], bool]) -> NDArray[np.float64]:
        return np.sort([score(one) for one in judged if of(one)])

    living = scores(lambda one: one.bona_fide)
    photographs = scores(lambda one: one.kind in PHOTOGRAPHS)
    if not living.size or not photographs.size:
        return None
    films = scores(lambda one: one.kind in FILMS)
    return PadDevelopment(living, photographs, films, len({one.subject for one in judged}))


def channel_scores(
    judged: Sequence[Judged], channel: PadChannel | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of living people and of attacks, joint or of one channel, where measured."""

    def of(one: Judged) -> float | None:
        return one.liveness.pad_score if channel is None else one.score(channel)

    living = [of(one) for one in judged if one.bona_fide]
    attacks = [of(one) for one in judged if not one.bona_fide]
    return (
        np.array([score for score in living if score is not None], dtype=np.float64),
        np.array([score for score in attacks if score is not None], dtype=np.float64),
    )
