"""Whoever can give neither face nor voice calls staff by one touch, from every state (EN 301 549,
5.3): an event goes out, staff find a notice that lasts, and the call can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.core.media import Frame
from kiosk.core.outgoing import EventChannel, event_body
from kiosk.core.records import CallState, StaffCall
from kiosk.core.status import HostStatus, Trouble
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.passphrase import Role, Staff
from kiosk.runtime.verdict import verdict
from kiosk.storage import SqlGallery, SqlOutbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.staff_calls import AGAIN_SECONDS, StaffCalls
from kiosk.ui.strings import staff
from kiosk.ui.strings import visitor as w
from kiosk.ui.visitor.walkup import Page
from kiosk.ui.visitor.window import WalkUpWindow
from tests.support.layouts import cut_off, overlapping
from tests.support.office_support import MachineOffice, press, words_on
from tests.support.storage_support import plain_database
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, ScreenMaker, settle
from tests.support.walk_room import Walk
from tools.screenshots.self_enrolment import SelfStates
from tools.screenshots.walkup import drawn_person, views

CHANNELS = (EventChannel.WEBHOOK, EventChannel.MQTT)
SIZES = [PORTRAIT, LANDSCAPE, SMALL]


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[ScreenMaker]:
    made = ScreenMaker(qtbot)
    yield made
    made.close()


@dataclass
class Time:
    """Turned by hand."""

    at: datetime = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Room:
    """Calls on a gallery that answers at once, once it is open."""

    def __init__(self, channels: tuple[EventChannel, ...] = CHANNELS) -> None:
        self.time, self.client = Time(), GalleryClient()
        self.gallery = SqlGallery(plain_database(), self.time)
        self.outbox = SqlOutbox(self.gallery.database, self.time)
        self.since: list[datetime | None] = []
        self.calls = StaffCalls(self.client, channels, now=self.time, listener=self.since.append)

    def open(self) -> None:
        self.client.attach(self.gallery)
        self.client.serve(lambda command: command())
        self.calls.tick()
        settle()

    def told(self) -> list[tuple[str, str]]:
        """Channel and state of every event that waits, in order."""
        bodies = [(each.channel.value, event_body(each, ())) for each in self.outbox.events()]
        assert all(body["type"] == "call" for _, body in bodies)
        return [(channel, body["state"]) for channel, body in bodies]


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    made = Room()
    yield made
    made.gallery.close()


# --- the button --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_every_page_has_it_and_says_what_it_is(
    screen: ScreenMaker, size: QSize, language: str
) -> None:
    made = screen(size, language=language)
    seen = set()
    for view in views(language, Frame(drawn_person(), 0.0)).values():
        made.model.changed.emit(view)
        settle()
        button = made.window.timeout.call_button if view.warning else made.window.call_button
        assert button.isVisible()
        assert button.isEnabled()
        assert button.text().strip() in (w.say(w.CALL), w.say(w.CALL_AGAIN))
        assert not cut_off(made.window), view.page
        seen.add(view.page)
    assert seen == set(Page) - {Page.ENROL}


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_every_step_of_an_enrolment_has_it(
    screen: ScreenMaker, qtbot: QtBot, tmp_path: Path, size: QSize
) -> None:
    walk = Walk(tmp_path, qtbot, screen, size=size)
    frame = Frame(drawn_person(), 0.0)
    states = SelfStates(
        walk.window, "en", walk.screen.mailbox, frame, views("en", frame)["unknown"]
    )
    for name, step in states.steps().items():
        step()
        settle()
        timeout = walk.window.timeout
        button = timeout.call_button if timeout.isVisible() else walk.window.call_button
        assert button.isVisible(), name
        assert button.accessibleName() == w.CALL
        assert button.text().strip() in (w.CALL, w.CALL_SHORT)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_one_touch_calls_and_the_screen_confirms_it(
    screen: ScreenMaker, room: Room, size: QSize
) -> None:
    room.open()
    made = screen(size)
    window = WalkUpWindow(made.model, made.settings, made.mailbox, made.language, calls=room.calls)
    window.resize(size)
    window.show()
    press(window.call_button)
    settle()
    assert room.told() == [("webhook", "called"), ("mqtt", "called")]
    time = f"{room.time().astimezone():%H:%M}"
    assert not cut_off(window)
    assert not overlapping(window)
    if size == SMALL:  # the button itself tells it, and leads to the rest
        assert window.call_button.text().strip() == w.CALLED_BUTTON.format(time=time)
        press(window.call_button)
        assert w.CALLED_SHORT.format(time=time) in words_on(window.call_menu)
        assert not cut_off(window.call_menu)
        press(window.take_back_button)
    else:
        assert w.CALLED.format(time=time) in words_on(window.call_card)
        press(window.call_card.back_button)
    settle()
    assert room.calls.since is None
    assert not window.call_card.isVisible()
    assert room.told()[2:] == [("webhook", "taken_back"), ("mqtt", "taken_back")]
    assert window.call_button.text().strip() == w.CALL
    window.close()


def test_where_nobody_can_come_it_is_switched_off(screen: ScreenMaker) -> None:
    made = screen(staff_call=False)
    assert not made.window.call_button.isVisible()
    made.window.adopt(replace(made.settings, staff_call=True))
    assert made.window.call_button.isVisible()


# --- what it does ------------------------------------------------------------------------------


def test_a_call_made_before_the_gallery_is_open_is_told_as_soon_as_it_is(room: Room) -> None:
    room.calls.call()
    settle()
    assert room.calls.since == room.time()
    assert not room.calls.kept
    room.open()
    assert room.calls.kept
    assert room.told() == [("webhook", "called"), ("mqtt", "called")]


def test_what_could_not_be_kept_is_tried_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.core.errors import DiskFull

    room.open()

    def full(*_: object) -> StaffCall:
        raise DiskFull("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(room.gallery, "call_staff", full)
        room.calls.call()
        settle()
    assert not room.calls.kept
    room.calls.tick()
    settle()
    assert not room.calls.kept  # not at once
    room.time.at += timedelta(seconds=5)
    room.calls.tick()
    settle()
    assert room.calls.kept


def test_a_second_touch_is_no_second_call_but_a_later_one_calls_again(room: Room) -> None:
    room.open()
    rang: list[bool] = []
    room.calls.rang.connect(lambda: rang.append(True))
    room.calls.call()
    room.calls.call()
    settle()
    assert (len(room.told()), len(rang)) == (2, 1)
    room.time.at += timedelta(seconds=AGAIN_SECONDS)
    room.calls.call()
    settle()
    assert (len(room.told()), len(rang)) == (4, 2)
    ids = {event_body(each, ())["call_id"] for each in room.outbox.events()}
    assert len(ids) == 1
    room.calls.answer()
    settle()
    assert room.gallery.open_call() is None
    assert room.told()[-1] == ("mqtt", "answered")


def test_an_open_call_is_found_after_a_restart(room: Room) -> None:
    earlier = room.gallery.call_staff(())
    room.open()
    assert room.calls.since == earlier.time
    assert room.calls.kept


def test_without_a_way_out_nobody_is_told_that_staff_know(
    qtbot: QtBot, screen: ScreenMaker
) -> None:
    room = Room(channels=())
    room.open()
    made = screen()
    window = WalkUpWindow(made.model, made.settings, made.mailbox, made.language, calls=room.calls)
    assert not room.calls.passed_on
    room.calls.call()
    settle()
    time = f"{room.time().astimezone():%H:%M}"
    assert window.call_card.words == w.CALLED_HERE.format(time=time)
    window.close()
    room.gallery.close()


def test_the_machine_is_amber_until_somebody_has_come(room: Room) -> None:
    metrics = RuntimeMetrics()
    room.calls._listener = metrics.called
    room.open()
    room.calls.call()
    assert Trouble.STAFF_CALLED in verdict(metrics.pulse(), HostStatus()).troubles
    room.calls.answer()
    assert not verdict(metrics.pulse(), HostStatus()).troubles


# --- staff -------------------------------------------------------------------------------------


def test_staff_find_a_notice_that_lasts_until_one_of_them_has_seen_to_it(
    qtbot: QtBot, tmp_path: Path
) -> None:
    office = MachineOffice(tmp_path / "office", qtbot)
    window = office.window
    window.calls.call()
    settle()
    since = window.calls.since
    assert since is not None
    told = staff.CALL_NOTICE.format(time=f"{since.astimezone():%m-%d %H:%M}")
    assert told in words_on(window)  # before the gate as well, where nobody can answer for staff
    assert not window.call_button.isVisible()
    window.gate.opened.emit(Staff(1, "admin", Role.OPERATOR))
    for page in window.tabs:
        window.turn_to(page)
        settle()
        assert told in words_on(window)
    press(window.call_button)
    settle()
    assert told not in words_on(window)
    assert office.gallery.open_call() is None
    office.close()


# --- in the gallery ----------------------------------------------------------------------------


def test_calls_go_with_the_decisions_of_their_time(room: Room) -> None:
    call = room.gallery.call_staff(CHANNELS)
    room.gallery.end_call(call.call_id, CallState.ANSWERED, CHANNELS)
    room.gallery.end_call(call.call_id, CallState.TAKEN_BACK, CHANNELS)  # over already
    assert len(room.told()) == 4
    assert not room.gallery.problems()
    room.gallery.purge_decisions(room.time() + timedelta(days=1))
    assert not room.told()
