"""What cannot be used: status, text and remedy in both languages, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.errors import ModelError
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server.schemas import Problem
from kiosk.server.worker import Worker
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.database import transaction
from tests.server.conftest import GROUND, OpenRoom
from tests.support.paths import DEMO
from tests.support.service_room import Room, room, scripted_service, scripted_tools

KOREAN = re.compile("[가-힣]")
SINCE = ("since=yesterday", "since=-865194468", "since=1e-5", "since=20261130", "since=nan")


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that would take gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


TRUNCATED = (DEMO / "amara-1.mp4").read_bytes()[:20_000]
FILES: dict[str, tuple[bytes, str, str]] = {
    "text.mp4": (b"nothing but words", "is not a readable recording", "Give a recording such as"),
    "empty.mp4": (b"", "is empty (0 bytes)", "Record or copy it again."),
    "short.mp4": (TRUNCATED, "is not a readable recording", "Give a recording such as"),
    "cut.png": (
        b"\x89PNG\r\n\x1a\n" + bomb(40)[8:60],
        "is damaged",
        "Copy it again, or take another picture.",
    ),
    "bomb.png": (bomb(30_000), "is too large: 30000 by 30000 pixels", "Make it smaller than"),
    "zeros.zip": (b"PK\x03\x04" + bytes(5000), "is not a readable recording", "Give a recording"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_says_what_the_command_says(real: Room, name: str) -> None:
    content, text, remedy = FILES[name]
    before = real.client.get("/v1/subjects").json()
    for path, fields in (
        ("/v1/identify", {}),
        ("/v1/subjects", {"name": "Half", "ground": GROUND}),
    ):
        answer = real.post(path, (name, content), **fields)
        told = problem(answer, 422)
        assert told["detail"].startswith(f"{name} {text}")
        assert told["remedy"].startswith(remedy)
        assert told["exit_code"] == 3
    korean = real.client.post(
        "/v1/identify", files={"file": (name, content)}, headers={"Accept-Language": "ko,en;q=0.5"}
    )
    told = korean.json()
    assert KOREAN.search(told["detail"])
    assert KOREAN.search(told["remedy"])
    assert told["detail_en"].startswith(f"{name} {text}")
    assert real.client.get("/v1/subjects").json() == before


REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "a body of another kind": (
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        415,
        "WrongType",
    ),
    "a body of no kind": ({"content": b"abc"}, 415, "WrongType"),
    "a compressed body": (
        {"content": b"0", "headers": {"Content-Type": "video/mp4", "Content-Encoding": "gzip"}},
        415,
        "WrongType",
    ),
    "a form without a boundary": (
        {"content": b"abc", "headers": {"Content-Type": "multipart/form-data"}},
        400,
        "BadRequest",
    ),
    "a form that is none": (
        {"content": b"abc", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        400,
        "BadRequest",
    ),
    "a form without its end": (
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n0',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        400,
        "Incomplete",
    ),
    "no file": ({"files": {"nothing": (None, b"0")}}, 422, "Invalid"),
    "too many files": ({"files": [("file", b"0")] * 21}, 422, "Invalid"),
    "a field too long": (
        {"files": {"file": b"0"}, "data": {"note": "x" * 70_000}},
        413,
        "TooLarge",
    ),
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_request_that_cannot_be_read_is_refused(scripted: OpenRoom, what: str) -> None:
    sent, status, code = REQUESTS[what]
    opened = scripted()
    told = problem(opened.client.post("/v1/identify", **sent), status)
    assert told["code"] == code
    assert told["detail"]
    assert told["remedy"]
    assert left_over(opened) == []


BODIES: dict[str, tuple[bytes, int]] = {
    "no JSON": (b"{", 400),
    "not UTF-8": (b'{"text": "\xff"}', 400),
    "a number that is none": (b'{"text": NaN}', 400),
    "too deep": (b"[" * 100_000, 400),
    "a list": (b"[]", 422),
    "nothing in it": (b"{}", 422),
    "another kind of value": (b'{"text": 1}', 422),
    "an empty value": (b'{"text": ""}', 422),
    "a field too many": (b'{"text": "a", "more": 1}', 422),
    "too long": (b'{"text": "' + b"a" * 20_000 + b'"}', 422),
    "much too long": (b'{"text": "' + b"a" * 2_000_000 + b'"}', 413),
}


@pytest.mark.parametrize("what", BODIES)
def test_json_that_cannot_be_is_refused(scripted: OpenRoom, what: str) -> None:
    content, status = BODIES[what]
    headers = {"Content-Type": "application/json"}
    problem(scripted().client.post("/v1/text", content=content, headers=headers), status)


PEOPLE: dict[str, tuple[dict[str, str], int, str, str]] = {
    "no name": ({}, 422, "Invalid", "The field name is missing."),
    "an empty name": ({"name": "  ", "ground": GROUND}, 422, "InputError", "The name is empty."),
    "a taken name": (
        {"name": "ALICE", "ground": GROUND},
        409,
        "NameTaken",
        "Somebody of that name is enrolled already.",
    ),
    "a name that would turn the writing": (
        {"name": "a\u202eb", "ground": GROUND},
        422,
        "InputError",
        "The name holds a control character.",
    ),
    "a modality that is none": (
        {"name": "New", "only": "smell"},
        422,
        "Invalid",
        "The field only is 'smell'.",
    ),
    "no ground": (
        {"name": "New"},
        422,
        "InputError",
        "Nothing says why this person may be enrolled.",
    ),
    "consent and another ground": (
        {
            "name": "New",
            "ground": GROUND,
            "consent_version": "2",
            "consent_language": "en",
            "consent_text": "I agree.",
        },
        422,
        "Invalid",
        "The field ground is one too many.",
    ),
    "half a consent": (
        {"name": "New", "consent_version": "2"},
        422,
        "Invalid",
        "The field consent_text is missing.",
    ),
}


@pytest.mark.parametrize("what", PEOPLE)
def test_nobody_is_enrolled_from_fields_that_cannot_be(scripted: OpenRoom, what: str) -> None:
    fields, status, code, text = PEOPLE[what]
    opened = scripted()
    told = problem(opened.post("/v1/subjects", ("a", b"2"), **fields), status)
    assert (told["code"], told["detail"]) == (code, text)
    names = [each["name"] for each in opened.client.get("/v1/subjects").json()["subjects"]]
    assert names == ["Alice", "Bob"]


def test_a_claim_to_be_nobody_is_refused(scripted: OpenRoom) -> None:
    opened = scripted()
    unknown = problem(opened.post("/v1/verify", ("a", b"0"), name="Alicia"), 404)
    assert unknown["code"] == "UnknownSubject"
    assert unknown["remedy"].startswith("Did you mean Alice?")
    assert problem(opened.post("/v1/verify", ("a", b"0"), subject_id="99"), 404)
    for fields in ({}, {"name": "Alice", "subject_id": "1"}, {"subject_id": "-1"}):
        problem(opened.post("/v1/verify", ("a", b"0"), **fields), 422)


def test_a_path_in_a_name_leads_nowhere(scripted: OpenRoom, tmp_path: Path) -> None:
    opened = scripted()
    for name in ("../../etc/passwd", "..\\..\\evil", "/etc/passwd", "..", ".hidden", "a\0b", ""):
        answer = opened.post("/v1/identify", (name, b"0"))
        assert answer.status_code in (200, 422), name
    told = problem(opened.post("/v1/identify", ("../../../x/evil.mp4", b"no")), 422)
    assert told["detail"] == "evil.mp4 is not a readable recording."
    assert left_over(opened) == []
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]


def test_two_gigabytes_are_refused_before_anything_of_them_comes(scripted: OpenRoom) -> None:
    opened = scripted()
    host, port = opened.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(
            f"POST /v1/identify HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: video/mp4\r\n"
            "Content-Length: 2147483648\r\n\r\n".encode()
        )
        told = line.makefile("rb").read()
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["detail"] == "The body has 2147 MB; at most 200 MB are taken."
    assert left_over(opened) == []


def test_more_than_was_said_is_not_taken(scripted: OpenRoom) -> None:
    opened = scripted(service_megabytes=1)

    def endless() -> Any:
        for _ in range(40):
            yield bytes(100_000)

    answer = opened.client.post(
        "/v1/identify", content=endless(), headers={"Content-Type": "video/mp4"}
    )
    assert problem(answer, 413)["detail"] == "The body has more than 1 MB."
    assert left_over(opened) == []


def test_a_recording_that_is_too_long_is_refused(scripted: OpenRoom) -> None:
    opened = scripted(service_seconds=1.0)
    told = problem(opened.post("/v1/analyse", ("long", b"0")), 413)
    assert told["detail"] == "The recording is longer than 1 s."
    assert "service_seconds" in told["remedy"]


def test_an_address_that_leads_nowhere_says_so(scripted: OpenRoom) -> None:
    client = scripted().client
    assert problem(client.get("/v2/identify"), 404)["code"] == "NoSuchThing"
    assert problem(client.get("/v1/jobs/none"), 404)["detail"] == "There is no such job."
    wrong = client.put("/v1/identify")
    assert problem(wrong, 405)["code"] == "WrongMethod"
    assert wrong.headers["allow"] == "POST"
    for query in ("limit=0", "limit=x", "limit=99999999999999999999", *SINCE):
        problem(client.get(f"/v1/decisions?{query}"), 422)
    problem(client.get(f"/v1/subjects/{2**64}"), 422)


def test_a_gallery_that_another_kiosk_holds_is_not_half_changed(scripted: OpenRoom) -> None:
    opened = scripted()
    assert opened.client.get("/v1/subjects").status_code == 200
    settings = opened.service.settings
    other = SqlGallery.open(settings.database, settings.key_file)
    try:
        with transaction(other.database):
            answer = opened.client.patch("/v1/subjects/1", json={"name": "Else"})
            told = problem(answer, 503)
    finally:
        other.close()
    assert told["detail"] == "Another kiosk is writing to the database."
    assert told["remedy"] == "Try again when it has finished, or close it."
    assert int(answer.headers["retry-after"]) > 0
    assert opened.client.get("/v1/subjects/1").json()["name"] == "Alice"
    assert opened.client.patch("/v1/subjects/1", json={"name": "Else"}).status_code == 200


def test_a_model_that_is_missing_is_said_and_found_once_it_is_there(tmp_path: Path) -> None:
    service = scripted_service(tmp_path)
    whole = scripted_tools(service.settings)
    missing = [True]

    @contextmanager
    def opened_tools() -> Iterator[ServiceTools]:
        if missing:
            raise ModelError("The weights of face-own are missing.", "kiosk models fetch face-own")
        with whole() as tools:
            yield tools

    service.recogniser = Worker("kiosk-recogniser", opened_tools, 4)
    with room(service) as opened:
        told = problem(opened.post("/v1/identify", ("a", b"0")), 503)
        assert told["code"] == "ModelError"
        assert (told["detail"], told["remedy"]) == (
            "The weights of face-own are missing.",
            "kiosk models fetch face-own",
        )
        health = opened.client.get("/v1/health", headers={"Accept-Language": "ko"}).json()
        assert (health["status"], health["code"]) == ("failed", "ModelError")
        assert KOREAN.search(health["title"])
        missing.clear()
        assert opened.post("/v1/identify", ("a", b"0")).status_code == 200
        assert opened.client.get("/v1/health").json()["status"] == "ready"


def left_over(opened: Room) -> list[Path]:
    """Uploads that are still there."""
    root = opened.service.settings.database.parent / "uploads"
    below = ((Path(folder), names) for folder, _, names in os.walk(root))
    return [folder / name for folder, names in below for name in names if name != "lock"]


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The document of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    Problem.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    return found
