"""Speaks prompts.toml: espeak-ng's voice of nobody, a little softened, as Opus in Ogg.

`python tools/spoken_prompts.py` writes NAME.LANGUAGE.ogg beside it, and call.ogg, which is no
speech. Needs espeak-ng.
"""

from __future__ import annotations

import io
import subprocess
import tomllib
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy import signal

HERE = Path(__file__).resolve().parents[1] / "assets" / "prompts"
RATE = 24_000
VOICES = {"ko": ("ko+f2", 165), "en": ("en-gb+f2", 155)}
TIMBRE = ((1, 1.0), (2, 0.35), (3, 0.12))
"""Partials of a bell, and how loud each is."""
LEVEL = 10 ** (-20 / 20)


def spoken(text: str, voice: str, speed: int) -> NDArray[np.float64]:
    """What espeak says, at RATE."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", "42", "--stdout", text]
    done = subprocess.run(command, check=True, capture_output=True)
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate, packed = file.getframerate(), file.readframes(file.getnframes())
    sound = np.frombuffer(packed[: len(packed) // 2 * 2], "<i2") / 32768.0
    ratio = Fraction(RATE, rate)
    return signal.resample_poly(sound, ratio.numerator, ratio.denominator)


def softened(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    """Less shrill, of even loudness, with a soft beginning and end."""
    low = signal.butter(1, 3200, fs=RATE, output="sos")
    high = signal.butter(2, 110, "high", fs=RATE, output="sos")
    sound = signal.sosfilt(high, 0.55 * sound + 0.45 * signal.sosfilt(low, sound))
    loud = sound[np.abs(sound) > 0.05 * np.abs(sound).max()]
    sound = np.tanh(sound * LEVEL / np.sqrt((loud**2).mean()))
    fade = np.minimum(1, np.minimum(np.arange(sound.size), np.arange(sound.size)[::-1]) / 400)
    pause = np.zeros(RATE // 10)
    return np.concatenate([pause, sound * fade, pause]).astype(np.float32)


def chime() -> NDArray[np.float32]:
    """Two tones, the second higher, each dying away: a call for staff, which is no speech."""
    sound = np.zeros(int(1.5 * RATE))
    for begin, pitch in ((0.05, 659.3), (0.4, 880.0)):
        time = np.arange(sound.size - int(begin * RATE)) / RATE
        partials = sum(share * np.sin(2 * np.pi * pitch * k * time) for k, share in TIMBRE)
        sound[int(begin * RATE) :] += partials * np.exp(-4.5 * time) * np.minimum(1, time / 0.004)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def write(file: Path, sound: NDArray[np.float32]) -> None:
    """Opus in Ogg, mono."""
    with av.open(str(file), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, bit_rate=24_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def main() -> None:
    """Every prompt in every language."""
    write(HERE / "call.ogg", chime())
    prompts = tomllib.loads((HERE / "prompts.toml").read_text("utf-8"))
    for name, texts in prompts.items():
        for language, text in texts.items():
            sound = softened(spoken(text, *VOICES[language]))
            write(HERE / f"{name}.{language}.ogg", sound)
            print(f"{name}.{language}.ogg {sound.size / RATE:.1f} s")  # noqa: T201


if __name__ == "__main__":
    main()
