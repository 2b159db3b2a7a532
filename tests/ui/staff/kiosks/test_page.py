"""The page of a fleet's kiosks, with a real server, real kiosks and a line that is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.core.ports.audit import Act
from kiosk.core.ports.fleet import FleetOffice
from kiosk.core.settings import Settings
from kiosk.runtime.fleet.desk import FleetDesk
from kiosk.runtime.passphrase import Role
from kiosk.ui.staff.kiosks.model import Column
from kiosk.ui.staff.kiosks.page import KiosksPage
from kiosk.ui.strings import kiosks as w
from tests.support.fleet import FleetKiosk, meet_all
from tests.support.line import Line, certificate
from tests.support.office_support import MachineOffice, badly_placed, press, words_on
from tests.support.postgres import OWNER, CentralPlace, shared_server
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, settle
from tools.screenshots.fleet import STOLEN, FixedFleet, FleetStates

PATIENCE = 60_000
Open = Callable[..., MachineOffice]


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest) -> Iterator[CentralPlace]:
    made = CentralPlace(shared_server(request.config), sites=("main", "annex"))
    yield made
    made.drop()


@pytest.fixture
def two(place: CentralPlace, tmp_path: Path) -> Iterator[tuple[FleetKiosk, FleetKiosk]]:
    """Kiosks with names of their own in a fleet that other tests used."""
    place.empty()
    with place.owner() as owner:
        owner.execute("DELETE FROM kiosk.kiosks")
    made = tuple(FleetKiosk(place, tmp_path / name, name) for name in ("one", "two"))
    yield made[0], made[1]
    for each in made:
        each.close()


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    made: list[MachineOffice] = []

    def make(fleet: FleetOffice, size: QSize = LANDSCAPE, language: str = "en") -> MachineOffice:
        folder = tmp_path / f"office{len(made)}"
        made.append(MachineOffice(folder, qtbot, size, language, fleet=fleet))
        made[-1].rest()
        return made[-1]

    yield make
    for each in made:
        each.close()


def settings_of(kiosk: FleetKiosk, server: str | None = None) -> Settings:
    return Settings(
        database=kiosk.folder / "data" / "gallery.db",
        key_file=kiosk.folder / "config" / "gallery.key",
        fleet_server=server or kiosk.server,
    )


def looked(made: MachineOffice) -> KiosksPage:
    """The page, once what it asked was answered."""
    page = made.window.kiosks
    assert page is not None
    if made.window.pages.currentWidget() is not page:
        made.window.turn_to(page)
    else:
        page.look()
    made.qtbot.waitUntil(lambda: not page._asking, timeout=PATIENCE)
    return page


def rows(page: KiosksPage) -> dict[str, list[str]]:
    found = {}
    for number, line in enumerate(page.model.shown):
        cells = [str(page.model.data(page.model.index(number, column))) for column in Column]
        found[line.name] = cells
    return found


def choose(page: KiosksPage, name: str) -> None:
    row = page.model.row_of(name)
    assert row is not None
    page.table.setCurrentIndex(page.model.index(row, Column.NAME))


def test_who_has_not_confirmed_a_deletion_is_named(
    two: tuple[FleetKiosk, FleetKiosk], office: Open
) -> None:
    one, other = two
    one.enrol("Ann")
    meet_all(one, other)
    page = looked(made := office(FleetDesk(settings_of(one))))
    assert rows(page)["one"][Column.NAME] == "one (this one)"
    assert rows(page)["two"][Column.STATE] == "In order"
    assert w.ALL_CONFIRMED in page.count.text()
    one.gallery.remove("Ann")
    meet_all(one)
    other.enrol("Bori")
    other.sync.greet()  # it says what waits, and takes nothing over
    page = looked(made)
    assert rows(page)["two"][Column.STATE] == "Look at it"
    assert rows(page)["two"][Column.BEHIND :] == ["1", "1", "1"]
    assert "not confirmed by: two." in page.count.text()
    assert page.model.shown[0].name == "two"
    choose(page, "two")
    told = words_on(page.card)
    assert "has not confirmed: 1, since 20" in told
    assert "the others do not have yet: 1" in told
    meet_all(one, other)
    page = looked(made)
    assert w.ALL_CONFIRMED in page.count.text()
    assert w.NOTHING_MISSING in words_on(page.card)


def test_a_line_that_is_slow_or_cut_stops_nothing_and_is_said(
    two: tuple[FleetKiosk, FleetKiosk], office: Open, tmp_path: Path
) -> None:
    one, other = two
    meet_all(one, other)
    tls = certificate(tmp_path / "tls")
    line = Line(one.place.server, tls)
    settings = replace(settings_of(one, line.address(one.place.database)), fleet_authority=tls[0])
    try:
        made = office(FleetDesk(settings))
        line.delay = 0.2
        page = made.window.kiosks
        assert page is not None
        made.window.turn_to(page)
        assert page._board is None  # the page is there, the answer is not
        assert page.count.text() == w.ASKING
        looked(made)
        assert set(rows(page)) == {"one", "two"}
        assert not page.notice.isVisible()
        line.cut()
        one.enrol("Ann")
        looked(made)
        assert set(rows(page)) == {"one", "two"}
        assert "No line to the server. What is shown is of" in page.cut.label.text()
        assert "main: complete as of" in page.reason.text()
        assert "waiting to be sent: 1" in page.reason.text()
        line.mend()
        looked(made)
        assert not page.notice.isVisible()
        line.cut()
        later = office(FleetDesk(settings))
        assert looked(later).cut.label.text() == w.CUT_BEFORE
    finally:
        line.close()


def test_a_stolen_kiosk_is_put_out_and_the_record_says_by_whom(
    two: tuple[FleetKiosk, FleetKiosk], office: Open, qtbot: QtBot
) -> None:
    one, stolen = two
    one.enrol("Ann")
    meet_all(one, stolen)
    made = office(FleetDesk(settings_of(one)))
    page = looked(made)
    choose(page, "one")
    assert not page.card.buttons.isVisible()
    choose(page, "two")
    press(page.card.revoke_button)
    assert "Lost with it: changes that it has not sent (last heard of" in words_on(page.form)
    page.form.field.setText("typed by mistake")
    QTest.keyClick(page.form.field, Qt.Key.Key_Return)
    assert page.form.isVisible()
    press(page.form.no_button)
    assert page.form.field.text() == ""
    answer(page, "nobody_of_that_name", qtbot)
    assert "FLT-1" in page.question.text.text()
    looked(made)
    assert rows(page)["two"][Column.STATE] == "In order"
    page.question.hide()
    answer(page, OWNER, qtbot)
    assert page.question.title.text() == "two is out"
    looked(made)
    assert rows(page)["two"][Column.STATE] == "Act now"
    assert "has not said yet that it destroyed its key" in words_on(page.card)
    assert not page.card.buttons.isVisible()
    (noted,) = [each for each in made.gallery.trail(20) if each.act == Act.FLEET]
    assert noted.facts is not None
    assert (noted.facts["what"], noted.facts["name"]) == ("put out", "two")
    one.meet()
    assert one.names() == ["Ann"]


def answer(page: KiosksPage, role: str, qtbot: QtBot) -> None:
    press(page.card.revoke_button)
    page.form.owner.setText(role)
    press(page.form.yes_button)
    qtbot.waitUntil(page.question.isVisible, timeout=PATIENCE)
    assert not page.working.isVisible()


def test_the_page_is_there_for_operators_of_a_kiosk_in_a_fleet(
    two: tuple[FleetKiosk, FleetKiosk], office: Open, tmp_path: Path
) -> None:
    window = office(FleetDesk(settings_of(two[0]))).window
    assert window.kiosks in window.allowed()
    for role in (Role.ENROLLER, Role.AUDITOR):
        window.limit_to(role)
        assert window.kiosks not in window.allowed()
    alone = replace(
        settings_of(two[0]), database=tmp_path / "a" / "g.db", key_file=tmp_path / "b" / "g.key"
    )
    window = office(FleetDesk(alone)).window
    assert window.kiosks not in window.allowed()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL])
def test_no_word_is_cut_off(office: Open, size: QSize, language: str) -> None:
    fleet = FixedFleet()
    made = office(fleet, size, language)
    page = made.window.kiosks
    assert page is not None

    def show() -> None:
        made.window.turn_to(page)
        made.rest()

    for name, step in FleetStates(page, fleet, show).steps().items():
        step()
        settle()
        assert not badly_placed(made.window), name


@pytest.mark.parametrize("language", ["ko", "en"])
def test_beside_a_keyboard_a_small_screen_has_room_for_the_password(
    office: Open, language: str
) -> None:
    made = office(FixedFleet(), SMALL, language)
    page = made.window.kiosks
    assert page is not None
    made.window.turn_to(page)
    made.rest()
    choose(page, STOLEN)
    page.open_card()
    press(page.card.revoke_button)
    assert page.form.text.isVisible()
    QTest.mouseClick(page.form.field, Qt.MouseButton.LeftButton)
    settle()
    assert made.window.keyboard.isVisible()
    assert not page.form.text.isVisible()
    assert not badly_placed(made.window)
    made.window.typing.hide()
    settle()
    assert page.form.text.isVisible()
