"""Who may be used for what: people never cross from fitting to reporting.

Everyone is put into one of two halves by a hash of who they are, so that the halves stay the same
whatever else is in a collection: calibration and fusion are fitted on CALIBRATE and reported on
REPORT.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

from kiosk.datasets.collections import Collection, Item


class Half(StrEnum):
    """Of the people of a collection."""

    CALIBRATE = "calibrate"
    REPORT = "report"


def half_of(collection: str, subject: str) -> Half:
    """By a hash of both names: the same on every machine and in every version."""
    digest = hashlib.blake2b(f"{collection}/{subject}".encode(), digest_size=1).digest()
    return Half.CALIBRATE if digest[0] % 2 else Half.REPORT


def only(collection: Collection, half: Half) -> Collection:
    """The people of one half. Raises InputError where there are none."""

    def wanted(item: Item) -> bool:
        return half_of(collection.name, item.subject) is half

    return collection.where(wanted, f"people of the half to {half}")


def unheard(collection: Collection) -> Collection:
    """The speakers that the project's own voice network was not trained on.

    The rule of its recipe: of each set, women and men apart, the third of the speakers whose
    SHA-256 of "set/speaker" is lowest; of LibriSpeech those with ten recordings.
    """
    kept = heldout_speakers(collection)
    return collection.where(lambda item: item.subject in kept, "speakers kept out of training")


_LONG_SET = "librispeech_en"
_LONG_RECORDINGS = 10


def heldout_speakers(collection: Collection) -> frozenset[str]:
    """Names of the speakers kept out of training; see `unheard`."""
    subjects = collection.subjects()
    if collection.name == _LONG_SET:
        return frozenset(
            name for name, places in subjects.items() if len(places) == _LONG_RECORDINGS
        )
    kept: set[str] = set()
    for gender in {item.gender for item in collection.items}:
        names = {item.subject for item in collection.items if item.gender == gender}
        ordered = sorted(names, key=lambda name: _order(f"{collection.name}/{name}"))
        kept |= set(ordered[: -(-len(ordered) // 3)])
    return frozenset(kept)


def _order(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
