"""Emotion, age and gender from voices: recordings of held-out speakers through the estimator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.core.estimates import AttributeEstimate, Channel
from kiosk.core.media import SPEECH_RATE
from kiosk.core.ports.inference import VoiceAttributes
from kiosk.datasets.collections import Collection, Item, Kind, read_collection
from kiosk.datasets.splits import unjudged
from kiosk.evaluation.attributes.channels import AttributeRun
from kiosk.evaluation.attributes.face import packed, truth_of, unpacked
from kiosk.evaluation.attributes.metrics import Judged, judged
from kiosk.evaluation.extraction.embedding_cache import content_key
from kiosk.evaluation.extraction.extract import Unreadable
from kiosk.inference.manifest import find_entry, locate, model_id
from kiosk.inference.voice.attributes import NAME, load_voice_attributes

SETS = tuple(
    f"voices/{name}"
    for name in (
        "emotiontts_ko",
        "ravdess_en",
        "emodb_de",
        "timit_en",
        "pansori_ko",
        "librispeech_en",
    )
)
"""Of the shared recordings; of these, speakers held out when the network was made."""
_LANGUAGES = {"ko": "Korean", "en": "English", "de": "German"}


def judge_voices(run: AttributeRun) -> list[Judged]:
    """Every folder or index of recordings; of the development ones, held-out speakers alone."""
    estimator = load_voice_attributes(run.settings)
    entry = find_entry(NAME)
    model = model_id(entry, locate(entry, run.settings))
    sets = []
    for path in run.paths(SETS, _holds_sound):
        collection = read_collection(path).of(Kind.SOUND)
        if collection.development:
            collection = unjudged(collection)
        sets.append(_judge(collection.limited(run.limit), estimator, model, run))
    return sets


def _holds_sound(path: Path) -> bool:
    try:
        return any(item.kind is Kind.SOUND for item in read_collection(path).items)
    except InputError:
        return False


def _judge(
    collection: Collection, estimator: VoiceAttributes, model: str, run: AttributeRun
) -> Judged:
    estimates, truths = [], []
    language = _LANGUAGES.get(collection.name.rpartition("_")[2], "")
    for place in run.context.track(range(len(collection.items)), f"{collection.name}, {model}"):
        item = collection.items[place]
        made = _attempt(item, estimator, model, run)
        if made is not None:
            truth = truth_of(item)
            groups = {"language": language} if language else {}
            estimates.append(made)
            truths.append(replace(truth, groups=groups))
    if not truths:
        raise InputError(f"{collection.name} holds no speech.", "Give recordings of speech.")
    silent = len(collection.items) - len(truths)
    people = len(collection.subjects())
    note = f"{people} speakers; {silent} recordings left out without half a second of speech."
    return judged(collection.name, Channel.VOICE, estimates, truths, (note,))


def _attempt(
    item: Item, estimator: VoiceAttributes, model: str, run: AttributeRun
) -> AttributeEstimate | None:
    """From the cache, or made now from what the kiosk takes for speech."""
    store, maker = run.context.store, f"attributes:{model}"
    try:
        key = content_key(item.content())
        row = store.get(maker, key)
        if row is None:
            row = _estimated(run.context.speech(item).speech, estimator)
            store.put(maker, key, row)
        if row.size:
            return replace(unpacked(row), channel=Channel.VOICE)
        run.context.tally.skip(item, "too little speech")
    except Unreadable:
        run.context.tally.skip(item, "not readable")
    return None


def _estimated(speech: NDArray[np.float32], estimator: VoiceAttributes) -> NDArray[np.float32]:
    if len(speech) < SPEECH_RATE // 2:
        return np.empty(0, dtype=np.float32)
    return packed(estimator.estimate(speech))
