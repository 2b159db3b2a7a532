"""Damage of every kind is found and named by number."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.errors import StorageError
from kiosk.storage import SqlGallery
from tests.support.storage_support import (
    NEW,
    REPLACE,
    VOICE,
    open_in,
    plain_database,
    template,
    templates,
)


@pytest.fixture
def gallery() -> Iterator[SqlGallery]:
    opened = SqlGallery(plain_database())
    opened.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW)
    opened.enrol("Bob", [template(4)], NEW)
    opened.enrol("Ann", [template(5)], REPLACE)
    opened.database.execute("PRAGMA foreign_keys = OFF")
    yield opened
    opened.close()


def test_a_sound_gallery_has_no_problems(gallery: SqlGallery) -> None:
    assert gallery.problems(["net"]) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM enrolments WHERE enrolment_id = 2", "points to nothing in enrolments"),
        ("DELETE FROM subjects WHERE subject_id = 2", "points to nothing in subjects"),
        ("DELETE FROM templates WHERE subject_id = 2", "subject 2 has no active template"),
        ("DELETE FROM templates WHERE template_id = 1", "enrolment 1 has not as many"),
        ("UPDATE templates SET enrolment_id = 1 WHERE template_id = 4", "another subject"),
        ("UPDATE templates SET retired_by = 2 WHERE template_id = 1", "retired by an enrolment of"),
        ("UPDATE enrolments SET undone = 1 WHERE enrolment_id = 3", "still has templates"),
        ("UPDATE subjects SET name_key = 'x' WHERE subject_id = 1", "cannot be found by its name"),
        ("UPDATE templates SET vector = zeroblob(32) WHERE template_id = 2", "length 0.0000"),
        (
            "UPDATE templates SET vector = x'0042' WHERE template_id = 2",
            "has not the 16 dimensions",
        ),
        (
            "UPDATE subjects SET created = 'soon' WHERE subject_id = 2",
            "subject 2 has no readable time",
        ),
        ("UPDATE enrolments SET time = '' WHERE enrolment_id = 1", "enrolment 1 has no readable"),
        (
            "UPDATE subjects SET name = '', name_key = '' WHERE subject_id = 1",
            "a name that nobody may have",
        ),
        ("UPDATE templates SET quality = 9e999 WHERE template_id = 3", "not between 0 and 1"),
        (
            "UPDATE models SET model_id = 'gone' WHERE model = 2",
            "1 voice templates are of the model",
        ),
    ],
)
def test_each_kind_of_damage_is_named(gallery: SqlGallery, damage: str, said: str) -> None:
    gallery.database.execute(damage)
    assert any(said in line for line in gallery.problems(["net"])), gallery.problems(["net"])


def test_every_spoilt_vector_is_named(gallery: SqlGallery) -> None:
    gallery.database.execute("UPDATE templates SET vector = x'0042' WHERE template_id <= 3")
    found = gallery.problems(["net"])
    for number in (1, 2, 3):
        assert any(f"template {number} has not the" in line for line in found), found


def test_problems_name_nobody(gallery: SqlGallery) -> None:
    gallery.database.execute("UPDATE subjects SET name_key = name_key || 'x'")
    assert not any("Ann" in line or "Bob" in line for line in gallery.problems())


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", [template(seed, dims=512) for seed in range(50)], NEW)
    gallery.close()
    file = tmp_path / "data" / "gallery.db"
    content = bytearray(file.read_bytes())
    content[-3000] ^= 1
    file.write_bytes(content)
    gallery = open_in(tmp_path)
    assert any("HMAC" in line for line in gallery.problems())
    with pytest.raises(StorageError):
        gallery.templates(1)
    gallery.close()
