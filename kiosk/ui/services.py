"""What the screens may ask beside the engine."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.config_file import SettingsFile
from kiosk.ports import Backroom, Speaker


@dataclass(frozen=True)
class Services:
    """The machine, the settings' file, and a voice if there is one."""

    backroom: Backroom
    file: SettingsFile
    speaker: Speaker | None = None
