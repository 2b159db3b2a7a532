"""Which weights there are, where they lie, and whether they are what the manifest says.

Nothing here fetches anything (see `weights_fetch`) and nothing falls back to a random network.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kiosk.core.declaration import Text
from kiosk.core.errors import BugError, ModelError
from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration
from kiosk.core.settings import Settings
from kiosk.core.shipped import shipped_folder

SHORT_HASH = 8


class Role(StrEnum):
    """What a model does."""

    EMBEDDER = "embedder"
    DETECTOR = "detector"
    SPEECH = "speech"
    QUALITY = "quality"
    ATTRIBUTE = "attribute"
    PAD = "pad"


class Origin(StrEnum):
    """Where the file comes from."""

    SHIPPED = "weights"
    """The project's own, in weights/."""
    PACKAGE = "package"
    """Part of an installed Python package."""
    USER = "user"
    """Brought by the operator: `kiosk models fetch NAME --from FILE`."""
    FETCH = "fetch"
    """Published at an address: `kiosk models fetch NAME`."""


class Presence(StrEnum):
    """What is known about a model's file."""

    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class ModelEntry:
    """One entry of the manifest.

    `file` is relative to weights/, to the package or to `settings.models`, as `origin` says;
    `rank` is the order in which `auto` takes an embedder, 0 meaning never; `network` names the
    code that reads the file; `calibration` is None until it has been fitted on development data;
    `weak` are attributes it estimates below what is asked of them, off unless switched on;
    `cohort` is a file of weights/ with more vectors for its cohort.
    """

    name: str
    role: Role
    modality: Modality | None
    origin: Origin
    file: str
    network: str
    licence: str
    about: str
    about_ko: str = ""
    package: str = ""
    url: str = ""
    obtain: str = ""
    sha256: str = ""
    bytes: int = 0
    dims: int = 0
    input: str = ""
    rank: int = 0
    measured: str = ""
    measured_ko: str = ""
    fitted: Calibration | None = None
    weak: tuple[str, ...] = ()
    cohort: str = ""
    cohort_sha256: str = ""

    @property
    def calibration(self) -> Calibration:
        """Scores to likelihood ratios. Raises ModelError if it has not been fitted."""
        if self.fitted is None:
            raise ModelError(
                f"{self.name} has no calibration, so its scores cannot be decided upon.",
                "Choose another model; `kiosk models list` shows those that are calibrated.",
            )
        return self.fitted


def weights_folder() -> Path:
    """The project's own weights and the manifest."""
    return shipped_folder("weights")


_NO_MANIFEST = (
    OSError,
    TypeError,
    ValueError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""What comes out of reading bytes that are none."""


@lru_cache(maxsize=8)
def load_manifest(path: Path | None = None) -> dict[str, ModelEntry]:
    """All entries by name, in the order of the file. Raises ModelError if it cannot be read."""
    path = path or weights_folder() / "manifest.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["models"]
        return {name: _entry(name, dict(values)) for name, values in table.items()}
    except _NO_MANIFEST as error:
        raise ModelError(
            f"The manifest {path.name} cannot be read.", "Restore it from the project's own copy."
        ) from error


def _entry(name: str, values: dict[str, Any]) -> ModelEntry:
    modality = values.pop("modality", None)
    calibration = values.pop("calibration", None)
    return ModelEntry(
        name=name,
        role=Role(values.pop("role")),
        modality=Modality(modality) if modality else None,
        origin=Origin(values.pop("origin")),
        fitted=Calibration(**calibration) if calibration else None,
        weak=tuple(values.pop("weak", ())),
        **values,
    )


def find_entry(name: str) -> ModelEntry:
    """One entry. Raises ModelError naming all others if there is none."""
    manifest = load_manifest()
    if name not in manifest:
        raise ModelError(f"There is no model {name!r}.", f"Known: {', '.join(manifest)}.")
    return manifest[name]


def expected_path(entry: ModelEntry, settings: Settings) -> Path | None:
    """Where the file is or would be; None if its package is not installed."""
    if entry.origin is Origin.SHIPPED:
        return weights_folder() / entry.file
    if entry.origin is not Origin.PACKAGE:
        return settings.models / entry.file
    spec = find_spec(entry.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / entry.file


def hash_of(path: Path) -> str:
    """SHA-256 of a file, computed once while its size and time stay the same."""
    status = path.stat()
    return _hash(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def presence(entry: ModelEntry, settings: Settings) -> Presence:
    """Whether the file is there and is the one the manifest means."""
    path = expected_path(entry, settings)
    try:
        if path is None or not path.is_file():
            return Presence.MISSING
        return Presence.READY if hash_of(path) == entry.sha256 else Presence.DAMAGED
    except OSError:
        return Presence.DAMAGED


def locate(entry: ModelEntry, settings: Settings) -> Path:
    """The verified file. Raises ModelError with the remedy if it is missing or another one."""
    state = presence(entry, settings)
    path = expected_path(entry, settings)
    if state is Presence.READY and path is not None:
        return path
    word = "missing" if state is Presence.MISSING else "damaged or another version"
    raise ModelError(f"The weights of {entry.name} are {word}.", remedy(entry))


def locate_cohort(entry: ModelEntry) -> Path:
    """The verified file of the vectors that are put to the cohort of a model. Raises ModelError."""
    path = weights_folder() / entry.cohort
    if not path.is_file() or hash_of(path) != entry.cohort_sha256:
        raise ModelError(
            f"The cohort {entry.cohort} is missing or damaged.",
            "Restore it from the project's own copy.",
        )
    return path


def remedy(entry: ModelEntry) -> str:
    """How a person gets the file."""
    return told_remedy(entry).english


def told_remedy(entry: ModelEntry) -> Text:
    """The same for the screens."""
    name, package = entry.name, entry.package.replace("_", "-")
    if entry.origin is Origin.SHIPPED:
        return Text("Restore it from the project's own copy.", "배포본에서 다시 복사하세요.")
    if entry.origin is Origin.PACKAGE:
        return Text(
            f"Install the Python package {package} again.",
            f"Python 패키지 {package} 다시 설치가 필요합니다.",
        )
    fetch = f"`kiosk models fetch {name}`"
    if entry.origin is Origin.FETCH:
        return Text(f"Run {fetch}.", f"{fetch} 명령을 실행하세요.")
    file = f"`kiosk models fetch {name} --from FILE`"
    return Text(
        f"Get {entry.obtain}, then run {file}.",
        f"{entry.obtain}: 이 파일을 받아 {file} 명령을 실행하세요.",
    )


def model_id(entry: ModelEntry, path: Path) -> str:
    """What templates are kept under: the name and the beginning of the hash actually present."""
    return f"{entry.name}@{hash_of(path)[:SHORT_HASH]}"


def choose(settings: Settings, modality: Modality) -> ModelEntry:
    """The embedder to use: the one named in the settings, or the best of those present.

    A damaged file of a better model is an error and not a reason to take the next: templates of
    one model are of no use to another, so everybody would silently be unknown. Raises ModelError.
    """
    key = f"{modality}_model"
    wanted = getattr(settings, key)
    candidates = embedders(modality)
    if wanted != "auto":
        if wanted not in candidates:
            known = ", ".join(candidates)
            raise ModelError(f"{key} is {wanted!r}; there is no such model.", f"Known: {known}.")
        locate(candidates[wanted], settings)
        return candidates[wanted]
    ranked = [e for e in candidates.values() if e.rank > 0 and e.fitted is not None]
    for entry in sorted(ranked, key=lambda e: -e.rank):
        if presence(entry, settings) is not Presence.MISSING:
            locate(entry, settings)
            return entry
    raise ModelError(
        f"There are no weights to recognise a {modality} with.",
        "`kiosk models list` shows what there is and how to get it.",
    )


def find_by_id(wanted: str, modality: Modality, settings: Settings) -> ModelEntry | None:
    """The recogniser whose weights made templates of this `model_id`, if they are here and their
    scores are calibrated.

    Weights are known by their hash: those that were replaced by newer ones may stay under an entry
    of another name, so that whoever is enrolled with them is still recognised.
    """
    short = wanted.rpartition("@")[2]
    for entry in embedders(modality).values():
        known = entry.sha256[:SHORT_HASH] == short and entry.fitted is not None
        if known and presence(entry, settings) is Presence.READY:
            return entry
    return None


def embedders(modality: Modality) -> dict[str, ModelEntry]:
    """The recognisers of one modality by name."""
    entries = load_manifest().items()
    return {n: e for n, e in entries if e.role is Role.EMBEDDER and e.modality is modality}


def shipped(name: str) -> Path:
    """The verified file of a shipped or packaged model the program cannot do without."""
    entry = find_entry(name)
    if entry.origin not in (Origin.SHIPPED, Origin.PACKAGE):
        raise BugError(f"{name} is not part of the installation")
    return locate(entry, Settings())


def forget_hashes() -> None:
    """Have every file read again."""
    _hash.cache_clear()
