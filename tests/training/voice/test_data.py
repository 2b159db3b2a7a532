"""Collections in the field's layouts are read, the broken files in them named and left out."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.errors import InputError
from kiosk.training.voice.batches import Bands, PairedCrops, SpeakerBatches, split
from kiosk.training.voice.data import (
    Recording,
    VoiceCache,
    build_cache,
    find_recordings,
    held_out_people,
    read_features,
    read_sound,
)
from tests.support.speech_files import write_features, write_wave
from tests.support.synthetic_voice import syllables


@pytest.mark.parametrize(
    ("file", "speaker"),
    [
        ("anna/one.wav", "anna"),
        ("anna/talk/one.wav", "anna"),
        ("wav/id10270/video/00001.wav", "id10270"),
        ("84/121123/84-121123-0001.flac", "84"),
        ("happy/0a7c2a8d_nohash_0.wav", "0a7c2a8d"),
        ("right/00000023_NO_01.wav", "00000023"),
    ],
)
def test_the_layout_tells_the_speaker(tmp_path: Path, file: str, speaker: str) -> None:
    write_wave(tmp_path / file, syllables(1, 0.5))
    (found,) = find_recordings("set", tmp_path)
    assert found.speaker == speaker


def test_words_of_one_hash_are_one_person_across_collections(tmp_path: Path) -> None:
    for folder in ("a/bed", "b/cat"):
        write_wave(tmp_path / folder / "0a7c2a8d_nohash_0.wav", syllables(1, 0.5))
    found = find_recordings("a", tmp_path / "a") + find_recordings("b", tmp_path / "b")
    assert len({(each.collection, each.speaker) for each in found}) == 1


def test_an_index_names_speaker_gender_and_emotion(tmp_path: Path) -> None:
    write_wave(tmp_path / "x/1.wav", syllables(1, 0.5))
    (tmp_path / "index.csv").write_text("file,speaker,gender,emotion\nx/1.wav,kim,female,anger\n")
    path = str(tmp_path / "x/1.wav")
    assert find_recordings("set", tmp_path) == [Recording("set", "kim", path, "female", "anger")]


def test_an_index_without_speakers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,gender\nx.wav,female\n")
    with pytest.raises(InputError, match="speaker"):
        find_recordings("set", tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recordings"):
        find_recordings("set", tmp_path)


def test_features_come_back_at_their_level(tmp_path: Path) -> None:
    wanted = write_features(tmp_path / "kim/a.p", "kim")
    found = read_features(tmp_path / "kim/a.p")
    np.testing.assert_allclose(found, wanted, atol=0.01)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('ran')",)


@pytest.mark.parametrize(
    "content",
    [_Evil(), {"feat": _Evil()}, {"feat": np.zeros((3, 7))}, {"other": 1}, [], {"feat": "text"}],
)
def test_other_pickles_are_refused_and_never_run(tmp_path: Path, content: object) -> None:
    (tmp_path / "x.p").write_bytes(pickle.dumps(content))
    with pytest.raises(InputError, match=r"x\.p"):
        read_features(tmp_path / "x.p")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 50])
def test_a_broken_sound_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.wav"):
        read_sound(tmp_path / "bad.wav")


def test_sound_is_brought_to_16_khz(tmp_path: Path) -> None:
    write_wave(tmp_path / "a.wav", syllables(1, 1.0, rate=48_000), 48_000)
    assert abs(len(read_sound(tmp_path / "a.wav")) - 16_000) < 50


@pytest.fixture
def cache(tmp_path: Path) -> VoiceCache:
    """Six speakers with sound, two with features, one broken and one silent file."""
    for speaker in range(6):
        for number in range(2):
            path = tmp_path / f"talk/s{speaker}/{number}.wav"
            write_wave(path, syllables(speaker, 2.0, seed=number))
    write_features(tmp_path / "old/kim/a.p", "kim")
    write_features(tmp_path / "old/choi/a.p", "choi")
    (tmp_path / "talk/s0/bad.wav").write_bytes(b"nothing")
    write_wave(tmp_path / "talk/s1/silent.wav", np.zeros(16_000))
    recordings = find_recordings("talk", tmp_path / "talk")
    recordings += find_recordings("old", tmp_path / "old")
    said: list[str] = []
    built = build_cache(recordings, tmp_path / "cache", said.append)
    assert said == built.skipped
    return built


def test_broken_files_are_counted_and_the_rest_is_kept(cache: VoiceCache) -> None:
    assert len(cache.entries) == 14
    assert len(cache.skipped) == 2
    assert any("bad.wav" in line for line in cache.skipped)
    assert sum(entry.linear is None for entry in cache.entries) == 2


def test_a_finished_cache_is_not_made_again(cache: VoiceCache, tmp_path: Path) -> None:
    recordings = find_recordings("talk", tmp_path / "talk")
    recordings += find_recordings("old", tmp_path / "old")
    before = (tmp_path / "cache/mel.f16").stat().st_mtime_ns
    build_cache(recordings, tmp_path / "cache", pytest.fail)
    assert (tmp_path / "cache/mel.f16").stat().st_mtime_ns == before


def test_a_cache_cut_short_is_made_again(cache: VoiceCache, tmp_path: Path) -> None:
    recordings = find_recordings("talk", tmp_path / "talk")

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_cache(recordings[:1], tmp_path / "cache", lambda _: None, die)
    again = build_cache(recordings, tmp_path / "cache", lambda _: None)
    assert again.power(*again.entries[-1].mel).shape == (again.entries[-1].mel[1], 40)


def test_people_cross_no_split(cache: VoiceCache) -> None:
    training, held = split(cache)
    assert training.isdisjoint(held)
    assert len([person for person in held if person[0] == "talk"]) == 2


def test_batches_are_the_same_for_the_same_seed(cache: VoiceCache) -> None:
    training, _ = split(cache)
    bands = Bands(cache, training, linear=False)
    first, second = (SpeakerBatches(bands, 0.5, seed=4).draw(6, 150) for _ in range(2))
    assert first.decibels.shape == (6, 150, 40)
    assert first.labels.tolist() == second.labels.tolist()
    assert np.array_equal(first.decibels.numpy(), second.decibels.numpy())


def test_paired_crops_hold_both_kinds_of_bands(cache: VoiceCache) -> None:
    training, _ = split(cache)
    mel, linear, person = PairedCrops(cache, training, 0.5, seed=1).draw(300)
    assert mel.shape == linear.shape == (300, 40)
    assert person >= 0


def _people(collection: str, count: int, each: int, gender: str = "") -> list[Recording]:
    return [
        Recording(collection, f"{gender}{n}", f"{n}/{k}.wav", gender)
        for n in range(count)
        for k in range(each)
    ]


def test_a_third_of_each_gender_of_a_small_collection_is_held_out() -> None:
    people = _people("talks", 6, 3, "female") + _people("talks", 21, 3, "male")
    held = {speaker for _, speaker in held_out_people(people)}
    assert sum(name.startswith("female") for name in held) == 2
    assert sum(name.startswith("male") for name in held) == 7


def test_one_in_twenty_of_a_large_collection_is_held_out() -> None:
    assert 10 < len(held_out_people(_people("many", 400, 5))) < 32


def test_the_few_with_many_recordings_are_held_out() -> None:
    others = [Recording("read", f"x{n}", f"x{n}.wav") for n in range(160)]
    held = held_out_people(others + _people("read", 7, 10))
    assert held == {("read", str(n)) for n in range(7)}


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x80\x04}r\xff\xff\xff\x7f.",  # LONG_BINPUT: a table of two thousand million places
        b"\x80\x04}p2147483647\n.",
        b"\x80\x05\x96" + (1 << 36).to_bytes(8, "little") + b"abc.",  # BYTEARRAY8 of 64 GiB
    ],
)
def test_a_few_bytes_cannot_make_the_reader_allocate_gigabytes(tmp_path: Path, bomb: bytes) -> None:
    """Found by fuzzing: 177 bytes took 1.5 GB, and more would have taken all there is."""
    resource = pytest.importorskip("resource")
    (tmp_path / "x.p").write_bytes(bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="is not a feature file"):
        read_features(tmp_path / "x.p")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_an_array_of_objects_is_refused_by_name(tmp_path: Path) -> None:
    """Its bytes would be read as pointers: in a process of its own, for that ends the process."""
    objects = np.empty((60, 40), dtype=object)
    numbers = np.zeros((60, 40), np.float64)
    whole = pickle.dumps({"feat": numbers}, protocol=4)
    # The dtype turned into one of objects, with the bytes of numbers behind it.
    turned = whole.replace(b"\x8c\x02f8", b"\x8c\x02O8")
    flagged = whole.replace(b"K\x00t", b"K?t")
    assert turned != whole
    files = []
    for number, content in enumerate((pickle.dumps({"feat": objects}), turned, flagged)):
        files.append(tmp_path / f"{number}.p")
        files[-1].write_bytes(content)
    code = (
        "import sys, pathlib\nfrom kiosk.core.errors import InputError\n"
        "from kiosk.training.voice.data import read_features\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n        read_features(pathlib.Path(name))\n        print('read')\n"
        "    except InputError as error:\n        print(error)\n"
    )
    command = [sys.executable, "-c", code, *map(str, files)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, (ended.returncode, ended.stdout, ended.stderr)
    refused = [line for line in ended.stdout.splitlines() if "array of object has no place" in line]
    assert len(refused) == 2
