"""Where a request comes from, which version its client speaks, how often it comes."""

from __future__ import annotations

import pytest

from tests.server.conftest import OpenRoom
from tests.support.service_room import Room

OTHER = "http://evil.example"


@pytest.fixture
def opened(scripted: OpenRoom) -> Room:
    return scripted()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OTHER},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_a_page_of_another_site_gets_nothing(opened: Room, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/v1/identify"), ("GET", "/v1/subjects"), ("GET", "/v1/events")):
        answer = opened.client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "ForeignPage")
        assert "access-control-allow-origin" not in answer.headers


def test_the_own_page_and_programs_are_let_in(opened: Room) -> None:
    own = {"Origin": opened.url, "Sec-Fetch-Site": "same-origin"}
    assert opened.client.get("/v1/subjects", headers=own).status_code == 200
    assert opened.client.get("/v1/subjects").status_code == 200
    preflight = opened.client.options(
        "/v1/identify", headers={"Origin": OTHER, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:x"])
def test_another_name_for_this_machine_is_refused(opened: Room, host: str) -> None:
    """A page whose name was made to lead here (DNS rebinding) has its own name in Host."""
    answer = opened.client.get("/v1/subjects", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "WrongHost")
    assert opened.client.get("/v1/health", headers={"Host": "localhost:99"}).status_code == 200


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        ("kiosk/0", "Update the client."),
        ("kiosk/2.1", "Update the service."),
        ("0", "Update the client."),
        ("nonsense", "Update the client."),
    ],
)
def test_a_client_of_another_version_is_told(opened: Room, version: str, remedy: str) -> None:
    answer = opened.client.get("/v1/subjects", headers={"Kiosk-Client": version})
    assert (answer.status_code, answer.json()["code"]) == (426, "OldClient")
    assert answer.json()["remedy"] == remedy
    for current in ("kiosk/1", "kiosk/1.7 (curl)", "1"):
        told = opened.client.get("/v1/subjects", headers={"Kiosk-Client": current})
        assert told.status_code == 200


def test_who_asks_too_often_is_told_when_to_come_again(scripted: OpenRoom) -> None:
    client = scripted(service_rate=1.0).client
    statuses = [client.get("/v1/health").status_code for _ in range(8)]
    assert statuses[:4] == [200] * 4
    assert 429 in statuses[4:]
    answer = client.get("/v1/health")
    assert answer.json()["code"] == "Busy"
    assert 1 <= int(answer.headers["retry-after"]) <= 2


def test_every_answer_forbids_what_no_page_of_ours_needs(opened: Room) -> None:
    for path in ("/v1/health", "/v1/nothing"):
        headers = opened.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "server" not in headers
