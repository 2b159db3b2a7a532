"""What stands behind the settings and health pages: devices, models, machine, what scores mean."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kiosk.comparison import Policy
from kiosk.config import Settings
from kiosk.diagnostics import write_bundle
from kiosk.domain import Modality
from kiosk.errors import KnownError
from kiosk.machine import Body, DeviceInfo, ModelInfo, Promise, Pulse
from kiosk.risk import DevelopmentScores, promise
from kiosk.vitals import Vitals

if TYPE_CHECKING:
    from kiosk.inference.weights import ModelEntry

DEVELOPMENT_FILE = "development.json"
"""Beside the manifest; written by `kiosk train calibration --development`."""
_COMBINATIONS = ((Modality.FACE, Modality.VOICE), (Modality.FACE,), (Modality.VOICE,))
_THERMAL = Path("/sys/class/thermal")
_PROC = Path("/proc")


class MachineRoom:
    """Implements `ports.Backroom`."""

    def __init__(self, settings: Settings, vitals: Vitals) -> None:
        self._settings, self._vitals = settings, vitals

    def pulse(self) -> Pulse:
        """See `ports.Backroom`."""
        return self._vitals.pulse()

    def body(self) -> Body:
        """See `ports.Backroom`."""
        folder = self._settings.database.parent
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        body = Body(
            memory=kilobytes(_PROC / "self" / "status", "VmRSS"),
            memory_total=kilobytes(_PROC / "meminfo", "MemTotal"),
            processor=_processor(),
            threads=os.cpu_count() or 0,
            temperature=warmest(_THERMAL),
            disk_free=shutil.disk_usage(existing).free,
        )
        from kiosk.inference.devices import describe_gpu

        gpu = describe_gpu()
        if gpu is None:
            return body
        name, used, total = gpu
        return replace(body, gpu=name, gpu_used=used, gpu_total=total)

    def cameras(self) -> list[DeviceInfo]:
        """See `ports.Backroom`."""
        from kiosk.capture.webcam import list_cameras

        return [DeviceInfo(str(each.number), each.name) for each in list_cameras()]

    def microphones(self) -> list[DeviceInfo]:
        """See `ports.Backroom`."""
        from kiosk.capture.microphone import list_microphones

        return [DeviceInfo(each.name, each.name, each.default) for each in list_microphones()]

    def models(self) -> list[ModelInfo]:
        """See `ports.Backroom`."""
        from kiosk.inference import weights

        used = {entry.name for entry in self._in_use().values()}
        found = [
            self._describe(entry, entry.name in used) for entry in weights.load_manifest().values()
        ]
        return sorted(found, key=lambda model: not model.in_use)

    def promises(self, settings: Settings, enrolled: int) -> list[Promise]:
        """See `ports.Backroom`."""
        from kiosk.inference.weights import shipped_folder

        policy = Policy(
            settings.known_share, settings.min_probability, settings.min_llr, settings.min_margin
        )
        file = shipped_folder() / DEVELOPMENT_FILE
        known = {
            modality: scores
            for modality, entry in self._in_use().items()
            if (scores := load_scores(file, entry.name, entry.sha256)) is not None
        }
        found = []
        for modalities in _COMBINATIONS:
            if all(each in known for each in modalities):
                made = promise({each: known[each] for each in modalities}, policy, enrolled)
                found += [made] if made is not None else []
        return found

    def write_bundle(self) -> str:
        """See `ports.Backroom`."""
        folder = self._settings.database.parent / "diagnostics"
        now = datetime.now().astimezone()
        report = (self.pulse(), self.body(), self.models())
        return str(write_bundle(folder, now, self._settings, *report))

    def _in_use(self) -> dict[Modality, ModelEntry]:
        from kiosk.inference import weights

        found = {}
        for modality in Modality:
            try:
                found[modality] = weights.choose(self._settings, modality)
            except KnownError:
                continue
        return found

    def _describe(self, entry: ModelEntry, used: bool) -> ModelInfo:
        from kiosk.inference import weights

        state = weights.presence(entry, self._settings)
        card = weights.shipped_folder() / f"{entry.name}.md"
        needed = entry.role is not weights.Role.EMBEDDER
        return ModelInfo(
            entry.name,
            entry.role.value,
            entry.modality,
            state.value,
            used or (needed and state is weights.Presence.READY),
            entry.bytes,
            entry.licence,
            entry.about,
            entry.measured,
            "" if state is weights.Presence.READY else weights.remedy(entry),
            card.read_text("utf-8") if card.is_file() else "",
        )


def load_scores(file: Path, name: str, sha256: str) -> DevelopmentScores | None:
    """The development scores of one model; None if there are none of just these weights."""
    try:
        kept = json.loads(file.read_text("utf-8"))[name]
    except (OSError, ValueError, KeyError):
        return None
    if kept["sha256"] != sha256:
        return None
    mated, other = (np.array(kept[key], dtype=np.float64) for key in ("mated", "other"))
    worth = float(kept["mated_worth"]), float(kept["other_worth"])
    return DevelopmentScores(int(kept["first"]), mated, other, *worth, int(kept["people"]))


def save_scores(file: Path, name: str, sha256: str, scores: DevelopmentScores) -> None:
    """Put the development scores of one model into the file; the others in it stay."""
    kept = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    kept[name] = {
        "sha256": sha256,
        "people": scores.people,
        "mated_worth": round(scores.mated_worth, 1),
        "other_worth": round(scores.other_worth, 1),
        "first": scores.first,
        "mated": [float(f"{share:.6g}") for share in scores.mated],
        "other": [float(f"{share:.6g}") for share in scores.other],
    }
    lines = (f" {json.dumps(key)}: {json.dumps(kept[key])}" for key in sorted(kept))
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def kilobytes(file: Path, key: str) -> int | None:
    """A line such as `VmRSS: 1234 kB` of /proc, in bytes."""
    for line in _lines(file):
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) << 10
    return None


def warmest(folder: Path) -> float | None:
    """Degrees Celsius of the warmest zone the system tells of."""
    found = []
    for zone in folder.glob("thermal_zone*/temp"):
        for line in _lines(zone):
            found.append(int(line) / 1000)
    plausible = [each for each in found if 0 < each < 150]
    return max(plausible, default=None)


def _processor() -> str:
    for line in _lines(_PROC / "cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return ""


def _lines(file: Path) -> Iterable[str]:
    try:
        return file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
