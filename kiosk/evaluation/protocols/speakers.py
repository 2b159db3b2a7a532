"""Speaker verification by seconds of speech: what a kiosk hears is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.core.errors import InputError
from kiosk.core.ports.inference import VoiceEmbedder
from kiosk.core.samples import Embedding
from kiosk.datasets.collections import Collection, Item
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.extraction.channels import SoundChannel
from kiosk.evaluation.extraction.embedding_cache import content_key
from kiosk.evaluation.extraction.extract import ExtractionContext, gather, voice_of
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.intervals import Estimate, pair_estimates
from kiosk.evaluation.metrics.scores import all_pairs

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


def speech_seconds(item: Item, context: ExtractionContext) -> float:
    """Seconds of speech in a recording, 0 for one that cannot be read."""
    try:
        key = content_key(item.content())
        kept = context.store.get(_SPEECH_LENGTH, key)
        if kept is None:
            length = context.speech(item).seconds
            kept = np.array([length], dtype=np.float32)
            context.store.put(_SPEECH_LENGTH, key, kept)
        return float(kept[0])
    except InputError as error:
        context.tally.skip(item, "not usable", error.text)
    except (OSError, KeyError):
        context.tally.skip(item, "not readable")
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
    collection: Collection,
    embedder: VoiceEmbedder,
    context: ExtractionContext,
    seconds: float | None,
    channel: SoundChannel | None = None,
) -> Samples | None:
    """One embedding a segment, as it sounds after `channel` if given; None where no speaker has
    enough speech."""
    title = f"{collection.name}, {embedder.model_id}"
    everything = range(len(collection.items))
    lengths = [speech_seconds(collection.items[n], context) for n in everything]
    groups = (
        [(place,) for place in everything if lengths[place] > 0]
        if seconds is None
        else segments(collection, lengths, seconds)
    )
    found: list[tuple[int, Embedding]] = []
    for number in context.track(range(len(groups)), title):
        items = [collection.items[place] for place in groups[number]]
        embedding = voice_of(items, seconds, embedder, context, channel)
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
    eer = pair_estimates(pairs, {"eer": error_rates.eer}, seed)["eer"]
    return SpeakerFigure(seconds, eer, np.unique(samples.subject).size, len(samples))
