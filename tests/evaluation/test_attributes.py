"""Figures of attributes on made-up answers, and the command on made-up pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from kiosk.cli.evaluate import evaluate
from kiosk.core.errors import InputError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    Emotion,
    EmotionEstimate,
    Gender,
    GenderEstimate,
)
from kiosk.core.media import Frame, Image
from kiosk.core.samples import (
    FaceOutcome,
    FaceSample,
    LocatedFace,
)
from kiosk.core.settings import Settings
from kiosk.evaluation.attributes import channels, face
from kiosk.evaluation.attributes.channels import AttributeRun, judge_all
from kiosk.evaluation.attributes.face import FaceJudge, kiosk_look, packed, read_faces, unpacked
from kiosk.evaluation.attributes.metrics import (
    EMOTIONS,
    Judged,
    Truth,
    accuracy,
    age_band,
    age_figures,
    by_group,
    calibration_errors,
    confusion,
    emotion_figures,
    gender_figures,
    judged,
    macro_f1,
    sure_emotion_figures,
    unweighted_recall,
)
from kiosk.evaluation.attributes.report import GOALS, attributes_report
from kiosk.evaluation.extraction.context import open_workshop
from kiosk.evaluation.extraction.embedding_cache import Store
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.reporting.report import as_html
from kiosk.inference.face.attributes import load_face_attributes

SEED = 1


def estimate(
    emotion: int = 0, years: float = 30, male: float = 0.9, top: float = 0.7
) -> AttributeEstimate:
    """An estimate with `top` on one emotion and an interval of ten years to both sides."""
    chances = [(1 - top) / 6] * 7
    chances[emotion] = top
    return AttributeEstimate(
        Channel.FACE,
        EmotionEstimate(tuple(chances), top > 0.6),
        AgeEstimate(years, years - 10, years + 10, True),
        GenderEstimate(male, abs(male - 0.5) > 0.2),
    )


def few() -> Judged:
    """Four people: three emotions of four right, ages off by 0, 4, 6 and 20, one gender wrong."""
    truths = [
        Truth("a", Emotion.HAPPINESS, 30, Gender.MALE, {"race": "asian"}),
        Truth("b", Emotion.ANGER, 34, Gender.MALE, {"race": "asian"}),
        Truth("c", Emotion.ANGER, 24, Gender.MALE, {"race": "white"}),
        Truth("d", Emotion.SURPRISE, 50, Gender.FEMALE),
    ]
    estimates = [estimate(0), estimate(1), estimate(0, top=0.5), estimate(6)]
    return judged("few", Channel.FACE, estimates, truths)


def many(count: int = 60, name: str = "utkface") -> Judged:
    """Seeded noise round the truth."""
    rng = np.random.default_rng(2)
    ages = rng.integers(5, 80, count)
    truths = [
        Truth(str(n), EMOTIONS[n % 7], float(age), Gender.MALE if n % 3 else Gender.FEMALE)
        for n, age in enumerate(ages)
    ]
    estimates = [
        estimate(int(n % 7 if rng.random() < 0.8 else 3), float(age + rng.normal(0, 4)), 0.8)
        for n, age in enumerate(ages)
    ]
    return judged(name, Channel.FACE, estimates, truths, ("made up.",))


# --- figures -------------------------------------------------------------------------------


def test_emotion_figures_by_hand() -> None:
    figures = emotion_figures(few(), SEED)
    assert figures["accuracy"].value == 0.75
    assert figures["unweighted recall"].value == pytest.approx((1 + 0.5 + 1) / 3)
    assert figures["macro F1"].value == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert figures["accuracy"].low <= 0.75 <= figures["accuracy"].high
    assert figures["accuracy"].count == 4


def test_a_confusion_matrix_counts_true_by_said() -> None:
    table = confusion(np.array([0, 1, 1]), np.array([0, 1, 6]), np.ones(3))
    assert table[1, 6] == 1
    assert table.sum() == 3
    assert accuracy(table) == pytest.approx(2 / 3)
    assert unweighted_recall(table) == 0.75
    assert macro_f1(table) == pytest.approx((1 + 2 / 3) / 2)


def test_age_figures_by_hand() -> None:
    figures = age_figures(few(), SEED)
    assert figures["MAE"].value == 7.5
    assert figures["within 5 years"].value == 0.5
    assert figures["in the 80 % interval"].value == 0.75
    assert figures["interval width"].value == 20


def test_gender_figures_by_hand() -> None:
    figures = gender_figures(few(), SEED)
    assert figures["accuracy"].value == 0.75
    assert figures["sure"].value == 1


def test_the_sure_are_counted_and_judged_apart() -> None:
    figures = sure_emotion_figures(few(), SEED)
    assert figures["sure"].value == 0.75
    assert figures["accuracy of the sure"].value == 1


def test_what_was_not_said_is_not_judged() -> None:
    silent = replace(estimate(), emotion=None, age=None, gender=None)
    part = judged("x", Channel.FACE, [silent, estimate()], [Truth("a", age=20.0), Truth("b")])
    assert len(part.with_age()) == len(part.with_emotion()) == len(part.with_gender()) == 0


def test_calibration_error_of_answers_that_say_seven_tenths() -> None:
    assert calibration_errors(few())["emotion"] == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("age", "band"), [(0, "00-12"), (12.9, "00-12"), (13, "13-19"), (70, "70+"), (np.nan, "")]
)
def test_age_bands_leave_no_gap(age: float, band: str) -> None:
    assert age_band(age) == band


def test_groups_that_are_too_small_are_left_out() -> None:
    assert by_group(few(), "race") == []
    found = dict(by_group(many(), "gender"))
    assert set(found) == {"male", "female"}
    assert len(found["female"]) == 20


# --- report --------------------------------------------------------------------------------


def test_the_report_shows_floors_groups_confusion_and_pictures() -> None:
    report = attributes_report([many()], {"data": "made up"}, SEED)
    titles = [table.title for table in report.tables]
    assert titles[0] == "Against the floors"
    wanted = [goal for goal in GOALS if goal.set_name == "utkface"]
    assert len(report.tables[0].rows) == len(wanted)
    assert "Age by gender: utkface (face)" in titles
    assert "Confusion of emotions: utkface (face)" in titles
    assert {figure.name for figure in report.figures} == {
        "confusion-face-utkface",
        "ages-face-utkface",
        "age-error-face-utkface",
        "reliability",
    }
    page = as_html(report)
    assert page.count("data:image/png;base64,") == 4
    assert "http://" not in page.replace("http-equiv", "")
    assert report.numbers["attributes"]["face"]["utkface"]["age"]["samples"] == 60


@pytest.mark.parametrize(
    ("years", "says"), [(0.0, "aim reached"), (5.2, "floor held"), (9.0, "below the floor")]
)
def test_a_floor_is_held_or_not(years: float, says: str) -> None:
    truths = [Truth(str(n), age=40.0) for n in range(12)]
    part = judged("utkface", Channel.FACE, [estimate(years=40 + years)] * 12, truths)
    row = attributes_report([part], {}, SEED).tables[0].rows[0]
    assert row[-1] == says


# --- faces ---------------------------------------------------------------------------------


class Shade:
    """Tells an age by the brightness of the picture; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        self.asked += len(faces)
        return [estimate(years=float(face.image.mean()) / 2) for face in faces]


def no_face(image: Image) -> FaceSample:
    return FaceSample(Frame(image, 0.0), FaceOutcome.NO_FACE)


def context() -> ExtractionContext:
    made = open_workshop(Settings(), None, Console(quiet=True))
    return replace(made, look=no_face)


def pictures(folder: Path, shades: Sequence[int], side: int = 48) -> Path:
    """An index of plain pictures with ages told by their shade."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["file,age,gender,race"]
    for number, shade in enumerate(shades):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((side, side, 3), shade, np.uint8))
        lines.append(f"{number}.png,{shade // 2},female,2")
    (folder / "test.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "test.csv"


def judge(estimator: Shade, side: int, made: ExtractionContext) -> FaceJudge:
    return FaceJudge(estimator, "shade@1", kiosk_look(Settings(), made), made)


def test_small_pictures_without_a_face_are_taken_whole_and_asked_once(tmp_path: Path) -> None:
    found = read_faces(pictures(tmp_path / "set", [40, 80, 120]))
    estimator, made = Shade(), context()
    part = judge(estimator, 48, made).judge(found)
    assert part.ages[:, 0].tolist() == pytest.approx([20, 40, 60])
    assert part.groups["race"].tolist() == ["asian"] * 3
    assert part.notes == ("shade@1; 3 taken whole.",)
    again = judge(estimator, 48, made).judge(found)
    assert np.array_equal(again.ages, part.ages)
    assert estimator.asked == 3


def test_large_pictures_without_a_face_are_left_out(tmp_path: Path) -> None:
    found = read_faces(pictures(tmp_path / "set", [40, 80], side=400))
    with pytest.raises(InputError, match="shows no face"):
        judge(Shade(), 400, context()).judge(found)


def test_a_broken_picture_is_counted(tmp_path: Path) -> None:
    path = pictures(tmp_path / "set", [40, 80])
    (path.parent / "0.png").write_bytes(b"no picture")
    made = context()
    part = judge(Shade(), 48, made).judge(read_faces(path))
    assert len(part) == 1
    assert made.tally.reasons == {"not readable": 1}
    assert part.notes == ("shade@1; 1 taken whole, 1 left out without a face.",)


def test_genders_beside_folders_of_people(tmp_path: Path) -> None:
    for name in ("ann", "bob", "eve"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), np.zeros((40, 40, 3), np.uint8))
    (tmp_path / "gender.csv").write_text("name,gender\nann,female\nbob,male\n", encoding="utf-8")
    found = read_faces(tmp_path)
    assert [(item.subject, item.gender) for item in found.items] == [
        ("ann", "female"),
        ("bob", "male"),
    ]


def test_pictures_without_labels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    cv2.imwrite(str(tmp_path / "ann" / "1.png"), np.zeros((40, 40, 3), np.uint8))
    with pytest.raises(InputError, match="no picture with an emotion"):
        read_faces(tmp_path)


def test_packing_loses_nothing() -> None:
    whole = estimate(3, 41.5, 0.25)
    for one in (whole, replace(whole, emotion=None), replace(whole, age=None, gender=None)):
        back = unpacked(packed(one))
        assert (back.emotion is None, back.age is None) == (one.emotion is None, one.age is None)
        assert back.gender == one.gender


# --- channels and command ------------------------------------------------------------------


def test_given_paths_come_before_the_shared_ones(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    run = AttributeRun(Settings(), context(), tmp_path)
    assert run.paths(["faces", "voices"], lambda path: True) == [tmp_path / "faces"]
    given = replace(run, given=(tmp_path / "own.csv", tmp_path / "own.wav"))
    assert given.paths(["faces"], lambda path: path.suffix == ".csv") == [tmp_path / "own.csv"]


def test_nothing_to_judge_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labelled recordings"):
        judge_all(AttributeRun(Settings(), context(), tmp_path), [Channel.FACE])


def test_the_command_prints_numbers_and_writes_a_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fixed(run: AttributeRun) -> list[Judged]:
        return [many()]

    monkeypatch.setattr(face, "judge_faces", fixed)
    words = [
        "attributes",
        "--channel",
        "face",
        "--no-cache",
        "--json",
        "--out",
        str(tmp_path / "r"),
    ]
    result = CliRunner().invoke(evaluate, words, obj=Settings())
    assert result.exit_code == 0, result.output
    numbers = json.loads(result.stdout)["numbers"]["attributes"]["face"]["utkface"]
    assert numbers["age"]["figures"]["MAE"]["value"] < 5
    assert (tmp_path / "r" / "report.html").is_file()
    assert (tmp_path / "r" / "reliability.png").is_file()


def test_the_command_names_an_unknown_channel() -> None:
    result = CliRunner().invoke(evaluate, ["attributes", "--channel", "smell"], obj=Settings())
    assert isinstance(result.exception, InputError)
    assert "smell" in str(result.exception)


def test_every_channel_has_its_function() -> None:
    for channel in channels.CHANNELS:
        assert callable(channels.judge(channel))


def test_the_cache_outlives_a_run(tmp_path: Path) -> None:
    found = read_faces(pictures(tmp_path / "set", [40, 80]))
    estimator = Shade()
    for _ in range(2):
        made = replace(context(), store=Store(tmp_path / "cache"))
        with made.store:
            judge(estimator, 48, made).judge(found)
    assert estimator.asked == 2


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("fer2013/test.csv", {"emotion": ("accuracy", 0.5)}),
        ("utkface/test.csv", {"gender": ("accuracy", 0.8), "age": ("within 5 years", 0.45)}),
    ],
)
def test_the_shipped_network_on_unseen_faces(
    name: str, least: dict[str, tuple[str, float]], shared: Path
) -> None:
    made = open_workshop(Settings(), None, Console(quiet=True))
    found = read_faces(shared / "data" / "faces" / name).limited(150)
    network = load_face_attributes(Settings())
    part = FaceJudge(network, "own", kiosk_look(Settings(), made), made).judge(found)
    report = attributes_report([part], {}, SEED)
    numbers = report.numbers["attributes"]["face"][found.name]
    for attribute, (figure, bound) in least.items():
        assert numbers[attribute]["figures"][figure].value > bound, attribute
