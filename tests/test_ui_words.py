"""Korean and English are complete, and every word goes through the translation."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

from kiosk import errors
from kiosk.domain import DecisionOutcome, Hint, Modality
from kiosk.ui import words
from kiosk.ui.language import TRANSLATIONS
from tests.ui_support import decision

SOURCES = sorted(Path(words.__file__).parent.rglob("*.py"))
TS = TRANSLATIONS / "kiosk_ko.ts"
SAME_IN_BOTH = {"{name}"}


def messages(file: Path) -> dict[str, str]:
    """Source text to translation; an unfinished one is empty."""
    found = {}
    for message in ET.parse(file).iter("message"):
        translation = message.find("translation")
        assert translation is not None
        done = translation.get("type") is None
        found[message.findtext("source", "")] = (translation.text or "") if done else ""
    return found


def test_korean_has_every_text_and_no_other(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    tool = Path(sys.executable).parent / "pyside6-lupdate"
    alias = ["-tr-function-alias", "QT_TRANSLATE_NOOP+=mark"]
    subprocess.run(
        [tool, *SOURCES, *alias, "-ts", fresh], check=True, capture_output=True, timeout=60
    )
    assert set(messages(fresh)) == set(messages(TS))
    assert len(messages(TS)) > 80


@pytest.mark.parametrize("source", sorted(messages(TS)))
def test_translated(source: str) -> None:
    korean = messages(TS)[source]
    assert korean
    assert set(re.findall(r"\{\w+\}", source)) == set(re.findall(r"\{\w+\}", korean))
    if source != words.OTHER_LANGUAGE:
        assert re.search("[가-힣]", korean)
        assert not re.search("[가-힣]", source)


@pytest.mark.parametrize("korean", sorted(messages(TS).values()))
def test_no_particle_is_left_open(korean: str) -> None:
    """ "은(는)" reads like a form: names get 님, after which every particle is certain."""
    assert not re.search(r"\((를|을|는|은|가|이|과|와|으)\)", korean)
    assert not re.search(r"\{(name|other)\}(은|는|이|가|을|를|과|와|으로|로|였|이었)", korean)


def test_compiled_translation_is_current() -> None:
    translator = QTranslator()
    assert translator.load(str(TRANSLATIONS / "kiosk_ko.qm"))
    for source, korean in messages(TS).items():
        assert translator.translate(words.CONTEXT, source) == korean


def literal_texts(tree: ast.AST) -> list[str]:
    """Texts given straight to a widget, past the translation."""
    setters = {"setText", "setAccessibleName", "setWindowTitle", "setToolTip", "say", "QLabel"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0] if node.args else None
            if name in setters and isinstance(first, ast.Constant) and first.value:
                found.append(str(first.value))
    return found


def test_a_literal_text_would_be_found() -> None:
    assert literal_texts(ast.parse('label.setText("Hello")')) == ["Hello"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_no_words_past_the_translation(file: Path) -> None:
    assert not literal_texts(ast.parse(file.read_text("utf-8")))


@pytest.mark.parametrize("hint", list(Hint))
def test_every_hint_has_words_and_a_sign(hint: Hint) -> None:
    assert words.HINTS[hint]
    assert words.HINT_ICONS[hint]


def known_errors() -> list[str]:
    """Every class that can stop the engine."""
    found, waiting = [], [errors.KnownError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind.__name__)
    return found


@pytest.mark.parametrize("name", known_errors())
def test_every_error_the_engine_can_meet_has_a_code_for_staff(name: str) -> None:
    outside_of_visits = {"KnownError", "EnrolmentRefused", "DuplicateSuspected", "Interrupted"}
    outside_of_visits |= {"Shortage", "KnownAlready", "NotAlone"}
    assert name in words.FAULTS or name in outside_of_visits


def test_codes_are_unique() -> None:
    codes = [code for code, _what, _remedy in words.FAULTS.values()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.9534, "95.3 %"), (0.9987, "99.9 %"), (0.99951, "> 99.9 %"), (1.0, "> 99.9 %")],
)
def test_never_a_hundred_per_cent(probability: float, shown: str) -> None:
    assert words.percent(probability) == shown


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.9995, words.SURE_VERY), (0.995, words.SURE), (0.96, words.SURE_FAIRLY)],
)
def test_how_sure_in_words(probability: float, word: str) -> None:
    assert words.sure_words(probability) == word


def test_modality_verdicts() -> None:
    made = decision(DecisionOutcome.IDENTIFIED).decision
    assert words.modality_verdict(made, Modality.FACE) == words.AGREES
    assert words.modality_verdict(made, Modality.VOICE) == words.AGREES
