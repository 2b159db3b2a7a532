"""The benchmarks measure what they say, and say what they cannot measure."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import VisitDecision
from kiosk.core.media import Frame, Modality
from kiosk.core.settings import Settings
from tools.benchmarks import Note, Result, __main__, bench_recognisers, bench_soak
from tools.benchmarks.bench_recognisers import BenchmarkedModel, Samples, in_turns
from tools.benchmarks.bench_visit import Played


@pytest.fixture(scope="module")
def samples() -> Samples:
    return bench_recognisers.load_samples(Settings(device="cpu"))


def test_samples_are_a_face_and_three_seconds_of_speech(samples: Samples) -> None:
    assert samples.landmarks.shape == (5, 2)
    assert samples.speech.shape == (48_000,)
    assert np.abs(samples.speech).max() > 0.05


def test_models_take_turns_and_the_first_runs_do_not_count() -> None:
    order: list[str] = []
    benchmarked_models = [BenchmarkedModel(name, partial(order.append, name)) for name in "ab"]
    times = in_turns(benchmarked_models, blocks=2, each=3, warm_up=1)
    assert "".join(order) == "aaaabbbb" * 2
    assert {name: len(found) for name, found in times.items()} == {"a": 6, "b": 6}


def test_every_recogniser_is_set_beside_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_SHARED", str(tmp_path))
    settings = replace(Settings(device="cpu"), models=tmp_path)
    runs = bench_recognisers.measure(
        settings, blocks=1, each=1, warm_up=0, threads=[1], library="no_such_library"
    )
    found = list(runs)
    notes = [each.text for each in found if isinstance(each, Note)]
    assert [note.split(" is not measured")[0] for note in notes] == [
        "dlib's own library",
        "edgeface-xs",
        "campplus",
    ]
    results = [each for each in found if isinstance(each, Result)]
    compared = {(each.name, each.against) for each in results if each.ratio}
    assert compared == {
        ("face-mobile-2, 1 thread, p50", "face-mobile"),
        ("face-mobile-2, 1 thread, p50", "face-own"),
        ("face-mobile-2, 1 thread, p50", "face-mobile-2, plain convolutions"),
        ("face-mobile-2, 1 thread, p50", "dlib's weights in torch"),
        ("face-mobile-2, 1 thread, p50", "InceptionResnetV1, untrained"),
        ("voice-campplus, 1 thread, p50", "voice-own"),
        ("voice-campplus, 1 thread, p50", "ge2e"),
    }
    assert all(each.value > 0 for each in results)


class Theirs:
    """Stands for dlib's library where it is not installed: as quick, and wrong."""

    def compute_face_descriptor(self, chip: object) -> list[float]:
        return [1.0] * 128


def test_a_library_that_answers_otherwise_is_no_comparison(samples: Samples) -> None:
    with pytest.raises(RuntimeError, match="another answer"):
        bench_recognisers._check_same(Theirs(), samples)


def test_notes_are_printed_and_kept_beside_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [("x", Note("there is no wheel")), ("x", Result("a", 1.0, "ms", "b", 2.0))]
    monkeypatch.setattr(__main__, "run", lambda names, options: iter(found))
    monkeypatch.setattr(__main__, "HERE", tmp_path / "tools" / "benchmarks")
    __main__.main([])
    printed = capsys.readouterr().out
    assert "there is no wheel" in printed
    assert "2.00 x b" in printed
    kept = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    assert [each["benchmark"] for each in kept] == ["x", "x"]


def decision(at: float, *, final: bool, voice: bool) -> VisitDecision:
    used = (Modality.FACE, Modality.VOICE) if voice else (Modality.FACE,)
    return VisitDecision(1, at, Decision(DecisionOutcome.UNKNOWN, modalities=used), final)


def test_latencies_count_from_what_was_played() -> None:
    """The first frame came 0.3 s late: the others tell when the recording began, at 100 s."""
    times = iter([100.3, 100.3, 100.5, 103.0])
    played = Played(lambda: next(times))
    played.frame(Frame(np.zeros((1, 1, 3), np.uint8), 0.0))
    played.frame(Frame(np.zeros((1, 1, 3), np.uint8), 0.3))
    played.event(decision(0.3, final=False, voice=False))
    played.event(decision(2.9, final=True, voice=True))
    assert played.after(0.2)[0] == pytest.approx(0.3)
    assert played.fused() == [pytest.approx(0.1)]


def test_a_decision_by_one_modality_is_not_counted_as_fused() -> None:
    played = Played(lambda: 1.0)
    played.frame(Frame(np.zeros((1, 1, 3), np.uint8), 0.0))
    played.event(decision(0.5, final=True, voice=False))
    assert played.fused() == []


def test_the_slope_of_a_soak_is_found_and_noise_is_none() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 2000)
    rise, half = bench_soak.slope((50 + noise).tolist())
    assert abs(rise) < 2 * half
    assert half < 0.5
    rise, half = bench_soak.slope((50 + noise + 0.003 * np.arange(2000)).tolist())
    assert rise == pytest.approx(3.0, abs=2 * half)
