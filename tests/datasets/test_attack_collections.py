"""Public collections of attacks are read as their makers lay them out; private parts never."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import InputError
from kiosk.datasets.attack_collections import (
    PRINT,
    SCREEN_STILL,
    SCREEN_VIDEO,
    is_kept_from_pad,
    known_presentations,
    may_be_learnt_from,
    presentations_at,
)
from kiosk.datasets.presentations import BONA_FIDE


def touch(root: Path, *names: str) -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


def test_nuaa_is_cut_into_takes_and_private_people_are_left_out(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "db/ClientRaw/0001/0001_00_00_01_2.jpg",
        "db/ClientRaw/0001/0001_00_00_01_10.jpg",
        "db/ClientRaw/0001/0001_00_00_02_3.jpg",
        "db/ClientRaw/0002/0002_00_00_01_1.jpg",
        "db/ImposterRaw/0001/0001_00_00_01_1.jpg",
        "db/ImposterRaw/0015/0015_00_00_01_1.jpg",
    )
    found = known_presentations(root)
    assert [(one.kind, len(one.items), one.subject) for one in found] == [
        (BONA_FIDE, 2, "nuaa 0001"),
        (BONA_FIDE, 1, "nuaa 0001"),
        (PRINT, 1, "nuaa 0001"),
    ]
    assert [item.path.stem[-2:] for item in found[0].items] == ["_2", "10"]
    assert {one.group for one in found} == {"asian"}


def test_nobody_of_replay_attack_is_learnt_from(tmp_path: Path) -> None:
    folder = "frames/replay_attack"
    root = touch(
        tmp_path,
        f"{folder}/test/test__attack__hand__attack_print_client009_session01_highdef_photo_adverse"
        "/frame_00000.jpg",
        f"{folder}/test/test__attack__hand__attack_print_client009_session01_highdef_photo_adverse"
        "/frame_00013.jpg",
        f"{folder}/test/test__attack__hand__attack_print_client009_session01_highdef_photo_adverse"
        "/frame_00025.jpg",
        f"{folder}/test/test__attack__fixed__attack_mobile_client009_session01_mobile_video_adverse"
        "/frame_00025.jpg",
        f"{folder}/train/train__attack__fixed__attack_highdef_client001_session01_highdef_photo"
        "_controlled/frame_00025.jpg",
        f"{folder}/test/test__real__real__client009_session01_webcam_authenticate_adverse_1"
        "/frame_00050.jpg",
    )
    found = known_presentations(root)
    assert [(one.kind, one.subject, one.device) for one in found] == [
        (SCREEN_VIDEO, "replay client009", "mobile, adverse"),
        (PRINT, "replay client009", "print held, adverse"),
        (BONA_FIDE, "replay client009", "webcam, adverse"),
        (SCREEN_STILL, "replay client001", "highdef, controlled"),
    ]
    assert found[0].times == (1.0,)
    assert [len(one.items) for one in found] == [1, 2, 1, 1]
    assert found[1].times == (0.0, 1.0), "of attacks every other picture"
    assert not any(may_be_learnt_from(one) for one in found)
    assert [is_kept_from_pad(one) for one in found] == [True, True, True, False]


def test_phone_screens_are_cut_where_time_has_passed_and_late_ones_are_living(
    tmp_path: Path,
) -> None:
    root = touch(
        tmp_path,
        "datasets/Fake/17523316423951020.jpg",
        "datasets/Fake/17523316424571540.jpg",
        "datasets/Fake/17523317000000000.jpg",
        "datasets/DataCollect/17523316423951020.jpg",
        "datasets/DataCollect/17523320000000001.jpg",
        "datasets/DataCollect/17527590000000000.jpg",
    )
    kinds = [(one.kind, len(one.items)) for one in known_presentations(root)]
    assert kinds == [(SCREEN_STILL, 2), (SCREEN_STILL, 1), (BONA_FIDE, 1), (BONA_FIDE, 1)]


def test_portraits_with_high_numbers_are_private(tmp_path: Path) -> None:
    folder = "SCUT-FBP5500_v2/Images"
    names = ("AF1500", "AM1501", "CF550", "CM551")
    found = known_presentations(touch(tmp_path, *(f"{folder}/{name}.jpg" for name in names)))
    assert [(one.subject, one.group) for one in found] == [("AF1500", "asian"), ("CF550", "white")]


def test_clips_and_people_of_telephones(tmp_path: Path) -> None:
    pair = touch(tmp_path / "pair", "videos/fake.mp4", "videos/real.mov", "videos/other.mp4")
    assert [one.kind for one in known_presentations(pair)] == [SCREEN_VIDEO, BONA_FIDE]
    people = touch(
        tmp_path / "people", *(f"samples/p{number:02}/live_video.mp4" for number in range(20))
    )
    found = known_presentations(people)
    assert [one.subject for one in found] == [f"p{number:02}" for number in range(0, 20, 2)]
    sides = {is_kept_from_pad(one) for one in found}
    assert sides == {True, False}
    assert all(may_be_learnt_from(one) is not is_kept_from_pad(one) for one in found)


def test_what_is_no_collection_is_refused_and_an_index_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no collection of presentations"):
        presentations_at(tmp_path)
    index = tmp_path / "index.csv"
    index.write_text("file,kind\na.png,print\n", encoding="utf-8")
    for path in (tmp_path, index):
        assert [one.kind for one in presentations_at(path)] == ["print"]
