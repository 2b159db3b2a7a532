"""Opens the walk-up screen with everything behind it."""

from __future__ import annotations

from pathlib import Path

from kiosk.core.ports.capture import Source
from kiosk.core.settings_file import SettingsFile
from kiosk.runtime.activity_log import log_setup
from kiosk.runtime.composition import EngineListeners, engine_factory, open_source
from kiosk.runtime.logs import set_level
from kiosk.runtime.metrics import RuntimeMetrics


def run_screen(
    file: SettingsFile,
    text: str | None,
    *,
    camera: str | None = None,
    microphone: str | None = None,
    windowed: bool = False,
    held: bool = False,
) -> int:
    """Open the walk-up screen; returns when it is closed. A recording plays at its own speed and
    begins by itself: nobody in it can press Start, and it would not hear the prompts.

    Begins again with the settings of the moment where staff ask for it. Raises SettingsError.
    """
    from kiosk.ui.app import RESTART

    if text is not None and Path(text).exists():
        file = file.covered_by({"start": "walk_up", "prompts": False})
    while True:
        code = _run_screen_once(file, text, camera, microphone, windowed=windowed, held=held)
        if code != RESTART:
            return code


def _run_screen_once(
    file: SettingsFile,
    text: str | None,
    camera: str | None,
    microphone: str | None,
    *,
    windowed: bool,
    held: bool,
) -> int:
    from kiosk.capture.clock import WallClock
    from kiosk.capture.speaker import SoundSpeaker
    from kiosk.runtime.fleet.desk import FleetDesk
    from kiosk.runtime.health import LocalHealthService
    from kiosk.runtime.power import LoginManagerPower
    from kiosk.runtime.status_file import StatusWriter, status_path
    from kiosk.ui.app import run_walk_up
    from kiosk.ui.engine.bridge import Mailbox
    from kiosk.ui.engine.clients import GalleryClient
    from kiosk.ui.engine.services import Services

    settings, metrics = file.load(), RuntimeMetrics()
    set_level(settings.log_level)
    log_setup(settings)
    preview, client = Mailbox(), GalleryClient()
    listeners = EngineListeners(client.attach, client.session.attach, client.session.tell)

    def open_live_source() -> Source:
        source = open_source(
            settings, text, camera=camera, microphone=microphone, realtime=True, awaited=True
        )
        source.preview = metrics.shown(preview.put)
        return source

    never_speaks = file.covered("prompts") and not settings.prompts
    speaker = None if never_speaks else SoundSpeaker()
    health = LocalHealthService(settings, metrics)
    services = Services(
        health,
        file,
        speaker,
        LoginManagerPower(),
        metrics.called,
        metrics.reading,
        FleetDesk(settings) if settings.fleet_server else None,
    )
    factory = engine_factory(settings, open_live_source, listeners, metrics)
    with StatusWriter(status_path(settings), health):
        return run_walk_up(
            factory,
            settings,
            preview,
            client,
            WallClock(),
            services,
            metrics.fault,
            windowed=windowed,
            held=held,
        )
