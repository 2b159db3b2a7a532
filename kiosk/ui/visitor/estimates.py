"""The card of attribute estimates: mood as bars, age as an interval, gender, each called an
estimate; what is not sure is said to be so, and what is not estimated is not there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from kiosk.core.estimates import AttributeEstimate, Channel, Emotion, EmotionEstimate
from kiosk.ui.strings import estimates as e
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Bar, Card, Scaled, set_property, words
from kiosk.ui.toolkit.theme import Scale

ROWS = 4
"""Bars above each other; the others stand beside them."""
BETWEEN = 2.4
"""Steps of space between the two columns of the card."""


class MoodBars(QWidget, Scaled):
    """Name, bar and number of each of the seven emotions, always in the same places."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = {emotion: (QLabel(), Bar(), QLabel()) for emotion in Emotion}
        self._halves = QHBoxLayout(self)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._grids = [self._grid(list(Emotion)[:ROWS]), self._grid(list(Emotion)[ROWS:])]

    def _grid(self, emotions: Sequence[Emotion]) -> QGridLayout:
        half = QWidget()
        half.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        grid = QGridLayout(half)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(ROWS, 1)
        for row, emotion in enumerate(emotions):
            name, bar, number = self.rows[emotion]
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(name, row, 0)
            grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(number, row, 2)
        self._halves.addWidget(half, 1)
        return grid

    def rescale(self, scale: Scale) -> None:
        """Space between the columns and rows."""
        self._halves.setSpacing(scale.gap(BETWEEN))
        for grid in self._grids:
            grid.setHorizontalSpacing(scale.gap(1.0))
            grid.setVerticalSpacing(scale.gap(0.7))
        for _, bar, number in self.rows.values():
            bar.setMinimumWidth(scale.px(2))
            number.setMinimumWidth(scale.px(2.3))

    def show_emotion(self, emotion: EmotionEstimate) -> None:
        """Shares in numbers and bars; the likeliest stands out only where it is sure."""
        for kind, share in zip(Emotion, emotion.probabilities, strict=True):
            name, bar, number = self.rows[kind]
            stands_out = emotion.sure and kind is emotion.top
            name.setText(say(e.EMOTIONS[kind]))
            number.setText(e.percent(share))
            bar.colour = "accent" if stands_out else "glaze"
            bar.fill(share)
            bar.setAccessibleName(say(e.SHARE, emotion=name.text(), percent=number.text()))
            for label in (name, number):
                set_property(label, "role", "accent" if stands_out else "")


class EstimateCard(Card):
    """All estimates of a visit; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__(steps=1.5)
        self.mood, self.age, self.gender = words("strong"), words("body"), words("body")
        self.bars = MoodBars()
        self.heading = words("soft")
        self.small_bar = Bar()
        self._facts = QHBoxLayout()
        self._facts.addWidget(self.age, 1)
        self._facts.addWidget(self.gender, 1)
        self.box.addStretch(1)
        for part in (self.heading, self.mood, self.small_bar, self.bars):
            self.box.addWidget(part)
        self.box.addLayout(self._facts)
        self.box.addStretch(1)
        self._between = self._below = 0
        self._compact = False
        self._shown: AttributeEstimate | None = None
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Where there is little room: one heading, the likeliest mood alone, lines under it."""
        super().rescale(scale)
        self._compact = scale.compact
        self._between, self._below = scale.gap(BETWEEN), scale.gap(0.7)
        vertical = QSizePolicy.Policy.Expanding if scale.compact else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        if scale.compact:
            side, above = scale.gap(2), scale.gap(1.5)
            self.box.setContentsMargins(side, above, side, above)
        self.retranslate()

    def show_estimates(self, made: AttributeEstimate | None) -> None:
        """Show what all channels together say, or nothing."""
        self._shown = made
        self.setVisible(made is not None)
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        made = self._shown or AttributeEstimate(Channel.FUSED)
        self.heading.setText(say(e.ESTIMATES))
        self.heading.setVisible(self._compact)
        self._speak_mood(made.emotion)
        age, gender = made.age, made.gender
        self.age.setVisible(age is not None)
        told = e.years(age, short=self._compact) if age else ""
        self.age.setText(self._line(e.AGE, e.AGE_UNSURE, age.sure, told) if age else "")
        self.gender.setVisible(gender is not None)
        told = say(e.GENDERS[gender.top]) if gender else ""
        sure = gender is not None and gender.sure
        self.gender.setText(self._line(e.GENDER, e.GENDER_UNSURE, sure, told) if gender else "")
        self._arrange_facts()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange again."""
        super().resizeEvent(event)
        self._arrange_facts()

    def _arrange_facts(self) -> None:
        """Beside each other under the two columns of bars where both fit, else in lines."""
        column = (self.contentsRect().width() - 2 * self.box.contentsMargins().left()) / 2
        labels = [label for label in (self.age, self.gender) if label.text()]
        wide = [label.fontMetrics().horizontalAdvance(label.text()) for label in labels]
        beside = not self._compact and max(wide, default=0) <= column - self._between / 2
        direction = QBoxLayout.Direction
        self._facts.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        self._facts.setSpacing(self._between if beside else self._below)

    def _speak_mood(self, emotion: EmotionEstimate | None) -> None:
        there, small = emotion is not None, self._compact
        self.mood.setVisible(there)
        self.bars.setVisible(there and not small)
        self.small_bar.setVisible(emotion is not None and emotion.sure and small)
        if emotion is None:
            self.mood.setText("")
            return
        told = say(e.EMOTIONS[emotion.top])
        self.mood.setText(self._line(e.MOOD, e.MOOD_UNSURE, emotion.sure, told))
        self.bars.show_emotion(emotion)
        self.small_bar.fill(max(emotion.probabilities))

    def _line(self, whole: str, unsure: str, sure: bool, told: str) -> str:
        """`whole` names what is estimated; in the compact card the heading does."""
        if self._compact:
            return told if sure else say(unsure)
        return say(whole, said=told if sure else say(e.NOT_SURE))

    def summary(self) -> str:
        """For a screen reader: every estimate, called one."""
        parts = [label.text() for label in (self.mood, self.age, self.gender) if label.text()]
        return ". ".join([self.heading.text(), *parts]) if parts else ""
