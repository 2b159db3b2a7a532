"""`gallery check --repair`: what can be mended without guessing is, and the rest is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.cli.main import cli
from kiosk.core.records import Origin
from kiosk.storage import SqlGallery
from kiosk.storage.resident.vectors import STORED
from tests.support.storage_support import FACE, NEW, open_in, template, templates

Damage = Callable[[SqlGallery], object]


def spoil_vector(gallery: SqlGallery) -> object:
    blob = np.zeros(16, STORED).tobytes()
    return gallery.database.execute("UPDATE templates SET vector = ? WHERE template_id = 1", [blob])


def shorten_vector(gallery: SqlGallery) -> object:
    return gallery.database.execute("UPDATE templates SET vector = x'00' WHERE template_id = 2")


def dangle(gallery: SqlGallery) -> object:
    gallery.database.execute("PRAGMA foreign_keys = OFF")
    return gallery.database.execute("DELETE FROM enrolments WHERE subject_id = 2")


def lose_name(gallery: SqlGallery) -> object:
    return gallery.database.execute("UPDATE subjects SET name_key = 'x' WHERE subject_id = 1")


@pytest.mark.parametrize("damage", [spoil_vector, shorten_vector, dangle, lose_name])
def test_damage_is_mended_and_on_record(tmp_path: Path, damage: Damage) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("김민준", templates([1, 2, 3]), NEW)
    gallery.enrol("Ann", [template(4)], NEW, origin=Origin.SELF)
    gallery.enrol("Ben", [template(5)], NEW)
    damage(gallery)
    assert gallery.problems() != []
    gallery.close()

    gallery = open_in(tmp_path)
    assert gallery.repair() != []
    left = [line for line in gallery.problems() if "has no active template" not in line]
    assert left == []
    assert gallery.repair() == []
    assert [entry.act for entry in gallery.trail()].count("repaired") == 1
    assert "Ben" in [subject.name for subject in gallery.subjects()]
    assert len(gallery.references(FACE, "net")) >= 3
    gallery.close()


def test_the_gallery_as_it_was_is_kept(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", templates([1, 2]), NEW)
    spoil_vector(gallery)
    gallery.close()
    paths = tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"
    options = ["--set", f"database={paths[0]}", "--set", f"key_file={paths[1]}"]
    done = CliRunner().invoke(cli, [*options, "gallery", "check", "--repair"])
    assert "a vector nobody can be compared with" in done.stderr
    before = paths[0].with_name("gallery.db.before-repair")
    kept = SqlGallery.open(before, paths[1])
    assert len(kept.problems()) == 1
    kept.close()
    again = CliRunner().invoke(cli, [*options, "gallery", "check", "--repair"])
    assert "deleted" not in again.stderr
