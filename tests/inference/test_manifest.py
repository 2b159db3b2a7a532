"""The manifest, the files it names, and which recogniser is chosen."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core.errors import ModelError
from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration
from kiosk.core.settings import Settings
from kiosk.inference import manifest as weights
from kiosk.inference.manifest import ModelEntry, Origin, Presence, Role

CALIBRATION = Calibration(10.0, -4.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), models=tmp_path)


def entry(name: str, content: bytes, rank: int = 1) -> ModelEntry:
    return ModelEntry(
        name=name,
        role=Role.EMBEDDER,
        modality=Modality.FACE,
        origin=Origin.USER,
        file=f"{name}.bin",
        network="dlib",
        licence="none",
        about="for a test",
        obtain="it from the test",
        sha256=hashlib.sha256(content).hexdigest(),
        rank=rank,
        fitted=CALIBRATION,
    )


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModelEntry]:
    """A manifest of two: the better one is not the first."""
    entries = {"plain": entry("plain", b"plain"), "better": entry("better", b"better", rank=9)}
    monkeypatch.setattr(weights, "load_manifest", lambda: entries)
    return entries


def test_the_shipped_manifest_is_whole() -> None:
    manifest = weights.load_manifest()
    assert {"face-own", "voice-campplus", "voice-own", "edgeface-xs", "dlib-resnet", "ge2e"} <= set(
        manifest
    )
    for model in manifest.values():
        assert model.licence
        assert model.about
        assert len(model.sha256) in (0, 64)
        assert bool(model.package) == (model.origin is Origin.PACKAGE)
        assert model.origin is not Origin.FETCH or model.url.startswith("https://")


def test_every_model_is_told_of_in_both_languages_with_the_same_figures() -> None:
    for model in weights.load_manifest().values():
        remedy = weights.told_remedy(model)
        pairs = (
            (model.about, model.about_ko),
            (model.measured, model.measured_ko),
            (remedy.english, remedy.korean),
        )
        for english, korean in pairs:
            assert bool(english) == bool(korean), model.name
            assert not english or re.search("[가-힣]", korean), model.name
            assert not re.search("[가-힣]", english)
            # "two cores" is said in words in the one and in the other; figures are figures
            assert figures(english) == figures(korean), model.name


def figures(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.mark.parametrize(
    "name", ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet", "silero-vad", "dlib-resnet", "face-cover"]
)
def test_what_the_installation_brings_is_ready(name: str, settings: Settings) -> None:
    path = weights.locate(weights.find_entry(name), settings)
    assert path.stat().st_size == weights.find_entry(name).bytes


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ModelError, match="edgeface-xs"):
        weights.find_entry("nonsense")


def test_a_broken_manifest_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text("[models.x]\nrole = 'nonsense'\n", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        weights.load_manifest(path)


def test_presence_follows_the_file(settings: Settings, two: dict[str, ModelEntry]) -> None:
    file = settings.models / "plain.bin"
    assert weights.presence(two["plain"], settings) is Presence.MISSING
    file.write_bytes(b"plain")
    assert weights.presence(two["plain"], settings) is Presence.READY
    file.write_bytes(b"other, longer")
    assert weights.presence(two["plain"], settings) is Presence.DAMAGED


def test_the_model_id_is_of_the_file_present(settings: Settings) -> None:
    file = settings.models / "plain.bin"
    file.write_bytes(b"plain")
    digest = hashlib.sha256(b"plain").hexdigest()
    assert weights.model_id(entry("plain", b"plain"), file) == f"plain@{digest[:8]}"


def test_auto_takes_the_best_present(settings: Settings, two: dict[str, ModelEntry]) -> None:
    (settings.models / "plain.bin").write_bytes(b"plain")
    assert weights.choose(settings, Modality.FACE) is two["plain"]
    (settings.models / "better.bin").write_bytes(b"better")
    assert weights.choose(settings, Modality.FACE) is two["better"]


def test_a_named_model_is_taken(settings: Settings, two: dict[str, ModelEntry]) -> None:
    for name in two:
        (settings.models / f"{name}.bin").write_bytes(name.encode())
    named = replace(settings, face_model="plain")
    assert weights.choose(named, Modality.FACE) is two["plain"]


@pytest.mark.usefixtures("two")
def test_a_damaged_better_model_is_not_passed_over(settings: Settings) -> None:
    (settings.models / "plain.bin").write_bytes(b"plain")
    (settings.models / "better.bin").write_bytes(b"half of it")
    with pytest.raises(ModelError, match="better are damaged"):
        weights.choose(settings, Modality.FACE)


@pytest.mark.usefixtures("two")
def test_without_weights_there_is_no_choice(settings: Settings) -> None:
    with pytest.raises(ModelError, match="kiosk models list"):
        weights.choose(settings, Modality.FACE)
    with pytest.raises(ModelError, match="kiosk models fetch better --from"):
        weights.choose(replace(settings, face_model="better"), Modality.FACE)
    with pytest.raises(ModelError, match="no such model"):
        weights.choose(replace(settings, face_model="ge2e"), Modality.FACE)


def test_a_model_without_calibration_is_never_chosen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(entry("bare", b"bare"), fitted=None)
    monkeypatch.setattr(weights, "load_manifest", lambda: {"bare": bare})
    (settings.models / "bare.bin").write_bytes(b"bare")
    with pytest.raises(ModelError, match="no weights"):
        weights.choose(settings, Modality.FACE)
    with pytest.raises(ModelError, match="no calibration"):
        _ = bare.calibration


def test_weights_are_found_by_their_hash_whatever_they_are_called_now(
    settings: Settings, two: dict[str, ModelEntry]
) -> None:
    wanted = f"better@{two['plain'].sha256[:8]}"
    assert weights.find_by_id(wanted, Modality.FACE, settings) is None
    (settings.models / "plain.bin").write_bytes(b"plain")
    assert weights.find_by_id(wanted, Modality.FACE, settings) is two["plain"]
    assert weights.find_by_id(wanted, Modality.VOICE, settings) is None
    assert weights.find_by_id("better@00000000", Modality.FACE, settings) is None
    two["plain"] = replace(two["plain"], fitted=None)
    assert weights.find_by_id(wanted, Modality.FACE, settings) is None


def test_a_missing_package_is_missing(settings: Settings) -> None:
    gone = replace(entry("gone", b""), origin=Origin.PACKAGE, package="no_such_package")
    assert weights.presence(gone, settings) is Presence.MISSING
    with pytest.raises(ModelError, match="no-such-package"):
        weights.locate(gone, settings)


def test_a_changed_copy_of_a_real_file_is_noticed(settings: Settings) -> None:
    real = weights.find_entry("mtcnn-pnet")
    copy = settings.models / "pnet.pt"
    shutil.copy(weights.locate(real, settings), copy)
    mine = replace(real, origin=Origin.USER, file="pnet.pt")
    assert weights.presence(mine, settings) is Presence.READY
    with copy.open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff\x00\xff")
    weights.forget_hashes()
    assert weights.presence(mine, settings) is Presence.DAMAGED
