"""Voices of nobody: espeak-ng (a formant synthesiser, no speaker behind it), then a throat.

A person's voice is fixed by espeak's variant and pitch, the length of the vocal tract, the slope of
the spectrum, three resonances, breath and roughness. A recording adds phrase, speed, level,
room and microphone.
"""

from __future__ import annotations

import io
import subprocess
import wave
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Sound = NDArray[np.float64]

RATE = 16_000
ESPEAK = "espeak-ng"


@dataclass(frozen=True)
class Voice:
    """Who speaks.

    `tract`: all resonances (and with them espeak's pitch) are raised by this factor; above 1 is a
    shorter throat. `pitch`: espeak's 0-99. `slope`: decibels per octave above 500 Hz. `resonances`:
    (hertz, decibels, octaves) of what the throat favours or swallows. `breath`, `rough`: 0..1.
    """

    variant: str
    pitch: int
    tract: float
    slope: float
    resonances: tuple[tuple[float, float, float], ...]
    breath: float = 0.1
    rough: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """One recording: what is said where. `level` is the RMS in dBFS of the speech."""

    language: str
    phrase: str
    speed: float
    level: float
    room: float
    """Seconds until the echo has fallen by 60 dB."""
    microphone: tuple[float, float]
    """Band in hertz."""
    noise: float
    """Noise floor in dB below the speech."""
    lead: float = 0.45
    """Seconds of silence before the first word."""


def spoken(voice: Voice, take: Attempt) -> tuple[Sound, int]:
    """What espeak says, with its rate; slower by `tract`, as resampling speeds it up."""
    words = round(155 * take.speed / voice.tract)
    name = f"{take.language}+{voice.variant}"
    command = [
        ESPEAK,
        "-v",
        name,
        "-s",
        str(words),
        "-p",
        str(voice.pitch),
        "--stdout",
        take.phrase,
    ]
    done = subprocess.run(command, check=True, capture_output=True)
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate = file.getframerate()
        packed = file.readframes(file.getnframes())
    return np.frombuffer(packed[: len(packed) // 2 * 2], "<i2") / 32768.0, rate


def lengthened(sound: Sound, rate: int, tract: float) -> Sound:
    """Resampled to RATE while every frequency is multiplied by `tract`."""
    ratio = Fraction(RATE / (rate * tract)).limit_denominator(500)
    return signal.resample_poly(sound, ratio.numerator, ratio.denominator)


def shaped(sound: Sound, voice: Voice) -> Sound:
    """The spectrum's slope and the throat's resonances, as one zero-phase filter."""
    size = 1 << (len(sound) - 1).bit_length()
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 40.0)
    gain = voice.slope * np.maximum(0, np.log2(hertz / 500))
    for centre, height, width in voice.resonances:
        gain += height * np.exp(-0.5 * (np.log2(hertz / centre) / width) ** 2)
    return np.fft.irfft(np.fft.rfft(sound, size) * 10 ** (gain / 20), size)[: len(sound)]


def envelope(sound: Sound, hertz: float = 12.0) -> Sound:
    """How loud it is, smoothly; same length."""
    low = signal.butter(2, hertz, fs=RATE, output="sos")
    return np.maximum(signal.sosfiltfilt(low, np.abs(sound)), 0)


def breathed(sound: Sound, voice: Voice, rng: np.random.Generator) -> Sound:
    """Air along the voice (noise above 1.5 kHz that follows its loudness) and unsteady loudness."""
    high = signal.butter(2, [1500, 6500], "band", fs=RATE, output="sos")
    air = signal.sosfilt(high, rng.normal(size=len(sound))) * envelope(sound) * voice.breath
    low = signal.butter(2, 25, fs=RATE, output="sos")
    unsteady = signal.sosfilt(low, rng.normal(size=len(sound)))
    return sound * (1 + 0.5 * voice.rough * unsteady / unsteady.std()) + air


def placed(sound: Sound, take: Attempt, rng: np.random.Generator) -> Sound:
    """In a room, through a microphone, at a level, over a noise floor."""
    length = max(2, int(take.room * RATE))
    tail = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail *= 0.35 * take.room / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    heard = signal.fftconvolve(sound, tail)[: len(sound) + RATE // 4]
    heard = np.concatenate([np.zeros(int(take.lead * RATE)), heard, np.zeros(RATE // 4)])
    rms = np.sqrt((heard[np.abs(heard) > 0.02 * np.abs(heard).max()] ** 2).mean())
    hiss = np.cumsum(rng.normal(size=len(heard)))
    hiss = signal.sosfilt(signal.butter(1, 100, "high", fs=RATE, output="sos"), hiss)
    heard = heard / rms + hiss / hiss.std() * 10 ** (-take.noise / 20)
    band = signal.butter(2, take.microphone, "band", fs=RATE, output="sos")
    out = signal.sosfilt(band, heard) * 10 ** (take.level / 20)
    return np.tanh(out)


def record(voice: Voice, take: Attempt, seed: int) -> Sound:
    """The finished sound of one recording, mono, RATE, within -1..1."""
    rng = np.random.default_rng(seed)
    dry = shaped(lengthened(*spoken(voice, take), voice.tract), voice)
    return placed(breathed(dry, voice, rng), take, rng)
