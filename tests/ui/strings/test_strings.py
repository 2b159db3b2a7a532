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
from PySide6.QtWidgets import QApplication

from kiosk.core import errors
from kiosk.core.samples import Hint
from kiosk.core.settings import all_settings
from kiosk.runtime.verdict import TROUBLES
from kiosk.ui.strings import visitor
from kiosk.ui.toolkit.language import TRANSLATIONS, Language
from tests.support.paths import ROOT

SOURCES = sorted(Path(visitor.__file__).parents[1].rglob("*.py"))
TS = TRANSLATIONS / "kiosk_ko.ts"
SAME_IN_BOTH = {"{name}"}
WORDS = ROOT / "docs" / "words.md"


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
    """Every class that can stop the engine; what the service refuses never reaches a screen."""
    found, waiting = [], [errors.KnownError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.__module__.startswith(("kiosk.server", "kiosk.client", "tests.")):
            found.append(kind.__name__)
    return found


def test_every_error_the_engine_can_meet_has_a_code_for_staff() -> None:
    outside_of_visits = {"KnownError", "EnrolmentRefused", "DuplicateSuspected", "Interrupted"}
    outside_of_visits |= {"TooFewSamples", "SelfEnrolmentClosed", "TwoPeople"}
    outside_of_visits |= {"NotLiving", "WrongPassphrase"}
    outside_of_visits |= {"FeedPruned", "ServerIsOlder"}  # what follows the feed begins anew
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


# --- docs/words.md ---


def glossary() -> list[tuple[str, str, str]]:
    """English, Korean and what is not said instead, of each row."""
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]*) \| [^|]*\|$", WORDS.read_text("utf-8"), re.M
    )
    return [row for row in rows if row[0] != "English" and not row[0].startswith("---")]


def every_korean_text() -> list[str]:
    declared = [setting.declared for setting in all_settings().values()]
    told = [text.korean for each in declared for text in (each.label, each.help)]
    verdicts = [text.korean for pair in TROUBLES.values() for text in pair]
    return [*messages(TS).values(), *told, *verdicts]


def test_the_words_of_the_glossary_are_used_and_no_others() -> None:
    texts, rows = every_korean_text(), glossary()
    assert len(rows) > 10
    unused = [korean for _, korean, _ in rows if not any(korean in text for text in texts)]
    assert not unused
    banned = [word for _, _, word in rows if word.strip()]
    assert not [(word, text) for word in banned for text in texts if word in text]


def test_a_variable_gets_no_particle_that_depends_on_it() -> None:
    """What stands in a variable may end in a vowel or in a consonant."""
    open_ended = re.compile(r"\{\w+\}(은|는|이|가|을|를|과|와|으로|로)(?=[\s,.]|$)")
    assert open_ended.search("{what}을 골랐습니다")
    assert not [text for text in messages(TS).values() if open_ended.search(text)]


NOUNS = (
    "목소리|카메라|마이크|키오스크|모니터|비밀번호|나이|이유|시계|근거|동의|"
    "얼굴|사진|이름|녹음|영상|파일|직원|설정|화면|정보|방문|사람|글|판단|모델|이벤트"
)
PARTICLES = (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"))


def wrong_particles(text: str) -> list[str]:
    """Nouns of the screens with the particle of the other kind of ending ("목소리이")."""
    found = []
    for noun in NOUNS.split("|"):
        closed = (ord(noun[-1]) - ord("가")) % 28 > 0
        wrong = [pair[closed] for pair in PARTICLES]
        found += re.findall(rf"{noun}(?:{'|'.join(wrong)})(?=[\s.,?]|$)", text)
    return found


def test_every_noun_has_the_particle_of_its_ending() -> None:
    assert wrong_particles("얼굴만 등록합니다: 목소리이 부족합니다.") == ["목소리이"]
    assert wrong_particles("얼굴와 목소리을 봅니다") == ["목소리을", "얼굴와"]
    assert not [text for text in every_korean_text() if wrong_particles(text)]


def test_names_stand_apart_from_what_is_put_to_them() -> None:
    assert not [text for text in messages(TS).values() if re.search(r"\}님", text)]


def test_what_an_error_says_is_told_in_the_language_of_the_screen(qapp: QApplication) -> None:
    known = errors.InputError("The body is not JSON.", "Send it again.")
    foreign = errors.InputError("Nobody has translated this.", "")
    for name, korean in (("ko", True), ("en", False)):
        language = Language(name)
        try:
            told, left = visitor.error_words(known), visitor.error_words(foreign)
        finally:
            language.close()
        assert "JSON" in told
        assert ("다시 보내세요" in told) is korean
        assert ("Send it again" in told) is not korean
        assert "Nobody has translated this." in left, "the cause is told, in whatever language"


def test_a_share_is_written_as_the_language_writes_it(qapp: QApplication) -> None:
    for name, shown in (("ko", "96.3%"), ("en", "96.3 %")):
        language = Language(name)
        try:
            assert visitor.percent(0.963) == shown
        finally:
            language.close()
