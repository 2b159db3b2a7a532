"""What the staff pages ask of the machine the kiosk runs on."""

from __future__ import annotations

from typing import Protocol

from kiosk.core.settings import Settings
from kiosk.core.status import (
    DeviceInfo,
    ErrorEstimate,
    HostStatus,
    LogStatus,
    ModelInfo,
    PadEstimate,
    PowerAct,
    PowerPermission,
    RuntimeStatus,
    Verdict,
)


class HealthService(Protocol):
    """What the settings and health pages ask. All may be called on any thread; `pulse` answers at
    once, the others may take seconds and are never called on the screens' thread."""

    def pulse(self) -> RuntimeStatus:
        """How the running kiosk is at this moment."""

    def body(self) -> HostStatus:
        """How the machine is."""

    def verdict(self) -> Verdict:
        """Green, amber or red, and what is wrong."""

    def logged_errors(self) -> LogStatus:
        """The newest errors of the log."""

    def cameras(self) -> list[DeviceInfo]:
        """What can be chosen as camera."""

    def microphones(self) -> list[DeviceInfo]:
        """What can be chosen as microphone."""

    def models(self) -> list[ModelInfo]:
        """Every model of the manifest, those in use first."""

    def promises(self, settings: Settings, enrolled: int) -> list[ErrorEstimate]:
        """What the thresholds mean for face, voice and both; empty where nothing is known."""

    def pad_estimate(self, settings: Settings) -> PadEstimate | None:
        """What the setting of presentation attacks means; None where nothing was measured."""

    def write_bundle(self) -> str:
        """Write a diagnostics bundle without personal data; returns where. Raises StorageError."""


class MachinePower(Protocol):
    """Restarts and shuts down the machine. Both may take seconds."""

    def may(self, act: PowerAct) -> PowerPermission:
        """Whether that would be done."""

    def carry_out(self, act: PowerAct) -> None:
        """Do it. Raises PowerRefused."""
