"""Crops of speakers for the voice recipe, drawn evenly over collections and people."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kiosk.core.errors import InputError
from kiosk.inference.voice.networks.own import without_pauses
from kiosk.training.voice.augment import TEMPI, at_tempo
from kiosk.training.voice.data import Entry, VoiceCache, held_out_people

Person = tuple[str, str]
_LEAST_FRAMES = 200
"""Speakers with less than two seconds in all are left out."""


@dataclass(frozen=True, eq=False)
class Crop:
    """Decibels (batch, frames, 40) and the class of each."""

    decibels: Tensor
    labels: Tensor


class Bands:
    """One kind of bands of the people of one side of the split."""

    def __init__(self, cache: VoiceCache, people: set[Person], *, linear: bool) -> None:
        self.slaney = linear
        self._rows = cache.linear if linear else cache.mel
        places: dict[Person, list[tuple[int, int]]] = defaultdict(list)
        for entry in cache.entries:
            place = entry.linear if linear else entry.mel
            person = (entry.recording.collection, entry.recording.speaker)
            if place is not None and person in people and place[1] >= 20:
                places[person].append(place)
        self.places = {
            person: found
            for person, found in sorted(places.items())
            if sum(length for _, length in found) >= _LEAST_FRAMES
        }

    def frames(self, start: int, length: int) -> NDArray[np.float32]:
        """Decibels of a stretch, its pauses left out."""
        decibels = torch.from_numpy(np.asarray(self._rows[start : start + length], np.float32))
        kept: NDArray[np.float32] = _unpaused(decibels).numpy()
        return kept

    def crop(self, person: Person, frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """A random stretch of speech; short recordings are joined, long ones cut."""
        parts: list[NDArray[np.float32]] = []
        gathered = 0
        while gathered < frames:
            start, length = self.places[person][rng.integers(len(self.places[person]))]
            if length > 3 * frames:
                start, length = start + int(rng.integers(length - 2 * frames)), 2 * frames
            part = self.frames(start, length)
            if not parts and len(part) > frames:
                first = int(rng.integers(len(part) - frames + 1))
                part = part[first : first + frames]
            parts.append(part)
            gathered += len(part)
        return np.concatenate(parts)[:frames]


def _unpaused(decibels: Tensor) -> Tensor:
    power = without_pauses(torch.pow(10.0, decibels / 10.0))
    return 10.0 * torch.log10(power)


class PairedCrops:
    """The same speech in both kinds of bands, for fitting what joins the branches."""

    def __init__(self, cache: VoiceCache, people: set[Person], evenness: float, seed: int) -> None:
        both = [entry for entry in cache.entries if entry.linear is not None]
        self._kinds = [Bands(cache, people, linear=kind) for kind in (False, True)]
        self._entries: dict[Person, list[Entry]] = defaultdict(list)
        for entry in both:
            person = (entry.recording.collection, entry.recording.speaker)
            if all(person in kind.places for kind in self._kinds):
                self._entries[person].append(entry)
        self._people = sorted(self._entries)
        sizes = Counter(collection for collection, _ in self._people)
        share = np.array([sizes[name] ** (evenness - 1.0) for name, _ in self._people])
        self._share = share / share.sum()
        self._rng = np.random.default_rng(seed)

    def draw(self, frames: int) -> tuple[Tensor, Tensor, int]:
        """Decibels (frames, 40) of either kind and the number of the person."""
        number = int(self._rng.choice(len(self._people), p=self._share))
        entries = self._entries[self._people[number]]
        mel: list[NDArray[np.float32]] = []
        linear: list[NDArray[np.float32]] = []
        while sum(map(len, mel)) < frames or sum(map(len, linear)) < frames:
            entry = entries[self._rng.integers(len(entries))]
            start = int(self._rng.integers(max(1, entry.mel[1] - frames)))
            assert entry.linear is not None
            for kind, parts, place in zip(
                self._kinds, (mel, linear), (entry.mel, entry.linear), strict=True
            ):
                length = min(place[1] - start, 2 * frames)
                parts.append(kind.frames(place[0] + start, length))
        joined = (np.concatenate(parts)[:frames] for parts in (mel, linear))
        first, second = (torch.from_numpy(each) for each in joined)
        return first, second, number


class SpeakerBatches:
    """Random batches; one generator makes them the same for the same seed.

    Collections are drawn in proportion to a power of their number of people, people and recordings
    evenly. Each tempo makes new classes of the same people.
    """

    def __init__(self, bands: Bands, evenness: float, seed: int, *, tempi: bool = True) -> None:
        if len(bands.places) < 2:
            raise InputError("There are fewer than two speakers to train on.", "Add recordings.")
        self._bands = bands
        self._tempi = TEMPI if tempi else TEMPI[:1]
        self._people = list(bands.places)
        self._number = {person: number for number, person in enumerate(self._people)}
        self._members: dict[str, list[Person]] = defaultdict(list)
        for person in self._people:
            self._members[person[0]].append(person)
        sizes = np.array([len(members) for members in self._members.values()], np.float64)
        self._share = sizes**evenness / (sizes**evenness).sum()
        self.rng = np.random.default_rng(seed)

    @property
    def classes(self) -> int:
        """People times tempi."""
        return len(self._people) * len(self._tempi)

    def draw(self, batch: int, frames: int) -> Crop:
        """A batch of crops, each of another random person."""
        crops, labels = [], []
        names = list(self._members)
        for _ in range(batch):
            members = self._members[names[self.rng.choice(len(names), p=self._share)]]
            person = members[self.rng.integers(len(members))]
            number = int(self.rng.integers(len(self._tempi)))
            tempo = self._tempi[number]
            heard = self._bands.crop(person, max(1, round(frames * tempo)), self.rng)
            crops.append(at_tempo(heard, tempo, frames, slaney=self._bands.slaney))
            labels.append(self._number[person] + number * len(self._people))
        return Crop(torch.from_numpy(np.stack(crops)), torch.tensor(labels))


def split(cache: VoiceCache) -> tuple[set[Person], set[Person]]:
    """People to train on, and people held out."""
    recordings = [entry.recording for entry in cache.entries]
    held = held_out_people(recordings)
    return {(each.collection, each.speaker) for each in recordings} - held, held
