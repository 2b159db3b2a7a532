"""Who is enrolled, changed over HTTP."""

from __future__ import annotations

import threading

import pytest

from kiosk.server.access import Role
from kiosk.server.schemas import EnrolAnswer, SubjectCard, SubjectPage
from kiosk.storage import SqlGallery
from tests.server.conftest import GROUND, OpenRoom
from tests.support.paths import DEMO
from tests.support.service_room import Room

CONSENT = {"version": "2", "language": "ko", "text": "동의합니다.", "witness": "Park"}


def test_a_person_is_enrolled_renewed_undone_renamed_and_deleted(real: Room) -> None:
    sent = {f"consent_{key}": value for key, value in CONSENT.items()}
    answer = real.post("/v1/subjects", DEMO / "gureum-1.mp4", name="구름", note="new", **sent)
    made = EnrolAnswer.model_validate(answer.json())
    assert answer.status_code == 201
    place = answer.headers["location"]
    assert place == f"/v1/subjects/{made.subject_id}"
    card = SubjectCard.model_validate(real.client.get(place).json())
    assert (card.name, card.note, card.face_templates) == ("구름", "new", made.face_templates)
    assert card.consent is not None
    assert (card.consent.text, card.consent.witness) == ("동의합니다.", "Park")

    again = real.post(f"{place}/enrolments", DEMO / "gureum-2.mp4", kind="add")
    assert again.status_code == 201, again.text
    grown = real.client.get(place).json()["face_templates"]
    assert grown == made.face_templates + again.json()["face_templates"]
    back = real.client.post(f"{place}/rollback")
    assert back.json()["kind"] == "rollback"
    card = SubjectCard.model_validate(real.client.get(place).json())
    assert card.face_templates == made.face_templates
    assert [each.kind for each in card.history] == ["rollback", "add", "new"]
    nothing = real.client.post(f"{place}/rollback")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "NothingToUndo")

    assert real.client.patch(place, json={"name": "Gureum"}).json()["name"] == "Gureum"
    taken = real.client.patch(place, json={"name": "AMARA"})
    assert (taken.status_code, taken.json()["code"]) == (409, "NameTaken")
    assert real.client.delete(place).json()["templates"] > made.face_templates
    assert real.client.get(place).status_code == 404
    assert real.post("/v1/identify", DEMO / "gureum-2.mp4").json()["decision"]["name"] is None


def test_who_seems_to_be_enrolled_is_not_enrolled_twice(real: Room) -> None:
    answer = real.post("/v1/subjects", DEMO / "amara-2.mp4", name="Somebody else", ground=GROUND)
    assert answer.status_code == 409
    told = answer.json()
    assert told["code"] == "DuplicateSuspected"
    assert {each["name"] for each in told["duplicates"]} == {"Amara"}
    wrong = real.post("/v1/subjects/1/enrolments", DEMO / "ravi-2.mp4")
    assert wrong.status_code == 409
    names = {each["name"] for each in real.client.get("/v1/subjects").json()["subjects"]}
    assert "Somebody else" not in names


def test_too_little_is_refused_with_the_cause(real: Room) -> None:
    answer = real.post("/v1/subjects", DEMO / "stills" / "noeul.jpg", name="Noeul", ground=GROUND)
    told = answer.json()
    assert (answer.status_code, told["code"], told["exit_code"]) == (422, "EnrolmentRefused", 7)
    assert told["detail"].startswith("1 usable face samples, 5 are needed")


def test_everybody_is_listed_by_pages(scripted: OpenRoom) -> None:
    opened = scripted()

    def page(number: int) -> SubjectPage:
        threading.Event().wait(0.1 if number else 0.0)
        answer = opened.client.get("/v1/subjects", params={"limit": 1})
        return SubjectPage.model_validate(answer.json())

    # Lists are read by a connection of their own, which may be there before the people are.
    first = next(found for found in map(page, range(50)) if found.total == 2)
    assert ([each.name for each in first.subjects], first.total, first.next) == (["Alice"], 2, 1)
    rest = opened.client.get("/v1/subjects", params={"offset": first.next or 0}).json()
    assert ([each["name"] for each in rest["subjects"]], rest["next"]) == (["Bob"], None)


def test_consent_is_given_and_taken_back(scripted: OpenRoom) -> None:
    client = scripted().client
    given = client.post("/v1/subjects/1/consents", json=CONSENT)
    assert given.status_code == 201
    assert given.json()[0]["withdrawn"] is None
    assert client.delete("/v1/subjects/1/consents").json()[0]["withdrawn"] is not None
    again = client.delete("/v1/subjects/1/consents")
    assert (again.status_code, again.json()["code"]) == (409, "NothingToUndo")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/rollback"),
        ("POST", "/consents"),
        ("DELETE", "/consents"),
    ],
)
def test_nobody_of_an_unknown_id_is_changed(scripted: OpenRoom, method: str, path: str) -> None:
    body = {"PATCH": {"name": "New"}, "POST": CONSENT}.get(method)
    answer = scripted().client.request(method, f"/v1/subjects/99{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "UnknownSubject")


def test_what_is_changed_is_on_record_by_the_number_of_the_token(scripted: OpenRoom) -> None:
    opened = scripted(require_token=True)
    token, text = opened.service.tokens.add("desk", Role.ADMIN, None)
    opened.client.headers["Authorization"] = f"Bearer {text}"
    assert opened.client.patch("/v1/subjects/1", json={"name": "Else"}).status_code == 200
    assert opened.post("/v1/subjects", ("a", b"2"), name="Carl", ground=GROUND).status_code == 201
    assert opened.post("/v1/identify", ("a", b"2")).status_code == 200
    settings = opened.service.settings
    gallery = SqlGallery.open(settings.database, settings.key_file)
    lines = gallery.trail()
    gallery.close()
    by = {each.act: (each.facts or {}).get("by") for each in lines[-3:]}
    assert by == dict.fromkeys(("renamed", "enrolled", "decision"), f"token {token.token_id}")
