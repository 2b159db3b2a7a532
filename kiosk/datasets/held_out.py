"""Who is kept out of the training of attribute estimates, so that measuring knows it too."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

ONE_OF = 6
"""One speaker in so many, of each gender in each collection, is held out."""


def held_out_speakers(people: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Collections and speakers held out, of (collection, gender, speaker): of each gender in each
    collection the first sixth by the hash of collection and speaker, at least one."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for collection, gender, speaker in people:
        groups[collection, gender].add(speaker)
    return {
        (collection, speaker)
        for (collection, _), speakers in groups.items()
        for speaker in by_hash(collection, speakers)[: -(-len(speakers) // ONE_OF)]
    }


def by_hash(collection: str, speakers: Iterable[str]) -> list[str]:
    """Speakers in an order that has nothing to do with who they are."""
    return sorted(
        speakers, key=lambda name: hashlib.sha256(f"{collection}/{name}".encode()).hexdigest()
    )
