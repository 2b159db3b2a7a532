"""The server's own search: candidates by HNSW among turned vectors, scores exact."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.errors import FleetError
from kiosk.core.media import Modality
from kiosk.core.samples import Probe
from kiosk.storage.postgres.gallery import PostgresGallery
from kiosk.storage.postgres.search import CentralSearch, index_searches, require_searchable
from tests.support.postgres import CentralPlace
from tests.support.storage_support import FACE, NEW, VOICE, template, unit

PEOPLE = 30


@pytest.fixture
def gallery(searchable_place: CentralPlace) -> PostgresGallery:
    searchable_place.empty()
    credentials = searchable_place.invite(f"door {np.random.default_rng().integers(1 << 30)}")
    opened = searchable_place.connect(credentials)
    return PostgresGallery(
        opened, searchable_place.sealing, searchable_place.privacy, "main", credentials.kiosk
    )


def test_the_servers_candidates_score_what_the_whole_gallery_scores(
    searchable_place: CentralPlace, gallery: PostgresGallery
) -> None:
    for number in range(PEOPLE):
        some = [template(number), template(1000 + number), template(number, VOICE)]
        gallery.enrol(f"Person {number}", some, NEW)
    with searchable_place.owner() as owner:
        assert index_searches(owner) == []  # few are compared with all
        assert set(index_searches(owner, PEOPLE)) == {"net"}
        assert index_searches(owner, PEOPLE) == []
    search = CentralSearch(gallery._connection, searchable_place.sealing)
    try:
        for modality in (FACE, VOICE):
            for seed in (0, 7, 5000):
                asked = Probe(modality, "net", unit(seed), 0.5, 1)
                for limit in (3, 99):
                    exact, found = gallery.scores(asked, limit), search.scores(asked, limit)
                    assert found.subject_ids.tolist() == exact.subject_ids.tolist()
                    assert np.allclose(found.scores, exact.scores, atol=1e-6)
                    assert found.left_out == exact.left_out
                    assert found.bound == pytest.approx(exact.bound)
                ids = gallery.scores(asked, 5).subject_ids
                assert np.allclose(
                    search.scores_of(asked, ids).scores, gallery.scores_of(asked, ids).scores
                )
        assert search.population([(each, "net") for each in Modality]) == PEOPLE
        unknown = search.scores(Probe(FACE, "other", unit(1), 0.5, 1), 5)
        assert not len(unknown.subject_ids)
    finally:
        gallery.close()


def test_the_server_sees_turned_vectors_alone(
    searchable_place: CentralPlace, gallery: PostgresGallery
) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    with searchable_place.owner() as owner:
        ((text,),) = owner.execute("SELECT turned::text FROM kiosk.centroids").fetchall()
        turned = np.array(text.strip("[]").split(","), np.float64)
        assert abs(np.linalg.norm(turned) - 1) < 0.01
        assert abs(turned @ unit(1)) < 0.9
        dump = owner.execute("SELECT body, encode(body, 'escape') FROM kiosk.subjects").fetchall()
    assert "Ann" not in str(dump)
    gallery.close()


def test_a_sealed_server_says_that_it_cannot_search(sealed_place: CentralPlace) -> None:
    with sealed_place.owner() as owner, pytest.raises(FleetError, match="sealed"):
        require_searchable(owner)
