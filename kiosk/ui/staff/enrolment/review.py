"""The last step of an enrolment: warnings, how well the templates stand apart, save or discard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.living import FROM_FILES, is_doubtful
from kiosk.enrolment.portrait import SIDE
from kiosk.enrolment.review import Compared, Review, Separation, Suspect
from kiosk.enrolment.session import EnrolmentRequest, TooFewSamples
from kiosk.ui.staff.enrolment.separation_plot import SeparationPlot
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, SignRow, set_property, words
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale


def score(value: float | None) -> str:
    """A comparison score as shown."""
    return say(w.NO_SCORE) if value is None else f"{value:.2f}"


class TwoFaces(QWidget, Scaled):
    """Who was recorded now beside who is suspected, for staff to see whether they are one."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures = QLabel(), QLabel()
        self.captions = words("soft"), words("soft")
        for caption in self.captions:
            caption.setWordWrap(False)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        for column in (0, 1):
            self.grid.addWidget(self.pictures[column], 0, column)
            self.grid.addWidget(self.captions[column], 1, column)
        self.grid.setColumnStretch(2, 1)
        self._side = SIDE
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Large enough to compare, small enough for both."""
        self._side = min(SIDE, scale.px(6))
        self.grid.setVerticalSpacing(scale.gap(0.4))
        self.grid.setHorizontalSpacing(scale.gap(3))

    def show_faces(self, new: bytes | None, suspect: Suspect | None) -> None:
        """Show both, or only who was recorded where no picture of the other is kept; hide where
        there is nothing to compare."""
        self.setVisible(new is not None and suspect is not None)
        if new is None or suspect is None:
            self.forget()
            return
        kept = suspect.picture
        self._put(0, new, say(w.PICTURE_NEW))
        word = w.PICTURE_NONE if kept is None else w.PICTURE_KEPT
        self._put(1, kept, say(word, name=suspect.name))

    def forget(self) -> None:
        """Nobody's picture stays."""
        for column in (0, 1):
            self._put(column, None, "")

    def _put(self, column: int, jpeg: bytes | None, caption: str) -> None:
        label, made = self.pictures[column], QPixmap()
        if jpeg is None or not made.loadFromData(jpeg):
            label.clear()
        else:
            kept = Qt.AspectRatioMode.KeepAspectRatio
            smooth = Qt.TransformationMode.SmoothTransformation
            label.setPixmap(made.scaled(self._side, self._side, kept, smooth))
        self.captions[column].setText(caption)
        label.setAccessibleName(caption)


class ModalityBlock(QWidget, Scaled):
    """One modality: the verdict in words, the plot, and old against new."""

    def __init__(self, modality: Modality) -> None:
        super().__init__()
        self._modality = modality
        self.verdict = SignRow(visitor.MODALITY_ICONS[modality], role="strong")
        self.plot, self.compared = SeparationPlot(), words("soft")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        for part in (self.verdict, self.plot, self.compared):
            self.box.addWidget(part)

    def rescale(self, scale: Scale) -> None:
        """Close together."""
        self.box.setSpacing(scale.gap(0.8))

    def show_block(self, separation: Separation | None, compared: Compared | None) -> None:
        """Fill in, or hide."""
        self.setVisible(separation is not None)
        if separation is None:
            return
        word, colour = self._verdict(separation)
        self.verdict.say(say(word), colour=colour)
        self.plot.show_separation(separation)
        text = self._compared(compared, separation) if compared is not None else ""
        self.compared.setText(text)
        self.compared.setVisible(bool(text))

    def _verdict(self, separation: Separation) -> tuple[str, str]:
        if separation.apart:
            return w.APART[self._modality], "accent"
        close = separation.others and max(separation.others) >= separation.threshold
        return (w.NOT_APART if close else w.UNEVEN)[self._modality], "caution"

    def _compared(self, compared: Compared, separation: Separation) -> str:
        """The old templates and the new ones on the same visits, where there are any."""
        if compared.visits:
            return say(
                w.COMPARED_VISITS[self._modality],
                count=compared.visits,
                old=score(compared.visits_old),
                new=score(compared.visits_new),
            )
        if compared.likeness is None:
            return ""
        line = say(
            w.COMPARED_RECORDED[self._modality],
            recorded=score(compared.recorded),
            likeness=score(compared.likeness),
        )
        return f"{line} ({say(w.COMPARED_TEXT, threshold=score(separation.threshold))})"


class LivingDoubt(Card):
    """That no living person seems to have been there, why, and the reason to save all the same;
    `decided` when one is chosen."""

    decided = Signal()

    def __init__(self) -> None:
        super().__init__("alarm", steps=0.6)
        self._review: Review | None = None
        self.title, self.text, self.label = words("strong"), words("body"), words("soft")
        self.choice = Choice()
        self.choice.currentIndexChanged.connect(self.decided)
        for part in (self.title, self.text, self.label, self.choice):
            self.box.addWidget(part)

    def show_doubt(self, review: Review) -> None:
        """Of a review; nothing is chosen, and it is hidden where there is no doubt."""
        self._review = review
        self.setVisible(is_doubtful(review.liveness))
        for part in (self.label, self.choice):
            part.setVisible(review.must_say_why)
        self._offer("")

    @property
    def why(self) -> str:
        """The reason that is written down."""
        return self.choice.value if self._asks else ""

    @property
    def waits(self) -> bool:
        """Whether a reason has to be chosen first."""
        return self._asks and not self.why

    @property
    def _asks(self) -> bool:
        return self._review is not None and self._review.must_say_why

    def _offer(self, chosen: str) -> None:
        reasons = [(kept, say(shown)) for kept, shown in w.WHY.items()]
        self.choice.offer([("", say(w.WHY_CHOOSE)), *reasons], chosen)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        if self._review is None:
            return
        found = self._review.liveness
        attack = found.outcome is LivenessOutcome.NOT_LIVE
        self.title.setText(say(w.NOT_LIVING if attack else w.NOT_CHECKED))
        self.text.setText(say(w.LIVING_REASONS.get(found.reason, w.LIVING_OTHER)))
        self.label.setText(say(w.WHY_SAVE))
        self.choice.setAccessibleName(say(w.WHY_SAVE))
        self._offer(self.choice.value)


class ReviewStep(QWidget, Scaled):
    """What would be stored, and every doubt about it."""

    save = Signal()
    add_instead = Signal()
    again = Signal()
    discard = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._plan: EnrolmentRequest | None = None
        self._review: Review | None = None
        self._shortage: TooFewSamples | None = None
        self._bad = (0, 0)
        self.heading, self.counts = words("title"), words("body")
        self.warning = Card("alarm", steps=0.6)
        self.warning_title, self.warning_text = words("strong"), words("body")
        self.warning.box.addWidget(self.warning_title)
        self.faces = TwoFaces()
        self.warning.box.addWidget(self.warning_text)
        self.warning.box.addWidget(self.faces)
        self.living = LivingDoubt()
        self.living.decided.connect(self._allow_saving)
        self.card = Card(steps=1.6)
        self.blocks = {modality: ModalityBlock(modality) for modality in Modality}
        self.plot_text = words("soft")
        for block in self.blocks.values():
            self.card.box.addWidget(block)
        self.card.box.addWidget(self.plot_text)
        self.save_button, self.add_button = Button("primary"), Button("primary")
        self.again_button, self.discard_button = Button(sign="again"), Button("quiet")
        self.save_button.clicked.connect(self.save)
        self.add_button.clicked.connect(self.add_instead)
        self.again_button.clicked.connect(self.again)
        self.discard_button.clicked.connect(self.discard)
        self._build()

    def _build(self) -> None:
        inside = QWidget()
        inside.setObjectName("window")
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        for part in (self.counts, self.warning, self.living, self.card):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setWidget(inside)
        self.scroller.setFrameShape(QScrollArea.Shape.NoFrame)
        by_finger(self.scroller)
        self.first_row = ButtonRow(self.save_button, self.add_button)
        self.second_row = ButtonRow(self.again_button, self.discard_button)
        self.box = QVBoxLayout(self)
        self.box.addStretch(0)
        self.box.addWidget(self.heading)
        self.box.addWidget(self.scroller, 2)
        self.rows = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.rows.addWidget(self.first_row, 1)
        self.rows.addWidget(self.second_row, 1)
        self.box.addLayout(self.rows)

    def rescale(self, scale: Scale) -> None:
        """A column of readable width."""
        side = 0 if scale.portrait or scale.low else scale.width // 8
        set_property(self.heading, "role", "name" if scale.low else "title")
        direction = QBoxLayout.Direction
        self.rows.setDirection(direction.RightToLeft if scale.low else direction.TopToBottom)
        self.rows.setSpacing(scale.gap(1.5))
        self.box.setContentsMargins(side, 0, side, 0)
        self.box.setSpacing(scale.gap(1 if scale.low else 2))
        self.column.setSpacing(scale.gap(1.5))

    @property
    def despite(self) -> str:
        """Why it is saved although nobody living seems to have been there; empty where that is
        not in doubt."""
        return self.living.why

    @Slot()
    def _allow_saving(self) -> None:
        """A doubt asks for a reason first."""
        for button in (self.save_button, self.add_button):
            button.setEnabled(not self.living.waits)

    @property
    def suspect(self) -> Suspect | None:
        """The likeliest other person."""
        suspects = self._review.suspects if self._review is not None else ()
        return suspects[0] if suspects else None

    def show_review(
        self, plan: EnrolmentRequest, review: Review, bad: tuple[int, int] = (0, 0)
    ) -> None:
        """What can be saved; `bad` of how many files could not be read."""
        self._plan, self._review, self._shortage, self._bad = plan, review, None, bad
        self.living.show_doubt(review)
        self._allow_saving()
        self.retranslate()
        risky = review.suspects or not review.resembles or review.must_say_why
        (self.again_button if risky else self.save_button).setFocus()

    def show_shortage(self, plan: EnrolmentRequest, shortage: TooFewSamples) -> None:
        """What is missing."""
        self._plan, self._review, self._shortage = plan, None, shortage
        self.retranslate()
        self.again_button.setFocus()

    def forget(self) -> None:
        """Nothing of the person stays on the screen."""
        self._plan = self._review = self._shortage = None
        self.living.hide()
        self.faces.forget()
        for label in (self.heading, self.counts, self.warning_title, self.warning_text):
            label.clear()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.living.retranslate()
        self.again_button.say(say(w.RECORD_AGAIN))
        self.discard_button.say(say(w.DISCARD))
        if self._plan is not None and self._review is not None:
            self._say_review(self._plan, self._review)
        elif self._shortage is not None:
            self._say_shortage(self._shortage)
        for row in (self.first_row, self.second_row):
            row.arrange()

    def _say_shortage(self, short: TooFewSamples) -> None:
        self.heading.setText(say(w.SHORT_TITLE))
        lines = [
            say(
                w.SHORT_TEXT,
                faces=short.faces,
                faces_needed=short.faces_needed,
                speech=f"{short.speech:.1f}",
                speech_needed=f"{short.speech_needed:.1f}",
            )
        ]
        if short.hint is not None:
            lines.append(say(w.SHORT_HINT, hint=say(visitor.HINTS[short.hint])))
        self.counts.setText("\n".join(lines))
        for part in (self.living, self.warning, self.card, self.first_row):
            part.hide()
        self.box.setStretch(0, 1)  # so few words stand in the middle

    def _say_review(self, plan: EnrolmentRequest, review: Review) -> None:
        self.box.setStretch(0, 0)
        self.heading.setText(say(w.REVIEW_TITLE, name=plan.name))
        self.counts.setText("\n".join(self._counted(review)))
        self.first_row.show()
        separations = {each.modality: each for each in review.separations}
        compared = {each.modality: each for each in review.compared}
        self.card.setVisible(bool(separations))
        self.plot_text.setText(say(w.PLOT_TEXT))
        for modality, block in self.blocks.items():
            block.show_block(separations.get(modality), compared.get(modality))
        self._say_warning(plan, review, separations)

    def _counted(self, review: Review) -> list[str]:
        lines = [say(w.REVIEW_COUNTS, face=review.faces, voice=review.voices)]
        if not review.voices:
            lines.append(say(w.ONE_MODALITY[Modality.FACE]))
        if not review.faces:
            lines.append(say(w.ONE_MODALITY[Modality.VOICE]))
        if review.dropped:
            lines.append(say(w.REVIEW_DROPPED, count=review.dropped))
        bad, total = self._bad
        if bad:
            lines.append(say(w.FILES_BAD, bad=bad, total=total))
        if review.liveness.reason == FROM_FILES.reason:
            lines.append(say(w.FILES_UNCHECKED))
        return lines

    def _say_warning(
        self, plan: EnrolmentRequest, review: Review, separations: dict[Modality, Separation]
    ) -> None:
        suspect = self.suspect
        self.warning.setVisible(suspect is not None or not review.resembles)
        self.add_button.setVisible(suspect is not None and plan.kind is EnrolmentKind.NEW)
        self.save_button.say(say(w.SAVE if suspect is None else w.SAVE_ANYWAY))
        risky = suspect is not None or not review.resembles
        set_property(self.save_button, "role", "plain" if risky else "primary")
        self.warning_text.setVisible(suspect is not None)
        self.faces.show_faces(review.picture, suspect)
        if suspect is None:
            self.warning_title.setText(say(w.STRANGER, name=plan.name))
            return
        new = plan.kind is EnrolmentKind.NEW
        self.warning_title.setText(say(w.DUPLICATE if new else w.OTHER_PERSON, name=suspect.name))
        at = {m: score(each.threshold) for m, each in separations.items()}
        self.warning_text.setText(
            say(
                w.DUPLICATE_SCORES,
                face=score(suspect.face_score),
                voice=score(suspect.voice_score),
                face_at=at.get(Modality.FACE, say(w.NO_SCORE)),
                voice_at=at.get(Modality.VOICE, say(w.NO_SCORE)),
            )
        )
        self.add_button.say(say(w.ADD_INSTEAD, name=suspect.name))
