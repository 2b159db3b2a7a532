"""Attributes end to end with the shipped networks: a visit, headless lines, an analysis."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from kiosk.cli.formats import Format
from kiosk.cli.headless import Reporter
from kiosk.cli.main import cli
from kiosk.core.estimates import AttributeEstimate, Channel, EmotionEstimate
from kiosk.core.events import VisitDecision, VisitEvent, VisitProgress
from kiosk.core.settings import Settings
from kiosk.inference.attribute_fusion import load_fusion
from kiosk.runtime import composition
from kiosk.runtime.headless import run_headless
from tests.support.paths import ROOT

CLIP = ROOT / "assets" / "demo" / "gureum-2.mp4"


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[VisitEvent]:
    """Everything a headless run on a demo clip publishes."""
    folder = tmp_path_factory.mktemp("visit")
    settings = Settings(database=folder / "g.db", key_file=folder / "keys" / "g.key")
    found: list[VisitEvent] = []
    with composition.open_gallery(settings) as gallery:
        source = composition.open_source(settings, str(CLIP))
        run_headless(settings, gallery, source, found.append, once=False)
    return found


@pytest.fixture
def final(events: list[VisitEvent]) -> VisitDecision:
    return next(e for e in events if isinstance(e, VisitDecision) and e.final)


def channels() -> list[Channel]:
    """What there are networks for in a visit."""
    estimators = composition.build_estimators(Settings())
    parts = {Channel.FACE: estimators.face, Channel.VOICE: estimators.voice}
    return [channel for channel, estimator in parts.items() if estimator is not None]


def test_every_channel_and_all_fused_speak(final: VisitDecision) -> None:
    assert [made.channel for made in final.attributes] == [*channels(), Channel.FUSED]
    fused = final.attributes[-1]
    assert fused.emotion is not None
    assert sum(fused.emotion.probabilities) == pytest.approx(1)
    assert fused.age is not None
    assert 0 <= fused.age.low <= fused.age.years <= fused.age.high < 110
    assert fused.gender is not None
    assert all(0 < made.quality <= 1 for made in final.attributes)


def test_the_first_answer_waits_for_no_estimate(events: list[VisitEvent]) -> None:
    early = next(e for e in events if isinstance(e, VisitDecision))
    assert not early.final
    assert early.attributes == ()


def test_progress_tells_estimates_before_the_decision(
    events: list[VisitEvent], final: VisitDecision
) -> None:
    before = events[: events.index(final)]
    assert any(event.attributes for event in before if isinstance(event, VisitProgress))


@pytest.mark.parametrize("form", [Format.JSON, Format.CODES, Format.TEXT])
def test_every_format_tells_them(form: Format, final: VisitDecision) -> None:
    out = io.StringIO()
    Reporter(form, out=out).publish(final)
    if form is Format.TEXT:
        assert "estimates: " in out.getvalue()
        return
    line = json.loads(out.getvalue())
    if form is Format.JSON:
        schema = json.loads((ROOT / "docs" / "schema" / "headless.json").read_text("utf-8"))
        jsonschema.validate(line, schema)
    else:
        emotions = sum(line[str(code)]["fused"] for code in range(10001, 10008))
        assert emotions == pytest.approx(1, abs=0.001)
        assert line["30001"]["fused"] + line["30002"]["fused"] == pytest.approx(1, abs=0.001)
        decades = sum(line[str(code)]["fused"] for code in range(20001, 20012))
        assert decades == pytest.approx(1, abs=0.001)


def test_a_sad_sentence_counts_in_an_analysis(tmp_path: Path) -> None:
    on = ["--set", "emotion=on"]  # also by networks below their floor
    sad = [*on, "analyse", str(CLIP), "--text", "나는 지금 너무 슬퍼", "--format", "json"]
    result = CliRunner().invoke(cli, [*sad, "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    whole = {made["modality"]: made for made in json.loads(result.stdout)["whole"]}
    assert whole["text"]["emotion"]["top"] == "sadness"
    without = whole["face"]["emotion"]["probabilities"]["sadness"]
    assert whole["fused"]["emotion"]["probabilities"]["sadness"] > without
    assert (tmp_path / "out" / f"{CLIP.stem}.png").stat().st_size > 5000


def test_the_shipped_fusion_counts_every_channel_and_no_channel_twice() -> None:
    fusion = load_fusion(Settings())
    assert set(fusion.channels) == {Channel.FACE, Channel.VOICE, Channel.TEXT}
    for row in fusion.channels.values():
        assert 0.3 < row.emotion < 2
        assert 0.3 < row.gender < 2
        assert row.age_scale >= 0.5
    assert 0.5 <= fusion.emotion_sure < 0.9
    assert 0.9 <= fusion.gender_sure < 1


def test_shipped_fusion_of_agreeing_channels_is_surer_and_of_one_is_near_it() -> None:
    fusion = load_fusion(Settings())
    glad = EmotionEstimate((0.6, 0.05, 0.05, 0.05, 0.15, 0.05, 0.05), sure=True)
    parts = [AttributeEstimate(c, glad) for c in (Channel.FACE, Channel.VOICE, Channel.TEXT)]
    alone = [fusion.fuse([part]) for part in parts]
    together = fusion.fuse(parts)
    assert together is not None
    assert together.emotion is not None
    for made in alone:
        assert made is not None
        assert made.emotion is not None
        assert made.emotion.probabilities[0] == pytest.approx(0.6, abs=0.15)
        assert together.emotion.probabilities[0] > made.emotion.probabilities[0]
