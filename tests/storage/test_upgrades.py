"""One recogniser taking the place of another, as the gallery keeps it."""

from collections.abc import Iterator

import pytest

from kiosk.core.errors import BugError
from kiosk.core.upgrades import UpgradeState
from kiosk.storage import SqlGallery
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    Ticking,
    open_in,
    plain_database,
    template,
)

ANN, BEN, CAM = 1, 2, 3


@pytest.fixture
def gallery() -> Iterator[SqlGallery]:
    """Ann and Ben have faces of the old model, Cam of the new; Ann has a voice as well."""
    opened = SqlGallery(plain_database(), Ticking())
    opened.enrol("Ann", [template(1, FACE, "old"), template(2, VOICE, "voice")], NEW)
    opened.enrol("Ben", [template(3, FACE, "old"), template(4, FACE, "old")], NEW)
    opened.enrol("Cam", [template(5, FACE, "new")], NEW)
    yield opened
    opened.close()


def models_of(gallery: SqlGallery, subject_id: int) -> list[str]:
    return [each.model_id for each in gallery.templates(subject_id)]


def begin(gallery: SqlGallery) -> int:
    return gallery.begin_upgrade(FACE, "old", "new").upgrade_id


def test_who_has_templates_of_which_model_is_told(gallery: SqlGallery) -> None:
    assert gallery.holders(FACE) == {"old": {ANN, BEN}, "new": {CAM}}
    assert gallery.holders(VOICE) == {"voice": {ANN}}


def test_samples_set_aside_are_nobodys_templates(gallery: SqlGallery) -> None:
    number = begin(gallery)
    gallery.set_aside(number, ANN, "monday", [template(6, FACE, "new")])
    assert gallery.holders(FACE)["new"] == {CAM}
    assert models_of(gallery, ANN) == ["old", "voice"]
    (upgrade,) = gallery.upgrades()
    assert (upgrade.changed, upgrade.waiting, upgrade.begun) == (0, 2, 1)
    [(visit, sample)] = gallery.aside(number, ANN)
    assert (visit, sample.model_id, sample.subject_id) == ("monday", "new", ANN)
    gallery.discard_aside(number, ANN)
    assert gallery.aside(number, ANN) == []
    assert gallery.problems() == []


def test_carrying_over_replaces_the_old_models_templates_alone(gallery: SqlGallery) -> None:
    number = begin(gallery)
    gallery.set_aside(number, ANN, "monday", [template(6, FACE, "new"), template(7, FACE, "new")])
    record = gallery.carry_over(number, ANN)
    assert (record.kind, record.face_templates) == (REPLACE, 2)
    assert models_of(gallery, ANN) == ["voice", "new", "new"]
    assert len(gallery.references(FACE, "new")) == 3
    assert len(gallery.references(FACE, "old")) == 2
    (upgrade,) = gallery.upgrades()
    assert (upgrade.changed, upgrade.waiting, upgrade.begun) == (1, 1, 0)
    assert not upgrade.complete
    assert gallery.problems() == []


def test_everybody_carried_over_makes_it_complete(gallery: SqlGallery) -> None:
    number = begin(gallery)
    for subject in (ANN, BEN):
        gallery.set_aside(number, subject, "monday", [template(6 + subject, FACE, "new")])
        gallery.carry_over(number, subject)
    assert gallery.upgrades()[0].complete


def test_taking_it_back_puts_every_old_template_to_use(gallery: SqlGallery) -> None:
    number = begin(gallery)
    for subject in (ANN, BEN):
        gallery.set_aside(number, subject, "monday", [template(6 + subject, FACE, "new")])
    gallery.carry_over(number, ANN)
    assert gallery.take_back(number) == 1
    assert gallery.holders(FACE) == {"old": {ANN, BEN}, "new": {CAM}}
    assert gallery.aside(number, BEN) == []
    assert gallery.upgrades()[0].state is UpgradeState.ROLLED_BACK
    assert [each.kind.value for each in gallery.history("Ann")] == ["rollback", "replace", "new"]
    assert gallery.take_back(number) == 0
    assert gallery.problems() == []


def test_one_person_alone_can_be_taken_back(gallery: SqlGallery) -> None:
    number = begin(gallery)
    gallery.set_aside(number, ANN, "monday", [template(6, FACE, "new")])
    gallery.carry_over(number, ANN)
    gallery.roll_back("Ann")
    assert models_of(gallery, ANN) == ["old", "voice"]
    (upgrade,) = gallery.upgrades()
    assert (upgrade.changed, upgrade.waiting) == (0, 2)


def test_what_came_after_stays_when_it_is_taken_back(gallery: SqlGallery) -> None:
    number = begin(gallery)
    gallery.set_aside(number, ANN, "monday", [template(6, FACE, "new")])
    gallery.carry_over(number, ANN)
    gallery.enrol("Ann", [template(8, FACE, "new")], ADD)
    gallery.take_back(number)
    assert sorted(models_of(gallery, ANN)) == ["new", "old", "voice"]
    assert gallery.problems() == []


def test_beginning_again_goes_on_and_after_a_rollback_begins_anew(gallery: SqlGallery) -> None:
    number = begin(gallery)
    gallery.set_upgrade_state(number, UpgradeState.PAUSED)
    again = gallery.begin_upgrade(FACE, "old", "new")
    assert (again.upgrade_id, again.state) == (number, UpgradeState.RUNNING)
    gallery.take_back(number)
    assert begin(gallery) != number
    assert [each.state.value for each in gallery.upgrades()] == ["running", "rolled_back"]


def test_samples_of_another_model_or_nobody_are_bugs(gallery: SqlGallery) -> None:
    number = begin(gallery)
    with pytest.raises(BugError, match="other"):
        gallery.set_aside(number, ANN, "monday", [template(6, FACE, "other")])
    with pytest.raises(BugError, match="nothing"):
        gallery.carry_over(number, ANN)
    with pytest.raises(BugError, match="no upgrade"):
        gallery.carry_over(number + 1, ANN)
    assert models_of(gallery, ANN) == ["old", "voice"]


def test_samples_go_with_their_subject_and_move_with_it(gallery: SqlGallery) -> None:
    number = begin(gallery)
    for subject in (ANN, BEN):
        gallery.set_aside(number, subject, "monday", [template(6 + subject, FACE, "new")])
    gallery.join("Ann", "Ben")
    assert len(gallery.aside(number, ANN)) == 2
    gallery.remove("Ann")
    assert gallery.database.table("upgrade_samples").count == 0
    assert gallery.upgrades()[0].waiting == 0


def test_another_process_sees_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("two")
    ours, other = open_in(folder), open_in(folder)
    ours.enrol("Ann", [template(1, FACE, "old")], NEW)
    assert len(other.references(FACE, "old")) == 1
    number = begin(ours)
    ours.set_aside(number, ANN, "monday", [template(6, FACE, "new")])
    ours.carry_over(number, ANN)
    assert len(other.references(FACE, "old")) == 0
    assert len(other.references(FACE, "new")) == 1
    ours.close()
    other.close()
