"""Services of the tests: scripted ones for what stands around recognition, and a real one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kiosk.server.service import Service
from tests.support.paths import DEMO
from tests.support.service_room import Room, room, scripted_service, settings_in

GROUND = "nobody: composed for tests"
ANCESTORS: dict[str, Any] = {"ancestor_requests": True, "ancestor_ground": GROUND}
OpenRoom = Callable[..., Room]


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[OpenRoom]:
    """Opens services whose models follow a script; a file that says 0 is of Alice, 1 of Bob, 2 of
    a stranger."""
    with ExitStack() as opened:

        def make(**changes: Any) -> Room:
            folder = tmp_path / "service"
            folder.mkdir(exist_ok=True)
            return opened.enter_context(room(scripted_service(folder, **changes)))

        yield make


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The shipped models, two demo people enrolled through the service itself, and the ancestors'
    requests about a folder with one file."""
    folder = tmp_path_factory.mktemp("real-service")
    theirs = folder / "theirs" / "demo"
    theirs.mkdir(parents=True)
    shutil.copy(DEMO / "amara-2.mp4", theirs)
    settings = settings_in(folder, threads=1, **ANCESTORS, ancestor_folder=theirs.parent)
    service = Service(settings, upload_root=folder / "uploads")
    with room(service) as opened:
        for person in ("amara", "ravi"):
            answer = opened.post(
                "/v1/subjects", DEMO / f"{person}-1.mp4", name=person.title(), ground=GROUND
            )
            assert answer.status_code == 201, answer.text
        yield opened
