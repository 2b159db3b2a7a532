"""People and their takes: what a person shows the kiosk at once, from clips, pictures or sounds.

A clip is a take. Pictures and sounds are put together: some enrol, every other picture with a
sound is a visit. A person with a single clip is enrolled from its first half and visits in the
second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kiosk.capture.base import BaseSource, Event
from kiosk.capture.media import MediaSource
from kiosk.capture.window import Window
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame
from kiosk.core.ports.capture import Source
from kiosk.datasets.collections import Collection, Item, Kind
from kiosk.datasets.recordings import whole_sound
from kiosk.evaluation.extraction.extract import Unreadable, picture_of

PICTURE_INTERVAL = 0.2
"""Seconds between two pictures of a take: more than film has, so that nothing is followed."""
MOST_VISITS = 10
_ENROL_PICTURES = 5
_ENROL_SOUNDS = 4


@dataclass(frozen=True)
class Attempt:
    """Items shown at once; `begin` and `end` cut a clip, as shares of its length."""

    items: tuple[Item, ...]
    begin: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Person:
    """Somebody to enrol, and the visits to identify them in. `name` never leaves the process."""

    name: str
    enrol: tuple[Attempt, ...]
    visits: tuple[Attempt, ...]


class Presentation(BaseSource):
    """Pictures, one every PICTURE_INTERVAL, then sounds, as one recorded source."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        super().__init__()
        self._items = items
        self._closed = False

    def events(self) -> Iterator[Event]:
        """Frames, then sound. Raises InputError for a file that cannot be read."""
        pictures = [item for item in self._items if item.kind is Kind.PICTURE]
        for number, item in enumerate(pictures):
            if self._closed:
                return
            yield Frame(_picture(item), number * PICTURE_INTERVAL, number)
        start = 0.0
        for item in self._items:
            if item.kind is Kind.SOUND and not self._closed:
                chunk = whole_sound(item.path)
                yield AudioChunk(chunk.samples, chunk.rate, start)
                start += chunk.seconds

    def close(self) -> None:
        """End `events` after the current item."""
        self._closed = True


def _picture(item: Item) -> np.ndarray:
    try:
        return picture_of(item, item.content())
    except Unreadable as error:
        raise InputError(f"{item.name} is not a readable picture.", "Take it out.") from error


def clip_seconds(item: Item) -> float:
    """Length of a clip by its last frame or sound."""
    with MediaSource(item.path, longest=64) as source:
        ends = [
            event.time + (event.seconds if isinstance(event, AudioChunk) else 0.0)
            for event in source.events()
            if isinstance(event, Frame | AudioChunk)
        ]
    return max(ends, default=0.0)


def open_take(take: Attempt) -> Source:
    """A source that plays a take."""
    clips = [item for item in take.items if item.kind is Kind.CLIP]
    if not clips:
        return Presentation(take.items)
    source = MediaSource(clips[0].path)
    if (take.begin, take.end) == (0.0, 1.0):
        return source
    length = clip_seconds(clips[0])
    return Window(source, take.begin * length, None if take.end >= 1.0 else take.end * length)


def people_of(collection: Collection, most_visits: int = MOST_VISITS) -> list[Person]:
    """Everyone with enough files to enrol and visit, those with most visits first.

    Raises InputError where nobody has.
    """
    found = []
    for name, places in collection.subjects().items():
        items = [collection.items[place] for place in places]
        person = _person(name, items, most_visits)
        if person is not None:
            found.append(person)
    if not found:
        raise InputError(
            f"Nobody in {collection.name} has enough files to be enrolled and to visit.",
            "Give each person a clip, or at least two pictures or sounds.",
        )
    return sorted(found, key=lambda person: -len(person.visits))


def _person(name: str, items: list[Item], most_visits: int) -> Person | None:
    clips = [item for item in items if item.kind is Kind.CLIP]
    if len(clips) == 1:
        return Person(name, (Attempt((clips[0],), 0.0, 0.5),), halves_of(clips[0], most_visits))
    if clips:
        visits = tuple(Attempt((clip,)) for clip in clips[1 : 1 + most_visits])
        return Person(name, (Attempt((clips[0],)),), visits)
    pictures = [item for item in items if item.kind is Kind.PICTURE]
    sounds = [item for item in items if item.kind is Kind.SOUND]
    return put_together(name, pictures, sounds, most_visits)


def halves_of(clip: Item, count: int) -> tuple[Attempt, ...]:
    """The second half of a clip as one visit, or as `count` overlapping windows of two thirds of
    it."""
    if count == 1:
        return (Attempt((clip,), 0.5, 1.0),)
    begins = np.linspace(0.5, 2 / 3, count)
    return tuple(Attempt((clip,), float(begin), float(begin) + 1 / 3) for begin in begins)


def put_together(
    name: str, pictures: list[Item], sounds: list[Item], most_visits: int
) -> Person | None:
    """Up to half of the files enrol, the rest visits; None where one kind has a single file."""
    given = [_divided(part, most) for part, most in _shares(pictures, sounds) if part]
    if not given or not all(first and more for first, more in given):
        return None
    count = min(most_visits, *(len(more) for _, more in given))
    visits = [Attempt(tuple(more[number] for _, more in given)) for number in range(count)]
    enrol = Attempt(tuple(item for first, _ in given for item in first))
    return Person(name, (enrol,), tuple(visits))


def _shares(pictures: list[Item], sounds: list[Item]) -> list[tuple[list[Item], int]]:
    return [(pictures, _ENROL_PICTURES), (sounds, _ENROL_SOUNDS)]


def _divided(items: list[Item], most: int) -> tuple[list[Item], list[Item]]:
    first = min(most, len(items) // 2)
    return items[:first], items[first:]


def chimeric_people(
    faces: Collection, voices: Collection, seed: int, most_visits: int = MOST_VISITS
) -> list[Person]:
    """Each speaker paired with one person of the pictures, by a seed; they are called chimeric
    wherever they appear. Raises InputError where nobody can be paired."""
    random = np.random.default_rng(seed)
    seen = [p for p in people_of(faces, most_visits) if len(p.visits) >= min(3, most_visits)]
    heard = people_of(voices, most_visits)
    if not seen:
        raise InputError(f"Nobody in {faces.name} has enough pictures.", "Give another folder.")
    order = random.permutation(len(seen))[: len(heard)]
    found = []
    for number, (place, speaker) in enumerate(zip(order, heard, strict=False)):
        face = seen[int(place)]
        enrol = Attempt((*face.enrol[0].items, *speaker.enrol[0].items))
        visits = tuple(
            Attempt((*a.items, *b.items)) for a, b in zip(face.visits, speaker.visits, strict=False)
        )
        found.append(Person(f"chimeric {number}", (enrol,), visits))
    return found
