"""A server for the tests of the central gallery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.core.fleet import Privacy
from tests.support.postgres import CentralPlace, shared_server


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[CentralPlace]:
    """A fleet of one site, sealed."""
    made = CentralPlace(shared_server(request.config))
    yield made
    made.drop()


@pytest.fixture(scope="module")
def sealed_place(request: pytest.FixtureRequest) -> Iterator[CentralPlace]:
    """A fleet of one site, sealed, for all tests of a module, which empty it themselves."""
    made = CentralPlace(shared_server(request.config))
    yield made
    made.drop()


@pytest.fixture(scope="module")
def searchable_place(request: pytest.FixtureRequest) -> Iterator[CentralPlace]:
    """The same, whose server searches."""
    made = CentralPlace(shared_server(request.config), Privacy.SEARCHABLE)
    yield made
    made.drop()
