"""Presentation attacks composed from the demo people, and the figures made of judged ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.cli.evaluate import evaluate
from kiosk.core.errors import InputError
from kiosk.core.liveness import Liveness, LivenessOutcome, PadChannel, PadEvidence
from kiosk.core.media import AudioChunk, Frame
from kiosk.core.settings import Settings
from kiosk.datasets.presentations import read_presentations
from kiosk.evaluation.pad.composed import Take, hand_held, moved_photograph, still
from kiosk.evaluation.pad.figures import attack_figures, bona_fide_figures, development
from kiosk.evaluation.pad.protocol import Judged, Single
from kiosk.evaluation.pad.report import auc, pad_report
from kiosk.evaluation.reporting.report import as_json
from tests.support.paths import ROOT

DEMO = ROOT / "assets" / "demo"
LIVE, NOT_LIVE, NOT_CHECKED = LivenessOutcome


def judged(
    kind: str, outcome: LivenessOutcome, subject: str, score: float, matched: bool | None = None
) -> Judged:
    evidence = (PadEvidence(PadChannel.FACE_PICTURE, score, 9),)
    living = kind == "bona_fide"
    group = "asian" if subject < "c" else "caucasian"
    return Judged(kind, living, subject, "", group, Liveness(outcome, score, evidence), matched)


SAMPLE = [
    judged("bona_fide", LIVE, "a", 2.0),
    judged("bona_fide", LIVE, "b", 1.0),
    judged("bona_fide", NOT_LIVE, "c", -1.0),
    judged("bona_fide", NOT_CHECKED, "d", 0.5),
    judged("print", NOT_LIVE, "a", -2.0, True),
    judged("print", LIVE, "b", 1.5, True),
    judged("print", NOT_CHECKED, "c", 0.0, False),
    judged("print", NOT_CHECKED, "d", 0.0, True),
    judged("screen", NOT_LIVE, "a", -1.5, None),
]


def test_rates_are_those_of_the_standard() -> None:
    figures = {one.kind: one for one in attack_figures(SAMPLE, 1)}
    printed = figures["print"]
    assert (printed.presentations, printed.subjects) == (4, 4)
    assert printed.apcer.value == pytest.approx(1 / 4)
    assert printed.non_response.value == pytest.approx(2 / 4)
    assert printed.match_rate is not None
    assert printed.iapar is not None
    assert printed.warned_iapar is not None
    assert printed.match_rate.value == pytest.approx(3 / 4)
    assert printed.iapar.value == pytest.approx(1 / 4)
    assert printed.warned_iapar.value == pytest.approx(2 / 4)
    assert figures["screen"].apcer.value == 0.0
    assert figures["screen"].apcer.high == 1.0, "one trial promises nothing: rule of three"
    assert figures["screen"].iapar is None


def test_living_people_are_counted_by_group() -> None:
    every, asian, caucasian = bona_fide_figures(SAMPLE, 1)
    assert (every.group, every.bpcer.value, every.non_response.value) == ("", 0.25, 0.25)
    assert (asian.group, asian.bpcer.value) == ("asian", 0.0)
    assert (caucasian.group, caucasian.bpcer.value) == ("caucasian", 0.5)


def test_what_was_not_checked_lets_nobody_through_and_asks_again() -> None:
    measured = development(SAMPLE)
    assert measured is not None
    assert measured.people == 4
    found = measured.estimate(2.0)
    assert measured.photographs.tolist() == [-99.0, -99.0, -2.0, 1.5]
    assert found.photographs.one_in == 2.0
    assert development(SAMPLE[:4]) is None


def test_the_area_counts_pairs() -> None:
    assert auc(np.array([2.0, 3.0]), np.array([0.0, 2.0])) == pytest.approx(0.875)


def test_the_report_has_every_table_and_names_nobody() -> None:
    singles = [Single("bona_fide", True, "secret person", "asian", 1.0)]
    report = pad_report(SAMPLE, singles, 0.0, {"command": "kiosk evaluate pad"}, 1)
    assert [table.title for table in report.tables] == [
        "Attacks",
        "Living people",
        "Operating points",
        "Single pictures",
        "Channels",
    ]
    assert "secret person" not in as_json(report)
    assert {figure.name for figure in report.figures} == {"pad-face_picture", "pad-joint"}


def take(pictures: int = 6) -> Take:
    random = np.random.default_rng(4)
    images = random.integers(0, 255, (pictures, 60, 80, 3), dtype=np.uint8)
    frames = tuple(Frame(image, 0.2 * k + 1.0, k) for k, image in enumerate(images))
    return Take(frames, (AudioChunk(np.ones(1600, dtype=np.float32), 16_000, 1.0),))


def test_composed_attacks_are_what_they_say() -> None:
    living = take()
    frozen, moved = still(living), moved_photograph(living, 3)
    assert {frame.image.tobytes() for frame in frozen.frames} == {living.frames[3].image.tobytes()}
    assert [frame.time for frame in moved.frames] == [frame.time for frame in living.frames]
    assert len({frame.image.tobytes() for frame in moved.frames}) == len(living.frames)


def test_a_hand_is_repeatable() -> None:
    image = take().frames[0].image
    one, two = hand_held(image, [0.0, 0.2], 7), hand_held(image, [0.0, 0.2], 7)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def index(folder: Path, rows: list[dict[str, str]]) -> Path:
    file = folder / "index.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_pictures_of_one_presentation_belong_together(tmp_path: Path) -> None:
    rows = [
        {"file": "a.png", "kind": "print", "subject": "x", "presentation": "1", "group": "asian"},
        {"file": "b.png", "kind": "print", "subject": "x", "presentation": "1", "group": "asian"},
        {"file": "c.png", "kind": "bona_fide", "subject": "x", "presentation": "", "group": ""},
        {"file": "d.mp4", "kind": "bona_fide", "subject": "y", "presentation": "1", "group": ""},
        {"file": "e.txt", "kind": "bona_fide", "subject": "y", "presentation": "", "group": ""},
    ]
    found = read_presentations(index(tmp_path, rows))
    assert [(one.kind, len(one.items), one.clip) for one in found] == [
        ("print", 2, False),
        ("bona_fide", 1, False),
        ("bona_fide", 1, True),
    ]
    assert found[0].group == "asian"


def test_an_index_without_kinds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'kind'"):
        read_presentations(index(tmp_path, [{"file": "a.png"}]))
    with pytest.raises(InputError, match="There is no nowhere"):
        read_presentations(tmp_path / "nowhere")
    with pytest.raises(InputError, match="names no picture"):
        read_presentations(index(tmp_path, [{"file": "a.txt", "kind": "print"}]))


def test_photographs_and_stills_of_the_demo_people_are_refused(tmp_path: Path) -> None:
    """The whole command: two demo people, attacks made of them, and a still picture beside. The
    seed is one whose hands move: a photograph that hardly turns is not told by motion."""
    (tmp_path / "still.jpg").write_bytes((DEMO / "stills" / "bawi.jpg").read_bytes())
    rows = [
        {"file": str(DEMO / f"{name}-1.mp4"), "kind": "bona_fide", "subject": name}
        for name in ("gureum", "bawi")
    ]
    rows.append({"file": "still.jpg", "kind": "print", "subject": "bawi"})
    index(tmp_path, rows)
    out = tmp_path / "report"
    asked = ["pad", str(tmp_path), "--compose", "--json", "--out", str(out), "--seed", "9"]
    run = CliRunner().invoke(evaluate, asked, obj=Settings())
    assert run.exit_code == 0, run.output
    numbers = json.loads(run.stdout)["numbers"]
    attacks = {one["kind"]: one for one in numbers["attacks"]}
    assert set(attacks) >= {"composed_still", "composed_moved_photograph"}
    assert attacks["composed_still"]["apcer"]["value"] == 0.0
    assert attacks["composed_moved_photograph"]["apcer"]["value"] == 0.0
    for kind in ("still", "moved_photograph", "film"):
        shown = attacks[f"composed_{kind}_other_voice"]
        assert shown["presentations"] == 2, "each of the two while the other speaks"
        assert shown["iapar"]["value"] == 0.0, f"the voice of another names nobody: {kind}"
    assert (out / "report.html").is_file()
