"""A table of rows with the details of one beside it: what every page that lists something has."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
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

    def key(self, row: Row) -> Hashable:
        """By what a row is found again when all are shown anew."""
        raise NotImplementedError

    def row_of(self, key: Hashable) -> int | None:
        """Where the row with this key stands, if shown."""
        return next((k for k, each in enumerate(self.shown) if self.key(each) == key), None)

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
    table.setWordWrap(False)  # a name of two words is not cut after the first
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


class TablePage(AdminPage, Generic[Row]):
    """A table, with a row that is chosen and stays so whatever is sorted, sought or changed."""

    table: QTableView
    _rows: RowModel[Row]
    _chosen: Row | None = None

    def _follow_choice(self, rows: RowModel[Row]) -> None:
        """Of the table, which shows these rows."""
        self._rows = rows
        rows.modelReset.connect(self._keep_choice)
        self.table.selectionModel().currentRowChanged.connect(self._choose)

    def _show_card(self) -> None:
        """Show what is chosen."""
        raise NotImplementedError

    def _tell(self) -> None:
        """Show what is chosen, and whatever else depends on the rows."""
        raise NotImplementedError

    @Slot()
    def _keep_choice(self) -> None:
        row = None if self._chosen is None else self._rows.row_of(self._rows.key(self._chosen))
        self._chosen = None if row is None else self._rows.shown[row]
        if row is not None:
            self.table.setCurrentIndex(self._rows.index(row, 0))
        self._tell()

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self._chosen = self._rows.shown[index.row()]
            self._show_card()


class ListPage(TablePage[Row]):
    """A table and the details of its chosen row; where there is no room for both, one of them."""

    card: Any
    """Details of a row, with a `list_button` that leads back to the table."""
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
