"""Speaker verification by seconds of speech: what a kiosk hears is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.domain import Embedding
from kiosk.errors import InputError
from kiosk.evaluation import metrics
from kiosk.evaluation.data import Collection, Item
from kiosk.evaluation.extract import Samples, Workshop, gather, voice_of
from kiosk.evaluation.intervals import Estimate, pair_estimates
from kiosk.evaluation.scores import all_pairs
from kiosk.evaluation.store import content_key
from kiosk.ports import VoiceEmbedder

SECONDS: tuple[float | None, ...] = (None, 1.0, 2.0, 3.0, 5.0)
"""None: each recording as it is, its pauses removed."""
_SPEECH_LENGTH = "speech-seconds-1"


@dataclass(frozen=True)
class SpeakerFigure:
    """EER of one set at one length; `segments` of `speakers`."""

    seconds: float | None
    eer: Estimate
    speakers: int
    segments: int


def speech_seconds(item: Item, workshop: Workshop) -> float:
    """Seconds of speech in a recording, 0 for one that cannot be read."""
    try:
        key = content_key(item.content())
        kept = workshop.store.get(_SPEECH_LENGTH, key)
        if kept is None:
            length = workshop.speech(item).seconds
            kept = np.array([length], dtype=np.float32)
            workshop.store.put(_SPEECH_LENGTH, key, kept)
        return float(kept[0])
    except InputError as error:
        workshop.tally.skip(item, "not usable", error.text)
    except (OSError, KeyError):
        workshop.tally.skip(item, "not readable")
    return 0.0


def segments(
    collection: Collection, lengths: Sequence[float], seconds: float
) -> list[tuple[int, ...]]:
    """Places of the recordings joined to each segment of `seconds`.

    Recordings of one speaker and one condition are joined in their order until there is enough; no
    recording is part of two segments, so no mated pair shares a sentence.
    """
    found: list[tuple[int, ...]] = []
    for places in collection.subjects().values():
        conditions: dict[str, list[int]] = {}
        for place in places:
            conditions.setdefault(collection.items[place].condition, []).append(place)
        for same in conditions.values():
            found += _filled(same, lengths, seconds)
    return found


def _filled(places: list[int], lengths: Sequence[float], seconds: float) -> list[tuple[int, ...]]:
    found, current, length = [], list[int](), 0.0
    for place in places:
        if lengths[place] <= 0:
            continue
        current.append(place)
        length += lengths[place]
        if length >= seconds:
            found.append(tuple(current))
            current, length = [], 0.0
    return found


def segment_samples(
    collection: Collection, embedder: VoiceEmbedder, workshop: Workshop, seconds: float | None
) -> Samples | None:
    """One embedding a segment; None where no speaker has enough speech."""
    title = f"{collection.name}, {embedder.model_id}"
    everything = range(len(collection.items))
    lengths = [speech_seconds(collection.items[n], workshop) for n in everything]
    groups = (
        [(place,) for place in everything if lengths[place] > 0]
        if seconds is None
        else segments(collection, lengths, seconds)
    )
    found: list[tuple[int, Embedding]] = []
    for number in workshop.track(range(len(groups)), title):
        items = [collection.items[place] for place in groups[number]]
        embedding = voice_of(items, seconds, embedder, workshop)
        if embedding is not None:
            found.append((groups[number][0], embedding))
    if not found:
        return None
    numbers = {name: n for n, name in enumerate(collection.subjects())}
    samples = gather(collection, embedder.model_id, numbers, found)
    return replace(samples, cohort=embedder.cohort)


def speaker_figure(samples: Samples, seconds: float | None, seed: int) -> SpeakerFigure | None:
    """EER over all pairs, mated ones of two different emotions where the set labels emotions;
    None without both kinds of pairs."""
    across = bool((samples.condition != "").any())
    pairs = all_pairs(samples, seed, across_conditions=across)
    if not pairs.same.any() or pairs.same.all():
        return None
    eer = pair_estimates(pairs, {"eer": metrics.eer}, seed)["eer"]
    return SpeakerFigure(seconds, eer, np.unique(samples.subject).size, len(samples))
