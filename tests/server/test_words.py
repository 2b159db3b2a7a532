"""Problem documents in Korean: texts are found by pattern, titles by class, the language by the
header."""

from __future__ import annotations

import ast
import re

import pytest

from kiosk.core import korean_errors
from kiosk.core.errors import BugError, ModelError, StorageError, WrongKey
from kiosk.core.korean_errors import translated
from kiosk.server import refusals
from kiosk.server.problems import headers_of, problem_of, status_of
from kiosk.server.words import TITLES, preferred, title
from tests.support.paths import ROOT

HANGUL = re.compile("[가-힣]")
OWN = {
    name
    for name, each in vars(refusals).items()
    if isinstance(each, type) and each.__module__ == refusals.__name__
} - {"RequestRefused"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-US,ko;q=0.9", "en"),
        ("fr,ko;q=0.1", "ko"),
        ("fr", "en"),
        ("ko;q=0", "en"),
        ("*", "en"),
        (";;;,,q=", "en"),
    ],
)
def test_the_language_is_the_one_preferred_of_two(header: str, language: str) -> None:
    assert preferred(header) == language


def test_parts_of_a_text_are_taken_over() -> None:
    told = translated("김민준.mp4 is too large: 30000 by 20000 pixels.")
    assert told == "김민준.mp4 파일이 너무 큽니다: 30000x20000 픽셀입니다."
    assert translated("") == ""
    assert translated("Nobody has translated this.") is None


def test_a_text_that_nobody_translated_is_told_by_its_title() -> None:
    told = problem_of(ModelError("Something new is wrong.", "Do something new."), "ko")
    assert told["detail"] == told["title"] == title("ModelError", "ko")
    assert (told["detail_en"], told["remedy"]) == ("Something new is wrong.", "Do something new.")
    english = problem_of(ModelError("Something new is wrong.", "Do something new."), "en")
    assert "detail_en" not in english


def test_every_class_has_a_title_in_both_languages() -> None:
    for name, text in TITLES.items():
        assert HANGUL.search(text.korean), name
        assert not HANGUL.search(text.english), name
    assert set(TITLES) >= OWN


def test_what_the_service_itself_refuses_is_translated() -> None:
    """Every constant text and remedy of a refusal raised in the package."""
    missing = []
    for file in sorted((ROOT / "kiosk" / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _raised(node) in OWN:
                missing += [
                    f"{file.name}: {each.value}"
                    for each in node.args[:2]
                    if isinstance(each, ast.Constant)
                    and isinstance(each.value, str)
                    and translated(each.value) is None
                ]
    assert missing == []


def _raised(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_an_error_of_ours_tells_nothing_but_its_class() -> None:
    told = problem_of(BugError("the vector of 김민준"), "en")
    assert (told["status"], told["code"], told["exit_code"]) == (500, "BugError", 70)
    assert told["detail"] == "Internal error (BugError)."
    assert "김민준" not in str(told)
    assert "ValueError" in problem_of(ValueError("secret"), "ko")["detail"]


def test_what_may_be_over_soon_says_when_to_come_again() -> None:
    for error in (StorageError("a", "b"), WrongKey("a", "b"), ModelError("a", "b")):
        assert status_of(error) == 503
        assert int(headers_of(error)["Retry-After"]) > 0


def test_no_text_is_told_by_the_words_of_another() -> None:
    """An open part of one text can hold another text: "Send {kinds}." and "Send it again."."""
    wrong = []
    for each in korean_errors._TEXTS:
        parts = dict.fromkeys(each.english.groupindex, "x1")
        if translated(each.text.format(**parts)) != each.korean.format(**parts):
            wrong.append(each.text)
    assert wrong == []
