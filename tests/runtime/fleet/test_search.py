"""A visit beyond the kiosk's memory: the server names candidates, the kiosk scores them itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.core.errors import FleetUnreachable
from kiosk.core.fleet import Privacy
from kiosk.core.samples import Probe
from kiosk.core.settings import Settings
from kiosk.runtime.fleet.search import DEADLINE, FleetSearch, searched_at_server
from tests.support.fleet import FleetKiosk
from tests.support.line import Line, certificate
from tests.support.postgres import CentralPlace, shared_server
from tests.support.storage_support import FACE, NEW, template, unit

PEOPLE = 12


@pytest.fixture
def kiosk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FleetKiosk]:
    """Of a searchable fleet, with a few people."""
    place = CentralPlace(shared_server(request.config), Privacy.SEARCHABLE)
    made = FleetKiosk(place, tmp_path / "one", "one")
    for number in range(PEOPLE):
        some = [template(number), template(100 + number)]
        made.gallery.enrol(f"Person {number}", some, NEW)
    made.meet()
    yield made
    made.close()
    place.drop()


def settings_of(kiosk: FleetKiosk, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "database": kiosk.folder / "data" / "gallery.db",
        "key_file": kiosk.folder / "config" / "gallery.key",
        "fleet_server": kiosk.server,
        "fleet_search_above": 5,
    }
    return Settings(**{**given, **changes})


def test_it_finds_what_the_gallery_finds_and_knows_who_is_left_out(kiosk: FleetKiosk) -> None:
    asked = Probe(FACE, "net", unit(3), 0.5, 1)
    with searched_at_server(settings_of(kiosk), kiosk.gallery) as search:
        assert isinstance(search, FleetSearch)
        assert search.population([(FACE, "net")]) == PEOPLE
        for limit in (2, 99):
            exact, found = kiosk.gallery.scores(asked, limit), search.scores(asked, limit)
            assert found.subject_ids.tolist() == exact.subject_ids.tolist()
            assert np.allclose(found.scores, exact.scores, atol=1e-6)
            assert found.left_out == exact.left_out
            assert found.bound == pytest.approx(exact.bound)
        ids = exact.subject_ids
        assert np.allclose(
            search.scores_of(asked, ids).scores, kiosk.gallery.scores_of(asked, ids).scores
        )
        person = int(ids[0])
        assert search.subject_name(person) == kiosk.gallery.subject_name(person)


def test_a_line_that_is_slow_or_cut_holds_no_visit_up(kiosk: FleetKiosk, tmp_path: Path) -> None:
    line = Line(kiosk.place.server, tls := certificate(tmp_path / "tls"))
    settings = settings_of(
        kiosk, fleet_server=line.address(kiosk.place.database), fleet_authority=tls[0]
    )
    asked = Probe(FACE, "net", unit(3), 0.5, 1)
    exact = kiosk.gallery.scores(asked, 2)
    try:
        line.delay = 3.0
        with searched_at_server(settings, kiosk.gallery) as search:
            assert isinstance(search, FleetSearch)
            begun = time.monotonic()
            found = search.scores(asked, 2)
            assert time.monotonic() - begun < DEADLINE + 2.0
            assert found.subject_ids.tolist() == exact.subject_ids.tolist()
            with pytest.raises(FleetUnreachable):
                search._candidates(asked, 5)
            line.cut()
            assert search.scores(asked, 2).subject_ids.tolist() == exact.subject_ids.tolist()
    finally:
        line.close()
