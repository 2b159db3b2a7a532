"""What stands behind the settings and health pages: devices, models, machine, what scores mean."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.core.declaration import Text
from kiosk.core.errors import KnownError
from kiosk.core.media import Modality
from kiosk.core.settings import Settings
from kiosk.core.status import (
    DeviceInfo,
    ErrorEstimate,
    HostStatus,
    LogStatus,
    ModelInfo,
    PadEstimate,
    RuntimeStatus,
    Verdict,
)
from kiosk.recognition.operating_point import promise
from kiosk.runtime.diagnostics_bundle import write_bundle
from kiosk.runtime.log_reading import newest_part, read_errors
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.policy import development_scores, pad_development, policy
from kiosk.runtime.verdict import verdict

if TYPE_CHECKING:
    from kiosk.inference.manifest import ModelEntry
from kiosk.runtime.host import PROC, THERMAL, kilobytes, processor_name, warmest

_COMBINATIONS = ((Modality.FACE, Modality.VOICE), (Modality.FACE,), (Modality.VOICE,))


def promises(settings: Settings, enrolled: int) -> list[ErrorEstimate]:
    """What thresholds mean for a gallery of so many, by what a visitor gives."""
    known, asked = development_scores(settings), policy(settings)
    found = []
    for modalities in _COMBINATIONS:
        if all(each in known for each in modalities):
            made = promise({each: known[each] for each in modalities}, asked, enrolled)
            found += [made] if made is not None else []
    return found


class LocalHealthService:
    """Implements `HealthService`."""

    def __init__(self, settings: Settings, metrics: RuntimeMetrics) -> None:
        self._settings, self._vitals = settings, metrics

    def pulse(self) -> RuntimeStatus:
        """See `HealthService`."""
        return self._vitals.pulse()

    def body(self) -> HostStatus:
        """See `HealthService`."""
        folder = self._settings.database.parent
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        body = HostStatus(
            memory=kilobytes(PROC / "self" / "status", "VmRSS"),
            memory_total=kilobytes(PROC / "meminfo", "MemTotal"),
            processor=processor_name(),
            threads=os.cpu_count() or 0,
            temperature=warmest(THERMAL),
            disk_free=shutil.disk_usage(existing).free,
        )
        if "torch" not in sys.modules:
            return body  # nothing of ours is on a GPU, and looking for one would load networks
        from kiosk.inference.devices import describe_gpu

        gpu = describe_gpu()
        if gpu is None:
            return body
        name, used, total = gpu
        return replace(body, gpu=name, gpu_used=used, gpu_total=total)

    def logged_errors(self) -> LogStatus:
        """See `HealthService`."""
        return read_errors()

    def cameras(self) -> list[DeviceInfo]:
        """See `HealthService`."""
        from kiosk.capture.webcam import list_cameras

        return [DeviceInfo(str(each.number), each.name) for each in list_cameras()]

    def microphones(self) -> list[DeviceInfo]:
        """See `HealthService`."""
        from kiosk.capture.microphone import list_microphones

        return [DeviceInfo(each.name, each.name, each.default) for each in list_microphones()]

    def models(self) -> list[ModelInfo]:
        """See `HealthService`."""
        from kiosk.inference import manifest

        used = {entry.name for entry in self._in_use().values()}
        found = [
            self._describe(entry, entry.name in used) for entry in manifest.load_manifest().values()
        ]
        return sorted(found, key=lambda model: not model.in_use)

    def promises(self, settings: Settings, enrolled: int) -> list[ErrorEstimate]:
        """See `HealthService`."""
        return promises(settings, enrolled)

    def verdict(self) -> Verdict:
        """See `HealthService`."""
        return verdict(self.pulse(), self.body())

    def pad_estimate(self, settings: Settings) -> PadEstimate | None:
        """See `HealthService`."""
        measured = pad_development()
        return None if measured is None else measured.estimate(settings.photograph_passes_once_in)

    def write_bundle(self) -> str:
        """See `HealthService`."""
        folder = self._settings.database.parent / "diagnostics"
        now = datetime.now().astimezone()
        report = (self.pulse(), self.body(), self.models(), self.verdict())
        return str(write_bundle(folder, now, self._settings, *report, newest_part()))

    def _in_use(self) -> dict[Modality, ModelEntry]:
        from kiosk.inference import manifest

        found = {}
        for modality in Modality:
            try:
                found[modality] = manifest.choose(self._settings, modality)
            except KnownError:
                continue
        return found

    def _describe(self, entry: ModelEntry, used: bool) -> ModelInfo:
        from kiosk.inference import manifest

        state = manifest.presence(entry, self._settings)
        card = manifest.weights_folder() / f"{entry.name}.md"
        needed = entry.role is not manifest.Role.EMBEDDER
        there = state is manifest.Presence.READY
        remedy = Text("", "") if there else manifest.told_remedy(entry)
        return ModelInfo(
            entry.name,
            entry.role.value,
            entry.modality,
            state.value,
            used or (needed and there),
            entry.bytes,
            entry.licence,
            entry.about,
            entry.measured,
            remedy.english,
            card.read_text("utf-8") if card.is_file() else "",
            (entry.about_ko, entry.measured_ko, remedy.korean),
        )
