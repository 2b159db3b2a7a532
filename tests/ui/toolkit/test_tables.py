"""What every page with a table has: rows, where they stand, and the one that is chosen."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QBoxLayout, QTableView, QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.tables import RowModel, list_rows, place_beside
from kiosk.ui.toolkit.theme import Scale


class Column(IntEnum):
    NAME = 0
    NUMBER = 1


class Pairs(RowModel[tuple[str, int]]):
    titles = {Column.NAME: w.COLUMN_NAME, Column.NUMBER: ""}  # noqa: RUF012 - a ClassVar above
    middle = frozenset({Column.NUMBER})

    def cell(self, row: tuple[str, int], column: int) -> str:
        return str(row[column])


def test_rows_stand_where_they_were_put(qtbot: QtBot) -> None:
    model = Pairs()
    with qtbot.waitSignal(model.modelReset):
        model.put([("Kim", 2), ("Lee", 3)])
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.rowCount(model.index(0, 0)) == 0
    assert [model.data(model.index(row, 1)) for row in (0, 1)] == ["2", "3"]
    assert model.headerData(Column.NAME, Qt.Orientation.Horizontal) == say(w.COLUMN_NAME)
    assert model.headerData(Column.NUMBER, Qt.Orientation.Horizontal) == ""
    where = int(Qt.ItemDataRole.TextAlignmentRole)
    assert model.data(model.index(0, 1), where) == Qt.AlignmentFlag.AlignCenter
    assert model.data(model.index(0, 0), where) is None


def test_a_row_as_a_whole_is_chosen_and_one_at_a_time(qtbot: QtBot) -> None:
    table, model = QTableView(), Pairs()
    qtbot.addWidget(table)
    model.put([("Kim", 2), ("Lee", 3)])
    list_rows(table, model, Column.NAME)
    chosen = table.selectionModel()
    for row in (0, 1):
        table.selectRow(row)
        found: list[QModelIndex] = chosen.selectedIndexes()
        assert {(each.row(), each.column()) for each in found} == {(row, 0), (row, 1)}


def test_details_stand_beside_a_table_and_under_it_upright(qtbot: QtBot) -> None:
    whole, card = QWidget(), QWidget()
    qtbot.addWidget(whole)
    body = QBoxLayout(QBoxLayout.Direction.LeftToRight, whole)
    for part in (QWidget(), card):
        body.addWidget(part)
    place_beside(body, card, Scale(1280, 800, 20.0, 4.0))
    assert body.direction() is QBoxLayout.Direction.LeftToRight
    assert card.maximumWidth() == card.minimumWidth() < 1280 / 2
    place_beside(body, card, Scale(800, 1280, 20.0, 4.0))
    assert body.direction() is QBoxLayout.Direction.TopToBottom
    assert (card.minimumWidth(), card.maximumWidth()) == (0, 800)
