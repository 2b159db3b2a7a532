"""A real service on loopback for the tests: uvicorn on a thread, tools of the test's choice."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from kiosk.capture.base import BaseSource
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame, Modality
from kiosk.core.ports.capture import Source
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.enrolment.template_migration import TemplateMigration
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.visit_log import LenientLog, VisitLog
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server.access import TokenFile
from kiosk.server.launch import Binding, run
from kiosk.server.service import Service
from kiosk.storage import SqlGallery
from tests.support.scripted import (
    ALICE,
    BOB,
    FPS,
    Script,
    ScriptedFaces,
    ScriptedVoices,
    picture,
    scripted_estimators,
    scripted_models,
    sound,
)

PATIENCE = 240.0
"""Seconds that anything may take on a machine with other work."""


@dataclass
class Room:
    """A service that runs, and a client of it."""

    url: str
    service: Service
    client: httpx.Client

    def post(self, path: str, *files: Path | tuple[str, bytes], **fields: str) -> httpx.Response:
        """A form with these files and fields."""
        sent = [
            each if isinstance(each, tuple) else (each.name, each.read_bytes()) for each in files
        ]
        return self.client.post(path, files=[("file", each) for each in sent], data=fields)


@contextmanager
def room(service: Service, binding: Binding | None = None) -> Iterator[Room]:
    """The service on a free port, and a client; both are gone afterwards, without a trace."""
    started, found = threading.Event(), list[str]()
    failed = list[BaseException]()
    servers = list[Any]()

    def listening(url: str) -> None:
        found.append(url)
        started.set()

    def serve() -> None:
        try:
            run(
                service.settings,
                binding or Binding("127.0.0.1", 0),
                listening,
                service,
                servers.append,
            )
        except BaseException as error:
            failed.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=serve, name="service-under-test", daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    try:
        assert found, failed
        # Without encryption nobody is believed, and no list of authorities is read for that.
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if binding is not None and binding.certificate is not None:
            verify = ssl.create_default_context(cafile=str(binding.certificate))
        with httpx.Client(base_url=found[0], timeout=PATIENCE, verify=verify) as client:
            yield Room(found[0], service, client)
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not failed, failed


def settings_in(folder: Path, **changes: Any) -> Settings:
    """A gallery of its own."""
    return replace(
        Settings(),
        database=folder / "gallery.db",
        key_file=folder / "key" / "gallery.key",
        **{"service_port": 0, **changes},
    )


# --- scripted tools ------------------------------------------------------------------------


def clip(who: int, seconds: float = 4.0, silent: bool = False) -> list[Frame | AudioChunk]:
    """What one person shows and says; 0 is Alice, 1 Bob, 2 a stranger."""
    found: list[Frame | AudioChunk] = []
    for number in range(round(seconds * FPS)):
        found.append(picture(who, number / FPS, number))
        found.append(sound(0 if silent else who + 1, number / FPS))
    return found


class ClipSource(BaseSource):
    """What one person shows and says, as a recording."""

    def __init__(self, events: list[Frame | AudioChunk]) -> None:
        super().__init__()
        self._events = events
        self._closed = False

    def events(self) -> Iterator[Frame | AudioChunk]:
        for event in self._events:
            if self._closed:
                return
            yield event

    def close(self) -> None:
        self._closed = True


def enrol_two(gallery: SqlGallery) -> None:
    """Alice is 1 and Bob is 2."""
    for name, vector in (("Alice", ALICE), ("Bob", BOB)):
        templates = [
            Template(Modality.FACE, ScriptedFaces.model_id, vector, 0.9, "test"),
            Template(Modality.VOICE, ScriptedVoices.model_id, vector, 0.9, "test"),
        ]
        gallery.enrol(name, templates, EnrolmentKind.NEW)


def scripted_file(path: Path) -> Source:
    """A file whose content is the number of a person: what that person shows and says."""
    content = path.read_bytes()
    if content[:1] not in (b"0", b"1", b"2"):
        raise InputError(f"{path.name} is not a readable recording.", "Send a digit.")
    return ClipSource(clip(int(content[:1])))


def scripted_tools(
    settings: Settings, open_file: Callable[[Path], Source] = scripted_file
) -> Callable[[], AbstractContextManager[ServiceTools]]:
    """Opens a real gallery, and models that follow a script."""

    @contextmanager
    def opened() -> Iterator[ServiceTools]:
        gallery = SqlGallery.open(settings.database, settings.key_file)
        try:
            models, rule = scripted_models(Script()), Policy()
            identifier = Identifier(models, gallery, rule, gallery.reported_mismatches)
            yield ServiceTools(
                settings,
                gallery,
                models,
                identifier,
                rule,
                scripted_estimators(),
                PadModels(),
                False,
                LenientLog(lambda: VisitLog(gallery, settings), lambda fault: None),
                TemplateMigration(gallery, identifier, settings),
                open_file,
            )
        finally:
            gallery.close()

    return opened


def scripted_service(
    folder: Path,
    open_file: Callable[[Path], Source] = scripted_file,
    **changes: Any,
) -> Service:
    """A service with scripted models on a real gallery in a folder."""
    local = changes.pop("local", True)
    require_token = changes.pop("require_token", False)
    settings = settings_in(folder, **changes)
    with closing(SqlGallery.open(settings.database, settings.key_file)) as gallery:
        # Before the service listens: its threads open the gallery each at its own time.
        if not gallery.subjects():
            enrol_two(gallery)
    return Service(
        settings,
        local=local,
        require_token=require_token,
        open_tools=scripted_tools(settings, open_file),
        tokens=TokenFile(folder / "tokens.json"),
        upload_root=folder / "uploads",
    )
