"""At work and in education emotion cannot be estimated, whatever way is tried; the other
attributes can be switched off one by one. With the shipped networks on a real recording."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.cli.formats import Format
from kiosk.cli.headless import Reporter
from kiosk.cli.main import cli
from kiosk.core.errors import SettingsError
from kiosk.core.events import VisitDecision, VisitEvent, VisitProgress
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.core.settings_layers import load_settings
from kiosk.inference.face.attributes import EMOTIONS, load_face_attributes
from kiosk.inference.text.emotion import load_text_emotion
from kiosk.runtime import composition
from kiosk.runtime.headless import run_headless
from tests.support.paths import ROOT
from tests.support.recordings import beginning

CLIP = ROOT / "assets" / "demo" / "gureum-2.mp4"
VISIT_SECONDS = 1.5
FORBIDDING = ["workplace", "education"]
EMOTION_CODES = {str(code) for code in range(10001, 10008)}


@pytest.fixture(params=FORBIDDING)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return replace(
        Settings(),
        profile=request.param,
        database=tmp_path / "g.db",
        key_file=tmp_path / "keys" / "g.key",
    )


# --- the settings ------------------------------------------------------------------------------


def ways(profile: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Arguments of `load_settings` that ask for a profile and for emotion, layer against layer."""
    both, one = folder / "both.toml", folder / "one.toml"
    both.write_text(f'profile = "{profile}"\nemotion = "on"\n', encoding="utf-8")
    one.write_text(f'profile = "{profile}"\n', encoding="utf-8")
    nothing: dict[str, str] = {}
    yield {"file": both, "environment": nothing}
    yield {"file": one, "environment": {"KIOSK_EMOTION": "on"}}
    yield {"file": one, "environment": nothing, "given": {"emotion": "on"}}
    yield {"environment": {"KIOSK_PROFILE": profile, "KIOSK_EMOTION": "on"}}
    yield {"environment": {"KIOSK_EMOTION": "on"}, "given": {"profile": profile}}
    yield {"environment": nothing, "given": {"emotion": "on", "profile": profile}}


@pytest.mark.parametrize("profile", FORBIDDING)
@pytest.mark.parametrize("way", range(6))
def test_emotion_cannot_be_asked_for_by_any_layer(profile: str, way: int, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="emotion") as caught:
        load_settings(**list(ways(profile, tmp_path))[way])
    assert profile in caught.value.text
    assert caught.value.remedy


@pytest.mark.parametrize("arguments", [["--headless"], ["analyse", str(CLIP)], [], ["doctor"]])
def test_no_command_begins_with_both(arguments: list[str]) -> None:
    asked = ["--set", "profile=workplace", "--set", "emotion=on"]
    result = CliRunner().invoke(cli, [*asked, *arguments])
    assert isinstance(result.exception, SettingsError)


@pytest.mark.parametrize("value", ["work", "Workplace", ""])
def test_a_misspelt_profile_is_never_taken_for_the_standard_one(value: str) -> None:
    with pytest.raises(SettingsError, match="profile"):
        load_settings(None, {"KIOSK_PROFILE": value})


# --- what is loaded ----------------------------------------------------------------------------


def test_nothing_that_can_tell_emotion_is_loaded(settings: Settings) -> None:
    estimators = composition.build_estimators(settings, text=True)
    assert not estimators.want.emotion
    assert estimators.text is None
    with pytest.raises(SettingsError, match=settings.profile):
        load_text_emotion(settings)


def test_the_face_network_has_lost_the_weights_of_emotion(settings: Settings) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    marks = np.array([[70, 80], [130, 80], [100, 110], [75, 140], [125, 140]], np.float32)
    estimator = load_face_attributes(settings)
    face = LocatedFace(noise, marks)
    made = estimator.estimate([face])[0]
    assert made.emotion is None
    assert made.age is not None
    view = estimator.view(face)
    assert np.allclose(estimator.answers([view]).emotion, 1 / len(EMOTIONS))
    free = load_face_attributes(replace(settings, profile="standard"))
    assert not np.allclose(free.answers([view]).emotion, 1 / len(EMOTIONS), atol=0.01)


# --- what is told ------------------------------------------------------------------------------


EventsOf = Callable[[str], list[VisitEvent]]


@pytest.fixture(scope="module")
def events_of(tmp_path_factory: pytest.TempPathFactory) -> EventsOf:
    """A whole visit under a profile as the screens see it: the engine's own source, visit and
    estimators."""

    @cache
    def events_of(profile: str) -> list[VisitEvent]:
        events: list[VisitEvent] = []
        folder = tmp_path_factory.mktemp("visit")
        settings = replace(
            Settings(database=folder / "g.db", key_file=folder / "keys" / "g.key"), profile=profile
        )
        source = composition.open_source(settings, str(CLIP), end=VISIT_SECONDS)
        with composition.open_gallery(settings) as gallery:
            run_headless(settings, gallery, source, events.append, once=False)
        return events

    return events_of


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of a recording."""
    return beginning(CLIP, tmp_path_factory.mktemp("clip") / CLIP.name, VISIT_SECONDS)


@pytest.mark.parametrize("profile", FORBIDDING)
def test_no_event_of_the_engine_carries_emotion(profile: str, events_of: EventsOf) -> None:
    events = events_of(profile)
    made = [
        estimate
        for event in events
        if isinstance(event, VisitDecision | VisitProgress)
        for estimate in event.attributes
    ]
    assert made
    assert all(estimate.emotion is None for estimate in made)
    assert all(estimate.age is not None for estimate in made if estimate.channel == "fused")


@pytest.mark.parametrize("profile", FORBIDDING)
@pytest.mark.parametrize("form", list(Format))
def test_no_headless_line_tells_emotion(profile: str, form: Format, events_of: EventsOf) -> None:
    out = io.StringIO()
    reporter = Reporter(form, early=True, out=out)
    for event in events_of(profile):
        reporter.publish(event)
    told = out.getvalue()
    assert told
    assert not any(kind.name.lower() in told for kind in EMOTIONS)
    assert "emotion not sure" not in told
    if form is Format.CODES:
        assert not EMOTION_CODES & set(json.loads(told.splitlines()[-1]))
        assert "20000" in json.loads(told.splitlines()[-1])


@pytest.mark.parametrize("form", ["text", "json", "csv", "codes"])
@pytest.mark.parametrize("profile", FORBIDDING)
def test_no_analysis_tells_emotion(profile: str, form: str, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["--set", f"profile={profile}", "analyse", str(clip), "--format", form]
    result = CliRunner().invoke(cli, [*asked, "--out", str(out)])
    assert result.exit_code == 0, result.output
    if form == "json":
        assert all(made["emotion"] is None for made in json.loads(result.stdout)["whole"])
    elif form == "csv":
        header, *rows = (line.split(",") for line in result.stdout.splitlines())
        place = header.index("emotion")
        assert {row[place] for row in rows} == {""}
    else:
        told = result.stdout
        assert not any(f'"{code}"' in told for code in EMOTION_CODES)
        assert not any(kind.name.lower() in told for kind in EMOTIONS)
    kept = json.loads((out / f"{CLIP.stem}.json").read_text("utf-8"))
    assert all(made["emotion"] is None for part in kept["segments"] for made in part["attributes"])


def test_the_same_recording_does_tell_emotion_where_it_may(events_of: EventsOf, clip: Path) -> None:
    """The tests above could not fail otherwise."""
    finals = [e for e in events_of("standard") if isinstance(e, VisitDecision) and e.final]
    assert finals[-1].attributes[-1].emotion is not None
    assert composition.build_estimators(Settings(), text=True).text is not None
    told = CliRunner().invoke(cli, ["analyse", str(clip), "--format", "json"])
    assert json.loads(told.stdout)["whole"][-1]["emotion"] is not None


@pytest.mark.parametrize("attribute", ["emotion", "age", "gender"])
def test_each_attribute_can_be_switched_off_alone(attribute: str, clip: Path) -> None:
    switch = ["--set", f"{attribute}=off", "analyse", str(clip), "--format", "json"]
    result = CliRunner().invoke(cli, switch)
    assert result.exit_code == 0, result.output
    for made in json.loads(result.stdout)["whole"]:
        assert made[attribute] is None
    fused = json.loads(result.stdout)["whole"][-1]
    others = {"emotion", "age", "gender"} - {attribute}
    assert all(fused[other] is not None for other in others)


def test_everything_switched_off_loads_nothing() -> None:
    off = Settings(emotion="off", age="off", gender="off")
    estimators = composition.build_estimators(off, text=True)
    assert (estimators.face, estimators.voice, estimators.text) == (None, None, None)
