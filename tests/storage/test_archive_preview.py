"""Who would come in with an archive is told before anybody does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.media import Vector
from kiosk.core.records import Consent, Incoming
from kiosk.core.subjects import Template
from kiosk.storage import SqlGallery
from tests.support.storage_support import ADD, FACE, NEW, REPLACE, VOICE, open_in, template, unit

WORDS = "brass otter window"
AGREED = Consent(datetime(2026, 1, 1, tzinfo=UTC), "7", "en", "I agree.")


def near(seed: int, share: float, model_id: str = "net") -> Template:
    """So much like the template of this seed."""
    own, other = unit(seed), unit(1000 + seed)
    other = other - (other @ own) * own
    made: Vector = share * own + np.sqrt(1 - share**2) * other / np.linalg.norm(other)
    return Template(FACE, model_id, made.astype(np.float32), 0.5, "file")


def archive_of(gallery: SqlGallery, folder: Path) -> Path:
    file = folder / "people.kiosk"
    gallery.export(file, WORDS)
    gallery.close()
    return file


def test_everybody_is_told_by_name_with_whom_they_resemble(tmp_path: Path) -> None:
    there, here = open_in(tmp_path / "there"), open_in(tmp_path / "here")
    here.enrol("Ann", [template(1)], NEW)
    here.enrol("Ben", [template(2)], NEW)
    here.enrol("Cem Öz", [template(3)], NEW)
    there.enrol("ben", [template(20), template(21)], NEW, consent=AGREED)
    there.enrol("Anna", [near(1, 0.9), template(22, VOICE)], NEW)
    there.enrol("Anna", [template(23, VOICE)], REPLACE)
    there.enrol("Cem 0z", [template(24, FACE, "other net")], NEW, consent=AGREED)
    there.withdraw_consent("Cem 0z")
    there.enrol("Dora", [near(2, 0.5), near(3, 0.8, "net")], NEW)
    told = {each.name: each for each in here.preview(archive_of(there, tmp_path), WORDS)}
    assert list(told) == ["Anna", "ben", "Cem 0z", "Dora"]

    anna = told["Anna"]
    assert (anna.templates, anna.consent, anna.taken, anna.nearest) == (2, False, False, "Ann")
    assert anna.score == pytest.approx(0.9, abs=0.01)
    ben = told["ben"]
    assert (ben.templates, ben.consent, ben.taken, ben.alike) == (2, True, True, "")
    other = told["Cem 0z"]
    assert (other.templates, other.consent, other.taken) == (1, False, False)
    assert (other.nearest, other.score) == ("", 0.0)
    assert told["Dora"].nearest == "Cem Öz"
    assert [each.name for each in here.subjects()] == ["Ann", "Ben", "Cem Öz"]
    here.close()


def test_the_best_of_several_models_is_told(tmp_path: Path) -> None:
    there, here = open_in(tmp_path / "there"), open_in(tmp_path / "here")
    here.enrol("Ann", [template(1)], NEW)
    here.enrol("Ben", [template(2, FACE, "other net")], NEW)
    for name, shares in (("first", (0.9, 0.6)), ("second", (0.6, 0.9))):
        both = [near(1, shares[0]), near(2, shares[1], "other net")]
        there.enrol(name, both, NEW)
    first, second = here.preview(archive_of(there, tmp_path), WORDS)
    assert (first.nearest, second.nearest) == ("Ann", "Ben")
    assert (first.score, second.score) == pytest.approx((0.9, 0.9), abs=0.01)
    here.close()


def test_a_name_that_only_looks_like_one_here_is_told(tmp_path: Path) -> None:
    there, here = open_in(tmp_path / "there"), open_in(tmp_path / "here")
    here.enrol("Paul", [template(1)], NEW)
    there.enrol("Pаul", [template(20)], NEW)
    there.enrol("Paula", [template(21)], NEW)
    told = here.preview(archive_of(there, tmp_path), WORDS)
    assert {each.name: each.alike for each in told} == {"Pаul": "Paul", "Paula": ""}
    here.close()


def test_templates_in_both_are_pooled_and_what_was_added_counts(tmp_path: Path) -> None:
    there, here = open_in(tmp_path / "there"), open_in(tmp_path / "here")
    here.enrol("Ann", [template(1)], NEW)
    there.enrol("new", [near(1, 0.9)], NEW)
    there.enrol("new", [template(30)], ADD)
    (told,) = here.preview(archive_of(there, tmp_path), WORDS)
    mean = near(1, 0.9).vector + unit(30)
    expected = float(mean @ unit(1)) / float(np.linalg.norm(mean))
    assert told == Incoming("new", 2, False, False, "Ann", told.score)
    assert told.score == pytest.approx(expected, abs=0.01)
    here.close()
