"""What stands beside the rows of the settings page: live devices, meaning of thresholds, models."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.core.declaration import Text
from kiosk.core.media import Modality
from kiosk.core.ports.system import HealthService
from kiosk.core.status import ErrorEstimate, ModelInfo, Odds, PadEstimate
from kiosk.ui.capture.camera_preview import CameraPreview
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.strings import settings as w
from kiosk.ui.strings.visitor import PREVIEW, say
from kiosk.ui.toolkit.controls import SILENCE_DBFS, Bar, Button, Card, Scaled, words
from kiosk.ui.toolkit.theme import Scale

LEVEL_MS = 100
SHAPE = 16 / 9


class LiveDevices(QWidget, Scaled):
    """Picture and loudness of the devices in use, while it is on the screen."""

    def __init__(self, health_service: HealthService, preview: Mailbox) -> None:
        super().__init__()
        self._backroom = health_service
        self.help, self.camera_preview = (
            words("soft"),
            CameraPreview(preview, moves=False, ground="surface"),
        )
        self.level_words, self.level = words("body"), Bar()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for part in (self.help, self.camera_preview, self.level_words, self.level):
            self._box.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setInterval(LEVEL_MS)
        self._timer.timeout.connect(self.listen)

    def rescale(self, scale: Scale) -> None:
        """A picture of a hand's height."""
        self._box.setSpacing(scale.gap(1.2))
        height = scale.px(9 if scale.compact else 13)
        self.camera_preview.setFixedSize(round(height * SHAPE), height)
        self.level.setMaximumWidth(self.camera_preview.width())

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.help.setText(say(w.PREVIEW_HELP))
        self.camera_preview.setAccessibleName(say(PREVIEW))
        self.listen()

    def begin(self) -> None:
        """Look and listen."""
        self._timer.start()

    def end(self) -> None:
        """Forget what was seen."""
        self._timer.stop()
        self.camera_preview.forget()

    @Slot()
    def listen(self) -> None:
        """The newest loudness, in words as well."""
        level = self._backroom.pulse().level_dbfs
        self.level.fill(0.0 if level is None else 1 - level / SILENCE_DBFS)
        number = "" if level is None else f": {level:.0f} dBFS"
        self.level_words.setText(say(w.LEVEL_NONE if level is None else w.LEVEL_NOW) + number)


class Meaning(Card):
    """What the thresholds mean for the people enrolled, in sentences."""

    def __init__(self) -> None:
        super().__init__("tint", steps=0.8)
        self.heading, self.text, self.basis = words("strong"), words("body"), words("body")
        self.attacks = words("body")
        for part in (self.heading, self.text, self.basis, self.attacks):
            self.box.addWidget(part)
        self._promises: Sequence[ErrorEstimate] | None = None
        self._attacks: PadEstimate | None = None

    def show_promises(self, promises: Sequence[ErrorEstimate] | None) -> None:
        """Of each combination of modalities; None while they are reckoned."""
        self._promises = promises
        self.retranslate()

    def show_attacks(self, attacks: PadEstimate | None) -> None:
        """How many photographs get through; None where nothing was measured."""
        self._attacks = attacks
        self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.attacks.setVisible(self._attacks is not None)
        self.attacks.setText("" if self._attacks is None else attack_sentences(self._attacks))
        self.heading.setText(say(w.MEANING))
        promises = self._promises
        self.basis.setVisible(bool(promises))
        if not promises:
            self.text.setText(say(w.MEANING_WAIT if promises is None else w.MEANING_NONE))
            return
        self.text.setText("\n".join(_sentence(each) for each in promises))
        enrolled, people = promises[0].enrolled, min(each.people for each in promises)
        self.basis.setText(say(w.BASIS, enrolled=enrolled, people=people))


def attack_sentences(found: PadEstimate) -> str:
    """What gets through, what it costs, and what the data cannot promise."""
    parts = [
        _odds(found.photographs, w.PHOTOGRAPHS, w.PHOTOGRAPHS_BOUND, w.PHOTOGRAPHS_OFTEN),
        _odds(found.films, w.FILMS, w.FILMS_BOUND, w.FILMS_OFTEN),
        _odds(found.asked_again, w.ASKED_AGAIN, w.ASKED_AGAIN_BOUND, w.ASKED_AGAIN_OFTEN),
    ]
    if found.asked > found.supported:
        parts.append(say(w.NOT_SUPPORTED, n=rounded(found.supported)))
    return "\n".join([" ".join(parts), say(w.ATTACK_BASIS, people=found.people)])


def _sentence(promise: ErrorEstimate) -> str:
    names = {Modality.FACE: w.FACE_ALONE, Modality.VOICE: w.VOICE_ALONE}
    together = len(promise.modalities) > 1
    name = say(w.BOTH if together else names[promise.modalities[0]])
    accepted = _odds(promise.accepted, w.ACCEPTED, w.ACCEPTED_BOUND, w.ACCEPTED_OFTEN)
    refused = _odds(promise.refused, w.REFUSED, w.REFUSED_BOUND, w.REFUSED_OFTEN)
    told = f"{name}: {accepted} {refused}"
    if not promise.unsupported or promise.asked is None:
        return told
    most = {"asked": rounded(promise.asked), "n": rounded(promise.accepted.one_in)}
    return f"{told} {say(w.UNSUPPORTED, **most)}"


def _odds(odds: Odds, about: str, bound: str, often: str) -> str:
    """Two figures at most: more would promise more than the data hold."""
    if odds.one_in < 1.5:
        return say(often)
    return say(bound if odds.bounded else about, n=rounded(odds.one_in))


def rounded(one_in: float) -> str:
    """To two figures, downwards, so that nothing looks rarer than it is."""
    if one_in < 10:
        return f"{one_in:.1f}".removesuffix(".0")
    step = 10 ** (len(str(int(one_in))) - 2)
    return f"{int(one_in) // step * step:,}"


def model_words(model: ModelInfo) -> list[str]:
    """What a model is, what was found, and how it is got where it is missing."""
    english = (model.about, model.measured, model.remedy)
    pairs = zip(english, model.korean, strict=True)
    return [w.told(Text(one, other or one)) for one, other in pairs if one]


class ModelLine(QWidget, Scaled):
    """One model: what it is, how it is, its card."""

    card = Signal(object)

    def __init__(self, model: ModelInfo) -> None:
        super().__init__()
        self.model = model
        self.name, self.about, self.state = words("strong"), words("soft"), words("accent")
        self.button = Button("quiet")
        self.button.setProperty("place", "bar")
        self.button.setVisible(bool(model.card))
        self.button.clicked.connect(self._show)
        left = QVBoxLayout()
        left.addWidget(self.name)
        left.addWidget(self.about)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(left, 1)
        self._row.addWidget(self.state, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.state.setWordWrap(False)
        self.retranslate()

    def rescale(self, scale: Scale) -> None:
        """Space between words and button."""
        self._row.setSpacing(scale.gap(2))

    def retranslate(self) -> None:
        """Words in the language in use; the licence stays as it is written."""
        model = self.model
        size = f"{model.bytes / 1e6:.1f} MB" if model.bytes else ""
        self.name.setText(" · ".join(part for part in (model.name, size, model.licence) if part))
        self.about.setText("\n".join(model_words(model)))
        state = say(w.MODEL_STATES[model.state])
        self.state.setText(say(w.MODEL_IN_USE) if model.in_use else state)
        self.button.say(say(w.MODEL_CARD))

    @Slot()
    def _show(self) -> None:
        self.card.emit(self.model)


class ModelList(QWidget, Scaled):
    """Every model of the manifest."""

    card = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.heading = words("strong")
        self.lines: list[ModelLine] = []
        self._scale: Scale | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.heading)

    def rescale(self, scale: Scale) -> None:
        """Space between the models."""
        self._scale = scale
        self._box.setSpacing(scale.gap(2))

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        """Take what is there."""
        for line in self.lines:
            self._box.removeWidget(line)
            line.deleteLater()
        self.lines = [ModelLine(model) for model in models]
        for line in self.lines:
            line.card.connect(self.card)
            self._box.addWidget(line)
            if self._scale is not None:
                line.rescale(self._scale)
                line.button.rescale(self._scale)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.heading.setText(say(w.MODELS_TITLE))
        for line in self.lines:
            line.retranslate()
