"""From a stream of sound to a judged segment of speech: resample, find speech, gather, judge."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from kiosk.core.media import SPEECH_RATE, AudioChunk, Waveform
from kiosk.core.samples import Hint, VoiceOutcome, VoiceProgress, VoiceSample
from kiosk.inference.voice.activity import WINDOW, VoiceActivity
from kiosk.inference.voice.features.resampling import StreamResampler

SILENCE_DBFS = -100.0
SNR_LIMIT_DB = 60.0
_WINDOW_SECONDS = WINDOW / SPEECH_RATE


@dataclass(frozen=True)
class VoicePipelineConfig:
    """What counts as speech, as enough of it, and as good enough."""

    needed_seconds: float = 3.0
    """Speech that makes a sample."""
    limit_seconds: float = 12.0
    """Sound after the first speech until a shorter sample is judged."""
    least_seconds: float = 0.5
    """Speech below which a sample is too short to be compared."""
    start_probability: float = 0.5
    stay_probability: float = 0.35
    lead_windows: int = 2
    """Windows of 32 ms kept before speech is noticed: soft first sounds."""
    tail_windows: int = 3
    """Windows kept after speech fades."""
    quiet_dbfs: float = -52.0
    """Speech below this level is too quiet."""
    clipped_share: float = 0.005
    """Share of speech samples at full scale above which it counts as clipped."""
    noisy_db: float = 5.0
    """Signal-to-noise ratio below which speech counts as noisy."""
    clean_db: float = 20.0
    """Signal-to-noise ratio from which noise takes nothing off the quality."""


def dbfs(power: float) -> float:
    """Mean square of samples in -1..1 to decibels full scale, -100 for silence."""
    return max(SILENCE_DBFS, 10.0 * float(np.log10(max(power, 1e-12))))


@dataclass(frozen=True, eq=False)
class _Window:
    """32 ms of sound, when it began and whether somebody speaks in it."""

    sound: Waveform
    time: float
    power: float


class SileroVoicePipeline:
    """Gathers speech out of chunks of any rate (the port ``VoicePipeline``), of one session.

    Speech and pauses are told apart by Silero; pauses feed the estimate of the noise. A change of
    rate or a jump in time starts the resampler anew and keeps what was gathered.
    """

    def __init__(
        self, config: VoicePipelineConfig | None = None, activity: VoiceActivity | None = None
    ) -> None:
        self.config = config or VoicePipelineConfig()
        self._activity = activity or VoiceActivity()
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._activity.reset()
        self._resampler: StreamResampler | None = None
        self._lead: deque[_Window] = deque(maxlen=self.config.lead_windows)
        self._noise: deque[float] = deque(maxlen=100)
        self._speaking = False
        self._clock = 0.0
        self._level = SILENCE_DBFS
        self._empty()

    def _empty(self) -> None:
        self._speech: list[_Window] = []
        self._tail = 0
        self._heard = 0.0
        self._since_speech = 0.0

    @property
    def _seconds(self) -> float:
        return len(self._speech) * _WINDOW_SECONDS

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        """Take sound of any rate and say where listening stands.

        Raises InputError for a rate that no sound device has.
        """
        samples = np.nan_to_num(np.asarray(chunk.samples, np.float32)).clip(-1.0, 1.0)
        if self._resampler is None or self._resampler.rate != chunk.rate:
            self._resampler = StreamResampler(chunk.rate)
        if len(samples):
            self._level = dbfs(float(np.mean(samples * samples)))
        self._clock = chunk.time + chunk.seconds
        windows, probability = self._activity.hear(self._resampler.hear(samples))
        start = self._clock - len(windows) * _WINDOW_SECONDS
        for number, (sound, speech) in enumerate(zip(windows, probability, strict=True)):
            time = start + number * _WINDOW_SECONDS
            self._sort(_Window(sound, time, float(np.mean(sound * sound))), float(speech))
        return self._progress()

    def _sort(self, window: _Window, probability: float) -> None:
        """Put one window to speech, to its tail, or to the noise."""
        self._heard += _WINDOW_SECONDS
        bound = self.config.stay_probability if self._speaking else self.config.start_probability
        self._speaking = probability >= bound
        if self._speaking:
            self._speech.extend(self._lead)
            self._lead.clear()
            self._speech.append(window)
            self._tail = self.config.tail_windows
        elif self._tail:
            self._tail -= 1
            self._speech.append(window)
        else:
            self._lead.append(window)
            self._noise.append(window.power)
        if self._speech:
            self._since_speech += _WINDOW_SECONDS

    def _progress(self) -> VoiceProgress:
        needed = self.config.needed_seconds
        hint: Hint | None = None
        if not self._speech:
            hint = Hint.SPEAK
        elif self._speaking:
            hint = self._live_hint()
        elif self._seconds < needed:
            hint = Hint.SPEAK_LONGER
        return VoiceProgress(min(self._seconds, needed), needed, self._level, self._speaking, hint)

    def _live_hint(self) -> Hint | None:
        powers, peaks = _powers(self._speech), _peaks(self._speech)
        return _judge(powers, self._noise_power(), peaks, self.config)[1]

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        """The gathered segment once there is enough, or the time limit has passed; with ``flush``
        whatever there is, None if nothing at all was heard. Taking empties the store."""
        enough = self._seconds >= self.config.needed_seconds
        late = self._since_speech >= self.config.limit_seconds
        if not (enough or late or (flush and self._heard > 0)):
            return None
        sample = self._sample(self._speech) if self._speech else self._nothing()
        self._empty()
        return sample

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        """`seconds` of the gathered speech from its second ``start`` on, judged; None if there is
        not that much yet. Takes nothing away."""
        first, last = round(start / _WINDOW_SECONDS), round((start + seconds) / _WINDOW_SECONDS)
        if last > len(self._speech):
            return None
        return self._sample(self._speech[first:last])

    def _nothing(self) -> VoiceSample:
        speech = np.zeros(0, np.float32)
        start = self._clock - self._heard
        return VoiceSample(speech, start, self._clock, VoiceOutcome.NO_SPEECH, Hint.SPEAK)

    def _sample(self, windows: list[_Window]) -> VoiceSample:
        speech = np.concatenate([window.sound for window in windows])
        powers, noise = _powers(windows), self._noise_power()
        peaks, seconds = _peaks(windows), len(windows) * _WINDOW_SECONDS
        outcome, hint = _judge(powers, noise, peaks, self.config)
        if seconds < self.config.least_seconds:
            outcome, hint = VoiceOutcome.TOO_SHORT, Hint.SPEAK_LONGER
        snr = snr_db(powers, noise)
        quality = self._quality(snr, powers, peaks, seconds)
        start, end = windows[0].time, windows[-1].time + _WINDOW_SECONDS
        return VoiceSample(speech, start, end, outcome, hint, quality, snr)

    def _quality(self, snr: float, powers: np.ndarray, peaks: float, seconds: float) -> float:
        """Noise, level, clipping and length, each 0..1, multiplied."""
        clean = np.clip(snr / self.config.clean_db, 0.0, 1.0)
        loud = np.clip((dbfs(float(powers.mean())) - self.config.quiet_dbfs + 6.0) / 12.0, 0.0, 1.0)
        whole = 1.0 - np.clip(peaks / (4.0 * self.config.clipped_share), 0.0, 1.0)
        long = min(1.0, seconds / self.config.needed_seconds)
        return float(clean * loud * whole * np.sqrt(long))

    def _noise_power(self) -> float | None:
        """Of the quieter pauses: speech that was taken for a pause is no noise."""
        return float(np.quantile(self._noise, 0.2)) if len(self._noise) >= 5 else None


def _powers(windows: list[_Window]) -> np.ndarray:
    return np.array([window.power for window in windows])


def _peaks(windows: list[_Window]) -> float:
    """Share of the samples at full scale."""
    return float(np.mean([np.mean(np.abs(w.sound) > 0.985) for w in windows]))


def snr_db(powers: np.ndarray, noise: float | None) -> float:
    """Speech over noise, -10..60 dB, from the mean squares of speech windows and of the pauses.

    Without pauses the quietest twentieth of the windows stands for the noise, which
    underestimates the ratio of short samples. With both, the smaller counts.
    """
    quietest = np.sort(powers)[: max(1, len(powers) // 20)]
    floor = float(quietest.mean())
    if noise is not None:
        floor = min(floor, noise)
    signal = max(float(powers.mean()) - floor, 1e-12)
    return float(np.clip(10.0 * np.log10(signal / max(floor, 1e-12)), -10.0, SNR_LIMIT_DB))


def _judge(
    powers: np.ndarray, noise: float | None, peaks: float, config: VoicePipelineConfig
) -> tuple[VoiceOutcome, Hint | None]:
    """The first thing that is wrong with the speech, and what to do about it."""
    if peaks > config.clipped_share:
        return VoiceOutcome.CLIPPED, Hint.SPEAK_SOFTER
    if dbfs(float(powers.mean())) < config.quiet_dbfs:
        return VoiceOutcome.TOO_QUIET, Hint.SPEAK_LOUDER
    if snr_db(powers, noise) < config.noisy_db:
        return VoiceOutcome.NOISY, Hint.LESS_NOISE
    return VoiceOutcome.USABLE, None
