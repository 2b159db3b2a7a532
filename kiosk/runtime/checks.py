"""What `kiosk doctor` examines: each check finds what works, what does not, and the remedy."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kiosk.core.errors import KnownError
from kiosk.core.media import Modality
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings
from kiosk.core.settings_layers import unknown_variables
from kiosk.core.status import ModelCoverage
from kiosk.runtime.installed import SESSION, by_package
from kiosk.runtime.logs import log_file

LEAST_FREE = 200 << 20
"""Bytes for a gallery of a hundred thousand templates and its journal."""
PYTHONS = ((3, 11), (3, 13))
_QT_SECONDS = 30
_AGAIN = "Install the kiosk again: `make setup` in a clone."
_PACKAGES = ("torch", "torchaudio", "facenet-pytorch", "av", "opencv-python-headless", "sqlcipher3")

_log = logging.getLogger(__name__)


class State(StrEnum):
    """Right; wrong but the kiosk works without it; wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    state: State
    found: str
    remedy: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings) -> list[Finding]:
    """All findings; a check that itself fails is a finding too."""
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        try:
            findings += check(settings)
        except KnownError as error:
            findings.append(Finding(name, State.WRONG, error.text, error.remedy))
        except Exception as error:
            log_failure(_log, "Something could not be examined: %s.", error)
            text = f"cannot be examined ({type(error).__name__})"
            findings.append(Finding(name, State.WRONG, text, _AGAIN))
    return findings


def _python(_settings: Settings) -> Iterator[Finding]:
    here = sys.version_info[:2]
    right = PYTHONS[0] <= here <= PYTHONS[1]
    state = State.OK if right else State.WRONG
    yield Finding("Python", state, platform.python_version(), "Use Python 3.11, 3.12 or 3.13.")
    for name in _PACKAGES:
        try:
            yield Finding(name, State.OK, version(name))
        except PackageNotFoundError:
            yield Finding(name, State.WRONG, "not installed", _AGAIN)


def _variables(_settings: Settings) -> Iterator[Finding]:
    for name, near in unknown_variables().items():
        remedy = f"Did you mean {near}?" if near else "`kiosk settings list` names them all."
        yield Finding(name, State.NOTE, "is not a setting and changes nothing", remedy)


def _processors(settings: Settings) -> Iterator[Finding]:
    from kiosk.inference.devices import choose_device, describe_devices

    chosen = choose_device(settings)
    found = "; ".join(describe_devices())
    yield Finding("processor", State.OK, f"{found}; in use: {chosen.type}")


def _weights(settings: Settings) -> Iterator[Finding]:
    from kiosk.inference import manifest

    for entry in manifest.load_manifest().values():
        state = manifest.presence(entry, settings)
        needed = entry.role is not manifest.Role.EMBEDDER
        wrong = state is manifest.Presence.DAMAGED or (
            needed and state is not manifest.Presence.READY
        )
        if wrong:
            yield Finding(entry.name, State.WRONG, state.value, manifest.remedy(entry))
    for modality in Modality:
        try:
            found = manifest.choose(settings, modality).name
            yield Finding(f"{modality} model", State.OK, found)
        except KnownError as error:
            yield Finding(f"{modality} model", State.WRONG, error.text, error.remedy)


def _gallery(settings: Settings) -> Iterator[Finding]:
    from kiosk.runtime.composition import coverage, open_gallery

    if not settings.database.exists() and not settings.key_file.exists():
        yield Finding("gallery", State.OK, f"{settings.database} will be made at the first use")
        yield _writable(settings.database.parent)
        return
    with open_gallery(settings) as gallery:
        count = len(gallery.subjects())
        covered = coverage(settings, gallery)
    yield Finding("gallery", State.OK, f"{settings.database}, {count} subjects")
    for each in covered:
        yield _covered(each)
    yield Finding("key", State.OK, str(settings.key_file))


def _covered(coverage: ModelCoverage) -> Finding:
    """Whether the chosen recogniser suffices; people whose model is gone are not recognised."""
    from kiosk.runtime.model_coverage import as_sentence, remedy

    state = State.OK if coverage.complete else State.WRONG if coverage.lost else State.NOTE
    return Finding(f"{coverage.modality} templates", state, as_sentence(coverage), remedy(coverage))


def _events(settings: Settings) -> Iterator[Finding]:
    """Whether every way out that is switched on can be used, and what waits; nothing is sent."""
    from kiosk.runtime.events_out import build_channels, exposed

    for channel in build_channels(settings):
        channel.close()
        remedy = exposed(settings, channel.name)
        state = State.NOTE if remedy else State.OK
        yield Finding(f"events by {channel.name}", state, "switched on", remedy)
    if settings.database.exists():
        yield from _outbox(settings)


def _outbox(settings: Settings) -> Iterator[Finding]:
    from kiosk import storage

    outbox = storage.open_outbox(settings.database, settings.key_file)
    try:
        counts = outbox.counts()
    finally:
        outbox.close()
    for name, (waiting, given_up) in counts.items():
        state = State.NOTE if given_up else State.OK
        found = f"{waiting} wait, {given_up} were given up"
        yield Finding(f"outbox of {name}", state, found, "See `kiosk events list`.")


def _writable(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(existing, os.W_OK | os.X_OK):
        return Finding("gallery folder", State.OK, f"{existing} can be written")
    remedy = "Set database to a folder you can write, or mend its permissions."
    return Finding("gallery folder", State.WRONG, f"{existing} cannot be written", remedy)


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.database.parent
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    state = State.OK if free >= LEAST_FREE else State.WRONG
    yield Finding("disk", state, f"{free >> 20} MB free at {existing}", "Make room.")


def _log_place(_settings: Settings) -> Iterator[Finding]:
    file = log_file()
    existing = next(path for path in (file, *file.parents) if path.exists())
    if os.access(existing, os.W_OK):
        yield Finding("log", State.OK, str(file))
        return
    remedy = "Mend its permissions, or set XDG_STATE_HOME to a folder you can write."
    yield Finding("log", State.NOTE, f"{file} cannot be written", remedy)


def _cameras(_settings: Settings) -> Iterator[Finding]:
    from kiosk.capture.webcam import list_cameras

    cameras = list_cameras()
    if not cameras:
        remedy = "Plug one in, or use --source with a recording or stream."
        yield Finding("camera", State.NOTE, "none", remedy)
    for camera in cameras:
        node = Path(f"/dev/video{camera.number}")
        if os.access(node, os.R_OK | os.W_OK):
            yield Finding("camera", State.OK, f"{camera.number}: {camera.name}")
        else:
            remedy = "Add your account to the group video and log in again."
            yield Finding("camera", State.WRONG, f"{camera.name}: {node} is forbidden", remedy)


def _microphones(_settings: Settings) -> Iterator[Finding]:
    from kiosk.capture.microphone import list_microphones, portaudio_problem

    problem = portaudio_problem()
    if problem is not None:
        yield Finding("sound", State.NOTE, problem.text, problem.remedy)
        return
    yield Finding("sound", State.OK, _sound_server())
    microphones = list_microphones()
    if not microphones:
        remedy = "Plug one in and see that the sound server runs, or use --microphone none."
        yield Finding("microphone", State.NOTE, "none", remedy)
    for microphone in microphones:
        mark = ", default" if microphone.default else ""
        found = f"{microphone.number}: {microphone.name}, {microphone.rate} Hz{mark}"
        yield Finding("microphone", State.OK, found)


def _sound_server() -> str:
    """PulseAudio's or PipeWire's socket, if one listens; without, PortAudio uses ALSA alone."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user/0"))
    server = os.environ.get("PULSE_SERVER")
    if server:
        return f"PortAudio works; sound server at {server}"
    if (runtime / "pulse" / "native").exists():
        return "PortAudio works; a sound server runs"
    return "PortAudio works; no sound server runs, devices are used directly"


def _screen(_settings: Settings) -> Iterator[Finding]:
    """In a process of its own: a Qt without its system libraries may not only fail but abort."""
    result = subprocess.run(
        [sys.executable, "-c", "import PySide6.QtWidgets"],
        capture_output=True,
        text=True,
        timeout=_QT_SECONDS,
        check=False,
    )
    if result.returncode:
        said = result.stderr.strip().splitlines()
        remedy = "Install the system library it names, or use --headless."
        yield Finding("Qt", State.NOTE, said[-1] if said else "does not load", remedy)
        return
    yield Finding("Qt", State.OK, f"PySide6 {version('PySide6-Essentials')}")
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if shown or sys.platform != "linux":
        yield Finding("screen", State.OK, shown or sys.platform)
    else:
        remedy = "Log in to a desktop, or use --headless."
        if by_package():
            remedy = f"{SESSION} gives it one: sudo systemctl enable --now {SESSION}"
        yield Finding("screen", State.NOTE, "no display is set", remedy)


CHECKS: dict[str, Check] = {
    "Python": _python,
    "environment": _variables,
    "processor": _processors,
    "weights": _weights,
    "gallery": _gallery,
    "events": _events,
    "disk": _disk,
    "log": _log_place,
    "camera": _cameras,
    "microphone": _microphones,
    "screen": _screen,
}
