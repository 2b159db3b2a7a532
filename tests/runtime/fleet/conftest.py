"""A server, and kiosks that have joined its fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fleet import FleetKiosk
from tests.support.postgres import CentralPlace, shared_server

NewKiosk = Callable[..., FleetKiosk]


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[CentralPlace]:
    """A fleet of two sites, sealed."""
    made = CentralPlace(shared_server(request.config), sites=("main", "annex"))
    yield made
    made.drop()


@pytest.fixture
def new_kiosk(place: CentralPlace, tmp_path: Path) -> Iterator[NewKiosk]:
    """Makes kiosks of the fleet."""
    made: list[FleetKiosk] = []

    def make(name: str, **changes: Any) -> FleetKiosk:
        made.append(FleetKiosk(place, tmp_path / name, name, **changes))
        return made[-1]

    yield make
    for each in made:
        each.close()
