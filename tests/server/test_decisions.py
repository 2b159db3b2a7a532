"""What was decided, by pages and as it happens, whichever kiosk on the gallery decided it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.server.schemas import DecisionLine, DecisionPage
from kiosk.storage import SqlGallery
from tests.server.conftest import OpenRoom
from tests.support.service_room import Room


@pytest.fixture
def opened(scripted: OpenRoom) -> Room:
    return scripted()


@pytest.fixture
def screen(opened: Room) -> Iterator[SqlGallery]:
    """The connection of another kiosk on the same gallery."""
    opened.post("/v1/identify", ("a", b"0"))
    settings = opened.service.settings
    gallery = SqlGallery.open(settings.database, settings.key_file)
    yield gallery
    gallery.close()


def listening(answer: httpx.Response) -> Iterator[DecisionLine]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield DecisionLine.model_validate(json.loads(line.removeprefix("data: ")))


def test_decisions_are_told_by_pages(opened: Room) -> None:
    for who in (b"0", b"1", b"2"):
        opened.post("/v1/identify", ("a", who))
    first = DecisionPage.model_validate(opened.client.get("/v1/decisions?limit=2").json())
    assert [each.name for each in first.decisions][1] == "Bob"
    assert first.next == first.decisions[-1].decision_id
    rest = DecisionPage.model_validate(
        opened.client.get(f"/v1/decisions?limit=2&before={first.next}").json()
    )
    assert ([each.name for each in rest.decisions], rest.next) == (["Alice"], None)
    of_bob = opened.client.get("/v1/decisions?subject_id=2").json()["decisions"]
    assert {each["name"] for each in of_bob} == {"Bob"}
    none = opened.client.get("/v1/decisions", params={"since": "2999-01-01T00:00:00+09:00"})
    assert none.json() == {"decisions": [], "next": None}


def test_whoever_listens_hears_every_kiosk(opened: Room, screen: SqlGallery) -> None:
    with opened.client.stream("GET", "/v1/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard = listening(answer)
        opened.post("/v1/identify", ("a", b"1"))
        assert next(heard).name == "Bob"
        screen.record(Decision(DecisionOutcome.UNUSABLE))
        last = next(heard)
        assert last.outcome == "unusable"
    screen.record(Decision(DecisionOutcome.UNKNOWN))
    again = {"Last-Event-ID": str(last.decision_id)}
    with opened.client.stream("GET", "/v1/events", headers=again) as answer:
        assert next(listening(answer)).outcome == "unknown"
