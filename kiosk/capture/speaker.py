"""The loudspeaker through PortAudio (sounddevice): plays short recordings, one at a time."""

from __future__ import annotations

import logging
import queue
import threading
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from kiosk.capture.media import MediaSource
from kiosk.capture.microphone import _count_streams, _portaudio, _portaudio_lock
from kiosk.core.errors import CaptureError, KnownError
from kiosk.core.media import AudioChunk, Waveform
from kiosk.core.redaction import log_failure

BLOCK_SECONDS = 0.05
JOIN_LIMIT = 2.0
_log = logging.getLogger(__name__)


class SoundSpeaker:
    """Implements `ports.Speaker`. Its thread opens the default output for every recording: a kiosk
    speaks seldom, and a device that is plugged in later works at once. Without one it is silent."""

    def __init__(self) -> None:
        self.played = 0
        self._wanted: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._hush = threading.Event()
        self._works = True
        self._thread = threading.Thread(target=self._run, name="kiosk-speaker", daemon=True)
        self._thread.start()

    def say(self, file: Path) -> float:
        """See `ports.Speaker`."""
        self._hush.set()
        self._wanted.put(file)
        return seconds_of(file) if self._works else 0.0

    def stop(self) -> None:
        """See `ports.Speaker`."""
        self._hush.set()

    def close(self) -> None:
        """See `ports.Speaker`."""
        self._hush.set()
        self._wanted.put(None)
        self._thread.join(JOIN_LIMIT)

    def _run(self) -> None:
        while (file := self._wanted.get()) is not None:
            self._hush.clear()
            if not self._wanted.empty():
                continue  # a newer one has come already
            try:
                self._play(*decoded(file))
            except KnownError as error:
                if self._works:
                    log_failure(_log, "Prompts cannot be heard: %s.", error)
                self._works = False
            else:
                self._works = True
                self.played += 1

    def _play(self, samples: Waveform, rate: int) -> None:
        """Raises CaptureError where nothing can be heard."""
        with _portaudio_lock:
            portaudio = _portaudio()
            try:
                stream = portaudio.OutputStream(samplerate=rate, channels=1, dtype="float32")
                stream.start()
            except portaudio.PortAudioError as error:
                raise CaptureError("No sound can be played.", "Plug a loudspeaker in.") from error
            _count_streams(+1)
        try:
            self._write(stream, samples, rate)
        except portaudio.PortAudioError as error:
            raise CaptureError("The loudspeaker went away.", "Plug it in again.") from error
        finally:
            with _portaudio_lock:
                stream.close(ignore_errors=True)
                _count_streams(-1)

    def _write(self, stream: Any, samples: Waveform, rate: int) -> None:
        block = round(rate * BLOCK_SECONDS)
        for start in range(0, len(samples), block):
            if self._hush.is_set():
                stream.abort()
                return
            stream.write(samples[start : start + block, None])
        stream.stop()  # waits until the last block was heard


@cache
def seconds_of(file: Path) -> float:
    """The length that the file states."""
    with av.open(str(file)) as container:
        return float(container.duration or 0) / av.time_base


def decoded(file: Path) -> tuple[Waveform, int]:
    """All samples, mono, and their rate. Raises InputError."""
    chunks = [event for event in MediaSource(file).events() if isinstance(event, AudioChunk)]
    return np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate
