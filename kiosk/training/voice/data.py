"""Where speakers come from: layouts of collections, and the cache of mel bands made of them.

A collection is a folder in one of the field's layouts, told apart by what lies in it:

    index.csv                        columns file, speaker and, if known, gender and emotion
    SPEAKER/*.p                      the ancestors' feature pickles, 40 log-mel bands
    WORD/HASH_nohash_N.wav           Speech Commands; HASH is the speaker, across collections
    WORD/NNNNNNNN_XX_NN.wav          the same with a numbered speaker first
    SPEAKER/CHAPTER/S-C-NNNN.flac    LibriSpeech
    wav/idNNNNN/VIDEO/NNNNN.wav      VoxCeleb
    SPEAKER/**/sound                 anything else

A broken file is named, skipped and counted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import pickle
import pickletools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.datasets.recordings import whole_sound
from kiosk.datasets.splits import COMMAND, NUMBERED_WORD, is_word, kept_from_voice
from kiosk.inference.voice.features.mel import BANDS, Ge2eMel, MelPower, decibels
from kiosk.inference.voice.features.resampling import at_speech_rate
from kiosk.training.loop import write_atomically

SOUND = {".wav", ".flac", ".opus", ".ogg", ".mp3", ".m4a", ".aac", ".webm", ".mkv", ".mp4"}
COMMANDS = "words"
_PICKLE_FLOOR_DB = -50.0
_NAMES = {("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")}
_NAMES |= {("numpy", "ndarray"), ("numpy", "dtype")}
_NUMBERS = "fiu"
"""Kinds of NumPy's dtypes: real numbers and integers."""
_LIBRI = re.compile(r"^(\d+)-\d+-\d+$")
_VOX = re.compile(r"^id\d{5}$")


@dataclass(frozen=True)
class Recording:
    """One file of one speaker. ``collection`` and ``speaker`` together name a person."""

    collection: str
    speaker: str
    file: str
    gender: str = ""
    emotion: str = ""


@dataclass
class Broken:
    """Files that could not be used, in order."""

    lines: list[str]

    def add(self, file: Path, why: str, say: Callable[[str], None]) -> None:
        """Note one and say so."""
        line = f"skipped {file}: {why}"
        self.lines.append(line)
        say(line)


_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_MOST_REMEMBERED = 10_000
_LARGEST_FEATURES = 256 << 20
"""Bytes: four hours of speech take less."""


class _FeatureUnpickler(pickle.Unpickler):
    """Reads arrays in plain containers and refuses everything that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a feature file")
        return _plain_dtype if name == "dtype" else super().find_class(module, name)


def _require_bounds(content: bytes) -> None:
    """Nothing in a pickle may make the reader allocate what the file does not hold: a place in its
    memo is an index into a table that grows to it, and a length is believed before it is read.
    Raises UnpicklingError, ValueError."""
    for opcode, argument, _ in pickletools.genops(content):  # which reads lengths with care
        if opcode.name in _PUTS and not 0 <= int(argument or 0) < _MOST_REMEMBERED:
            raise pickle.UnpicklingError(f"it wants to remember {argument} things")


def _plain_dtype(code: object, *_copied: object) -> np.dtype[Any]:
    """A dtype of numbers. One of objects is refused before an array of it is made: its bytes would
    be taken for pointers, and the interpreter would fall over. What is returned is NumPy's own,
    not a copy, so that a file cannot set its flags either."""
    made = np.dtype(str(code))
    if made.kind not in _NUMBERS:
        raise pickle.UnpicklingError(f"an array of {made} has no place in a feature file")
    return made


def read_features(path: Path) -> NDArray[np.float32]:
    """Decibels (frames, 40) from an ancestor's feature pickle.

    The file holds ``{"feat": 20 * log10(power) minus each band's mean, "label": speaker}`` with
    power clipped at 1e-5; the level is restored from that floor, which every band touches in the
    pauses. Raises InputError for anything else.
    """
    try:
        if path.stat().st_size > _LARGEST_FEATURES:
            raise InputError(f"{path.name} is larger than any feature file.", "Leave it out.")
        raw = path.read_bytes()
        _require_bounds(raw)
        content = _FeatureUnpickler(io.BytesIO(raw)).load()
        features = np.asarray(content["feat"], dtype=np.float32)
    except InputError:
        raise
    except Exception as error:
        # a damaged pickle can raise nearly anything
        raise InputError(f"{path.name} is not a feature file: {error}.", "Leave it out.") from error
    if features.ndim != 2 or features.shape[1] != BANDS or not np.isfinite(features).all():
        raise InputError(f"{path.name} has no {BANDS} finite bands.", "Leave it out.")
    halved = features / 2.0
    return np.asarray(halved - halved.min(axis=0) + _PICKLE_FLOOR_DB, dtype=np.float32)


def read_sound(path: Path) -> Waveform:
    """Mono sound at 16 kHz from any file with a sound track. Raises InputError."""
    try:
        sound = at_speech_rate(whole_sound(path))
    except InputError as error:
        raise InputError(f"{path.name} is not sound: {error.text}", "Leave it out.") from error
    if len(sound) < SPEECH_RATE // 5 or float(np.abs(sound).max()) < 1e-4:
        raise InputError(f"{path.name} is empty or silent.", "Leave it out.")
    return sound


# --- layouts -------------------------------------------------------------------------------


def find_recordings(name: str, folder: Path) -> list[Recording]:
    """Every recording of a collection, in the order of their names.

    Raises InputError if the folder is missing or holds no recordings.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", "Give a folder of recordings.")
    if (folder / "index.csv").is_file():
        found = list(_from_index(name, folder))
    else:
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SOUND | {".p"})
        found = [one for path in paths if (one := _from_path(name, folder, path)) is not None]
    if not found:
        raise InputError(f"{folder} holds no recordings.", "See `kiosk train voice --help`.")
    return found


def _from_index(name: str, folder: Path) -> Iterator[Recording]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle)
        if not {"file", "speaker"} <= set(rows.fieldnames or ()):
            raise InputError(f"{folder}/index.csv lacks file or speaker.", "Name its columns.")
        for row in rows:
            path = folder / row["file"]
            extra = (row.get("gender") or "", row.get("emotion") or "")
            yield Recording(name, row["speaker"], str(path), *extra)


def _from_path(name: str, folder: Path, path: Path) -> Recording | None:
    """The recording at a path, its speaker told by the layout; None for a stray file."""
    parts = path.relative_to(folder).parts
    if match := COMMAND.match(path.stem):
        return Recording(COMMANDS, match[1], str(path))
    if match := NUMBERED_WORD.match(path.stem) or _LIBRI.match(path.stem):
        return Recording(name, match[1], str(path))
    vox = next((part for part in parts if _VOX.match(part)), None)
    if vox is not None or len(parts) > 1:
        return Recording(name, vox or parts[0], str(path))
    return None


def held_out_people(recordings: Sequence[Recording]) -> set[tuple[str, str]]:
    """The speakers kept out of training; see `kept_from_voice`."""
    words = {each.collection for each in recordings if is_word(each.file)}
    people = ((each.collection, each.gender, each.speaker) for each in recordings)
    return kept_from_voice(people, words)


# --- the cache -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Entry:
    """Where a recording's frames lie in the cache: of both kinds of bands, or of ``mel`` alone."""

    recording: Recording
    mel: tuple[int, int]
    linear: tuple[int, int] | None


class VoiceCache:
    """Mel bands of every recording as float16 decibels in two flat files.

    ``mel`` are the bands of :class:`MelPower`, ``linear`` those of :class:`Ge2eMel`, which feature
    pickles lack. The cache is made once and read as memory-mapped arrays (rows, 40).
    """

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.skipped: list[str] = content["skipped"]
        self.entries = [
            Entry(Recording(**row["recording"]), tuple(row["mel"]), _pair(row["linear"]))
            for row in content["entries"]
        ]
        self.mel = _mapped(folder / "mel.f16")
        self.linear = _mapped(folder / "linear.f16")

    def power(self, start: int, length: int, *, linear: bool = False) -> torch.Tensor:
        """Mel power (length, 40) of a stretch of either kind of bands."""
        rows = self.linear if linear else self.mel
        decibels = torch.from_numpy(np.asarray(rows[start : start + length], np.float32))
        return torch.pow(10.0, decibels / 10.0)


def _pair(value: list[int] | None) -> tuple[int, int] | None:
    return None if value is None else (value[0], value[1])


def _mapped(path: Path) -> NDArray[np.float16]:
    if not path.stat().st_size:
        return np.zeros((0, BANDS), np.float16)
    return np.memmap(path, dtype=np.float16, mode="r").reshape(-1, BANDS)


def build_cache(
    recordings: Sequence[Recording],
    folder: Path,
    say: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
) -> VoiceCache:
    """Compute what is missing: a finished cache of the same recordings is taken as it is.

    ``tick`` is called for each recording. Raises InputError if nothing could be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [asdict(each) for each in recordings]
    mark = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()
    index = folder / "index.json"
    if index.is_file() and json.loads(index.read_text(encoding="utf-8"))["mark"] == mark:
        return VoiceCache(folder)
    index.unlink(missing_ok=True)  # cut short, the new bands must not be read with an old index
    broken = Broken([])
    entries = _write_bands(recordings, folder, broken, say, tick)
    if not entries:
        raise InputError("None of the recordings can be read.", "Check the folders given.")
    content = {"mark": mark, "skipped": broken.lines, "entries": entries}
    write_atomically(index, json.dumps(content).encode())
    return VoiceCache(folder)


def _write_bands(
    recordings: Sequence[Recording],
    folder: Path,
    broken: Broken,
    say: Callable[[str], None],
    tick: Callable[[], None],
) -> list[dict[str, Any]]:
    mel_power, ge2e_mel = MelPower(), Ge2eMel(level_db=-200.0)
    entries: list[dict[str, Any]] = []
    rows = [0, 0]
    with (folder / "mel.f16").open("wb") as mel, (folder / "linear.f16").open("wb") as linear:
        for each in recordings:
            tick()
            try:
                bands = _bands(Path(each.file), mel_power, ge2e_mel)
            except (InputError, OSError) as error:
                broken.add(Path(each.file), getattr(error, "text", str(error)), say)
                continue
            places: list[list[int] | None] = [None, None]
            for number, (handle, part) in enumerate(zip((mel, linear), bands, strict=True)):
                if part is not None:
                    handle.write(part.astype(np.float16).tobytes())
                    places[number] = [rows[number], len(part)]
                    rows[number] += len(part)
            entries.append({"recording": asdict(each), "mel": places[0], "linear": places[1]})
    return entries


def _bands(
    path: Path, mel_power: MelPower, ge2e_mel: Ge2eMel
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Both kinds of bands in decibels; of a feature pickle the first alone."""
    if path.suffix == ".p":
        return read_features(path), None
    sound = torch.from_numpy(read_sound(path))
    with torch.inference_mode():
        return decibels(mel_power(sound)).numpy(), decibels(ge2e_mel(sound), 1e-8).numpy()
