"""The central gallery against the same plain model as the kiosk's own, as a kiosk's role."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from kiosk.storage.postgres.gallery import PostgresGallery
from tests.support.gallery_model import GalleryAgainstModel
from tests.support.postgres import CentralPlace

LIMITS = settings(max_examples=4, stateful_step_count=15, deadline=None)


@pytest.mark.parametrize("kind", ["sealed_place", "searchable_place"])
def test_the_central_gallery_does_what_every_gallery_does(
    kind: str, request: pytest.FixtureRequest
) -> None:
    place: CentralPlace = request.getfixturevalue(kind)
    credentials = place.invite()

    class CentralAgainstModel(GalleryAgainstModel):
        def opened(self) -> PostgresGallery:
            place.empty()
            opened = place.connect(credentials)
            return PostgresGallery(opened, place.sealing, place.privacy, "main", credentials.kiosk)

    run_state_machine_as_test(CentralAgainstModel, settings=LIMITS)
