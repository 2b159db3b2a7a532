"""Microphones of this machine through PortAudio (sounddevice), by number or name."""

from __future__ import annotations

import errno
import importlib
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.capture.channels import Mixer
from kiosk.capture.ring import Ring, SampleClock
from kiosk.core.errors import CaptureError, DeviceBusy, DeviceForbidden, DeviceMissing, DeviceSilent
from kiosk.core.media import AudioChunk

READ_LIMIT = 1.0
"""Seconds `read` waits for sound."""
START_LIMIT = 4.0
"""Seconds `open` waits for the first sound: sound servers and wireless devices wake up slowly."""
ZERO_LIMIT = 10.0
"""Seconds of one and the same value after which a microphone counts as silent: no real room is that
quiet, but microphones that cut noise off fall silent between two words."""
MOST_CHANNELS = 8
"""Of a device that claims more, as sound servers do, two are asked for."""
RING_SECONDS = 30.0
"""Sound kept while nobody reads."""
BLOCK_SECONDS = 0.02
LATENCY = 0.1
"""Seconds the driver may buffer: enough that a busy machine loses nothing."""
LONGEST_AGE = 1.0
"""Seconds; drivers that say their sound is older than this do not know."""
_SOUND_NODES = Path("/dev/snd")
_PA_DEVICE_UNAVAILABLE = -9985
_PA_INVALID_DEVICE = -9996
_open_streams = 0
_portaudio_lock = threading.RLock()


@dataclass(frozen=True)
class MicrophoneInfo:
    """A device that gives sound; `number` and `name` both open it."""

    number: int
    name: str
    rate: int
    default: bool
    channels: int = 1


def list_microphones() -> list[MicrophoneInfo]:
    """What PortAudio finds now; empty without PortAudio or sound server. Never raises."""
    try:
        return _inputs(_portaudio())
    except CaptureError:
        return []


def portaudio_problem() -> CaptureError | None:
    """Why there cannot be any microphone, for `kiosk doctor`; None if PortAudio works."""
    try:
        _portaudio()
    except CaptureError as error:
        return error
    return None


class SoundDevice:
    """A microphone. `name` is a number, a part of a device's name, or "default".

    Mono at the device's own rate, made of all its channels as that of a recording is: two of
    opposite phase, one that is dead and a constant offset do no harm. Times are those of the
    machine's monotonic clock. `overflows` counts the times sound was lost because the machine was
    too busy.
    """

    def __init__(self, name: str = "default") -> None:
        self.name = f"Microphone {name}"
        self.overflows = 0
        self._wanted = name
        self._stream: Any = None
        self._rate = 0
        self._ring = Ring(0)
        self._clock = SampleClock()
        self._mixer = Mixer()
        self._zeros = 0.0

    def open(self) -> None:
        """Returns once sound comes. Raises DeviceMissing, DeviceBusy, DeviceForbidden, or
        DeviceSilent after START_LIMIT seconds."""
        self.close()
        with _portaudio_lock:
            portaudio = _portaudio()
            device = self._find(_inputs(portaudio))
            self._rate = device.rate
            self._ring = Ring(int(RING_SECONDS * device.rate))
            self._clock, self._mixer = SampleClock(), Mixer()
            self._stream = self._started(portaudio, device)
            _count_streams(+1)
        if not self._ring.wait(START_LIMIT):
            self.close()
            raise self._mute()

    def read(self) -> AudioChunk | None:
        """Everything heard since the last call; waits READ_LIMIT seconds at most.

        Raises DeviceSilent when nothing comes or ZERO_LIMIT seconds of one value, DeviceMissing
        when the device went away.
        """
        began = time.monotonic()
        while True:
            chunk, heard = self._take()
            self._zeros = 0.0 if heard else self._zeros + chunk.seconds
            if self._zeros < ZERO_LIMIT:
                return chunk
            if time.monotonic() - began >= READ_LIMIT:
                raise DeviceSilent(
                    f"{self.name} gives only silence.",
                    "Switch it on, or raise its level in the sound settings.",
                )

    def close(self) -> None:
        """Release the device."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with _portaudio_lock:
                stream.close(ignore_errors=True)
                _count_streams(-1)

    def _started(self, portaudio: ModuleType, device: MicrophoneInfo) -> Any:
        """With as many channels as it will give; one where a driver promises more than it does."""
        try:
            if device.channels > 1:
                with suppress(portaudio.PortAudioError):
                    return self._start(portaudio, device, device.channels)
            return self._start(portaudio, device, 1)
        except portaudio.PortAudioError as error:
            raise explain(error, self.name) from error

    def _start(self, portaudio: ModuleType, device: MicrophoneInfo, channels: int) -> Any:
        stream = portaudio.InputStream(
            device=device.number,
            channels=channels,
            samplerate=device.rate,
            dtype="float32",
            blocksize=round(device.rate * BLOCK_SECONDS),
            latency=LATENCY,
            callback=self._heard,
        )
        try:
            stream.start()
        except portaudio.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _heard(self, block: NDArray[np.float32], frames: int, times: Any, status: Any) -> None:
        age = times.currentTime - times.inputBufferAdcTime  # of the first sample
        late = age - frames / self._rate if frames / self._rate < age < LONGEST_AGE else 0.0
        lost = self._ring.put(time.monotonic() - late, block.copy())
        self.overflows += bool(status.input_overflow) + bool(lost)

    def _take(self) -> tuple[AudioChunk, bool]:
        """What came, and whether that is sound: whether any channel moves."""
        if self._stream is None:
            raise DeviceMissing(f"{self.name} is not open.", "Open it first.")
        taken = self._ring.take(READ_LIMIT)
        if taken is None:
            if not self._stream.active:
                raise DeviceMissing(
                    f"{self.name} went away.", "Plug it in again and check the sound server."
                )
            raise self._mute()
        end, blocks = taken
        start = self._clock.place(end, len(blocks) / self._rate)
        heard = bool(np.any(blocks != blocks[0]))
        return AudioChunk(self._mixer.mix(blocks.T, self._rate), self._rate, start), heard

    def _mute(self) -> DeviceSilent:
        return DeviceSilent(f"{self.name} gives nothing.", "Unplug it and plug it in again.")

    def _find(self, devices: list[MicrophoneInfo]) -> MicrophoneInfo:
        if not devices:
            raise _nothing_there()
        for device in devices:
            if self._fits(device):
                return device
        there = ", ".join(f"{device.number} ({device.name})" for device in devices)
        raise DeviceMissing(f"There is no {self.name}.", f"Plug it in, or choose one of: {there}.")

    def _fits(self, device: MicrophoneInfo) -> bool:
        if self._wanted == "default":
            return device.default
        if self._wanted.isdigit():
            return device.number == int(self._wanted)
        return self._wanted.lower() in device.name.lower()


def explain(error: Exception, name: str) -> CaptureError:
    """PortAudio's error as one of ours.

    Its arguments are a text, its own code, and for errors of the host (code, number, text).
    """
    code = error.args[1] if len(error.args) > 1 else 0
    host = error.args[2] if len(error.args) > 2 else (0, 0, "")
    number = abs(host[1]) if isinstance(host, tuple) else 0
    if number in (errno.EACCES, errno.EPERM):
        return _forbidden(name)
    if code == _PA_DEVICE_UNAVAILABLE or number == errno.EBUSY:
        return DeviceBusy(f"{name} is used by another program.", "Close the other program.")
    if code == _PA_INVALID_DEVICE or number in (errno.ENODEV, errno.ENOENT, errno.ECONNREFUSED):
        return DeviceMissing(f"{name} is not there.", "Plug it in and check the sound server.")
    return DeviceBusy(
        f"{name} cannot be opened ({error.args[0] if error.args else 'no reason given'}).",
        "Close other programs that use it, or choose another microphone.",
    )


def _portaudio() -> ModuleType:
    """The sounddevice module with a fresh device list.

    PortAudio looks for devices once, when it starts; so it is started again while no stream is
    open. Raises DeviceMissing where the library is not installed or does not start.
    """
    with _portaudio_lock:
        try:
            module = importlib.import_module("sounddevice")
            if _open_streams == 0:
                module._terminate()
                module._initialize()
        except OSError as error:
            raise DeviceMissing(
                "The PortAudio library is not installed.", "On Debian: apt install libportaudio2."
            ) from error
        except Exception as error:
            raise DeviceMissing(
                "The sound system does not start.", "Check that a sound server is running."
            ) from error
        return module


def _inputs(portaudio: ModuleType) -> list[MicrophoneInfo]:
    preferred = portaudio.default.device[0]
    if preferred is None or preferred < 0:
        preferred = _host_default(portaudio)
    return [
        MicrophoneInfo(
            number,
            info["name"],
            int(info["default_samplerate"]),
            number == preferred,
            info["max_input_channels"] if info["max_input_channels"] <= MOST_CHANNELS else 2,
        )
        for number, info in enumerate(portaudio.query_devices())
        if info["max_input_channels"] > 0
    ]


def _host_default(portaudio: ModuleType) -> int:
    for host in portaudio.query_hostapis():
        if host["default_input_device"] >= 0:
            return int(host["default_input_device"])
    return -1


def _nothing_there() -> CaptureError:
    """Linux does not list what it forbids."""
    nodes = list(_SOUND_NODES.glob("pcm*c")) if _SOUND_NODES.is_dir() else []
    if nodes and not any(_readable(node) for node in nodes):
        return _forbidden("The microphone")
    return DeviceMissing(
        "There is no microphone.", "Plug one in and check that the sound server is running."
    )


def _readable(node: Path) -> bool:
    try:
        node.open("rb").close()
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _forbidden(name: str) -> DeviceForbidden:
    return DeviceForbidden(
        f"{name} may not be used.",
        "Allow it in the operating system; on Linux: sudo usermod -aG audio $USER, and log in "
        "again.",
    )


def _count_streams(step: int) -> None:
    global _open_streams
    _open_streams += step
