"""Identify, verify, analyse, text and faces: shipped models, and people who do not exist."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest

from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.recognition.formats import decision_as_dict
from kiosk.runtime import composition
from kiosk.runtime.headless import run_headless
from kiosk.server.schemas import AnalyseAnswer, FacesAnswer, IdentifyAnswer, VerifyAnswer
from tests.support.paths import DEMO, ROOT
from tests.support.recordings import make_clip
from tests.support.service_room import Room

SCHEMA = json.loads((ROOT / "docs" / "schema" / "headless.json").read_text("utf-8"))


def test_a_clip_gets_the_answer_of_the_command_line(real: Room) -> None:
    answer = real.post("/v1/identify", DEMO / "amara-2.mp4")
    assert answer.status_code == 200
    told = answer.json()
    IdentifyAnswer.model_validate(told)
    jsonschema.validate(told["decision"], SCHEMA)
    assert told["decision"]["name"] == "Amara"
    assert told["decision"]["face"]["name"] == told["decision"]["voice"]["name"] == "Amara"
    assert told["decision"]["liveness"]["channels"]
    heard: list[VisitDecision] = []

    def hear(event: VisitEvent) -> None:
        if isinstance(event, VisitDecision) and event.final:
            heard.append(event)

    settings = real.service.settings
    with composition.open_gallery(settings) as gallery:
        source = composition.open_source(settings, str(DEMO / "amara-2.mp4"))
        run_headless(settings, gallery, source, hear, once=True)
    expected = decision_as_dict(heard[0])
    for each in (expected, told["decision"]):
        each.pop("latency")
    assert told["decision"] == expected


def test_a_stranger_is_unknown_and_one_modality_suffices(real: Room, tmp_path: Path) -> None:
    assert (
        real.post("/v1/identify", DEMO / "robin-2.mp4").json()["decision"]["outcome"] == "unknown"
    )
    picture = real.post("/v1/identify", DEMO / "stills" / "ravi.jpg").json()["decision"]
    assert (picture["modalities"], picture["name"]) == (["face"], "Ravi")
    sound = sound_of(DEMO / "ravi-2.mp4", tmp_path / "ravi.wav")
    heard = real.post("/v1/identify", sound).json()["decision"]
    assert (heard["modalities"], heard["candidates"][0]["name"]) == (["voice"], "Ravi")
    both = real.post("/v1/identify", sound, DEMO / "stills" / "ravi.jpg").json()["decision"]
    assert (both["modalities"], both["name"]) == (["face", "voice"], "Ravi")


def test_one_file_may_be_the_body_itself(real: Room) -> None:
    content = (DEMO / "stills" / "amara.jpg").read_bytes()
    answer = real.client.post(
        "/v1/identify", content=content, headers={"Content-Type": "image/jpeg"}
    )
    assert answer.json()["decision"]["name"] == "Amara"


def test_a_claim_is_compared_with_one_subject_alone(real: Room) -> None:
    before = real.client.get("/v1/decisions").json()["decisions"]
    right = real.post("/v1/verify", DEMO / "ravi-2.mp4", name="Ravi").json()
    VerifyAnswer.model_validate(right)
    assert right["verified"]
    wrong = real.post("/v1/verify", DEMO / "ravi-2.mp4", subject_id="1").json()
    assert not wrong["verified"]
    assert wrong["name"] == "Amara"
    assert {each["name"] for each in wrong["decision"]["candidates"]} <= {"Amara"}
    assert real.client.get("/v1/decisions").json()["decisions"] == before


def test_recordings_and_words_are_analysed(real: Room) -> None:
    answer = real.post("/v1/analyse", DEMO / "garam-1.mp4", text="나는 지금 너무 슬퍼", step="1")
    AnalyseAnswer.model_validate(answer.json())
    (analysis,) = answer.json()["analyses"]
    assert {each["modality"] for each in analysis["whole"]} == {"face", "voice", "text", "fused"}
    assert len(analysis["segments"]) >= 3
    words = real.client.post("/v1/text", json={"text": "I am so happy today!"}).json()
    assert words["analyses"][0]["whole"][0]["emotion"]["top"] == "happiness"


def test_faces_are_found_judged_and_cut_out(real: Room, tmp_path: Path) -> None:
    answer = real.post("/v1/faces", DEMO / "garam-1.mp4")
    told = FacesAnswer.model_validate(answer.json())
    times = np.array([each.time for each in told.faces])
    assert np.diff(times).min() >= 0.2
    assert np.diff(times).max() <= 0.3
    assert {each.outcome for each in told.faces} == {0}
    crop = told.faces[0].crop
    assert crop is not None
    face = cv2.imdecode(np.frombuffer(base64.b64decode(crop), np.uint8), cv2.IMREAD_COLOR)
    assert face is not None
    assert face.shape == (224, 224, 3)
    empty = make_clip(tmp_path / "nobody.mp4", seconds=1.0)
    nobody = real.post("/v1/faces", empty, crops="false").json()["faces"]
    assert {(each["outcome"], each["crop"]) for each in nobody} == {(1, None)}


@pytest.mark.parametrize("path", ["/v1/models", "/v1/health", "/metrics"])
def test_the_service_tells_how_it_is(real: Room, path: str) -> None:
    answer = real.client.get(path)
    assert answer.status_code == 200
    if path == "/metrics":
        assert 'kiosk_decisions_total{outcome="unknown"}' in answer.text
        assert not {"Amara", "Ravi"} & set(answer.text.replace('"', " ").split())
    elif path == "/v1/models":
        used = {each["modality"] for each in answer.json()["models"] if each["in_use"]}
        assert {"face", "voice"} <= used
    else:
        assert answer.json()["status"] == "ready"


def sound_of(recording: Path, target: Path) -> Path:
    """Its sound alone, as a file."""
    import av

    with av.open(str(recording)) as source, av.open(str(target), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        resampler = av.AudioResampler("s16", "mono", 16_000)
        for frame in source.decode(audio=0):
            for piece in resampler.resample(frame):
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return target
