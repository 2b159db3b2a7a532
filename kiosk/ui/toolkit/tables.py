"""A table of rows with the details of one beside it: what every page that lists something has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtWidgets import QAbstractItemView, QBoxLayout, QHeaderView, QTableView, QWidget

from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.page import AdminPage
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
ROOT = QModelIndex()
DISPLAY = int(Qt.ItemDataRole.DisplayRole)
CARD_SHARE = 0.36
"""Of a wide screen's width: the details beside a table."""


class RowModel(QAbstractTableModel, Generic[Row]):
    """Rows that are shown, in order, a column for each of `titles`.

    Columns in `middle` stand in the middle, with their titles; an empty title stays empty.
    """

    titles: ClassVar[Mapping[Any, str]]
    middle: ClassVar[frozenset[int]]
    shown: Sequence[Row] = ()

    def cell(self, row: Row, column: int) -> str:
        """What stands in a column of a row."""
        raise NotImplementedError

    def put(self, rows: Sequence[Row]) -> None:
        """Show these rows and no others."""
        self.beginResetModel()
        self.shown = rows
        self.endResetModel()

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.titles) - 1)
        if self.shown:
            last = self.index(len(self.shown) - 1, len(self.titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = ROOT) -> int:  # noqa: N802 - Qt's name
        """How many rows."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = ROOT) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent.isValid() else len(self.titles)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Texts, and where they stand."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(self.shown[index.row()], index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self.middle:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY
    ) -> Any:
        """Titles in the language in use."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            title = self.titles[section]
            return say(title) if title else ""
        if role == Qt.ItemDataRole.TextAlignmentRole and section not in self.middle:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


def list_rows(table: QTableView, model: QAbstractItemModel, stretched: int) -> None:
    """One row is chosen at a time, by finger or key; the `stretched` column takes what is left."""
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    by_finger(table)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)


def place_beside(body: QBoxLayout, card: QWidget, scale: Scale, share: float = CARD_SHARE) -> None:
    """The card, second in `body`, beside the table; under it where the screen stands upright."""
    direction = QBoxLayout.Direction
    body.setDirection(direction.TopToBottom if scale.portrait else direction.LeftToRight)
    aside = round(scale.width * share)
    card.setMinimumWidth(0 if scale.portrait else aside)
    card.setMaximumWidth(scale.width if scale.portrait else aside)
    body.setStretch(1, 0 if scale.portrait else 2)


class ListPage(AdminPage):
    """A table and the details of its chosen row; where there is no room for both, one of them."""

    table: QTableView
    card: Any
    """Details of a row, with a `list_button` that leads back to the table."""
    _chosen: object | None = None
    _alone = False
    """Whether there is room for only one of them."""
    _opened = False
    """Whether it is the details."""

    def _place(self) -> None:
        """Show what there is room for."""
        opened = self._alone and self._opened
        self.table.setVisible(not opened)
        self.card.setVisible(opened or not self._alone)

    @Slot()
    def open_card(self) -> None:
        """A row is chosen: where there is little room, its details take the place of the table."""
        self._opened = self._chosen is not None
        self._place()
        if self._alone and self._opened:
            self.card.list_button.setFocus()

    @Slot()
    def close_card(self) -> None:
        """Back to the table."""
        self._opened = False
        self._place()
        if self._alone:
            self.table.setFocus()
