"""The diagnostics bundle: what helps to mend a kiosk from afar, and nothing about anybody.

Only what is listed here goes in: versions, settings, counts, times, codes, states of models, and
the newest part of the log, which names nobody (`kiosk.core.redaction`). No name, picture, sound or
embedding, no text that somebody typed, no path and no name of a device: the folder of a database or
a pair of headphones may be called after its owner.
"""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kiosk.core.errors import StorageError
from kiosk.core.settings import Settings, all_settings
from kiosk.core.status import HostStatus, ModelInfo, RuntimeStatus, Verdict

PACKAGES = (
    "av",
    "facenet-pytorch",
    "numpy",
    "opencv-python-headless",
    "PySide6-Essentials",
    "sounddevice",
    "sqlcipher3",
    "torch",
    "torchaudio",
)
PLAIN = {"auto", "none", "default"}
"""Values of free text that name nothing."""
NAMED = "(chosen)"


def write_bundle(
    folder: Path,
    time: datetime,
    settings: Settings,
    pulse: RuntimeStatus,
    body: HostStatus,
    models: Sequence[ModelInfo],
    found: Verdict,
    log: str,
) -> Path:
    """Write a ZIP of JSON files and the log; returns its path. Raises StorageError."""
    file = folder / f"diagnostics-{time:%Y%m%d-%H%M%S}.zip"
    parts: dict[str, object] = {
        "versions.json": versions(),
        "settings.json": harmless(settings),
        "health.json": {
            "verdict": asdict(found),
            "pulse": asdict(pulse),
            "machine": asdict(body),
        },
        "models.json": [_model(model) for model in models],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in parts.items():
                text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
                bundle.writestr(name, text)
            bundle.writestr("log.txt", log)
    except OSError as error:
        raise StorageError(
            f"The diagnostics bundle cannot be written: {error.strerror}.", "Make room on the disk."
        ) from error
    return file


def versions(packages: Iterable[str] = PACKAGES) -> Mapping[str, str]:
    """Of Python, the system and the packages that matter."""
    found = {"python": platform.python_version(), "system": platform.system()}
    found |= {"release": platform.release(), "machine": platform.machine()}
    for name in ("kiosk", *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def harmless(settings: Settings) -> Mapping[str, object]:
    """Settings without paths and free text: of those only whether something was chosen."""
    usual = Settings()
    found: dict[str, object] = {}
    for key, setting in all_settings().items():
        value = getattr(settings, key)
        free = setting.kind not in (int, float) and not setting.declared.choices
        chosen = value != getattr(usual, key) and str(value) not in PLAIN
        if not free:
            found[key] = value
        else:
            found[key] = NAMED if chosen else "(usual)"
    return found


def _model(model: ModelInfo) -> Mapping[str, object]:
    keys = ("name", "role", "modality", "state", "in_use", "bytes")
    return {key: getattr(model, key) for key in keys}
