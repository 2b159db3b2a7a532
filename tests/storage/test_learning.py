"""Templates that visits brought: few, beside the enrolled ones, gone when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.records import Corrector
from kiosk.core.subjects import EnrolmentKind
from kiosk.storage import SqlGallery
from tests.support.storage_support import (
    FACE,
    IMPLEMENTATIONS,
    NEW,
    REPLACE,
    AnyGallery,
    Ticking,
    plain_database,
    problems_of,
    template,
    templates,
)

MOST = 2
LEARNT = EnrolmentKind.LEARNT


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyGallery]:
    opened = IMPLEMENTATIONS[request.param](Ticking())
    opened.enrol("Ann", templates([1, 2]), NEW)
    opened.enrol("Ben", templates([3]), NEW)
    yield opened
    assert not problems_of(opened)
    opened.close()


def identified(gallery: AnyGallery, name: str = "Ann") -> int:
    subject = gallery.subject(name)
    top = Candidate(subject.subject_id, name, 12.0, 0.99, face_llr=12.0)
    return gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99))


def teach(gallery: AnyGallery, seed: int, name: str = "Ann") -> int:
    decision = identified(gallery, name)
    gallery.learn(decision, template(seed, source="learnt"), MOST)
    return decision


def sources(gallery: AnyGallery, name: str = "Ann") -> list[str]:
    return [each.source for each in gallery.templates(gallery.subject(name).subject_id)]


def resident(gallery: AnyGallery) -> int:
    return len(gallery.references(FACE, "net"))


def test_a_visit_adds_a_template_to_what_is_searched_and_to_the_history(
    gallery: AnyGallery,
) -> None:
    decision = teach(gallery, 9)
    assert sources(gallery) == ["file", "file", "learnt"]
    assert resident(gallery) == 4
    newest = gallery.history("Ann")[0]
    assert (newest.kind, newest.face_templates, newest.active) == (LEARNT, 1, True)
    assert [(each.decision_id, each.learnt) for each in gallery.decisions(1)] == [(decision, True)]


def test_the_newest_few_are_kept_and_enrolled_ones_always(gallery: AnyGallery) -> None:
    for seed in (11, 12, 13, 14):
        teach(gallery, seed)
    assert sources(gallery) == ["file", "file", "learnt", "learnt"]
    kept = [r.active for r in gallery.history("Ann") if r.kind is LEARNT]
    assert kept == [True, True, False, False]
    assert resident(gallery) == 5


def test_what_a_wrong_decision_taught_is_gone_with_the_word_of_anybody(gallery: AnyGallery) -> None:
    first, second = teach(gallery, 11), teach(gallery, 12)
    gallery.mark_wrong(first, Corrector.STAFF)
    assert sources(gallery) == ["file", "file", "learnt"]
    gallery.mark_wrong(second, Corrector.VISITOR)
    assert sources(gallery) == ["file", "file"]
    assert resident(gallery) == 3


@pytest.mark.parametrize("outcome", ["unknown", "contradicted", "not_live"])
def test_only_a_decision_that_named_somebody_teaches(gallery: AnyGallery, outcome: str) -> None:
    top = Candidate(1, "Ann", 12.0, 0.99)
    decision = gallery.record(Decision(DecisionOutcome(outcome), (top,), (FACE,)))
    with pytest.raises(InputError, match="learnt"):
        gallery.learn(decision, template(9), MOST)
    assert sources(gallery) == ["file", "file"]


def test_a_decision_teaches_once_and_not_when_it_was_called_wrong(gallery: AnyGallery) -> None:
    taught = teach(gallery, 9)
    with pytest.raises(InputError, match="learnt"):
        gallery.learn(taught, template(10), MOST)
    wrong = identified(gallery)
    gallery.mark_wrong(wrong, Corrector.VISITOR)
    with pytest.raises(InputError, match="learnt"):
        gallery.learn(wrong, template(10), MOST)
    with pytest.raises(InputError, match="learnt"):
        gallery.learn(999, template(10), MOST)


def test_what_visits_taught_can_be_forgotten_of_one_or_of_all(gallery: AnyGallery) -> None:
    teach(gallery, 11), teach(gallery, 12), teach(gallery, 13, "Ben")
    assert gallery.forget_learnt("Ann") == 2
    assert (sources(gallery), sources(gallery, "Ben")) == (["file", "file"], ["file", "learnt"])
    assert gallery.forget_learnt() == 1
    assert gallery.forget_learnt() == 0
    assert resident(gallery) == 3


def test_a_rollback_undoes_what_staff_did_and_what_was_learnt_since(gallery: AnyGallery) -> None:
    teach(gallery, 11)
    gallery.enrol("Ann", templates([5]), REPLACE)
    teach(gallery, 12)
    assert sources(gallery) == ["file", "learnt"]
    gallery.roll_back("Ann")
    assert sources(gallery) == ["file", "file", "learnt"]
    with pytest.raises(InputError, match="no re-enrolment"):
        gallery.roll_back("Ann")


def test_who_was_learnt_of_can_be_joined_and_removed(gallery: AnyGallery) -> None:
    teach(gallery, 11, "Ben")
    gallery.join("Ann", "Ben")
    assert sources(gallery) == ["file", "file", "file", "learnt"]
    assert gallery.forget_learnt("Ann") == 1
    assert gallery.remove("Ann") == 3


def test_nothing_learnt_stands_alone_when_a_recogniser_is_taken_back() -> None:
    gallery = SqlGallery(plain_database(), Ticking())
    gallery.enrol("Ann", [template(1, model_id="old")], NEW)
    upgrade = gallery.begin_upgrade(FACE, "old", "net")
    gallery.set_aside(upgrade.upgrade_id, 1, "a", [template(2)])
    gallery.carry_over(upgrade.upgrade_id, 1)
    teach(gallery, 9)
    gallery.take_back(upgrade.upgrade_id)
    assert [each.model_id for each in gallery.templates(1)] == ["old"]
    assert not gallery.problems()
    gallery.close()
