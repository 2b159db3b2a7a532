"""Voices of one synthesiser, which the network hardly tells apart, with the shipped calibration.

`tests/golden/voices`: espeak-ng, English with the variants m1 to m5, two texts each (a, b).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.pooling import pool
from kiosk.core.samples import Embedding
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.enrolment.collector import Collector
from kiosk.recognition.identification import Identifier, Models
from kiosk.runtime import composition
from kiosk.runtime.policy import policy
from kiosk.storage import MemoryGallery
from tests.support.paths import GOLDEN

VOICES = ("m1", "m2", "m3", "m4", "m5")


class Room:
    """Everybody's voice, heard twice."""

    def __init__(self) -> None:
        self.settings = replace(Settings(), camera="none")
        self.models: Models = composition.build_models(self.settings)
        self.heard = {
            (name, text): self._hear(GOLDEN / "voices" / f"{name}{text}.opus")
            for name in VOICES
            for text in "ab"
        }

    def _hear(self, file: Path) -> list[Embedding]:
        collector = Collector(self.models)
        collector.read(composition.open_source(self.settings, str(file)))
        return list(collector.collected.voices)

    def decide(self, enrolled: tuple[str, ...], visitor: str) -> Decision:
        model = self.models.voice.model_id
        gallery = MemoryGallery()
        for name in enrolled:
            given = [
                Template(Modality.VOICE, model, each.vector, each.quality, "test")
                for each in self.heard[name, "a"]
            ]
            gallery.enrol(name, given, EnrolmentKind.NEW)
        probe = pool(self.heard[visitor, "b"], Modality.VOICE, model)
        return Identifier(self.models, gallery, policy(self.settings)).decide([probe])


@pytest.fixture(scope="module")
def room() -> Room:
    return Room()


def test_nobody_else_is_the_one_enrolled(room: Room) -> None:
    wrong = [
        (one, other)
        for one in VOICES
        for other in VOICES
        if one != other and room.decide((one,), other).outcome is DecisionOutcome.IDENTIFIED
    ]
    assert wrong == []


def test_of_four_the_right_one_comes_first_and_is_not_one_of_four_alike(room: Room) -> None:
    for visitor in VOICES[:4]:
        decision = room.decide(VOICES[:4], visitor)
        shares = [each.probability for each in decision.candidates]
        assert decision.candidates[0].name == visitor
        assert shares[0] > 2 * shares[1]
