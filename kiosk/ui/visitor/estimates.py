"""The card of attribute estimates under a name: what is sure alone, small, and called an estimate.

Of somebody who is not identified nothing is estimated on the screen; percentages are for the other
interfaces (docs/use.md).
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from kiosk.core.estimates import AttributeEstimate
from kiosk.ui.strings import estimates as e
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, Card, words
from kiosk.ui.toolkit.theme import Scale

SHOWN, ON_TOUCH, HIDDEN = "shown", "touch", "hidden"
"""The setting `show_estimates`."""


def lines(made: AttributeEstimate | None, *, short: bool = False) -> list[str]:
    """What is sure, in the language in use; in `short` without what is estimated."""
    if made is None:
        return []
    found = []
    if made.emotion is not None and made.emotion.sure:
        found.append((e.MOOD, say(e.MOODS[made.emotion.top])))
    if made.age is not None and made.age.sure:
        found.append((e.AGE, e.years(made.age)))
    if made.gender is not None and made.gender.sure:
        found.append((e.GENDER, say(e.GENDERS[made.gender.top])))
    return [said if short else say(whole, said=said) for whole, said in found]


class EstimateCard(Card):
    """The estimates of a visit, or a button that shows them; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__("inset", steps=1.0)
        self.heading = words("soft")
        self.text = words("body")
        self.button = Button("quiet")
        self.button.clicked.connect(self._open)
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.box.addStretch(1)
        for part in (self.heading, self.text, self.button):
            self.box.addWidget(part)
        self.box.addStretch(1)
        self._made: AttributeEstimate | None = None
        self._how, self._opened = SHOWN, False
        self._joint, self._compact = "\n", False
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """One line; where there is little room the card takes the place of the sign."""
        super().rescale(scale)
        self._compact = scale.compact
        self._joint = "\n" if scale.compact else "   ·   "
        vertical = QSizePolicy.Policy.Expanding if scale.compact else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.retranslate()

    def show_estimates(self, made: AttributeEstimate | None, how: str = SHOWN) -> None:
        """Show what all channels together say, `how` the setting asks for, or nothing."""
        if made is not self._made:
            self._opened = False
        self._made, self._how = made, how
        self.retranslate()

    def _open(self) -> None:
        self._opened = True
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        told = lines(self._made, short=self._compact) if self._how != HIDDEN else []
        opened = self._opened or self._how == SHOWN
        heading = e.ESTIMATES_SHORT if self._compact else e.ESTIMATES
        self.heading.setText(say(heading) if told else "")
        self.text.setText(self._joint.join(told) if opened else "")
        self.button.say(say(e.SHOW_SHORT if self._compact else e.SHOW))
        self.heading.setVisible(opened)
        self.text.setVisible(opened)
        self.button.setVisible(not opened)
        self.setVisible(bool(told))

    def summary(self) -> str:
        """For a screen reader: every estimate that is shown, called one."""
        shown = [self.heading.text().rstrip(":"), *self.text.text().split(self._joint)]
        return ". ".join(shown) if self.text.text() else ""
