"""The ancestors' requests, answered as they were; nothing outside the operator's folder is read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kiosk.core.errors import SettingsError
from kiosk.core.media import Modality
from kiosk.core.ports.audit import Act
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.server.ancestors import NOT_FOUND, label_of
from kiosk.storage import SqlGallery
from tests.server.conftest import ANCESTORS, GROUND, OpenRoom
from tests.support.scripted import CARL, ScriptedFaces
from tests.support.service_room import Room, scripted_service

ASK = "/Identification_Request"
FUSED = "Multi-modal Speaker Recognition - Speaker ID : "
FACE = "Image Based Speaker Recognition - Speaker ID : "
VOICE = "Voice Based Speaker Recognition - Speaker ID : "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of Alice, of Bob and of Carl, whom nobody knows."""
    found = tmp_path / "theirs" / "videos"
    found.mkdir(parents=True)
    for name, content in (("alice-1", "0"), ("bob-1", "1"), ("carl-1", "2"), ("alice-2", "0")):
        (found / f"{name}.mp4").write_text(content)
    (found / "alice-9.mp4").write_text("words")
    return found.parent


@pytest.fixture
def opened(scripted: OpenRoom, folder: Path) -> Room:
    return scripted(**ANCESTORS, ancestor_folder=folder)


def ask(opened: Room, name: str, re_register: str = "False", **more: str) -> dict[str, str]:
    form = {"name": name, "path_dir": "videos", "re_register": re_register, **more}
    answer = opened.client.post(ASK, data=form)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_somebody_known_by_both_is_identified(opened: Room) -> None:
    assert ask(opened, "alice-1.mp4") == {
        "100001": f"{FUSED}Alice",
        "100002": f"{FACE}Alice",
        "100003": f"{VOICE}Alice",
    }
    assert ask(opened, "alice-1.mp4", test="False")["100001"] == f"{FUSED}Alice"


def test_one_published_server_had_another_order(scripted: OpenRoom, folder: Path) -> None:
    opened = scripted(**ANCESTORS, ancestor_folder=folder, ancestor_order="fused_last")
    assert list(ask(opened, "bob-1.mp4").values()) == [f"{FACE}Bob", f"{VOICE}Bob", f"{FUSED}Bob"]


def test_somebody_unknown_is_enrolled_and_then_known(opened: Room) -> None:
    first = ask(opened, "carl-1.mp4")
    assert first["100003"] == "Registration Completed"
    assert first["100001"] == "Image Based Speaker Registration - 8 templates stored"
    assert first["100002"] == "Voice Based Speaker Registration - 2 templates stored"
    assert ask(opened, "carl-1.mp4")["100001"] == f"{FUSED}carl"
    again = ask(opened, "carl-1.mp4", "True")
    assert again["100003"] == "Re-registration Completed"
    card = opened.client.get("/v1/subjects/3").json()
    assert card["consent"]["text"] == GROUND
    history = card["history"]
    assert [each["kind"] for each in history] == ["replace", "new"]


def test_a_modality_that_is_missing_is_added_and_said(opened: Room, tmp_path: Path) -> None:
    settings = opened.service.settings
    gallery = SqlGallery.open(settings.database, settings.key_file)
    face = Template(Modality.FACE, ScriptedFaces.model_id, CARL, 0.9, "test")
    gallery.enrol("carl", [face], EnrolmentKind.NEW)
    gallery.close()
    told = ask(opened, "carl-1.mp4")
    assert told["100002"] == f"{FACE}carl"
    assert told["100003"] == "Voice Based Speaker Registration Completed"
    assert ask(opened, "carl-1.mp4")["100003"] == f"{VOICE}carl"


def test_what_is_not_there_or_cannot_be_read_is_said_under_every_key(opened: Room) -> None:
    assert set(ask(opened, "nobody-1.mp4").values()) == {NOT_FOUND}
    assert set(ask(opened, "nobody-1.mp4", "True").values()) == {NOT_FOUND}
    (text,) = set(ask(opened, "alice-9.mp4").values())
    assert text.startswith("alice-9.mp4 is not a readable recording.")


def test_the_later_variant_names_a_whole_path(opened: Room, folder: Path) -> None:
    def variant(path: str, identify: str) -> dict[str, str]:
        form = {"file_path": path, "identify": identify, "re_register": "False"}
        found: dict[str, str] = opened.client.post(ASK, data=form).json()
        return found

    whole = str(folder / "videos" / "alice-1.mp4")
    assert variant(whole, "True")["100001"] == f"{FUSED}Alice"
    assert variant("videos/carl-1.mp4", "True")["100001"] == f"{FUSED}Unknown"
    assert variant("videos/carl-1.mp4", "False")["100003"] == "Registration Completed"


def test_a_test_tells_three_accuracies_and_a_table(opened: Room) -> None:
    names = ["alice-1.mp4", "bob-1.mp4", "carl-1.mp4", "nobody-1.mp4"]
    told = ask(opened, "", test="True", test_list=",".join(names))
    assert told["100001"] == "Multi-modal Speaker Recognition - Accuracy : 50.00"
    assert told["100002"] == "Image Based Speaker Recognition - Accuracy : 50.00"
    assert told["100003"] == "Voice Based Speaker Recognition - Accuracy : 50.00"
    rows = list(csv.DictReader(io.StringIO(told["csv"])))
    assert [tuple(row.values()) for row in rows] == [
        ("alice", "Alice", "True"),
        ("bob", "Bob", "True"),
        ("carl", "Unknown", "False"),
        ("nobody", "Unknown", "False"),
    ]
    assert len(opened.client.get("/v1/subjects").json()["subjects"]) == 2


PATHS = (
    "../../outside-1.mp4",
    "videos/../../outside-1.mp4",
    "/etc/passwd",
    "link-1.mp4",
    "videos/deep/../../../outside-1.mp4",
    "a\0b-1.mp4",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_leads_out_is_refused_and_counted(
    opened: Room, folder: Path, path: str
) -> None:
    (folder.parent / "outside-1.mp4").write_text("0")
    (folder / "link-1.mp4").symlink_to(folder.parent / "outside-1.mp4")
    forms = (
        {"file_path": path, "identify": "True"},
        {"name": path, "path_dir": ""},
        {"name": "", "test": "True", "test_list": path},
    )
    for form in forms:
        answer = opened.client.post(ASK, data=form)
        assert (answer.status_code, answer.json()["code"]) == (403, "PathRefused")
    voice = opened.client.post("/Voice_Request", data={"wav_name": path, "path_dir": ""})
    assert voice.status_code == 403
    assert "kiosk_ancestor_paths_refused 4.0" in opened.client.get("/metrics").text
    assert opened.client.get("/v1/decisions").json()["decisions"] == []
    settings = opened.service.settings
    gallery = SqlGallery.open(settings.database, settings.key_file)
    assert [each.act for each in gallery.trail()].count(Act.PATH_REFUSED) == 4
    gallery.close()


def test_the_codes_of_voice_of_all_and_of_text_are_numbers(opened: Room) -> None:
    codes = [*range(10001, 10008), 20000, 20003, 20004, 20005, 30001, 30002]
    where = {"path_dir": "videos", "wav_name": "alice-1.mp4"}
    voice = opened.client.post("/Voice_Request", data=where).json()
    assert list(voice) == [str(code) for code in codes]
    assert voice["10006"] == 0.6
    assert voice["20000"] == 40.0
    assert voice["30001"] == 0.02
    all_three = {"path_dir": "videos", "video_name": "alice-1.mp4", "text": "so sad"}
    fused = opened.client.post("/Multimodal_Request", data=all_three).json()
    assert list(fused) == list(voice)
    assert fused["20000"] != voice["20000"]
    text = opened.client.post("/Text_Request", data={"text": "so sad"}).json()
    assert list(text) == [str(code) for code in range(10001, 10008)]
    assert text["10006"] == 0.6
    gone = opened.client.post("/", data={"path_dir": "videos", "wav_name": "no.wav"}).json()
    assert set(gone.values()) == {NOT_FOUND}
    assert opened.client.post("/Text_Request", data={"text": ""}).status_code == 422


def test_it_is_off_unless_it_is_switched_on(scripted: OpenRoom, tmp_path: Path) -> None:
    opened = scripted()
    for path in (ASK, "/Voice_Request", "/"):
        assert opened.client.post(path, data={"name": "a-1.mp4"}).status_code in (404, 405)
    for folder in (Path(), tmp_path / "missing", Path("/")):
        with pytest.raises(SettingsError, match="ancestor_folder"):
            scripted_service(tmp_path, **ANCESTORS, ancestor_folder=folder)
    with pytest.raises(SettingsError, match="ancestor_ground"):
        scripted_service(tmp_path, ancestor_requests=True, ancestor_folder=tmp_path)


def test_a_page_elsewhere_cannot_use_it(opened: Room) -> None:
    form = {"name": "alice-1.mp4", "path_dir": "videos"}
    answer = opened.client.post(ASK, data=form, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("minjun@example.com-3.mp4", "minjun@example.com"),
        ("lee-seoyeon-12.mp4", "lee-seoyeon"),
        ("alone.mp4", "alone"),
        ("videos/kim-1.mp4", "kim"),
    ],
)
def test_the_id_stands_before_the_last_hyphen(name: str, label: str) -> None:
    assert label_of(name) == label
