"""Text and voice as channels of `kiosk evaluate attributes`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kiosk.core.estimates import Channel
from kiosk.core.settings import Settings
from kiosk.datasets.collections import is_development
from kiosk.datasets.text_emotions import read_sentences
from kiosk.evaluation.attributes.channels import AttributeRun, judge
from kiosk.evaluation.attributes.text import measured, several_f1
from kiosk.evaluation.extraction.context import open_workshop


@pytest.fixture
def run(shared: Path) -> Iterator[AttributeRun]:
    context = open_workshop(Settings(), None, Console(quiet=True))
    with context.store:
        yield AttributeRun(Settings(), context, shared / "data", limit=40)


def test_f1_over_several_labels_by_hand() -> None:
    named = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0]], bool)
    said = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], bool)
    # of each of the first two, one found of two named: F1 2/3; the third is never named
    assert several_f1(said, named, np.ones(3)) == pytest.approx(2 / 3)
    assert several_f1(said, named, np.array([0.0, 1.0, 0.0])) == pytest.approx(1.0)


@pytest.mark.shared
def test_own_sentences_are_judged(run: AttributeRun, tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    lines = ["I am so happy\t3\ta", "this is disgusting\t1\tb", "1 2\t4\tc"] * 4
    path.write_text("\n".join(lines), encoding="utf-8")
    own = AttributeRun(run.settings, run.context, run.shared, (path,))
    (found,) = judge(Channel.TEXT)(own)
    felt = found.with_emotion()
    assert (len(found), len(felt)) == (12, 8)
    assert (felt.chances.argmax(1) == felt.emotion).all()
    assert any("4 sentences without words" in note for note in found.notes)


@pytest.mark.shared
def test_both_languages_are_judged(run: AttributeRun) -> None:
    sets = judge(Channel.TEXT)(run)
    assert [found.name for found in sets] == ["goemotions_ekman_dev", "kote_val"]
    assert {str(label) for found in sets for label in found.groups["language"]} == {
        "English",
        "Korean",
    }


@pytest.mark.shared
def test_voices_of_a_folder_are_judged(run: AttributeRun) -> None:
    folder = run.shared / "voices" / "timit_en"
    own = AttributeRun(run.settings, run.context, run.shared, (folder,), limit=4)
    (found,) = judge(Channel.VOICE)(own)
    assert found.channel is Channel.VOICE
    assert len(found.with_gender()) == len(found)
    assert not found.sure[:, 1].any()  # an age from the voice is never sure


def test_every_comment_of_a_foreign_file_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_SHARED", str(tmp_path / "shared"))
    lines = "\n".join(f"{n}\t너무 좋아요 {n}\t40" for n in range(50))
    own = tmp_path / "own.tsv"
    known = tmp_path / "shared/data/text/kote_val.tsv"
    known.parent.mkdir(parents=True)
    for path in (own, known):
        path.write_text(lines, encoding="utf-8")
    sentences = read_sentences([own])
    assert len(measured(sentences, None, development=is_development(known))) < 25
    assert is_development(own)  # its content is that of the known one
    own.write_text(lines + "\n50\t좋아요\t40", encoding="utf-8")
    found = read_sentences([own])
    assert len(measured(found, None, development=is_development(own))) == 51
