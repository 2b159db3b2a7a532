"""What keeps people who enrol themselves from doing it to others, or too often.

Nothing here tells who is enrolled: a name is never refused for being somebody's, everybody gets a
number behind theirs, and who is enrolled already hears what everybody hears.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from kiosk.core.media import Modality, Vector
from kiosk.core.name_skeleton import name_skeleton
from kiosk.core.names import clean_name
from kiosk.core.pooling import normalise
from kiosk.core.records import Origin, PersonSummary
from kiosk.core.subjects import Subject, Template

MOST_A_DAY = 20
"""So many unchecked people of the last day; then nobody more until one is checked or older."""
A_DAY = timedelta(days=1)
MOST_TRIES = 3
"""Of one person, each forgotten after `FORGET_AFTER` seconds."""
FORGET_AFTER = 3600.0
SAME_PERSON = 2.0
"""Natural-log ratio of two faces from which they count as one person's."""
_NUMBERS = range(100, 1000)


def is_full(people: Iterable[PersonSummary], now: datetime) -> bool:
    """Whether too many unchecked people came within a day. What is older does not count, so that
    whoever floods the kiosk closes it for a day at most."""
    recent = (each.origin is Origin.SELF and now - each.subject.created < A_DAY for each in people)
    return sum(recent) >= MOST_A_DAY


def numbered_name(name: str, subjects: Sequence[Subject]) -> str:
    """The name with a number at random, always: whether there is one behind it says nothing.
    Raises InputError for a name nobody may have."""
    own = clean_name(name)
    taken = {name_skeleton(each.name) for each in subjects}
    free = [n for n in _NUMBERS if name_skeleton(f"{own} {n}") not in taken]
    return f"{own} {secrets.choice(free or list(_NUMBERS))}"


class Tries:
    """How often the same face came to enrol itself of late; gone with the process, and each try
    after an hour. Only vectors are held, and only in memory."""

    def __init__(
        self, ratio: Callable[[Vector, Vector], float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ratio = ratio
        self._now = now
        self._seen: list[tuple[float, Vector]] = []

    def too_many(self, templates: Sequence[Template]) -> bool:
        """Count one more try of whoever these are of; whether that is one too many."""
        now = self._now()
        self._seen = [each for each in self._seen if now - each[0] < FORGET_AFTER]
        faces = [each.vector for each in templates if each.modality is Modality.FACE]
        if not faces:
            return False
        face = normalise(sum(faces[1:], start=faces[0]))
        same = sum(self._ratio(face, other) >= SAME_PERSON for _, other in self._seen)
        self._seen.append((now, face))
        return same >= MOST_TRIES
