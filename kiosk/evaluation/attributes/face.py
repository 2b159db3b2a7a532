"""Emotion, age and gender from faces: pictures with labels through the kiosk's own way."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    Emotion,
    EmotionEstimate,
    Gender,
    GenderEstimate,
)
from kiosk.core.media import Image, Points
from kiosk.core.ports.inference import FaceAttributes
from kiosk.core.samples import FaceOutcome, LocatedFace
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Collection, Item, Kind, read_collection
from kiosk.evaluation.attributes.channels import AttributeRun
from kiosk.evaluation.attributes.metrics import EMOTIONS, Judged, Truth, judged
from kiosk.evaluation.extraction.extract import (
    ExtractionContext,
    Unreadable,
    picture_key,
    picture_of,
)

SETS = ("faces/utkface/test.csv", "faces/fer2013/test.csv", "faces/lfw")
"""Of the shared recordings: none was trained on."""

LookForFace: TypeAlias = Callable[[Image], tuple[int, Points] | None]

_POINTS = "attribute-points-1"
"""Of a picture are kept: how the face was found, and x, y of five landmarks."""
_CUT_SIDE = 256
"""A picture no larger than this may be cut to its face, so that a search cannot see all of it."""
_GROWN = 20
_HOW = ("found by the kiosk's search", "found by O-Net in the middle", "taken whole")
_GENDERS = {"male": Gender.MALE, "female": Gender.FEMALE}
_NAMES = {emotion.name.lower(): emotion for emotion in Emotion}


@dataclass
class FaceJudge:
    """Estimates of pictures, from the cache where they were made before.

    `look` finds the landmarks of a picture and says how (a place in `_HOW`), None without a face.
    """

    estimator: FaceAttributes
    model_id: str
    look: LookForFace
    context: ExtractionContext

    def judge(self, collection: Collection) -> Judged:
        """Every labelled picture of a collection. Raises InputError where no face was found."""
        estimates, truths = [], []
        how: Counter[str] = Counter()
        title = f"{collection.name}, {self.model_id}"
        for place in self.context.track(range(len(collection.items)), title):
            item = collection.items[place]
            found = self._attempt(item)
            if found is None:
                continue
            number, estimate = found
            how[_HOW[number]] += 1
            estimates.append(estimate)
            truths.append(truth_of(item))
        if not truths:
            raise InputError(f"{collection.name} shows no face.", "Give pictures of faces.")
        note = ", ".join(f"{how[name]:,} {name}" for name in _HOW if how[name])
        left_out = len(collection.items) - len(truths)
        if left_out:
            note += f", {left_out:,} left out without a face"
        notes = (f"{self.model_id}; {note}.",)
        return judged(collection.name, Channel.FACE, estimates, truths, notes)

    def _attempt(self, item: Item) -> tuple[int, AttributeEstimate] | None:
        try:
            content = item.content()
            return self._kept(item, content, picture_key(content))
        except (InputError, *Unreadable):
            self.context.tally.skip(item, "not readable")
        except NoFace:
            self.context.tally.skip(item, "no face found")
        return None

    def _kept(self, item: Item, content: bytes, key: str) -> tuple[int, AttributeEstimate]:
        """From the cache, or made now. Raises NoFace, InputError."""
        store, maker = self.context.store, f"attributes:{self.model_id}"
        seen, answer = store.get(_POINTS, key), store.get(maker, key)
        if seen is None:
            seen = self._look(picture_of(item, content))
            store.put(_POINTS, key, seen)
        if not seen.size:
            raise NoFace
        if answer is None:
            face = LocatedFace(picture_of(item, content), seen[1:].reshape(5, 2))
            answer = packed(self.estimator.estimate([face])[0])
            store.put(maker, key, answer)
        return int(seen[0]), unpacked(answer)

    def _look(self, image: Image) -> NDArray[np.float32]:
        found = self.look(image)
        if found is None:
            return np.empty(0, dtype=np.float32)
        how, points = found
        return np.concatenate([[how], points.ravel()]).astype(np.float32)


class NoFace(LookupError):
    """A picture without a face."""


def kiosk_look(
    settings: Settings, context: ExtractionContext
) -> Callable[[Image], tuple[int, Points] | None]:
    """The kiosk's search; for small pictures it finds nothing in, O-Net in the middle, and last the
    usual places of landmarks in pictures cut to a face. Raises ModelError without the weights."""
    from kiosk.datasets.tight_crops import cut_face, usual_points
    from kiosk.inference.face.detection import FaceDetector

    detector = FaceDetector(settings.min_face)

    def look(image: Image) -> tuple[int, Points] | None:
        sample = context.look(image)
        if sample.outcome is not FaceOutcome.NO_FACE and sample.landmarks is not None:
            return 0, sample.landmarks
        if max(image.shape[:2]) > _CUT_SIDE:
            return None
        face = cut_face(detector, image)
        return (1, face.landmarks) if face is not None else (2, usual_points(image))

    return look


def truth_of(item: Item) -> Truth:
    """The labels an index gives; what is no emotion or gender of ours counts as unknown. Adults are
    grouped by race once more: a small child's gender shows little, and sets differ in children."""
    grown = item.age is not None and item.age >= _GROWN
    return Truth(
        person=item.subject,
        emotion=_NAMES.get(item.condition),
        age=None if item.age is None else float(item.age),
        gender=_GENDERS.get(item.gender),
        groups={"race": item.group, "race, adults": item.group if grown else ""},
    )


def packed(estimate: AttributeEstimate) -> NDArray[np.float32]:
    """Seven probabilities, years, low, high, male, three marks of being sure; NaN for nothing."""
    emotion, age, gender = estimate.emotion, estimate.age, estimate.gender
    chances = emotion.probabilities if emotion else (np.nan,) * len(EMOTIONS)
    years = (age.years, age.low, age.high) if age else (np.nan,) * 3
    sure = [part is not None and part.sure for part in (emotion, age, gender)]
    male = gender.male if gender else np.nan
    return np.array([*chances, *years, male, *sure], dtype=np.float32)


def unpacked(row: NDArray[np.float32]) -> AttributeEstimate:
    """What `packed` was given."""
    kinds = len(EMOTIONS)
    chances, (years, low, high, male), sure = row[:kinds], row[kinds : kinds + 4], row[kinds + 4 :]
    return AttributeEstimate(
        Channel.FACE,
        None if np.isnan(chances[0]) else EmotionEstimate(_floats(chances), bool(sure[0])),
        None
        if np.isnan(years)
        else AgeEstimate(float(years), float(low), float(high), bool(sure[1])),
        None if np.isnan(male) else GenderEstimate(float(male), bool(sure[2])),
    )


def _floats(row: NDArray[np.float32]) -> tuple[float, ...]:
    return tuple(float(value) for value in row)


def read_faces(path: Path) -> Collection:
    """Pictures with labels: an index with emotion, age or gender, or folders of people beside a
    `gender.csv` with the columns name and gender (LFW). Raises InputError without any label."""
    collection = read_collection(path).of(Kind.PICTURE)
    listed = path / "gender.csv"
    if listed.is_file():
        collection = _with_genders(collection, listed)
    return collection.where(_is_labelled, "picture with an emotion, an age or a gender")


def _is_labelled(item: Item) -> bool:
    truth = truth_of(item)
    return any(label is not None for label in (truth.emotion, truth.age, truth.gender))


def _with_genders(collection: Collection, path: Path) -> Collection:
    with path.open(newline="", encoding="utf-8") as handle:
        genders = {row["name"]: row["gender"] for row in csv.DictReader(handle)}
    items = tuple(replace(i, gender=genders.get(i.subject, "")) for i in collection.items)
    return replace(collection, items=items)


def judge_faces(run: AttributeRun) -> list[Judged]:
    """The shipped network on each collection with labelled pictures. Raises ModelError without
    it."""
    from kiosk.inference.face.attributes import NAME, load_face_attributes
    from kiosk.inference.manifest import find_entry, locate, model_id

    collections = [read_faces(path).limited(run.limit) for path in run.paths(SETS, holds_faces)]
    if not collections:
        return []
    entry = find_entry(NAME)
    name = model_id(entry, locate(entry, run.settings))
    look = kiosk_look(run.settings, run.context)
    measured = replace(run.settings, emotion="auto", age="on", gender="on")  # as far as allowed
    judge = FaceJudge(load_face_attributes(measured), name, look, run.context)
    return [judge.judge(collection) for collection in collections]


def holds_faces(path: Path) -> bool:
    """Whether there are pictures in what the operator named."""
    return any(item.kind is Kind.PICTURE for item in read_collection(path).items)
