"""Folders and indexes, the cache, and extraction with a stand-in detector."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kiosk.core.cohort import Cohort
from kiosk.core.errors import InputError, StorageError
from kiosk.core.media import SPEECH_RATE, Frame, Image, Waveform
from kiosk.core.samples import (
    Embedding,
    FaceOutcome,
    FaceSample,
    LocatedFace,
    VoiceOutcome,
    VoiceSample,
)
from kiosk.datasets.collections import Collection, Item, Kind, read_collection
from kiosk.datasets.splits import Half, half_of, only, unheard
from kiosk.evaluation.extraction.embedding_cache import Store, content_key
from kiosk.evaluation.extraction.extract import ExtractionContext, face_samples, voice_samples
from kiosk.evaluation.protocols.speakers import segment_samples, segments
from tests.support.datasets import picture, write

# --- collections ---


def test_folder_per_person_with_prescribed_pairs(tmp_path: Path) -> None:
    for name in ("An/An_1.png", "An/An_2.png", "Bo/Bo_1.png", "Bo/notes.txt"):
        write(tmp_path / "images" / name)
    rows = "fold,a,b,same\n1,An/An_1.png,An/An_2.png,1\n2,An/An_1.png,Bo/Bo_1.png,0\n"
    write(tmp_path / "pairs.csv", rows.encode())
    found = read_collection(tmp_path)
    assert [item.subject for item in found.items] == ["An", "An", "Bo"]
    assert [(p.a, p.b, p.same, p.fold) for p in found.pairs] == [(0, 1, True, 1), (0, 2, False, 2)]


def test_pairs_of_missing_files_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "An" / "1.png")
    write(tmp_path / "pairs.csv", b"a,b,same\nAn/1.png,Bo/1.png,0\n")
    with pytest.raises(InputError, match="1 comparisons"):
        read_collection(tmp_path)


def test_flat_folder_reads_the_ancestors_names(tmp_path: Path) -> None:
    for name in ("kim@example.org-1.mp4", "kim@example.org-2.mp4", "other.wav"):
        write(tmp_path / name)
    found = read_collection(tmp_path)
    assert sorted(found.subjects()) == ["kim@example.org", "other"]
    assert found.of(Kind.SOUND).items[0].subject == "other"


def test_index_with_speakers_and_emotions(tmp_path: Path) -> None:
    write(tmp_path / "index.csv", "﻿file,speaker,gender,emotion\na/1.opus,a,f,joy\n".encode())
    item = read_collection(tmp_path).items[0]
    assert (item.subject, item.gender, item.condition, item.kind) == ("a", "f", "joy", Kind.SOUND)


def test_index_with_an_archive_and_race_codes(tmp_path: Path) -> None:
    write(tmp_path / "test.csv", b"file,age,gender,race\n0.png,32,female,2\n1.png,9,male,0\n")
    with zipfile.ZipFile(tmp_path / "test.zip", "w") as archive:
        archive.writestr("0.png", picture(3))
        archive.writestr("1.png", picture(4))
    found = read_collection(tmp_path)
    assert not found.known_subjects
    assert [(item.group, item.age) for item in found.items] == [("asian", 32), ("white", 9)]
    assert found.items[0].content() == picture(3)
    assert len(found.subjects()) == 2


@pytest.mark.parametrize("content", [b"person,path\na,b\n", b"file,speaker\n", b"\xff\xfe\x00"])
def test_bad_index_is_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "index.csv", content)
    with pytest.raises(InputError):
        read_collection(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no"):
        read_collection(tmp_path / "missing")
    with pytest.raises(InputError, match="no picture, sound or clip"):
        read_collection(tmp_path)


def test_limit_keeps_whole_people_and_every_fold(tmp_path: Path) -> None:
    for person in "abcdef":
        for number in (1, 2):
            write(tmp_path / person / f"{number}.png")
    assert len(read_collection(tmp_path).limited(4).subjects()) == 2
    rows = [f"{n},{p}/1.png,{p}/2.png,1" for n, p in enumerate("abc", 1)]
    rows += [
        f"{n},{p}/1.png,{q}/2.png,0" for n, (p, q) in enumerate(zip("def", "efa", strict=True), 1)
    ]
    write(tmp_path / "pairs.csv", ("fold,a,b,same\n" + "\n".join(rows)).encode())
    found = read_collection(tmp_path).limited(9)
    assert {pair.same for pair in found.pairs} == {True, False}
    assert len({pair.fold for pair in found.pairs}) == 3


# --- who may be used for what ---


def test_halves_are_stable_and_about_equal() -> None:
    names = [f"person {n}" for n in range(2000)]
    first = [name for name in names if half_of("set", name) is Half.CALIBRATE]
    assert 900 < len(first) < 1100
    assert half_of("set", "person 0") is half_of("set", "person 0")
    items = tuple(Item(Path("x"), name, Kind.PICTURE) for name in names)
    kept = only(Collection("set", items), Half.REPORT)
    assert not set(first) & {item.subject for item in kept.items}


def test_a_third_of_each_gender_is_held_out() -> None:
    items = tuple(
        Item(Path("x"), f"{gender}{n}", Kind.SOUND, gender=gender)
        for gender, count in (("female", 7), ("male", 3))
        for n in range(count)
    )
    kept = unheard(Collection("set", items)).subjects()
    assert sorted(name[0] for name in kept) == ["f", "f", "f", "m"]


# --- cache ---


def test_cache_is_private_and_outlives_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    key = content_key(b"content", "speech", 3.0)
    assert key != content_key(b"content", "speech", 2.0)
    with Store(folder) as store:
        store.put("model@1", key, np.array([1, 2], np.float32))
    with Store(folder) as store:
        kept = store.get("model@1", key)
        assert kept is not None
        assert kept.tolist() == [1, 2]
        assert store.get("model@2", key) is None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_two_evaluations_write_to_one_cache(tmp_path: Path) -> None:
    with Store(tmp_path / "cache") as one, Store(tmp_path / "cache") as two:
        for number in range(250):
            one.put("a", str(number), np.ones(1, np.float32))
            two.put("b", str(number), np.ones(1, np.float32))
        assert two.get("b", "249") is not None
    with Store(tmp_path / "cache") as later:
        assert later.get("a", "249") is not None
        assert later.get("b", "249") is not None


def test_cache_that_is_a_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "cache")
    with pytest.raises(StorageError):
        Store(tmp_path / "cache")


# --- extraction ---


class ShadeEmbedder:
    """A face model that knows shades of grey; counts its work."""

    model_id = "shade@1"
    dims = 2
    cohort: Cohort | None = None

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        self.calls += len(faces)
        angles = [float(face.image.mean()) / 100 for face in faces]
        return [Embedding(np.array([np.cos(a), np.sin(a)], np.float32), 0.5) for a in angles]


class LengthEmbedder:
    """A voice model that knows how much was said."""

    model_id = "length@1"
    dims = 2
    cohort: Cohort | None = None

    def embed(self, speech: Waveform) -> Embedding:
        angle = len(speech) / SPEECH_RATE
        return Embedding(np.array([np.cos(angle), np.sin(angle)], np.float32), 1.0)


def look(image: Image) -> FaceSample:
    frame = Frame(image, 0.0)
    if image.mean() < 1:
        return FaceSample(frame, FaceOutcome.NO_FACE)
    points = np.ones((5, 2), np.float32)
    return FaceSample(
        frame, FaceOutcome.USABLE, quality=0.5, located=LocatedFace(frame.image, points)
    )


def speech(item: Item) -> VoiceSample:
    seconds = float(item.content())
    sound = np.zeros(round(seconds * SPEECH_RATE), np.float32)
    quality = 0.8 * min(1.0, seconds / 3.0) ** 0.5
    return VoiceSample(sound, 0.0, seconds, VoiceOutcome.USABLE, quality=quality)


@pytest.fixture
def context() -> ExtractionContext:
    return ExtractionContext(Store(None), look, speech, Console(file=io.StringIO()))


def test_faces_are_embedded_once_and_bad_files_named(
    tmp_path: Path, context: ExtractionContext
) -> None:
    write(tmp_path / "a" / "1.png", picture(10))
    write(tmp_path / "a" / "2.png", picture(20))
    write(tmp_path / "a" / "black.png", picture(0))
    write(tmp_path / "b" / "broken.png", picture(30)[:40])
    write(tmp_path / "b" / "empty.png", b"")
    collection = read_collection(tmp_path)
    embedder = ShadeEmbedder()
    samples = face_samples(collection, embedder, context)
    again = face_samples(collection, embedder, context)
    assert embedder.calls == 2
    assert samples.place.tolist() == [0, 1]
    assert samples.failed == (2, 3, 4)
    np.testing.assert_array_equal(samples.vectors, again.vectors)
    assert samples.quality.tolist() == [0.25, 0.25]
    assert context.tally.reasons == {"no face found": 2, "not usable": 4}
    output = context.console.file
    assert isinstance(output, io.StringIO)
    assert "b/broken.png" in output.getvalue()


def test_nothing_usable_is_an_input_error(tmp_path: Path, context: ExtractionContext) -> None:
    write(tmp_path / "a" / "1.png", b"not a picture")
    with pytest.raises(InputError, match="gave an embedding"):
        face_samples(read_collection(tmp_path), ShadeEmbedder(), context)


def sounds(folder: Path, lengths: dict[str, list[float]]) -> Collection:
    for name, seconds in lengths.items():
        for number, length in enumerate(seconds):
            write(folder / name / f"{number}.wav", str(length).encode())
    return read_collection(folder)


def test_voices_need_half_a_second(tmp_path: Path, context: ExtractionContext) -> None:
    collection = sounds(tmp_path, {"a": [1.0, 0.2]})
    samples = voice_samples(collection, LengthEmbedder(), context)
    assert samples.failed == (1,)


def test_segments_share_no_recording(tmp_path: Path, context: ExtractionContext) -> None:
    collection = sounds(tmp_path, {"a": [1.0, 1.5, 2.0, 0.0, 5.0], "b": [2.9]})
    lengths = [float(item.content()) for item in collection.items]
    assert segments(collection, lengths, 2.0) == [(0, 1), (2,), (4,), (5,)]
    found = segment_samples(collection, LengthEmbedder(), context, 3.0)
    assert found is not None
    assert found.subject.tolist() == [0, 0]
    assert found.vectors[0] == pytest.approx([np.cos(3.0), np.sin(3.0)], abs=1e-6)
    assert found.quality == pytest.approx([0.8, 0.8])
    short = segment_samples(collection, LengthEmbedder(), context, 1.0)
    assert short is not None
    assert short.quality[0] == pytest.approx(0.8 / np.sqrt(3))
    assert segment_samples(collection, LengthEmbedder(), context, 10.0) is None


@pytest.mark.shared
def test_shared_layouts_are_understood(shared: Path) -> None:
    lfw = read_collection(shared / "data/faces/lfw")
    assert len(lfw.pairs) == 4200
    assert len(lfw.subjects()) == 2948
    voices = read_collection(shared / "data/voices/ravdess_en")
    assert {item.condition for item in voices.items} >= {"neutral", "calm"}
    strangers = read_collection(shared / "data/faces/utkface")
    assert not strangers.known_subjects
    assert len(strangers.items[0].content()) > 100
