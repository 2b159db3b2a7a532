"""The emotion of a sentence: its words, its limits, its file and its recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.numpy import load_file, save_file

from kiosk.core.errors import InputError, ModelError
from kiosk.core.estimates import Channel, Emotion
from kiosk.core.settings import Settings
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

    def run(name: str, epochs: int, resume: bool = False) -> Path:
        options = RunOptions(tmp_path / name, "cpu", epochs, resume)
        return train_text_emotion(sentences, options, quiet, config)[0]

    path = run("whole", 3)
    estimator = NetTextEmotion(load_text_net(path))
    found = estimator.estimate("I feel glad").emotion
    assert found is not None
    assert found.top is Emotion.HAPPINESS
    assert (tmp_path / "whole" / "curve.png").is_file()
    assert run("whole", 4, resume=True) == path
    with pytest.raises(InputError, match="already holds"):
        run("whole", 3)
