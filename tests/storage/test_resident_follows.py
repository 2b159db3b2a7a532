"""What is searched follows every change: it is what a gallery opened afterwards would load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.records import Consent, Corrector
from kiosk.storage import SqlGallery
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    Ticking,
    plain_database,
    template,
    unit,
)

ANN, BEN = 1, 2
AGREED = Consent(datetime(2026, 1, 1, tzinfo=UTC), "7", "en", "I agree.")
EVER = datetime(2100, 1, 1, tzinfo=UTC)
MODELS = ((FACE, "net"), (FACE, "new"), (VOICE, "net"))
Searched = dict[tuple[Modality, str], tuple[set[int], list[tuple[int, float]]]]


def searched(gallery: SqlGallery) -> Searched:
    """The templates that are compared, and the score of each with its subject, by model."""
    found: Searched = {}
    for modality, model in MODELS:
        held = gallery.references(modality, model)
        scores: list[tuple[int, float]] = []
        if len(held):
            pairs = zip(*held.compare(unit(999)), strict=True)
            scores = sorted((int(who), round(float(score), 5)) for who, score in pairs)
        found[modality, model] = held.template_ids(), scores
    return found


def named(gallery: SqlGallery, who: int = ANN) -> int:
    top = Candidate(who, "", 8.0, 0.99, face_score=0.7, face_llr=8.0)
    return gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99))


def learnt(gallery: SqlGallery) -> int:
    number = named(gallery)
    gallery.learn(number, template(50), 2)
    return number


def learns_the_third(gallery: SqlGallery) -> None:
    for seed in (60, 61, 62):
        gallery.learn(named(gallery), template(seed), 2)


def forgets_what_visits_taught(gallery: SqlGallery) -> None:
    learnt(gallery)
    searched(gallery)
    gallery.forget_learnt()


def believes_a_correction(gallery: SqlGallery) -> None:
    number = learnt(gallery)
    searched(gallery)
    gallery.mark_wrong(number, Corrector.STAFF)


def rolls_back_with_what_was_learnt_since(gallery: SqlGallery) -> None:
    gallery.enrol("Ann", [template(70)], REPLACE)
    learnt(gallery)
    searched(gallery)
    gallery.roll_back("Ann")


def carries_over(gallery: SqlGallery) -> int:
    number = gallery.begin_upgrade(FACE, "net", "new").upgrade_id
    gallery.set_aside(number, ANN, "monday", [template(80, FACE, "new")])
    gallery.carry_over(number, ANN)
    return number


def takes_an_upgrade_back(gallery: SqlGallery) -> None:
    number = carries_over(gallery)
    searched(gallery)
    gallery.take_back(number)


def gives_consent_again(gallery: SqlGallery) -> None:
    gallery.withdraw_consent("Ann")
    searched(gallery)
    gallery.give_consent("Ann", AGREED)


def deletes_who_took_consent_back(gallery: SqlGallery) -> None:
    gallery.withdraw_consent("Ann")
    searched(gallery)
    gallery.purge_withdrawn(EVER)


@pytest.mark.parametrize(
    "change",
    [
        lambda gallery: gallery.enrol("Cam", [template(20), template(21, VOICE)], NEW),
        lambda gallery: gallery.enrol("Ann", [template(20), template(21, FACE, "new")], ADD),
        lambda gallery: gallery.enrol("Ann", [template(20)], REPLACE),
        lambda gallery: gallery.remove("Ann"),
        lambda gallery: gallery.join("Ben", "Ann"),
        lambda gallery: gallery.withdraw_consent("Ann"),
        lambda gallery: gallery.rename("Ann", "Anna"),
        learns_the_third,
        forgets_what_visits_taught,
        believes_a_correction,
        rolls_back_with_what_was_learnt_since,
        carries_over,
        takes_an_upgrade_back,
        gives_consent_again,
        deletes_who_took_consent_back,
    ],
)
def test_what_is_searched_is_what_would_be_loaded(
    change: Callable[[SqlGallery], object],
) -> None:
    gallery = SqlGallery(plain_database(), Ticking())
    gallery.enrol("Ann", [template(1), template(2), template(3, VOICE)], NEW, consent=AGREED)
    gallery.enrol("Ben", [template(4), template(5, VOICE)], NEW)
    searched(gallery)
    change(gallery)
    fresh = SqlGallery(gallery.database, Ticking())
    assert searched(gallery) == searched(fresh)
    gallery.close()
