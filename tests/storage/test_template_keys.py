"""Templates are turned by a key of their own, and another key revokes what leaked of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.cli.main import cli
from kiosk.core.cohort import Cohort
from kiosk.core.errors import InputError, StorageError
from kiosk.core.media import Matrix
from kiosk.core.samples import Probe
from kiosk.core.scoring import SubjectScores
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage import MemoryGallery, SqlGallery
from kiosk.storage.keys import care
from kiosk.storage.keys.transforms import HeldTransformKeys, TransformKeyFile
from kiosk.storage.resident.vectors import PLAIN, TurnedForm, VectorForm, encode
from kiosk.storage.sqlite.backups import back_up, restore
from kiosk.storage.sqlite.vector_forms import transform_of
from tests.support.storage_support import (
    FACE,
    NEW,
    VOICE,
    Ticking,
    open_in,
    plain_database,
    template,
    unit,
)

DIMS = 64
PEOPLE = 12
PASSPHRASE = "lantern oboe gravel seven"
AnyKeyed = SqlGallery | MemoryGallery


@pytest.fixture(params=["sqlite", "memory"])
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyKeyed]:
    keys = HeldTransformKeys()
    opened: AnyKeyed = (
        SqlGallery(plain_database(), Ticking(), transform_keys=keys)
        if request.param == "sqlite"
        else MemoryGallery(Ticking())
    )
    fill(opened)
    yield opened
    opened.close()


def fill(gallery: AnyKeyed) -> None:
    for person in range(PEOPLE):
        faces = [template(100 * person + n, dims=DIMS) for n in range(3)]
        gallery.enrol(f"P{person}", [*faces, template(person, VOICE, "ear", DIMS)], NEW)


def said(gallery: AnyKeyed) -> list[SubjectScores]:
    """Every score of some probes: centroids and blends, with and without a cohort."""
    cohort = Cohort(np.stack([unit(9000 + n, DIMS) for n in range(40)]), top=5)
    found = []
    for seed in (1, 2, 3):
        for modality, model in ((FACE, "net"), (VOICE, "ear")):
            probe = Probe(modality, model, unit(seed, DIMS), 1.0, 1)
            found.append(gallery.scores(probe, PEOPLE))
            found.append(gallery.scores(probe, PEOPLE, cohort))
            found.append(gallery.scores_of(probe, np.array([2, 3, 5]), cohort))
    return found


def printed(scores: list[SubjectScores]) -> list[list[tuple[int, str]]]:
    return [
        [(int(i), f"{s:.4f}") for i, s in zip(each.subject_ids, each.scores, strict=True)]
        for each in scores
    ]


def vectors(gallery: AnyKeyed) -> Matrix:
    return np.stack([t.vector for n in range(PEOPLE) for t in gallery.templates(n + 1)])


def test_another_key_changes_no_score_and_no_template(gallery: AnyKeyed) -> None:
    before, plain = printed(said(gallery)), vectors(gallery)
    gallery.rekey()
    first = np.array(gallery.references(FACE, "net").matrix())
    gallery.rekey()
    assert printed(said(gallery)) == before
    assert np.array_equal(vectors(gallery), plain)
    second = gallery.references(FACE, "net").matrix()
    assert np.abs(first @ second.T).max() < 0.6  # 36 x 36 cosines of 64 dimensions by chance


def test_no_vector_lies_plain(gallery: AnyKeyed) -> None:
    gallery.rekey()
    plain = vectors(gallery)[:3]
    assert np.abs(gallery.references(FACE, "net").matrix() @ plain.T).max() < 0.6


def test_ten_keys_later_every_bit_is_the_same() -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((20, DIMS)).astype(np.float32)
    rows[0] = 0
    rows[0, 3] = 1.0  # a vector along an axis, with noughts that must come back as noughts
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    blobs = [encode(row) for row in rows]
    form: VectorForm = PLAIN
    held = blobs
    for seed in range(10):
        new = TurnedForm(TemplateTransform(bytes([seed]) * 32))
        held = new.of_halves(form.halves(held, DIMS, "net"), "net")
        form = new
    back = form.halves(held, DIMS, "net")
    assert np.array_equal(back, PLAIN.halves(blobs, DIMS, "net"))


def test_the_turn_is_orthogonal_and_the_same_on_every_machine() -> None:
    transform = TemplateTransform(b"\x01" * 32)
    eye = np.eye(16, dtype=np.float32)
    turn = transform.apply(eye, "net").T
    assert np.allclose(turn @ turn.T, eye, atol=1e-6)
    # Written down once: another value here makes every stored template worthless.
    assert [round(float(x), 5) for x in turn[0, :4]] == WRITTEN_DOWN
    assert np.abs(transform.apply(eye, "other").T - turn).max() > 0.1


WRITTEN_DOWN = [0.13497, 0.01147, -0.15745, -0.22076]


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    opened = open_in(tmp_path)
    fill(opened)
    opened.close()
    return tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"


def reopened(place: tuple[Path, Path]) -> list[list[tuple[int, str]]]:
    opened = SqlGallery.open(*place)
    try:
        assert opened.problems() == []
        return printed(said(opened))
    finally:
        opened.close()


def test_a_new_gallery_has_a_key_for_its_templates(place: tuple[Path, Path]) -> None:
    file = place[1].with_name("gallery.templates")
    assert file.stat().st_mode & 0o777 == 0o600
    opened = SqlGallery.open(*place)
    assert transform_of(opened.database) is not None
    opened.close()
    file.rename(file.with_suffix(".away"))
    opened = SqlGallery.open(*place)
    with pytest.raises(StorageError, match="is missing"):
        opened.templates(1)
    opened.close()


def test_a_gallery_from_before_is_turned_when_it_is_asked_for(tmp_path: Path) -> None:
    opened = open_in(tmp_path)
    opened.database.execute("DELETE FROM template_key")
    fill(opened)
    before = printed(said(opened))
    assert vectors(opened).shape == (4 * PEOPLE, DIMS)
    opened.close()
    opened = open_in(tmp_path)  # nothing is turned unasked: copies of the key would not fit
    assert transform_of(opened.database) is None
    opened.rekey()
    assert printed(said(opened)) == before
    opened.close()


def test_another_process_notices(place: tuple[Path, Path]) -> None:
    one, two = SqlGallery.open(*place), SqlGallery.open(*place)
    before = printed(said(one))
    two.rekey()
    assert printed(said(one)) == before
    one.enrol("New", [template(77, dims=DIMS)], NEW)
    two.rekey()
    assert printed(said(one)) == printed(said(two))
    one.close()
    two.close()


def as_before_packing(gallery: SqlGallery) -> None:
    """Rows as version 14 had them: in single precision."""
    seed = gallery.template_key()
    assert seed is not None
    for table, key in (("templates", "template_id"), ("probes", "decision_id")):
        for number, blob, dims, model_id in gallery.database.execute(
            f"SELECT {key}, vector, dims, model_id FROM {table} JOIN models USING (model)"
        ).fetchall():
            halves = TurnedForm(TemplateTransform(seed)).halves([blob], dims, model_id)
            wide = TemplateTransform(seed).apply(halves, model_id).astype("<f4").tobytes()
            gallery.database.execute(
                f"UPDATE {table} SET vector = ? WHERE {key} = ?", [wide, number]
            )
    gallery.database.execute("PRAGMA user_version = 14")


def test_a_file_from_before_vectors_were_packed_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"
    opened = open_in(tmp_path)
    for number in range(60):
        opened.enrol(f"P{number}", [template(number, dims=512)], NEW)
    probe = Probe(FACE, "net", unit(7, 512), 1.0, 1)
    as_before_packing(opened)
    before = np.stack([opened.templates(n + 1)[0].vector for n in range(60)])
    scores = opened.scores(probe, 60).scores
    opened.close()
    size = place[0].stat().st_size
    # The key of the templates is not needed to bring the file up to date.
    key = place[1].with_name("gallery.templates")
    key.rename(key.with_suffix(".away"))
    SqlGallery.open(*place).close()
    key.with_suffix(".away").rename(key)
    opened = SqlGallery.open(*place)
    assert opened.problems() == []
    assert np.array_equal(np.stack([opened.templates(n + 1)[0].vector for n in range(60)]), before)
    assert np.abs(opened.scores(probe, 60).scores - scores).max() < 4e-6
    opened.close()
    assert place[0].stat().st_size < 0.75 * size


class CutOff(BaseException):
    """As when the plug is pulled: nothing of ours runs but what must."""


@pytest.mark.parametrize("kept", [False, True])
def test_cut_off_it_is_the_old_key_or_the_new_one(
    place: tuple[Path, Path], kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reopened(place)

    def tell(share: float) -> None:
        raise CutOff

    # The last step, which destroys the other key, is not reached either.
    monkeypatch.setattr(TransformKeyFile, "keep_only", lambda self, mark: None)
    opened = SqlGallery.open(*place)
    if kept:  # and cut off before the old key was destroyed
        opened.rekey()
    else:
        with pytest.raises(CutOff):
            opened.rekey(tell)
    opened.close()
    monkeypatch.undo()
    keys = json.loads(place[1].with_name("gallery.templates").read_text())["keys"]
    assert len(keys) == 2
    assert reopened(place) == before
    opened = SqlGallery.open(*place)
    opened.rekey()
    opened.close()
    assert reopened(place) == before
    assert len(json.loads(place[1].with_name("gallery.templates").read_text())["keys"]) == 1


def test_the_key_of_the_gallery_can_be_exchanged(place: tuple[Path, Path]) -> None:
    before = reopened(place)
    care.rotate(*place)
    assert reopened(place) == before
    care.rotate(*place)
    assert reopened(place) == before


def test_a_copy_of_the_keys_holds_both(place: tuple[Path, Path], tmp_path: Path) -> None:
    before = reopened(place)
    care.backup(*place, tmp_path / "copy.json", PASSPHRASE)
    templates = place[1].with_name("gallery.templates")
    templates.unlink()
    care.restore(*place, tmp_path / "copy.json", PASSPHRASE)
    assert reopened(place) == before
    templates.unlink()
    place[1].unlink()
    care.restore(*place, tmp_path / "copy.json", PASSPHRASE)
    assert reopened(place) == before
    with pytest.raises(InputError, match="would be lost"):
        care.restore(*place, tmp_path / "copy.json", PASSPHRASE)


def test_a_copy_from_before_cannot_come_back(place: tuple[Path, Path], tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    early = back_up(*place, copies, datetime(2026, 1, 1, tzinfo=UTC)).file
    opened = SqlGallery.open(*place)
    opened.rekey()
    before = printed(said(opened))
    opened.close()
    with pytest.raises(StorageError, match="before the last `kiosk gallery rekey`"):
        restore(*place, early)
    assert reopened(place) == before
    late = back_up(*place, copies, datetime(2099, 1, 1, tzinfo=UTC)).file
    assert list(copies.glob("gallery-*")) == [late]
    restore(*place, late)
    assert reopened(place) == before


def test_an_archive_carries_them_to_a_gallery_of_another_key(
    place: tuple[Path, Path], tmp_path: Path
) -> None:
    before = reopened(place)
    opened = SqlGallery.open(*place)
    opened.export(tmp_path / "people.kiosk", PASSPHRASE)
    opened.close()
    other = open_in(tmp_path / "other")
    assert [each.name for each in other.preview(tmp_path / "people.kiosk", PASSPHRASE)]
    other.merge(tmp_path / "people.kiosk", PASSPHRASE)
    assert printed(said(other)) == before
    other.close()


def test_the_command_prints_what_moved_and_what_did_not(place: tuple[Path, Path]) -> None:
    argv = ["--set", f"database={place[0]}", "--set", f"key_file={place[1]}", "gallery", "rekey"]
    ran = CliRunner().invoke(cli, [*argv, "--json"], catch_exceptions=False)
    face, voice = json.loads(ran.stdout)
    assert (face["count"], voice["count"]) == (3 * PEOPLE, PEOPLE)
    assert face["moved"] < 1e-6
    assert face["old_new"] < 0.6
    assert abs(face["old_new_mean"]) < 0.1
    assert face["strangers"] < 0.6
    assert "0.00000" in CliRunner().invoke(cli, argv, catch_exceptions=False).stdout
