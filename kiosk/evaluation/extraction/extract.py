"""From files to embeddings, once: what the cache holds is not computed again."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from kiosk.capture.picture import DECODER, decode_picture
from kiosk.core import progress
from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE, Image
from kiosk.core.ports.inference import FaceEmbedder, VoiceEmbedder
from kiosk.core.samples import Embedding, FaceSample, LocatedFace, VoiceSample
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Collection, Item
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.extraction.channels import SoundChannel
from kiosk.evaluation.extraction.embedding_cache import Store, content_key

LookAtFace = Callable[[Image], FaceSample]
ReadSpeech = Callable[[Item], VoiceSample]

_LOOK = "face-look-1"
"""Of a face are kept: outcome, quality, and x, y of five landmarks."""
_SHOWN_NAMES = 5
Unreadable = (OSError, ValueError, KeyError, zipfile.BadZipFile)


@dataclass
class Tally:
    """What was skipped and why; names go to the console, counts into the report."""

    console: Console
    reasons: dict[str, int] = field(default_factory=dict)

    def skip(self, item: Item, why: str, detail: str = "") -> None:
        """Name the file and the detail, for the first few of each reason."""
        seen = self.reasons.get(why, 0)
        self.reasons[why] = seen + 1
        if seen < _SHOWN_NAMES:
            text = f"skipped {item.name}: {detail or why}"
            self.console.print(text, highlight=False, markup=False)
        elif seen == _SHOWN_NAMES:
            self.console.print(f"more are skipped: {why}", highlight=False, markup=False)


@dataclass
class ExtractionContext:
    """What extraction needs: cache, console, and the way from a picture to a judged face and from a
    recording to speech."""

    store: Store
    look: LookAtFace
    speech: ReadSpeech
    console: Console
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally(self.console)

    def track(self, items: Sequence[int], title: str) -> Iterable[int]:
        """Progress with count and time left."""
        yield from progress.track(items, title, self.console)
        self.store.commit()


def picture_of(item: Item, content: bytes) -> Image:
    """A picture as the kiosk sees it. Raises InputError."""
    return decode_picture(content, item.name)


def picture_key(content: bytes) -> str:
    """The cache's key of what is computed of a picture: its content and the way it is decoded."""
    return content_key(content, DECODER)


def face_samples(
    collection: Collection, embedder: FaceEmbedder, context: ExtractionContext
) -> Samples:
    """An embedding of the face in every picture, of any outcome, with the quality a visit gives it.

    Raises InputError if there is none.
    """

    def embed(item: Item) -> Embedding | None:
        return _face(item, embedder, context)

    samples = _extract(collection, embedder.model_id, embed, context)
    return replace(samples, cohort=embedder.cohort)


def _face(item: Item, embedder: FaceEmbedder, context: ExtractionContext) -> Embedding | None:
    content = item.content()
    key = picture_key(content)
    kept = context.store.get(embedder.model_id, key)
    if kept is None:
        kept = _compute_face(picture_of(item, content), key, embedder, context)
        context.store.put(embedder.model_id, key, kept)
    if not kept.size:
        context.tally.skip(item, "no face found")
        return None
    return Embedding(kept[1:], float(kept[0]))


def _compute_face(
    image: Image, key: str, embedder: FaceEmbedder, context: ExtractionContext
) -> NDArray[np.float32]:
    seen = context.store.get(_LOOK, key)
    if seen is None:
        seen = _look(image, context.look)
        context.store.put(_LOOK, key, seen)
    if not seen.size:
        return seen
    embedding = embedder.embed([LocatedFace(image, seen[2:].reshape(5, 2))])[0]
    return packed(embedding.weighed(float(seen[1])))


def _look(image: Image, look: LookAtFace) -> NDArray[np.float32]:
    sample = look(image)
    if sample.landmarks is None:
        return np.empty(0, dtype=np.float32)
    judged = np.array([sample.outcome, sample.quality], dtype=np.float32)
    return np.concatenate([judged, sample.landmarks.astype(np.float32).ravel()])


def packed(embedding: Embedding) -> NDArray[np.float32]:
    """Quality, then the vector: as the cache keeps it."""
    return np.concatenate([np.array([embedding.quality], np.float32), embedding.vector]).astype(
        np.float32
    )


def voice_samples(
    collection: Collection, embedder: VoiceEmbedder, context: ExtractionContext
) -> Samples:
    """An embedding of the speech of every recording. Raises InputError if none has any."""

    def embed(item: Item) -> Embedding | None:
        return voice_of([item], None, embedder, context)

    samples = _extract(collection, embedder.model_id, embed, context)
    return replace(samples, cohort=embedder.cohort)


def voice_of(
    items: Sequence[Item],
    seconds: float | None,
    embedder: VoiceEmbedder,
    context: ExtractionContext,
    channel: SoundChannel | None = None,
) -> Embedding | None:
    """Of the speech of several recordings joined and cut to `seconds`, None where it is too short;
    as it sounds after `channel`, if given.

    Raises what `Item.content` raises, and InputError for a damaged recording.
    """
    contents = b"".join(content_key(item.content()).encode() for item in items)
    way = () if channel is None else (channel.name,)
    key = content_key(contents, "speech", seconds, *way)
    kept = context.store.get(embedder.model_id, key)
    if kept is None:
        kept = _compute_voice(items, seconds, embedder, context, channel)
        context.store.put(embedder.model_id, key, kept)
    if not kept.size:
        if seconds is None:
            context.tally.skip(items[0], "too little speech")
        return None
    return Embedding(kept[1:], float(kept[0]))


SHORTEST_SPEECH = 0.5
"""Seconds an embedder needs at least."""


def _compute_voice(
    items: Sequence[Item],
    seconds: float | None,
    embedder: VoiceEmbedder,
    context: ExtractionContext,
    channel: SoundChannel | None,
) -> NDArray[np.float32]:
    heard = [context.speech(item) for item in items]
    speech = np.concatenate([sample.speech for sample in heard])
    needed = round(SPEECH_RATE * (SHORTEST_SPEECH if seconds is None else seconds))
    if len(speech) < needed:
        return np.empty(0, dtype=np.float32)
    used = speech if seconds is None else speech[:needed]
    embedding = embedder.embed(used if channel is None else channel.through(used))
    return packed(embedding.weighed(_heard_quality(heard, len(used) / SPEECH_RATE)))


FULL_SECONDS = Settings().speech_seconds
"""Speech from which its length takes nothing off a sample's quality."""


def _length_factor(seconds: float) -> float:
    return math.sqrt(min(1.0, seconds / FULL_SECONDS))


def _heard_quality(samples: Sequence[VoiceSample], seconds: float) -> float:
    """What a visit would say of `seconds` cut from these recordings: their mean quality but for
    length, which is that of the cut."""
    clear = [s.quality / _length_factor(s.seconds) for s in samples if len(s.speech)]
    return float(np.mean(clear)) * _length_factor(seconds)


def _extract(
    collection: Collection,
    model_id: str,
    embed: Callable[[Item], Embedding | None],
    context: ExtractionContext,
) -> Samples:
    numbers = {name: n for n, name in enumerate(collection.subjects())}
    found: list[tuple[int, Embedding]] = []
    failed = []
    title = f"{collection.name}, {model_id}"
    for place in context.track(range(len(collection.items)), title):
        embedding = _attempt(collection.items[place], embed, context)
        if embedding is None:
            failed.append(place)
        else:
            found.append((place, embedding))
    if not found:
        raise InputError(
            f"Nothing in {collection.name} gave an embedding.", "Check the recordings."
        )
    return gather(collection, model_id, numbers, found, tuple(failed))


def _attempt(
    item: Item, embed: Callable[[Item], Embedding | None], context: ExtractionContext
) -> Embedding | None:
    try:
        return embed(item)
    except InputError as error:
        context.tally.skip(item, "not usable", error.text)
    except Unreadable:
        context.tally.skip(item, "not readable")
    return None


def gather(
    collection: Collection,
    model_id: str,
    numbers: dict[str, int],
    found: Sequence[tuple[int, Embedding]],
    failed: tuple[int, ...] = (),
) -> Samples:
    """Samples of embeddings, each given with the place of its item."""
    items = [collection.items[place] for place, _ in found]
    return Samples(
        model_id,
        np.stack([embedding.vector for _, embedding in found]),
        np.array([embedding.quality for _, embedding in found]),
        np.array([place for place, _ in found], dtype=np.int64),
        np.array([numbers[item.subject] for item in items], dtype=np.int64),
        np.array([item.group for item in items], dtype=np.str_),
        np.array([item.condition for item in items], dtype=np.str_),
        failed,
    )
