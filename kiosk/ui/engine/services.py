"""What the screens may ask beside the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.core.ports.capture import Speaker
from kiosk.core.ports.fleet import FleetOffice
from kiosk.core.ports.system import HealthService, MachinePower
from kiosk.core.settings_file import SettingsFile
from kiosk.core.status import Reading


@dataclass(frozen=True)
class Services:
    """The machine, the settings' file, a voice if there is one, the machine's switch, who hears
    since when a visitor calls staff, how far a recording was read, and the fleet where the settings
    name its server."""

    health_service: HealthService
    file: SettingsFile
    speaker: Speaker | None = None
    power: MachinePower | None = None
    called: Callable[[datetime | None], None] = lambda since: None
    reading: Callable[[], Reading | None] = lambda: None
    fleet: FleetOffice | None = None
