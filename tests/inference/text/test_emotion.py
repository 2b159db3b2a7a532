"""The emotion of a sentence: its words, its limits, its file and its recipe."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.numpy import load_file, save_file

from kiosk.core.errors import InputError, ModelError
from kiosk.core.estimates import Channel, Emotion
from kiosk.core.settings import Settings
from kiosk.datasets import negated_sentences, other_languages, slang_sentences
from kiosk.datasets.negated_sentences import KOREAN_DENIALS, KOREAN_WORDS, Side
from kiosk.datasets.splits import kept_from_text
from kiosk.datasets.text_emotions import read_sentences
from kiosk.inference.text.emotion import (
    NetTextEmotion,
    TextEmotionConfig,
    TextEmotionNet,
    batch_of,
    load_text_emotion,
    load_text_net,
    save_text_emotion,
    spell,
)
from kiosk.inference.text.language import filter_of, is_known, is_read
from kiosk.inference.text.negation import affirmed, denies
from kiosk.inference.text.units import korean_share, parts_of, words_of
from kiosk.training.loop import RunOptions
from kiosk.training.text.recipe import TextEmotionRecipeConfig
from kiosk.training.text.run import train_text_emotion
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden" / "text-emotion.safetensors"
SENTENCES = (
    "나는 지금 너무 슬퍼",
    "I am so happy today",
    "나 so scared 😱",
    "그 회의는 다섯 시입니다.",
)
TOLERANCE = 2e-3
"""Of a probability: other processors sum in another order."""
SMALL = TextEmotionConfig(buckets=512, width=4, hidden=8, heads=2)


@pytest.fixture(scope="module")
def shipped() -> NetTextEmotion:
    return load_text_emotion(Settings())


def test_golden_probabilities(shipped: NetTextEmotion) -> None:
    wanted = load_file(GOLDEN)["probabilities"]
    found = [shipped.probabilities(words_of(text)) for text in SENTENCES]
    np.testing.assert_allclose(np.stack(found), wanted, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("나는 지금 너무 슬퍼", Emotion.SADNESS),
        ("오늘 정말 행복한 날이야!", Emotion.HAPPINESS),
        ("진짜 화가 나서 못 참겠네요", Emotion.ANGER),
        ("밤길이 무서워서 떨렸어", Emotion.FEAR),
        ("I am so happy today", Emotion.HAPPINESS),
        ("I'm scared of the dark", Emotion.FEAR),
        ("this is disgusting", Emotion.DISGUST),
        ("I feel very sad", Emotion.SADNESS),
        ("😡😡", Emotion.ANGER),
    ],
)
def test_plain_words_are_understood(text: str, emotion: Emotion, shipped: NetTextEmotion) -> None:
    estimate = shipped.estimate(text)
    assert estimate.channel is Channel.TEXT
    assert estimate.emotion is not None
    assert estimate.emotion.top is emotion
    assert sum(estimate.emotion.probabilities) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "  \n\t", "12 345", "... !?", "你好", "\u200d\ufe0f", "\x00"])
def test_nothing_to_go_by_is_no_emotion(text: str, shipped: NetTextEmotion) -> None:
    assert shipped.estimate(text).emotion is None


@pytest.mark.parametrize("text", ["안 행복해", "never happy", "하나도 안 무서워"])
def test_a_feeling_that_is_denied_is_not_told(text: str, shipped: NetTextEmotion) -> None:
    """They were happiness 67 %, happiness 88 % and fear 88 %, all of them sure."""
    made = shipped.estimate(text).emotion
    assert made is not None
    assert not made.sure or made.top not in (Emotion.HAPPINESS, Emotion.FEAR)


def test_of_denials_that_nobody_learnt_few_are_told_as_what_they_deny(
    shipped: NetTextEmotion,
) -> None:
    """A quarter to a half were told so before denials were taught."""
    found: dict[tuple[bool, bool], list[bool]] = {}
    for each in negated_sentences.held_out()[::3]:
        made = shipped.estimate(each.text).emotion
        told = made is not None and made.sure and made.top is each.emotion
        found.setdefault((each.denied, each.korean), []).append(told)
    shares = {key: float(np.mean(hits)) for key, hits in found.items()}
    assert max(shares[True, korean] for korean in (False, True)) < 0.06
    assert min(shares[False, korean] for korean in (False, True)) > 0.10


def test_what_is_held_out_is_not_learnt() -> None:
    taught = set(negated_sentences.learnt().texts)
    held = {each.text for each in negated_sentences.held_out()}
    assert len(held) > 2000
    assert not taught & held
    words = [{w for row in KOREAN_WORDS[side].values() for w in row.split("|")} for side in Side]
    assert not words[0] & words[1]
    templates = [set(KOREAN_DENIALS[side].split("|")) for side in Side]
    assert not templates[0] & templates[1]
    slang = {each.text for each in slang_sentences.worded() if each.held}
    assert not slang & set(slang_sentences.learnt().texts)


@pytest.mark.parametrize(
    ("word", "denied"),
    [
        ("안", True),
        ("않아", True),
        ("아니야", True),
        ("안녕하세요", False),
        ("안심돼", False),
        ("isn't", True),
        ("dont", True),
        ("never", True),
        ("note", False),
    ],
)
def test_words_that_deny_are_known_from_those_that_begin_like_them(word: str, denied: bool) -> None:
    assert denies(word) is denied


def test_without_its_denial_a_verb_is_left() -> None:
    assert affirmed(words_of("나 안행복해")) == ["나", "행복해"]
    assert affirmed(words_of("never so happy")) == ["so", "happy"]


def test_slang_and_jamo_are_read(shipped: NetTextEmotion) -> None:
    rows = [each for each in slang_sentences.worded() if each.held and each.emotion][::3]
    made = [shipped.estimate(each.text).emotion for each in rows]
    right = [m is not None and m.top is each.emotion for m, each in zip(made, rows, strict=True)]
    assert np.mean(right) > 0.7


def test_other_languages_are_not_guessed_at(shipped: NetTextEmotion) -> None:
    guessed = [t for t in other_languages.MEASURED if shipped.estimate(t).emotion is not None]
    assert len(guessed) <= 2, guessed


@pytest.mark.parametrize(
    "text", ["나는 iPhone 너무 좋아", "오늘 회의 great", "omg so happy 😀", "😡😡"]
)
def test_what_is_mixed_or_without_words_is_read(text: str, shipped: NetTextEmotion) -> None:
    assert shipped.estimate(text).emotion is not None


def test_the_filter_knows_its_words_and_few_others() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(parts) for parts in product(letters, repeat=3)][:13_000]
    known = filter_of(words)
    assert all(is_known(word, known) for word in words)
    others = [is_known(f"{word}x", known) for word in words[:5_000]]
    assert np.mean(others) < 0.03
    assert is_read("abc bcd unheard", known)
    assert not is_read("abc unheard другой", known)


def test_a_book_is_read_in_pieces(shipped: NetTextEmotion) -> None:
    once, often = (shipped.estimate("I am so happy today. " * n).emotion for n in (8, 100_000))
    assert once is not None
    assert often is not None
    assert often.top is once.top is Emotion.HAPPINESS


def test_one_endless_word_is_cut(shipped: NetTextEmotion) -> None:
    assert shipped.estimate("가나" * 500_000).emotion is not None


def test_drawn_out_letters_and_numbers_are_evened() -> None:
    assert words_of("Sooooooo 12,345 ㅋㅋㅋㅋㅋㅋ I’m") == ["sooo", "0", "0", "ㅋㅋㅋ", "i'm"]


@pytest.mark.parametrize(
    ("text", "share"), [("나 너무 happy", 2 / 3), ("all english", 0.0), ("😂 1", 0.5)]
)
def test_the_share_of_korean(text: str, share: float) -> None:
    assert korean_share(words_of(text)) == pytest.approx(share)


def test_decomposed_hangul_is_the_same_word() -> None:
    assert words_of("\u1109\u1173\u11af\u1111\u1165") == words_of("슬퍼")


def test_endings_share_parts_with_their_stem() -> None:
    sad, sad_formal, happy = (set(parts_of(w, 65_536)) for w in ("슬퍼", "슬펐어요", "행복해"))
    assert len(sad & sad_formal) > len(sad & happy)


def test_neighbours_in_a_batch_change_nothing() -> None:
    torch.manual_seed(1)
    net = TextEmotionNet(SMALL).eval()
    one, other = (spell(words_of(text), SMALL.buckets) for text in SENTENCES[:2])
    with torch.inference_mode():
        alone, both = net(batch_of([one])), net(batch_of([one, other]))
    np.testing.assert_allclose(both[0], alone[0], atol=1e-5)


def test_weights_survive_writing_and_reading(tmp_path: Path) -> None:
    net = TextEmotionNet(SMALL)
    path = tmp_path / "net.safetensors"
    path.write_bytes(save_text_emotion(net))
    read = load_text_net(path)
    assert read.config == SMALL
    np.testing.assert_allclose(read.vectors.weight.detach(), net.vectors.weight.detach(), atol=1e-3)


def test_another_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path)
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_text_net(path)
    with pytest.raises(ModelError, match=r"none\.safetensors"):
        load_text_net(tmp_path / "none.safetensors")


# --- the recipe ----------------------------------------------------------------------------


@pytest.fixture
def sentences(tmp_path: Path) -> list[Path]:
    """Made-up sentences in both layouts."""
    english, korean = tmp_path / "english.tsv", tmp_path / "korean.tsv"
    words = ("angry", "vile", "afraid", "glad", "plain", "sad", "amazed")
    rows = [f"I feel {words[n % 7]} {n}\t{n % 7}\tid{n}" for n in range(300)]
    english.write_text("\n".join(rows), encoding="utf-8")
    rows = [
        f"{n}\t나는 {'기뻐' if n % 2 else '슬퍼'}\t{'42,40' if n % 2 else '5'}" for n in range(200)
    ]
    korean.write_text("\n".join(rows), encoding="utf-8")
    return [english, korean]


def test_both_layouts_are_read(sentences: list[Path]) -> None:
    found = read_sentences(sentences)
    assert len(found) == 500
    assert found.korean.sum() == 200
    np.testing.assert_allclose(found.share.sum(1), 1.0)
    happy = list(Emotion).index(Emotion.HAPPINESS)
    assert found.share[3].argmax() == happy  # Ekman's number 3 is joy
    assert found.share[301].argmax() == happy
    assert 20 < (found.korean & kept_from_text(found.key)).sum() < 60


@pytest.mark.parametrize("line", ["only text", "text\tx\tid", "text\t7\tid", "3\ttext\t44"])
def test_a_bad_line_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(f"good\t1\tid\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.tsv, line 2"):
        read_sentences([path])


def test_the_recipe_learns_and_goes_on_where_it_stopped(
    sentences: list[Path], tmp_path: Path
) -> None:
    config = TextEmotionRecipeConfig(net=SMALL, forget_linear=0.0)
    quiet = Console(quiet=True)
    few = negated_sentences.as_sentences(negated_sentences.composed()[:2000:100])

    def run(name: str, epochs: int, resume: bool = False) -> Path:
        options = RunOptions(tmp_path / name, "cpu", epochs, resume)
        return train_text_emotion(sentences, options, quiet, config, {"denials": few})[0]

    path = run("whole", 3)
    estimator = NetTextEmotion(load_text_net(path))
    found = estimator.estimate("I feel glad").emotion
    assert found is not None
    assert found.top is Emotion.HAPPINESS
    assert (tmp_path / "whole" / "curve.png").is_file()
    assert run("whole", 4, resume=True) == path
    with pytest.raises(InputError, match="already holds"):
        run("whole", 3)
