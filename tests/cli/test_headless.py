"""Visits without a screen: what comes decides whether one suffices, and whoever asks from outside
is told how it goes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.capture.sources import open_source
from kiosk.cli.status import RED, status
from kiosk.core.events import Fault, VisitDecision, VisitEvent
from kiosk.core.media import Modality, NoticeKind, SourceNotice
from kiosk.core.settings import Settings
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.runtime import composition, headless
from kiosk.runtime.headless import run_headless
from tests.support.played_source import PlayedSource
from tests.support.recordings import make_clip
from tests.support.scripted import NOBODY, Script, scripted_models
from tests.support.servers import serve_files


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a kiosk whose networks are scripted: they are not what is tested."""
    models = scripted_models(Script())

    def liveness(settings: Settings, *, live: bool) -> LivenessCheck:
        return LivenessCheck(PadModels(), required=False)

    monkeypatch.setattr(headless, "build_models", lambda *_: models)
    monkeypatch.setattr(headless, "build_estimators", lambda *_: Estimators())
    monkeypatch.setattr(headless, "build_liveness", liveness)
    return replace(
        Settings(), database=tmp_path / "g" / "g.db", key_file=tmp_path / "keys" / "g.key"
    )


def test_of_a_recording_behind_http_one_answer_is_wanted(
    settings: Settings, tmp_path: Path
) -> None:
    nobody = np.full((48, 64, 3), NOBODY, np.uint8)
    make_clip(tmp_path / "clip.mp4", rate=None, painter=lambda _: nobody)
    told: list[VisitEvent] = []
    with (
        serve_files(tmp_path) as server,
        composition.open_gallery(settings) as gallery,
        open_source(f"{server}/clip.mp4") as source,
    ):
        assert run_headless(settings, gallery, source, told.append, once=None)
    assert len([event for event in told if isinstance(event, VisitDecision) and event.final]) == 1


def test_while_a_camera_is_watched_its_status_can_be_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, answers = PlayedSource(), list[tuple[int, str]]()
    monkeypatch.setattr("kiosk.runtime.status_file.EVERY", 0.01)
    source.put(SourceNotice(NoticeKind.LOST, "gone", "plug", Modality.FACE, "DeviceSilent"))

    def hear(event: VisitEvent) -> None:
        """The fault was noted; once it is also written, the source ends."""
        if not isinstance(event, Fault):
            return
        while not answers or answers[-1][0] != RED:
            result = CliRunner().invoke(status, ["--json"], obj=settings)
            answers.append((result.exit_code, result.output))
        source.close()

    with composition.open_gallery(settings) as gallery:
        assert not run_headless(settings, gallery, source, hear, once=None)
    verdict = json.loads(answers[-1][1])["verdict"]
    assert verdict["codes"] == ["DeviceSilent"]
    assert not (settings.database.parent / "status.json").exists()
