"""Who may be used for what. People never cross from learning to measuring, and no list is kept: a
hash of who somebody is says on which side they are, on every machine and whatever else is read.

| side | who | for |
| --- | --- | --- |
| `Half.CALIBRATE`, `Half.REPORT` | half of everybody | fitting calibrations and fusion; reporting |
| `kept_from_voice` | of a small set a third of each gender, else a twentieth | voice network |
| `kept_from_attributes` | a sixth of each gender of a set | attributes of a voice |
| `kept_from_text` | a fifth of the Korean comments | emotion of a text |
| `kept_from_cover` | every fifth person in the order of their names | the cover head's report |
| `kept_for_stopping` | a share of those who are left to learn from | when a run stops |

The shipped weights were trained and their figures measured with these rules: a change of any would
measure networks on people they have learnt from. `tests/datasets/test_splits.py` pins them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection, Item

Speaker: TypeAlias = tuple[str, str]
"""The collection and the name in it."""
Recorded: TypeAlias = tuple[str, str, str]
"""One recording: the collection, the speaker's gender ("" where not known) and name."""

LARGE = 60
"""Speakers beyond whom a collection is large."""
SEVERAL = 10
"""Recordings of one speaker that make a comparison with themselves worth something."""
COMMAND = re.compile(r"^([0-9a-f]+)_nohash_\d+$")
NUMBERED_WORD = re.compile(r"^(\d{8})_[A-Z]+_\d+$")


class Half(StrEnum):
    """Of the people of a collection."""

    CALIBRATE = "calibrate"
    REPORT = "report"


def half_of(collection: str, subject: str) -> Half:
    """The half somebody belongs to."""
    digest = hashlib.blake2b(f"{collection}/{subject}".encode(), digest_size=1).digest()
    return Half.CALIBRATE if digest[0] % 2 else Half.REPORT


def in_half(collection: str, subjects: Iterable[object], half: Half) -> NDArray[np.bool_]:
    """Which of these people (n,) of one collection belong to a half."""
    return np.array([half_of(collection, str(name)) is half for name in subjects], dtype=np.bool_)


def only(collection: Collection, half: Half) -> Collection:
    """The people of one half. Raises InputError where there are none."""

    def wanted(item: Item) -> bool:
        return half_of(collection.name, item.subject) is half

    return collection.where(wanted, f"people of the half to {half}")


def unheard(collection: Collection) -> Collection:
    """The recordings of speakers whom the project's own voice network was not trained on.

    Raises InputError where there are none.
    """
    words = {collection.name} if any(map(is_word, _files(collection))) else set[str]()
    kept = kept_from_voice(_recorded(collection), words)
    return _speakers(collection, kept, "speakers kept out of training")


def heard(collection: Collection) -> Collection:
    """The recordings of all others. Raises InputError where there are none."""
    known = {(collection.name, item.subject) for item in unheard(collection).items}
    others = {(collection.name, item.subject) for item in collection.items} - known
    return _speakers(collection, others, "speakers who may be learnt from")


def unjudged(collection: Collection) -> Collection:
    """The recordings of speakers whom no training of voice attributes heard.

    Raises InputError where there are none.
    """
    kept = kept_from_attributes(_recorded(collection))
    return _speakers(collection, kept, "held-out speakers")


def _recorded(collection: Collection) -> list[Recorded]:
    return [(collection.name, item.gender, item.subject) for item in collection.items]


def _files(collection: Collection) -> Iterable[str]:
    return (item.member or item.path.name for item in collection.items)


def _speakers(collection: Collection, kept: set[Speaker], what: str) -> Collection:
    return collection.where(lambda item: (collection.name, item.subject) in kept, what)


def is_word(file: str) -> bool:
    """Whether a recording is a single word, by the name of its file."""
    stem = PurePath(file).stem
    return bool(COMMAND.match(stem) or NUMBERED_WORD.match(stem))


def kept_from_voice(recordings: Iterable[Recorded], words: Iterable[str] = ()) -> set[Speaker]:
    """The speakers kept out of the training of the voice network; `words` are the collections of
    single words.

    In a collection of up to sixty speakers the first third by hash of each gender; in larger ones,
    and in those of words, one in twenty by hash. Where under a twentieth of a collection's speakers
    have ten recordings, those few are kept out instead: the others cannot be compared with
    themselves.
    """
    collections: dict[str, Counter[Speaker]] = defaultdict(Counter)
    for collection, gender, speaker in recordings:
        collections[collection][gender, speaker] += 1
    kept: set[Speaker] = set()
    for name, people in collections.items():
        several = [speaker for (_, speaker), count in people.items() if count >= SEVERAL]
        if 0 < len(several) < len(people) / 20:
            kept |= {(name, speaker) for speaker in several}
        elif len(people) > LARGE or name in words:
            kept |= {(name, each) for _, each in people if int(_hash(name, each)[:8], 16) % 20 == 0}
        else:
            kept |= _first_of_each_gender(((name, *person) for person in people), 3)
    return kept


def kept_from_attributes(recordings: Iterable[Recorded]) -> set[Speaker]:
    """The speakers kept out of the training of voice attributes: the first sixth by hash of each
    gender in each collection, at least one."""
    return _first_of_each_gender(recordings, 6)


def _first_of_each_gender(people: Iterable[Recorded], one_of: int) -> set[Speaker]:
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for collection, gender, speaker in people:
        groups[collection, gender].add(speaker)
    return {
        (collection, speaker)
        for (collection, _), speakers in groups.items()
        for speaker in by_hash(collection, speakers)[: -(-len(speakers) // one_of)]
    }


def by_hash(collection: str, names: Iterable[str]) -> list[str]:
    """Names in an order that has nothing to do with who they are."""
    return sorted(names, key=lambda name: _hash(collection, name))


def _hash(collection: str, name: str) -> str:
    return hashlib.sha256(f"{collection}/{name}".encode()).hexdigest()


def kept_from_text(keys: Iterable[str]) -> NDArray[np.bool_]:
    """Which Korean comments (n,) are for measuring alone; of English ones a file of its own is."""
    return np.array([crc32(key.encode()) % 5 == 0 for key in keys], dtype=np.bool_)


def kept_from_cover(people: Iterable[str]) -> set[str]:
    """The people whom the cover head's report is about."""
    return set(sorted(set(people))[::5])


def kept_for_stopping(
    people: Sequence[object], share: float, seed: int, fewest: int = 2
) -> NDArray[np.bool_]:
    """Which samples (n,) of these people (n,) are not learnt from, but say when a run stops.

    `share` of the people, whole, the first by hash. Nothing is reported on them, so the seed of the
    run may choose them anew.

    Raises:
        InputError: that would be fewer than `fewest` people.
    """
    names = {str(person) for person in people}
    count = round(share * len(names))
    if count < fewest:
        text = f"{len(names)} people are too few to keep {share:.0%} for early stopping."
        raise InputError(text, "Give more of them.")
    kept = set(by_hash(str(seed), names)[:count])
    return np.array([str(person) in kept for person in people], dtype=np.bool_)
