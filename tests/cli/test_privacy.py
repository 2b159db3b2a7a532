"""`kiosk privacy`, consent taken back in a shell, and enrolments that say why they may be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.storage import SqlGallery
from tests.support.consents import AGREED
from tests.support.storage_support import FACE, NEW, template


class Place:
    def __init__(self, folder: Path) -> None:
        self.paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
        gallery = SqlGallery.open(*self.paths)
        gallery.enrol("김민준", [template(1)], NEW, note="3층", consent=AGREED)
        gallery.enrol("Other", [template(2)], NEW)
        top = Candidate(1, "", 5.5, 0.99, face_score=0.7, face_llr=5.5)
        gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99))
        gallery.close()

    def kiosk(self, *words: str) -> Result:
        places = [f"database={self.paths[0]}", f"key_file={self.paths[1]}"]
        options = [word for each in places for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, *words])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("law", ["gdpr", "pipa"])
def test_a_text_of_consent_says_what_this_kiosk_keeps(
    place: Place, law: str, language: str
) -> None:
    words = ("privacy", "consent-text", "--law", law, "--language", language)
    text = place.kiosk("--set", "keep_days=17", *words, "--controller", "Acme").stdout
    assert "17" in text
    assert "Acme" in text
    assert f"{law.upper()}-1" in text
    with_pictures = place.kiosk("--set", "keep_pictures=true", *words).stdout
    assert ("picture of the face" if language == "en" else "얼굴 사진") in with_pictures


@pytest.mark.parametrize(("language", "word"), [("en", "attendance"), ("ko", "출석")])
@pytest.mark.parametrize("law", ["gdpr", "pipa"])
def test_each_use_brings_its_line_and_its_version(
    place: Place, law: str, language: str, word: str
) -> None:
    words = ("privacy", "consent-text", "--law", law, "--language", language)
    assert word not in place.kiosk(*words).stdout
    used = ("--set", "attendance=true", "--set", "greetings=true")
    text = place.kiosk(*used, *words).stdout
    assert word in text
    assert f"{law.upper()}-1TG" in text
    assert word in place.kiosk(*used, "privacy", "record", "--language", language).stdout


def test_korean_law_is_asked_for_in_its_own_items(place: Place) -> None:
    words = ("privacy", "consent-text", "--law", "pipa", "--language", "ko")
    text = place.kiosk(*words).stdout
    for item in ("수집 항목", "이용 목적", "보유 기간", "거부할 권리", "불이익", "14세 미만"):
        assert item in text


@pytest.mark.parametrize("what", ["record", "dpia"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_papers_follow_the_settings(place: Place, what: str, language: str) -> None:
    text = place.kiosk("--set", "keep_days=23", "privacy", what, "--language", language).stdout
    assert "23" in text
    assert "{" not in text


def test_one_persons_data_come_whole_and_nobody_elses(place: Place, tmp_path: Path) -> None:
    place.kiosk("greeting", "set", "김민준", "소포가 있습니다")
    words = ("correct", "김민준", "2026-03-02", "--absent", "--reason", "쌍둥이 형")
    place.kiosk("--set", "attendance=true", "attendance", *words)
    for name in ("minjun.json", "minjun.txt"):
        done = place.kiosk("privacy", "export", "김민준", str(tmp_path / name))
        assert done.exit_code == 0, done.exception
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    found = json.loads((tmp_path / "minjun.json").read_text("utf-8"))
    assert found["note"] == "3층"
    assert found["consents"][0]["text"] == AGREED.text
    assert len(found["templates"][0]["numbers"]) == 16
    assert found["visits"][0]["outcome"] == "identified"
    assert found["greeting"]["text"] == "소포가 있습니다"
    assert [each["reason"] for each in found["attendance_corrections"]] == ["쌍둥이 형"]
    assert "쌍둥이 형" in (tmp_path / "minjun.txt").read_text("utf-8")
    assert "Other" not in json.dumps(found)
    assert "identified" in (tmp_path / "minjun.txt").read_text("utf-8")
    gallery = SqlGallery.open(*place.paths)
    assert [entry.act for entry in gallery.trail()][-2:] == ["disclosed", "disclosed"]
    gallery.close()


def test_consent_is_taken_back_in_a_shell(place: Place) -> None:
    assert "compared no more" in place.kiosk("gallery", "withdraw", "김민준").output
    done = place.kiosk("gallery", "withdraw", "김민준", "--because", "court order 114")
    assert done.exit_code == 0, done.exception
    gallery = SqlGallery.open(*place.paths)
    assert len(gallery.references(FACE, "net")) == 1
    assert gallery.ground(1) == "court order 114"
    gallery.close()


@pytest.mark.parametrize("command", ["enrol", "enrol-folder"])
def test_nobody_is_enrolled_without_consent_or_another_ground(
    place: Place, tmp_path: Path, command: str
) -> None:
    person = tmp_path / "people" / "Ann"
    person.mkdir(parents=True)
    (person / "1.jpg").write_bytes(b"x")
    words = ("enrol", "Ann", str(person)) if command == "enrol" else (command, str(person.parent))
    refused = place.kiosk(*words)
    assert "Nothing says why" in str(refused.exception)
    both = place.kiosk(*words, "--ground", "law", "--consent", str(tmp_path / "none.txt"))
    assert "Nothing says why" in str(both.exception)
    missing = place.kiosk(*words, "--consent", str(tmp_path / "none.txt"))
    assert "cannot be read as text" in str(missing.exception)
