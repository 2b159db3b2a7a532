"""Who may be used for what: the same people stay on the same sides, for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection, Item, Kind, read_collection
from kiosk.datasets.splits import (
    Half,
    half_of,
    in_half,
    is_word,
    kept_for_stopping,
    kept_from_attributes,
    kept_from_cover,
    kept_from_text,
    kept_from_voice,
    only,
    unheard,
    unjudged,
)
from kiosk.datasets.text_emotions import read_sentences
from tests.support.paths import SHARED as BESIDE

SHARED = BESIDE / "data"
NAMES = [f"person {number}" for number in range(400)]


def _mark(names: Iterable[str]) -> tuple[int, str]:
    """How many, and a hash of who."""
    found = sorted(names)
    return len(found), hashlib.sha256("\n".join(found).encode()).hexdigest()[:12]


def _speakers(count: int, each: int = 2) -> list[tuple[str, str, str]]:
    return [
        ("set", ("female", "male")[number % 2], NAMES[number])
        for number in range(count)
        for _ in range(each)
    ]


def _names(speakers: set[tuple[str, str]]) -> list[str]:
    return [speaker for _, speaker in speakers]


def test_no_rule_has_changed() -> None:
    several = [*_speakers(300), *_speakers(8, 10)]
    found = {
        "report": _mark(name for name in NAMES if half_of("set", name) is Half.REPORT),
        "voice, small": _mark(_names(kept_from_voice(_speakers(30)))),
        "voice, large": _mark(_names(kept_from_voice(_speakers(400)))),
        "voice, words": _mark(_names(kept_from_voice(_speakers(60), ["set"]))),
        "voice, several": _mark(_names(kept_from_voice(several))),
        "attributes": _mark(_names(kept_from_attributes(_speakers(60)))),
        "text": _mark(np.array(NAMES)[kept_from_text(NAMES)]),
        "cover": _mark(kept_from_cover(NAMES)),
        "stopping": _mark(np.array(NAMES)[kept_for_stopping(NAMES, 0.05, seed=1)]),
    }
    assert found == {
        "report": (223, "52bff77d4cc3"),
        "voice, small": (10, "0a51162016a3"),
        "voice, large": (17, "9c73e4726e9d"),
        "voice, words": (2, "3a447ac55ee5"),
        "voice, several": (8, "714da839caf1"),
        "attributes": (10, "c4f1df9a5846"),
        "text": (88, "ffde0bc98c3b"),
        "cover": (80, "8d60ec2131fd"),
        "stopping": (20, "53d77113d26c"),
    }


SHIPPED = {
    "voices/emodb_de": ((4, "d848179ee297"), (2, "0fef8e8e509c"), (3, "ff9544b4214a")),
    "voices/emotiontts_ko": ((4, "8cf0da79eb75"), (2, "791c9ff7415b"), (2, "8377cc7cf3c0")),
    "voices/librispeech_en": ((7, "d7dc4ae1fc75"), (29, "67dc4d1436b9"), (78, "9d19e13f0bed")),
    "voices/pansori_ko": ((9, "f564d6df50df"), (5, "f9e9b17c771e"), (11, "86d1b7bb414e")),
    "voices/ravdess_en": ((6, "9449510c1a12"), (4, "ff8bec5d8a3a"), (10, "0a094712e0a2")),
    "voices/timit_en": ((4, "66f07c5717c1"), (2, "7e16fe86b89c"), (6, "fc7157e42a75")),
}
"""Of each set, the speakers no voice network heard, those no attributes heard, and the half to
report: what docs/accuracy.md was measured on."""


@pytest.mark.shared
def test_the_shipped_figures_are_of_the_same_speakers() -> None:
    found = {}
    for name in SHIPPED:
        collection = read_collection(SHARED / name)
        sides = (unheard(collection), unjudged(collection), only(collection, Half.REPORT))
        found[name] = tuple(_mark(side.subjects()) for side in sides)
    assert found == SHIPPED


@pytest.mark.shared
def test_the_shipped_figures_are_of_the_same_faces_and_comments() -> None:
    found = {
        name: _mark(only(read_collection(SHARED / name), Half.REPORT).subjects())
        for name in ("faces/lfw", "faces/utkface/test.csv", "faces/fer2013/test.csv")
    }
    comments = read_sentences([SHARED / "text/kote_val.tsv"])
    kept = kept_from_text(comments.key)
    found["text"] = _mark(key for key, is_kept in zip(comments.key, kept, strict=True) if is_kept)
    assert found == {
        "faces/lfw": (1480, "624ae2911006"),
        "faces/utkface/test.csv": (988, "5180b57a7129"),
        "faces/fer2013/test.csv": (1798, "91de214290a6"),
        "text": (1036, "abe426ea3e55"),
    }


def test_what_else_is_read_moves_nobody() -> None:
    few, many = _speakers(40), [*_speakers(40), *(("other", "", name) for name in NAMES)]
    assert kept_from_voice(few) == {each for each in kept_from_voice(many) if each[0] == "set"}
    assert kept_from_attributes(few) == {
        each for each in kept_from_attributes(many) if each[0] == "set"
    }
    halves = in_half("set", NAMES, Half.REPORT)
    assert np.array_equal(halves[::-1], in_half("set", NAMES[::-1], Half.REPORT))


def test_stopping_takes_whole_people_and_each_seed_its_own() -> None:
    people = np.repeat(np.arange(40), 3).tolist()
    kept = kept_for_stopping(people, 0.1, seed=5)
    assert kept.sum() == 12
    assert not set(np.array(people)[kept]) & set(np.array(people)[~kept])
    assert not np.array_equal(kept, kept_for_stopping(people, 0.1, seed=6))
    with pytest.raises(InputError, match="too few"):
        kept_for_stopping(people[:6], 0.05, seed=5)


def test_a_large_collection_of_words_keeps_a_twentieth_for_measuring(tmp_path: Path) -> None:
    items = tuple(
        Item(tmp_path / f"{number:08x}_nohash_{take}.wav", NAMES[number], Kind.SOUND)
        for number in range(50)
        for take in range(2)
    )
    assert is_word(items[0].path.name)
    people = [("words", "", item.subject) for item in items]
    kept = _names(kept_from_voice(people, ["words"]))
    assert 0 < len(kept) < 10
    assert set(unheard(Collection("words", items)).subjects()) == set(kept)
