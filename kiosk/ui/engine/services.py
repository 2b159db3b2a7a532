"""What the screens may ask beside the engine."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.ports.capture import Speaker
from kiosk.core.ports.system import HealthService
from kiosk.core.settings_file import SettingsFile


@dataclass(frozen=True)
class Services:
    """The machine, the settings' file, and a voice if there is one."""

    health_service: HealthService
    file: SettingsFile
    speaker: Speaker | None = None
