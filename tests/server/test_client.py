"""The client: what it makes of answers, how long it is patient, what it raises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.client import Busy, Consent, Kiosk, NotAllowed, NotFound, Problem, Unreachable
from kiosk.server.access import Role
from tests.server.conftest import GROUND, OpenRoom
from tests.support.service_room import Room


@pytest.fixture
def opened(scripted: OpenRoom) -> Room:
    return scripted()


@pytest.fixture
def kiosk(opened: Room) -> Iterator[Kiosk]:
    with Kiosk(opened.url) as made:
        yield made


def test_files_may_be_paths_contents_or_named_contents(kiosk: Kiosk, tmp_path: Path) -> None:
    (tmp_path / "bob").write_bytes(b"1")
    assert kiosk.identify(b"0").name == "Alice"
    assert kiosk.identify(tmp_path / "bob").name == "Bob"
    stranger = kiosk.identify(("stranger", b"2"))
    assert (stranger.identified, stranger.name) == (False, None)
    assert stranger.estimates["face"]["gender"]["top"] == "male"


def test_people_are_listed_page_by_page_and_changed(kiosk: Kiosk) -> None:
    for number in range(3):
        kiosk.enrol(f"Carl {number}", b"2", allow_duplicate=True, ground=GROUND)
    assert [each.name for each in kiosk.subjects()] == [
        "Alice",
        "Bob",
        "Carl 0",
        "Carl 1",
        "Carl 2",
    ]
    consent = Consent("2", "en", "I agree.", "Park")
    kiosk.give_consent(1, consent)
    assert kiosk.subject(1).raw["consents"][0]["witness"] == "Park"
    kiosk.withdraw_consent(1)
    assert kiosk.re_enrol(2, b"1", replace=False).kind == "add"
    assert kiosk.roll_back(2).kind == "rollback"
    assert kiosk.remove(3) > 0
    with pytest.raises(NotFound):
        kiosk.subject(3)


def test_every_decision_is_told_across_pages(kiosk: Kiosk) -> None:
    for _ in range(101):
        kiosk.identify(b"0")
    found = list(kiosk.decisions(subject_id=1))
    assert len(found) == 101
    assert len({each.decision_id for each in found}) == 101


def test_a_refusal_is_a_problem_in_the_language_asked_for(opened: Room) -> None:
    with Kiosk(opened.url, language="ko") as korean, pytest.raises(Problem) as caught:
        korean.identify(("a.mp4", b"words"))
    assert caught.value.text == "a.mp4 파일은 읽을 수 있는 녹화가 아닙니다."
    assert (caught.value.status, caught.value.code) == (422, "InputError")


def test_a_busy_service_is_asked_again_while_patience_lasts(scripted: OpenRoom) -> None:
    opened = scripted(service_rate=1.0)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        opened.service.rates._left.clear()  # as if the time had passed

    with Kiosk(opened.url, sleep=wait) as patient:
        for _ in range(8):
            assert patient.health()["status"]
    assert waited
    with Kiosk(opened.url, patience=0.0) as hasty, pytest.raises(Busy) as caught:
        list(iter(hasty.health, None))
    assert caught.value.retry_after >= 1


def test_tokens_are_sent_and_their_refusal_told(scripted: OpenRoom) -> None:
    opened = scripted(require_token=True)
    _made, text = opened.service.tokens.add("desk", Role.IDENTIFY, None)
    with Kiosk(opened.url, text) as allowed:
        assert allowed.identify(b"0").name == "Alice"
        with pytest.raises(NotAllowed):
            next(allowed.subjects())
    with Kiosk(opened.url) as nobody, pytest.raises(NotAllowed):
        nobody.identify(b"0")


def test_who_does_not_answer_is_unreachable() -> None:
    with Kiosk("http://127.0.0.1:9") as nowhere, pytest.raises(Unreachable):
        nowhere.health()
