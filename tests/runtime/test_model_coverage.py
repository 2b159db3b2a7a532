"""Whom the models in use can recognise, and what is said of the others."""

from __future__ import annotations

import pytest

from kiosk.core.media import Modality
from kiosk.core.status import ModelCoverage
from kiosk.runtime.model_coverage import BRING_BACK, UPGRADE, as_sentence, covered, remedy

FACE = Modality.FACE
HOLDERS = {"new@1": {1, 2}, "old@0": {2, 3, 4}, "gone@9": {4, 5}}


def test_each_person_counts_for_the_first_model_they_have_templates_of() -> None:
    found = covered(FACE, HOLDERS, "new@1", ["old@0"])
    assert found == ModelCoverage(FACE, "new@1", 5, 2, (("old@0", 2),), 1)
    assert not found.complete


def test_a_model_nobody_needs_is_not_named() -> None:
    assert covered(FACE, {"new@1": {1, 2}, "old@0": {2}}, "new@1", ["old@0"]).older == ()


def test_an_empty_gallery_is_complete() -> None:
    assert covered(FACE, {}, "new@1", []).complete


@pytest.mark.parametrize(
    ("found", "said", "remedied"),
    [
        (ModelCoverage(FACE, "n@1", 3, 3), "all 3 enrolled people have face templates of n@1", ""),
        (
            ModelCoverage(FACE, "n@1", 4, 1, (("o@0", 3),)),
            "3 of 4 enrolled people (75%) have no face templates of n@1; o@0 goes on for 3 of them",
            UPGRADE,
        ),
        (
            ModelCoverage(FACE, "n@1", 4, 1, (("o@0", 3),), upgrade="running"),
            "3 of 4 enrolled people (75%) have no face templates of n@1; o@0 goes on for 3 of "
            "them; an upgrade is running",
            "",
        ),
        (
            ModelCoverage(FACE, "n@1", 4, 0, (), 4),
            "4 of 4 enrolled people (100%) have no face templates of n@1; the model of 4 is not "
            "here, so that they are not recognised",
            BRING_BACK,
        ),
    ],
    ids=["all", "older", "running", "lost"],
)
def test_it_is_said_with_what_to_do(found: ModelCoverage, said: str, remedied: str) -> None:
    assert as_sentence(found) == said
    assert remedy(found) == remedied
