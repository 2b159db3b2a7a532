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

from kiosk.core import errors
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.samples import Hint
from kiosk.ui.strings import visitor
from kiosk.ui.toolkit.language import TRANSLATIONS
from tests.support.ui_support import decision

SOURCES = sorted(Path(visitor.__file__).parents[1].rglob("*.py"))
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


def faults_of_translation(source: str, korean: str) -> list[str]:
    """What is wrong with the Korean of one text: nothing in most cases."""
    found = []
    if not korean:
        return [f"{source}: not translated"]
    if set(re.findall(r"\{\w+\}", source)) != set(re.findall(r"\{\w+\}", korean)):
        found.append(f"{source}: other fields")
    if source != visitor.OTHER_LANGUAGE and not re.search("[가-힣]", korean):
        found.append(f"{source}: no Korean")
    if source != visitor.OTHER_LANGUAGE and re.search("[가-힣]", source):
        found.append(f"{source}: Korean in the English text")
    # "은(는)" reads like a form: names get 님, after which every particle is certain.
    if re.search(r"\((를|을|는|은|가|이|과|와|으)\)", korean):
        found.append(f"{korean}: a particle left open")
    if re.search(r"\{(name|other)\}(은|는|이|가|을|를|과|와|으로|로|였|이었)", korean):
        found.append(f"{korean}: a particle that depends on a name")
    return found


def test_every_text_is_translated_and_no_particle_is_left_open() -> None:
    found = [fault for pair in messages(TS).items() for fault in faults_of_translation(*pair)]
    assert not found


def test_a_wrong_translation_would_be_found() -> None:
    wrong = {
        "Hello {name}": "안녕하세요",
        "Stop": "Stop",
        "Go": "",
        "가": "가",
        "Here": "여기은(는)",
        "{name} is": "{name}이 {name}",
    }
    assert all(faults_of_translation(*pair) for pair in wrong.items())


def test_compiled_translation_is_current() -> None:
    translator = QTranslator()
    assert translator.load(str(TRANSLATIONS / "kiosk_ko.qm"))
    for source, korean in messages(TS).items():
        assert translator.translate(visitor.CONTEXT, source) == korean


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


def test_no_words_past_the_translation() -> None:
    found = {file.name: literal_texts(ast.parse(file.read_text("utf-8"))) for file in SOURCES}
    assert not {name: texts for name, texts in found.items() if texts}


def test_every_hint_has_words_and_a_sign() -> None:
    assert set(visitor.HINTS) == set(visitor.HINT_ICONS) == set(Hint)
    assert all(visitor.HINTS.values())
    assert all(visitor.HINT_ICONS.values())


def known_errors() -> list[str]:
    """Every class that can stop the engine."""
    found, waiting = [], [errors.KnownError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind.__name__)
    return found


def test_every_error_the_engine_can_meet_has_a_code_for_staff() -> None:
    outside_of_visits = {"KnownError", "EnrolmentRefused", "DuplicateSuspected", "Interrupted"}
    outside_of_visits |= {"TooFewSamples", "AlreadyEnrolled", "SelfEnrolmentClosed", "TwoPeople"}
    outside_of_visits |= {"NotLiving"}
    assert not set(known_errors()) - set(visitor.FAULTS) - outside_of_visits


def test_codes_are_unique() -> None:
    codes = [code for code, _what, _remedy in visitor.FAULTS.values()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.9534, "95.3 %"), (0.9987, "99.9 %"), (0.99951, "> 99.9 %"), (1.0, "> 99.9 %")],
)
def test_never_a_hundred_per_cent(probability: float, shown: str) -> None:
    assert visitor.percent(probability) == shown


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.9995, visitor.SURE_VERY), (0.995, visitor.SURE), (0.96, visitor.SURE_FAIRLY)],
)
def test_how_sure_in_words(probability: float, word: str) -> None:
    assert visitor.sure_words(probability) == word


def test_modality_verdicts() -> None:
    made = decision(DecisionOutcome.IDENTIFIED).decision
    assert visitor.modality_verdict(made, Modality.FACE) == visitor.AGREES
    assert visitor.modality_verdict(made, Modality.VOICE) == visitor.AGREES
